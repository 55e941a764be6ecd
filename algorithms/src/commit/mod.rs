//! Atomic commitment: everybody who takes part in a transaction commits it, or everybody aborts it.
//!
//! Node 0 is an external coordinator: the one with a client, and without data of its own. The
//! others are participants. The client hands over a transaction with [`Request::Begin`], and the
//! nodes tell what becomes of it: a participant that votes YES is [`Event::Prepared`] and keeps its
//! keys locked until it is [`Event::Decided`].
//!
//! What is absent: the work of a transaction before its commitment. It rides on the first message
//! of the protocol, so that message counts are those of the literature. A participant that has
//! the message and still waits for a lock is in the state INIT: it may abort alone.

mod checks;
mod log;
mod marks;
mod measures;
#[cfg(test)]
mod stage;
mod three_phase;
mod two_phase;
mod workload;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use seedbed_node::{
    CheckRow, Family, GoalRow, Marker, Measure, NodeId, Operation, Time, Wire, Workload,
};

pub use checks::{Agreement, Decided, LocksExclusive, NonBlocking, Unanimous, Validity};
pub use log::{Coordinated, Log, Promise, Record};
pub use marks::DoubtMarks;
pub use measures::CommitFigures;
pub use three_phase::{
    Report, ThreePhaseCommit, ThreePhaseMessage, ThreePhaseMutant, ThreePhaseParams,
    ThreePhaseTimer,
};
pub use two_phase::{
    InDoubt, Presume, TwoPhaseCommit, TwoPhaseMessage, TwoPhaseMutant, TwoPhaseParams,
    TwoPhaseTimer, Vote,
};
pub use workload::Load;

/// The coordinator of every transaction.
pub const COORDINATOR: NodeId = NodeId(0);

/// The family of algorithms for atomic commitment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Commitment;

/// A transaction's identity: how many the coordinator's client had begun before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Wire)]
pub struct Transaction(pub u32);

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{}", self.0)
    }
}

impl fmt::Display for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{}", self.0)
    }
}

/// What a transaction wants of one participant.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Wire)]
pub struct Part {
    /// The keys that it locks.
    pub keys: BTreeSet<u32>,
    /// Whether it only reads them.
    pub reads_only: bool,
    /// Whether the participant cannot do it, and votes NO.
    pub refuses: bool,
}

/// What the client asks of the coordinator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Request {
    /// Commit this.
    Begin {
        /// Its identity.
        transaction: Transaction,
        /// Who takes part, and what it is to do.
        work: BTreeMap<NodeId, Part>,
        /// Whether the client changes its mind while votes are collected: the coordinator aborts
        /// whatever they are.
        withdrawn: bool,
    },
}

/// What a node tells of a transaction.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// A participant votes YES: until it knows the decision it may neither commit nor abort, and
    /// keeps these keys locked.
    Prepared {
        /// The transaction.
        transaction: Transaction,
        /// The keys.
        locks: BTreeSet<u32>,
    },
    /// A participant that only read leaves the transaction: whatever is decided is right for it.
    Left {
        /// The transaction.
        transaction: Transaction,
    },
    /// A participant votes NO, and has aborted its part.
    Refused {
        /// The transaction.
        transaction: Transaction,
    },
    /// A prepared participant has asked everyone it may ask, and nobody could tell.
    Blocked {
        /// The transaction.
        transaction: Transaction,
    },
    /// The node has decided.
    Decided {
        /// The transaction.
        transaction: Transaction,
        /// To commit it; otherwise to abort.
        commit: bool,
    },
}

impl Transaction {
    /// The client's operation that it is.
    pub(crate) fn operation(self) -> Operation {
        Operation { client: COORDINATOR, number: self.0 }
    }
}

impl Family for Commitment {
    const NAME: &'static str = "atomic-commitment";
    const ABOUT: &'static str = "all who take part in a transaction commit it, or all abort it";
    const OPERATION: &'static str = "transaction";
    const FIGURES: &'static [&'static str] =
        &["committed", "aborted", "blocked", "in_doubt_at_end", "locks_held_at_end"];
    const SAMPLES: &'static [&'static str] = &["in_doubt_ns", "blocked_ns"];
    type Request = Request;
    type Event = Event;
    type Load = Load;

    fn workload(load: &Load, nodes: u32) -> Result<Box<dyn Workload<Request, Event>>, String> {
        workload::clients(load, nodes)
    }

    fn checks() -> Vec<CheckRow<Request, Event>> {
        vec![
            CheckRow {
                name: "Agreement",
                about: "no two nodes decide differently about a transaction",
                build: || Box::new(Agreement::default()),
            },
            CheckRow {
                name: "Validity",
                about: "only what every participant voted for is committed",
                build: || Box::new(Validity::default()),
            },
            CheckRow {
                name: "LocksExclusive",
                about: "no two transactions are in doubt about the same key of a node",
                build: || Box::new(LocksExclusive::default()),
            },
            CheckRow {
                name: "NonBlocking",
                about: "no participant is blocked",
                build: || Box::new(NonBlocking::default()),
            },
        ]
    }

    fn goals() -> Vec<GoalRow<Request, Event>> {
        vec![
            GoalRow {
                name: "Decided",
                about: "every participant that voted YES learns the decision",
                build: |within| Box::new(Decided::new(within)),
            },
            GoalRow {
                name: "Unanimous",
                about: "what nobody refuses is committed, in a run without crash, pause or cut",
                build: |within| Box::new(Unanimous::new(within)),
            },
        ]
    }

    fn measures() -> Vec<Box<dyn Measure<Request, Event>>> {
        vec![Box::new(CommitFigures::default())]
    }

    fn marks() -> Option<Box<dyn Marker<Request, Event>>> {
        Some(Box::new(DoubtMarks))
    }
}

/// Promises that are not fulfilled yet, as judges and measures see them.
type Doubts = BTreeMap<(Transaction, NodeId), (Time, BTreeSet<u32>)>;
