//! A run as the history of a lock, for checkers that know nothing of mutual exclusion.
//!
//! An acquisition is a call from the request's arrival at its node to the grant. A release takes
//! effect when it reaches the node. A crash releases what its node's client held, and an
//! acquisition that it interrupts has had no effect.

use std::collections::BTreeMap;

use seedbed_node::{Call, Historian, NodeId, Observation, Operation, Reply, Step, What};

use super::{Event, Request};

/// Reads the calls of a lock off a run.
#[derive(Clone, Hash, Debug, Default)]
pub struct LockHistory {
    waiting: BTreeMap<NodeId, Operation>,
    inside: BTreeMap<NodeId, Operation>,
}

impl Historian<Request, Event> for LockHistory {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, steps: &mut Vec<Step>) {
        match seen.what {
            What::Request { node, operation, request: Request::Acquire } => {
                if self.waiting.insert(node, operation).is_none() {
                    steps.push(Step::Invoke { operation, call: Call::Acquire });
                }
            }
            What::Event { node, event: Event::Granted } => {
                if let Some(operation) = self.waiting.remove(&node) {
                    self.inside.insert(node, operation);
                    steps.push(Step::Return { operation, reply: Reply::Done });
                }
            }
            What::Request { node, request: Request::Release, .. } => self.leave(node, steps),
            What::Crash { node } => {
                if let Some(operation) = self.waiting.remove(&node) {
                    steps.push(Step::Fail { operation });
                }
                self.leave(node, steps);
            }
            What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }
}

impl LockHistory {
    fn leave(&mut self, node: NodeId, steps: &mut Vec<Step>) {
        if let Some(operation) = self.inside.remove(&node) {
            steps.push(Step::Invoke { operation, call: Call::Release });
            steps.push(Step::Return { operation, reply: Reply::Done });
        }
    }
}
