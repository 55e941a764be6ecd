//! Leader election: everybody who is up comes to follow the same node, which is up too and the
//! best of those that the algorithm promises to compare.
//!
//! A client asks its node for an election with [`Request::Elect`]; a node may also notice by
//! itself that one is due. What a node says of itself is an [`Event`]: its rank when it boots, when
//! it begins or joins an election, and whom it follows from now on. Algorithms with terms (rounds,
//! epochs) name the term; those without leave it out, and are judged once nothing more can happen.
//!
//! What is absent: what a leader is good for. Nothing is replicated and nothing is fenced here.

mod bully;
mod checks;
mod ids;
mod marks;
mod measures;
mod ring;
mod upkeep;
mod views;
mod workload;

use std::collections::BTreeSet;
use std::fmt;

use seedbed_node::{CheckRow, Family, GoalRow, Marker, Measure, NodeId, Workload};

pub use bully::{Bully, BullyMessage, BullyMutant, BullyParams, BullyTimer};
pub use checks::{BestLeader, Learned, NoOverlap, OneLeader};
pub use marks::LeaderMarks;
pub use measures::ElectionFigures;
pub use ring::{
    ChangRoberts, ChangRobertsMessage, ChangRobertsMutant, ChangRobertsParams, ChangRobertsState,
    Direction, HirschbergSinclair, HirschbergSinclairMessage, HirschbergSinclairMutant,
    HirschbergSinclairParams, HirschbergSinclairState, LeLann, LeLannMessage, LeLannMutant,
    LeLannParams, LeLannState, Probe, Protocol, Ring, RingParams, RingTimer, Ringside,
    TanenbaumRing, TanenbaumRingMessage, TanenbaumRingMutant, TanenbaumRingParams,
    TanenbaumRingState,
};
pub use upkeep::{Packet, UpkeepTimer};
pub use workload::{Initiate, Load};

/// The family of algorithms for leader election.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Election;

/// What a client asks of its node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Request {
    /// Hold an election: the leader is suspected, or there is none.
    Elect,
}

/// What a node tells its client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// The node can be elected, with this rank; said at every boot and when the rank changes.
    Standing {
        /// By what it compares.
        rank: Rank,
    },
    /// The node begins or joins an election as a candidate, and follows nobody meanwhile.
    Started {
        /// The election's term, where the algorithm has terms.
        term: Option<u64>,
    },
    /// The node follows `leader` from now on; the leader says so of itself.
    Elected {
        /// Whom.
        leader: NodeId,
        /// The term that it leads, where the algorithm has terms.
        term: Option<u64>,
        /// How the node knows.
        basis: Basis,
    },
}

/// How a node knows who leads.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Basis {
    /// Another node said so.
    Told,
    /// It has decided so itself: nobody outranks the leader who was up from when this node started
    /// until now.
    OverLive,
    /// It has decided so itself: nobody outranks the leader who has started too.
    OverCandidates,
    /// It has decided so itself: none of these outranks the leader.
    OverVoters(BTreeSet<NodeId>),
}

/// By what candidates compare: the first difference decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Rank {
    /// The epoch of the last transaction, where history counts.
    pub epoch: u64,
    /// The last transaction within the epoch, where history counts.
    pub zxid: u64,
    /// The id.
    pub id: u64,
}

impl Rank {
    /// Where nothing but the id counts.
    pub const fn of_id(id: u32) -> Self {
        Rank { epoch: 0, zxid: 0, id: id as u64 }
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rank { epoch: 0, zxid: 0, id } => write!(f, "id {id}"),
            Rank { epoch, zxid, id } => write!(f, "epoch {epoch}, zxid {zxid}, id {id}"),
        }
    }
}

impl Family for Election {
    const NAME: &'static str = "election";
    const ABOUT: &'static str = "everybody comes to follow one leader, the best that is up";
    const OPERATION: &'static str = "election";
    const FIGURES: &'static [&'static str] = &["decisions", "leaders_at_once_max"];
    const SAMPLES: &'static [&'static str] = &["candidacy_ns", "failover_ns"];
    type Request = Request;
    type Event = Event;
    type Load = Load;

    fn workload(load: &Load, nodes: u32) -> Result<Box<dyn Workload<Request, Event>>, String> {
        Ok(Box::new(workload::Clients::new(load, nodes)?))
    }

    fn checks() -> Vec<CheckRow<Request, Event>> {
        vec![
            CheckRow {
                name: "OneLeader",
                about: "one leader a term; without terms, all agree once nothing more can happen",
                build: || Box::new(OneLeader::default()),
            },
            CheckRow {
                name: "BestLeader",
                about: "who is elected was up, and nobody outranks it of those it is held against",
                build: || Box::new(BestLeader::default()),
            },
            CheckRow {
                name: "NoOverlap",
                about: "no two nodes that are up take themselves for the leader at an instant",
                build: || Box::new(NoOverlap::default()),
            },
        ]
    }

    fn goals() -> Vec<GoalRow<Request, Event>> {
        vec![GoalRow {
            name: "Learned",
            about: "after an election, everybody who is up follows the same leader",
            build: |within| Box::new(Learned::new(within)),
        }]
    }

    fn measures() -> Vec<Box<dyn Measure<Request, Event>>> {
        vec![Box::new(ElectionFigures::default())]
    }

    fn marks() -> Option<Box<dyn Marker<Request, Event>>> {
        Some(Box::new(LeaderMarks))
    }
}
