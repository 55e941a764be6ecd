//! What to draw of atomic broadcast: who is primary of which epoch, and what is delivered.

use std::collections::BTreeMap;

use seedbed_node::{Marker, Marks, NodeId, Observation, What};

use super::{Event, Request};

const PRIMARY: &str = "primary";

/// Marks primaries, broadcasts and deliveries. A primary that is not told that it is one no longer
/// is one until it crashes or delivers what a later primary has broadcast.
#[derive(Clone, Debug, Default)]
pub struct PrimaryMarks {
    epochs: BTreeMap<NodeId, u32>,
}

impl Marker<Request, Event> for PrimaryMarks {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, marks: &mut Marks) {
        match seen.what {
            What::Event { node, event: Event::Established { epoch } } => {
                marks.end(node, PRIMARY, None);
                marks.begin(node, PRIMARY, format!("primary of epoch {epoch}"));
                self.epochs.insert(node, *epoch);
            }
            What::Event { node, event: Event::Broadcast { zxid, .. } } => {
                marks.point(node, "broadcast", format!("broadcasts {zxid}"));
            }
            What::Event { node, event: Event::Delivered { zxid, .. } } => {
                if self.epochs.get(&node).is_some_and(|epoch| *epoch < zxid.epoch) {
                    marks.end(node, PRIMARY, None);
                }
                marks.point(node, "delivery", format!("delivers {zxid}"));
            }
            What::Crash { node } => marks.end_all(node),
            What::Request { .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }
}
