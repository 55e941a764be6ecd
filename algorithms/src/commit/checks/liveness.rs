//! Liveness: who has promised learns the decision, and what can be committed is.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, NodeId, Observation, Time, What,
};

use super::keys;
use crate::commit::{Doubts, Event, Request, Transaction};

/// Every participant that voted YES learns the decision (AC5). With a deadline, a doubt that lasts
/// longer is a breach, dated at the deadline; without, none may be left once the run has gone quiet
/// or, where nothing will ever be quiet, ended. Who is down at the end is excused.
///
/// Its reason is the report on blocking: who holds which locks since when, and who is down.
#[derive(Clone, Hash, Debug)]
pub struct Decided {
    within: Option<Duration>,
    doubts: Doubts,
    /// Of those who learned it too late, whose deadline was first.
    late: Option<Breach>,
}

impl Decided {
    /// With a deadline from the vote, or (`None`) by the time at which the run goes quiet.
    pub fn new(within: Option<Duration>) -> Self {
        Decided { within, doubts: Doubts::new(), late: None }
    }
}

impl Checker<Request, Event> for Decided {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let What::Event { node, event } = seen.what else { return Ok(()) };
        match event {
            Event::Prepared { transaction, locks } => {
                // A vote that is repeated renews nothing.
                let doubt = (seen.at, locks.clone());
                self.doubts.entry((*transaction, node)).or_insert(doubt);
            }
            Event::Decided { transaction, .. } => {
                let doubt = self.doubts.remove(&(*transaction, node));
                let (Some((since, locks)), Some(within)) = (doubt, self.within) else {
                    return Ok(());
                };
                let deadline = since + within;
                let first = self.late.as_ref().is_none_or(|late| deadline < late.at);
                if seen.at > deadline && first {
                    let (name, at, took) = (&seen.names[node], seen.at, seen.at.since(since));
                    let why = format!(
                        "{name} was in doubt about {transaction}, holding {}, from {since} to \
                         {at}: {took}; {within} were allowed",
                        keys(&locks)
                    );
                    self.late = Some(Breach { at: deadline, why });
                }
            }
            Event::Left { .. } | Event::Refused { .. } | Event::Blocked { .. } => {}
        }
        Ok(())
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        let left: Vec<_> = self
            .doubts
            .iter()
            .filter(|((_, node), _)| !ending.down.contains(node))
            .map(|(&(transaction, node), (since, locks))| (*since, transaction, node, locks))
            .collect();
        let overdue = |since: Time| {
            ending.quiet || self.within.is_some_and(|within| since + within <= ending.at)
        };
        let first = left.iter().map(|(since, ..)| *since).filter(|since| overdue(*since)).min();
        let stuck = first.map(|since| {
            let at = self.within.map_or(ending.at, |within| (since + within).min(ending.at));
            Breach { at, why: report(&left, ending) }
        });
        let breach = self.late.take().into_iter().chain(stuck).min_by_key(|breach| breach.at);
        match (breach, left.first()) {
            (Some(breach), _) => Conclusion::Failed(breach),
            (None, Some(_)) => Conclusion::Inconclusive(format!(
                "the run ended at {} while decisions could still come: {}",
                ending.at,
                report(&left, ending)
            )),
            (None, None) => Conclusion::Held,
        }
    }
}

/// How many promises a report names before it only counts them.
const NAMED_MAX: u32 = 8;

/// "bob has been in doubt about T3 since 1.2s, holding keys 4 and 7; …; they wait for hub; hub is
/// down".
fn report(left: &[(Time, Transaction, NodeId, &BTreeSet<u32>)], ending: &Ending<'_>) -> String {
    let names = ending.names;
    let mut parts: Vec<String> = Vec::new();
    let mut unnamed = 0;
    for ((since, transaction, node, locks), place) in left.iter().zip(0..) {
        if place < NAMED_MAX {
            let (name, keys) = (&names[*node], keys(locks));
            parts.push(format!(
                "{name} has been in doubt about {transaction} since {since}, holding {keys}"
            ));
        } else {
            unnamed += 1;
        }
    }
    if unnamed > 0 {
        parts.push(format!("and {unnamed} more"));
    }
    let awaited: BTreeSet<NodeId> = left
        .iter()
        .flat_map(|(_, _, node, _)| ending.waits_for.get(node.index()).into_iter().flatten())
        .copied()
        .collect();
    if !awaited.is_empty() {
        let awaited: Vec<NodeId> = awaited.into_iter().collect();
        let verb = if left.len() == 1 { "it waits" } else { "they wait" };
        parts.push(format!("{verb} for {}", names.list(&awaited)));
    }
    if !ending.down.is_empty() {
        let verb = if ending.down.len() == 1 { "is" } else { "are" };
        parts.push(format!("{} {verb} down", names.list(ending.down)));
    }
    parts.join("; ")
}

/// What nobody refuses is committed (AC4), and in time where there is a deadline, in a run in which
/// no node crashes or pauses and no link is cut. Messages that are lost or late are no excuse: an
/// algorithm that aborts for them needs a network without.
#[derive(Clone, Hash, Debug)]
pub struct Unanimous {
    within: Option<Duration>,
    open: BTreeMap<Transaction, Time>,
    troubled: bool,
    breach: Option<Breach>,
}

impl Unanimous {
    /// With a deadline from the beginning of a transaction, or (`None`) without.
    pub fn new(within: Option<Duration>) -> Self {
        Unanimous { within, open: BTreeMap::new(), troubled: false, breach: None }
    }

    fn decided(&mut self, transaction: Transaction, commit: bool, at: Time) {
        let Some(since) = self.open.remove(&transaction) else { return };
        let late = self.within.is_some_and(|within| at > since + within);
        if (!commit || late) && self.breach.is_none() {
            let what = if commit { "committed only" } else { "aborted" };
            let why = format!(
                "{transaction}, begun at {since}, was {what} at {at}, though nobody had refused it"
            );
            self.breach = Some(Breach { at, why });
        }
    }
}

impl Checker<Request, Event> for Unanimous {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Request { request, .. } => {
                let Request::Begin { transaction, work, withdrawn } = request;
                if !withdrawn && !work.values().any(|part| part.refuses) {
                    self.open.insert(*transaction, seen.at);
                }
            }
            // A lock that is held is a reason to refuse.
            What::Event { event: Event::Refused { transaction }, .. } => {
                self.open.remove(transaction);
            }
            What::Event { event: Event::Decided { transaction, commit }, .. } => {
                self.decided(*transaction, *commit, seen.at);
            }
            What::Crash { .. } | What::Pause { .. } | What::NetworkFault => self.troubled = true,
            What::Event { .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Resume { .. }
            | What::NetworkHealed => {}
        }
        Ok(())
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        if self.troubled {
            return Conclusion::Held;
        }
        if let Some(breach) = self.breach.take() {
            return Conclusion::Failed(breach);
        }
        match self.open.first_key_value() {
            Some((transaction, since)) if ending.quiet => Conclusion::Failed(Breach {
                at: ending.at,
                why: format!("{transaction}, begun at {since}, will never be decided"),
            }),
            Some((transaction, since)) => Conclusion::Inconclusive(format!(
                "the run ended at {} before {transaction}, begun at {since}, was decided",
                ending.at
            )),
            None => Conclusion::Held,
        }
    }
}
