//! Liveness: whoever asks to be synchronised is.
//!
//! With a deadline, a request that is not served within it is a breach, dated at the deadline; one
//! whose deadline lies beyond the end is undecided, unless nothing more could ever happen. A request
//! that its node's crash interrupted is excused, and so is one whose node is down at the end.

use std::collections::BTreeMap;

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, NodeId, Observation, Time, What,
};

use crate::time::{Event, Request};

/// Whoever asks for it is synchronised.
#[derive(Clone, Hash, Debug)]
pub struct Synchronised {
    within: Option<Duration>,
    /// Since when each node's client waits.
    waiting: BTreeMap<NodeId, Time>,
    /// The request that missed its deadline first.
    late: Option<Breach>,
}

impl Synchronised {
    /// With a deadline, or (`None`) by the time at which the run goes quiet.
    pub fn new(within: Option<Duration>) -> Self {
        Synchronised { within, waiting: BTreeMap::new(), late: None }
    }

    fn served(&mut self, node: NodeId, seen: &Observation<'_, Request, Event>) {
        let Some(since) = self.waiting.remove(&node) else {
            return;
        };
        let Some(within) = self.within.filter(|within| seen.at > since + *within) else {
            return;
        };
        let deadline = since + within;
        if self.late.as_ref().is_none_or(|late| deadline < late.at) {
            let why = format!(
                "{} asked at {since} and was synchronised only at {}; {within} were allowed",
                &seen.names[node], seen.at
            );
            self.late = Some(Breach { at: deadline, why });
        }
    }
}

impl Checker<Request, Event> for Synchronised {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Request { node, request: Request::Synchronise, .. } => {
                self.waiting.entry(node).or_insert(seen.at);
            }
            What::Event { node, event: Event::Synchronised { .. } } => self.served(node, seen),
            What::Crash { node } => {
                self.waiting.remove(&node);
            }
            What::Request { request: Request::Read, .. }
            | What::Event { .. }
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
        let owed = self.waiting.iter().filter(|(node, _)| !ending.down.contains(node));
        let first = owed.map(|(node, since)| (*since, *node)).min();
        let overdue = |since: Time| {
            ending.quiet || self.within.is_some_and(|within| since + within <= ending.at)
        };
        let missed = first.filter(|(since, _)| overdue(*since)).map(|(since, node)| {
            let at = self.within.map_or(ending.at, |within| (since + within).min(ending.at));
            let name = &ending.names[node];
            Breach { at, why: format!("{name} asked at {since} and was not synchronised by {at}") }
        });
        match (self.late.take().into_iter().chain(missed).min_by_key(|b| b.at), first) {
            (Some(breach), _) => Conclusion::Failed(breach),
            (None, Some((since, node))) => Conclusion::Inconclusive(format!(
                "the run ended at {} while {}, which asked at {since}, could still be synchronised",
                ending.at, &ending.names[node]
            )),
            (None, None) => Conclusion::Held,
        }
    }
}
