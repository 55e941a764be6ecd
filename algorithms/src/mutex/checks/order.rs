//! Lamport's condition II (CACM 1978, "Ordering the Events"): requests are granted in the order
//! in which they were made.
//!
//! "Order" is the true happened-before of the messages that the world stamps. What only a
//! transport knows (a message held back for its predecessors) is heard by no algorithm: that is
//! the anomalous behaviour that the paper warns of, so judge bare links, not wrapped nodes.

use std::collections::BTreeMap;

use seedbed_node::{Breach, Checker, NodeId, Observation, Time, What};

use crate::mutex::{Event, Request};

/// A request that happened before another is granted before it.
#[derive(Clone, Hash, Debug, Default)]
pub struct RequestOrder {
    waiting: BTreeMap<NodeId, Asked>,
}

/// A request that was made and is not granted yet.
#[derive(Clone, Hash, Debug)]
struct Asked {
    at: Time,
    /// The own entry of the node's vector clock: whoever has seen it comes after this request.
    ordinal: u32,
    /// The requests that were waiting when this one was made and had happened before it.
    after: Vec<(NodeId, Time)>,
}

impl Checker<Request, Event> for RequestOrder {
    fn needs_causality(&self) -> bool {
        true
    }

    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Request { node, request: Request::Acquire, .. } => {
                let asked = self.asked(node, seen);
                self.waiting.insert(node, asked);
            }
            What::Event { node, event: Event::Granted } => return self.granted(node, seen),
            What::Crash { node } => {
                self.waiting.remove(&node);
            }
            What::Request { request: Request::Release, .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
        Ok(())
    }
}

impl RequestOrder {
    fn asked(&self, node: NodeId, seen: &Observation<'_, Request, Event>) -> Asked {
        let vector = seen.causality.expect("a run tracks causality for a checker that needs it");
        let happened_before = |(&other, earlier): (&NodeId, &Asked)| {
            let precedes = other != node && vector[other.index()] >= earlier.ordinal;
            precedes.then_some((other, earlier.at))
        };
        let after = self.waiting.iter().filter_map(happened_before).collect();
        Asked { at: seen.at, ordinal: vector[node.index()], after }
    }

    fn granted(
        &mut self,
        node: NodeId,
        seen: &Observation<'_, Request, Event>,
    ) -> Result<(), Breach> {
        let Some(asked) = self.waiting.remove(&node) else {
            return Ok(());
        };
        let still_waits = |&&(other, at): &&(NodeId, Time)| {
            self.waiting.get(&other).is_some_and(|earlier| earlier.at == at)
        };
        let Some(&(other, since)) = asked.after.iter().find(still_waits) else {
            return Ok(());
        };
        let (at, own, overtaken) = (seen.at, &seen.names[node], &seen.names[other]);
        let why = format!(
            "{own}'s request of {} was granted at {at} before {overtaken}'s of {since}, which \
             had happened before it",
            asked.at
        );
        Err(Breach { at, why })
    }
}
