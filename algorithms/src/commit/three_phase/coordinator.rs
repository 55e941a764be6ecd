//! The coordinator of three-phase commit: collects votes, announces a commit, commits.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::NodeId;

use super::{Cx, ThreePhaseMessage as Message, ThreePhaseMutant, ThreePhaseTimer};
use crate::commit::{Coordinated, Event, Log, Part, Record, Transaction};

/// What the coordinator remembers: its open transactions.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Coordinator {
    open: BTreeMap<Transaction, Open>,
}

/// How far it is with one transaction.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Open {
    /// WAIT: votes are missing.
    Collecting { missing: BTreeSet<NodeId>, ready: BTreeSet<NodeId>, refused: bool },
    /// PRECOMMIT: all have voted YES, and not all know it yet.
    Precommitting { everyone: BTreeSet<NodeId>, missing: BTreeSet<NodeId> },
    /// Restarted in PRECOMMIT: the others may have decided meanwhile.
    Recovering { everyone: BTreeSet<NodeId> },
    /// COMMIT or ABORT: acknowledgements are missing.
    Decided { commit: bool, missing: BTreeSet<NodeId> },
}

impl Coordinator {
    /// Recovers from the log: tells what was decided; asks about what was announced. Of the rest it
    /// knows nothing, and nobody can have committed it.
    pub fn start(log: &Log, cx: &mut Cx<'_>) -> Self {
        let mut coordinator = Coordinator::default();
        for (&transaction, state) in &log.coordinated {
            match state {
                Coordinated::Precommitted(everyone) => {
                    let open = Open::Recovering { everyone: everyone.clone() };
                    coordinator.open.insert(transaction, open);
                    coordinator.ask(transaction, cx);
                }
                Coordinated::Decided { commit, to } => {
                    cx.emit(Event::Decided { transaction, commit: *commit });
                    coordinator.tell(transaction, *commit, to.clone(), cx);
                }
                Coordinated::Collecting(_) => unreachable!("three-phase commit does not write it"),
            }
        }
        coordinator
    }

    /// The client hands over a transaction. One that is open already is not begun again.
    pub fn begin(
        &mut self,
        transaction: Transaction,
        work: BTreeMap<NodeId, Part>,
        withdrawn: bool,
        cx: &mut Cx<'_>,
    ) {
        if self.open.contains_key(&transaction) {
            return;
        }
        let participants: BTreeSet<NodeId> = work.keys().copied().collect();
        let open = Open::Collecting {
            missing: participants.clone(),
            ready: BTreeSet::new(),
            refused: withdrawn,
        };
        self.open.insert(transaction, open);
        let horizon = *self.open.keys().next().expect("one was just inserted");
        for (participant, part) in work {
            let peers = participants.clone();
            cx.send(participant, Message::Prepare { transaction, part, peers, horizon });
        }
        cx.set_timer(ThreePhaseTimer::Votes(transaction), cx.params().vote_timeout);
        self.go_on_if_complete(transaction, cx);
    }

    pub fn vote(&mut self, from: NodeId, transaction: Transaction, yes: bool, cx: &mut Cx<'_>) {
        let Some(Open::Collecting { missing, ready, refused }) = self.open.get_mut(&transaction)
        else {
            return;
        };
        if missing.remove(&from) {
            if yes {
                ready.insert(from);
            } else {
                *refused = true;
            }
            self.go_on_if_complete(transaction, cx);
        }
    }

    /// WAIT is over: abort.
    pub fn votes_overdue(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        if let Some(Open::Collecting { missing, ready, .. }) = self.open.get(&transaction) {
            let to = missing | ready;
            self.decide(transaction, false, to, cx);
        }
    }

    /// A participant knows that all have voted YES.
    pub fn precommitted(&mut self, from: NodeId, transaction: Transaction, cx: &mut Cx<'_>) {
        let Some(Open::Precommitting { everyone, missing }) = self.open.get_mut(&transaction)
        else {
            return;
        };
        missing.remove(&from);
        if missing.is_empty() {
            let to = everyone.clone();
            cx.cancel_timer(ThreePhaseTimer::Precommits(transaction));
            self.decide(transaction, true, to, cx);
        }
    }

    /// Who has not answered has crashed (delays are bounded): commit without waiting for it.
    pub fn precommits_overdue(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        if let Some(Open::Precommitting { everyone, .. }) = self.open.get(&transaction) {
            let to = everyone.clone();
            self.decide(transaction, true, to, cx);
        }
    }

