//! What atomic broadcast promises: the properties of DSN 2011, and that it gets anywhere.
//!
//! A server that restarts delivers from the first transaction again, so every claim about what a
//! server has delivered is about one incarnation.

mod integrity;
mod liveness;
mod order;
mod primary;
mod sequence;
#[cfg(test)]
mod tests;

pub use integrity::Integrity;
pub use liveness::{CaughtUp, Delivered};
pub use order::{Agreement, TotalOrder};
pub use primary::{GlobalPrimaryOrder, LocalPrimaryOrder, OnePrimary, PrimaryIntegrity};
