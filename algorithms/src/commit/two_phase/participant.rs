//! A participant of two-phase commit: votes, keeps its promise, asks when it is left in doubt.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{NodeId, Operation};

use super::{
    Cx, InDoubt, Presume, TwoPhaseMessage as Message, TwoPhaseMutant, TwoPhaseParams as Params,
    TwoPhaseTimer, Vote,
};
use crate::commit::{COORDINATOR, Event, Log, Part, Record, Transaction};

/// What a participant remembers.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Participant {
    /// INIT: it was asked to vote, and waits for locks.
    initial: BTreeMap<Transaction, Initial>,
    /// READY: it has voted YES.
    ready: BTreeMap<Transaction, Ready>,
    /// COMMIT (true) and ABORT, as long as somebody may ask.
    outcomes: BTreeMap<Transaction, bool>,
    /// Left as a reader, as long as somebody may ask.
    readers: BTreeSet<Transaction>,
    /// Older transactions are closed at the coordinator.
    horizon: Transaction,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Initial {
    part: Part,
    peers: BTreeSet<NodeId>,
    operation: Option<Operation>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Ready {
    locks: BTreeSet<u32>,
    peers: BTreeSet<NodeId>,
    doubt: Doubt,
    operation: Option<Operation>,
}

/// How long a decision has been awaited.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Doubt {
    /// Not too long.
    Fresh,
    /// So long that the others were asked.
    Asked,
    /// Nobody could tell.
    Blocked,
}

impl Participant {
    /// Recovers from the log: what it promised is still promised, and it asks for the decision. What
    /// was decided it tells again: the crash may have come between the record and the word.
    pub fn start(log: &Log, cx: &mut Cx<'_>) -> Self {
        for (&transaction, &commit) in &log.outcomes {
            cx.emit(Event::Decided { transaction, commit });
        }
        let ready = log.promises.iter().map(|(&transaction, promise)| {
            let (locks, peers) = (promise.locks.clone(), promise.peers.clone());
            (transaction, Ready { locks, peers, doubt: Doubt::Fresh, operation: None })
        });
        let mut participant = Participant {
            ready: ready.collect(),
            outcomes: log.outcomes.clone(),
            horizon: log.horizon,
            ..Participant::default()
        };
        for transaction in log.promises.keys() {
            cx.reached("recovered in doubt");
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
            self.readers.retain(|transaction| *transaction >= horizon);
        }
        let operation = cx.operation();
        let again = cx.params().mutant == TwoPhaseMutant::PreparesAgain;
        match self.outcomes.get(&transaction).filter(|_| !again) {
            // The message came late or twice: the vote is what it was.
            _ if self.ready.contains_key(&transaction) => {
                self.say(Message::Vote { transaction, vote: Vote::Yes }, operation, cx);
            }
            _ if self.readers.contains(&transaction) => {
                self.say(Message::Vote { transaction, vote: Vote::Read }, operation, cx);
            }
            Some(false) => self.say(Message::Vote { transaction, vote: Vote::No }, operation, cx),
            Some(true) => {}
            None if self.initial.contains_key(&transaction) => {}
            None if transaction < self.horizon || part.refuses => {
                self.refuse(transaction, operation, cx);
            }
            None if self.is_locked(&part.keys, cx) => {
                self.initial.insert(transaction, Initial { part, peers, operation });
                cx.set_timer(TwoPhaseTimer::Locks(transaction), cx.params().lock_timeout);
            }
            None => self.accept(transaction, part, peers, operation, cx),
        }
    }

    /// Has waited too long for locks: INIT may abort alone.
    pub fn locks_overdue(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        if let Some(initial) = self.initial.remove(&transaction) {
            self.refuse(transaction, initial.operation, cx);
        }
    }

