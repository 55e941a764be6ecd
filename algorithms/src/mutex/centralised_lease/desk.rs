//! The coordinator's desk, and what of it survives a crash.

use std::collections::VecDeque;

use seedbed_node::{Context, Durable, NodeId, Operation};

use super::{
    CentralisedLease, CentralisedLeaseMessage, CentralisedLeaseMutant, CentralisedLeaseTimer,
    Grant, Ticket,
};

/// What is on the coordinator's disk: who may be inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LeaseLog {
    /// The holder, with its request.
    pub holder: Option<(NodeId, Ticket)>,
}

/// A record of the log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LeaseRecord {
    /// This request is granted; forced before anybody is told.
    Granted(NodeId, Ticket),
    /// Nobody is inside; lazy, as a lost one costs a lease.
    Free,
}

impl Durable for LeaseLog {
    type Write = LeaseRecord;
    fn apply(&mut self, record: &LeaseRecord) {
        self.holder = match *record {
            LeaseRecord::Granted(node, ticket) => Some((node, ticket)),
            LeaseRecord::Free => None,
        };
    }
}

/// What the coordinator knows.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Desk {
    holder: Option<(NodeId, Ticket)>,
    /// Who waits, first come first, each once.
    queue: VecDeque<Grant>,
}

type Cx<'a, 'b> = &'a mut Context<'b, CentralisedLease>;

impl Desk {
    /// Opens with what the log says. A crash has ended the coordinator's own critical section.
    pub(super) fn open(log: &LeaseLog, cx: Cx<'_, '_>) -> Self {
        let mutant = cx.params().mutant;
        let mut desk = Desk { holder: log.holder, queue: VecDeque::new() };
        if mutant == CentralisedLeaseMutant::IgnoresLog {
            desk.holder = None;
        }
        match desk.holder {
            Some((node, _)) if node == cx.me() => desk.free(cx),
            Some(_) => desk.begin_lease(cx),
            None => {}
        }
        if cx.incarnation() > 0 && mutant != CentralisedLeaseMutant::RestartsSilently {
            cx.broadcast(CentralisedLeaseMessage::Restarted);
        }
        desk
    }

    pub(super) fn request(&mut self, request: Grant, cx: Cx<'_, '_>) -> Option<Grant> {
        let (from, _, ticket) = request;
        match self.holder {
            // Asked again after a restart: the grant may have been lost with it.
            Some(holder) if holder == (from, ticket) => return Some(request),
            Some((holder, older)) if holder == from && older < ticket => self.free(cx),
            Some((holder, _)) if holder == from => return None,
            Some(_) | None => {}
        }
        match self.queue.iter_mut().find(|(waiting, ..)| *waiting == from) {
            Some(waiting) if waiting.2 < ticket => *waiting = request,
            Some(_) => {}
            None => self.queue.push_back(request),
        }
        self.grant_next(cx)
    }

    pub(super) fn release(&mut self, request: (NodeId, Ticket), cx: Cx<'_, '_>) -> Option<Grant> {
        let mutant = cx.params().mutant;
        let same_node = self.holder.is_some_and(|(holder, _)| holder == request.0);
        let trusts = mutant == CentralisedLeaseMutant::TakesOldReleases && same_node;
        if self.holder != Some(request) && !trusts {
            return None;
        }
        self.free(cx);
        self.grant_next(cx)
    }

    pub(super) fn renew(&mut self, request: (NodeId, Ticket), cx: Cx<'_, '_>) {
        if self.holder == Some(request) {
            self.begin_lease(cx);
        }
    }

    pub(super) fn expire(&mut self, cx: Cx<'_, '_>) -> Option<Grant> {
        self.free(cx);
        self.grant_next(cx)
    }

    /// A holder that is not heard of keeps everybody waiting.
    pub(super) fn waits_for(&self) -> Vec<NodeId> {
        let waits = !self.queue.is_empty();
        self.holder.filter(|_| waits).map(|(node, _)| node).into_iter().collect()
    }

    fn free(&mut self, cx: Cx<'_, '_>) {
        self.holder = None;
        cx.cancel_timer(CentralisedLeaseTimer::Expire);
        cx.write(LeaseRecord::Free);
    }

    fn grant_next(&mut self, cx: Cx<'_, '_>) -> Option<Grant> {
        let mutant = cx.params().mutant;
        if self.holder.is_some() && mutant != CentralisedLeaseMutant::IgnoresHolder {
            return None;
        }
        let next = self.queue.pop_front()?;
        let (node, _, ticket): (NodeId, Option<Operation>, Ticket) = next;
        self.holder = Some((node, ticket));
        match mutant {
            CentralisedLeaseMutant::WritesLazily => cx.write(LeaseRecord::Granted(node, ticket)),
            _ => cx.force(LeaseRecord::Granted(node, ticket)),
        }
        if node != cx.me() {
            self.begin_lease(cx);
        }
        Some(next)
    }

    fn begin_lease(&self, cx: Cx<'_, '_>) {
        if cx.params().mutant != CentralisedLeaseMutant::NeverExpires {
            cx.set_timer(CentralisedLeaseTimer::Expire, cx.params().lease);
        }
    }
}
