//! Messages on their way: departure, hops, arrival. Fates come from the network.

use seedbed_node::{Message, Node, NodeId, Operation, Wire};

use crate::causality::Stamp;
use crate::kernel::{Item, Kernel, Tag};
use crate::network::{Envelope, Fate, Noise, Second};
use crate::trace::{DropReason, Occurrence};

/// A message on its way.
#[derive(Clone, Debug)]
pub(crate) struct Flight<M> {
    pub message: M,
    pub envelope: Envelope,
    /// The two ends of the hop that it is on.
    pub hop: (NodeId, NodeId),
    pub operation: Option<Operation>,
    /// Its number in the trace.
    pub number: u64,
    /// The number that it was sent with: grows with the instant of sending; a copy has its
    /// original's.
    pub sent: u64,
    pub noise: Noise,
    /// False for messages to oneself, which are events rather than messages.
    pub counted: bool,
    pub stamp: Option<Stamp>,
}

impl<M> Flight<M> {
    /// Noise on a hop, on top of earlier hops': what was altered stays so, unless a checksum finds
    /// the message out later.
    fn suffer(&mut self, noise: Noise) {
        self.noise = match (self.noise, noise) {
            (Noise::None, noise) => noise,
            (_, Noise::Detected) => Noise::Detected,
            (earlier, Noise::None | Noise::Altered(_)) => earlier,
        };
    }
}

impl<N: Node> Kernel<N> {
    /// A node sends.
    pub fn send(
        &mut self,
        from: NodeId,
        to: NodeId,
        message: N::Message,
        operation: Option<Operation>,
    ) {
        let kind = message.kind();
        let bytes = message.wire_bytes();
        let envelope = Envelope {
            origin: from,
            destination: to,
            sent_at: self.now,
            ordinal: self.next_ordinal(from, to),
            lineage: 0,
            bytes,
        };
        self.flight_count += 1;
        let number = self.flight_count;
        let transport = self.counters.is_transport(kind);
        let stamp = match &mut self.causality {
            Some(causality) if !transport => Some(causality.send(from)),
            _ => None,
        };
        let name = Self::kind_name(kind);
        self.trace(
            from,
            Occurrence::Send {
                flight: number,
                to,
                kind: name,
                transport,
                operation,
                bytes,
                message: &message,
            },
        );
        let counted = to != from;
        if counted {
            self.counters.sent(kind, bytes);
            if let (Some(operation), false) = (operation, transport) {
                self.ledger.message(operation, kind);
            }
        }
        let hop = (from, from);
        let flight = Flight {
            message,
            envelope,
            hop,
            operation,
            number,
            sent: number,
            noise: Noise::None,
            counted,
            stamp,
        };
        let slot = self.flights.insert(flight) as u32;
        if !counted {
            self.schedule(self.now, Item::Deliver(slot));
        } else if to.0 >= self.members.count() {
            // Nobody has this address; an altered id in a message can lead here.
            self.drop_message(slot, DropReason::ToDead);
        } else {
            self.depart(slot, from);
        }
    }

    /// A message leaves `from`, its origin or a relay, for the next hop.
    pub fn depart(&mut self, slot: u32, from: NodeId) {
        let flight = &mut self.flights[slot as usize];
        let next = self.network.next_hop(from, flight.envelope.destination);
        flight.hop = (from, next);
        match self.network.depart(&flight.envelope, from, next, self.now) {
            Fate::Cut => self.drop_message(slot, DropReason::Cut),
            Fate::Lost => self.drop_message(slot, DropReason::Lost),
            Fate::Overflowed => self.drop_message(slot, DropReason::Overflowed),
            Fate::Travels(travel) => {
                let copy = travel.second.map(|second| (flight.clone(), second));
                flight.suffer(travel.noise);
                self.schedule(travel.arrives, Item::Arrive(slot));
                if let Some((flight, second)) = copy {
                    self.duplicate(flight, second);
                }
            }
        }
    }

    /// A link has made a second copy.
    fn duplicate(&mut self, mut flight: Flight<N::Message>, second: Second) {
        flight.suffer(second.noise);
        flight.envelope.lineage = second.lineage;
        self.flight_count += 1;
        let original = std::mem::replace(&mut flight.number, self.flight_count);
        self.counters.duplicated(flight.message.kind());
        self.trace(flight.hop.0, Occurrence::Duplicate { original, copy: flight.number });
        let slot = self.flights.insert(flight) as u32;
        self.schedule(second.arrives, Item::Arrive(slot));
    }

    /// A message reaches the far end of a hop. Gives the slot back if the network is done with it
    /// and the destination may handle it.
    pub fn arrive(&mut self, slot: u32) -> Option<NodeId> {
        let flight = &mut self.flights[slot as usize];
        let (from, at) = flight.hop;
        let Envelope { origin, destination, .. } = flight.envelope;
        if self.network.is_cut(from, at) || self.network.is_cut(origin, destination) {
            self.drop_message(slot, DropReason::Cut);
            return None;
        }
        self.counters.hops += 1;
        if at != destination {
            self.depart(slot, at);
            return None;
        }
        match flight.noise {
            Noise::None => {}
            Noise::Altered(entropy) => flight.message.alter(entropy),
            Noise::Detected => {
                self.drop_message(slot, DropReason::Corrupted);
                return None;
            }
        }
        Some(destination)
    }

    /// A message ends without being handled.
    pub fn drop_message(&mut self, slot: u32, why: DropReason) {
        let flight = self.flights.remove(slot as usize);
        let kind = flight.message.kind();
        let Envelope { origin, destination, .. } = flight.envelope;
        if flight.counted {
            self.counters.dropped(kind, why);
        }
        self.note(
            Tag::Drop,
            origin,
            u64::from(destination.0) << 32 | (kind as u64) << 8 | why as u64,
        );
        let name = Self::kind_name(kind);
        self.trace(
            origin,
            Occurrence::Drop { flight: flight.number, to: destination, kind: name, why },
        );
    }

    /// A message is about to be handled: takes it off the books.
    pub fn take_delivered(&mut self, slot: u32) -> Flight<N::Message> {
        let flight = self.flights.remove(slot as usize);
        let kind = flight.message.kind();
        let Envelope { origin, destination, sent_at, .. } = flight.envelope;
        if flight.counted {
            self.counters.delivered(kind, origin, destination, flight.sent);
        }
        if let Some(causality) = &mut self.causality {
            causality.receive(destination, flight.stamp.as_deref());
        }
        self.note(Tag::Deliver, destination, u64::from(origin.0) << 32 | kind as u64);
        self.digest.value(&flight.message);
        self.trace(
            destination,
            Occurrence::Deliver {
                flight: flight.number,
                from: origin,
                sent_at,
                kind: Self::kind_name(kind),
                transport: self.counters.is_transport(kind),
                operation: flight.operation,
                message: &flight.message,
            },
        );
        flight
    }

    /// Tells messages of one instant from a node to the same destination apart. Counts how often
    /// the destinations stopped ascending, so that in a broadcast one destination more or less
    /// leaves the fates of the others as they were.
    fn next_ordinal(&mut self, node: NodeId, to: NodeId) -> u32 {
        let now = self.now;
        let host = self.host(node);
        if host.ordinal_at != now {
            (host.ordinal_at, host.ordinal) = (now, 0);
        } else if to <= host.last_to {
            host.ordinal += 1;
        }
        host.last_to = to;
        host.ordinal
    }
}
