//! What goes wrong: faults as data, planned to the instant or drawn within bounds.

use seedbed_node::{Distribution, NodeId, Probability, Time};

use crate::world::{LinkSet, NodeSet, Window};

/// All faults of a run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Faults {
    /// Faults with a time.
    pub planned: Vec<TimedFault>,
    /// Faults drawn within bounds, in addition.
    pub random: Option<RandomFaults>,
}

/// A fault with its time.
#[derive(Clone, PartialEq, Debug)]
pub struct TimedFault {
    /// When it strikes.
    pub at: Time,
    /// When it is undone: healed, restarted, resumed, put back. `None`: never. Where several hold
    /// a node down or paused, the last to be undone lets it go on. A late boot, a clock step and a
    /// drift change are not undone and refuse it.
    pub until: Option<Time>,
    /// What.
    pub fault: Fault,
}

/// What can go wrong.
#[derive(Clone, PartialEq, Debug)]
pub enum Fault {
    /// Cuts every link between nodes of different groups, both ways. Nodes in no group keep
    /// their links.
    Partition(Vec<Vec<NodeId>>),
    /// Cuts links in one direction.
    Cut(LinkSet),
    /// Cuts all links of these nodes, both ways.
    Isolate(NodeSet),
    /// Makes links worse.
    Degrade {
        /// Which.
        links: LinkSet,
        /// Delays become this many times as long, in thousandths: 2500 is 2.5 times.
        delay_permille: u32,
        /// Additional loss, independent of the link's own.
        loss: Probability,
    },
    /// The node stops and loses its volatile state; it restarts at `until`.
    Crash {
        /// Who.
        node: NodeId,
        /// `Some(k)`: not at once, but in the next handler with more than `k` effects, after the
        /// first `k` have left.
        after_effects: Option<u32>,
    },
    /// The node handles nothing until it resumes; arrivals and due timers wait. A crash ends it.
    Pause(NodeId),
    /// The node's service takes this many times as long, in thousandths.
    Slow {
        /// Who.
        node: NodeId,
        /// 3000 is three times as long.
        permille: u32,
    },
    /// The node boots only at `at`; before, it is down.
    LateBoot(NodeId),
    /// The wall clock jumps.
    ClockStep {
        /// Whose.
        node: NodeId,
        /// How far, in nanoseconds; positive is forward.
        by_ns: i64,
    },
    /// The clock's rate error changes.
    Drift {
        /// Whose.
        node: NodeId,
        /// The new rate error in parts per billion.
        ppb: i64,
    },
}

impl Fault {
    /// Whether it is one of the network, not of a node.
    pub(crate) fn of_network(&self) -> bool {
        match self {
            Fault::Partition(_) | Fault::Cut(_) | Fault::Isolate(_) | Fault::Degrade { .. } => true,
            Fault::Crash { .. }
            | Fault::Pause(_)
            | Fault::Slow { .. }
            | Fault::LateBoot(_)
            | Fault::ClockStep { .. }
            | Fault::Drift { .. } => false,
        }
    }
}

/// Faults drawn within bounds; a run draws a concrete plan from its own stream before it starts.
#[derive(Clone, PartialEq, Debug)]
pub struct RandomFaults {
    /// Faults strike in this window and all that can be undone are undone by its end.
    pub window: Window,
    /// How many strike at most.
    pub count_max: u32,
    /// How long each lasts (cut off by the window).
    pub lasting: Distribution,
    /// The kinds that are drawn from, each equally likely.
    pub kinds: Vec<RandomKind>,
    /// How many nodes may be down or paused at once.
    pub down_max: u32,
}

/// What a random fault may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RandomKind {
    /// A partition into two groups.
    Partition,
    /// One directed link is cut.
    Cut,
    /// One node is isolated.
    Isolate,
    /// All links of one node become ten times slower and lose a tenth.
    Degrade,
    /// A crash with restart.
    Crash,
    /// A crash in the middle of a handler, with restart.
    CrashBetweenEffects,
    /// A pause.
    Pause,
    /// A clock step of up to a second either way.
    ClockStep,
}
