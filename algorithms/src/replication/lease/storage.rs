//! The storage: values, and the tokens that fence off who is late.

use std::collections::BTreeMap;

use seedbed_node::Operation;

use super::{Cx, LeaseMutant};
use crate::replication::Event;

/// The storage.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Storage {
    entries: BTreeMap<u32, Entry>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Entry {
    /// The value, and the request that wrote it: one that comes twice is recognised.
    written: Option<(u64, Operation)>,
    /// The highest token that was seen, with a write or a read under a lease.
    token: u64,
}

impl Storage {
    /// A value is read, perhaps under a lease: then whoever held it before is fenced off.
    pub(super) fn fetch(&mut self, key: u32, token: u64, cx: &Cx<'_>) -> Option<u64> {
        if token > 0 && cx.params().mutant != LeaseMutant::ForgetsReads {
            let entry = self.entries.entry(key).or_default();
            entry.token = entry.token.max(token);
        }
        let written = self.entries.get(&key).and_then(|entry| entry.written);
        written.map(|(value, _)| value)
    }

    /// Whether a write is accepted.
    pub(super) fn store(
        &mut self,
        operation: Operation,
        key: u32,
        token: u64,
        read: Option<u64>,
        value: u64,
        cx: &mut Cx<'_>,
    ) -> bool {
        let entry = self.entries.entry(key).or_default();
        if entry.written.is_some_and(|(_, by)| by == operation) {
            return true;
        }
        let slack = u64::from(cx.params().mutant == LeaseMutant::PreviousToken);
        if cx.params().fencing && token + slack < entry.token {
            return false;
        }
        *entry = Entry { written: Some((value, operation)), token: entry.token.max(token) };
        cx.emit(Event::Renewed { operation, key, read, value });
        true
    }
}
