//! Atomic broadcast by a primary: every server delivers the same transactions in the same order,
//! primaries crash and are replaced, and what was delivered once is never lost.
//!
//! A client asks its server with [`Request::Broadcast`] and is served once its server delivers the
//! value. A server that restarts delivers from the first transaction again, since what it had
//! applied was in memory; so every incarnation delivers a prefix of one sequence.
//!
//! Here too are ZooKeeper's elections, which belong to the family of elections:
//! [`FastLeaderElection`], which Zab holds as its phase 0, and the course notes' form of it,
//! [`ZooKeeperNotes`].
//!
//! What is absent: reads, and the state machine that transactions would change.

pub mod ballot;
mod checks;
mod fast_leader_election;
mod marks;
mod measures;
mod notes;
mod server;
mod workload;
mod zxid;

use seedbed_node::{CheckRow, Family, GoalRow, Marker, Measure, Workload};

pub use checks::{
    Agreement, CaughtUp, Delivered, GlobalPrimaryOrder, Integrity, LocalPrimaryOrder, OnePrimary,
    PrimaryIntegrity, TotalOrder,
};
pub use fast_leader_election::{
    FastLeaderElection, FastLeaderElectionMessage, FastLeaderElectionParams,
    FastLeaderElectionTimer,
};
pub use marks::PrimaryMarks;
pub use measures::BroadcastFigures;
pub use notes::{
    ZooKeeperNotes, ZooKeeperNotesMessage, ZooKeeperNotesMutant, ZooKeeperNotesParams,
    ZooKeeperNotesTimer,
};
pub use server::{Zab, ZabLog, ZabMessage, ZabMutant, ZabParams, ZabRecord, ZabTimer};
pub use workload::Load;
pub use zxid::{Transaction, Value, Zxid};

/// The family of primary-backup atomic broadcast.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AtomicBroadcast;

/// What a client asks of its server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Request {
    /// Have this delivered everywhere.
    Broadcast(Value),
}

/// What a server tells its client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// This server is the primary of an epoch from now on (the paper's `ready(e)`).
    Established {
        /// The epoch.
        epoch: u32,
    },
    /// This server, a primary, broadcasts a transaction (`abcast`).
    Broadcast {
        /// Its place.
        zxid: Zxid,
        /// What.
        value: Value,
    },
    /// The next transaction (`abdeliver`).
    Delivered {
        /// Its place.
        zxid: Zxid,
        /// What.
        value: Value,
    },
}

/// A place in a list, from a number of fixed width.
#[allow(clippy::disallowed_types, reason = "an index is never part of a state or message")]
const fn index(place: u32) -> usize {
    place as usize
}

impl Family for AtomicBroadcast {
    const NAME: &'static str = "atomic-broadcast";
    const ABOUT: &'static str = "all servers deliver the same transactions in the same order";
    const OPERATION: &'static str = "transaction";
    const FIGURES: &'static [&'static str] = &["throughput_per_s", "epochs"];
    const SAMPLES: &'static [&'static str] = &["spread_ns", "outage_ns"];
    type Request = Request;
    type Event = Event;
    type Load = Load;

    fn workload(load: &Load, nodes: u32) -> Result<Box<dyn Workload<Request, Event>>, String> {
        workload::clients(load, nodes)
    }

    fn checks() -> Vec<CheckRow<Request, Event>> {
        vec![
            CheckRow {
                name: "Integrity",
                about: "what is delivered was asked for and broadcast, and is delivered once",
                build: || Box::new(Integrity::default()),
            },
            CheckRow {
                name: "TotalOrder",
                about: "no server delivers in another order, or with a gap",
                build: || Box::new(TotalOrder::default()),
            },
            CheckRow {
                name: "Agreement",
                about: "no two servers deliver what the other does not",
                build: || Box::new(Agreement::default()),
            },
            CheckRow {
                name: "LocalPrimaryOrder",
                about: "a primary's transactions are delivered in the order of their broadcast",
                build: || Box::new(LocalPrimaryOrder::default()),
            },
            CheckRow {
                name: "GlobalPrimaryOrder",
                about: "an earlier primary's transactions are delivered before a later one's",
                build: || Box::new(GlobalPrimaryOrder::default()),
            },
            CheckRow {
                name: "PrimaryIntegrity",
                about: "a primary broadcasts only after it has delivered all of earlier epochs",
                build: || Box::new(PrimaryIntegrity::default()),
            },
            CheckRow {
                name: "OnePrimary",
                about: "an epoch has one primary, and nobody else broadcasts in it",
                build: || Box::new(OnePrimary::default()),
            },
        ]
    }

    fn goals() -> Vec<GoalRow<Request, Event>> {
        vec![
            GoalRow {
                name: "Delivered",
                about: "what a client asks for is delivered to it",
                build: |within| Box::new(Delivered::new(within)),
            },
            GoalRow {
                name: "CaughtUp",
                about: "every server that is up delivers what any server has delivered",
                build: |within| Box::new(CaughtUp::new(within)),
            },
        ]
    }

    fn measures() -> Vec<Box<dyn Measure<Request, Event>>> {
        vec![Box::new(BroadcastFigures::default())]
    }

    fn marks() -> Option<Box<dyn Marker<Request, Event>>> {
        Some(Box::new(PrimaryMarks::default()))
    }
}
