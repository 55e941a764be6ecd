//! A server that leads, or hopes to.
//!
//! ```text
//! phase            message               effect                                 next phase
//! Gathering        CEPOCH(p)             a quorum: e = max p + 1, force f.p,    Discovery
//!                                        send NEWEPOCH(e)
//! Discovery        ACK-E(a, h)           a quorum of promises: the best (a, h)  Synchronisation
//!                                        is forced as the history of e; send
//!                                        NEWLEADER(e, h)
//! Synchronisation  ACK-LD                a quorum: deliver h, send COMMIT-LD    Broadcast
//! Broadcast        request, FORWARD(v)   force v in its place, send PROPOSE     same
//! Broadcast        ACK(z), PONG(z)       a quorum has z: send COMMIT(z),        same
//!                                        deliver up to z
//! from Discovery   CEPOCH from anyone    send NEWEPOCH(e): a late follower
//! from Synchr.     ACK-E from a late one send NEWLEADER(e, history so far)
//! Broadcast        ACK-LD from one       send COMMIT-LD
//! any              patience over         no quorum heard, or not yet in         look
//!                                        Broadcast
//! ```

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Context, NodeId, Operation};

use super::store::Store;
use super::{Onward, Zab, ZabMessage as M, ZabMutant, ZabTimer};
use crate::zab::ballot::Settled;
use crate::zab::{Event, Transaction, Value, index};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Leader {
    pub settled: Settled,
    phase: Phase,
    followers: BTreeMap<NodeId, Standing>,
    /// Who has been heard since patience was last checked.
    heard: BTreeSet<NodeId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Gathering {
        /// The latest epoch that anybody has promised.
        floor: u32,
    },
    Discovery {
        epoch: u32,
        /// The best history but the own, with the epoch that vouches for it.
        best: Option<(u32, Vec<Transaction>)>,
    },
    Synchronisation {
        epoch: u32,
    },
    Broadcast {
        epoch: u32,
        /// How much of the history is committed.
        committed: u32,
    },
}

/// How far the connection to a follower has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Standing {
    Connected,
    Promised {
        counts: bool,
    },
    /// NEWLEADER is on its way; proposals follow it.
    Synchronising,
    /// It has so much of the history on disk.
    Synchronised {
        held: u32,
    },
    /// The same, and it takes part in the broadcast.
    Active {
        held: u32,
    },
}

impl Leader {
    /// Takes office, with those who have connected already.
    pub fn begin(
        settled: Settled,
        knocks: BTreeMap<NodeId, u32>,
        store: &mut Store,
        cx: &mut Context<'_, Zab>,
    ) -> Self {
        let mut leader = Leader {
            settled,
            phase: Phase::Gathering { floor: store.log.accepted_epoch },
            followers: BTreeMap::new(),
            heard: BTreeSet::new(),
        };
        cx.set_timer(ZabTimer::Patience, cx.params().patience);
        cx.set_timer(ZabTimer::Heartbeat, cx.params().heartbeat);
        leader.propose_epoch(store, cx);
        for (follower, accepted) in knocks {
            leader.connect(follower, accepted, store, cx);
        }
        leader
    }

    pub fn hear(&mut self, from: NodeId, message: M, store: &mut Store, cx: &mut Context<'_, Zab>) {
        if let M::FollowerInfo { accepted } = message {
            self.heard.insert(from);
            return self.connect(from, accepted, store, cx);
        }
        let Some(&standing) = self.followers.get(&from) else { return };
        self.heard.insert(from);
        match (message, standing) {
            (M::AckEpoch { epoch, current, history }, Standing::Connected)
                if Some(epoch) == self.epoch() =>
            {
                self.promised(from, current, history, store, cx);
            }
            (M::AckLeader { epoch, last }, Standing::Synchronising)
                if Some(epoch) == self.epoch() =>
            {
                let held = store.log.length_to(last).unwrap_or(0);
                self.synchronised(from, held, store, cx);
            }
            (M::Ack(zxid) | M::Pong { last: zxid }, Standing::Active { held }) => {
                let held = store.log.length_to(zxid).unwrap_or(0).max(held);
                self.followers.insert(from, Standing::Active { held });
                self.advance(store, cx);
            }
            (M::Forward(value), Standing::Active { .. }) => {
                self.propose(value, cx.operation(), store, cx);
            }
            // Of an earlier connection of this follower.
            _ => {}
        }
    }

    /// The client wants something; before the broadcast phase it has to wait.
    pub fn ask(&mut self, value: Value, store: &mut Store, cx: &mut Context<'_, Zab>) {
        self.propose(value, cx.operation(), store, cx);
    }

