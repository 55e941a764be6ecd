//! Mutual exclusion: at most one client at a time inside its critical section, and everyone who
//! asks gets in.
//!
//! A client asks its node with [`Request::Acquire`], is inside from the node's
//! [`Event::Granted`] and leaves with [`Request::Release`]. A crash of its node ends the critical
//! section too.
//!
//! What is absent: fencing. No algorithm can make a client leave.

mod centralised;
pub mod centralised_lease;
mod checks;
pub mod decentralised_voting;
mod history;
mod lamport;
pub mod maekawa;
mod marks;
mod measures;
mod raymond;
mod ricart_agrawala;
mod roucairol_carvalho;
mod stamp;
mod suzuki_kasami;
mod token_ring;
mod waiter;
mod workload;

use seedbed_node::{CheckRow, Family, GoalRow, Historian, Marker, Measure, Workload};

pub use centralised::{Centralised, CentralisedMessage, CentralisedMutant, CentralisedParams};
pub use centralised_lease::{
    CentralisedLease, CentralisedLeaseMessage, CentralisedLeaseMutant, CentralisedLeaseParams,
    CentralisedLeaseTimer,
};
pub use checks::{EveryoneServed, Granted, MutualExclusion, RequestOrder};
pub use decentralised_voting::{
    DecentralisedVoting, DecentralisedVotingMessage, DecentralisedVotingMutant,
    DecentralisedVotingParams, DecentralisedVotingTimer, OnDenial,
};
pub use history::LockHistory;
pub use lamport::{Lamport, LamportAcks, LamportMessage, LamportMutant, LamportParams};
pub use maekawa::{Maekawa, MaekawaForm, MaekawaMessage, MaekawaMutant, MaekawaParams};
pub use marks::InsideMarks;
pub use measures::EntryFigures;
pub use raymond::{Raymond, RaymondMessage, RaymondMutant, RaymondParams, RaymondShape};
pub use ricart_agrawala::{
    RicartAgrawala, RicartAgrawalaMessage, RicartAgrawalaMutant, RicartAgrawalaParams,
};
pub use roucairol_carvalho::{
    RoucairolCarvalho, RoucairolCarvalhoMessage, RoucairolCarvalhoMutant, RoucairolCarvalhoParams,
};
pub use stamp::Stamp;
pub use suzuki_kasami::{
    Privilege, SuzukiKasami, SuzukiKasamiMessage, SuzukiKasamiMutant, SuzukiKasamiParams,
};
pub use token_ring::{Token, TokenRing, TokenRingMutant, TokenRingParams, TokenRingTimer};
pub use waiter::Waiter;
pub use workload::Load;

/// The family of algorithms for mutual exclusion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mutex;

/// What a client asks of its node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Request {
    /// Let me in.
    Acquire,
    /// I leave.
    Release,
}

/// What a node tells its client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// You are inside.
    Granted,
}

impl Family for Mutex {
    const NAME: &'static str = "mutual-exclusion";
    const ABOUT: &'static str = "at most one client inside its critical section; all get in";
    const OPERATION: &'static str = "entry";
    const FIGURES: &'static [&'static str] = &["throughput_per_s"];
    const SAMPLES: &'static [&'static str] = &["response_ns", "sync_delay_ns"];
    type Request = Request;
    type Event = Event;
    type Load = Load;

    fn workload(load: &Load, nodes: u32) -> Result<Box<dyn Workload<Request, Event>>, String> {
        Ok(Box::new(workload::Clients::new(load, nodes)?))
    }

    fn checks() -> Vec<CheckRow<Request, Event>> {
        vec![
            CheckRow {
                name: "MutualExclusion",
                about: "at most one client is inside at any instant",
                build: || Box::new(MutualExclusion::default()),
            },
            CheckRow {
                name: "RequestOrder",
                about: "a request that happened before another is granted before it",
                build: || Box::new(RequestOrder::default()),
            },
        ]
    }

    fn goals() -> Vec<GoalRow<Request, Event>> {
        vec![
            GoalRow {
                name: "Granted",
                about: "every request is granted",
                build: |within| Box::new(Granted::new(within)),
            },
            GoalRow {
                name: "EveryoneServed",
                about: "every client that asks is granted at least one request",
                build: |within| Box::new(EveryoneServed::new(within)),
            },
        ]
    }

    fn measures() -> Vec<Box<dyn Measure<Request, Event>>> {
        vec![Box::new(EntryFigures::default())]
    }

    fn history() -> Option<Box<dyn Historian<Request, Event>>> {
        Some(Box::new(LockHistory::default()))
    }

    fn marks() -> Option<Box<dyn Marker<Request, Event>>> {
        Some(Box::new(InsideMarks))
    }
}
