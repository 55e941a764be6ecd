//! The one sequence of transactions, as the servers reveal it, and how far each has come.

use std::collections::BTreeMap;

use seedbed_node::{NodeId, Observation, Time, What};

use crate::zab::{Event, Request, Transaction, Zxid, index};

/// A transaction when it was delivered first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct First {
    pub transaction: Transaction,
    pub node: NodeId,
    pub at: Time,
}

/// How a delivery fits in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fit {
    /// It is the next, and nobody has delivered it before.
    New,
    /// It is what others have delivered in that place.
    Same,
    /// It has another place than here, where others have delivered this.
    Elsewhere(First),
    /// Nobody has delivered it, and others have delivered this in its place.
    Instead(First),
}

#[derive(Clone, Hash, Debug, Default)]
pub(super) struct Sequence {
    order: Vec<First>,
    places: BTreeMap<Zxid, u32>,
    /// How many transactions each server's present incarnation has delivered.
    counts: BTreeMap<NodeId, u32>,
}

impl Sequence {
    /// Takes an observation in; of a delivery, tells how it fits.
    pub fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Option<Fit> {
        match seen.what {
            What::Boot { node } => {
                self.counts.insert(node, 0);
                None
            }
            What::Event { node, event: &Event::Delivered { zxid, value } } => {
                Some(self.deliver(First {
                    transaction: Transaction { zxid, value },
                    node,
                    at: seen.at,
                }))
            }
            _ => None,
        }
    }

    fn deliver(&mut self, delivery: First) -> Fit {
        let place = *self.counts.entry(delivery.node).and_modify(|count| *count += 1).or_insert(1);
        let known = self.order.get(index(place - 1));
        match known {
            None if self.places.contains_key(&delivery.transaction.zxid) => {
                Fit::Elsewhere(*self.order.last().expect("it has a place"))
            }
            None => {
                self.places.insert(delivery.transaction.zxid, place);
                self.order.push(delivery);
                Fit::New
            }
            Some(known) if known.transaction == delivery.transaction => Fit::Same,
            Some(known) if self.places.contains_key(&delivery.transaction.zxid) => {
                Fit::Elsewhere(*known)
            }
            Some(known) => Fit::Instead(*known),
        }
    }

    /// What `node` has not delivered of what others have, in order.
    pub fn missing(&self, node: NodeId) -> &[First] {
        let count = self.counts.get(&node).copied().unwrap_or(0);
        self.order.get(index(count)..).unwrap_or(&[])
    }
}
