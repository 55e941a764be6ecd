//! Exhaustive exploration: every state that a small instance can reach.

mod model;
pub mod nodes;

pub use model::{Demand, Model, Predicate, Property};
