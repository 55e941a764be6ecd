//! What occurs, in words with the nodes' names.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use seedbed_core::trace::{Occurrence, Record, Sink};
use seedbed_node::{Names, NodeId, Time};

/// Something that occurred, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// The ordinal of the event that it belongs to; 0 is the boot.
    pub event: u64,
    /// True time.
    pub at: Time,
    /// Where.
    pub node: NodeId,
    /// What.
    pub text: String,
}

/// What was said since somebody asked. Clones share it.
#[derive(Clone)]
pub(super) struct Heard {
    names: Names,
    said: Arc<Mutex<Vec<Said>>>,
}

impl Heard {
    pub fn new(names: Names) -> Self {
        Heard { names, said: Arc::default() }
    }

    pub fn lock(&self) -> MutexGuard<'_, Vec<Said>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn describe(&self, what: &Occurrence<'_>) -> String {
        let name = |node: NodeId| self.names.of(node);
        match what {
            Occurrence::Boot(0) => "boots".into(),
            Occurrence::Boot(_) => "boots again".into(),
            Occurrence::Crash => "crashes".into(),
            Occurrence::Pause => "pauses".into(),
            Occurrence::Resume => "goes on".into(),
            Occurrence::Send { to, message, .. } => format!("sends {} {message:?}", name(*to)),
            Occurrence::Duplicate { .. } => "what it sent is on its way twice".into(),
            Occurrence::Drop { to, kind, why, .. } => {
                format!("what it sent {} is gone: {kind}, {why:?}", name(*to))
            }
            Occurrence::Deliver { from, message, .. } => {
                format!("hears from {}: {message:?}", name(*from))
            }
            Occurrence::Timer(timer) => format!("its timer {timer:?} fires"),
            Occurrence::Request { request, .. } => format!("its client asks: {request:?}"),
            Occurrence::Event(event) => format!("tells its client: {event:?}"),
            Occurrence::Complete(operation) => {
                format!("operation {} of {} is done", operation.number, name(operation.client))
            }
            Occurrence::Write { forced: true, record } => format!("forces to disk {record:?}"),
            Occurrence::Write { forced: false, record } => format!("writes {record:?}"),
            Occurrence::Fault(fault) => format!("fault: {:?}", fault.fault),
            Occurrence::Undone(fault) => format!("over: {:?}", fault.fault),
        }
    }
}

impl Sink for Heard {
    fn record(&mut self, record: &Record<'_>) {
        let Record { at, event, node, .. } = *record;
        let text = self.describe(&record.what);
        self.lock().push(Said { event, at, node, text });
    }
}
