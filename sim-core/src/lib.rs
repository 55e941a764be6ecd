//! The world that runs a [`Node`](seedbed_node::Node): virtual time, drifting clocks, a faulty
//! network, clients, judges, counters and a trace. Start at [`Simulation`].
//!
//! Same [`World`], same node, same seed: same [digest](Outcome::digest), on every platform and in
//! every build profile. Absent on purpose: threads (but those that [`explore`] is asked to use), files,
//! the wall clock, entropy, std hash maps, floats that hold time.

mod causality;
pub mod check;
mod clients;
pub mod clock;
mod counters;
mod effects;
pub mod explore;
pub mod fault;
mod flights;
mod follow;
mod garbage;
mod hosts;
mod inspect;
mod item;
mod judges;
mod kernel;
mod ledger;
pub mod network;
pub mod outcome;
mod post;
pub mod queue;
mod recorder;
pub mod rng;
mod run;
mod schedule;
pub mod service;
mod setup;
mod simulation;
mod station;
mod timers;
pub mod trace;
mod tracer;
pub mod world;

pub use follow::SCHEDULE;
pub use inspect::{NodeView, Until, View, Waiting, WaitingFor};
pub use outcome::{
    CheckOutcome, Digest128, EndedBy, KindTally, Operations, Outcome, Quantiles, Spread3, Tally,
    Verdict, Writes,
};
pub use recorder::Recorded;
pub use schedule::{MessageName, Schedule, Scheduled, ScheduledStep};
pub use setup::SetupError;
pub use simulation::Simulation;
pub use world::{LinkSet, NodeSet, Stop, StopWhen, Ties, Window, World};
