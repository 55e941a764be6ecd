//! Distributed algorithms as pure state machines, in the form of the literature.
//!
//! One folder is a family: a problem with its vocabulary between client and node, its workload,
//! its checkers and its measures. One file is an algorithm: its paper, what it assumes, its
//! handlers. [`transport`] holds wrappers that give any algorithm a better network than it has,
//! [`clients`] what the workloads of several families share.
//!
//! What is deliberately absent: virtual time, the network, faults and other nodes' state (this
//! crate depends on the contract alone and cannot name them), numbers of a machine's width, the
//! standard library's float functions, and any source of randomness but
//! [`Context::choose`](seedbed_node::Context::choose).

pub mod clients;
pub mod commit;
pub mod election;
pub mod mutex;
pub mod replication;
#[cfg(test)]
mod transcript;
pub mod transport;

pub use commit::{Commitment, ThreePhaseCommit, TwoPhaseCommit};
pub use election::{Bully, ChangRoberts, Election, HirschbergSinclair, LeLann, TanenbaumRing};
pub use mutex::{Centralised, Lamport, Mutex, RicartAgrawala, TokenRing};
pub use replication::{CapRegister, ChainReplication, FencedLease, PrimaryBackup, Replication};
pub use mutex::{
    Centralised, CentralisedLease, DecentralisedVoting, Lamport, Maekawa, Mutex, Raymond,
    RicartAgrawala, RoucairolCarvalho, SuzukiKasami, TokenRing,
};
pub use transport::{Frame, Reliable, ReliableParams};
