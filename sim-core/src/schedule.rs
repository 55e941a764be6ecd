//! An exact order of what happens, in the place of delays, fates and draws: how a counterexample
//! is replayed.
//!
//! While a run follows a schedule, messages stay on their way, timers stay armed and clients stay
//! asleep until a step says otherwise. Requests are handled at once. Steps say what, never why: who
//! made the schedule has seen that each is possible; a step that is not ends the run without a
//! verdict.

use seedbed_node::{NodeId, Time};

/// What happens, step by step, and nothing else. All nodes that are not late boot before the first
/// step.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Schedule {
    /// What the nodes are given for their choices before the first step, in order; 0 for those
    /// beyond.
    pub choices: Vec<u32>,
    /// In order of time.
    pub steps: Vec<Scheduled>,
    /// Where the part begins that repeats itself for ever, as a position in `steps`: after the last
    /// step everything is as it was before this one. What is pending then will never be done.
    pub repeats_from: Option<u32>,
    /// When the run ends; with its last step unless given.
    pub ends_at: Option<Time>,
    /// More would have followed that is no step of a schedule, such as a restart: even if nothing
    /// is on its way at the end, nothing is taken to be pending for ever.
    pub unfinished: bool,
}

/// One step with its instant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scheduled {
    /// When.
    pub at: Time,
    /// What.
    pub step: ScheduledStep,
    /// What the node that acts is given for its choices, in order; 0 for those beyond. The choices
    /// of requests that are handled before the next step come behind.
    pub choices: Vec<u32>,
    /// The node that acts crashes in this step, after so many of its effects have come true. When a
    /// client wakes, its node acts on the request.
    pub crash_after: Option<u32>,
    /// With `crash_after`: how many of its unforced writes have reached the disk all the same.
    pub writes_kept: u32,
    /// It comes before requests of the same instant that wait to be handled, which otherwise are
    /// handled first, in the order in which they were asked.
    pub before_requests: bool,
}

impl Scheduled {
    /// The step, and nothing else about it.
    pub fn new(at: Time, step: ScheduledStep) -> Self {
        Scheduled {
            at,
            step,
            choices: Vec::new(),
            crash_after: None,
            writes_kept: 0,
            before_requests: false,
        }
    }
}

/// What happens in a step.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ScheduledStep {
    /// A message arrives and is handled; at a node that is down it ends.
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
    /// The oldest request of a client that waits is handled: for an order of requests of one instant
    /// that is not the usual one, or to crash the node in it.
    Request {
        /// Whose.
        client: NodeId,
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

impl Schedule {
    /// The longest schedule.
    pub const STEPS_MAX: usize = 100_000;

    /// Whether it makes sense among so many nodes that send so many kinds of message; the error
    /// says what does not.
    pub fn check(&self, members: u32, kinds: u32) -> Result<(), String> {
        if self.steps.len() > Schedule::STEPS_MAX {
            let (has, most) = (self.steps.len(), Schedule::STEPS_MAX);
            return Err(format!("a schedule has up to {most} steps, not {has}"));
        }
        for (index, pair) in self.steps.windows(2).enumerate() {
            if pair[1].at < pair[0].at {
                return Err(format!("steps[{}] lies before its predecessor", index + 1));
            }
        }
        for (index, scheduled) in self.steps.iter().enumerate() {
            scheduled.step.check(members, kinds).map_err(|why| format!("steps[{index}]: {why}"))?;
        }
        if self.repeats_from.is_some_and(|from| from as usize >= self.steps.len()) {
            return Err("repeats_from is the position of a step".into());
        }
        match (self.ends_at, self.steps.last()) {
            (Some(end), Some(last)) if end < last.at => {
                Err("a schedule does not end before its last step".into())
            }
            _ => Ok(()),
        }
    }
}

impl ScheduledStep {
    /// Whom it is about: the receiver of a message.
    pub fn node(&self) -> NodeId {
        match self {
            ScheduledStep::Deliver(name)
            | ScheduledStep::Lose(name)
            | ScheduledStep::Duplicate(name) => name.to,
            ScheduledStep::Timer { node, .. }
            | ScheduledStep::Crash { node, .. }
            | ScheduledStep::Boot { node } => *node,
            ScheduledStep::Wake { client, .. } | ScheduledStep::Request { client } => *client,
        }
    }

    /// The message that it is about, if it is about one.
    pub fn message(&self) -> Option<MessageName> {
        match self {
            ScheduledStep::Deliver(name)
            | ScheduledStep::Lose(name)
            | ScheduledStep::Duplicate(name) => Some(*name),
            ScheduledStep::Timer { .. }
            | ScheduledStep::Wake { .. }
            | ScheduledStep::Request { .. }
            | ScheduledStep::Crash { .. }
            | ScheduledStep::Boot { .. } => None,
        }
    }

    fn check(&self, members: u32, kinds: u32) -> Result<(), String> {
        let sender = self.message().map_or(self.node(), |name| name.from);
        if let Some(node) = [self.node(), sender].into_iter().find(|node| node.0 >= members) {
            return Err(format!("it names {node}, which is no member"));
        }
        match self.message() {
            Some(name) if name.kind >= kinds => Err(format!("there is no kind {}", name.kind)),
            Some(name) if name.from == name.to && !matches!(self, ScheduledStep::Deliver(_)) => {
                Err("a message to oneself does not cross the network".into())
            }
            _ => Ok(()),
        }
    }
}
