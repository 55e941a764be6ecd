//! What clients asked and were told, in order.

use std::collections::BTreeMap;
use std::fmt;

use seedbed_node::{Call, NodeId, Operation, Reply, Step, Time};

/// A call, from its beginning to its end. Positions count the steps of the history, so that they
/// order what true time leaves equal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Invocation {
    /// Names the call; its client is the process.
    pub operation: Operation,
    /// What was asked.
    pub call: Call,
    /// What the client was told; `None`: the call may or may not have taken effect.
    pub reply: Option<Reply>,
    /// The position at which it began.
    pub invoked: u64,
    /// The position at which it returned; `u64::MAX` without a reply.
    pub returned: u64,
    /// When it began, if known.
    pub invoked_at: Option<Time>,
    /// When it returned, if known.
    pub returned_at: Option<Time>,
}

impl Invocation {
    /// The client.
    pub fn process(&self) -> NodeId {
        self.operation.client
    }

    /// Whether it had returned before `other` began.
    pub fn precedes(&self, other: &Invocation) -> bool {
        self.returned < other.invoked
    }
}

/// A history of calls of one shared object.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct History {
    /// In order of their beginnings.
    calls: Vec<Invocation>,
    /// Known to have had no effect: at this place of `calls`.
    failed: BTreeMap<Operation, usize>,
    /// Where each call is that has not returned.
    open: BTreeMap<Operation, usize>,
    steps: u64,
    key_names: BTreeMap<u64, String>,
}

/// Steps that no history can have.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Malformed {
    /// A call begins that has begun.
    BeganTwice(Operation),
    /// A call ends that is not under way.
    EndedBeforeIt(Operation),
    /// A call is answered with what does not answer it.
    WrongReply(Operation),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::BeganTwice(operation) => write!(f, "call {operation:?} begins twice"),
            Malformed::EndedBeforeIt(operation) => {
                write!(f, "call {operation:?} ends without having begun")
            }
            Malformed::WrongReply(operation) => {
                write!(f, "call {operation:?} is answered with what does not answer it")
            }
        }
    }
}

impl std::error::Error for Malformed {}

impl History {
    /// Appends a step, at a time if it is known.
    ///
    /// # Errors
    /// If the step cannot follow those before; the history stays as it was.
    pub fn push(&mut self, step: Step, at: Option<Time>) -> Result<(), Malformed> {
        match step {
            Step::Invoke { operation, call } => {
                if self.open.contains_key(&operation) {
                    return Err(Malformed::BeganTwice(operation));
                }
                self.open.insert(operation, self.calls.len());
                self.calls.push(Invocation {
                    operation,
                    call,
                    reply: None,
                    invoked: self.steps,
                    returned: u64::MAX,
                    invoked_at: at,
                    returned_at: None,
                });
            }
            Step::Return { operation, reply } => {
                let place = self.under_way(operation)?;
                let call = &mut self.calls[place];
                if !answers(reply, call.call) {
                    return Err(Malformed::WrongReply(operation));
                }
                call.reply = Some(reply);
                call.returned = self.steps;
                call.returned_at = at;
                self.open.remove(&operation);
            }
            Step::Fail { operation } => {
                let place = self.under_way(operation)?;
                self.open.remove(&operation);
                self.failed.insert(operation, place);
            }
            // It stays open: a late answer may still come.
            Step::Unknown { operation } => {
                self.under_way(operation)?;
            }
        }
        self.steps += 1;
        Ok(())
    }

    fn under_way(&self, operation: Operation) -> Result<usize, Malformed> {
        self.open.get(&operation).copied().ok_or(Malformed::EndedBeforeIt(operation))
    }

    /// The calls that took effect or may have, in order of their beginnings. Reads that were not
    /// answered tell nothing and are left out.
    pub fn calls(&self) -> Vec<Invocation> {
        let mut failed: Vec<_> = self.failed.values().copied().collect();
        failed.sort_unstable();
        let told =
            |call: &Invocation| call.reply.is_some() || !matches!(call.call, Call::Read { .. });
        let kept = |(place, _): &(usize, &Invocation)| failed.binary_search(place).is_err();
        self.calls.iter().enumerate().filter(kept).map(|(_, call)| *call).filter(told).collect()
    }

    /// Calls a key by a name in explanations; by an empty one, if there is only one register.
    pub fn name_key(&mut self, key: u64, name: String) {
        self.key_names.insert(key, name);
    }

    /// The keys that have names.
    pub fn key_names(&self) -> &BTreeMap<u64, String> {
        &self.key_names
    }

    /// How many calls have begun.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether no call has begun.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }
}

fn answers(reply: Reply, call: Call) -> bool {
    match call {
        Call::Read { .. } => matches!(reply, Reply::Value(_)),
        Call::Cas { .. } => matches!(reply, Reply::Swapped(_)),
        Call::Write { .. } | Call::Acquire | Call::Release => reply == Reply::Done,
    }
}
