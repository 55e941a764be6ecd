//! What nodes of atomic commitment write down, and what a restart makes of it.
//!
//! A record that closes a matter removes it. Of decided transactions a participant remembers the
//! outcome until the coordinator has no open transaction that is as old (the horizon, which comes
//! with the first message and is stored with the next promise): so long a late message about it
//! may arrive, and a peer may ask.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Durable, NodeId};

use super::Transaction;

/// The log of one node, replayed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Log {
    /// The coordinator's open transactions.
    pub coordinated: BTreeMap<Transaction, Coordinated>,
    /// A participant's promises.
    pub promises: BTreeMap<Transaction, Promise>,
    /// What has become of a participant's transactions: true is committed.
    pub outcomes: BTreeMap<Transaction, bool>,
    /// Older transactions are closed at the coordinator.
    pub horizon: Transaction,
}

/// How far the coordinator has come with a transaction.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Coordinated {
    /// It may have asked these for their votes.
    Collecting(BTreeSet<NodeId>),
    /// It may have told these that all have voted YES.
    Precommitted(BTreeSet<NodeId>),
    /// It has decided.
    Decided {
        /// To commit; otherwise to abort.
        commit: bool,
        /// Who has to acknowledge.
        to: BTreeSet<NodeId>,
    },
}

/// A participant's YES: it can commit, and does not abort unless told.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Promise {
    /// The keys that it keeps locked.
    pub locks: BTreeSet<u32>,
    /// All participants.
    pub peers: BTreeSet<NodeId>,
    /// Whether it knows that all have voted YES.
    pub precommitted: bool,
}

/// One record.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Record {
    /// The coordinator is about to ask these for their votes.
    Collecting(Transaction, BTreeSet<NodeId>),
    /// The coordinator is about to tell these that all have voted YES.
    Precommitting(Transaction, BTreeSet<NodeId>),
    /// The coordinator commits (true) or aborts, and these have to acknowledge; nobody: it forgets.
    Decision(Transaction, bool, BTreeSet<NodeId>),
    /// Everybody has acknowledged.
    End(Transaction),
    /// A participant votes YES.
    Ready {
        /// On this.
        transaction: Transaction,
        /// Keeping these keys locked.
        locks: BTreeSet<u32>,
        /// All participants.
        peers: BTreeSet<NodeId>,
        /// Older transactions are closed at the coordinator.
        horizon: Transaction,
    },
    /// A participant knows that all have voted YES.
    Precommitted(Transaction),
    /// A participant has committed (true) or aborted.
    Outcome(Transaction, bool),
}

impl Durable for Log {
    type Write = Record;

    fn apply(&mut self, record: &Record) {
        match record.clone() {
            Record::Collecting(transaction, participants) => {
                self.coordinated.insert(transaction, Coordinated::Collecting(participants));
            }
            Record::Precommitting(transaction, participants) => {
                self.coordinated.insert(transaction, Coordinated::Precommitted(participants));
            }
            Record::Decision(transaction, commit, to) if !to.is_empty() => {
                self.coordinated.insert(transaction, Coordinated::Decided { commit, to });
            }
            Record::Decision(transaction, ..) | Record::End(transaction) => {
                self.coordinated.remove(&transaction);
            }
            Record::Ready { transaction, locks, peers, horizon } => {
                let promise = Promise { locks, peers, precommitted: false };
                self.promises.insert(transaction, promise);
                self.horizon = self.horizon.max(horizon);
                self.outcomes.retain(|transaction, _| *transaction >= horizon);
            }
            Record::Precommitted(transaction) => {
                if let Some(promise) = self.promises.get_mut(&transaction) {
                    promise.precommitted = true;
                }
            }
            Record::Outcome(transaction, commit) => {
                self.promises.remove(&transaction);
                self.outcomes.insert(transaction, commit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use seedbed_node::{Durable, NodeId};

    use super::{Log, Record, Transaction};

    #[test]
    fn closed_matters_leave_nothing_and_old_outcomes_go_with_the_horizon() {
        let everyone = BTreeSet::from([NodeId(1), NodeId(2)]);
        let ready = |transaction, horizon| Record::Ready {
            transaction: Transaction(transaction),
            locks: BTreeSet::new(),
            peers: everyone.clone(),
            horizon: Transaction(horizon),
        };
        let mut log = Log::default();
        for record in [
            Record::Collecting(Transaction(0), everyone.clone()),
            Record::Decision(Transaction(0), true, everyone.clone()),
            Record::End(Transaction(0)),
            Record::Collecting(Transaction(1), everyone.clone()),
            Record::Decision(Transaction(1), true, BTreeSet::new()),
        ] {
            log.apply(&record);
        }
        assert_eq!(log, Log::default());
        for record in [
            ready(0, 0),
            Record::Outcome(Transaction(0), true),
            ready(1, 0),
            Record::Outcome(Transaction(1), false),
            ready(2, 1),
        ] {
            log.apply(&record);
        }
        assert_eq!(log.outcomes.into_iter().collect::<Vec<_>>(), [(Transaction(1), false)]);
        assert_eq!(log.promises.keys().collect::<Vec<_>>(), [&Transaction(2)]);
        assert_eq!(log.horizon, Transaction(1));
    }
}
