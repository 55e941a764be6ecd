//! What a server keeps: its durable log, a copy of it in memory, and how much of it is delivered.
//!
//! A server that restarts delivers from the beginning again: what it had applied was in memory.

use std::collections::BTreeMap;

use seedbed_node::{Context, Durable, NodeId, Operation};

use super::{Zab, ZabMutant};
use crate::zab::ballot::Vote;
use crate::zab::{Event, Transaction, Value, Zxid, index};

/// What a crash leaves: DSN 2011's persistent variables of a follower f.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ZabLog {
    /// The last epoch that this server promised to take part in (`f.p`, `acceptedEpoch`).
    pub accepted_epoch: u32,
    /// The epoch of the last primary whose history it took over (`f.a`, `currentEpoch`).
    pub current_epoch: u32,
    /// Its transactions in order (`h_f`).
    pub history: Vec<Transaction>,
}

/// A record of the log.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ZabRecord {
    /// A promise to take part in no earlier epoch.
    Accept(u32),
    /// A new primary's epoch and history, at once.
    Adopt(u32, Vec<Transaction>),
    /// One more transaction.
    Append(Transaction),
}

impl Durable for ZabLog {
    type Write = ZabRecord;

    fn apply(&mut self, record: &ZabRecord) {
        match record {
            ZabRecord::Accept(epoch) => self.accepted_epoch = *epoch,
            ZabRecord::Adopt(epoch, history) => {
                self.current_epoch = *epoch;
                self.history.clone_from(history);
            }
            ZabRecord::Append(transaction) => self.history.push(*transaction),
        }
    }
}

impl ZabLog {
    /// The last transaction's place; `0.0` before the first.
    pub fn last(&self) -> Zxid {
        self.history.last().map_or(Zxid::default(), |transaction| transaction.zxid)
    }

    /// How long the history is up to and including `zxid`; none if it is not there.
    pub(super) fn length_to(&self, zxid: Zxid) -> Option<u32> {
        if zxid == Zxid::default() {
            return Some(0);
        }
        let found = self.history.binary_search_by_key(&zxid, |transaction| transaction.zxid);
        found.ok().map(|at| at as u32 + 1)
    }

    pub(super) fn length(&self) -> u32 {
        self.history.len() as u32
    }

    /// The place of the `length`-th transaction.
    pub(super) fn zxid_at(&self, length: u32) -> Zxid {
        match length {
            0 => Zxid::default(),
            _ => self.history[index(length - 1)].zxid,
        }
    }

    /// The place after the last one, for the primary of `epoch`.
    pub(super) fn next(&self, epoch: u32) -> Zxid {
        let last = self.last();
        Zxid::new(epoch, if last.epoch == epoch { last.counter + 1 } else { 1 })
    }

    /// What a vote for this server says of it.
    pub(super) fn vote(&self, leader: NodeId) -> Vote {
        Vote { epoch: self.current_epoch, zxid: self.last(), leader }
    }
}

/// A server's log, with what it has done with it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Store {
    pub log: ZabLog,
    /// How many transactions this incarnation has delivered.
    pub delivered: u32,
    /// What the own client has asked for and not been given yet.
    pub asked: BTreeMap<Value, Option<Operation>>,
}

impl Store {
    pub fn new(log: ZabLog) -> Self {
        Store { log, delivered: 0, asked: BTreeMap::new() }
    }

    pub fn accept(&mut self, epoch: u32, cx: &mut Context<'_, Zab>) {
        self.write(ZabRecord::Accept(epoch), cx);
    }

    pub fn adopt(&mut self, epoch: u32, history: Vec<Transaction>, cx: &mut Context<'_, Zab>) {
        self.write(ZabRecord::Adopt(epoch, history), cx);
    }

    pub fn append(&mut self, transaction: Transaction, cx: &mut Context<'_, Zab>) {
        self.write(ZabRecord::Append(transaction), cx);
    }

    /// Writes to memory and disk; what follows in the handler can rely on it, unless the scenario
    /// says that transactions are not forced.
    fn write(&mut self, record: ZabRecord, cx: &mut Context<'_, Zab>) {
        self.log.apply(&record);
        let transactional = !matches!(record, ZabRecord::Accept(_));
        if cx.params().force_sync || !transactional {
            cx.force(record);
        } else {
            cx.write(record);
        }
    }

    /// The client wants `value` broadcast; tells whether that is news.
    pub fn ask(&mut self, value: Value, cx: &Context<'_, Zab>) -> bool {
        let delivered = &self.log.history[..index(self.delivered.min(self.log.length()))];
        let given = delivered.iter().any(|transaction| transaction.value == value);
        if !given {
            self.asked.insert(value, cx.operation());
        }
        !given
    }

    /// Delivers the history up to this length.
    pub fn deliver_to(&mut self, length: u32, cx: &mut Context<'_, Zab>) {
        let length = length.min(self.log.length());
        while self.delivered < length {
            let Transaction { zxid, value } = self.log.history[index(self.delivered)];
            self.delivered += 1;
            self.asked.remove(&value);
            cx.emit(Event::Delivered { zxid, value });
        }
    }

    /// Whether `value` has its place already.
    pub fn holds(&self, value: Value, cx: &Context<'_, Zab>) -> bool {
        cx.params().mutant != ZabMutant::ForgetsValues
            && self.log.history.iter().rev().any(|transaction| transaction.value == value)
    }
}
