//! What to draw of elections: who stands, and who takes itself for the leader.

use seedbed_node::{Marker, Marks, Observation, What};

use super::{Event, Request};

const LEADER: &str = "leader";
const CANDIDATE: &str = "candidate";

/// Marks candidacies, leaderships, and whom a node comes to follow.
#[derive(Clone, Debug, Default)]
pub struct LeaderMarks;

impl Marker<Request, Event> for LeaderMarks {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, marks: &mut Marks) {
        match seen.what {
            What::Event { node, event } => match event {
                Event::Standing { .. } => {}
                Event::Started { .. } => {
                    marks.end(node, LEADER, None);
                    marks.begin_waiting(node, CANDIDATE, "candidate");
                }
                Event::Elected { leader, term, .. } => {
                    marks.end(node, CANDIDATE, None);
                    let label = match term {
                        Some(term) => format!("leader of term {term}"),
                        None => "leader".to_owned(),
                    };
                    if *leader != node {
                        marks.end(node, LEADER, None);
                        marks.point(node, "follows", format!("follows {}", &seen.names[*leader]));
                    } else if !marks.has(node, LEADER, &label) {
                        marks.end(node, LEADER, None);
                        marks.begin(node, LEADER, label);
                    }
                }
            },
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
