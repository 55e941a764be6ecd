//! A run as data: what diagrams, pages and exports that need the whole run are made of.
//!
//! What streams (JSON lines, a log) is written by a sink of its own while the run goes on; this is
//! for what has to look back and ahead, and is bounded by [`Limits`].

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use seedbed_core::Outcome;
use seedbed_core::fault::TimedFault;
use seedbed_core::trace::{DropReason, Flight, Occurrence, Record, Sink, Stamps};
use seedbed_node::{LocalTime, NodeId, Operation, Time};
use seedbed_scenarios::{Plan, RunOptions};

/// How much of a run is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// At most this many entries, from the first on.
    pub entries_max: usize,
    /// Whether nodes' states are kept too.
    pub states: bool,
}

impl Default for Limits {
    /// A hundred thousand entries, with states.
    fn default() -> Self {
        Limits { entries_max: 100_000, states: true }
    }
}

/// A run, entry by entry, in the order in which it occurred.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Chronicle {
    /// The names of nodes, then of relays, by id.
    pub names: Vec<String>,
    /// How many of them take part in the algorithm.
    pub members: u32,
    /// What occurred.
    pub entries: Vec<Entry>,
    /// What nodes were in, each once for every change; [`Entry::state`] points here.
    pub states: Vec<String>,
    /// How many entries were not kept.
    pub left_out: u64,
}

/// Something that occurred.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// True time.
    pub at: Time,
    /// The ordinal of the kernel's event; several entries may share one.
    pub event: u64,
    /// Where.
    pub node: NodeId,
    /// That node's wall clock.
    pub wall: LocalTime,
    /// What.
    pub what: Happening,
    /// Logical clocks of the node afterwards, if the scenario records them.
    pub stamps: Option<Stamps>,
    /// The node's state once the handler that this entry belongs to was over, as an index of
    /// [`Chronicle::states`]; `None` before the first boot, and while it is down.
    pub state: Option<u32>,
}

/// What occurred; contents as Rust prints them.
#[derive(Clone, PartialEq, Debug)]
#[expect(missing_docs, reason = "the fields are those of `Occurrence`")]
pub enum Happening {
    /// The node boots, for the n-th time from 0.
    Boot(u32),
    /// The node crashes.
    Crash,
    /// The node stops handling anything for a while.
    Pause,
    /// The node goes on.
    Resume,
    /// A message leaves.
    Send {
        flight: Flight,
        to: NodeId,
        kind: &'static str,
        transport: bool,
        operation: Option<Operation>,
        bytes: u32,
        content: String,
    },
    /// A link makes a second copy.
    Duplicate { original: Flight, copy: Flight },
    /// A message is lost; the entry's node is its sender.
    Drop { flight: Flight, to: NodeId, kind: &'static str, why: DropReason },
    /// A message is handled.
    Deliver {
        flight: Flight,
        from: NodeId,
        sent_at: Time,
        kind: &'static str,
        transport: bool,
        operation: Option<Operation>,
        content: String,
    },
    /// A timer fires.
    Timer(String),
    /// A client's request reaches the node.
    Request { operation: Operation, content: String },
    /// The node tells its client something.
    Event(String),
    /// An operation is done.
    Complete(Operation),
    /// A record is written to the durable log.
    Write { forced: bool, content: String },
    /// A fault strikes.
    Fault(TimedFault),
    /// A fault is undone.
    Undone(TimedFault),
}

impl Chronicle {
    /// Runs the scenario with `seed`, or with its own, and keeps what occurred.
    pub fn of(plan: &Plan, seed: Option<u64>, limits: Limits) -> (Outcome, Chronicle) {
        let scribe = Scribe::new(limits);
        let sink: Box<dyn Sink> = Box::new(scribe.clone());
        let outcome = plan.run(seed, RunOptions { sink: Some(sink), ..RunOptions::default() });
        let mut chronicle = std::mem::take(&mut scribe.lock().chronicle);
        chronicle.names = plan.names().iter().map(String::from).collect();
        chronicle.members = plan.nodes();
        (outcome, chronicle)
    }

