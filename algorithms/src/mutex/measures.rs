//! Figures of mutual exclusion: response time, synchronisation delay, throughput.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Ending, Figures, Measure, NodeId, Observation, Time, What};

use super::{Event, Request};

/// `response_ns`: from a request's arrival at its node to its grant. `sync_delay_ns`: from a
/// release to the next grant, where somebody was already waiting at the release.
/// `throughput_per_s`: grants per second of virtual time.
#[derive(Clone, Debug, Default)]
pub struct EntryFigures {
    waiting: BTreeMap<NodeId, Time>,
    inside: BTreeSet<NodeId>,
    /// The last release, if somebody was waiting and nobody has entered since.
    released: Option<Time>,
    granted: u64,
}

impl Measure<Request, Event> for EntryFigures {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, figures: &mut dyn Figures) {
        match seen.what {
            What::Request { node, request: Request::Acquire, .. } => {
                self.waiting.insert(node, seen.at);
            }
            What::Event { node, event: Event::Granted } => {
                self.granted += 1;
                self.inside.insert(node);
                if let Some(asked) = self.waiting.remove(&node) {
                    figures.sample("response_ns", seen.at.since(asked).as_nanos());
                }
                if let Some(released) = self.released.take() {
                    figures.sample("sync_delay_ns", seen.at.since(released).as_nanos());
                }
            }
            What::Request { node, request: Request::Release, .. } => {
                let left = self.inside.remove(&node);
                self.released = (left && !self.waiting.is_empty()).then_some(seen.at);
            }
            What::Crash { node } => {
                self.waiting.remove(&node);
                self.inside.remove(&node);
                // Whoever it was that waited may be gone, and recovery is not synchronisation.
                self.released = None;
            }
            What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }

    fn finish(&mut self, ending: &Ending<'_>, figures: &mut dyn Figures) {
        if ending.at > Time::ZERO {
            let seconds = ending.at.since(Time::ZERO).as_secs_f64();
            figures.figure("throughput_per_s", self.granted as f64 / seconds);
        }
    }
}
