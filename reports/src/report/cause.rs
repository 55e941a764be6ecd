//! What happened before what (Lamport, CACM 1978), over the entries of a chronicle.
//!
//! A node's own entries are in order, and a message is sent before it is handled. What the network
//! does to a message, and faults, are no events of a node: they have an origin, but are nobody's past.

use std::collections::BTreeMap;

use crate::chronicle::{Chronicle, Happening};

/// The two entries at most that directly precede each entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Causes {
    /// The entry before it at its node.
    pub before: Vec<Option<u32>>,
    /// Of what happens to a message: the entry that sent it, or that made it as a copy.
    pub origin: Vec<Option<u32>>,
}

/// Whether an entry is an event of its node.
pub fn is_event(what: &Happening) -> bool {
    match what {
        Happening::Boot(_)
        | Happening::Crash
        | Happening::Pause
        | Happening::Resume
        | Happening::Send { .. }
        | Happening::Deliver { .. }
        | Happening::Timer(_)
        | Happening::Request { .. }
        | Happening::Event(_)
        | Happening::Complete(_)
        | Happening::Write { .. } => true,
        Happening::Duplicate { .. }
        | Happening::Drop { .. }
        | Happening::Fault(_)
        | Happening::Undone(_) => false,
    }
}

impl Causes {
    /// Of every entry of a chronicle.
    pub fn of(chronicle: &Chronicle) -> Self {
        let mut flights = BTreeMap::new();
        let mut latest: BTreeMap<u32, u32> = BTreeMap::new();
        let mut causes = Causes { before: Vec::new(), origin: Vec::new() };
        for (at, entry) in (0u32..).zip(&chronicle.entries) {
            let origin = match entry.what {
                Happening::Send { flight, .. } => {
                    flights.insert(flight, at);
                    None
                }
                Happening::Duplicate { original, copy } => {
                    flights.insert(copy, at);
                    flights.get(&original).copied()
                }
                Happening::Drop { flight, .. } | Happening::Deliver { flight, .. } => {
                    flights.remove(&flight)
                }
                _ => None,
            };
            causes.origin.push(origin);
            let before = if is_event(&entry.what) { latest.insert(entry.node.0, at) } else { None };
            causes.before.push(before);
        }
        causes
    }

    /// For each entry, whether it is `entry` or happened before it.
    pub fn past(&self, entry: usize) -> Vec<bool> {
        let mut past = vec![false; self.before.len()];
        let mut open = vec![entry];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut past[at], true) {
                let causes = [self.before[at], self.origin[at]];
                open.extend(causes.into_iter().flatten().map(|cause| cause as usize));
            }
        }
        past
    }
}
