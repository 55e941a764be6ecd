//! Which actions must not be left out for ever, and which commute.

use seedbed_node::NodeId;

use super::Instance;
use super::machine::Deed;
use super::names::both;
use super::state::State;
use super::step::{Action, Outcome};

/// What an action touches.
enum Reach {
    /// More than is worth telling apart: it commutes with nothing.
    Everything,
    /// One node, what is on its way from and to it, and, if `outside`, clients and judges.
    Node { node: u32, outside: bool },
    /// One message on its way, and how many faults there may still be.
    Message { to: u32 },
}

impl Instance {
    /// Faults need not happen; everything else must, in the end, if it stays possible.
    pub(super) fn obliged(&self, action: &Action) -> Option<u64> {
        let class =
            |outcome: &Outcome, tag: u64, what: u64| (!outcome.crash).then(|| both(what, tag));
        match action {
            Action::Urgent(outcome) => class(outcome, 1, 0),
            Action::Deliver(mail, outcome) => {
                let link = u64::from(mail.from) << 16 | u64::from(mail.to);
                class(outcome, 2 | link << 8, mail.letter)
            }
            Action::Fire(armed, outcome) => {
                class(outcome, 3 | u64::from(armed.node.0) << 8, armed.timer)
            }
            Action::Wake(sleeper) => Some(both(sleeper.tag, 4 | u64::from(sleeper.client.0) << 8)),
            Action::Tick => Some(5),
            Action::Lose(_) | Action::Duplicate(_) | Action::Crash(..) | Action::Boot(..) => None,
        }
    }

    /// Whether two actions commute in `state`, and at most one is seen by judges.
    pub(super) fn commute(&self, state: &State, a: &Action, b: &Action) -> bool {
        match (self.reach(state, a), self.reach(state, b)) {
            (Reach::Node { node: a, outside: seen }, Reach::Node { node: b, outside: watched }) => {
                a != b && !(seen && watched)
            }
            (Reach::Node { node, .. }, Reach::Message { to })
            | (Reach::Message { to }, Reach::Node { node, .. }) => node != to,
            (Reach::Everything, _) | (_, Reach::Everything) => false,
            (Reach::Message { .. }, Reach::Message { .. }) => false,
        }
    }

    fn reach(&self, state: &State, action: &Action) -> Reach {
        match action {
            Action::Deliver(mail, outcome) if !state.is_up(mail.destination()) || outcome.crash => {
                Reach::Everything
            }
            Action::Deliver(mail, outcome) => self.reach_of(mail.destination(), *outcome),
            Action::Fire(armed, outcome) if !outcome.crash => self.reach_of(armed.node, *outcome),
            Action::Wake(sleeper) => Reach::Node { node: sleeper.client.0, outside: true },
            Action::Lose(mail) => Reach::Message { to: mail.destination().0 },
            Action::Urgent(_)
            | Action::Fire(..)
            | Action::Duplicate(_)
            | Action::Crash(..)
            | Action::Boot(..)
            | Action::Tick => Reach::Everything,
        }
    }

    fn reach_of(&self, node: NodeId, outcome: Outcome) -> Reach {
        let branch = self.branch(outcome);
        // What a node tells itself is handled at once, and may be heard by its client.
        let outside = branch.panic.is_some()
            || branch.deeds.iter().any(|deed| match deed {
                Deed::Emit { .. } => true,
                Deed::Send { to, .. } => *to == node,
                Deed::Set { .. } | Deed::Cancel { .. } => false,
            });
        Reach::Node { node: node.0, outside }
    }
}