    pub fn beat(&self, store: &Store, cx: &mut Context<'_, Zab>) {
        if let Phase::Broadcast { committed, .. } = self.phase {
            let last = store.log.last();
            let committed = store.log.zxid_at(committed);
            for (follower, standing) in &self.followers {
                if let Standing::Active { .. } = standing {
                    cx.send_for(None, *follower, M::Ping { last, committed });
                }
            }
        }
        cx.set_timer(ZabTimer::Heartbeat, cx.params().heartbeat);
    }

    /// Patience is over: does a quorum still follow? Connections that were silent are given up.
    pub fn take_stock(&mut self, cx: &mut Context<'_, Zab>) -> Onward {
        let followed = quorum(self.heard.len() as u32 + 1, cx);
        if !followed || !matches!(self.phase, Phase::Broadcast { .. }) {
            return Onward::Look;
        }
        let heard = std::mem::take(&mut self.heard);
        self.followers.retain(|follower, _| heard.contains(follower));
        cx.set_timer(ZabTimer::Patience, cx.params().patience);
        Onward::Stay
    }

    /// Whose answers are missing.
    pub fn waits_for(&self) -> Vec<NodeId> {
        let behind = |standing: &Standing| !matches!(standing, Standing::Active { .. });
        self.followers.iter().filter(|(_, s)| behind(s)).map(|(follower, _)| *follower).collect()
    }

    fn epoch(&self) -> Option<u32> {
        match self.phase {
            Phase::Gathering { .. } => None,
            Phase::Discovery { epoch, .. }
            | Phase::Synchronisation { epoch }
            | Phase::Broadcast { epoch, .. } => Some(epoch),
        }
    }

    /// Phase 1: CEPOCH.
    fn connect(
        &mut self,
        from: NodeId,
        accepted: u32,
        store: &mut Store,
        cx: &mut Context<'_, Zab>,
    ) {
        self.followers.insert(from, Standing::Connected);
        if let Phase::Gathering { floor } = &mut self.phase {
            *floor = accepted.max(*floor);
            self.propose_epoch(store, cx);
        } else if let Some(epoch) = self.epoch() {
            cx.send_for(None, from, M::NewEpoch { epoch });
        }
    }

    /// Phase 1: NEWEPOCH, once a quorum has said what it had promised.
    fn propose_epoch(&mut self, store: &mut Store, cx: &mut Context<'_, Zab>) {
        let Phase::Gathering { floor } = self.phase else { return };
        if !quorum(self.followers.len() as u32 + 1, cx) {
            return;
        }
        let epoch = floor + 1;
        store.accept(epoch, cx);
        self.phase = Phase::Discovery { epoch, best: None };
        for follower in self.followers.keys() {
            cx.send_for(None, *follower, M::NewEpoch { epoch });
        }
        self.choose_history(store, cx);
    }

    /// Phase 1: ACK-E.
    fn promised(
        &mut self,
        from: NodeId,
        current: Option<u32>,
        history: Vec<Transaction>,
        store: &mut Store,
        cx: &mut Context<'_, Zab>,
    ) {
        self.followers.insert(from, Standing::Promised { counts: current.is_some() });
        match &mut self.phase {
            Phase::Gathering { .. } => {}
            Phase::Discovery { best, .. } => {
                let own = (store.log.current_epoch, store.log.last());
                let rank = |epoch: u32, history: &[Transaction]| {
                    (epoch, history.last().map_or(Default::default(), |last| last.zxid))
                };
                let to_beat = best.as_ref().map_or(own, |(epoch, held)| rank(*epoch, held));
                let theirs = current.map(|epoch| (rank(epoch, &history), epoch));
                if let Some((_, epoch)) = theirs.filter(|(theirs, _)| *theirs > to_beat)
                    && cx.params().mutant != ZabMutant::OwnHistory
                {
                    *best = Some((epoch, history));
                }
                self.choose_history(store, cx);
            }
            Phase::Synchronisation { epoch } | Phase::Broadcast { epoch, .. } => {
                let epoch = *epoch;
                self.synchronise(from, epoch, store, cx);
            }
        }
    }

    /// Phase 1 ends with a quorum of promises, and phase 2 begins.
    fn choose_history(&mut self, store: &mut Store, cx: &mut Context<'_, Zab>) {
        let Phase::Discovery { epoch, best } = &mut self.phase else { return };
        let counts = |standing: &&Standing| **standing == Standing::Promised { counts: true };
        if !quorum(self.followers.values().filter(counts).count() as u32 + 1, cx) {
            return;
        }
        let epoch = *epoch;
        let history = best.take().map_or_else(|| store.log.history.clone(), |(_, best)| best);
        store.adopt(epoch, history, cx);
        self.phase = Phase::Synchronisation { epoch };
        let promised = |standing: &Standing| matches!(standing, Standing::Promised { .. });
        let all: Vec<NodeId> =
            self.followers.iter().filter(|(_, s)| promised(s)).map(|(node, _)| *node).collect();
        for follower in all {
            self.synchronise(follower, epoch, store, cx);
        }
        self.establish(store, cx);
    }

