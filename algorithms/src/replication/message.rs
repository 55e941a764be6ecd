//! What the members of a replicated group say: clients, servers and the master.

use seedbed_node::{Message, NodeId, Operation, Wire};

use super::{Configuration, Snapshot};

/// What members say. Which kinds occur depends on the algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum ReplicationMessage {
    /// A client's node asks for an update.
    Update {
        /// The configuration by which it is asked of this server.
        epoch: u64,
        /// The update.
        update: Update,
    },
    /// A client's node asks for a value.
    Query {
        /// The configuration by which it is asked of this server.
        epoch: u64,
        /// The request's identity; the answer goes to its client.
        operation: Operation,
        /// Which key.
        key: u32,
    },
    /// An update that has been carried out is passed on.
    Difference {
        /// The link over which it is sent.
        link: u64,
        /// The update's place in the history.
        sequence: u64,
        /// Every server has applied so many updates (of interest to backups only).
        stable: u64,
        /// The update.
        update: Update,
    },
    /// Everybody from the sender on has applied so many updates.
    Ack {
        /// How many.
        sequence: u64,
    },
    /// The answer to a client's node.
    Answer {
        /// Of this request.
        operation: Operation,
        /// What.
        reply: Reply,
    },
    /// CRAQ: which version of this key is committed? Asked of the tail.
    Version {
        /// The configuration by which it is asked of this server.
        epoch: u64,
        /// For this query.
        operation: Operation,
        /// Which key.
        key: u32,
        /// Who asks.
        asker: NodeId,
    },
    /// CRAQ: this version of the key is committed.
    Committed {
        /// For this query.
        operation: Operation,
        /// Which key.
        key: u32,
        /// The place in the history of the update that made it; 0: there is none.
        sequence: u64,
    },
    /// A server lives.
    Heartbeat {
        /// The configuration that it knows.
        epoch: u64,
    },
    /// The master tells who serves.
    Configure {
        /// The configuration.
        configuration: Configuration,
    },
    /// A server that has a new link tells what it has; in a chain the master passes it on to the
    /// server that feeds the link.
    Resume {
        /// The configuration that made the link.
        configuration: Configuration,
        /// Who is to be fed.
        successor: NodeId,
        /// How many updates it has applied; `None`: it has no copy at all.
        applied: Option<u64>,
    },
    /// A copy of the data, for a server that has none or an old one.
    State {
        /// The link over which it is sent.
        link: u64,
        /// The copy.
        snapshot: Snapshot,
    },
    /// A server without a copy wants to serve.
    Join {
        /// Which life of it.
        incarnation: u32,
        /// The configuration that it knows.
        epoch: u64,
    },
    /// The master tells the backups to suspend, and asks how many updates they have.
    Poll {
        /// The configuration whose primary has failed.
        epoch: u64,
    },
    /// A backup answers.
    Progress {
        /// The configuration whose primary has failed.
        epoch: u64,
        /// How many updates it has applied; `None`: it has no copy at all.
        applied: Option<u64>,
    },
    /// A client's node that gets no answers asks who serves.
    Locate,
}

impl ReplicationMessage {
    /// The configuration by which something is asked of a server. A server that does not know it
    /// yet would send the request on to one that has failed.
    pub(super) fn asked_by(&self) -> Option<u64> {
        match self {
            ReplicationMessage::Update { epoch, .. }
            | ReplicationMessage::Query { epoch, .. }
            | ReplicationMessage::Version { epoch, .. } => Some(*epoch),
            _ => None,
        }
    }
}

/// An update on its way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Wire)]
pub struct Update {
    /// The request's identity; the answer goes to its client.
    pub operation: Operation,
    /// The client awaits no answer to requests with lower numbers.
    pub oldest: u32,
    /// Which key.
    pub key: u32,
    /// The new value.
    pub value: u64,
}

/// An answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Wire)]
pub enum Reply {
    /// To a query.
    Value(Option<u64>),
    /// To an update.
    Written,
}

/// The timers of a group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReplicationTimer {
    /// A server sends the next heartbeat.
    Beat,
    /// The master has not heard of this server for too long.
    Suspect(NodeId),
}
