//! A packet, and how it leaves a host.

use super::Ps;

/// A packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet {
    /// Its number; whoever drives the machine chooses it, and costs are drawn by it.
    pub number: u64,
    /// When it began its way.
    pub born: Ps,
    /// The frame, CRC included.
    pub bytes: u32,
    /// Packets of a flow take the same receive queue.
    pub flow: u32,
}

/// A packet that is no longer the machine's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Left {
    /// The packet.
    pub packet: Packet,
    /// When it left, or will have left the wire.
    pub at: Ps,
    /// How.
    pub exit: Exit,
}

/// How packets leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// By the wire.
    Wire,
    /// To the host's application.
    Host,
    /// Dropped.
    Dropped(Place),
}

/// Where packets are dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// More than the wire in can carry.
    Wire,
    /// More than the adapter's bus can move.
    Bus,
    /// A stage's ring was full.
    Ring(u16),
    /// The transmit ring was full.
    Transmit,
}
