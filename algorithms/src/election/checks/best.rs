//! Safety: who is elected deserves it, in the algorithm's own order.
//!
//! Judged where somebody decides, not where others are told: news of a leader may be overtaken by
//! a crash or by a better node's boot.

use std::collections::BTreeSet;

use seedbed_node::{Breach, Checker, NodeId, Observation, Time, What};

use crate::election::views::{View, Views};
use crate::election::{Basis, Event, Rank, Request};

/// Who is elected was up at some time of the election, and nobody outranks it of those whom the
/// decision is about.
#[derive(Clone, Hash, Debug, Default)]
pub struct BestLeader(Views);

impl Checker<Request, Event> for BestLeader {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let verdict = match seen.what {
            What::Event { node, event: Event::Elected { leader, basis, .. } } => {
                self.judge(node, *leader, basis, seen)
            }
            _ => Ok(()),
        };
        self.0.observe(seen);
        verdict
    }
}

impl BestLeader {
    fn judge(
        &self,
        decider: NodeId,
        leader: NodeId,
        basis: &Basis,
        seen: &Observation<'_, Request, Event>,
    ) -> Result<(), Breach> {
        if *basis == Basis::Told {
            return Ok(());
        }
        let (at, names) = (seen.at, seen.names);
        let since = self.0.of(decider).and_then(|view| view.began).unwrap_or(at);
        let (who, whom) = (&names[decider], &names[leader]);
        let breach = |why: String| Err(Breach { at, why });
        let Some(elected) = self.0.of(leader) else {
            return breach(format!("{who} elected {whom} at {at}, which was never up"));
        };
        if !elected.up && elected.changed < since {
            let down = elected.changed;
            return breach(format!("{who} elected {whom} at {at}, which is down since {down}"));
        }
        let rank = elected.rank.unwrap_or_default();
        let Some((better, theirs)) = self.better(rank, since, basis) else {
            return Ok(());
        };
        let (better, whose) = (&names[better], held_against(basis, since));
        breach(format!("{who} elected {whom} ({rank}) at {at}, though {better} ({theirs}) {whose}"))
    }

    /// The best of those who outrank `rank` and count.
    fn better(&self, rank: Rank, since: Time, basis: &Basis) -> Option<(NodeId, Rank)> {
        let counts = |node: NodeId, view: &View| match basis {
            Basis::Told => false,
            Basis::OverLive => view.changed <= since,
            Basis::OverCandidates => view.started.is_some(),
            Basis::OverVoters(voters) => is_among(voters, node),
        };
        self.0
            .live()
            .filter(|(node, view)| counts(*node, view))
            .filter_map(|(node, view)| view.rank.filter(|theirs| *theirs > rank).map(|r| (node, r)))
            .max_by_key(|(_, theirs)| *theirs)
    }
}

fn is_among(voters: &BTreeSet<NodeId>, node: NodeId) -> bool {
    voters.contains(&node)
}

fn held_against(basis: &Basis, since: Time) -> String {
    match basis {
        Basis::Told => "was not asked".into(),
        Basis::OverLive => format!("has been up since before {since}"),
        Basis::OverCandidates => "was a candidate too".into(),
        Basis::OverVoters(_) => "was one of the voters".into(),
    }
}
