//! What to draw of naming: lookups on their way, their answers, and who comes and goes.

use seedbed_node::{Marker, Marks, Observation, What};

use super::{Event, Request};

const LOOKUP: &str = "lookup";

/// Marks lookups from the question to the answer, joins and leaves.
#[derive(Clone, Debug, Default)]
pub struct LookupMarks;

impl Marker<Request, Event> for LookupMarks {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, marks: &mut Marks) {
        match seen.what {
            What::Request { node, request: Request::Lookup { lookup, .. }, .. } => {
                marks.begin_waiting(node, LOOKUP, format!("lookup {lookup}"));
            }
            What::Event { node, event: Event::Found { lookup, key, owner, hops, .. } } => {
                marks.end(node, LOOKUP, Some(&format!("lookup {lookup}")));
                marks.point(node, "found", format!("{key} is at {owner}, {hops} hops"));
            }
            What::Event { node, event: Event::Joined { position } } => {
                marks.point(node, "member", format!("joins at {position}"));
            }
            What::Event { node, event: Event::Left { position } } => {
                marks.point(node, "member", format!("leaves {position}"));
            }
            What::Crash { node } => marks.end_all(node),
            What::Request { request: Request::Join | Request::Leave, .. }
            | What::Event { event: Event::Pointers { .. }, .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }
}
