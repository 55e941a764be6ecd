//! A participant of three-phase commit, as long as its coordinator is up.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{NodeId, Operation};

use super::{Cx, Report, ThreePhaseMessage as Message, ThreePhaseMutant, ThreePhaseTimer};
use crate::commit::{COORDINATOR, Event, Log, Part, Record, Transaction};

/// What a participant remembers.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Participant {
    /// READY and PRECOMMIT: it has voted YES.
    pub promises: BTreeMap<Transaction, Promised>,
    /// COMMIT (true) and ABORT, as long as somebody may ask.
    outcomes: BTreeMap<Transaction, bool>,
    /// Older transactions are closed at the coordinator.
    horizon: Transaction,
}

/// A transaction that it has voted YES on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Promised {
    locks: BTreeSet<u32>,
    /// All participants.
    pub peers: BTreeSet<NodeId>,
    /// Whether it knows that all have voted YES.
    pub precommitted: bool,
    /// What it does about it.
    pub stage: Stage,
    pub operation: Option<Operation>,
}

/// What a participant does about a transaction that is not decided.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Stage {
    /// Waits for the coordinator, or for a peer that stands in.
    Waiting,
    /// Stands in for the coordinator: asks how far the others are.
    Polling { reports: BTreeMap<NodeId, Report> },
    /// Stands in: has told the others that all have voted YES.
    Moving { missing: BTreeSet<NodeId> },
    /// Has crashed meanwhile: asks what the others have decided, so often before it counts as
    /// blocked (`None`: it does).
    Recovering { patience: Option<u64> },
}

impl Participant {
    /// Recovers from the log: who has missed a part of the protocol does not take part in it again,
    /// but asks for its result. What was decided it tells again: the crash may have come between
    /// the record and the word.
    pub fn start(log: &Log, cx: &mut Cx<'_>) -> Self {
        for (&transaction, &commit) in &log.outcomes {
            cx.emit(Event::Decided { transaction, commit });
        }
        let again = cx.params().mutant == ThreePhaseMutant::TakesPartAgain;
        let promised = log.promises.iter().map(|(&transaction, promise)| {
            let patience = Some(cx.params().asks(&promise.peers));
            let promised = Promised {
                locks: promise.locks.clone(),
                peers: promise.peers.clone(),
                precommitted: promise.precommitted,
                stage: if again { Stage::Waiting } else { Stage::Recovering { patience } },
                operation: None,
            };
            (transaction, promised)
        });
        let participant = Participant {
            promises: promised.collect(),
            outcomes: log.outcomes.clone(),
            horizon: log.horizon,
        };
        for transaction in log.promises.keys() {
            participant.ask(*transaction, cx);
        }
        participant
    }

    /// The coordinator asks for a vote.
    pub fn prepare(
        &mut self,
        transaction: Transaction,
        part: Part,
        mut peers: BTreeSet<NodeId>,
        horizon: Transaction,
        cx: &mut Cx<'_>,
    ) {
        // A list that was altered on its way may name nobody.
        peers.retain(|peer| peer.0 < cx.members().count());
        if horizon > self.horizon {
            self.horizon = horizon;
            self.outcomes.retain(|transaction, _| *transaction >= horizon);
        }
        let locked = |promised: &Promised| !promised.locks.is_disjoint(&part.keys);
        let known = self.outcomes.get(&transaction).copied();
        if self.promises.contains_key(&transaction) {
            cx.send(COORDINATOR, Message::Vote { transaction, yes: true });
        } else if known == Some(false) {
            cx.send(COORDINATOR, Message::Vote { transaction, yes: false });
        } else if known == Some(true) {
            // The message came twice, and late: the coordinator does not wait for this vote.
        } else if transaction < self.horizon || part.refuses || self.promises.values().any(locked) {
            self.abort_alone(transaction, cx);
            cx.send(COORDINATOR, Message::Vote { transaction, yes: false });
        } else {
            self.accept(transaction, part.keys, peers, cx);
        }
    }

    /// All have voted YES: says the coordinator, or who stands in for it.
    pub fn precommit(&mut self, from: NodeId, transaction: Transaction, cx: &mut Cx<'_>) {
        if self.promises.contains_key(&transaction) {
            self.learn(transaction, cx);
            cx.send(from, Message::PrecommitAck { transaction });
        }
    }

    /// Knows from now on that all have voted YES.
    pub fn learn(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        if let Some(promised) = self.promises.get_mut(&transaction)
            && !std::mem::replace(&mut promised.precommitted, true)
        {
            cx.force(Record::Precommitted(transaction));
        }
    }

