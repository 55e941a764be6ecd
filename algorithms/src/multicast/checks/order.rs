//! Safety: FIFO and causal order, rebuilt from what clients ask and are told.
//!
//! A message's causal past is what its sender had asked for or been told of before, and the past
//! of that (Birman, Schiper & Stephenson, TOCS 1991, section 3). No clock of the algorithm's takes
//! part.

use std::collections::BTreeMap;

use seedbed_node::{Breach, Checker, NodeId, Observation, What};

use super::Name;
use crate::multicast::{Event, Request};

/// Messages of one sender are delivered in the order in which it sent them, none left out.
#[derive(Clone, Hash, Debug, Default)]
pub struct FifoOrder(Past);

/// A message is delivered only after everything in its causal past.
#[derive(Clone, Hash, Debug, Default)]
pub struct CausalOrder(Past);

impl Checker<Request, Event> for FifoOrder {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        self.0.observe(seen, false)
    }
}

impl Checker<Request, Event> for CausalOrder {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        self.0.observe(seen, true)
    }
}

/// How many messages of each sender.
type Counts = Vec<u32>;

#[derive(Clone, Hash, Debug, Default)]
struct Past {
    /// Messages by sender and place in the order in which it sent them; their numbers.
    sent: BTreeMap<(NodeId, u32), u32>,
    /// Each message's place in that order, and what had happened before it.
    messages: BTreeMap<Name, (u32, Counts)>,
    /// What has happened before the next message of each node.
    known: BTreeMap<NodeId, Counts>,
    /// How far each node has delivered each sender's messages without a gap.
    delivered: BTreeMap<NodeId, Counts>,
}

impl Past {
    fn observe(
        &mut self,
        seen: &Observation<'_, Request, Event>,
        causal: bool,
    ) -> Result<(), Breach> {
        let nothing: Counts = (0..seen.names.count()).map(|_| 0).collect();
        match seen.what {
            What::Request { node, request: Request::Multicast { number }, .. } => {
                let known = self.known.entry(node).or_insert(nothing);
                let place = known[node.index()];
                self.messages.insert((node, *number), (place, known.clone()));
                self.sent.insert((node, place), *number);
                known[node.index()] += 1;
            }
            What::Event { node, event: Event::Delivered { from, number } } => {
                // What was never sent is the business of `Integrity`.
                let Some((place, past)) = self.messages.get(&(*from, *number)) else {
                    return Ok(());
                };
                let delivered = self.delivered.entry(node).or_insert_with(|| nothing.clone());
                let lacks =
                    |k: &NodeId| (causal || k == from) && delivered[k.index()] < past[k.index()];
                if let Some(missing) = (0..seen.names.count()).map(NodeId).find(lacks) {
                    let place = delivered[missing.index()];
                    let skipped = (missing, self.sent[&(missing, place)]);
                    return Err(overtaken(node, (*from, *number), skipped, seen));
                }
                let own = &mut delivered[from.index()];
                *own = (*own).max(place + 1);
                let known = self.known.entry(node).or_insert(nothing);
                for (mine, theirs) in known.iter_mut().zip(past) {
                    *mine = (*mine).max(*theirs);
                }
                let sender = &mut known[from.index()];
                *sender = (*sender).max(place + 1);
            }
            What::Complete { .. }
            | What::Crash { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
        Ok(())
    }
}

fn overtaken(
    node: NodeId,
    (from, number): Name,
    (earlier_from, earlier): Name,
    seen: &Observation<'_, Request, Event>,
) -> Breach {
    let (at, names) = (seen.at, seen.names);
    let (receiver, sender, other) = (&names[node], &names[from], &names[earlier_from]);
    let why = format!(
        "{receiver} delivered message {number} of {sender} at {at} without message {earlier} of \
         {other}, which had happened before it"
    );
    Breach { at, why }
}
