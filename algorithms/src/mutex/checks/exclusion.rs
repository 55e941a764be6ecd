//! Safety: at most one client inside, by intervals of true time.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Breach, Checker, NodeId, Observation, Time, What};

use crate::mutex::{Event, Request};

/// At most one client is inside at any instant, and only who asked gets in.
#[derive(Clone, Hash, Debug, Default)]
pub struct MutualExclusion {
    waiting: BTreeSet<NodeId>,
    inside: BTreeMap<NodeId, Time>,
}

impl Checker<Request, Event> for MutualExclusion {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Request { node, request: Request::Acquire, .. } => {
                self.waiting.insert(node);
            }
            What::Event { node, event: Event::Granted } => return self.enter(node, seen),
            What::Request { node, request: Request::Release, .. } => {
                self.inside.remove(&node);
            }
            What::Crash { node } => {
                self.inside.remove(&node);
                self.waiting.remove(&node);
            }
            What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
        Ok(())
    }
}

impl MutualExclusion {
    fn enter(
        &mut self,
        node: NodeId,
        seen: &Observation<'_, Request, Event>,
    ) -> Result<(), Breach> {
        let (at, names) = (seen.at, seen.names);
        let entrant = &names[node];
        if !self.waiting.remove(&node) {
            let why = format!("{entrant} was granted entry at {at} without having asked for it");
            return Err(Breach { at, why });
        }
        if let Some((&other, since)) = self.inside.first_key_value() {
            let other = &names[other];
            let why =
                format!("{entrant} entered at {at} while {other} had been inside since {since}");
            return Err(Breach { at, why });
        }
        self.inside.insert(node, at);
        Ok(())
    }
}
