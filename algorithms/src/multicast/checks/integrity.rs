//! Safety: nothing is delivered twice or out of thin air.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Breach, Checker, NodeId, Observation, Time, What};

use super::Name;
use crate::multicast::{Event, Request};

/// A message is delivered at most once by each member, and only if its sender's client has asked
/// for it.
#[derive(Clone, Hash, Debug, Default)]
pub struct Integrity {
    sent: BTreeSet<Name>,
    delivered: BTreeMap<(NodeId, Name), Time>,
}

impl Checker<Request, Event> for Integrity {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Request { node, request: Request::Multicast { number }, .. } => {
                self.sent.insert((node, *number));
            }
            What::Event { node, event: Event::Delivered { from, number } } => {
                return self.delivered(node, (*from, *number), seen);
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

impl Integrity {
    fn delivered(
        &mut self,
        node: NodeId,
        name: Name,
        seen: &Observation<'_, Request, Event>,
    ) -> Result<(), Breach> {
        let (at, names) = (seen.at, seen.names);
        let (receiver, sender, number) = (&names[node], &names[name.0], name.1);
        if !self.sent.contains(&name) {
            let why = format!(
                "{receiver} delivered message {number} of {sender} at {at}, which was never sent"
            );
            return Err(Breach { at, why });
        }
        if let Some(first) = self.delivered.insert((node, name), at) {
            let why = format!(
                "{receiver} delivered message {number} of {sender} at {at}, as it had at {first}"
            );
            return Err(Breach { at, why });
        }
        Ok(())
    }
}
