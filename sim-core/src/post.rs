//! Messages on their way: departure, hops, arrival. Fates come from the network.

use seedbed_node::{Message, Node, NodeId, Operation, Wire};

use crate::flights::{Head, Rare};
use crate::kernel::{Item, Kernel, Tag};
use crate::network::{Envelope, Fate, Noise, Second};
use crate::trace::{DropReason, Occurrence};

impl<N: Node> Kernel<N> {
    /// A node sends.
    #[inline]
    pub fn send(
        &mut self,
        from: NodeId,
        to: NodeId,
        message: N::Message,
        operation: Option<Operation>,
    ) {
        let kind = message.kind();
        let bytes = message.wire_bytes();
        let ordinal = if self.delay.is_some() {
            0 // Nobody asks for it.
        } else {
            let place = &mut self.hosts.get_mut(from).instant;
            self.instant.ordinal(self.now, place, from, to)
        };
        let (origin, destination, sent_at) = (from, to, self.now);
        let envelope = Envelope { origin, destination, sent_at, ordinal, lineage: 0, bytes };
        // What takes long comes first, and nothing else waits for it.
        let arrives = match self.delay {
            Some(delay) => Some(self.now + delay),
            None if to != from && to.0 < self.members.count() => {
                self.network.straight(&envelope, self.now)
            }
            None => None,
        };
        self.flight_count += 1;
        let number = self.flight_count;
        let transport = kind >= N::Message::TRANSPORT_FROM;
        if self.tracer.listens() {
            if let Some(recorder) = self.tracer.recorder() {
                recorder.sent(number, (from, to, kind as u32));
            }
            let kind = Self::kind_name(kind);
            let message = &message;
            self.trace(
                from,
                Occurrence::Send { flight: number, to, kind, transport, operation, bytes, message },
            );
        }
        if to != from {
            self.counters.sent(kind, bytes);
            if let (Some(operation), false) = (operation, transport) {
                self.ledger.message(operation, kind);
            }
        }
        let slot = self.flights.insert(Head::new(&envelope, number, operation), message);
        if let (Some(causality), false) = (&mut self.causality, transport) {
            self.flights.rare_mut(slot).stamp = Some(causality.send(from));
        }
        if to == from {
            self.schedule(self.now, Item::Deliver(to, slot));
        } else if to.0 >= self.members.count() {
            // Nobody has this address; an altered id in a message can lead here.
            self.drop_message(slot, DropReason::ToDead);
        } else if let Some(arrives) = arrives {
            self.schedule(arrives, Item::Arrive(to, slot));
        } else {
            self.depart(slot, from);
        }
    }

    /// A message leaves `from`, its origin or a relay, for the next hop.
    #[inline(never)]
    fn depart(&mut self, slot: u32, from: NodeId) {
        let bytes = self.flights.message(slot).wire_bytes();
        let envelope = self.flights.envelope(slot, bytes);
        let next = self.network.next_hop(from, envelope.destination);
        if next != envelope.destination || from != envelope.origin {
            self.flights.rare_mut(slot).hop = (from, next);
        }
        match self.network.depart(&envelope, from, next, self.now) {
            Fate::Cut => self.drop_message(slot, DropReason::Cut),
            Fate::Lost => self.drop_message(slot, DropReason::Lost),
            Fate::Overflowed => self.drop_message(slot, DropReason::Overflowed),
            Fate::Travels(travel) => {
                let before = travel.second.map(|second| (self.flights.rare(slot), second));
                if travel.noise != Noise::None {
                    self.flights.rare_mut(slot).suffer(travel.noise);
                }
                self.schedule(travel.arrives, Item::Arrive(next, slot));
                if let Some((rare, second)) = before {
                    self.duplicate(slot, rare, second);
                }
            }
        }
    }

    /// A link has made a second copy of a message, which was like `rare` before.
    pub(crate) fn duplicate(&mut self, slot: u32, mut rare: Rare, second: Second) {
        rare.suffer(second.noise);
        rare.lineage = second.lineage;
        self.flight_count += 1;
        let original = std::mem::replace(&mut rare.number, self.flight_count);
        let (head, message) = (*self.flights.head(slot), self.flights.message(slot).clone());
        let kind = message.kind();
        self.counters.duplicated(kind >= N::Message::TRANSPORT_FROM);
        let (from, to) = rare.hop;
        self.trace(from, Occurrence::Duplicate { original, copy: rare.number });
        let copy = self.flights.insert(head.copied(), message);
        *self.flights.rare_mut(copy) = rare;
        self.schedule(second.arrives, Item::Arrive(to, copy));
    }

