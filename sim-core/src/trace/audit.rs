//! Do logical clocks tell the truth? Compares the stamps of a trace with its true happened-before.
//!
//! Happened-before is rebuilt from the records alone (program order and messages), as the set of
//! ancestors of every event; no clock takes part in that. Then a→b must be equivalent to
//! vec(a) < vec(b), and imply C(a) < C(b) for Lamport's and the hybrid clock (Lamport 1978,
//! clock condition; Mattern 1989, theorem 10).

use std::collections::BTreeMap;

use seedbed_node::{Breach, Conclusion, Names, NodeId, Time};

use crate::trace::{Clocks, Flight, Occurrence, Record, Stamps};

/// Events that are compared pairwise; later ones are not looked at.
const EVENTS_MAX: usize = 3_000;

/// A set of events by ordinal.
type Ancestors = Vec<u64>;

#[derive(Clone, Debug)]
struct Event {
    node: NodeId,
    at: Time,
    stamps: Stamps,
    ancestors: Ancestors,
}

/// Collects events and, in the end, judges the clocks that stamped them.
#[derive(Clone, Debug)]
pub struct ClockAudit {
    clocks: Clocks,
    events: Vec<Event>,
    last_of: Vec<Option<usize>>,
    sent_by: BTreeMap<Flight, usize>,
    total: usize,
}

impl ClockAudit {
    /// An audit of these clocks, which it advances itself.
    pub fn new(clocks: Clocks, nodes: u32) -> Self {
        ClockAudit {
            clocks,
            events: Vec::new(),
            last_of: vec![None; nodes as usize],
            sent_by: BTreeMap::new(),
            total: 0,
        }
    }

    /// Takes one record of the trace.
    pub fn record(&mut self, record: &Record<'_>) {
        let Some(stamps) = self.clocks.stamp(record).cloned() else {
            if let Occurrence::Duplicate { original, copy } = record.what
                && let Some(&send) = self.sent_by.get(&original)
            {
                self.sent_by.insert(copy, send);
            }
            return;
        };
        self.total += 1;
        if self.events.len() == EVENTS_MAX {
            return;
        }
        let ordinal = self.events.len();
        let mut ancestors = vec![0; ordinal.div_ceil(64)];
        let mut inherit = |from: usize, events: &[Event]| {
            for (word, theirs) in ancestors.iter_mut().zip(&events[from].ancestors) {
                *word |= theirs;
            }
            ancestors[from / 64] |= 1 << (from % 64);
        };
        if let Some(previous) = self.last_of[record.node.index()] {
            inherit(previous, &self.events);
        }
        if let Occurrence::Deliver { flight, .. } = record.what
            && let Some(&send) = self.sent_by.get(&flight)
        {
            inherit(send, &self.events);
        }
        if let Occurrence::Send { flight, .. } = record.what {
            self.sent_by.insert(flight, ordinal);
        }
        self.last_of[record.node.index()] = Some(ordinal);
        self.events.push(Event { node: record.node, at: record.at, stamps, ancestors });
    }

    /// The verdict, and what it rests on in words.
    pub fn judge(&self, names: &Names) -> (Conclusion, String) {
        for (later, b) in self.events.iter().enumerate() {
            for (earlier, a) in self.events[..later].iter().enumerate() {
                let before = b.ancestors[earlier / 64] >> (earlier % 64) & 1 == 1;
                if let Some(wrong) = contradiction(&a.stamps, &b.stamps, before) {
                    let why = format!(
                        "{} at {} {} {} at {}, but {wrong}",
                        &names[a.node],
                        a.at,
                        if before { "happened before" } else { "is concurrent with" },
                        &names[b.node],
                        b.at,
                    );
                    return (Conclusion::Failed(Breach { at: b.at, why: why.clone() }), why);
                }
            }
        }
        let compared = self.events.len();
        (
            Conclusion::Held,
            format!("all pairs of the first {compared} of {} events agree", self.total),
        )
    }
}

/// What the stamps of `a`, the earlier in the trace, and `b` get wrong.
fn contradiction(a: &Stamps, b: &Stamps, before: bool) -> Option<String> {
    if let (Some(a), Some(b)) = (&a.vector, &b.vector) {
        let less = |x: &[u32], y: &[u32]| x != y && x.iter().zip(y).all(|(x, y)| x <= y);
        if less(a, b) != before || less(b, a) {
            return Some(format!("their vector clocks are {a:?} and {b:?}"));
        }
    }
    if let (true, Some(a), Some(b)) = (before, a.lamport, b.lamport)
        && a >= b
    {
        return Some(format!("their Lamport clocks are {a} and {b}"));
    }
    if let (true, Some(a), Some(b)) = (before, a.hlc, b.hlc)
        && a >= b
    {
        return Some(format!("their hybrid clocks are {a:?} and {b:?}"));
    }
    None
}
