//! What happened before what (Lamport, CACM 1978): the order of each node's own events, and every
//! message's sending before its arrival.

use std::collections::BTreeMap;

use seedbed_core::trace::Flight;
use seedbed_node::NodeId;

use super::{Chronicle, Happening};

/// Happened-before over the entries of a chronicle, which stand in an order that agrees with it.
#[derive(Clone, Debug)]
pub struct Causality {
    before: Vec<[Option<u32>; 2]>,
}

impl Causality {
    pub(super) fn of(chronicle: &Chronicle) -> Self {
        let mut last: BTreeMap<NodeId, u32> = BTreeMap::new();
        let mut sent: BTreeMap<Flight, u32> = BTreeMap::new();
        let mut before = Vec::with_capacity(chronicle.entries.len());
        for (entry, place) in chronicle.entries.iter().zip(0..) {
            let heard = match entry.what {
                Happening::Send { flight, .. } => {
                    sent.insert(flight, place);
                    None
                }
                Happening::Duplicate { original, copy } => {
                    let original = sent.get(&original).copied();
                    original.inspect(|original| {
                        sent.insert(copy, *original);
                    })
                }
                Happening::Deliver { flight, .. } | Happening::Drop { flight, .. } => {
                    sent.get(&flight).copied()
                }
                _ => None,
            };
            let own = if entry.is_of_node() { last.insert(entry.node, place) } else { None };
            before.push([own, heard]);
        }
        Causality { before }
    }

    /// What directly precedes an entry: its node's event before it, and the sending of the message
    /// that it is about, where they are in the chronicle.
    pub fn before(&self, entry: usize) -> [Option<usize>; 2] {
        self.before[entry].map(|place| place.map(|place| place as usize))
    }

    /// The entries that happened before this one, and itself, in order.
    pub fn past(&self, entry: usize) -> Vec<usize> {
        let mut lit = vec![false; entry + 1];
        lit[entry] = true;
        for place in (0..=entry).rev() {
            if lit[place] {
                for before in self.before(place).into_iter().flatten() {
                    lit[before] = true;
                }
            }
        }
        (0..=entry).filter(|place| lit[*place]).collect()
    }

    /// The entries that this one happened before, and itself, in order.
    pub fn future(&self, entry: usize) -> Vec<usize> {
        let mut lit = vec![false; self.before.len()];
        lit[entry] = true;
        for place in entry + 1..lit.len() {
            lit[place] = self.before(place).into_iter().flatten().any(|before| lit[before]);
        }
        (entry..lit.len()).filter(|place| lit[*place]).collect()
    }
}