    /// The name of a node.
    pub fn name(&self, node: NodeId) -> &str {
        self.names.get(node.index()).map_or("(unnamed)", String::as_str)
    }

    /// The state that an entry leaves its node in.
    pub fn state(&self, entry: &Entry) -> Option<&str> {
        self.states.get(entry.state? as usize).map(String::as_str)
    }
}

/// The sink that writes a chronicle. Clones share it.
#[derive(Clone)]
struct Scribe {
    wants_states: bool,
    desk: Arc<Mutex<Desk>>,
}

struct Desk {
    limits: Limits,
    chronicle: Chronicle,
    /// The state of each node, and the first entry whose handler is not over yet.
    nodes: Vec<Seat>,
}

#[derive(Clone, Default)]
struct Seat {
    state: Option<u32>,
    open_from: usize,
}

impl Scribe {
    fn new(limits: Limits) -> Self {
        let desk = Desk { limits, chronicle: Chronicle::default(), nodes: Vec::new() };
        Scribe { wants_states: limits.states, desk: Arc::new(Mutex::new(desk)) }
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Scribe {
    fn record(&mut self, record: &Record<'_>) {
        let mut desk = self.lock();
        let seat = desk.seat(record.node).state;
        let Desk { limits, chronicle, .. } = &mut *desk;
        if chronicle.entries.len() >= limits.entries_max {
            chronicle.left_out += 1;
            return;
        }
        chronicle.entries.push(Entry {
            at: record.at,
            event: record.event,
            node: record.node,
            wall: record.wall,
            what: Happening::of(&record.what),
            stamps: record.stamps.cloned(),
            state: seat,
        });
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

    /// A handler of `node` is over: what it recorded since the last one left this state behind.
    fn seen(&mut self, node: NodeId, state: Option<&dyn Debug>) {
        let end = self.chronicle.entries.len();
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
        let from = std::mem::replace(&mut seat.open_from, end);
        let event = self.chronicle.entries.last().map(|entry| entry.event);
        // Other nodes' entries may lie between; those of earlier events are over.
        for entry in self.chronicle.entries[from.min(end)..].iter_mut().rev() {
            if Some(entry.event) != event {
                break;
            }
            if entry.node == node {
                entry.state = after;
            }
        }
    }
}

impl Happening {
    /// An occurrence that outlives its event.
    pub(crate) fn of(what: &Occurrence<'_>) -> Self {
        match *what {
            Occurrence::Boot(nth) => Happening::Boot(nth),
            Occurrence::Crash => Happening::Crash,
            Occurrence::Pause => Happening::Pause,
            Occurrence::Resume => Happening::Resume,
            Occurrence::Send { flight, to, kind, transport, operation, bytes, message } => {
                let content = format!("{message:?}");
                Happening::Send { flight, to, kind, transport, operation, bytes, content }
            }
            Occurrence::Duplicate { original, copy } => Happening::Duplicate { original, copy },
            Occurrence::Drop { flight, to, kind, why } => Happening::Drop { flight, to, kind, why },
            Occurrence::Deliver { flight, from, sent_at, kind, transport, operation, message } => {
                let content = format!("{message:?}");
                Happening::Deliver { flight, from, sent_at, kind, transport, operation, content }
            }
            Occurrence::Timer(timer) => Happening::Timer(format!("{timer:?}")),
            Occurrence::Request { operation, request } => {
                Happening::Request { operation, content: format!("{request:?}") }
            }
            Occurrence::Event(event) => Happening::Event(format!("{event:?}")),
            Occurrence::Complete(operation) => Happening::Complete(operation),
            Occurrence::Write { forced, record } => {
                Happening::Write { forced, content: format!("{record:?}") }
            }
            Occurrence::Fault(fault) => Happening::Fault(fault.clone()),
            Occurrence::Undone(fault) => Happening::Undone(fault.clone()),
        }
    }
}
