//! A server's copy: the history of updates, kept as the data that it leads to and the part that
//! not everybody is known to have.
//!
//! `Hist` of the paper is never stored: of the part that is stable, the values remain and the
//! identities of requests that may still come again; the rest is the paper's `Sent`.

use std::collections::BTreeMap;

use seedbed_node::{NodeId, Operation, Wire};

use super::Update;

/// A server's copy of the data.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Log {
    /// How many updates were applied: the length of `Hist`.
    applied: u64,
    /// What the stable updates lead to.
    stable: BTreeMap<u32, Version>,
    /// The updates that not everybody is known to have, by their places in the history: the last
    /// of them, without a gap.
    sent: BTreeMap<u64, Update>,
    sessions: BTreeMap<NodeId, Session>,
}

/// A value, and the place in the history of the update that wrote it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Wire)]
pub struct Version {
    /// The place.
    pub sequence: u64,
    /// The value.
    pub value: u64,
}

/// Which updates of a client were applied, as far as the client may ask for them again.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Wire)]
pub struct Session {
    /// The client awaits no answer to requests with lower numbers.
    oldest: u32,
    /// The places in the history of those that were applied, by the requests' numbers.
    done: BTreeMap<u32, u64>,
}

/// What a new server needs of another's copy: the stable part.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Wire)]
pub struct Snapshot {
    /// How many updates it contains.
    pub sequence: u64,
    /// What they lead to.
    pub values: BTreeMap<u32, Version>,
    /// Which requests may still come again.
    pub sessions: BTreeMap<NodeId, Session>,
}

/// Whether an update was applied before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// It was not.
    New,
    /// It was, here in the history.
    At(u64),
    /// It was, and nobody awaits the answer any more.
    Over,
}

impl Log {
    /// How many updates were applied.
    pub fn applied(&self) -> u64 {
        self.applied
    }

    /// How many updates everybody is known to have.
    pub fn stable(&self) -> u64 {
        self.applied - self.sent.len() as u64
    }