    /// Phase 2: NEWLEADER.
    fn synchronise(
        &mut self,
        follower: NodeId,
        epoch: u32,
        store: &Store,
        cx: &mut Context<'_, Zab>,
    ) {
        let history = store.log.history.clone();
        cx.send_for(None, follower, M::NewLeader { epoch, history });
        self.followers.insert(follower, Standing::Synchronising);
    }

    /// Phase 2: ACK-LD. What it acknowledges may complete a quorum for proposals under way.
    fn synchronised(
        &mut self,
        from: NodeId,
        held: u32,
        store: &mut Store,
        cx: &mut Context<'_, Zab>,
    ) {
        self.followers.insert(from, Standing::Synchronised { held });
        if let Phase::Broadcast { epoch, .. } = self.phase {
            self.advance(store, cx);
            self.activate(from, held, epoch, store, cx);
        } else {
            self.establish(store, cx);
        }
    }

    /// Phase 2 ends with a quorum that holds the history, and the broadcast begins.
    fn establish(&mut self, store: &mut Store, cx: &mut Context<'_, Zab>) {
        let Phase::Synchronisation { epoch } = self.phase else { return };
        let held = |(node, standing): (&NodeId, &Standing)| match standing {
            Standing::Synchronised { held } => Some((*node, *held)),
            _ => None,
        };
        let ready: Vec<(NodeId, u32)> = self.followers.iter().filter_map(held).collect();
        if !quorum(ready.len() as u32 + 1, cx) {
            return;
        }
        let committed = store.log.length();
        self.phase = Phase::Broadcast { epoch, committed };
        for (follower, held) in ready {
            self.activate(follower, held, epoch, store, cx);
        }
        store.deliver_to(committed, cx);
        cx.emit(Event::Established { epoch });
        for (value, operation) in store.asked.clone() {
            self.propose(value, operation, store, cx);
        }
    }

    /// Phase 2: COMMIT-LD.
    fn activate(
        &mut self,
        follower: NodeId,
        held: u32,
        epoch: u32,
        store: &Store,
        cx: &mut Context<'_, Zab>,
    ) {
        let Phase::Broadcast { committed, .. } = self.phase else { return };
        let committed = store.log.zxid_at(committed);
        cx.send_for(None, follower, M::CommitLeader { epoch, committed });
        self.followers.insert(follower, Standing::Active { held });
    }

    /// Phase 3: PROPOSE. A value that has its place already is not given another.
    fn propose(
        &mut self,
        value: Value,
        operation: Option<Operation>,
        store: &mut Store,
        cx: &mut Context<'_, Zab>,
    ) {
        let Phase::Broadcast { epoch, .. } = self.phase else { return };
        if store.holds(value, cx) {
            return;
        }
        let transaction = Transaction { zxid: store.log.next(epoch), value };
        cx.emit(Event::Broadcast { zxid: transaction.zxid, value });
        store.append(transaction, cx);
        for (follower, standing) in &self.followers {
            if !matches!(standing, Standing::Connected | Standing::Promised { .. }) {
                cx.send_for(operation, *follower, M::Propose(transaction));
            }
        }
        self.advance(store, cx);
    }

    /// Phase 3: COMMIT what a quorum holds, one message a transaction.
    fn advance(&mut self, store: &mut Store, cx: &mut Context<'_, Zab>) {
        let held_by_quorum = self.held_by_quorum(store, cx);
        let Phase::Broadcast { committed, .. } = &mut self.phase else { return };
        while *committed < held_by_quorum {
            *committed += 1;
            let zxid = store.log.zxid_at(*committed);
            for (follower, standing) in &self.followers {
                if let Standing::Active { .. } = standing {
                    cx.send(*follower, M::Commit(zxid));
                }
            }
            store.deliver_to(*committed, cx);
        }
    }

    /// How much of the history a quorum has on disk, this server included.
    fn held_by_quorum(&self, store: &Store, cx: &Context<'_, Zab>) -> u32 {
        if cx.params().mutant == ZabMutant::CommitsAlone {
            return store.log.length();
        }
        let held = self.followers.values().filter_map(|standing| match standing {
            Standing::Synchronised { held } | Standing::Active { held } => Some(*held),
            Standing::Connected | Standing::Promised { .. } | Standing::Synchronising => None,
        });
        let mut held: Vec<u32> = held.chain([store.log.length()]).collect();
        held.sort_unstable_by_key(|&length| std::cmp::Reverse(length));
        held.get(index(cx.members().count() / 2)).copied().unwrap_or(0)
    }
}

/// Whether `count` servers are more than half.
fn quorum(count: u32, cx: &Context<'_, Zab>) -> bool {
    count > cx.members().count() / 2
}
