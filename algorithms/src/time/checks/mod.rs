//! The judges of clock synchronisation, who know true time and all readings.
//!
//! A node promises something of a reading; the judges compare the reading with true time and with
//! those of other nodes. What a node promises nothing of is not judged, so look at the figures too:
//! a promise may be wide.

mod accuracy;
mod group;
mod liveness;

pub use accuracy::{EstimateBound, NeverBackwards, WithinBound};
pub use group::{MutuallyClose, NoAnomaly};
pub use liveness::Synchronised;

use seedbed_node::{LocalTime, Time};

/// By how much a reading is ahead of true time, in nanoseconds.
pub(super) fn ahead(wall: LocalTime, at: Time) -> i64 {
    let lead = i128::from(wall.0) - i128::from(at.as_nanos());
    lead.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

#[cfg(test)]
mod tests;
