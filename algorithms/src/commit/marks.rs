//! What to draw of atomic commitment: who is in doubt, holding which locks, and what is decided.

use seedbed_node::{Marker, Marks, Observation, What};

use super::{Event, Request};

const DOUBT: &str = "in doubt";

/// Marks the time from a YES to the decision, in which keys are locked, and the decisions. A crash
/// ends neither doubt nor locks: the promise is in the log.
#[derive(Clone, Debug, Default)]
pub struct DoubtMarks;

impl Marker<Request, Event> for DoubtMarks {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, marks: &mut Marks) {
        let What::Event { node, event } = seen.what else { return };
        match event {
            Event::Prepared { transaction, locks } => {
                let keys: Vec<_> = locks.iter().map(u32::to_string).collect();
                let label = match keys.as_slice() {
                    [] => format!("{transaction} prepared"),
                    keys => format!("{transaction} prepared, locks {}", keys.join(" ")),
                };
                marks.begin(node, DOUBT, label);
            }
            Event::Decided { transaction, commit } => {
                marks.end_where(node, DOUBT, |label| {
                    label.split_once(' ').is_some_and(|(of, _)| of == transaction.to_string())
                });
                let verb = if *commit { "commits" } else { "aborts" };
                marks.point(node, "decision", format!("{verb} {transaction}"));
            }
            Event::Left { transaction } => {
                marks.point(node, "left", format!("leaves {transaction}"));
            }
            Event::Refused { transaction } => {
                marks.point(node, "refused", format!("refuses {transaction}"));
            }
            Event::Blocked { transaction } => {
                marks.point(node, "blocked", format!("{transaction} blocked"));
            }
        }
    }
}
