//! What to draw of mutual exclusion: who waits for the critical section, and who is inside.

use seedbed_node::{Marker, Marks, Observation, What};

use super::{Event, Request};

const INSIDE: &str = "critical section";

/// Marks waits and critical sections.
#[derive(Clone, Debug, Default)]
pub struct InsideMarks;

impl Marker<Request, Event> for InsideMarks {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, marks: &mut Marks) {
        match seen.what {
            What::Request { node, request: Request::Acquire, .. } => {
                marks.begin_waiting(node, INSIDE, "waits");
            }
            What::Event { node, event: Event::Granted } => {
                marks.end(node, INSIDE, None);
                marks.begin(node, INSIDE, "inside");
            }
            What::Request { node, request: Request::Release, .. } => marks.end(node, INSIDE, None),
            What::Crash { node } => marks.end_all(node),
            What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }
}
