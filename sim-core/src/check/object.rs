//! What shared objects do when they are called by one client at a time.

use std::collections::BTreeMap;
use std::hash::Hash;

use seedbed_node::{Call, NodeId, Reply};

use super::Invocation;

/// The sequential behaviour of an object.
pub trait Object: Clone + Eq + Hash {
    /// The state after a call, or `None` if the call cannot return what it did. A call without a
    /// reply may return anything.
    fn after(&self, call: &Invocation) -> Option<Self>;
}

/// A register: what was written last.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Register(pub Option<u64>);

impl Object for Register {
    fn after(&self, call: &Invocation) -> Option<Self> {
        match (call.call, call.reply) {
            (Call::Read { .. }, Some(Reply::Value(told))) => (told == self.0).then_some(*self),
            (Call::Write { value, .. }, _) => Some(Register(Some(value))),
            (Call::Cas { expected, new, .. }, reply) => {
                let found = self.0 == Some(expected);
                let possible = reply.is_none_or(|reply| reply == Reply::Swapped(found));
                possible.then_some(if found { Register(Some(new)) } else { *self })
            }
            _ => None,
        }
    }
}

/// Registers by key.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Registers(pub BTreeMap<u64, u64>);

impl Object for Registers {
    fn after(&self, call: &Invocation) -> Option<Self> {
        let (Call::Read { key } | Call::Write { key, .. } | Call::Cas { key, .. }) = call.call
        else {
            return None;
        };
        let before = Register(self.0.get(&key).copied());
        let after = before.after(call)?;
        let mut all = self.clone();
        if let (true, Some(value)) = (after != before, after.0) {
            all.0.insert(key, value);
        }
        Some(all)
    }
}

/// A lock: who holds it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Lock(pub Option<NodeId>);

impl Object for Lock {
    fn after(&self, call: &Invocation) -> Option<Self> {
        match call.call {
            Call::Acquire if self.0.is_none() => Some(Lock(Some(call.process()))),
            Call::Release if self.0 == Some(call.process()) => Some(Lock(None)),
            _ => None,
        }
    }
}

/// The key of a call of a register.
pub fn key(call: Call) -> Option<u64> {
    match call {
        Call::Read { key } | Call::Write { key, .. } | Call::Cas { key, .. } => Some(key),
        Call::Acquire | Call::Release => None,
    }
}
