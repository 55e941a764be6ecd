//! Replication: several servers keep copies of key-value data and look like one server that does
//! not fail.
//!
//! Members come in roles. In the families of servers under a master ([`ChainReplication`],
//! [`PrimaryBackup`]), nodes `0..servers` are servers, node `servers` is the master, and the rest
//! are client nodes: proxies through which clients reach the servers over the network, so that
//! requests and answers take time and get lost. A client's operation begins beside its proxy; every
//! node is a proxy for whoever sits beside it, so that clients may also sit beside servers.
//!
//! What is absent: disks. A server that restarts has lost its copy and joins as a new one.

mod cap;
mod chain;
mod checks;
mod configuration;
mod group;
mod history;
mod lease;
mod log;
mod marks;
mod master;
mod measures;
mod message;
mod primary_backup;
mod proxy;
#[cfg(test)]
mod transcripts;
mod workload;

use std::collections::BTreeMap;

use seedbed_node::{
    CheckRow, Family, GoalRow, Historian, Marker, Measure, NodeId, Operation, Workload,
};

pub use cap::{CapMessage, CapMutant, CapParams, CapRegister, CapTimer, Choose, Stamped};
pub use chain::{ChainMutant, ChainParams, ChainReplication, ChainServer, Reads as ChainReads};
pub use checks::{Answered, NoLostUpdate, UpdatePropagation};
pub use configuration::{Configuration, Place, Shape};
pub use group::{Group, Settings};
pub use history::KeyValueHistory;
pub use lease::{
    FencedLease, LeaseClient, LeaseMessage, LeaseMutant, LeaseParams, LeaseService, LeaseTimer,
    Storage,
};
pub use log::{Log, Session, Snapshot, Version};
pub use marks::RoleMarks;
pub use measures::ReplicationFigures;
pub use message::{ReplicationMessage, ReplicationTimer, Reply, Update};
pub use primary_backup::{
    PrimaryBackup, PrimaryBackupMutant, PrimaryBackupParams, PrimaryBackupReads,
    PrimaryBackupServer,
};
pub use proxy::{Cache, Proxy};
pub use workload::Load;

/// The family of algorithms that replicate key-value data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Replication;

/// What a client asks of its node. The operation is part of the request, so that a server
/// recognises a request that comes twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Request {
    /// What is the value of this key?
    Read {
        /// The request's identity.
        operation: Operation,
        /// Which.
        key: u32,
    },
    /// Let this key have this value.
    Write {
        /// The request's identity.
        operation: Operation,
        /// Which.
        key: u32,
        /// The new value.
        value: u64,
    },
}

impl Request {
    /// The request's identity.
    pub fn operation(&self) -> Operation {
        let (Request::Read { operation, .. } | Request::Write { operation, .. }) = self;
        *operation
    }

    /// Which key it is about.
    pub fn key(&self) -> u32 {
        let (Request::Read { key, .. } | Request::Write { key, .. }) = self;
        *key
    }
}

/// What a node tells: to its client the answers, to who watches what becomes of the copies.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// The answer to a read; `None` if the key was never written.
    Value {
        /// Of this request.
        operation: Operation,
        /// What the key's value is.
        value: Option<u64>,
    },
    /// The answer to a write.
    Written {
        /// Of this request.
        operation: Operation,
    },
    /// A server has added an update to its history.
    Applied {
        /// The update's place in the history, from 1.
        sequence: u64,
        /// Of this request.
        operation: Operation,
        /// Which key.
        key: u32,
        /// The new value.
        value: u64,
    },
    /// A server has taken over a copy of the data, in place of what it had.
    Installed {
        /// How many updates the copy contains.
        sequence: u64,
        /// The copy.
        values: BTreeMap<u32, u64>,
    },
    /// The master has decided who serves.
    Reconfigured {
        /// The servers in their order, each with the number of its life: how often it had
        /// restarted.
        servers: Vec<(NodeId, u32)>,
        /// How they are connected.
        shape: Shape,
    },
    /// The storage has accepted what a client has made of a value under a lease.
    Renewed {
        /// Of this request.
        operation: Operation,
        /// Which key.
        key: u32,
        /// What the client had read; `None` if the key was never written.
        read: Option<u64>,
        /// The new value.
        value: u64,
    },
}

impl Family for Replication {
    const NAME: &'static str = "replication";
    const ABOUT: &'static str = "several copies of key-value data that look like one";
    const OPERATION: &'static str = "request";
    const FIGURES: &'static [&'static str] =
        &["throughput_per_s", "outage_ns", "read_outage_ns", "write_outage_ns"];
    const SAMPLES: &'static [&'static str] = &["read_ns", "write_ns"];
    type Request = Request;
    type Event = Event;
    type Load = Load;

    fn workload(load: &Load, nodes: u32) -> Result<Box<dyn Workload<Request, Event>>, String> {
        workload::clients(load, nodes)
    }

    fn checks() -> Vec<CheckRow<Request, Event>> {
        vec![
            CheckRow {
                name: "UpdatePropagation",
                about: "what a server has applied is a prefix of what the server before it has",
                build: || Box::new(UpdatePropagation::default()),
            },
            CheckRow {
                name: "NoLostUpdate",
                about: "who reads and writes under a lease overwrites nothing but what it has read",
                build: || Box::new(NoLostUpdate::default()),
            },
        ]
    }

    fn goals() -> Vec<GoalRow<Request, Event>> {
        vec![GoalRow {
            name: "Answered",
            about: "every request is answered",
            build: |within| Box::new(Answered::new(within)),
        }]
    }

    fn measures() -> Vec<Box<dyn Measure<Request, Event>>> {
        vec![Box::new(ReplicationFigures::default())]
    }

    fn history() -> Option<Box<dyn Historian<Request, Event>>> {
        Some(Box::new(KeyValueHistory::default()))
    }

    fn marks() -> Option<Box<dyn Marker<Request, Event>>> {
        Some(Box::new(RoleMarks::default()))
    }
}
