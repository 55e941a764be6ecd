//! The coordinator of two-phase commit: collects votes, decides, collects acknowledgements.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::NodeId;

use super::{
    Cx, Presume, TwoPhaseMessage as Message, TwoPhaseMutant, TwoPhaseParams as Params,
    TwoPhaseTimer, Vote,
};
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
    Collecting {
        missing: BTreeSet<NodeId>,
        ready: BTreeSet<NodeId>,
        /// Whether somebody has voted NO, or the client has withdrawn it.
        refused: bool,
    },
    /// COMMIT or ABORT: acknowledgements are missing.
    Decided { commit: bool, missing: BTreeSet<NodeId> },
}

impl Coordinator {
    /// Recovers from the log: what was decided is told again; what was not is aborted.
    pub fn start(log: &Log, cx: &mut Cx<'_>) -> Self {
        let mut coordinator = Coordinator::default();
        for (&transaction, state) in &log.coordinated {
            match state {
                Coordinated::Collecting(participants) => {
                    coordinator.decide(transaction, false, participants.clone(), cx);
                }
                Coordinated::Decided { commit, to } => {
                    cx.emit(Event::Decided { transaction, commit: *commit });
                    coordinator.tell(transaction, *commit, to.clone(), cx);
                }
                Coordinated::Precommitted(_) => {
                    unreachable!("two-phase commit has no such state")
                }
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
        let Params { presume, mutant, .. } = *cx.params();
        if presume == Presume::Commit && mutant != TwoPhaseMutant::NoCollecting {
            self.force(Record::Collecting(transaction, participants.clone()), cx);
        }
        let ready = BTreeSet::new();
        let open = Open::Collecting { missing: participants.clone(), ready, refused: withdrawn };
        self.open.insert(transaction, open);
        let horizon = *self.open.keys().next().expect("one was just inserted");
        for (participant, part) in work {
            let peers = participants.clone();
            cx.send(participant, Message::Prepare { transaction, part, peers, horizon });
        }
        cx.set_timer(TwoPhaseTimer::Votes(transaction), cx.params().vote_timeout);
        self.decide_if_complete(transaction, cx);
    }

    pub fn vote(&mut self, from: NodeId, transaction: Transaction, vote: Vote, cx: &mut Cx<'_>) {
        // A vote that comes too late finds its transaction decided; the voter will be told or ask.
        let Some(Open::Collecting { missing, ready, refused }) = self.open.get_mut(&transaction)
        else {
            return;
        };
        if !missing.remove(&from) {
            return;
        }
        match vote {
            Vote::Yes => {
                ready.insert(from);
            }
            Vote::No => *refused |= cx.params().mutant != TwoPhaseMutant::IgnoresNo,
            Vote::Read => {}
        }
        self.decide_if_complete(transaction, cx);
    }

    /// WAIT is over: who has not voted is told to abort, as are those who voted YES.
    pub fn votes_overdue(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        if let Some(Open::Collecting { missing, ready, .. }) = self.open.get(&transaction) {
            let to = missing | ready;
            self.decide(transaction, false, to, cx);
        }
    }

    pub fn acknowledged(&mut self, from: NodeId, transaction: Transaction, cx: &mut Cx<'_>) {
        let Some(Open::Decided { missing, .. }) = self.open.get_mut(&transaction) else { return };
        if missing.remove(&from) && missing.is_empty() {
            self.open.remove(&transaction);
            cx.cancel_timer(TwoPhaseTimer::Acks(transaction));
            self.write(Record::End(transaction), cx);
        }
    }

    /// Tells those again who have not acknowledged.
    pub fn acks_overdue(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        if let Some(Open::Decided { commit, missing }) = self.open.get(&transaction) {
            self.tell(transaction, *commit, missing.clone(), cx);
        }
    }

    /// A participant in doubt asks. Of what is not open there is no information, and the
    /// presumption is the answer; of what is not decided there is none yet.
    pub fn asked(&mut self, from: NodeId, transaction: Transaction, cx: &mut Cx<'_>) {
        let commit = match self.open.get(&transaction) {
            Some(Open::Collecting { .. }) => return,
            Some(Open::Decided { commit, .. }) => *commit,
            None => {
                let Params { presume, mutant, .. } = *cx.params();
                (presume == Presume::Commit) != (mutant == TwoPhaseMutant::PresumesWrongly)
            }
        };
        cx.send(from, Message::Decide { transaction, commit });
    }

    pub fn waits_for(&self) -> Vec<NodeId> {
        let missing = |open: &Open| match open {
            Open::Collecting { missing, .. } | Open::Decided { missing, .. } => missing.clone(),
        };
        self.open.values().flat_map(missing).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn decide_if_complete(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        if let Some(Open::Collecting { missing, ready, refused }) = self.open.get(&transaction)
            && missing.is_empty()
        {
            let (commit, to) = (!refused, ready.clone());
            cx.cancel_timer(TwoPhaseTimer::Votes(transaction));
            self.decide(transaction, commit, to, cx);
        }
    }

    /// Decides, and tells `to`: who voted YES or not at all.
    fn decide(
        &mut self,
        transaction: Transaction,
        commit: bool,
        to: BTreeSet<NodeId>,
        cx: &mut Cx<'_>,
    ) {
        let Params { presume, mutant, .. } = *cx.params();
        let early = commit && mutant == TwoPhaseMutant::CommitsBeforeForce;
        if early {
            self.tell(transaction, commit, to.clone(), cx);
        }
        let acknowledged = presume.acknowledged(commit);
        let who = if acknowledged { to.clone() } else { BTreeSet::new() };
        let record = Record::Decision(transaction, commit, who);
        match (presume, commit) {
            // Nobody is in doubt, and nobody will ask: nothing needs to be known. Presumed commit
            // has to close what it opened by its collecting record.
            (Presume::Nothing | Presume::Abort, true) if to.is_empty() => {}
            (Presume::Commit, true) if to.is_empty() => self.write(record, cx),
            // No record, or a collecting record alone, means abort: a lost record does no harm.
            (Presume::Abort | Presume::Commit, false) => self.write(record, cx),
            (Presume::Nothing, false) | (_, true) => self.force(record, cx),
        }
        cx.emit(Event::Decided { transaction, commit });
        if !early {
            self.tell(transaction, commit, to.clone(), cx);
        }
        if to.is_empty() && !commit && acknowledged {
            self.write(Record::End(transaction), cx);
        }
    }

    /// Sends a decision, and remembers it until it is acknowledged, if it is.
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
        if cx.params().presume.acknowledged(commit) && !to.is_empty() {
            self.open.insert(transaction, Open::Decided { commit, missing: to });
            cx.set_timer(TwoPhaseTimer::Acks(transaction), cx.params().resend);
        } else {
            self.open.remove(&transaction);
        }
    }

    /// A client that coordinates has no log.
    fn force(&self, record: Record, cx: &mut Cx<'_>) {
        if !cx.params().client_coordinates {
            cx.force(record);
        }
    }

    fn write(&self, record: Record, cx: &mut Cx<'_>) {
        if !cx.params().client_coordinates {
            cx.write(record);
        }
    }
}
