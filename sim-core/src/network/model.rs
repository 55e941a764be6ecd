//! What a network is made of: links by their features, and a topology.

use seedbed_node::{Distribution, Duration, NodeId, Probability};

use crate::world::LinkSet;

/// All links of a run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NetworkConfig {
    /// Links that no rule names.
    pub default: LinkModel,
    /// Exceptions; the first that contains a link decides.
    pub rules: Vec<(LinkSet, LinkModel)>,
    /// Which nodes have a direct link; `None`: all pairs. Without a direct link, messages travel
    /// hop by hop along shortest paths.
    pub topology: Option<Topology>,
}

impl NetworkConfig {
    /// Whether the links' parameters make sense; the error says what does not. Whether the nodes
    /// exist and reach each other is for [`Network::new`](super::Network::new).
    pub fn check(&self) -> Result<(), String> {
        self.default.check()?;
        self.rules.iter().try_for_each(|(_, model)| model.check())
    }
}

/// The features of one directed link.
#[derive(Clone, PartialEq, Debug)]
pub struct LinkModel {
    /// Propagation delay.
    pub delay: Distribution,
    /// Loss.
    pub loss: Loss,
    /// The chance that a second copy follows, with a delay of its own on links that reorder and
    /// directly behind the original on FIFO links.
    pub duplicate: Probability,
    /// Corruption.
    pub corrupt: Corruption,
    /// Whether messages never overtake each other.
    pub fifo: bool,
    /// The transmitter: how fast it sends, and how many messages may wait for it.
    pub bandwidth: Option<Bandwidth>,
}

impl Default for LinkModel {
    /// 1 ms, nothing lost, altered or limited.
    fn default() -> Self {
        LinkModel {
            delay: Distribution::Constant(Duration::from_millis(1)),
            loss: Loss::None,
            duplicate: Probability::NEVER,
            corrupt: Corruption::default(),
            fifo: false,
            bandwidth: None,
        }
    }
}

impl LinkModel {
    /// Whether the parameters make sense; the error says what does not.
    pub fn check(&self) -> Result<(), String> {
        self.delay.check().map_err(|why| format!("link delay: {why}"))?;
        match self.bandwidth {
            Some(Bandwidth { bits_per_s: 0, .. }) => {
                Err("link bandwidth: 0 bits per second would never send anything".into())
            }
            _ => Ok(()),
        }
    }

    /// Whether what becomes of a message depends on earlier ones.
    pub(super) fn remembers(&self) -> bool {
        self.fifo || self.bandwidth.is_some() || matches!(self.loss, Loss::GilbertElliott { .. })
    }

    /// Whether the link does nothing but delay.
    pub(super) fn only_delays(&self) -> bool {
        self.loss == Loss::None
            && !self.duplicate.possible()
            && !self.corrupt.chance.possible()
            && !self.remembers()
    }

    /// The delay of a link that does nothing but delay, always alike.
    pub(super) fn plain_delay(&self) -> Option<Duration> {
        match self.delay {
            Distribution::Constant(delay) if self.only_delays() => Some(delay),
            _ => None,
        }
    }
}

/// How a link loses messages.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Loss {
    /// It does not.
    None,
    /// Each message independently.
    Bernoulli(Probability),
    /// In bursts: a chain of two states that takes a step at every message, before the message's
    /// fate is drawn (Gilbert, BSTJ 1960; Elliott, BSTJ 1963). Links start in the good state.
    GilbertElliott {
        /// From good to bad.
        enter: Probability,
        /// From bad to good.
        leave: Probability,
        /// Loss in the good state.
        good: Probability,
        /// Loss in the bad state.
        bad: Probability,
    },
}

/// What noise does to messages.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Corruption {
    /// The chance that a message is hit.
    pub chance: Probability,
    /// Whether the receiver's checksum misses it, so that the message is delivered altered;
    /// otherwise it is dropped on arrival.
    pub undetected: bool,
}

/// A transmitter that takes time for every bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bandwidth {
    /// Bits per second.
    pub bits_per_s: u64,
    /// Messages that may wait while another is being sent; further ones overflow (tail drop).
    pub queue_max: u32,
}

/// Which nodes have a direct link.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Topology {
    /// Undirected edges between members and relays, with a weight for shortest paths.
    pub edges: Vec<(NodeId, NodeId, u32)>,
}
