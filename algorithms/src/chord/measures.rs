//! Figures of a naming service: path lengths, timeouts, load and state.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Ending, Figures, Measure, NodeId, Observation, What};

use super::{Event, Request};

/// Of each answered lookup: `path_length`, forwardings without the last step; `lookup_timeouts`.
/// Of each member at the end: `keys_per_node`, keys that are stored there; `pointers_per_node`,
/// predecessor, successors and different fingers, of all its virtual nodes. `members`: how many
/// have a position in the ring at the end.
///
/// `failed_lookups`: the part of the lookups that were not answered by a node that has the key,
/// where every key that is looked up was stored at the start. Only in runs that store keys.
#[derive(Clone, Debug, Default)]
pub struct LookupFigures {
    asked: u64,
    found: u64,
    outstanding: BTreeSet<(NodeId, u32)>,
    /// By identifier: the member, its pointers, its keys.
    positions: BTreeMap<u64, (NodeId, u32, u32)>,
    stores: bool,
}

impl Measure<Request, Event> for LookupFigures {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, figures: &mut dyn Figures) {
        match seen.what {
            What::Request { node, request: Request::Lookup { lookup, .. }, .. } => {
                self.asked += u64::from(self.outstanding.insert((node, *lookup)));
            }
            What::Event { node, event: Event::Found { lookup, hops, timeouts, held, .. } } => {
                // A lookup that was asked again may be answered twice.
                if self.outstanding.remove(&(node, *lookup)) {
                    figures.sample("path_length", u64::from(*hops));
                    figures.sample("lookup_timeouts", u64::from(*timeouts));
                    self.found += u64::from(*held);
                }
            }
            What::Event { node, event: Event::Pointers { position, pointers, keys, .. } } => {
                self.stores |= *keys > 0;
                self.positions.insert(*position, (node, *pointers, *keys));
            }
            What::Event { event: Event::Left { position }, .. } => {
                self.positions.remove(position);
            }
            What::Crash { node } => self.positions.retain(|_, (member, ..)| *member != node),
            What::Request { request: Request::Join | Request::Leave, .. }
            | What::Event { event: Event::Joined { .. }, .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }

    fn finish(&mut self, _ending: &Ending<'_>, figures: &mut dyn Figures) {
        let mut members: BTreeMap<NodeId, (u64, u64)> = BTreeMap::new();
        for (member, pointers, keys) in self.positions.values() {
            let sums = members.entry(*member).or_default();
            *sums = (sums.0 + u64::from(*pointers), sums.1 + u64::from(*keys));
        }
        for (pointers, keys) in members.values() {
            figures.sample("pointers_per_node", *pointers);
            if self.stores {
                figures.sample("keys_per_node", *keys);
            }
        }
        figures.figure("members", members.len() as f64);
        if self.stores && self.asked > 0 {
            let failed = self.asked.saturating_sub(self.found);
            figures.figure("failed_lookups", failed as f64 / self.asked as f64);
        }
    }
}
