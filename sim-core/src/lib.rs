//! The world that runs a [`Node`](seedbed_node::Node): virtual time, clocks, a network, faults.

pub mod clock;
pub mod fault;
pub mod network;
pub mod outcome;
pub mod rng;
pub mod service;
pub mod world;

pub use outcome::{
    CheckOutcome, Digest128, EndedBy, KindTally, Operations, Outcome, Quantiles, Spread3, Tally,
    Verdict, Writes,
};
pub use world::{LinkSet, NodeSet, Stop, StopWhen, Ties, Window, World};
