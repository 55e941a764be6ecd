//! What is broadcast, and the numbers that order it.

use std::fmt;

use seedbed_node::{NodeId, Wire};

/// A transaction's identifier: the epoch of the primary that broadcast it, and its place among
/// that primary's transactions, from 1. Ordered by epoch, then counter. ZooKeeper packs the two
/// into 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Wire)]
pub struct Zxid {
    /// The primary's epoch.
    pub epoch: u32,
    /// The place among the transactions of the epoch, from 1; 0 is before the first.
    pub counter: u32,
}

impl Zxid {
    /// The `counter`-th transaction of `epoch`.
    pub const fn new(epoch: u32, counter: u32) -> Self {
        Zxid { epoch, counter }
    }
}

impl fmt::Display for Zxid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.counter)
    }
}

impl fmt::Debug for Zxid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What clients have broadcast. Values differ: each is known by its client and the client's count,
/// by which a leader recognises one that it is asked for again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Wire)]
pub struct Value {
    /// Whose.
    pub client: NodeId,
    /// Which of the client's, from 0.
    pub number: u32,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.client, self.number)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A value in its place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Wire)]
pub struct Transaction {
    /// The place.
    pub zxid: Zxid,
    /// The value.
    pub value: Value,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.zxid, self.value)
    }
}
