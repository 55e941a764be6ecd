//! The two ends of a stream of messages from one node to another, without effects: numbering and
//! bookkeeping at the sender, deduplication and ordering at the receiver.

use std::collections::BTreeMap;

use seedbed_node::{Duration, Operation, Value};

use super::Header;

/// A message with the operation that it is counted for.
pub(super) type Attributed<M> = (Option<Operation>, M);

/// The sending end.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Outgoing<M> {
    /// The next position to give away.
    next: u64,
    /// What was sent and is not acknowledged, by position.
    unacknowledged: BTreeMap<u64, Attributed<M>>,
    /// How long until the next retransmission.
    pub(super) patience: Duration,
}

impl<M: Value> Outgoing<M> {
    pub(super) fn new(patience: Duration) -> Self {
        Outgoing { next: 0, unacknowledged: BTreeMap::new(), patience }
    }

    /// The lowest position that is not acknowledged.
    pub(super) fn base(&self) -> u64 {
        self.unacknowledged.first_key_value().map_or(self.next, |(sequence, _)| *sequence)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.unacknowledged.is_empty()
    }

    /// Gives `message` the next position and keeps it until it is acknowledged.
    pub(super) fn push(&mut self, session: u32, message: Attributed<M>) -> Header {
        let sequence = self.next;
        self.next += 1;
        self.unacknowledged.insert(sequence, message);
        Header { session, sequence, base: self.base() }
    }

    /// Forgets what has arrived.
    pub(super) fn acknowledge(&mut self, below: u64, sequence: u64) {
        self.unacknowledged = self.unacknowledged.split_off(&below);
        self.unacknowledged.remove(&sequence);
    }

    /// Everything that is not acknowledged, in order.
    pub(super) fn again(&self, session: u32) -> impl Iterator<Item = (Header, &Attributed<M>)> {
        let base = self.base();
        self.unacknowledged
            .iter()
            .map(move |(&sequence, message)| (Header { session, sequence, base }, message))
    }
}

/// The receiving end.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Incoming<M> {
    session: u32,
    /// Everything before this has been delivered, to this incarnation or to an earlier one.
    pub(super) floor: u64,
    /// What has arrived beyond a gap: held back if order matters, else `None`, already delivered.
    ahead: BTreeMap<u64, Option<Attributed<M>>>,
}

/// What an arrival amounts to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Arrival<M> {
    /// From a session that a later one has replaced.
    Stale,
    /// Deliver these, in order (none for a duplicate), then acknowledge.
    Settled(Vec<Attributed<M>>),
    /// Deliver these; the message itself waits for its predecessors and is not acknowledged, as
    /// a crash would lose it.
    Held(Vec<Attributed<M>>),
}

impl<M: Value> Incoming<M> {
    pub(super) fn new(session: u32) -> Self {
        Incoming { session, floor: 0, ahead: BTreeMap::new() }
    }

    pub(super) fn arrive(
        &mut self,
        header: Header,
        message: Attributed<M>,
        fifo: bool,
    ) -> Arrival<M> {
        if header.session < self.session {
            return Arrival::Stale;
        }
        if header.session > self.session {
            *self = Incoming::new(header.session);
        }
        self.skip_to(header.base);
        let mut deliveries = Vec::new();
        if header.sequence >= self.floor && !self.ahead.contains_key(&header.sequence) {
            let held = if fifo {
                Some(message)
            } else {
                deliveries.push(message);
                None
            };
            self.ahead.insert(header.sequence, held);
        }
        while let Some(next) = self.ahead.remove(&self.floor) {
            self.floor += 1;
            deliveries.extend(next);
        }
        if fifo && header.sequence >= self.floor {
            Arrival::Held(deliveries)
        } else {
            Arrival::Settled(deliveries)
        }
    }

    /// What the sender has an acknowledgement for was delivered by an earlier incarnation.
    fn skip_to(&mut self, base: u64) {
        if base > self.floor {
            self.floor = base;
            self.ahead = self.ahead.split_off(&base);
        }
    }
}
