//! A client's node: takes a lease, reads, works, writes.

use std::collections::{BTreeMap, btree_map};

use seedbed_node::{LocalTime, NodeId, Operation};

use super::{Cx, LeaseMessage, LeaseParams, LeaseTimer, SERVICE, STORAGE};
use crate::replication::group::tell;
use crate::replication::{Event, Request};

/// A client's node.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LeaseClient {
    writes: BTreeMap<Operation, Writing>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Writing {
    key: u32,
    value: u64,
    step: Step,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Step {
    Waiting,
    Reading(Held),
    Working(Held, Option<u64>),
    Storing(Held),
}

/// A lease in its holder's hands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Held {
    token: u64,
    /// By the holder's own clock.
    until: LocalTime,
}

impl LeaseClient {
    pub(super) fn ask(&mut self, request: Request, cx: &mut Cx<'_>) {
        match request {
            Request::Read { operation, key } => {
                tell(
                    cx,
                    Some(operation),
                    STORAGE,
                    LeaseMessage::Fetch { operation, key, token: 0 },
                );
            }
            Request::Write { operation, key, value } => {
                // A client that repeats itself is being served already.
                if let btree_map::Entry::Vacant(vacant) = self.writes.entry(operation) {
                    vacant.insert(Writing { key, value, step: Step::Waiting });
                    tell(cx, Some(operation), SERVICE, LeaseMessage::Acquire { operation, key });
                }
            }
        }
    }

    pub(super) fn granted(&mut self, operation: Operation, token: u64, cx: &mut Cx<'_>) {
        let LeaseParams { term, margin, .. } = *cx.params();
        let until = cx.monotonic() + term.saturating_sub(margin);
        if let Some(write) = self.writes.get_mut(&operation)
            && write.step == Step::Waiting
        {
            write.step = Step::Reading(Held { token, until });
            let key = write.key;
            tell(cx, Some(operation), STORAGE, LeaseMessage::Fetch { operation, key, token });
        }
    }

    /// What is going to be replaced must have been read under the lease that is held: the answer to
    /// an earlier attempt may be older than what others have written since.
    pub(super) fn fetched(
        &mut self,
        operation: Operation,
        token: u64,
        value: Option<u64>,
        cx: &mut Cx<'_>,
    ) {
        match self.writes.get_mut(&operation) {
            None if token == 0 => cx.emit(Event::Value { operation, value }),
            Some(write) => {
                if let Step::Reading(held) = write.step
                    && held.token == token
                {
                    write.step = Step::Working(held, value);
                    cx.set_timer(LeaseTimer::Worked(operation), cx.params().work);
                }
            }
            None => {}
        }
    }

    pub(super) fn worked(&mut self, operation: Operation, cx: &mut Cx<'_>) {
        let rechecks = cx.params().rechecks;
        let Some(write) = self.writes.get_mut(&operation) else { return };
        let Step::Working(held, read) = write.step else { return };
        if rechecks && cx.monotonic() >= held.until {
            return self.start_over(operation, cx);
        }
        write.step = Step::Storing(held);
        let (Writing { key, value, .. }, token) = (*write, held.token);
        let store = LeaseMessage::Store { operation, key, token, read, value };
        tell(cx, Some(operation), STORAGE, store);
    }

    pub(super) fn stored(
        &mut self,
        operation: Operation,
        token: u64,
        accepted: bool,
        cx: &mut Cx<'_>,
    ) {
        let Some(&Writing { key, step: Step::Storing(held), .. }) = self.writes.get(&operation)
        else {
            return;
        };
        if held.token != token {
            return;
        }
        if !accepted {
            return self.start_over(operation, cx);
        }
        self.writes.remove(&operation);
        cx.emit(Event::Written { operation });
        tell(cx, Some(operation), SERVICE, LeaseMessage::Release { operation, key });
    }

    /// The lease was over: asks for another.
    fn start_over(&mut self, operation: Operation, cx: &mut Cx<'_>) {
        let Some(write) = self.writes.get_mut(&operation) else { return };
        write.step = Step::Waiting;
        let key = write.key;
        // Not to be taken for the holder that waits for nothing.
        tell(cx, Some(operation), SERVICE, LeaseMessage::Release { operation, key });
        tell(cx, Some(operation), SERVICE, LeaseMessage::Acquire { operation, key });
    }

    pub(super) fn waits_for(&self) -> Vec<NodeId> {
        if self.writes.is_empty() {
            return Vec::new();
        }
        let waits = self.writes.values().any(|write| write.step == Step::Waiting);
        vec![if waits { SERVICE } else { STORAGE }]
    }
}
