//! The termination protocol: what participants do without their coordinator (Skeen, SIGMOD 1981;
//! in the form of Bernstein, Hadzilacos and Goodman 1987, section 7.5).
//!
//! The participant of the lowest rank that is up stands in. It asks how far the others are, waits
//! for a round trip, and takes who does not answer for crashed:
//! ```text
//! TR1  somebody has aborted                 abort
//! TR2  somebody has committed               commit
//! TR3  all that answer are in READY         abort
//! TR4  somebody is in PRECOMMIT             all are moved to PRECOMMIT; then commit
//! ```
//! Ranks take turns, far enough apart that nobody stands in beside another who is up.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::NodeId;

use super::participant::{Participant, Promised, Stage};
use super::{Cx, Report, ThreePhaseMessage as Message, ThreePhaseMutant, ThreePhaseTimer, rank};
use crate::commit::{Event, Transaction};

impl Participant {
    /// Something has not happened in time.
    pub fn overdue(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        let Some(promised) = self.promises.get_mut(&transaction) else { return };
        match &mut promised.stage {
            Stage::Waiting => self.poll(transaction, cx),
            Stage::Polling { reports } => {
                let reports = std::mem::take(reports);
                self.judge(transaction, &reports, cx);
            }
            // Who has not answered has crashed.
            Stage::Moving { .. } => self.finish(transaction, true, cx),
            Stage::Recovering { patience } => {
                if *patience == Some(0) {
                    cx.emit(Event::Blocked { transaction });
                }
                *patience = patience.and_then(|left| left.checked_sub(1));
                self.ask(transaction, cx);
            }
        }
    }

    /// A peer stands in for the coordinator, and asks how far this node is.
    pub fn polled(&mut self, from: NodeId, transaction: Transaction, cx: &mut Cx<'_>) {
        let Some(report) = self.report(transaction, cx) else { return };
        cx.send(from, Message::State { transaction, report });
        let stubborn = cx.params().mutant == ThreePhaseMutant::AllStandIn;
        if let Some(promised) = self.promises.get_mut(&transaction).filter(|_| !stubborn) {
            // If that one crashes as well, the next after it takes its turn.
            let turns = turns_after(from, cx.me(), &promised.peers);
            promised.stage = Stage::Waiting;
            let patience = cx.params().turn() * turns;
            cx.set_timer(ThreePhaseTimer::Doubt(transaction), patience);
        }
    }

    pub fn reported(&mut self, from: NodeId, transaction: Transaction, report: Report) {
        if let Some(Promised { stage: Stage::Polling { reports }, .. }) =
            self.promises.get_mut(&transaction)
        {
            reports.insert(from, report);
        }
    }

    /// A peer knows now that all have voted YES.
    pub fn moved(&mut self, from: NodeId, transaction: Transaction, cx: &mut Cx<'_>) {
        if let Some(Promised { stage: Stage::Moving { missing }, .. }) =
            self.promises.get_mut(&transaction)
        {
            missing.remove(&from);
            if missing.is_empty() {
                self.finish(transaction, true, cx);
            }
        }
    }

    fn poll(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        let me = cx.me();
        let Some(promised) = self.promises.get_mut(&transaction) else { return };
        promised.stage = Stage::Polling { reports: BTreeMap::new() };
        for &peer in promised.peers.iter().filter(|peer| **peer != me) {
            cx.send_for(promised.operation, peer, Message::Poll { transaction });
        }
        cx.set_timer(ThreePhaseTimer::Doubt(transaction), cx.params().round_trip);
    }

    fn judge(
        &mut self,
        transaction: Transaction,
        reports: &BTreeMap<NodeId, Report>,
        cx: &mut Cx<'_>,
    ) {
        let Some(promised) = self.promises.get(&transaction) else { return };
        let some = |report: Report| reports.values().any(|other| *other == report);
        let announced = promised.precommitted || some(Report::Precommitted);
        if some(Report::Aborted) {
            self.finish(transaction, false, cx);
        } else if some(Report::Committed) {
            self.finish(transaction, true, cx);
        } else if announced && cx.params().mutant != ThreePhaseMutant::IgnoresPrecommitted {
            let behind =
                |(peer, report): (&NodeId, &Report)| (*report == Report::Ready).then_some(*peer);
            self.announce(transaction, reports.iter().filter_map(behind).collect(), cx);
        } else {
            self.finish(transaction, false, cx);
        }
    }

    /// TR4: nobody may commit while somebody who is up could think that nobody may.
    fn announce(&mut self, transaction: Transaction, missing: BTreeSet<NodeId>, cx: &mut Cx<'_>) {
        let me = cx.me();
        if let Some(promised) = self.promises.get_mut(&transaction) {
            promised.stage = Stage::Moving { missing: missing.clone() };
        }
        self.learn(transaction, cx);
        if missing.is_empty() {
            return self.finish(transaction, true, cx);
        }
        for &peer in missing.iter().filter(|peer| **peer != me) {
            self.say(peer, transaction, Message::Precommit { transaction }, cx);
        }
        cx.set_timer(ThreePhaseTimer::Doubt(transaction), cx.params().round_trip);
    }

    fn finish(&mut self, transaction: Transaction, commit: bool, cx: &mut Cx<'_>) {
        let me = cx.me();
        let Some(promised) = self.promises.get(&transaction) else { return };
        let (peers, operation) = (promised.peers.clone(), promised.operation);
        self.conclude(transaction, commit, cx);
        for peer in peers.into_iter().filter(|peer| *peer != me) {
            cx.send_for(operation, peer, Message::Decide { transaction, commit });
        }
    }

    fn say(&self, to: NodeId, transaction: Transaction, message: Message, cx: &mut Cx<'_>) {
        let operation = self.promises.get(&transaction).and_then(|promised| promised.operation);
        cx.send_for(operation, to, message);
    }
}

/// How many turns after `from` the turn of `me` comes.
fn turns_after(from: NodeId, me: NodeId, peers: &BTreeSet<NodeId>) -> u64 {
    let (from, me) = (rank(from, peers), rank(me, peers));
    if me > from { me - from } else { me + peers.len() as u64 - from }
}
