//! Safety of lookups.

use std::collections::BTreeMap;

use seedbed_node::{Breach, Checker, NodeId, Observation, Time, What};

use super::ring::{Change, Ring};
use crate::chord::{Event, Request};

/// A lookup that is asked and answered while the ring is ideal, and nobody comes or goes, returns
/// the key's successor; any lookup returns somebody who has been in the ring since it was asked.
#[derive(Clone, Hash, Debug, Default)]
pub struct LookupsCorrect {
    ring: Ring,
    /// Since when the ring has been ideal.
    ideal_since: Option<Time>,
    /// When each lookup was asked first.
    asked: BTreeMap<(NodeId, u32), Time>,
    /// When each position was in the ring last, of those that are not.
    gone: BTreeMap<u64, Time>,
}

impl Checker<Request, Event> for LookupsCorrect {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        if let Some(at) = self.ring.settled(seen.at) {
            let ideal = self.ring.flaw(seen.names).is_none();
            self.ideal_since = ideal.then(|| self.ideal_since.unwrap_or(at));
        }
        match seen.what {
            What::Request { node, request: Request::Lookup { lookup, .. }, .. } => {
                self.asked.entry((node, *lookup)).or_insert(seen.at);
            }
            What::Event { node, event: Event::Found { lookup, key, owner, .. } } => {
                if let Some(asked) = self.asked.remove(&(node, *lookup)) {
                    return self.judge(node, asked, *key, *owner, seen);
                }
            }
            What::Event { event: Event::Left { position }, .. } => {
                self.gone.insert(*position, seen.at);
            }
            What::Crash { node } => {
                self.asked.retain(|(asker, _), _| *asker != node);
                let dead = self.ring.members.iter().filter(|(_, view)| view.host == node);
                self.gone.extend(dead.map(|(id, _)| (*id, seen.at)));
            }
            What::Event { event: Event::Joined { .. } | Event::Pointers { .. }, .. }
            | What::Request { request: Request::Join | Request::Leave, .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
        if self.ring.see(seen) == Change::Membership {
            self.ideal_since = None;
        }
        Ok(())
    }
}

impl LookupsCorrect {
    fn judge(
        &self,
        node: NodeId,
        asked: Time,
        key: u64,
        owner: u64,
        seen: &Observation<'_, Request, Event>,
    ) -> Result<(), Breach> {
        let (at, names) = (seen.at, seen.names);
        let (asker, found) = (&names[node], self.ring.name(owner, names));
        let said = format!("{asker} was told at {at} that {found} is responsible for key {key}");
        let here = self.ring.members.contains_key(&owner);
        if !here && self.gone.get(&owner).is_none_or(|gone| *gone < asked) {
            let why =
                format!("{said}, which was not in the ring when it asked at {asked} or later");
            return Err(Breach { at, why });
        }
        let should = self.ring.owner(key);
        if self.ideal_since.is_some_and(|since| since <= asked) && should != Some(owner) {
            let should = should.map_or_else(String::new, |id| self.ring.name(id, names));
            let why = format!("{said}; that is {should}, and the ring has been ideal since then");
            return Err(Breach { at, why });
        }
        Ok(())
    }
}
