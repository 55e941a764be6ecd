//! Liveness: every request is answered.
//!
//! With a deadline, a request that is not answered within it is a breach, dated at the deadline;
//! one whose deadline lies beyond the end is undecided, unless nothing more could ever happen.
//! Without, everything must be answered once the run has gone quiet. Requests that the crash of
//! their client's node interrupted are excused.

use std::collections::BTreeMap;

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, NodeId, Observation, Operation, Pending, Time,
    What,
};

use crate::replication::{Event, Request};

/// Every request is answered.
#[derive(Clone, Hash, Debug)]
pub struct Answered {
    within: Option<Duration>,
    asked: BTreeMap<Operation, Time>,
    crashed: BTreeMap<NodeId, Time>,
    late: Option<Breach>,
}

impl Answered {
    /// With a deadline, or (`None`) by the time at which the run goes quiet.
    pub fn new(within: Option<Duration>) -> Self {
        let (asked, crashed) = Default::default();
        Answered { within, asked, crashed, late: None }
    }

    fn answered(&mut self, operation: Operation, seen: &Observation<'_, Request, Event>) {
        let Some(since) = self.asked.remove(&operation) else { return };
        let Some(within) = self.within.filter(|within| seen.at > since + *within) else { return };
        let deadline = since + within;
        if self.late.as_ref().is_none_or(|late| deadline < late.at) {
            let (name, at) = (&seen.names[operation.client], seen.at);
            let why = format!(
                "{name}'s request of {since} was answered only at {at}, after {}; {within} were \
                 allowed",
                at.since(since)
            );
            self.late = Some(Breach { at: deadline, why });
        }
    }

    fn excused(&self, pending: &Pending, ending: &Ending<'_>) -> bool {
        let client = pending.operation.client;
        let interrupted = self.crashed.get(&client).is_some_and(|&at| pending.since <= at);
        interrupted || ending.down.contains(&client)
    }

    fn explain(&self, pending: &Pending, ending: &Ending<'_>) -> String {
        let (names, client, since) = (ending.names, pending.operation.client, pending.since);
        let name = &names[client];
        let mut why = match self.within.filter(|within| since + *within <= ending.at) {
            Some(within) => format!("{name}'s request of {since} was not answered within {within}"),
            None => format!("{name}'s request of {since} will never be answered"),
        };
        let asked = ending.waits_for.get(client.index()).map_or(&[][..], Vec::as_slice);
        if !asked.is_empty() {
            why.push_str(&format!(": it has asked {}", names.list(asked)));
        }
        if !ending.down.is_empty() {
            let verb = if ending.down.len() == 1 { "is" } else { "are" };
            why.push_str(&format!("; {} {verb} down", names.list(ending.down)));
        }
        why
    }
}

impl Checker<Request, Event> for Answered {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match &seen.what {
            What::Request { operation, .. } => {
                self.asked.entry(*operation).or_insert(seen.at);
            }
            What::Complete { operation } => self.answered(*operation, seen),
            What::Crash { node } => {
                self.crashed.insert(*node, seen.at);
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        let late = self.late.take();
        let open = || ending.pending.iter().filter(|pending| !self.excused(pending, ending));
        let overdue = |pending: &&Pending| {
            ending.quiet || self.within.is_some_and(|within| pending.since + within <= ending.at)
        };
        let starved = open().find(overdue).map(|pending| {
            let end = |within| (pending.since + within).min(ending.at);
            Breach { at: self.within.map_or(ending.at, end), why: self.explain(pending, ending) }
        });
        let first = match (late, starved) {
            (Some(late), Some(starved)) if starved.at < late.at => Some(starved),
            (late, starved) => late.or(starved),
        };
        match (first, open().next()) {
            (Some(breach), _) => Conclusion::Failed(breach),
            (None, Some(pending)) => Conclusion::Inconclusive(format!(
                "the run ended at {} while {}'s request of {} could still be answered",
                ending.at, &ending.names[pending.operation.client], pending.since
            )),
            (None, None) => Conclusion::Held,
        }
    }
}
