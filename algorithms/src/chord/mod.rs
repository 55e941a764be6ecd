//! Naming without a name server: who is responsible for a key, among nodes that come and go?
//!
//! A client asks its node with [`Request::Lookup`] and is told with [`Event::Found`]. Nodes that
//! are not among the founders join at boot; a client can have its node leave and join again.
//!
//! Positions are named by their identifiers; a member with virtual nodes has several. Members show
//! their pointers whenever they change ([`Event::Pointers`]): that is what the checkers of the
//! ring look at.
//!
//! What is absent: values. A key is stored or it is not.

mod checks;
mod identifiers;
mod marks;
mod measures;
mod membership;
mod message;
mod node;
mod params;
mod populate;
mod routing;
mod stabilisation;
mod workload;

#[cfg(test)]
mod tests;

use seedbed_node::{CheckRow, Family, GoalRow, Marker, Measure, Workload};

pub use checks::{
    Answered, ConnectedAppendages, LookupsCorrect, OneLiveSuccessor, OneOrderedRing, RingIdeal,
    ValidSuccessorLists,
};
pub use identifiers::{Peer, Space};
pub use marks::LookupMarks;
pub use measures::LookupFigures;
pub use message::{ChordMessage, ChordTimer, Purpose, Quest, Ticket};
pub use node::Chord;
pub use params::{ChordMutant, ChordParams, Placement, Protocol, Routing};
pub use workload::{Churn, Load, Move, Turn};

/// The family of algorithms that find the node responsible for a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Naming;

/// What a client asks of its node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Request {
    /// Who is responsible for this key? A node that is not in the ring does not answer.
    Lookup {
        /// Tells this client's lookups apart.
        lookup: u32,
        /// The key's name.
        key: u64,
    },
    /// Join the ring.
    Join,
    /// Leave the ring.
    Leave,
}

/// What a node tells its client. Positions are given by their identifiers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// A lookup is answered.
    Found {
        /// Which.
        lookup: u32,
        /// The key's identifier.
        key: u64,
        /// The position that is responsible.
        owner: u64,
        /// The length of the path: forwardings to other members, the last step excluded.
        hops: u32,
        /// Contacts that were not answered in time.
        timeouts: u32,
        /// Whether the key is stored there.
        held: bool,
    },
    /// A position is in the ring now.
    Joined {
        /// Which.
        position: u64,
    },
    /// A position has left the ring.
    Left {
        /// Which.
        position: u64,
    },
    /// A position that is in the ring shows what has changed.
    Pointers {
        /// Which.
        position: u64,
        /// Its predecessor.
        predecessor: Option<u64>,
        /// Its successor list, nearest first.
        successors: Vec<u64>,
        /// How many pointers it keeps, fingers included.
        pointers: u32,
        /// How many keys are stored there.
        keys: u32,
        /// Whether it has received the keys that are its own.
        serving: bool,
    },
}

impl Family for Naming {
    const NAME: &'static str = "naming";
    const ABOUT: &'static str = "who is responsible for a key, among nodes that come and go";
    const OPERATION: &'static str = "lookup";
    const FIGURES: &'static [&'static str] = &["failed_lookups", "members"];
    const SAMPLES: &'static [&'static str] =
        &["path_length", "lookup_timeouts", "keys_per_node", "pointers_per_node"];
    type Request = Request;
    type Event = Event;
    type Load = Load;

    fn workload(load: &Load, nodes: u32) -> Result<Box<dyn Workload<Request, Event>>, String> {
        Ok(Box::new(workload::Users::new(load, nodes)?))
    }

    fn checks() -> Vec<CheckRow<Request, Event>> {
        vec![
            CheckRow {
                name: "OneLiveSuccessor",
                about: "every member has a live member in its successor list",
                build: || Box::new(OneLiveSuccessor::default()),
            },
            CheckRow {
                name: "OneOrderedRing",
                about: "first live successors form one ring, in the order of identifiers",
                build: || Box::new(OneOrderedRing::default()),
            },
            CheckRow {
                name: "ConnectedAppendages",
                about: "from every member, first live successors lead to the ring",
                build: || Box::new(ConnectedAppendages::default()),
            },
            CheckRow {
                name: "ValidSuccessorLists",
                about: "successor lists are in order, and enough members are skipped by none",
                build: || Box::new(ValidSuccessorLists::default()),
            },
            CheckRow {
                name: "LookupsCorrect",
                about: "while the ring is ideal, a lookup returns the key's successor",
                build: || Box::new(LookupsCorrect::default()),
            },
        ]
    }

    fn goals() -> Vec<GoalRow<Request, Event>> {
        vec![
            GoalRow {
                name: "Answered",
                about: "every lookup is answered",
                build: |within| Box::new(Answered::new(within)),
            },
            GoalRow {
                name: "RingIdeal",
                about: "once membership stays as it is, every pointer becomes right",
                build: |within| Box::new(RingIdeal::new(within)),
            },
        ]
    }

    fn measures() -> Vec<Box<dyn Measure<Request, Event>>> {
        vec![Box::new(LookupFigures::default())]
    }

    fn marks() -> Option<Box<dyn Marker<Request, Event>>> {
        Some(Box::new(LookupMarks))
    }
}
