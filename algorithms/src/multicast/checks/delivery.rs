//! Liveness: everybody delivers everything.
//!
//! With a deadline, a delivery that does not come within it is a breach, dated at the deadline; one
//! whose deadline lies beyond the end is undecided, unless nothing more could ever happen. A member
//! that has crashed since the message was sent is excused, and so is one that is down at the end.
//! If the sender has crashed since and nobody has the message, it was never sent; if somebody has
//! it, everybody must (agreement).

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, NodeId, Observation, Time, What,
};

use super::Name;
use crate::multicast::{Event, Request};

/// Every message is delivered by every member.
#[derive(Clone, Hash, Debug)]
pub struct AllDeliver {
    within: Option<Duration>,
    sent: BTreeMap<Name, Sent>,
    /// When each node crashed last.
    crashed: BTreeMap<NodeId, Time>,
    /// The delivery that missed its deadline first.
    late: Option<Breach>,
}

#[derive(Clone, Hash, Debug)]
struct Sent {
    at: Time,
    delivered: BTreeSet<NodeId>,
}

impl AllDeliver {
    /// With a deadline for each delivery, or (`None`) by the time at which the run goes quiet.
    pub fn new(within: Option<Duration>) -> Self {
        AllDeliver { within, sent: BTreeMap::new(), crashed: BTreeMap::new(), late: None }
    }

    fn delivered(&mut self, node: NodeId, name: Name, seen: &Observation<'_, Request, Event>) {
        let Some(sent) = self.sent.get_mut(&name) else {
            return;
        };
        sent.delivered.insert(node);
        let Some(within) = self.within.filter(|within| seen.at > sent.at + *within) else {
            return;
        };
        let deadline = sent.at + within;
        if self.late.as_ref().is_none_or(|late| deadline < late.at) {
            let (receiver, sender) = (&seen.names[node], &seen.names[name.0]);
            let why = format!(
                "{receiver} delivered message {} of {sender}, sent at {}, only at {}; {within} \
                 were allowed",
                name.1, sent.at, seen.at
            );
            self.late = Some(Breach { at: deadline, why });
        }
    }

    /// Who should have delivered a message and has not.
    fn missing(&self, name: Name, sent: &Sent, ending: &Ending<'_>) -> Vec<NodeId> {
        let crashed = |node: NodeId| self.crashed.get(&node).is_some_and(|at| *at >= sent.at);
        if crashed(name.0) && sent.delivered.iter().all(|node| *node == name.0) {
            return Vec::new();
        }
        let members = (0..ending.waits_for.len() as u32).map(NodeId);
        let owes = |node: &NodeId| {
            !sent.delivered.contains(node) && !crashed(*node) && !ending.down.contains(node)
        };
        members.filter(owes).collect()
    }

    fn explain(&self, name: Name, sent: &Sent, missing: &[NodeId], ending: &Ending<'_>) -> String {
        let names = ending.names;
        let (sender, who) = (&names[name.0], names.list(missing));
        let mut why = match self.within.filter(|d| sent.at + *d <= ending.at) {
            Some(d) => format!("within {d}"),
            None => "and will never be".to_owned(),
        };
        why = format!(
            "message {} of {sender}, sent at {}, was not delivered by {who} {why}",
            name.1, sent.at
        );
        let waiting = missing.iter().find(|node| !ending.waits_for[node.index()].is_empty());
        if let Some(waiter) = waiting {
            let awaited = names.list(&ending.waits_for[waiter.index()]);
            why.push_str(&format!(": {} waits for {awaited}", &names[*waiter]));
        }
        if !ending.down.is_empty() {
            let verb = if ending.down.len() == 1 { "is" } else { "are" };
            why.push_str(&format!("; {} {verb} down", names.list(ending.down)));
        }
        why
    }
}

impl Checker<Request, Event> for AllDeliver {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Request { node, request: Request::Multicast { number }, .. } => {
                let sent = Sent { at: seen.at, delivered: BTreeSet::new() };
                self.sent.insert((node, *number), sent);
            }
            What::Event { node, event: Event::Delivered { from, number } } => {
                self.delivered(node, (*from, *number), seen);
            }
            What::Crash { node } => {
                self.crashed.insert(node, seen.at);
            }
            What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
        Ok(())
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        let mut lacking: Vec<(Name, &Sent, Vec<NodeId>)> = self
            .sent
            .iter()
            .map(|(name, sent)| (*name, sent, self.missing(*name, sent, ending)))
            .filter(|(_, _, missing)| !missing.is_empty())
            .collect();
        lacking.sort_by_key(|(name, sent, _)| (sent.at, *name));
        let overdue =
            |sent: &Sent| ending.quiet || self.within.is_some_and(|d| sent.at + d <= ending.at);
        let missed = lacking.iter().find(|(_, sent, _)| overdue(sent)).map(|(name, sent, who)| {
            let end = self.within.map_or(ending.at, |d| (sent.at + d).min(ending.at));
            Breach { at: end, why: self.explain(*name, sent, who, ending) }
        });
        match (self.late.iter().cloned().chain(missed).min_by_key(|b| b.at), lacking.first()) {
            (Some(breach), _) => Conclusion::Failed(breach),
            (None, Some((name, sent, who))) => Conclusion::Inconclusive(format!(
                "the run ended at {} while {} could still deliver message {} of {}, sent at {}",
                ending.at,
                ending.names.list(who),
                name.1,
                &ending.names[name.0],
                sent.at
            )),
            (None, None) => Conclusion::Held,
        }
    }
}
