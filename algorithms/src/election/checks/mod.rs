//! The judges of elections, by what can be observed at the clients.
//!
//! A node leads from when it says that it follows itself until it starts another election, follows
//! another or crashes.

mod agreement;
mod best;
mod learned;

pub use agreement::{NoOverlap, OneLeader};
pub use best::BestLeader;
pub use learned::Learned;

#[cfg(test)]
mod tests;
