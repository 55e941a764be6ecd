//! What a trace consists of: one record an occurrence, as plain data; nothing is formatted here.

use std::fmt::Debug;

use seedbed_node::{LocalTime, NodeId, Operation, Time};

use crate::fault::TimedFault;
use crate::trace::Stamps;

/// One occurrence, handed to sinks while it happens.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// True time.
    pub at: Time,
    /// The ordinal of the kernel event that it belongs to; several records may share one.
    pub event: u64,
    /// Where. For faults of the network: node 0.
    pub node: NodeId,
    /// The node's wall clock.
    pub wall: LocalTime,
    /// What.
    pub what: Occurrence<'a>,
    /// Logical clocks of the node after the occurrence, if the run annotates them.
    pub stamps: Option<&'a Stamps>,
}

/// The number of one message on its way; a duplicate has its own.
pub type Flight = u64;

/// What occurred.
#[derive(Clone, Copy, Debug)]
pub enum Occurrence<'a> {
    /// The node boots, for the n-th time from 0.
    Boot(u32),
    /// The node crashes.
    Crash,
    /// The node stops handling anything for a while.
    Pause,
    /// The node goes on.
    Resume,
    /// A message leaves.
    Send {
        /// Its number.
        flight: Flight,
        /// Where it goes.
        to: NodeId,
        /// Its kind.
        kind: &'static str,
        /// Whether it is a transport's own.
        transport: bool,
        /// What it is counted for.
        operation: Option<Operation>,
        /// Its size on the wire.
        bytes: u32,
        /// Its content.
        message: &'a dyn Debug,
    },
    /// A link makes a second copy.
    Duplicate {
        /// The original.
        original: Flight,
        /// The copy.
        copy: Flight,
    },
    /// A message is lost for the named reason; the record's node is its sender.
    Drop {
        /// Its number.
        flight: Flight,
        /// Where it went.
        to: NodeId,
        /// Its kind.
        kind: &'static str,
        /// Why.
        why: DropReason,
    },
    /// A message is handled.
    Deliver {
        /// Its number.
        flight: Flight,
        /// Who sent it.
        from: NodeId,
        /// When.
        sent_at: Time,
        /// Its kind.
        kind: &'static str,
        /// Whether it is a transport's own.
        transport: bool,
        /// What it is counted for.
        operation: Option<Operation>,
        /// Its content.
        message: &'a dyn Debug,
    },
    /// A timer fires.
    Timer(&'a dyn Debug),
    /// A client's request reaches the node.
    Request {
        /// On behalf of this operation.
        operation: Operation,
        /// What is asked.
        request: &'a dyn Debug,
    },
    /// The node tells its client something.
    Event(&'a dyn Debug),
    /// An operation is done.
    Complete(Operation),
    /// A record is written to the durable log.
    Write {
        /// Whether the node waits for the disk.
        forced: bool,
        /// The record.
        record: &'a dyn Debug,
    },
    /// A fault strikes.
    Fault(&'a TimedFault),
    /// A fault is undone.
    Undone(&'a TimedFault),
}

/// Why a message did not arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DropReason {
    /// Lost on a link.
    Lost,
    /// A checksum failed.
    Corrupted,
    /// A queue was full.
    Overflowed,
    /// A link was cut.
    Cut,
    /// The destination was down.
    ToDead,
}
