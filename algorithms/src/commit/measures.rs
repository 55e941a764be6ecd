//! Figures of atomic commitment: what became of transactions, and what doubt costs.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Ending, Figures, Measure, NodeId, Observation, Time, What};

use super::{Doubts, Event, Request, Transaction};

/// `in_doubt_ns`: from a YES to the decision at the same node, for as long as its keys are locked.
/// `blocked_ns`: from the node's finding that nobody can tell to the decision, or to the end of the
/// run. `committed`, `aborted`: transactions by their first decision anywhere; `blocked`: how often
/// a node was. `in_doubt_at_end`, `locks_held_at_end`: promises that nobody has redeemed, and the
/// keys that they lock.
#[derive(Clone, Debug, Default)]
pub struct CommitFigures {
    doubts: Doubts,
    blocked: BTreeMap<(Transaction, NodeId), Time>,
    blocked_count: u32,
    /// Transactions that somebody has decided.
    decided: BTreeSet<Transaction>,
    committed: u32,
    aborted: u32,
}

impl Measure<Request, Event> for CommitFigures {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, figures: &mut dyn Figures) {
        let What::Event { node, event } = seen.what else { return };
        match event {
            Event::Prepared { transaction, locks } => {
                self.doubts.insert((*transaction, node), (seen.at, locks.clone()));
            }
            Event::Blocked { transaction } => {
                // A restarted node is blocked again; the time runs from the first.
                self.blocked.entry((*transaction, node)).or_insert(seen.at);
                self.blocked_count += 1;
            }
            Event::Decided { transaction, commit } => {
                if self.decided.insert(*transaction) {
                    *if *commit { &mut self.committed } else { &mut self.aborted } += 1;
                }
                if let Some((since, _)) = self.doubts.remove(&(*transaction, node)) {
                    figures.sample("in_doubt_ns", seen.at.since(since).as_nanos());
                }
                if let Some(since) = self.blocked.remove(&(*transaction, node)) {
                    figures.sample("blocked_ns", seen.at.since(since).as_nanos());
                }
            }
            Event::Left { .. } | Event::Refused { .. } => {}
        }
    }

    fn finish(&mut self, ending: &Ending<'_>, figures: &mut dyn Figures) {
        for since in self.blocked.values() {
            figures.sample("blocked_ns", ending.at.since(*since).as_nanos());
        }
        let held: BTreeSet<(NodeId, u32)> = self
            .doubts
            .iter()
            .flat_map(|((_, node), (_, locks))| locks.iter().map(|key| (*node, *key)))
            .collect();
        figures.figure("committed", f64::from(self.committed));
        figures.figure("aborted", f64::from(self.aborted));
        figures.figure("blocked", f64::from(self.blocked_count));
        figures.figure("in_doubt_at_end", self.doubts.len() as f64);
        figures.figure("locks_held_at_end", held.len() as f64);
    }
}
