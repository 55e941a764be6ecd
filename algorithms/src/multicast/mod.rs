//! Multicast within a closed group: everybody delivers everything, in an order that all members
//! can rely on.
//!
//! A client hands its node a message with [`Request::Multicast`]; every member's node, the
//! sender's own included, hands it to its client with [`Event::Delivered`]. How strong the order
//! is tells the algorithms apart: first in first out by sender, causal, or one order for all.
//! A message is named by its sender and a number that its client gives it; the operation is
//! complete when the sender's own node delivers it.
//!
//! What is absent: changes of the group, and atomicity when a sender crashes half-way (virtual
//! synchrony). Every algorithm here sends directly and relays nothing.

mod causal;
mod checks;
mod fifo;
mod marks;
mod measures;
mod sequencer;
mod total_order;

use seedbed_node::{
    CheckRow, Draws, Family, GoalRow, Marker, Measure, NodeId, Operation, Time, Workload,
};
use serde::Deserialize;

use crate::clients::{Clients, Demand, Heard, Pace};

pub use causal::{
    CausalMulticast, CausalMulticastMessage, CausalMulticastMutant, CausalMulticastParams,
    CausalMulticastVariant,
};
pub use checks::{AllDeliver, CausalOrder, FifoOrder, Integrity, TotalOrder};
pub use fifo::{FifoMulticast, FifoMulticastMessage, FifoMulticastMutant, FifoMulticastParams};
pub use marks::DeliveryMarks;
pub use measures::DeliveryFigures;
pub use sequencer::{Sequencer, SequencerForm, SequencerMessage, SequencerMutant, SequencerParams};
pub use total_order::{
    AckRule, TotalOrderLamport, TotalOrderLamportMessage, TotalOrderLamportMutant,
    TotalOrderLamportParams,
};

/// The family of multicast algorithms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Multicast;

/// What a client asks of its node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Request {
    /// Tell everybody.
    Multicast {
        /// The client's name for the message; no other message of this client has it.
        number: u32,
    },
}

/// What a node tells its client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// A message is delivered.
    Delivered {
        /// Whose.
        from: NodeId,
        /// Its sender's name for it.
        number: u32,
    },
}

/// The `workload:` section of a scenario.
///
/// Nobody asks twice: a message that is multicast again is another message.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Load {
    /// When clients multicast.
    pub pace: Pace,
}

/// A client numbers its messages, and is served when its own node delivers one.
#[derive(Clone, Hash)]
struct Numbered;

impl Demand<Request, Event> for Numbered {
    fn request(&mut self, operation: Operation, _now: Time, _draws: &mut Draws) -> Request {
        Request::Multicast { number: operation.number }
    }

    fn hear(&mut self, _client: NodeId, event: &Event) -> Heard {
        let Event::Delivered { from, number } = *event;
        Heard::DoneFor(Operation { client: from, number })
    }
}

impl Family for Multicast {
    const NAME: &'static str = "multicast";
    const ABOUT: &'static str = "every member delivers every message, in an order to rely on";
    const OPERATION: &'static str = "multicast";
    const FIGURES: &'static [&'static str] = &["deliveries_per_s"];
    const SAMPLES: &'static [&'static str] = &["delivery_ns", "last_delivery_ns"];
    type Request = Request;
    type Event = Event;
    type Load = Load;

    fn workload(load: &Load, nodes: u32) -> Result<Box<dyn Workload<Request, Event>>, String> {
        Ok(Box::new(Clients::new(&load.pace, None, nodes, Numbered)?))
    }

    fn checks() -> Vec<CheckRow<Request, Event>> {
        vec![
            CheckRow {
                name: "Integrity",
                about: "a message is delivered at most once by each member, and only if it was sent",
                build: || Box::new(Integrity::default()),
            },
            CheckRow {
                name: "FifoOrder",
                about: "messages of one sender are delivered in the order in which it sent them",
                build: || Box::new(FifoOrder::default()),
            },
            CheckRow {
                name: "CausalOrder",
                about: "a message is delivered after all that its sender had sent or delivered before",
                build: || Box::new(CausalOrder::default()),
            },
            CheckRow {
                name: "TotalOrder",
                about: "any two members deliver their common messages in the same order",
                build: || Box::new(TotalOrder::default()),
            },
        ]
    }

    fn goals() -> Vec<GoalRow<Request, Event>> {
        vec![GoalRow {
            name: "AllDeliver",
            about: "every message is delivered by every member",
            build: |within| Box::new(AllDeliver::new(within)),
        }]
    }

    fn measures() -> Vec<Box<dyn Measure<Request, Event>>> {
        vec![Box::new(DeliveryFigures::default())]
    }

    fn marks() -> Option<Box<dyn Marker<Request, Event>>> {
        Some(Box::new(DeliveryMarks))
    }
}
