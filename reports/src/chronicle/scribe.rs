//! The sink that writes a chronicle.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use seedbed_core::trace::{Record, Sink};
use seedbed_node::{NodeId, Time};

use super::{Chronicle, Entry, Happening, Limits, Mark};

/// Writes a chronicle. Clones share it.
#[derive(Clone)]
pub(super) struct Scribe {
    wants_states: bool,
    desk: Arc<Mutex<Desk>>,
}

struct Desk {
    limits: Limits,
    chronicle: Chronicle,
    /// The kernel's event that goes on.
    event: u64,
    /// What is known of each node.
    nodes: Vec<Seat>,
}

#[derive(Clone, Default)]
struct Seat {
    state: Option<u32>,
    /// Its entries whose handler is not over yet.
    open: Vec<usize>,
}

impl Scribe {
    pub fn new(limits: Limits) -> Self {
        let (chronicle, nodes) = (Chronicle::default(), Vec::new());
        let desk = Desk { limits, chronicle, event: 0, nodes };
        Scribe { wants_states: limits.states, desk: Arc::new(Mutex::new(desk)) }
    }

    /// The chronicle, once the run is over.
    pub fn finish(self) -> Chronicle {
        std::mem::take(&mut self.lock().chronicle)
    }

    /// Keeps a mark with the entry that makes it so: the latest. One of an entry that is not kept
    /// is not kept either.
    pub fn mark(&self, at: Time, mark: seedbed_node::Mark) {
        let mut desk = self.lock();
        let Chronicle { entries, marks, left_out, .. } = &mut desk.chronicle;
        if let (0, Some(entry)) = (*left_out, entries.len().checked_sub(1)) {
            let seedbed_node::Mark { node, what, label, extent } = mark;
            marks.push(Mark { at, entry, node, what, label, extent });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Scribe {
    fn record(&mut self, record: &Record<'_>) {
        let wants_states = self.wants_states;
        let mut desk = self.lock();
        desk.event = record.event;
        let place = desk.chronicle.entries.len();
        if place >= desk.limits.entries_max {
            desk.chronicle.left_out += 1;
            return;
        }
        let mut entry = Entry {
            at: record.at,
            event: record.event,
            node: record.node,
            wall: record.wall,
            what: Happening::of(&record.what),
            stamps: record.stamps.cloned(),
            state: None,
        };
        if !matches!(entry.what, Happening::Fault(_) | Happening::Undone(_)) {
            let seat = desk.seat(record.node);
            entry.state = seat.state;
            if wants_states && entry.is_of_node() {
                seat.open.push(place);
            }
        }
        desk.chronicle.entries.push(entry);
    }

    fn wants_states(&self) -> bool {
        self.wants_states
    }

    fn state(&mut self, node: NodeId, state: Option<&dyn Debug>) {
        self.lock().seen(node, state);
    }
}

impl Desk {
    fn seat(&mut self, node: NodeId) -> &mut Seat {
        if self.nodes.len() <= node.index() {
            self.nodes.resize(node.index() + 1, Seat::default());
        }
        &mut self.nodes[node.index()]
    }

    /// A handler of `node` is over: what it did left this state behind.
    fn seen(&mut self, node: NodeId, state: Option<&dyn Debug>) {
        if self.chronicle.left_out > 0 && self.seat(node).open.is_empty() {
            return;
        }
        let before = self.seat(node).state;
        let state = state.map(|state| format!("{state:#?}"));
        let known = before.map(|at| &self.chronicle.states[at as usize]);
        let after = if state.as_ref() == known {
            before
        } else {
            state.map(|text| {
                self.chronicle.states.push(text);
                self.chronicle.states.len() as u32 - 1
            })
        };
        let seat = self.seat(node);
        seat.state = after;
        let open = std::mem::take(&mut seat.open);
        // What happened at the node since its last handler, but in an earlier event, such as a
        // pause, is not this one's doing.
        for place in open {
            let entry = &mut self.chronicle.entries[place];
            if entry.event == self.event {
                entry.state = after;
            }
        }
    }
}
