//! An exact order of what happens, in the place of delays, fates and clocks: how a counterexample
//! is replayed.
//!
//! While a run follows a schedule, messages stay on their way, timers stay armed and clients stay
//! asleep until a step says otherwise. Requests are handled at once. Steps say what, never why: who
//! made the schedule has seen that each is possible.

use seedbed_node::{NodeId, Time};

/// What happens, step by step, and nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Schedule {
    /// In order of time.
    pub steps: Vec<Scheduled>,
    /// Where the part begins that repeats itself for ever, as a position in `steps`: after the last
    /// step everything is as it was before this one. What is pending then will never be done.
    pub repeats_from: Option<u32>,
}

/// One step with its instant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scheduled {
    /// When.
    pub at: Time,
    /// What.
    pub step: ScheduledStep,
    /// What the node that acts is given for its choices, in order; 0 for those beyond.
    pub choices: Vec<u32>,
    /// The node that acts crashes in this step, after so many of its effects have come true.
    pub crash_after: Option<u32>,
}

/// What happens in a step.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ScheduledStep {
    /// A message arrives and is handled.
    Deliver(MessageName),
    /// A message is lost.
    Lose(MessageName),
    /// The network makes a second copy of a message. Both have the same name.
    Duplicate(MessageName),
    /// A timer expires.
    Timer {
        /// Whose.
        node: NodeId,
        /// Which, as `Debug` writes it.
        timer: String,
    },
    /// A client wakes up.
    Wake {
        /// Which.
        client: NodeId,
        /// The tag that it asked to be woken with.
        tag: u64,
    },
    /// A node stops and loses its volatile state.
    Crash {
        /// Which.
        node: NodeId,
        /// How many of its unforced writes have reached the disk all the same.
        writes_kept: u32,
    },
    /// A node that is down boots.
    Boot {
        /// Which.
        node: NodeId,
    },
}

/// Names a message by its link, its kind, and how many like it were sent before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageName {
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// The kind, as [`Message::kind`](seedbed_node::Message::kind) numbers it.
    pub kind: u32,
    /// How many messages of this kind `from` had sent to `to` before, in the whole run.
    pub nth: u32,
}
