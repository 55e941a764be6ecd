//! The contract between a distributed algorithm and the world that runs it.
//!
//! An algorithm is a [`Node`]: a pure state machine that reacts to messages, client requests and
//! timers, and asks the world for things through a [`Context`]. The world is whatever implements
//! [`Driver`]: the simulator's kernel, a state-space explorer, a transport wrapped around another
//! node, or a test.
//!
//! Beside the node stand the parts of an experiment that watch it from outside: a [`Workload`]
//! plays the clients, a [`Checker`] judges what is observed, a [`Measure`] turns observations into
//! figures. They are shared by a [`Family`] of algorithms that solve the same problem.
//!
//! What is deliberately absent: virtual time inside handlers (a node sees only [`LocalTime`]),
//! the network, other nodes' state, global randomness, the operating system.

mod check;
mod context;
mod describe;
mod distribution;
mod durable;
mod history;
mod id;
mod keep;
mod marks;
mod measure;
mod message;
mod node;
mod random;
mod span;
mod time;
mod workload;

pub use check::{Breach, Checker, Conclusion, Ending, Observation, Pending, What};
pub use context::{Context, Driver, Effect, Environment, Recorder};
pub use describe::{
    Algorithm, Assumption, Bug, CheckRow, Family, Field, GoalRow, Kind, Mutant, Needs, NoParams,
    Parameter, Params, Theory, Variant,
};
pub use distribution::{Distribution, Probability};
pub use durable::Durable;
pub use history::{Call, Historian, Reply, Step};
pub use id::{Members, Names, NodeId, Operation};
pub use keep::{KeptChecker, KeptHistorian, KeptWorkload};
pub use marks::{Extent, Mark, Marker, Marks};
pub use measure::{Figures, Measure};
pub use message::{Message, Wire};
pub use node::{Node, Value};
pub use random::{Draws, mix};
pub use seedbed_derive::{Message, Parameter, Params, Wire};
pub use span::Duration;
pub use time::{LocalTime, Time};
pub use workload::{Action, Client, Workload};
