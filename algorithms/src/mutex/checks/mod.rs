//! The judges of mutual exclusion, by what can be observed at the clients.
//!
//! A client is inside from `Granted` until its `Release` reaches the node or the node crashes.

mod exclusion;
mod liveness;
mod order;

pub use exclusion::MutualExclusion;
pub use liveness::{EveryoneServed, Granted};
pub use order::RequestOrder;

#[cfg(test)]
mod tests;
