//! Liveness of the ring: it becomes ideal, and stays so until somebody comes or goes.

use std::collections::BTreeSet;

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, Names, NodeId, Observation, Time, What,
};

use super::ring::{Change, Ring};
use crate::chord::{Event, Request};

/// Once membership has stayed as it is for so long, everybody who is up and has not left is in the
/// ring and every pointer is right; without a deadline, once nothing more can happen.
#[derive(Clone, Hash, Debug)]
pub struct RingIdeal {
    within: Option<Duration>,
    ring: Ring,
    /// Who should be in the ring.
    expected: BTreeSet<NodeId>,
    /// When somebody came or went last.
    changed: Time,
    /// What is wrong with the ring, judged at its last change.
    flaw: Option<String>,
}

impl RingIdeal {
    /// With a deadline from every change of membership on, or (`None`) by the time at which the
    /// run goes quiet.
    pub fn new(within: Option<Duration>) -> Self {
        RingIdeal {
            within,
            ring: Ring::default(),
            expected: BTreeSet::new(),
            changed: Time::ZERO,
            flaw: None,
        }
    }

    fn judge(&mut self, names: &Names) {
        let here: BTreeSet<NodeId> = self.ring.members.values().map(|view| view.host).collect();
        let missing = self.expected.difference(&here).next();
        self.flaw = match missing {
            Some(node) => Some(format!("{} is not in the ring", &names[*node])),
            None => self.ring.flaw(names),
        };
    }

    /// The breach, if the ring should have been ideal before `now`.
    fn overdue(&self, now: Time) -> Option<Breach> {
        let (within, flaw) = (self.within?, self.flaw.as_ref()?);
        let deadline = self.changed + within;
        let changed = self.changed;
        let why = format!("{within} after the last change of membership, at {changed}: {flaw}");
        (deadline < now).then_some(Breach { at: deadline, why })
    }

    fn expect(&mut self, what: &What<'_, Request, Event>) -> bool {
        match what {
            What::Boot { node } | What::Request { node, request: Request::Join, .. } => {
                self.expected.insert(*node)
            }
            What::Crash { node } | What::Request { node, request: Request::Leave, .. } => {
                self.expected.remove(node)
            }
            What::Request { request: Request::Lookup { .. }, .. }
            | What::Event { .. }
            | What::Complete { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => false,
        }
    }
}

impl Checker<Request, Event> for RingIdeal {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        if self.ring.settled(seen.at).is_some() {
            self.judge(seen.names);
        }
        let late = self.overdue(seen.at);
        let change = self.ring.see(seen);
        if self.expect(&seen.what) || change == Change::Membership {
            self.changed = seen.at;
            self.flaw = None;
            self.ring.touch(seen.at);
        }
        late.map_or(Ok(()), Err)
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        if self.ring.settled_at_last().is_some() {
            self.judge(ending.names);
        }
        match (&self.flaw, self.overdue(ending.at + Duration::from_nanos(1))) {
            (_, Some(breach)) => Conclusion::Failed(breach),
            (None, None) => Conclusion::Held,
            (Some(flaw), None) if ending.quiet => {
                let why = format!("nothing more can happen, and {flaw}");
                Conclusion::Failed(Breach { at: ending.at, why })
            }
            (Some(flaw), None) => {
                let at = ending.at;
                Conclusion::Inconclusive(format!("the run ended at {at} while {flaw}"))
            }
        }
    }
}
