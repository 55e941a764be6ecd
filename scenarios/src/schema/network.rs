//! `network:`

use schemars::JsonSchema;
use seedbed_node::Probability;
use serde::Deserialize;

use super::value::{Delay, Name, ProbabilitySchema, never};
use crate::text::Spanned;

/// The network: every link's features, exceptions, and which nodes have a direct link.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NetworkForm {
    /// Propagation delay; 1 ms.
    pub delay: Option<Delay>,
    /// Loss; none.
    pub loss: Option<LossForm>,
    /// The chance that a second copy follows; 0.
    #[schemars(with = "Option<ProbabilitySchema>")]
    pub duplicate: Option<Probability>,
    /// Corruption; none.
    pub corrupt: Option<CorruptForm>,
    /// Whether messages may overtake each other; `false`: links are FIFO.
    pub reorder: Option<bool>,
    /// The transmitter; unlimited.
    pub bandwidth: Option<BandwidthForm>,
    /// Exceptions; the first that contains a link decides.
    pub links: Vec<LinkForm>,
    /// Which nodes have a direct link; all pairs.
    pub topology: Option<Spanned<TopologyForm>>,
}

/// Links that differ. Features that are left out are the network's own.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkForm {
    /// Which: `"ada->eve"`, `"*->eve"`, `"ada->*"`, `"*->*"`.
    pub on: Name,
    /// Propagation delay.
    pub delay: Option<Delay>,
    /// Loss.
    pub loss: Option<LossForm>,
    /// The chance that a second copy follows.
    #[schemars(with = "Option<ProbabilitySchema>")]
    pub duplicate: Option<Probability>,
    /// Corruption.
    pub corrupt: Option<CorruptForm>,
    /// Whether messages may overtake each other.
    pub reorder: Option<bool>,
    /// The transmitter.
    pub bandwidth: Option<BandwidthForm>,
}

/// How a link loses messages.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Loss", deny_unknown_fields)]
pub(crate) enum LossForm {
    /// Each message independently.
    #[serde(rename = "$number")]
    Bare(#[schemars(with = "ProbabilitySchema")] Probability),
    /// Each message independently.
    Bernoulli(#[schemars(with = "ProbabilitySchema")] Probability),
    /// In bursts.
    GilbertElliott {
        /// From good to bad, per message.
        #[schemars(with = "ProbabilitySchema")]
        enter: Probability,
        /// From bad to good, per message.
        #[schemars(with = "ProbabilitySchema")]
        leave: Probability,
        /// Loss in the good state; 0.
        #[serde(default = "never")]
        #[schemars(with = "Option<ProbabilitySchema>")]
        good: Probability,
        /// Loss in the bad state; 1.
        #[serde(default = "always")]
        #[schemars(with = "Option<ProbabilitySchema>")]
        bad: Probability,
    },
}

fn always() -> Probability {
    Probability::ALWAYS
}

/// What noise does to messages.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorruptForm {
    /// The chance that a message is hit.
    #[schemars(with = "ProbabilitySchema")]
    pub chance: Probability,
    /// Whether checksums miss it, so that the message is delivered altered; `false`.
    #[serde(default)]
    pub undetected: bool,
}

/// A transmitter that takes time for every bit.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BandwidthForm {
    /// How fast: `"10Mbps"`, `"64kbps"`.
    pub rate: Name,
    /// How many messages may wait; further ones overflow. 1000.
    #[serde(default = "queue")]
    pub queue: u32,
}

fn queue() -> u32 {
    1000
}

/// Which nodes have a direct link.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Topology", deny_unknown_fields)]
pub(crate) enum TopologyForm {
    /// All pairs.
    Full,
    /// Each node and the next.
    Line,
    /// A line whose ends are joined.
    Ring,
    /// One member in the middle.
    Star(Name),
    /// Rows of a width, so many of them.
    Grid(u32, u32),
    /// As listed.
    Custom(EdgesForm),
    /// As listed.
    #[serde(rename = "$group")]
    Bare(EdgesForm),
}

/// A topology by its edges.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EdgesForm {
    /// Nodes that only forward.
    pub relays: Vec<Name>,
    /// Undirected edges.
    pub edges: Vec<(Name, Name)>,
}
