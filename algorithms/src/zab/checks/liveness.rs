//! Liveness: with a majority up and connected, transactions get through, to everybody.
//!
//! Deadlines run only while the network is whole and more than half of the servers are up and not
//! paused; every crash, boot, resumption and healing starts them again. What is pending at the end
//! is a breach if its deadline is over or if nothing more could ever happen, and undecided
//! otherwise. Servers that are down owe nothing, and a request that its server's crash
//! interrupted is excused unless its client asks again.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, Names, NodeId, Observation, Time, What,
};

use super::sequence::Sequence;
use crate::zab::{Event, Request, Value};

/// What a client asks for is delivered to it.
#[derive(Clone, Hash, Debug)]
pub struct Delivered {
    clock: Calm,
    waiting: BTreeMap<Value, Time>,
    /// What was delivered to its client: a repetition of the request may reach the server later.
    given: BTreeSet<Value>,
}

/// Every server that is up delivers what any server has delivered.
#[derive(Clone, Hash, Debug)]
pub struct CaughtUp {
    clock: Calm,
    sequence: Sequence,
}

impl Delivered {
    /// With a deadline, or (`None`) by the time at which nothing more can happen.
    pub fn new(within: Option<Duration>) -> Self {
        Delivered { clock: Calm::new(within), waiting: BTreeMap::new(), given: BTreeSet::new() }
    }

    fn note_lateness(&mut self, now: Time, names: &Names) {
        for (value, since) in &self.waiting {
            self.clock.judge(*since, now, |due| {
                let who = &names[value.client];
                format!("{who}'s {value}, asked for at {since}, was not delivered to it by {due}")
            });
        }
    }
}

impl Checker<Request, Event> for Delivered {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Request { request: Request::Broadcast(value), .. }
                if !self.given.contains(value) =>
            {
                self.waiting.entry(*value).or_insert(seen.at);
            }
            What::Event { node, event: Event::Delivered { value, .. } } if value.client == node => {
                self.note_lateness(seen.at, seen.names);
                self.waiting.remove(value);
                self.given.insert(*value);
            }
            What::Crash { node } => {
                self.note_lateness(seen.at, seen.names);
                self.waiting.retain(|value, _| value.client != node);
            }
            _ if Calm::disturbs(&seen.what) => self.note_lateness(seen.at, seen.names),
            // The rest moves no deadline.
            _ => {}
        }
        self.clock.observe(seen);
        Ok(())
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        self.note_lateness(ending.at, ending.names);
        let owed = self.waiting.iter().filter(|(v, _)| !ending.down.contains(&v.client));
        let first = owed.min_by_key(|(_, since)| **since).map(|(value, since)| {
            let who = &ending.names[value.client];
            format!("{who}'s {value}, asked for at {since}, is not delivered to it")
        });
        self.clock.conclude(first, ending)
    }
}

impl CaughtUp {
    /// With a deadline, or (`None`) by the time at which nothing more can happen.
    pub fn new(within: Option<Duration>) -> Self {
        CaughtUp { clock: Calm::new(within), sequence: Sequence::default() }
    }

    fn note_lateness(&mut self, node: NodeId, now: Time, names: &Names) {
        if let Some(first) = self.sequence.missing(node).first() {
            self.clock.judge(first.at, now, |due| {
                let (who, whom, since) = (&names[node], &names[first.node], first.at);
                let zxid = first.transaction.zxid;
                format!("{who} had not delivered {zxid} by {due}, which {whom} did at {since}")
            });
        }
    }

    fn note_everybodys_lateness(&mut self, now: Time, names: &Names) {
        for node in self.clock.awake.clone() {
            self.note_lateness(node, now, names);
        }
    }
}

impl Checker<Request, Event> for CaughtUp {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Event { node, event: Event::Delivered { .. } } => {
                self.note_lateness(node, seen.at, seen.names);
            }
            _ if Calm::disturbs(&seen.what) => self.note_everybodys_lateness(seen.at, seen.names),
            // The rest moves no deadline.
            _ => {}
        }
        self.sequence.observe(seen);
        self.clock.observe(seen);
        Ok(())
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        self.note_everybodys_lateness(ending.at, ending.names);
        let mut behind = self.clock.awake.iter().filter_map(|node| {
            let first = self.sequence.missing(*node).first()?;
            let (who, zxid) = (&ending.names[*node], first.transaction.zxid);
            Some(format!("{who} has not delivered {zxid}"))
        });
        let first = behind.next();
        self.clock.conclude(first, ending)
    }
}

/// Since when nothing stands in the way of progress.
#[derive(Clone, Hash, Debug)]
struct Calm {
    within: Option<Duration>,
    awake: BTreeSet<NodeId>,
    network_broken: bool,
    since: Option<Time>,
    /// The deadline that was missed first.
    late: Option<Breach>,
}

impl Calm {
    fn new(within: Option<Duration>) -> Self {
        Calm { within, awake: BTreeSet::new(), network_broken: false, since: None, late: None }
    }

    fn disturbs<R, E>(what: &What<'_, R, E>) -> bool {
        match what {
            What::Crash { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => true,
            What::Request { .. } | What::Event { .. } | What::Complete { .. } => false,
        }
    }

    fn observe(&mut self, seen: &Observation<'_, Request, Event>) {
        match seen.what {
            What::Boot { node } | What::Resume { node } => {
                self.awake.insert(node);
            }
            What::Crash { node } | What::Pause { node } => {
                self.awake.remove(&node);
            }
            What::NetworkFault => self.network_broken = true,
            What::NetworkHealed => self.network_broken = false,
            What::Request { .. } | What::Event { .. } | What::Complete { .. } => return,
        }
        let majority = self.awake.len() as u32 > seen.names.count() / 2;
        self.since = (majority && !self.network_broken).then_some(seen.at);
    }

    /// Notes a breach if what has been owed since `since` is overdue at `now`.
    fn judge(&mut self, since: Time, now: Time, why: impl FnOnce(Time) -> String) {
        let (Some(calm), Some(within)) = (self.since, self.within) else { return };
        let due = since.max(calm) + within;
        if now > due && self.late.as_ref().is_none_or(|late| due < late.at) {
            self.late = Some(Breach { at: due, why: why(due) });
        }
    }

    /// `owed` is the first thing that is still owed at the end, in words.
    fn conclude(&mut self, owed: Option<String>, ending: &Ending<'_>) -> Conclusion {
        let at = ending.at;
        match (self.late.take(), owed) {
            (Some(late), _) => Conclusion::Failed(late),
            (None, Some(owed)) if ending.quiet => {
                Conclusion::Failed(Breach { at, why: format!("{owed}, and never will be") })
            }
            (None, Some(owed)) => {
                Conclusion::Inconclusive(format!("the run ended at {at} while {owed}"))
            }
            (None, None) => Conclusion::Held,
        }
    }
}
