//! A run as data: what diagrams, pages and exports that need the whole run are made of.
//!
//! What streams (JSON lines, a log) is written by a sink of its own while the run goes on; this is
//! for what has to look back and ahead, and is bounded by [`Limits`].

mod causality;
mod scribe;
#[cfg(test)]
mod tests;

use seedbed_core::Outcome;
use seedbed_core::fault::TimedFault;
use seedbed_core::trace::{DropReason, Flight, Occurrence, Sink, Stamps};
use seedbed_node::{Extent, LocalTime, NodeId, Operation, Time};
use seedbed_scenarios::{Plan, RunOptions};

pub use causality::Causality;
use scribe::Scribe;

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
    /// What nodes held, were and did, in the words of the family.
    pub marks: Vec<Mark>,
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
    /// Where. What happens to a message on its way happens at its sender, a fault at node 0.
    pub node: NodeId,
    /// That node's wall clock.
    pub wall: LocalTime,
    /// What.
    pub what: Happening,
    /// Logical clocks of the node afterwards, if the scenario records them.
    pub stamps: Option<Stamps>,
    /// The node's state once the handler that this entry belongs to was over, as an index of
    /// [`Chronicle::states`]; what a handler did not do leaves the state as it was. `None` before
    /// the first boot, while the node is down, and for faults.
    pub state: Option<u32>,
}

/// A mark and where it belongs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// True time.
    pub at: Time,
    /// The entry that makes it so, as an index of [`Chronicle::entries`].
    pub entry: usize,
    /// Who holds, is or does it.
    pub node: NodeId,
    /// What it is an instance of, such as `critical section`.
    pub what: &'static str,
    /// What to write beside it.
    pub label: String,
    /// Whether it begins, ends or is a point.
    pub extent: Extent,
}

/// From one mark to another: for how long a node held or was something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holding {
    /// Who.
    pub node: NodeId,
    /// What it is an instance of.
    pub what: &'static str,
    /// What to write beside it.
    pub label: String,
    /// Whether the node only waited for it, or stood for it.
    pub waiting: bool,
    /// The mark that began it, as an index of [`Chronicle::marks`].
    pub begun: usize,
    /// The mark that ended it; `None`: it lasted.
    pub ended: Option<usize>,
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
        let listener = scribe.clone();
        let mark = move |at, mark| listener.mark(at, mark);
        let outcome = plan.run_marked(seed, RunOptions { sink: Some(sink) }, mark);
        let mut chronicle = scribe.finish();
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

    /// The kinds of message that were sent, in the order of their first occurrence.
    pub fn kinds(&self) -> Vec<&'static str> {
        let mut kinds = Vec::new();
        for entry in &self.entries {
            if let Happening::Send { kind, .. } = entry.what
                && !kinds.contains(&kind)
            {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// What happened before what.
    pub fn causality(&self) -> Causality {
        Causality::of(self)
    }

    /// The entries that happened before this one, and itself, in order.
    pub fn causal_past(&self, entry: usize) -> Vec<usize> {
        self.causality().past(entry)
    }

    /// The entries that this one happened before, and itself, in order.
    pub fn causal_future(&self, entry: usize) -> Vec<usize> {
        self.causality().future(entry)
    }

    /// What nodes held and were, in the order of its beginning.
    pub fn holdings(&self) -> Vec<Holding> {
        let mut holdings: Vec<Holding> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        for (place, mark) in self.marks.iter().enumerate() {
            let Mark { node, what, .. } = *mark;
            match mark.extent {
                Extent::Begin | Extent::BeginWaiting => {
                    open.push(holdings.len());
                    let waiting = mark.extent == Extent::BeginWaiting;
                    let (label, begun, ended) = (mark.label.clone(), place, None);
                    holdings.push(Holding { node, what, label, waiting, begun, ended });
                }
                Extent::End => open.retain(|at| {
                    let held = &mut holdings[*at];
                    let ends = (held.node, held.what, &held.label) == (node, what, &mark.label);
                    held.ended = ends.then_some(place);
                    !ends
                }),
                Extent::Point => {}
            }
        }
        holdings
    }
}

impl Entry {
    /// Whether it is an event of its node: one in its program order. What happens to a message on
    /// its way is not, nor is a fault; nor do logical clocks count them.
    pub fn is_of_node(&self) -> bool {
        match self.what {
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
}

impl Happening {
    fn of(what: &Occurrence<'_>) -> Self {
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
