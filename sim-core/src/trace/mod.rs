//! Traces: records of what occurs, the sinks that take them, logical clocks that annotate them,
//! and the digest, which does not depend on any of these.

mod audit;
mod clocks;
mod digest;
mod record;
mod sink;

pub use audit::ClockAudit;
pub use clocks::{ClockKind, Clocks, Stamps};
pub use digest::Digest;
pub use record::{DropReason, Flight, Occurrence, Record};
pub use sink::{Line, Sink, Transcript, describe};