    /// The decision.
    pub fn decided(
        &mut self,
        from: NodeId,
        transaction: Transaction,
        commit: bool,
        cx: &mut Cx<'_>,
    ) {
        let unknown = !self.outcomes.contains_key(&transaction) && transaction >= self.horizon;
        if self.promises.contains_key(&transaction) || (unknown && !commit) {
            self.conclude(transaction, commit, cx);
        }
        if from == COORDINATOR {
            cx.send(COORDINATOR, Message::Ack { transaction });
        }
    }

    /// A node that has restarted asks what was decided.
    pub fn asked(&mut self, from: NodeId, transaction: Transaction, cx: &mut Cx<'_>) {
        cx.reached("asked by a node that has restarted");
        let commit = match self.report(transaction, cx) {
            Some(Report::Committed) => true,
            Some(Report::Aborted) => false,
            Some(Report::Ready | Report::Precommitted) | None => return,
        };
        cx.send(from, Message::Decide { transaction, commit });
    }

    /// How far this node is, for those who ask. Who has not voted aborts before it answers; who has
    /// crashed meanwhile does not count.
    pub fn report(&mut self, transaction: Transaction, cx: &mut Cx<'_>) -> Option<Report> {
        if let Some(promised) = self.promises.get(&transaction) {
            let counts = !matches!(promised.stage, Stage::Recovering { .. });
            let report = if promised.precommitted { Report::Precommitted } else { Report::Ready };
            return counts.then_some(report);
        }
        match self.outcomes.get(&transaction) {
            Some(true) => Some(Report::Committed),
            Some(false) => Some(Report::Aborted),
            None if transaction < self.horizon => None,
            None => {
                self.abort_alone(transaction, cx);
                Some(Report::Aborted)
            }
        }
    }

    /// Carries the decision out.
    pub fn conclude(&mut self, transaction: Transaction, commit: bool, cx: &mut Cx<'_>) {
        cx.force(Record::Outcome(transaction, commit));
        cx.emit(Event::Decided { transaction, commit });
        cx.cancel_timer(ThreePhaseTimer::Doubt(transaction));
        self.promises.remove(&transaction);
        self.outcomes.insert(transaction, commit);
    }

    /// Asks everybody what was decided, and waits for an answer.
    pub fn ask(&self, transaction: Transaction, cx: &mut Cx<'_>) {
        let Some(promised) = self.promises.get(&transaction) else { return };
        let me = cx.me();
        for peer in [COORDINATOR].into_iter().chain(promised.peers.iter().copied()) {
            if peer != me {
                cx.send_for(promised.operation, peer, Message::Inquire { transaction });
            }
        }
        cx.set_timer(ThreePhaseTimer::Doubt(transaction), cx.params().resend);
    }

    pub fn waits_for(&self, me: NodeId) -> Vec<NodeId> {
        let mut awaited = BTreeSet::new();
        for promised in self.promises.values() {
            awaited.insert(COORDINATOR);
            awaited.extend(promised.peers.iter().filter(|peer| **peer != me));
        }
        awaited.into_iter().collect()
    }

    fn accept(
        &mut self,
        transaction: Transaction,
        locks: BTreeSet<u32>,
        peers: BTreeSet<NodeId>,
        cx: &mut Cx<'_>,
    ) {
        let yes = Message::Vote { transaction, yes: true };
        let early = cx.params().mutant == ThreePhaseMutant::VotesBeforeForce;
        if early {
            cx.send(COORDINATOR, yes.clone());
        }
        cx.force(Record::Ready {
            transaction,
            locks: locks.clone(),
            peers: peers.clone(),
            horizon: self.horizon,
        });
        cx.emit(Event::Prepared { transaction, locks: locks.clone() });
        if !early {
            cx.send(COORDINATOR, yes);
        }
        let patience = cx.params().patience(&peers, cx.me());
        if cx.params().mutant != ThreePhaseMutant::NeverStandsIn {
            cx.set_timer(ThreePhaseTimer::Doubt(transaction), patience);
        }
        let operation = cx.operation();
        let stage = Stage::Waiting;
        let promised = Promised { locks, peers, precommitted: false, stage, operation };
        self.promises.insert(transaction, promised);
    }

    fn abort_alone(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        cx.force(Record::Outcome(transaction, false));
        cx.emit(Event::Refused { transaction });
        self.outcomes.insert(transaction, false);
    }
}