    pub fn acknowledged(&mut self, from: NodeId, transaction: Transaction, cx: &mut Cx<'_>) {
        let Some(Open::Decided { missing, .. }) = self.open.get_mut(&transaction) else { return };
        if missing.remove(&from) && missing.is_empty() {
            self.open.remove(&transaction);
            cx.cancel_timer(ThreePhaseTimer::Acks(transaction));
            cx.write(Record::End(transaction));
        }
    }

    /// Tells or asks those again who have not answered.
    pub fn overdue(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        match self.open.get(&transaction) {
            Some(Open::Decided { commit, missing }) => {
                self.tell(transaction, *commit, missing.clone(), cx);
            }
            Some(Open::Recovering { .. }) => self.ask(transaction, cx),
            Some(Open::Collecting { .. } | Open::Precommitting { .. }) | None => {}
        }
    }

    /// The others have decided while this node was down.
    pub fn told(&mut self, transaction: Transaction, commit: bool, cx: &mut Cx<'_>) {
        if let Some(Open::Recovering { everyone }) = self.open.get(&transaction) {
            let to = everyone.clone();
            self.decide(transaction, commit, to, cx);
        }
    }

    /// A participant that has restarted asks. What is not known here was never announced, hence
    /// committed by nobody, or is acknowledged by all.
    pub fn asked(&mut self, from: NodeId, transaction: Transaction, cx: &mut Cx<'_>) {
        let commit = match self.open.get(&transaction) {
            Some(Open::Decided { commit, .. }) => *commit,
            Some(_) => return,
            None => false,
        };
        cx.send(from, Message::Decide { transaction, commit });
    }

    pub fn waits_for(&self) -> Vec<NodeId> {
        let missing = |open: &Open| match open {
            Open::Collecting { missing, .. }
            | Open::Precommitting { missing, .. }
            | Open::Decided { missing, .. } => missing.clone(),
            Open::Recovering { everyone } => everyone.clone(),
        };
        self.open.values().flat_map(missing).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn go_on_if_complete(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        let Some(Open::Collecting { missing, ready, refused }) = self.open.get(&transaction) else {
            return;
        };
        if !missing.is_empty() {
            return;
        }
        let (refused, ready) = (*refused, ready.clone());
        cx.cancel_timer(ThreePhaseTimer::Votes(transaction));
        let at_once = cx.params().mutant == ThreePhaseMutant::CommitsAtOnce;
        if refused || ready.is_empty() || at_once {
            return self.decide(transaction, !refused, ready, cx);
        }
        cx.force(Record::Precommitting(transaction, ready.clone()));
        for &participant in &ready {
            cx.send(participant, Message::Precommit { transaction });
        }
        cx.set_timer(ThreePhaseTimer::Precommits(transaction), cx.params().round_trip);
        let open = Open::Precommitting { everyone: ready.clone(), missing: ready };
        self.open.insert(transaction, open);
    }

    fn decide(
        &mut self,
        transaction: Transaction,
        commit: bool,
        to: BTreeSet<NodeId>,
        cx: &mut Cx<'_>,
    ) {
        cx.force(Record::Decision(transaction, commit, to.clone()));
        cx.emit(Event::Decided { transaction, commit });
        if to.is_empty() {
            self.open.remove(&transaction);
            cx.write(Record::End(transaction));
        } else {
            self.tell(transaction, commit, to, cx);
        }
    }

    fn tell(
        &mut self,
        transaction: Transaction,
        commit: bool,
        to: BTreeSet<NodeId>,
        cx: &mut Cx<'_>,
    ) {
        for &participant in &to {
            cx.send(participant, Message::Decide { transaction, commit });
        }
        self.open.insert(transaction, Open::Decided { commit, missing: to });
        cx.set_timer(ThreePhaseTimer::Acks(transaction), cx.params().resend);
    }

    fn ask(&self, transaction: Transaction, cx: &mut Cx<'_>) {
        if let Some(Open::Recovering { everyone }) = self.open.get(&transaction) {
            for &participant in everyone {
                cx.send(participant, Message::Inquire { transaction });
            }
            cx.set_timer(ThreePhaseTimer::Acks(transaction), cx.params().resend);
        }
    }
}
