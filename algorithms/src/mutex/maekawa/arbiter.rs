//! The deciding side of a node: whom its one vote is locked for.
//!
//! ```text
//!                 REQUEST (nobody has it) / LOCKED
//!   Free ───────────────────────────────────────────> Locked(l)
//!     <─────────────────────────────────────────────
//!                 RELEASE of l, nobody waits
//!
//!   Locked(l):  REQUEST r later than l or than one that waits   queue r / FAILED to r
//!               REQUEST r earlier than all of them              queue r / INQUIRE to l, unless sent;
//!                                                               FAILED to who was first in the queue
//!                                                               and has not been told so (Sanders)
//!               RELEASE of l                                    first of the queue / LOCKED
//!               YIELD of l, after an INQUIRE                    queue l, first of the queue / LOCKED
//! ```

use std::collections::BTreeMap;

use seedbed_node::{NodeId, Operation};

use super::{MaekawaForm, MaekawaMessage, MaekawaMutant, MaekawaParams};
use crate::mutex::Stamp;

/// A message to a node, counted for an operation.
pub(super) type Reply = (NodeId, Option<Operation>, MaekawaMessage);

/// Whom the vote is locked for, and who waits for it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Arbiter {
    locked: Option<Waiting>,
    /// Whether the locked one has been asked to yield and has not answered.
    inquired: bool,
    queue: BTreeMap<Stamp, Option<Operation>>,
}

/// A request, and which operation it is counted for.
type Waiting = (Stamp, Option<Operation>);

impl Arbiter {
    /// A REQUEST arrives.
    pub(super) fn request(
        &mut self,
        request: Stamp,
        operation: Option<Operation>,
        params: &MaekawaParams,
    ) -> Vec<Reply> {
        let Some((locked, _)) = self.locked else {
            self.locked = Some((request, operation));
            return vec![(request.node, operation, MaekawaMessage::Locked)];
        };
        let first = self.queue.first_key_value().map(|(stamp, operation)| (*stamp, *operation));
        self.queue.insert(request, operation);
        let tie_break = params.mutant != MaekawaMutant::NoTieBreak;
        let later = if tie_break { locked < request } else { locked.time <= request.time };
        if later || first.is_some_and(|(first, _)| first < request) {
            return vec![(request.node, operation, MaekawaMessage::Failed)];
        }
        let mut replies = Vec::new();
        // Who was first and earlier than the locked one believed so far that it would be next.
        if let Some((overtaken, its_operation)) = first.filter(|(first, _)| *first < locked)
            && params.form == MaekawaForm::Corrected
        {
            replies.push((overtaken.node, its_operation, MaekawaMessage::Failed));
        }
        if !self.inquired {
            self.inquired = true;
            replies.push((locked.node, operation, MaekawaMessage::Inquire));
        }
        replies
    }

    /// A RELEASE arrives.
    pub(super) fn release(&mut self, from: NodeId) -> Vec<Reply> {
        match self.locked {
            Some((locked, _)) if locked.node == from => self.lock_next(),
            Some(_) | None => Vec::new(),
        }
    }

    /// A YIELD arrives: the lock is back, its request waits again.
    pub(super) fn take_back(&mut self, from: NodeId) -> Vec<Reply> {
        match self.locked {
            Some((locked, operation)) if locked.node == from && self.inquired => {
                self.queue.insert(locked, operation);
                self.lock_next()
            }
            Some(_) | None => Vec::new(),
        }
    }

    fn lock_next(&mut self) -> Vec<Reply> {
        self.inquired = false;
        self.locked = self.queue.pop_first();
        let next = self.locked.iter();
        next.map(|&(next, operation)| (next.node, operation, MaekawaMessage::Locked)).collect()
    }

    /// Whom the vote is locked for.
    pub(super) fn holder(&self) -> Option<NodeId> {
        self.locked.map(|(locked, _)| locked.node)
    }
}
