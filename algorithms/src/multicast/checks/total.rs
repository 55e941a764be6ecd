//! Safety: one order for all.

use std::collections::BTreeMap;

use seedbed_node::{Breach, Checker, NodeId, Observation, What};

use super::Name;
use crate::multicast::{Event, Request};

/// Any two members deliver the messages that both deliver in the same order.
#[derive(Clone, Hash, Debug, Default)]
pub struct TotalOrder {
    /// Where each message stands in each node's sequence.
    places: BTreeMap<NodeId, BTreeMap<Name, u32>>,
    /// The last message, in both sequences, that two nodes have in common; the lower id first.
    common: BTreeMap<(NodeId, NodeId), Name>,
}

impl Checker<Request, Event> for TotalOrder {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let What::Event { node, event: Event::Delivered { from, number } } = seen.what else {
            return Ok(());
        };
        let name = (*from, *number);
        let own = self.places.entry(node).or_default();
        let place = own.len() as u32;
        // A second delivery is the business of `Integrity`.
        if own.contains_key(&name) {
            return Ok(());
        }
        own.insert(name, place);
        let others = self.places.iter().filter(|(other, _)| **other != node);
        for (&other, theirs) in others.filter(|(_, theirs)| theirs.contains_key(&name)) {
            let pair = (node.min(other), node.max(other));
            // The new one is last here; it must come after the last common one there as well.
            if let Some(last) = self.common.insert(pair, name)
                && theirs[&last] > theirs[&name]
            {
                return Err(crossed(node, other, name, last, seen));
            }
        }
        Ok(())
    }
}

fn crossed(
    node: NodeId,
    other: NodeId,
    name: Name,
    last: Name,
    seen: &Observation<'_, Request, Event>,
) -> Breach {
    let (at, names) = (seen.at, seen.names);
    let message = |(from, number): Name| format!("message {number} of {}", &names[from]);
    let why = format!(
        "{} delivered {} at {at} after {}, but {} delivered them in the other order",
        &names[node],
        message(name),
        message(last),
        &names[other]
    );
    Breach { at, why }
}
