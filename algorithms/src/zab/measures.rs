//! Figures of atomic broadcast: throughput, how long it takes everybody, how long a lost primary
//! is missed.

use std::collections::BTreeMap;

use seedbed_node::{Ending, Figures, Measure, NodeId, Observation, Time, What};

use super::{Event, Request, Zxid};

/// `spread_ns`: from a transaction's first delivery to that by another server, the first time that
/// server delivers it. `outage_ns`: from a primary's crash to the next primary's establishment.
/// `throughput_per_s`: transactions delivered per second of virtual time. `epochs`: how often a
/// primary was established.
#[derive(Clone, Debug, Default)]
pub struct BroadcastFigures {
    first: BTreeMap<Zxid, Time>,
    /// The last transaction that each server has ever delivered.
    latest: BTreeMap<NodeId, Zxid>,
    primary: Option<NodeId>,
    /// When the last primary crashed, if nobody has followed it.
    lost: Option<Time>,
    epochs: u32,
}

impl Measure<Request, Event> for BroadcastFigures {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, figures: &mut dyn Figures) {
        match seen.what {
            What::Event { node, event: Event::Delivered { zxid, .. } } => {
                let first = *self.first.entry(*zxid).or_insert(seen.at);
                let latest = self.latest.entry(node).or_default();
                if *zxid > *latest {
                    *latest = *zxid;
                    figures.sample("spread_ns", seen.at.since(first).as_nanos());
                }
            }
            What::Event { node, event: Event::Established { .. } } => {
                self.epochs += 1;
                self.primary = Some(node);
                if let Some(lost) = self.lost.take() {
                    figures.sample("outage_ns", seen.at.since(lost).as_nanos());
                }
            }
            What::Crash { node } => {
                if self.primary == Some(node) {
                    self.primary = None;
                    self.lost = Some(seen.at);
                }
            }
            What::Event { event: Event::Broadcast { .. }, .. }
            | What::Request { .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }

    fn finish(&mut self, ending: &Ending<'_>, figures: &mut dyn Figures) {
        figures.figure("epochs", f64::from(self.epochs));
        if ending.at > Time::ZERO {
            let seconds = ending.at.since(Time::ZERO).as_secs_f64();
            figures.figure("throughput_per_s", self.first.len() as f64 / seconds);
        }
    }
}
