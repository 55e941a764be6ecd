//! What a run leaves behind: plain data, the same for every algorithm.

use std::collections::BTreeMap;

use seedbed_node::Time;

use crate::fault::TimedFault;

/// The result of one run.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// How many members took part.
    pub nodes: u32,
    /// 128 bits over everything that happened.
    pub digest: Digest128,
    /// How many events were processed.
    pub events: u64,
    /// Virtual time at the end.
    pub ended_at: Time,
    /// Why the run ended.
    pub ended_by: EndedBy,
    /// One entry a check, in the order in which they were added.
    pub checks: Vec<CheckOutcome>,
    /// The algorithm's own messages.
    pub messages: Tally,
    /// A transport's acknowledgements and retransmissions.
    pub transport: Tally,
    /// Hops travelled by messages that were forwarded (a direct message is one hop).
    pub hops: u64,
    /// Writes to durable logs.
    pub writes: Writes,
    /// Timers that fired.
    pub timers_fired: u64,
    /// How far the members' wall clocks are ahead of true time at the end, in nanoseconds: the
    /// least and the greatest.
    pub wall_lead_ns: (i64, i64),
    /// Per-operation accounts.
    pub operations: Operations,
    /// The family's own figures, by name.
    pub measures: BTreeMap<String, f64>,
    /// The faults as drawn and planned, in order of time.
    pub faults: Vec<TimedFault>,
}

/// A digest; displays as 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest128(pub u128);

impl std::fmt::Display for Digest128 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl std::fmt::Debug for Digest128 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// Why a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EndedBy {
    /// Nothing more could happen.
    Quiet,
    /// The workload was exhausted and everything served.
    Served,
    /// The instant that the scenario gives.
    Time,
    /// A check failed.
    Breach,
    /// The event limit: the run was given up.
    EventLimit,
    /// The last step of the schedule that it followed; more could have happened.
    ScheduleOver,
    /// The schedule that it followed has come back to where it repeats itself, for ever.
    ScheduleRepeats,
    /// The schedule that it followed says what cannot happen; the check `Schedule` says why.
    ScheduleBroken,
    /// A handler panicked.
    Panic {
        /// In which node.
        node: String,
        /// What it said.
        message: String,
    },
}

/// A check and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckOutcome {
    /// The check's name.
    pub name: String,
    /// What it concluded.
    pub verdict: Verdict,
    /// Why, in one sentence; empty when held and there is nothing to say.
    pub detail: String,
    /// When it failed.
    pub at: Option<Time>,
}

/// The three ways in which a check or a run can end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The property held.
    Held,
    /// The run was too short to tell.
    Inconclusive,
    /// The property was broken.
    Failed,
}

/// What became of messages. `sent + duplicated = delivered + lost + corrupted + overflowed + cut +
/// to_dead + in_flight`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Sent by nodes.
    pub sent: u64,
    /// Handled by their destination.
    pub delivered: u64,
    /// Lost on a link.
    pub lost: u64,
    /// Delivered after a message of the same class that was sent later on the same pair.
    pub reordered: u64,
    /// Second copies made by links.
    pub duplicated: u64,
    /// Dropped by a checksum.
    pub corrupted: u64,
    /// Dropped by a full queue.
    pub overflowed: u64,
    /// Dropped by a cut link.
    pub cut: u64,
    /// Arrived at a node that was down.
    pub to_dead: u64,
    /// Still travelling at the end.
    pub in_flight: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// Sent and delivered by kind, for kinds that occurred, in order of kind.
    pub by_kind: Vec<KindTally>,
}

/// The messages of one kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KindTally {
    /// The kind's name.
    pub kind: &'static str,
    /// Messages sent.
    pub sent: u64,
    /// Messages delivered.
    pub delivered: u64,
    /// Bytes sent.
    pub bytes: u64,
}

/// Writes to durable logs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Writes {
    /// Forced: waited for the disk.
    pub forced: u64,
    /// Lazy.
    pub lazy: u64,
}

/// Accounts of completed operations.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Operations {
    /// How many were completed.
    pub count: u64,
    /// How many were begun and not completed.
    pub pending: u64,
    /// Messages of the algorithm per completed operation; `None` if there was none.
    pub messages_per: Option<Spread3>,
    /// Mean messages per completed operation, by kind.
    pub by_kind: Vec<(&'static str, f64)>,
    /// All messages of the algorithm, background included, over completed operations.
    pub messages_per_overall: Option<f64>,
    /// From beginning to completion, in nanoseconds.
    pub latency_ns: Option<Quantiles>,
}

/// Mean and extremes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread3 {
    /// The mean.
    pub mean: f64,
    /// The least.
    pub min: u64,
    /// The greatest.
    pub max: u64,
}

/// A summary of a distribution, in the unit of its samples.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quantiles {
    /// The mean.
    pub mean: f64,
    /// The median.
    pub p50: u64,
    /// The 95th percentile.
    pub p95: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The greatest.
    pub max: u64,
}

impl Outcome {
    /// The worst verdict of all checks; a panic is a failure, the event limit and a schedule that
    /// cannot be followed are inconclusive.
    pub fn verdict(&self) -> Verdict {
        let ending = match self.ended_by {
            EndedBy::Panic { .. } => Verdict::Failed,
            EndedBy::EventLimit | EndedBy::ScheduleBroken => Verdict::Inconclusive,
            EndedBy::Quiet
            | EndedBy::Served
            | EndedBy::Time
            | EndedBy::Breach
            | EndedBy::ScheduleOver
            | EndedBy::ScheduleRepeats => Verdict::Held,
        };
        self.checks.iter().map(|c| c.verdict).fold(ending, Verdict::max)
    }
}
