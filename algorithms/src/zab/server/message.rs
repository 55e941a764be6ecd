//! What servers say to each other.

use seedbed_node::Message;

use crate::zab::ballot::Note;
use crate::zab::{Transaction, Value, Zxid};

/// Messages, by the names of DSN 2011 where it has one.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum ZabMessage {
    /// Phase 0: who votes for whom.
    Notification(Note),
    /// Phase 1, CEPOCH: "I want to follow you; this is the last epoch that I promised."
    FollowerInfo {
        /// `f.p`.
        accepted: u32,
    },
    /// Phase 1, NEWEPOCH: "Promise to take part in no earlier epoch than mine."
    NewEpoch {
        /// `e'`.
        epoch: u32,
    },
    /// Phase 1, ACK-E: the promise, with what the follower has.
    AckEpoch {
        /// `e'`.
        epoch: u32,
        /// `f.a`; none if the promise had been given before, so that it does not count again.
        current: Option<u32>,
        /// `h_f`.
        history: Vec<Transaction>,
    },
    /// Phase 2, NEWLEADER: "This is the history of my epoch."
    NewLeader {
        /// `e'`.
        epoch: u32,
        /// What the follower has to hold.
        history: Vec<Transaction>,
    },
    /// Phase 2, ACK-LD: "I hold it, on disk."
    AckLeader {
        /// `e'`.
        epoch: u32,
        /// The last transaction of the history.
        last: Zxid,
    },
    /// Phase 2, COMMIT-LD: "Deliver it up to here; you are in."
    CommitLeader {
        /// `e'`.
        epoch: u32,
        /// The last committed transaction.
        committed: Zxid,
    },
    /// Phase 3: "Log this."
    Propose(Transaction),
    /// Phase 3: "It is on my disk, and all before it."
    Ack(Zxid),
    /// Phase 3: "Deliver up to this."
    Commit(Zxid),
    /// A follower's client wants this broadcast.
    Forward(Value),
    /// "I still lead", with what a broken connection would make noticed.
    Ping {
        /// The last transaction that the leader has sent.
        last: Zxid,
        /// The last committed one.
        committed: Zxid,
    },
    /// "I still follow."
    Pong {
        /// The last transaction that is on the follower's disk.
        last: Zxid,
    },
}
