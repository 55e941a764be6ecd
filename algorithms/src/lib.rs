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

pub mod chord;
pub mod clients;
pub mod commit;
pub mod election;
pub mod multicast;
mod mutants;
pub mod mutex;
pub mod replication;
pub mod time;
#[cfg(test)]
mod transcript;
pub mod transport;
pub mod zab;

pub use chord::{Chord, Naming};
pub use commit::{Commitment, ThreePhaseCommit, TwoPhaseCommit};
pub use election::{Bully, ChangRoberts, Election, HirschbergSinclair, LeLann, TanenbaumRing};
pub use multicast::{CausalMulticast, FifoMulticast, Multicast, Sequencer, TotalOrderLamport};
pub use mutex::{
    Centralised, CentralisedLease, DecentralisedVoting, Lamport, Maekawa, Mutex, Raymond,
    RicartAgrawala, RoucairolCarvalho, SuzukiKasami, TokenRing,
};
pub use replication::{CapRegister, ChainReplication, FencedLease, PrimaryBackup, Replication};
pub use time::{Berkeley, ClockSync, Cristian, LamportPhysical, Marzullo, Ntp};
pub use transport::{Frame, Reliable, ReliableParams};
pub use zab::{AtomicBroadcast, FastLeaderElection, Zab, ZooKeeperNotes};
