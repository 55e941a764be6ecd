//! What is wrong with a history, in words.

use std::collections::BTreeMap;

use seedbed_node::{Call, Names, NodeId, Reply, Time};

use super::object::{Lock, Register, Registers, key};
use super::{Invocation, Judgement};

/// What clients and keys are called.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    pub clients: &'a Names,
    pub keys: &'a BTreeMap<u64, String>,
}

impl Labels<'_> {
    pub fn client(&self, client: NodeId) -> &str {
        self.clients.of(client)
    }

    fn key(&self, key: u64) -> String {
        match self.keys.get(&key).map(String::as_str) {
            Some("") => "the register".into(),
            Some(name) => format!("key {name}"),
            None => format!("key {key}"),
        }
    }
}

/// An object's state, as far as a call sees it.
pub trait State {
    /// "which then holds 7".
    fn shown(&self, call: Call, labels: &Labels<'_>) -> String;
}

impl State for Register {
    fn shown(&self, _call: Call, _labels: &Labels<'_>) -> String {
        format!("which then holds {}", value(self.0))
    }
}

impl State for Registers {
    fn shown(&self, call: Call, labels: &Labels<'_>) -> String {
        let held = key(call).and_then(|key| self.0.get(&key).copied());
        Register(held).shown(call, labels)
    }
}

impl State for Lock {
    fn shown(&self, _call: Call, labels: &Labels<'_>) -> String {
        match self.0 {
            Some(holder) => format!("which {} then holds", labels.client(holder)),
            None => "which nobody then holds".into(),
        }
    }
}

pub fn value(value: Option<u64>) -> String {
    value.map_or_else(|| "nothing".into(), |value| value.to_string())
}

/// "ada read 3 from key 1 (1.2s to 1.3s)".
pub fn call(call: &Invocation, labels: &Labels<'_>) -> String {
    let who = labels.client(call.process());
    let key = |key| labels.key(key);
    let what = match (call.call, call.reply) {
        (Call::Read { key: k }, Some(Reply::Value(told))) => {
            format!("read {} from {}", value(told), key(k))
        }
        (Call::Read { key: k }, _) => format!("read {}", key(k)),
        (Call::Write { key: k, value }, _) => format!("wrote {value} to {}", key(k)),
        (Call::Cas { key: k, expected, new }, Some(Reply::Swapped(false))) => {
            format!("was told that {} did not hold {expected} to be replaced by {new}", key(k))
        }
        (Call::Cas { key: k, expected, new }, _) => {
            format!("replaced {expected} by {new} at {}", key(k))
        }
        (Call::Acquire, _) => "took the lock".into(),
        (Call::Release, _) => "gave back the lock".into(),
    };
    match (call.invoked_at, call.returned_at) {
        (Some(from), Some(until)) => format!("{who} {what} ({from} to {until})"),
        (Some(from), None) => format!("{who} {what} (from {from})"),
        _ => format!("{who} {what} (step {})", call.invoked + 1),
    }
}

/// No order leads further than to here.
pub fn stuck<S: State>(
    respects: &str,
    calls: &[Invocation],
    explained: usize,
    state: &S,
    stuck: u32,
    labels: &Labels<'_>,
) -> Judgement {
    let blamed = &calls[stuck as usize];
    let why = format!(
        "{}, {}: no order of the {} calls that {respects} leads beyond {explained} of them",
        call(blamed, labels),
        state.shown(blamed.call, labels),
        calls.len(),
    );
    inconsistent(why, blamed.returned_at)
}

pub fn inconsistent(why: String, at: Option<Time>) -> Judgement {
    Judgement::Inconsistent { why, at }
}

/// The budget is used up.
pub fn gave_up(calls: usize) -> Judgement {
    Judgement::Unknown(format!("the search through the orders of {calls} calls was given up"))
}
