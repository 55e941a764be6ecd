//! Liveness of lookups.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, NodeId, Observation, Time, What,
};

use crate::chord::{Event, Request};

/// Every lookup is answered: within a deadline from when it was asked first, or once nothing more
/// can happen. Excused are lookups of a node that crashes or leaves before, or has left.
#[derive(Clone, Hash, Debug)]
pub struct Answered {
    within: Option<Duration>,
    asked: BTreeMap<(NodeId, u32), Time>,
    /// Who has left.
    out: BTreeSet<NodeId>,
    /// The answer that missed its deadline first.
    late: Option<Breach>,
}

impl Answered {
    /// With a deadline, or (`None`) by the time at which the run goes quiet.
    pub fn new(within: Option<Duration>) -> Self {
        Answered { within, asked: BTreeMap::new(), out: BTreeSet::new(), late: None }
    }

    fn excuse(&mut self, node: NodeId) {
        self.asked.retain(|(asker, _), _| *asker != node);
    }

    fn answer(&mut self, asker: NodeId, lookup: u32, seen: &Observation<'_, Request, Event>) {
        let Some(asked) = self.asked.remove(&(asker, lookup)) else { return };
        let Some(within) = self.within.filter(|within| seen.at > asked + *within) else { return };
        let deadline = asked + within;
        if self.late.as_ref().is_none_or(|late| deadline < late.at) {
            let (name, at) = (&seen.names[asker], seen.at);
            let why = format!(
                "{name}'s lookup of {asked} was answered only at {at}; {within} were allowed"
            );
            self.late = Some(Breach { at: deadline, why });
        }
    }
}

impl Checker<Request, Event> for Answered {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Request { node, request: Request::Lookup { lookup, .. }, .. } => {
                if !self.out.contains(&node) {
                    self.asked.entry((node, *lookup)).or_insert(seen.at);
                }
            }
            What::Event { node, event: Event::Found { lookup, .. } } => {
                self.answer(node, *lookup, seen);
            }
            What::Crash { node } => {
                self.out.remove(&node);
                self.excuse(node);
            }
            What::Request { node, request: Request::Leave, .. } => {
                self.out.insert(node);
                self.excuse(node);
            }
            What::Request { node, request: Request::Join, .. } => {
                self.out.remove(&node);
            }
            What::Event {
                event: Event::Joined { .. } | Event::Left { .. } | Event::Pointers { .. },
                ..
            }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
        Ok(())
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        let open = self.asked.iter().min_by_key(|(_, asked)| **asked);
        let deadline = open.and_then(|(_, asked)| self.within.map(|within| *asked + within));
        let overdue = ending.quiet || deadline.is_some_and(|deadline| deadline <= ending.at);
        let missed = open.map(|((asker, _), asked)| {
            let (name, at) = (&ending.names[*asker], ending.at);
            let why = format!("{name}'s lookup of {asked} is not answered at {at}");
            Breach { at: deadline.unwrap_or(at).min(at), why }
        });
        match (self.late.take(), missed) {
            (None, None) => Conclusion::Held,
            (None, Some(missed)) if !overdue => {
                Conclusion::Inconclusive(format!("{} and still could be", missed.why))
            }
            (late, missed) => {
                let missed = missed.filter(|_| overdue);
                let first = late.into_iter().chain(missed).min_by_key(|breach| breach.at);
                first.map_or(Conclusion::Held, Conclusion::Failed)
            }
        }
    }
}
