//! Liveness: no starvation (Lamport's condition III, CACM 1978).
//!
//! With a deadline, a request that is not granted within it is a breach, dated at the deadline;
//! one whose deadline lies beyond the end is undecided, unless nothing more could ever happen.
//! Without, everything must be granted once the run has gone quiet. A request that its node's
//! crash interrupted is excused, and so is one whose node is down at the end.
//!
//! The verdict falls at the end of the run, when nodes can be asked whom they wait for.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, Names, NodeId, Observation, Operation, Pending,
    Time, What,
};

use crate::mutex::{Event, Request};

/// Every request is granted.
#[derive(Clone, Hash, Debug)]
pub struct Granted(Starvation);

/// Every client that asks is granted at least one request: weaker than [`Granted`], and what
/// remains of it where some requests may fail.
#[derive(Clone, Hash, Debug)]
pub struct EveryoneServed(Starvation);

impl Granted {
    /// With a deadline, or (`None`) by the time at which the run goes quiet.
    pub fn new(within: Option<Duration>) -> Self {
        Granted(Starvation::new(within, false))
    }
}

impl EveryoneServed {
    /// With a deadline for each client's first grant, or (`None`) by the time at which the run
    /// goes quiet.
    pub fn new(within: Option<Duration>) -> Self {
        EveryoneServed(Starvation::new(within, true))
    }
}

impl Checker<Request, Event> for Granted {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        self.0.observe(seen);
        Ok(())
    }
    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        self.0.finish(ending)
    }
}

impl Checker<Request, Event> for EveryoneServed {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        self.0.observe(seen);
        Ok(())
    }
    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        self.0.finish(ending)
    }
}

#[derive(Clone, Hash, Debug)]
struct Starvation {
    within: Option<Duration>,
    /// Whether a client's later requests are of no interest.
    first_only: bool,
    waiting: BTreeMap<NodeId, Waiting>,
    served: BTreeSet<NodeId>,
    /// When each node crashed last.
    crashed: BTreeMap<NodeId, Time>,
    /// The grant that missed its deadline first.
    late: Option<Breach>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Waiting {
    since: Time,
    operation: Operation,
}

impl Starvation {
    fn new(within: Option<Duration>, first_only: bool) -> Self {
        Starvation {
            within,
            first_only,
            waiting: BTreeMap::new(),
            served: BTreeSet::new(),
            crashed: BTreeMap::new(),
            late: None,
        }
    }

    fn observe(&mut self, seen: &Observation<'_, Request, Event>) {
        match seen.what {
            What::Request { node, operation, request: Request::Acquire } => {
                self.waiting.insert(node, Waiting { since: seen.at, operation });
            }
            What::Event { node, event: Event::Granted } => self.granted(node, seen.at, seen.names),
            What::Crash { node } => {
                self.waiting.remove(&node);
                self.crashed.insert(node, seen.at);
            }
            What::Request { request: Request::Release, .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }

    fn granted(&mut self, node: NodeId, at: Time, names: &Names) {
        let Some(Waiting { since, .. }) = self.waiting.remove(&node) else {
            return;
        };
        let of_interest = self.served.insert(node) || !self.first_only;
        let Some(within) = self.within.filter(|within| of_interest && at > since + *within) else {
            return;
        };
        let deadline = since + within;
        if self.late.as_ref().is_none_or(|late| deadline < late.at) {
            let name = &names[node];
            let waited = at.since(since);
            let why = format!(
                "{name}'s request of {since} was granted only at {at}, after {waited}; \
                 {within} were allowed"
            );
            self.late = Some(Breach { at: deadline, why });
        }
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        let starving = self.starving(ending);
        let overdue = |waiting: &Waiting| {
            ending.quiet || self.within.is_some_and(|d| waiting.since + d <= ending.at)
        };
        let starved = starving.iter().copied().find(overdue).map(|waiting| {
            let end = self.within.map_or(ending.at, |d| (waiting.since + d).min(ending.at));
            Breach { at: end, why: self.explain(waiting, ending) }
        });
        let breach = self.late.take().into_iter().chain(starved).min_by_key(|breach| breach.at);
        match (breach, starving.first()) {
            (Some(breach), _) => Conclusion::Failed(breach),
            (None, Some(waiting)) => {
                let name = &ending.names[waiting.operation.client];
                let (at, since) = (ending.at, waiting.since);
                Conclusion::Inconclusive(format!(
                    "the run ended at {at} while {name}'s request of {since} could still be granted"
                ))
            }
            (None, None) => Conclusion::Held,
        }
    }

    /// What is pending at the end without an excuse, in order of time: requests that reached
    /// their node and, once nothing more can happen, operations that never did (refused by an
    /// overloaded node, or queued behind one that starves).
    fn starving(&self, ending: &Ending<'_>) -> BTreeSet<Waiting> {
        let asked = self.waiting.values().copied();
        let known: BTreeSet<Operation> = asked.clone().map(|waiting| waiting.operation).collect();
        let interrupted = |operation: Operation, since: Time| {
            self.crashed.get(&operation.client).is_some_and(|&crashed| since <= crashed)
        };
        let never_asked = ending.pending.iter().filter(|pending| {
            let Pending { operation, since } = **pending;
            ending.quiet && !known.contains(&operation) && !interrupted(operation, since)
        });
        let excused = |client: NodeId| {
            ending.down.contains(&client) || (self.first_only && self.served.contains(&client))
        };
        asked
            .chain(never_asked.map(|p| Waiting { since: p.since, operation: p.operation }))
            .filter(|waiting| !excused(waiting.operation.client))
            .collect()
    }

    fn explain(&self, starved: Waiting, ending: &Ending<'_>) -> String {
        let names = ending.names;
        let client = starved.operation.client;
        let (name, since) = (&names[client], starved.since);
        let mut why = match self.within.filter(|d| since + *d <= ending.at) {
            Some(d) => format!("{name}'s request of {since} was not granted within {d}"),
            None => format!("{name}'s request of {since} will never be granted"),
        };
        let mut separator = ": ";
        for (waiter, awaited) in waits(client, ending.waits_for) {
            let (waiter, awaited) = (&names[waiter], names.list(awaited));
            why.push_str(&format!("{separator}{waiter} waits for {awaited}"));
            separator = ", ";
        }
        if !ending.down.is_empty() {
            let verb = if ending.down.len() == 1 { "is" } else { "are" };
            why.push_str(&format!("; {} {verb} down", names.list(ending.down)));
        }
        why
    }
}

/// Who waits for whom, followed from `start`: at most four links, which is what a reader takes in.
fn waits(start: NodeId, waits_for: &[Vec<NodeId>]) -> Vec<(NodeId, &[NodeId])> {
    const LINKS_MAX: u32 = 4;
    let mut chain: Vec<(NodeId, &[NodeId])> = Vec::new();
    let mut next = Some(start);
    for _ in 0..LINKS_MAX {
        let Some((node, awaited)) =
            next.and_then(|node| Some((node, waits_for.get(node.index())?.as_slice())))
        else {
            break;
        };
        if awaited.is_empty() {
            break;
        }
        chain.push((node, awaited));
        let followed = |node: &&NodeId| {
            !chain.iter().any(|(waiter, _)| waiter == *node)
                && waits_for.get(node.index()).is_some_and(|further| !further.is_empty())
        };
        next = awaited.iter().find(followed).copied();
    }
    chain
}
