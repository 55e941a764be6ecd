//! A whole scenario, and its smaller sections.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use seedbed_node::Duration;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::value::{Delay, DurationSchema, Name};
use super::{
    CheckForm, ClocksForm, ExpectForm, ExploreForm, FaultsForm, NetworkForm, ScheduleForm,
    SweepForm,
};
use crate::text::Spanned;

/// A scenario: an algorithm, the world that it runs in, and what is judged.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Scenario", deny_unknown_fields)]
pub(crate) struct Document {
    /// The version of this format: 1.
    #[serde(default)]
    pub schema: Option<Spanned<u64>>,
    /// A name; the file's unless given.
    #[serde(default)]
    pub name: Option<Spanned<String>>,
    /// One line: what the scenario shows.
    #[serde(default)]
    pub about: Option<String>,
    /// The seed; 1.
    #[serde(default)]
    pub seed: Option<Spanned<u64>>,
    /// When the run ends; `Quiet`.
    #[serde(default)]
    pub stop: Option<Spanned<StopForm>>,
    /// The algorithm, with its parameters. The registry's row reads it.
    #[schemars(with = "serde_json::Value")]
    #[allow(dead_code, reason = "read from the tree by the registry's row")]
    pub algorithm: IgnoredAny,
    /// A transport around the algorithm; none.
    #[serde(default)]
    pub transport: Option<Spanned<TransportForm>>,
    /// How many nodes (then called n0, n1, …), or their names.
    pub nodes: Spanned<NodesForm>,
    /// The clients. The family's row reads it.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    #[allow(dead_code, reason = "read from the tree by the registry's row")]
    pub workload: Option<IgnoredAny>,
    /// The network.
    #[serde(default)]
    pub network: NetworkForm,
    /// The nodes' clocks.
    #[serde(default)]
    pub clocks: ClocksForm,
    /// How long handlers take; no time at all.
    #[serde(default)]
    pub service: Option<Spanned<ServiceForm>>,
    /// What goes wrong; nothing.
    #[serde(default)]
    pub faults: Option<FaultsForm>,
    /// An exact order of what happens, in the place of the network and of most faults; none.
    #[serde(default)]
    pub schedule: Option<Spanned<ScheduleForm>>,
    /// What is judged; everything that the family can judge.
    #[serde(default)]
    pub checks: Option<Vec<Spanned<CheckForm>>>,
    /// How the run is meant to end; `Held`.
    #[serde(default)]
    pub expect: Option<ExpectForm>,
    /// Pins the run of a counterexample.
    #[serde(default)]
    pub replay: Option<ReplayForm>,
    /// What is kept of the run.
    #[serde(default)]
    pub record: RecordForm,
    /// How `explore` goes through every order of events; `run` does not look at it.
    #[serde(default)]
    pub explore: Option<ExploreForm>,
    /// What `sweep` varies; `run` does not look at it.
    #[serde(default)]
    pub sweep: Option<SweepForm>,
    /// The order of events with equal times; `Insertion`.
    #[serde(default)]
    pub ties: Option<TiesForm>,
    /// When a run is given up.
    #[serde(default)]
    pub limits: LimitsForm,
}

/// What ends a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Stop")]
pub(crate) enum StopForm {
    /// This instant.
    #[serde(rename = "$text")]
    At(#[schemars(with = "DurationSchema")] Duration),
    /// The workload is exhausted, no message is in flight and no timer is armed.
    Quiet,
    /// The workload is exhausted and everything served.
    Served,
}

/// The nodes.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Nodes")]
pub(crate) enum NodesForm {
    /// How many.
    #[serde(rename = "$number")]
    Count(u64),
    /// Their names.
    #[serde(rename = "$list")]
    Names(Vec<Name>),
}

/// A transport around the algorithm.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Transport", deny_unknown_fields)]
pub(crate) enum TransportForm {
    /// Acknowledges, retransmits, deduplicates.
    Reliable {
        /// How long to wait for the first acknowledgement.
        #[serde(default)]
        #[schemars(with = "Option<DurationSchema>")]
        retransmit: Option<Duration>,
        /// The wait doubles up to this.
        #[serde(default)]
        #[schemars(with = "Option<DurationSchema>")]
        retransmit_max: Option<Duration>,
        /// Whether to deliver in the order of sending; `false`.
        #[serde(default)]
        fifo: bool,
    },
}

impl TransportForm {
    /// Whether it holds messages back until their predecessors have come.
    pub(crate) fn keeps_order(&self) -> bool {
        let TransportForm::Reliable { fifo, .. } = self;
        *fifo
    }
}

/// How long handlers take.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceForm {
    /// The time of one message or request.
    pub time: Delay,
    /// Exceptions by the kind of message.
    #[serde(default)]
    pub by_kind: BTreeMap<String, Delay>,
    /// How many are served at once; 1.
    #[serde(default)]
    pub cores: Option<Spanned<u32>>,
    /// How many more may wait; any number.
    #[serde(default)]
    pub queue: Option<u32>,
}

/// Pins a run.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayForm {
    /// The digest: 32 hex digits.
    pub digest: Spanned<String>,
    /// The version of Seedbed that ran it.
    #[serde(default)]
    pub version: Option<String>,
}

/// What is kept of a run.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RecordForm {
    /// Whether to keep the trace; `false`.
    pub trace: bool,
    /// Logical clocks that stamp it.
    pub clocks: Vec<Stamp>,
}

/// A logical clock that stamps the trace.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, Deserialize, JsonSchema,
)]
pub enum Stamp {
    /// Lamport's scalar clock.
    Lamport,
    /// A variant of course notes, which breaks Lamport's clock condition.
    LamportNotes,
    /// Fidge's and Mattern's vector clock.
    Vector,
    /// The hybrid logical clock of Kulkarni et al.
    Hlc,
}

/// The order of events with equal times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Ties")]
pub(crate) enum TiesForm {
    /// As they were scheduled.
    Insertion,
    /// Drawn from a keyed stream.
    Shuffled,
}

/// When a run is given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitsForm {
    /// After this many events; 100 million.
    pub events_max: Option<u64>,
}
