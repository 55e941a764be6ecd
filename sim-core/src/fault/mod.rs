//! Faults: the plan, its random drawing, its injection.

mod plan;

pub use plan::{Fault, Faults, RandomFaults, RandomKind, TimedFault};
