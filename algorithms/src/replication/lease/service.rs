//! The service of leases: one holder a key, in the order of the requests.

use std::collections::{BTreeMap, VecDeque};

use seedbed_node::Operation;

use super::{Cx, LeaseMessage, LeaseMutant, LeaseTimer};
use crate::replication::group::tell;

/// The service of leases.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LeaseService {
    /// The token of the last grant.
    token: u64,
    /// By key: who holds the lease, with which token, and who waits for it, in order.
    leases: BTreeMap<u32, Lease>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Lease {
    holder: Operation,
    token: u64,
    waiting: VecDeque<Operation>,
}

impl LeaseService {
    pub(super) fn acquire(&mut self, operation: Operation, key: u32, cx: &mut Cx<'_>) {
        match self.leases.get_mut(&key) {
            Some(lease) if cx.params().mutant != LeaseMutant::GrantsTwice => {
                if lease.holder != operation && !lease.waiting.contains(&operation) {
                    lease.waiting.push_back(operation);
                }
            }
            _ => self.grant(key, operation, VecDeque::new(), cx),
        }
    }

    fn grant(
        &mut self,
        key: u32,
        holder: Operation,
        waiting: VecDeque<Operation>,
        cx: &mut Cx<'_>,
    ) {
        if self.token == 0 || cx.params().mutant != LeaseMutant::SameToken {
            self.token += 1;
        }
        let token = self.token;
        self.leases.insert(key, Lease { holder, token, waiting });
        cx.set_timer(LeaseTimer::Ends(key), cx.params().term);
        tell(cx, Some(holder), holder.client, LeaseMessage::Grant { operation: holder, token });
    }

    /// A client gives a lease back, which may have passed to another.
    pub(super) fn release(&mut self, operation: Operation, key: u32, cx: &mut Cx<'_>) {
        if self.leases.get(&key).is_some_and(|lease| lease.holder == operation) {
            self.pass_on(key, cx);
        }
    }

    /// The lease on a key is given back, or has ended by itself.
    pub(super) fn pass_on(&mut self, key: u32, cx: &mut Cx<'_>) {
        let Some(Lease { mut waiting, .. }) = self.leases.remove(&key) else { return };
        let next = waiting.pop_front();
        if cx.params().mutant == LeaseMutant::ForgetsQueue {
            waiting.clear();
        }
        match next {
            Some(next) => self.grant(key, next, waiting, cx),
            None => cx.cancel_timer(LeaseTimer::Ends(key)),
        }
    }
}
