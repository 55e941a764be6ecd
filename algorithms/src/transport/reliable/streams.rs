//! The two ends of a stream of messages from one node to another, without effects: numbering and
//! bookkeeping at the sender, deduplication and ordering at the receiver.

use std::collections::VecDeque;

use seedbed_node::{Duration, NodeId, Operation, Value};

use super::Header;

/// One value a peer, in the order of peers. Like the queues below it is sorted by hand: maps of
/// the standard library would be compiled anew for every algorithm, at a third of its cost.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct ByPeer<T>(Vec<(NodeId, T)>);

impl<T> ByPeer<T> {
    pub(super) const fn empty() -> Self {
        ByPeer(Vec::new())
    }

    pub(super) fn get_mut(&mut self, peer: NodeId) -> Option<&mut T> {
        let place = self.0.binary_search_by_key(&peer, |(other, _)| *other).ok()?;
        Some(&mut self.0[place].1)
    }

    pub(super) fn get_or_insert(&mut self, peer: NodeId, new: T) -> &mut T {
        let place = self.0.binary_search_by_key(&peer, |(other, _)| *other);
        let place = place.unwrap_or_else(|place| {
            self.0.insert(place, (peer, new));
            place
        });
        &mut self.0[place].1
    }
}

/// A message with the operation that it is counted for.
pub(super) type Attributed<M> = (Option<Operation>, M);

/// The sending end.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Outgoing<M> {
    /// The next position to give away.
    next: u64,
    /// What was sent and is not acknowledged, in the order of positions.
    unacknowledged: VecDeque<(u64, Attributed<M>)>,
    /// How long until the next retransmission.
    pub(super) patience: Duration,
}

impl<M: Value> Outgoing<M> {
    pub(super) fn new(patience: Duration) -> Self {
        Outgoing { next: 0, unacknowledged: VecDeque::new(), patience }
    }

    /// The lowest position that is not acknowledged.
    pub(super) fn base(&self) -> u64 {
        self.unacknowledged.front().map_or(self.next, |(sequence, _)| *sequence)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.unacknowledged.is_empty()
    }

    /// Gives `message` the next position and keeps it until it is acknowledged.
    pub(super) fn push(&mut self, session: u32, message: Attributed<M>) -> Header {
        let sequence = self.next;
        self.next += 1;
        self.unacknowledged.push_back((sequence, message));
        Header { session, sequence, base: self.base() }
    }

    /// Forgets what has arrived.
    pub(super) fn acknowledge(&mut self, below: u64, sequence: u64) {
        while self.base() < below.min(self.next) {
            self.unacknowledged.pop_front();
        }
        if let Ok(place) = self.unacknowledged.binary_search_by_key(&sequence, |(at, _)| *at) {
            self.unacknowledged.remove(place);
        }
    }

    /// Everything that is not acknowledged, in order.
    pub(super) fn again(&self, session: u32) -> impl Iterator<Item = (Header, &Attributed<M>)> {
        let base = self.base();
        self.unacknowledged.iter().map(move |(sequence, message)| {
            (Header { session, sequence: *sequence, base }, message)
        })
    }
}

/// The receiving end.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Incoming<M> {
    session: u32,
    /// Everything before this has been delivered, to this incarnation or to an earlier one.
    pub(super) floor: u64,
    /// What has arrived beyond a gap, in the order of positions: held back if order matters, else
    /// `None`, already delivered.
    ahead: VecDeque<(u64, Option<Attributed<M>>)>,
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
        Incoming { session, floor: 0, ahead: VecDeque::new() }
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
        let place = self.ahead.binary_search_by_key(&header.sequence, |(at, _)| *at);
        if let (true, Err(place)) = (header.sequence >= self.floor, place) {
            let held = if fifo {
                Some(message)
            } else {
                deliveries.push(message);
                None
            };
            self.ahead.insert(place, (header.sequence, held));
        }
        while self.ahead.front().is_some_and(|(at, _)| *at == self.floor) {
            self.floor += 1;
            deliveries.extend(self.ahead.pop_front().and_then(|(_, held)| held));
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
            while self.ahead.front().is_some_and(|(at, _)| *at < base) {
                self.ahead.pop_front();
            }
        }
    }
}
