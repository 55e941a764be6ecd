//! A state of an instance: names of what is large, and what changes with every step as it is.

use seedbed_node::{NodeId, Operation};

use super::names::Name;

/// A state. Its parts are in one order only, so that states that mean the same are equal.
#[derive(PartialEq, Eq, Hash, Debug)]
pub struct State {
    /// Why there is no going on: 0, or one more than the number of a check that is broken.
    pub(super) broken: u32,
    /// What faults have been used.
    pub(super) used: Used,
    /// How many ticks have passed, if a node has seen a clock; 0 otherwise.
    pub(super) now: u32,
    /// Which nodes are up: a bit each.
    pub(super) up: u64,
    /// The clients.
    pub(super) clients: Name,
    /// The judges.
    pub(super) judges: Name,
    /// The nodes, with what they have on disk.
    pub(super) hosts: Vec<Name>,
    /// What must be handled before anything else happens, in this order.
    pub(super) urgent: Vec<Urgent>,
    /// Messages on their way: by link; on a FIFO link in the order of sending, else by content.
    pub(super) mail: Vec<Mail>,
    /// Armed timers, by node and name.
    pub(super) timers: Vec<Armed>,
    /// Clients that sleep, by client and tag.
    pub(super) sleepers: Vec<Sleeper>,
}

impl Clone for State {
    fn clone(&self) -> Self {
        State {
            hosts: self.hosts.clone(),
            urgent: self.urgent.clone(),
            mail: self.mail.clone(),
            timers: self.timers.clone(),
            sleepers: self.sleepers.clone(),
            ..*self
        }
    }

    /// In the memory that is there: a search makes most states where it made the one before.
    fn clone_from(&mut self, other: &Self) {
        let State { broken, used, now, up, clients, judges, .. } = *other;
        (self.broken, self.used, self.now, self.up) = (broken, used, now, up);
        (self.clients, self.judges) = (clients, judges);
        self.hosts.clone_from(&other.hosts);
        self.urgent.clone_from(&other.urgent);
        self.mail.clone_from(&other.mail);
        self.timers.clone_from(&other.timers);
        self.sleepers.clone_from(&other.sleepers);
    }
}

impl State {
    pub(super) fn is_up(&self, node: NodeId) -> bool {
        self.up >> node.0 & 1 == 1
    }

    pub(super) fn set_up(&mut self, node: NodeId, up: bool) {
        self.up = self.up & !(1 << node.0) | u64::from(up) << node.0;
    }
}

/// What faults have been used of those that are allowed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Used {
    pub losses: u16,
    pub duplications: u16,
    pub crashes: u16,
    pub restarts: u16,
}

/// A message on its way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mail {
    pub(super) from: u16,
    pub(super) to: u16,
    /// What it says, and for which operation.
    pub(super) letter: Name,
    /// For how many ticks it has travelled, if time is bounded.
    pub(super) age: u32,
}

impl Mail {
    pub(super) fn link(&self) -> (u16, u16) {
        (self.from, self.to)
    }

    pub(super) fn origin(&self) -> NodeId {
        NodeId(u32::from(self.from))
    }

    pub(super) fn destination(&self) -> NodeId {
        NodeId(u32::from(self.to))
    }
}

/// An armed timer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Armed {
    pub(super) node: NodeId,
    pub(super) timer: Name,
    /// The operation that it was set for.
    pub(super) operation: Option<Operation>,
    /// In how many ticks it expires, if time is bounded.
    pub(super) left: u32,
}

/// A client that sleeps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Sleeper {
    pub(super) client: NodeId,
    pub(super) tag: u64,
    /// In how many ticks it wakes up, if time is bounded.
    pub(super) left: u32,
}

/// What happens next, before anything else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Urgent {
    /// A client's request reaches its node.
    Request { node: NodeId, operation: Operation, request: Name },
    /// A node hears from itself.
    Own { node: NodeId, letter: Name },
}
