//! Controllers: packet-ins wait in one buffer for the next one that is free.

use std::collections::VecDeque;

use super::super::Ps;

/// Controllers that share a buffer of packet-ins, served in order.
///
/// As the order is known, so is when a packet-in is done once its service time is; no event is
/// needed. More than all controllers can serve fills the buffer and is dropped; a buffer without a
/// bound grows for ever, which [`Controllers::waiting`] shows.
#[derive(Clone, Debug)]
pub struct Controllers {
    /// When each is free.
    free: Vec<Ps>,
    /// Packet-ins that may wait; `None`: without bound.
    buffer: Option<usize>,
    /// When service begins for each that waits.
    begins: VecDeque<Ps>,
    /// Dropped so far.
    dropped: u64,
}

impl Controllers {
    /// So many controllers before one buffer.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(count: usize, buffer: Option<usize>) -> Self {
        assert!(count > 0, "somebody serves");
        Controllers { free: vec![Ps::ZERO; count], buffer, begins: VecDeque::new(), dropped: 0 }
    }

    /// A packet-in that takes `service`; when it is done, or `None` if the buffer is full. They are
    /// to come in order of time.
    pub fn packet_in(&mut self, now: Ps, service: Ps) -> Option<Ps> {
        while self.begins.front().is_some_and(|&begin| begin <= now) {
            self.begins.pop_front();
        }
        let first = (0..self.free.len()).min_by_key(|&who| self.free[who])?;
        let begin = self.free[first].max(now);
        if begin > now && self.buffer.is_some_and(|buffer| self.begins.len() >= buffer) {
            self.dropped += 1;
            return None;
        }
        if begin > now {
            self.begins.push_back(begin);
        }
        self.free[first] = begin + service;
        Some(begin + service)
    }

    /// How many wait, as of the last packet-in.
    pub fn waiting(&self) -> usize {
        self.begins.len()
    }

    /// How many were dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}