    /// The decision, from the coordinator or from a peer that knows it.
    pub fn decided(&mut self, transaction: Transaction, commit: bool, cx: &mut Cx<'_>) {
        let acknowledged = cx.params().presume.acknowledged(commit);
        let acknowledgement = Message::Ack { transaction };
        let early = acknowledged && cx.params().mutant == TwoPhaseMutant::AcksBeforeForce;
        if early {
            cx.send(COORDINATOR, acknowledgement.clone());
        }
        if self.ready.remove(&transaction).is_some() {
            cx.cancel_timer(TwoPhaseTimer::Doubt(transaction));
            self.conclude(transaction, commit, acknowledged, cx);
        } else if !self.outcomes.contains_key(&transaction) && !commit {
            // INIT, or its question is still under way: it must never be answered with YES.
            if self.initial.remove(&transaction).is_some() {
                cx.cancel_timer(TwoPhaseTimer::Locks(transaction));
                self.conclude(transaction, commit, acknowledged, cx);
            } else if transaction >= self.horizon && !self.readers.contains(&transaction) {
                self.conclude(transaction, commit, acknowledged, cx);
            }
        }
        if acknowledged && !early {
            cx.send(COORDINATOR, acknowledgement);
        }
    }

    /// Has waited too long for the decision: READY may not decide alone.
    pub fn decision_overdue(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        let Some(ready) = self.ready.get_mut(&transaction) else { return };
        if ready.doubt != Doubt::Fresh && cx.params().in_doubt == InDoubt::Abort {
            self.ready.remove(&transaction);
            return self.conclude(transaction, false, true, cx);
        }
        if ready.doubt == Doubt::Asked {
            ready.doubt = Doubt::Blocked;
            cx.reached("blocked");
            cx.emit(Event::Blocked { transaction });
        }
        self.ask(transaction, cx);
    }

    /// A peer in doubt asks (cooperative termination). Who has not voted aborts before it answers;
    /// who is in doubt itself has nothing to say.
    pub fn asked(&mut self, from: NodeId, transaction: Transaction, cx: &mut Cx<'_>) {
        let known = self.outcomes.get(&transaction).copied();
        let commit = match known {
            Some(commit) => commit,
            None if self.has_not_voted(transaction, cx) => {
                let initial = self.initial.remove(&transaction);
                cx.reached("aborted for a peer in doubt");
                if initial.is_some() {
                    cx.cancel_timer(TwoPhaseTimer::Locks(transaction));
                }
                // Others will act on this abort: it is forced, whatever is presumed.
                self.abort_alone(transaction, true, cx);
                let operation = initial.map_or(cx.operation(), |initial| initial.operation);
                self.say(Message::Vote { transaction, vote: Vote::No }, operation, cx);
                false
            }
            None => return,
        };
        cx.send(from, Message::Decide { transaction, commit });
    }

    pub fn waits_for(&self, cooperative: bool, me: NodeId) -> Vec<NodeId> {
        let mut awaited = BTreeSet::new();
        for ready in self.ready.values() {
            awaited.insert(COORDINATOR);
            if cooperative {
                awaited.extend(ready.peers.iter().filter(|peer| **peer != me));
            }
        }
        awaited.into_iter().collect()
    }

    /// Whether a vote on this can be excluded. After a restart a reader cannot tell: it wrote
    /// nothing when it left.
    fn has_not_voted(&self, transaction: Transaction, cx: &mut Cx<'_>) -> bool {
        let Params { read_only, mutant, .. } = *cx.params();
        let forgotten =
            cx.incarnation() > 0 && read_only && mutant != TwoPhaseMutant::ForgetsReaders;
        self.initial.contains_key(&transaction)
            || (transaction >= self.horizon
                && !self.ready.contains_key(&transaction)
                && !self.readers.contains(&transaction)
                && !forgotten)
    }

    fn is_locked(&self, keys: &BTreeSet<u32>, cx: &mut Cx<'_>) -> bool {
        cx.params().holds_locks && self.ready.values().any(|ready| !ready.locks.is_disjoint(keys))
    }