    /// The updates after the first `have`, if they are all still here.
    pub fn after(&self, have: u64) -> Option<impl Iterator<Item = (u64, Update)> + '_> {
        let sent = self.sent.range(have.saturating_add(1)..);
        (have >= self.stable()).then(|| sent.map(|(&sequence, &update)| (sequence, update)))
    }

    /// Whether an update was applied before.
    pub fn seen(&self, operation: Operation) -> Seen {
        let Some(session) = self.sessions.get(&operation.client) else { return Seen::New };
        match session.done.get(&operation.number) {
            Some(&sequence) => Seen::At(sequence),
            None if operation.number < session.oldest => Seen::Over,
            None => Seen::New,
        }
    }

    /// Adds an update to the history; gives its place.
    pub fn append(&mut self, update: Update) -> u64 {
        self.applied += 1;
        self.sent.insert(self.applied, update);
        let session = self.sessions.entry(update.operation.client).or_default();
        session.oldest = session.oldest.max(update.oldest);
        session.done.insert(update.operation.number, self.applied);
        session.done = session.done.split_off(&session.oldest);
        self.applied
    }

    /// Everybody has the first `through` updates; gives those of which that is news.
    pub fn settle(&mut self, through: u64) -> Vec<(u64, Update)> {
        let unsettled = self.sent.split_off(&through.saturating_add(1));
        let settled = std::mem::replace(&mut self.sent, unsettled);
        for (&sequence, update) in &settled {
            self.stable.insert(update.key, Version { sequence, value: update.value });
        }
        settled.into_iter().collect()
    }

    /// The value of `key` after all updates that were applied.
    pub fn latest(&self, key: u32) -> Option<u64> {
        let sent = self.sent.values().rev().find(|update| update.key == key);
        sent.map(|update| update.value).or_else(|| self.settled(key).map(|version| version.value))
    }

    /// The value of `key` after the stable updates.
    pub fn settled(&self, key: u32) -> Option<Version> {
        self.stable.get(&key).copied()
    }

    /// Whether an update of `key` may not have reached everybody.
    pub fn is_dirty(&self, key: u32) -> bool {
        self.sent.values().any(|update| update.key == key)
    }

    /// The value of `key` after the first `sequence` updates of the history, the last of which is
    /// one of `key`; a later stable value where that is gone.
    pub fn version(&self, key: u32, sequence: u64) -> Option<u64> {
        let sent = self.sent.get(&sequence).filter(|update| update.key == key);
        sent.map(|update| update.value).or_else(|| self.settled(key).map(|version| version.value))
    }

    /// The stable part, for another server.
    pub fn snapshot(&self) -> Snapshot {
        let sequence = self.stable();
        let mut sessions = self.sessions.clone();
        // What is not part of the copy must not look as if it were done.
        for session in sessions.values_mut() {
            session.done.retain(|_, at| *at <= sequence);
        }
        Snapshot { sequence, values: self.stable.clone(), sessions }
    }

    /// Takes over another's stable part in place of everything.
    pub fn install(&mut self, snapshot: Snapshot) {
        let Snapshot { sequence, values, sessions } = snapshot;
        *self = Log { applied: sequence, stable: values, sent: BTreeMap::new(), sessions };
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{NodeId, Operation};

    use super::{Log, Seen, Update};

    fn operation(number: u32) -> Operation {
        Operation { client: NodeId(9), number }
    }

    fn update(number: u32, oldest: u32, key: u32, value: u64) -> Update {
        Update { operation: operation(number), oldest, key, value }
    }

    #[test]
    fn latest_counts_everything_and_settled_only_what_everybody_has() {
        let mut log = Log::default();
        assert_eq!((log.append(update(0, 0, 7, 70)), log.append(update(1, 0, 7, 71))), (1, 2));
        assert_eq!((log.latest(7), log.settled(7), log.is_dirty(7)), (Some(71), None, true));
        assert_eq!(log.settle(1), [(1, update(0, 0, 7, 70))]);
        assert_eq!(log.settled(7).map(|version| version.value), Some(70));
        assert_eq!((log.version(7, 1), log.version(7, 2)), (Some(70), Some(71)));
        assert_eq!((log.stable(), log.applied()), (1, 2));
        assert_eq!(log.settle(2).len(), 1);
        assert!(!log.is_dirty(7) && log.settle(2).is_empty());
    }

    #[test]
    fn what_is_not_stable_can_be_sent_again_and_the_rest_cannot() {
        let mut log = Log::default();
        for number in 0..4 {
            log.append(update(number, 0, 1, u64::from(number)));
        }
        log.settle(2);
        let after = |have| log.after(have).map(|all| all.map(|(at, _)| at).collect::<Vec<_>>());
        assert_eq!(after(1), None, "the second is no longer here by itself");
        assert_eq!(after(2), Some(vec![3, 4]));
        assert_eq!(after(4), Some(vec![]));
    }

    #[test]
    fn a_copy_does_not_claim_what_it_does_not_contain() {
        let mut log = Log::default();
        log.append(update(0, 0, 1, 1));
        log.append(update(1, 0, 1, 2));
        log.settle(1);
        let mut copy = Log::default();
        copy.install(log.snapshot());
        assert_eq!((copy.applied(), copy.latest(1)), (1, Some(1)));
        assert_eq!((copy.seen(operation(0)), copy.seen(operation(1))), (Seen::At(1), Seen::New));
    }

    #[test]
    fn a_session_forgets_what_its_client_no_longer_awaits() {
        let mut log = Log::default();
        log.append(update(3, 3, 1, 1));
        assert_eq!(log.seen(operation(3)), Seen::At(1));
        assert_eq!(log.seen(operation(4)), Seen::New);
        assert_eq!(log.seen(operation(2)), Seen::Over);
        log.append(update(5, 4, 1, 2));
        assert_eq!(log.seen(operation(3)), Seen::Over);
        assert_eq!(log.seen(operation(4)), Seen::New, "4 is awaited and was never applied");
    }
}
