//! Faults: the plan, its random drawing, its injection.

mod inject;
mod plan;
pub mod strategy;

pub(crate) use inject::Order;
pub use plan::{Fault, Faults, RandomFaults, RandomKind, TimedFault};
