//! What is wrong with a history, in words.

use seedbed_node::{Call, Names, Reply, Time};

use super::object::{Lock, Register, Registers, key};
use super::{Invocation, Judgement};

/// An object's state, as far as a call sees it.
pub trait State {
    /// "which then holds 7".
    fn shown(&self, call: Call, names: &Names) -> String;
}

impl State for Register {
    fn shown(&self, _call: Call, _names: &Names) -> String {
        format!("which then holds {}", value(self.0))
    }
}

impl State for Registers {
    fn shown(&self, call: Call, names: &Names) -> String {
        let held = key(call).and_then(|key| self.0.get(&key).copied());
        Register(held).shown(call, names)
    }
}

impl State for Lock {
    fn shown(&self, _call: Call, names: &Names) -> String {
        match self.0 {
            Some(holder) => format!("which {} then holds", names.of(holder)),
            None => "which nobody then holds".into(),
        }
    }
}

pub fn value(value: Option<u64>) -> String {
    value.map_or_else(|| "nothing".into(), |value| value.to_string())
}

/// "ada read 3 from key 1 (1.2s to 1.3s)".
pub fn call(call: &Invocation, names: &Names) -> String {
    let who = names.of(call.process());
    let what = match (call.call, call.reply) {
        (Call::Read { key }, Some(Reply::Value(told))) => {
            format!("read {} from key {key}", value(told))
        }
        (Call::Read { key }, _) => format!("read key {key}"),
        (Call::Write { key, value }, _) => format!("wrote {value} to key {key}"),
        (Call::Cas { key, expected, new }, Some(Reply::Swapped(false))) => {
            format!("was told that key {key} did not hold {expected} to be replaced by {new}")
        }
        (Call::Cas { key, expected, new }, _) => {
            format!("replaced {expected} by {new} at key {key}")
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
    names: &Names,
) -> Judgement {
    let blamed = &calls[stuck as usize];
    let why = format!(
        "{}, {}: no order of the {} calls that {respects} leads beyond {explained} of them",
        call(blamed, names),
        state.shown(blamed.call, names),
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
