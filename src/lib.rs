//! Seedbed: a deterministic discrete-event simulator for distributed algorithms.
//!
//! Write a node once, as a pure state machine; run it in simulated time on drifting clocks and
//! faulty networks. The same scenario and seed give the same digest on every machine.
//!
//! This package is the command line and a thin facade; the crates beneath do the work:
//!
//! - [`node`]: the contract between an algorithm and the world,
//! - [`core`]: the world,
//! - [`algorithms`]: the literature's algorithms,
//! - [`scenarios`]: scenario files, the registry of algorithms, running,
//! - [`reports`]: what people and programs read.
//!
//! With the feature `testing`, `seedbed::testing` has property tests of a node of one's own.
//!
//! [`cli`] gives a crate with algorithms of its own the whole command line for them.

pub use seedbed_algorithms as algorithms;
pub use seedbed_core as core;
pub use seedbed_node as node;
pub use seedbed_reports as reports;
pub use seedbed_scenarios as scenarios;

mod cli;
#[cfg(feature = "testing")]
pub mod testing;

/// What a node of one's own usually needs, to be imported as a whole.
pub mod prelude {
    pub use seedbed_core::{Outcome, Simulation, Verdict, World};
    pub use seedbed_node::{
        Algorithm, Assumption, Breach, CheckRow, Checker, Client, Conclusion, Context, Durable,
        Duration, Ending, Family, GoalRow, Measure, Message, Names, Needs, NoParams, Node, NodeId,
        Observation, Operation, Params, Probability, Theory, Time, What, Wire, Workload,
    };
    pub use seedbed_reports::{Run, Style};
    pub use seedbed_scenarios::Registry;
}

pub use cli::cli;