    /// A message reaches the far end of a hop. Tells whether the network is done with it and the
    /// destination, which is there, may handle it.
    #[inline]
    pub fn arrive(&mut self, at: NodeId, slot: u32) -> bool {
        if self.flights.head(slot).plain() && !self.network.faulty() {
            self.counters.hops += 1;
            return true;
        }
        self.arrive_with_care(at, slot)
    }

    #[inline(never)]
    fn arrive_with_care(&mut self, at: NodeId, slot: u32) -> bool {
        let Head { origin, destination, .. } = *self.flights.head(slot);
        let Rare { hop: (from, _), noise, .. } = self.flights.rare(slot);
        if self.network.is_cut(from, at) || self.network.is_cut(origin, destination) {
            self.drop_message(slot, DropReason::Cut);
            return false;
        }
        self.counters.hops += 1;
        if at != destination {
            self.depart(slot, at);
            return false;
        }
        match noise {
            Noise::None => {}
            Noise::Altered(entropy) => {
                self.flights.message_mut(slot).alter(entropy);
                if let Some(recorder) = self.tracer.recorder() {
                    recorder.refuse("a message was delivered altered");
                }
            }
            Noise::Detected => {
                self.drop_message(slot, DropReason::Corrupted);
                return false;
            }
        }
        true
    }

    /// A message ends without being handled.
    #[inline(never)]
    pub fn drop_message(&mut self, slot: u32, why: DropReason) {
        let (head, message, rare) = self.flights.remove(slot);
        let kind = message.kind();
        let Head { origin, destination, .. } = head;
        if head.counted() {
            self.counters.dropped(kind >= N::Message::TRANSPORT_FROM, why);
        }
        self.note(
            Tag::Drop,
            origin,
            u64::from(destination.0) << 32 | (kind as u64) << 8 | why as u64,
        );
        let flight = rare.map_or(head.sent, |rare| rare.number);
        let kind = Self::kind_name(kind);
        self.trace(origin, Occurrence::Drop { flight, to: destination, kind, why });
    }

    /// A plain message is about to be handled, and nobody looks on: takes it off the books.
    #[inline(always)]
    pub fn take_plain(
        &mut self,
        sequence: u64,
        node: NodeId,
        slot: u32,
    ) -> ((NodeId, Option<Operation>), N::Message) {
        let Kernel { flights, counters, digest, now, .. } = self;
        // It enters the digest where it is: one copy less.
        flights.remove_plain(slot, |head, message| {
            let kind = message.kind();
            if head.counted() {
                let transport = kind >= N::Message::TRANSPORT_FROM;
                counters.delivered(kind, transport, head.origin, node, head.sent);
            }
            digest.words([sequence, now.as_nanos(), Tag::Deliver.of(node), head.said(kind)]);
            digest.value(message);
            (head.origin, head.operation())
        })
    }

    /// A message is about to be handled: takes it off the books.
    pub fn take_delivered(&mut self, slot: u32) -> (Head, N::Message) {
        let (head, message, rare) = self.flights.remove(slot);
        let kind = message.kind();
        let transport = kind >= N::Message::TRANSPORT_FROM;
        let Head { origin, destination, sent_at, .. } = head;
        if head.counted() {
            self.counters.delivered(kind, transport, origin, destination, head.sent);
        }
        if let Some(causality) = &mut self.causality {
            let stamp = rare.as_ref().and_then(|rare| rare.stamp.as_deref());
            causality.receive(destination, stamp);
        }
        self.note(Tag::Deliver, destination, head.said(kind));
        self.digest.value(&message);
        if self.tracer.listens() {
            let flight = rare.map_or(head.sent, |rare| rare.number);
            self.trace(
                destination,
                Occurrence::Deliver {
                    flight,
                    from: origin,
                    sent_at,
                    kind: Self::kind_name(kind),
                    transport,
                    operation: head.operation(),
                    message: &message,
                },
            );
        }
        (head, message)
    }
}