    /// Votes YES, or leaves as a reader.
    fn accept(
        &mut self,
        transaction: Transaction,
        part: Part,
        peers: BTreeSet<NodeId>,
        operation: Option<Operation>,
        cx: &mut Cx<'_>,
    ) {
        let Params { read_only, mutant, doubt_timeout, .. } = *cx.params();
        if part.reads_only && read_only {
            self.readers.insert(transaction);
            cx.emit(Event::Left { transaction });
            return self.say(Message::Vote { transaction, vote: Vote::Read }, operation, cx);
        }
        let locks = part.keys;
        let yes = Message::Vote { transaction, vote: Vote::Yes };
        let early = mutant == TwoPhaseMutant::VotesBeforeForce;
        if early {
            self.say(yes.clone(), operation, cx);
        }
        let record = Record::Ready {
            transaction,
            locks: locks.clone(),
            peers: peers.clone(),
            horizon: self.horizon,
        };
        if mutant == TwoPhaseMutant::ForgetsReady {
            cx.write(record);
        } else {
            cx.force(record);
        }
        cx.emit(Event::Prepared { transaction, locks: locks.clone() });
        if !early {
            self.say(yes, operation, cx);
        }
        self.ready.insert(transaction, Ready { locks, peers, doubt: Doubt::Fresh, operation });
        cx.set_timer(TwoPhaseTimer::Doubt(transaction), doubt_timeout);
    }

    fn refuse(&mut self, transaction: Transaction, operation: Option<Operation>, cx: &mut Cx<'_>) {
        self.abort_alone(transaction, cx.params().presume != Presume::Abort, cx);
        self.say(Message::Vote { transaction, vote: Vote::No }, operation, cx);
    }

    fn abort_alone(&mut self, transaction: Transaction, forced: bool, cx: &mut Cx<'_>) {
        let record = Record::Outcome(transaction, false);
        if forced {
            cx.force(record);
        } else {
            cx.write(record);
        }
        self.outcomes.insert(transaction, false);
        cx.emit(Event::Refused { transaction });
    }

    /// Carries the decision out, and lets those in who wait for its locks.
    fn conclude(&mut self, transaction: Transaction, commit: bool, forced: bool, cx: &mut Cx<'_>) {
        let record = Record::Outcome(transaction, commit);
        if forced {
            cx.force(record);
        } else {
            cx.write(record);
        }
        self.outcomes.insert(transaction, commit);
        cx.emit(Event::Decided { transaction, commit });
        let mut waiting: Vec<Transaction> = self.initial.keys().copied().collect();
        let at_once = cx.params().mutant == TwoPhaseMutant::AdmitsAll;
        if at_once {
            waiting.retain(|next| !self.is_locked(&self.initial[next].part.keys, cx));
        }
        for next in waiting {
            let free = |initial: &Initial| at_once || !self.is_locked(&initial.part.keys, cx);
            if self.initial.get(&next).is_some_and(free)
                && let Some(Initial { part, peers, operation }) = self.initial.remove(&next)
            {
                cx.cancel_timer(TwoPhaseTimer::Locks(next));
                self.accept(next, part, peers, operation, cx);
            }
        }
    }

    /// Asks the coordinator, and the peers where they cooperate, and waits for an answer.
    fn ask(&mut self, transaction: Transaction, cx: &mut Cx<'_>) {
        let me = cx.me();
        let Some(ready) = self.ready.get_mut(&transaction) else { return };
        if ready.doubt == Doubt::Fresh {
            ready.doubt = Doubt::Asked;
        }
        let (operation, peers) = (ready.operation, ready.peers.clone());
        self.say(Message::Inquire { transaction }, operation, cx);
        if cx.params().cooperative {
            for peer in peers.into_iter().filter(|peer| *peer != me) {
                cx.send_for(operation, peer, Message::Inquire { transaction });
            }
        }
        if cx.params().mutant != TwoPhaseMutant::AsksOnce {
            cx.set_timer(TwoPhaseTimer::Doubt(transaction), cx.params().resend);
        }
    }

    fn say(&self, message: Message, operation: Option<Operation>, cx: &mut Cx<'_>) {
        cx.send_for(operation, COORDINATOR, message);
    }
}
