//! Eventual consistency (after Werner Vogels, CACM 52(1), 2009): if no more is written, all reads
//! return the last value in the end. Of a finite history: each client's last read of a key, begun
//! after the last call that could change the key had returned, gives the same value as the others'.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Call, NodeId, Reply};

use super::words::{self, Labels, inconsistent};
use super::{History, Invocation, Judgement};

/// Judges a history.
pub fn judge(history: &History, labels: &Labels<'_>) -> Judgement {
    let calls = history.calls();
    let mut settled: BTreeMap<u64, u64> = BTreeMap::new();
    let mut written: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut unsettled: BTreeSet<(u64, u64)> = BTreeSet::new();
    for call in &calls {
        let (key, value) = match call.call {
            Call::Write { key, value } => (key, value),
            Call::Cas { key, new, .. } => (key, new),
            Call::Read { .. } => continue,
            Call::Acquire | Call::Release => {
                return Judgement::Unknown("a lock has no values to agree on".into());
            }
        };
        // What never returned may take effect at any later time: it is no use to wait for it.
        let end = if call.reply.is_some() { call.returned } else { call.invoked };
        if call.reply.is_none() {
            unsettled.insert((key, value));
        }
        let last = settled.entry(key).or_default();
        *last = end.max(*last);
        written.entry(key).or_default().push(value);
    }
    let mut last: BTreeMap<(u64, NodeId), &Invocation> = BTreeMap::new();
    for call in &calls {
        if let Call::Read { key } = call.call
            && settled.get(&key).is_none_or(|settled| call.invoked > *settled)
        {
            last.insert((key, call.process()), call);
        }
    }
    let mut agreed: BTreeMap<u64, &Invocation> = BTreeMap::new();
    let mut compared = false;
    for ((key, _), read) in last {
        if let Some(Reply::Value(Some(value))) = read.reply
            && !written.get(&key).is_some_and(|values| values.contains(&value))
        {
            let why = format!("{}, which nobody wrote", words::call(read, labels));
            return inconsistent(why, read.returned_at);
        }
        match agreed.get(&key) {
            None => {
                agreed.insert(key, read);
            }
            Some(other) if other.reply == read.reply => compared = true,
            Some(other) if [*other, read].iter().any(|read| late(key, read, &unsettled)) => {
                let why = format!("{}, a write that never returned", words::call(read, labels));
                return Judgement::Unknown(why);
            }
            Some(other) => {
                let why = format!(
                    "long after the last write, {} and {}",
                    words::call(other, labels),
                    words::call(read, labels)
                );
                return inconsistent(why, read.returned_at);
            }
        }
    }
    if compared || settled.is_empty() {
        return Judgement::Consistent;
    }
    Judgement::Unknown("no two clients read the same key after writing had ended".into())
}

/// Whether a read saw a write that may have taken effect at any time.
fn late(key: u64, read: &Invocation, unsettled: &BTreeSet<(u64, u64)>) -> bool {
    matches!(read.reply, Some(Reply::Value(Some(value))) if unsettled.contains(&(key, value)))
}
