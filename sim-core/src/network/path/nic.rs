//! The adapter: the wire in, its bus, the transmit ring and the wire out.
//!
//! They serve in order and take a known time, so that when a packet is through is known when it
//! comes; nothing needs an event.

use std::collections::VecDeque;

use super::model::Nic;
use super::{Place, Ps};

/// The wire in and the bus, each with a little memory before it.
#[derive(Clone, Debug)]
pub(super) struct WireIn {
    nic: Nic,
    bus_time: Ps,
    wire_free: Ps,
    bus_free: Ps,
}

impl WireIn {
    pub fn new(nic: Nic) -> Self {
        let bus_time = nic.bus_pps.map_or(Ps::ZERO, Ps::per_second);
        WireIn { nic, bus_time, wire_free: Ps::ZERO, bus_free: Ps::ZERO }
    }

    /// When a frame that is offered at `now` is in the host's memory, or where it is dropped.
    /// Frames are to be offered in order of time.
    #[inline]
    pub fn carry(&mut self, now: Ps, bytes: u32) -> Result<Ps, Place> {
        let (wire_time, waits) = (self.nic.wire_time(bytes), u64::from(self.nic.fifo));
        if self.wire_free.saturating_sub(now) > wire_time * waits {
            return Err(Place::Wire);
        }
        self.wire_free = self.wire_free.max(now) + wire_time;
        if self.bus_time == Ps::ZERO {
            return Ok(self.wire_free);
        }
        if self.bus_free.saturating_sub(self.wire_free) > self.bus_time * waits {
            return Err(Place::Bus);
        }
        self.bus_free = self.bus_free.max(self.wire_free) + self.bus_time;
        Ok(self.bus_free)
    }
}

/// The transmit ring and the wire out.
#[derive(Clone, Debug)]
pub(super) struct WireOut {
    nic: Nic,
    free: Ps,
    /// When each frame in the ring will have left.
    ring: VecDeque<Ps>,
}

impl WireOut {
    pub fn new(nic: Nic) -> Self {
        WireOut { nic, free: Ps::ZERO, ring: VecDeque::new() }
    }

    /// When a frame that is put into the ring at `now` has left; `None` if the ring is full.
    #[inline]
    pub fn send(&mut self, now: Ps, bytes: u32) -> Option<Ps> {
        while self.ring.front().is_some_and(|&left| left <= now) {
            self.ring.pop_front();
        }
        if self.ring.len() >= self.nic.tx_ring as usize {
            return None;
        }
        self.free = self.free.max(now) + self.nic.wire_time(bytes);
        self.ring.push_back(self.free);
        Some(self.free)
    }
}
