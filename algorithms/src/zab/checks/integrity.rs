//! Safety: nothing is delivered out of thin air, or twice.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Breach, Checker, NodeId, Observation, What};

use crate::zab::{Event, Request, Value, Zxid};

/// What is delivered was asked for by a client and broadcast by a primary (the paper's integrity),
/// and no incarnation of a server delivers a value twice.
#[derive(Clone, Hash, Debug, Default)]
pub struct Integrity {
    asked: BTreeSet<Value>,
    broadcast: BTreeMap<Zxid, Value>,
    delivered: BTreeMap<NodeId, BTreeSet<Value>>,
}

impl Checker<Request, Event> for Integrity {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Request { request: Request::Broadcast(value), .. } => {
                self.asked.insert(*value);
            }
            What::Boot { node } => {
                self.delivered.insert(node, BTreeSet::new());
            }
            What::Event { event: Event::Broadcast { zxid, value }, .. } => {
                self.broadcast.insert(*zxid, *value);
            }
            What::Event { node, event: &Event::Delivered { zxid, value } } => {
                let fault = if !self.asked.contains(&value) {
                    "no client had asked for it"
                } else if self.broadcast.get(&zxid) != Some(&value) {
                    "no primary had broadcast it as that"
                } else if !self.delivered.entry(node).or_default().insert(value) {
                    "it had delivered the value before"
                } else {
                    return Ok(());
                };
                let (at, who) = (seen.at, &seen.names[node]);
                let why = format!("{who} delivered {value} as {zxid} at {at}, but {fault}");
                return Err(Breach { at, why });
            }
            What::Event { event: Event::Established { .. }, .. }
            | What::Complete { .. }
            | What::Crash { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
        Ok(())
    }
}
