//! Faults: the plan, its random drawing, its injection.

mod plan;
pub mod strategy;

pub use plan::{Fault, Faults, RandomFaults, RandomKind, TimedFault};
