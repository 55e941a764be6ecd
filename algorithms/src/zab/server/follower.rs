//! A server that follows.
//!
//! ```text
//! stage             message              effect                                next stage
//! AwaitingEpoch     NEWEPOCH(e)          e < f.p: look; else force f.p = e,    AwaitingHistory
//!                                        send ACK-E
//! AwaitingHistory   NEWLEADER(e, T)      force f.a = e, h = T; send ACK-LD     AwaitingCommit
//! AwaitingCommit    COMMIT-LD(e, z)      deliver up to z; forward requests     Broadcasting
//! AwaitingCommit,   PROPOSE(t)           t is next: force t, send ACK          same
//! Broadcasting                           else: the connection is broken        look
//! Broadcasting      COMMIT(z)            deliver up to z                       same
//! Broadcasting      PING(last, z)        last is mine: deliver up to z, PONG   same
//!                                        else: the connection is broken        look
//! any               nothing for long     the leader is gone                    look
//! ```
//! Everything else belongs to a connection that is no more and is left alone.

use seedbed_node::{Context, NodeId};

use super::store::Store;
use super::{Onward, Zab, ZabMessage as M, ZabMutant, ZabTimer};
use crate::zab::ballot::Settled;
use crate::zab::{Transaction, Zxid};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Follower {
    pub settled: Settled,
    stage: Stage,
}

/// How far the connection to the leader has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Stage {
    AwaitingEpoch,
    AwaitingHistory { epoch: u32 },
    AwaitingCommit { epoch: u32 },
    Broadcasting { epoch: u32 },
}

impl Follower {
    /// Connects to the leader that the election has found.
    pub fn begin(settled: Settled, store: &Store, cx: &mut Context<'_, Zab>) -> Self {
        let accepted = store.log.accepted_epoch;
        cx.send_for(None, settled.vote.leader, M::FollowerInfo { accepted });
        cx.set_timer(ZabTimer::Patience, cx.params().patience);
        Follower { settled, stage: Stage::AwaitingEpoch }
    }

    pub fn leader(&self) -> NodeId {
        self.settled.vote.leader
    }

    pub fn hear(
        &mut self,
        from: NodeId,
        message: M,
        store: &mut Store,
        cx: &mut Context<'_, Zab>,
    ) -> Onward {
        if from != self.leader() {
            return Onward::Stay;
        }
        match (message, self.stage) {
            (M::NewEpoch { epoch }, Stage::AwaitingEpoch) => self.promise(epoch, store, cx),
            (M::NewLeader { epoch, history }, Stage::AwaitingHistory { epoch: promised })
                if epoch == promised =>
            {
                self.synchronise(epoch, history, store, cx)
            }
            (M::CommitLeader { epoch, committed }, Stage::AwaitingCommit { epoch: adopted })
                if epoch == adopted =>
            {
                self.enter(epoch, committed, store, cx)
            }
            (
                M::Propose(transaction),
                Stage::AwaitingCommit { epoch } | Stage::Broadcasting { epoch },
            ) => self.log(transaction, epoch, store, cx),
            (M::Commit(zxid), Stage::Broadcasting { .. }) => self.deliver(zxid, store, cx),
            (M::Ping { last, committed }, Stage::Broadcasting { .. }) => {
                if last != store.log.last() {
                    return Onward::Look;
                }
                cx.send_for(None, from, M::Pong { last });
                self.deliver(committed, store, cx)
            }
            // Of an earlier connection, or a sign of life that does not further this one.
            _ => Onward::Stay,
        }
    }

    /// The client wants something; before the broadcast phase it has to wait.
    pub fn ask(&self, value: crate::zab::Value, cx: &mut Context<'_, Zab>) {
        if let Stage::Broadcasting { .. } = self.stage {
            cx.send(self.leader(), M::Forward(value));
        }
    }

    /// Phase 1. A promise that was given before, to this leader or another, does not count again:
    /// two leaders that chose the same epoch must not both find a quorum.
    fn promise(&mut self, epoch: u32, store: &mut Store, cx: &mut Context<'_, Zab>) -> Onward {
        if epoch < store.log.accepted_epoch {
            return Onward::Look;
        }
        let news = epoch > store.log.accepted_epoch;
        if news {
            store.accept(epoch, cx);
        }
        let current = news.then_some(store.log.current_epoch);
        let history = store.log.history.clone();
        cx.send_for(None, self.leader(), M::AckEpoch { epoch, current, history });
        self.further(Stage::AwaitingHistory { epoch }, cx)
    }

    /// Phase 2.
    fn synchronise(
        &mut self,
        epoch: u32,
        history: Vec<Transaction>,
        store: &mut Store,
        cx: &mut Context<'_, Zab>,
    ) -> Onward {
        store.adopt(epoch, history, cx);
        cx.send_for(None, self.leader(), M::AckLeader { epoch, last: store.log.last() });
        self.further(Stage::AwaitingCommit { epoch }, cx)
    }

    /// Phase 3 begins for this server.
    fn enter(
        &mut self,
        epoch: u32,
        committed: Zxid,
        store: &mut Store,
        cx: &mut Context<'_, Zab>,
    ) -> Onward {
        if self.deliver(committed, store, cx) == Onward::Look {
            return Onward::Look;
        }
        let forgets = cx.params().mutant == ZabMutant::ForgetsAsked;
        for (value, operation) in store.asked.iter().filter(|_| !forgets) {
            cx.send_for(*operation, self.leader(), M::Forward(*value));
        }
        self.further(Stage::Broadcasting { epoch }, cx)
    }

    fn log(
        &self,
        transaction: Transaction,
        epoch: u32,
        store: &mut Store,
        cx: &mut Context<'_, Zab>,
    ) -> Onward {
        let zxid = transaction.zxid;
        if zxid != store.log.next(epoch) {
            return Onward::Look;
        }
        if cx.params().mutant == ZabMutant::AcksFirst {
            cx.send(self.leader(), M::Ack(zxid));
            store.append(transaction, cx);
        } else {
            store.append(transaction, cx);
            cx.send(self.leader(), M::Ack(zxid));
        }
        self.patiently(cx)
    }

    fn deliver(&self, zxid: Zxid, store: &mut Store, cx: &mut Context<'_, Zab>) -> Onward {
        let Some(length) = store.log.length_to(zxid) else { return Onward::Look };
        store.deliver_to(length, cx);
        self.patiently(cx)
    }

    fn further(&mut self, stage: Stage, cx: &mut Context<'_, Zab>) -> Onward {
        self.stage = stage;
        self.patiently(cx)
    }

    /// The leader has been heard: it has until `patience` from now for the next word.
    fn patiently(&self, cx: &mut Context<'_, Zab>) -> Onward {
        cx.set_timer(ZabTimer::Patience, cx.params().patience);
        Onward::Stay
    }
}
