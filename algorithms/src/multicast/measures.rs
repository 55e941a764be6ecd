//! Figures of multicast: how long until somebody, and until everybody, has a message.

use std::collections::BTreeMap;

use seedbed_node::{Ending, Figures, Measure, NodeId, Observation, Time, What};

use super::{Event, Request};

/// `delivery_ns`: from a message's arrival at its sender's node to its delivery, one sample a
/// receiver other than the sender. `last_delivery_ns`: to the last delivery that a run shows.
/// `deliveries_per_s`: deliveries, the senders' own included, per second of virtual time.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFigures {
    /// When each message was sent, and when it was delivered last.
    sent: BTreeMap<(NodeId, u32), (Time, Option<Time>)>,
    delivered: u64,
}

impl Measure<Request, Event> for DeliveryFigures {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, figures: &mut dyn Figures) {
        match seen.what {
            What::Request { node, request: Request::Multicast { number }, .. } => {
                self.sent.insert((node, *number), (seen.at, None));
            }
            What::Event { node, event: Event::Delivered { from, number } } => {
                self.delivered += 1;
                if let Some((sent, last)) = self.sent.get_mut(&(*from, *number)) {
                    *last = Some(seen.at);
                    if node != *from {
                        figures.sample("delivery_ns", seen.at.since(*sent).as_nanos());
                    }
                }
            }
            What::Complete { .. }
            | What::Crash { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }

    fn finish(&mut self, ending: &Ending<'_>, figures: &mut dyn Figures) {
        for (sent, last) in self.sent.values() {
            if let Some(last) = last {
                figures.sample("last_delivery_ns", last.since(*sent).as_nanos());
            }
        }
        if ending.at > Time::ZERO {
            let seconds = ending.at.since(Time::ZERO).as_secs_f64();
            figures.figure("deliveries_per_s", self.delivered as f64 / seconds);
        }
    }
}
