//! Judges: what a checker sees of a run, and what it may conclude.

use crate::{KeptChecker, Names, NodeId, Operation, Time};

/// Something that happened, at its true time. Checkers are shown these in order and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a, R, E> {
    /// When, in true time.
    pub at: Time,
    /// What.
    pub what: What<'a, R, E>,
    /// The true vector clock of the node (one entry a member), if the run tracks causality
    /// because some checker [needs](Checker::needs_causality) it; for requests and events.
    pub causality: Option<&'a [u32]>,
    /// The nodes' names, for explanations.
    pub names: &'a Names,
}

/// The kinds of observation.
#[derive(Clone, Copy, Debug)]
pub enum What<'a, R, E> {
    /// A client's request reaches its node.
    Request {
        /// The node.
        node: NodeId,
        /// On behalf of this operation.
        operation: Operation,
        /// What is asked.
        request: &'a R,
    },
    /// A node tells its client something.
    Event {
        /// The node.
        node: NodeId,
        /// What it says.
        event: &'a E,
    },
    /// A client considers an operation done.
    Complete {
        /// The operation.
        operation: Operation,
    },
    /// A node loses its volatile state and stops.
    Crash {
        /// The node.
        node: NodeId,
    },
    /// A crashed or late node boots.
    Boot {
        /// The node.
        node: NodeId,
    },
    /// A node stops handling anything for a while.
    Pause {
        /// The node.
        node: NodeId,
    },
    /// A paused node goes on.
    Resume {
        /// The node.
        node: NodeId,
    },
    /// Some links are cut or degraded.
    NetworkFault,
    /// The last network fault has healed.
    NetworkHealed,
}

/// A check that failed: when, and why in one sentence with names and times.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Breach {
    /// When the property was broken.
    pub at: Time,
    /// Why, in words: "bob entered at 1.2s while ada had been inside since 1.18s".
    pub why: String,
}

/// What a checker says once the run is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Conclusion {
    /// The property held, as far as this run can show it.
    Held,
    /// The property was broken.
    Failed(Breach),
    /// The run ended too early to tell; the text says why.
    Inconclusive(String),
}

/// An operation that had begun and was not done when the run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pending {
    /// Which.
    pub operation: Operation,
    /// Since when.
    pub since: Time,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// When.
    pub at: Time,
    /// Nothing more could ever happen: no message in flight, no timer armed, no client active.
    /// A request that is pending then will stay so for ever.
    pub quiet: bool,
    /// Nodes that were down.
    pub down: &'a [NodeId],
    /// Operations that were begun and not done, in order of their beginning.
    pub pending: &'a [Pending],
    /// Whom each node says it waits for; for explanations only.
    pub waits_for: &'a [Vec<NodeId>],
    /// The nodes' names.
    pub names: &'a Names,
}

/// A judge of one property, fed with everything that can be observed from outside.
///
/// A checker never trusts what a node says about itself where events suffice. It is a value (derive
/// `Clone` and `Hash`), because an explorer goes on from one state in several ways.
pub trait Checker<R, E>: KeptChecker<R, E> + Send + Sync {
    /// Whether observations must carry the true vector clocks; costs one vector a message.
    fn needs_causality(&self) -> bool {
        false
    }

    /// Something happened. A breach ends the run.
    fn observe(&mut self, seen: &Observation<'_, R, E>) -> Result<(), Breach>;

    /// The run is over.
    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        let _ = ending;
        Conclusion::Held
    }
}
