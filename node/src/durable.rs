//! What survives a crash.

use crate::Value;

/// A node's durable state: what a restart finds on disk.
///
/// The state changes only by records that the node writes with
/// [`Context::write`](crate::Context::write) (lazy: durable at the next forced write, and a crash
/// keeps a prefix) or [`Context::force`](crate::Context::force) (durable before any later effect).
/// Crash-stop algorithms use `()`.
pub trait Durable: Value + Default {
    /// One record of the log.
    type Write: Value;
    /// Replays one record onto the state.
    fn apply(&mut self, record: &Self::Write);
}

impl Durable for () {
    type Write = ();
    fn apply(&mut self, (): &()) {}
}
