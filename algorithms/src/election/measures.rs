//! Figures of elections: how long they take, how often somebody decides, how many led at once.

use std::collections::BTreeMap;

use seedbed_node::{Ending, Figures, Measure, NodeId, Observation, Time, What};

use super::views::Views;
use super::{Basis, Event, Request};

/// `candidacy_ns`: from when a node starts until it follows somebody. `failover_ns`: from the crash
/// of the node that all followed until all follow another. `decisions`: how often a node decided
/// who leads. `leaders_at_once_max`: how many took themselves for the leader at one instant.
#[derive(Clone, Debug, Default)]
pub struct ElectionFigures {
    views: Views,
    /// When each node started that has not heard the result.
    started: BTreeMap<NodeId, Time>,
    /// When the common leader crashed, until there is another.
    leaderless: Option<Time>,
    decisions: u64,
    leaders_at_once_max: u64,
}

impl Measure<Request, Event> for ElectionFigures {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, figures: &mut dyn Figures) {
        let followed = self.views.common_leader();
        self.views.observe(seen);
        match seen.what {
            What::Event { node, event: Event::Started { .. } } => {
                self.started.entry(node).or_insert(seen.at);
            }
            What::Event { node, event: Event::Elected { basis, .. } } => {
                self.decisions += u64::from(*basis != Basis::Told);
                if let Some(started) = self.started.remove(&node) {
                    figures.sample("candidacy_ns", seen.at.since(started).as_nanos());
                }
                let leaders = self.views.leaders().count() as u64;
                self.leaders_at_once_max = self.leaders_at_once_max.max(leaders);
            }
            What::Crash { node } => {
                self.started.remove(&node);
                if followed.is_some_and(|followed| followed.leader == node) {
                    self.leaderless = Some(seen.at);
                }
            }
            What::Event { event: Event::Standing { .. }, .. }
            | What::Request { .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
        if let Some(crashed) = self.leaderless.filter(|_| self.views.settled()) {
            figures.sample("failover_ns", seen.at.since(crashed).as_nanos());
            self.leaderless = None;
        }
    }

    fn finish(&mut self, _ending: &Ending<'_>, figures: &mut dyn Figures) {
        figures.figure("decisions", self.decisions as f64);
        figures.figure("leaders_at_once_max", self.leaders_at_once_max as f64);
    }
}
