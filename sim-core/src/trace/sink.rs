//! Where records go.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use seedbed_node::{NodeId, Time};

use crate::trace::{Occurrence, Record};

/// A consumer of records. Without any sink, tracing costs one branch an occurrence.
pub trait Sink: Send {
    /// Takes a record while it happens. Formatting, if any, is up to the sink.
    fn record(&mut self, record: &Record<'_>);

    /// A node has taken one of its algorithm's rare paths. No occurrence: it is in no trace.
    fn reached(&mut self, node: NodeId, probe: &'static str) {
        let _ = (node, probe);
    }

    /// Whether [`state`](Self::state) is to be told. Asked once, when the sink is added.
    fn wants_states(&self) -> bool {
        false
    }

    /// The node's volatile state after a handler, or `None` after a crash.
    fn state(&mut self, node: NodeId, state: Option<&dyn Debug>) {
        let _ = (node, state);
    }
}

impl<F: FnMut(&Record<'_>) + Send> Sink for F {
    fn record(&mut self, record: &Record<'_>) {
        self(record);
    }
}

/// One formatted line of a [`Transcript`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// True time.
    pub at: Time,
    /// Where.
    pub node: NodeId,
    /// What, as text.
    pub text: String,
}

/// A sink that keeps every record as text: for golden transcripts in tests. Clones share the lines.
#[derive(Clone, Debug, Default)]
pub struct Transcript(Arc<Mutex<Vec<Line>>>);

impl Transcript {
    /// The lines so far.
    pub fn lines(&self) -> Vec<Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sink for Transcript {
    fn record(&mut self, record: &Record<'_>) {
        let line = Line { at: record.at, node: record.node, text: describe(&record.what) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

/// An occurrence as one line of text.
pub fn describe(what: &Occurrence<'_>) -> String {
    match what {
        Occurrence::Boot(n) => format!("boot {n}"),
        Occurrence::Crash => "crash".into(),
        Occurrence::Pause => "pause".into(),
        Occurrence::Resume => "resume".into(),
        Occurrence::Send { flight, to, message, .. } => {
            format!("send #{flight} to {to}: {message:?}")
        }
        Occurrence::Duplicate { original, copy } => format!("duplicate #{original} as #{copy}"),
        Occurrence::Drop { flight, to, kind, why } => {
            format!("drop #{flight} to {to}: {kind} {why:?}")
        }
        Occurrence::Deliver { flight, from, message, .. } => {
            format!("deliver #{flight} from {from}: {message:?}")
        }
        Occurrence::Timer(timer) => format!("timer {timer:?}"),
        Occurrence::Request { operation, request } => format!("request {operation:?}: {request:?}"),
        Occurrence::Event(event) => format!("event {event:?}"),
        Occurrence::Complete(operation) => format!("complete {operation:?}"),
        Occurrence::Write { forced, record } => {
            format!("{} {record:?}", if *forced { "force" } else { "write" })
        }
        Occurrence::Fault(fault) => format!("fault {:?}", fault.fault),
        Occurrence::Undone(fault) => format!("undone {:?}", fault.fault),
    }
}
