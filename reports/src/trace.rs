//! A trace as JSON, one record a line: what `trace.jsonl` holds.
//!
//! Every line has `at_ns` (true time), `event` (the ordinal of the kernel's event; several lines may
//! share one), `node`, `wall_ns` (that node's wall clock) and `what`: `boot`, `crash`, `pause`,
//! `resume`, `send`, `duplicate` (with `copy`), `deliver`, or why it was not: `lost`, `corrupted`,
//! `overflowed`, `cut`, `to_dead`; `timer`, `request`, `event`, `complete`, `write`, `force`, `fault`
//! or `undone`. Messages have `flight`, their number, by which a `send` and what became of it find
//! each other. `operation` is the client and the ordinal of what a message is counted for;
//! `content` is the message, timer, request or event as Rust prints it. Where a scenario records
//! clocks, `lamport`, `vector` and `hlc` are the node's stamps after the occurrence.

use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Mutex, PoisonError};

use seedbed_core::trace::{DropReason, Occurrence, Record, Sink};
use seedbed_node::{Names, NodeId, Operation};
use serde::Serialize;

use crate::json::text;

/// A sink that writes every record as a line of JSON.
pub struct JsonLines<W: Write> {
    names: Names,
    to: BufWriter<W>,
    errors: Errors,
}

/// What went wrong while a [`JsonLines`] was writing; a sink itself has nobody to tell.
#[derive(Clone, Debug, Default)]
pub struct Errors(Arc<Mutex<Option<io::Error>>>);

impl Errors {
    /// The first error, if there was any. Ask once the sink is gone: the end of a trace is
    /// written when it is dropped.
    pub fn first(&self) -> io::Result<()> {
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        first.map_or(Ok(()), Err)
    }

    fn note(&self, result: io::Result<()>) {
        if let Err(error) = result {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }
}

impl<W: Write> JsonLines<W> {
    /// A sink that writes to `to`, which need not be buffered.
    pub fn new(names: Names, to: W) -> Self {
        JsonLines { names, to: BufWriter::new(to), errors: Errors::default() }
    }

    /// Where to ask afterwards whether everything was written.
    pub fn errors(&self) -> Errors {
        self.errors.clone()
    }
}

impl<W: Write + Send> Sink for JsonLines<W> {
    fn record(&mut self, record: &Record<'_>) {
        let line = line(record, &self.names);
        let written = writeln!(self.to, "{}", text(&line));
        self.errors.note(written);
    }
}

impl<W: Write> Drop for JsonLines<W> {
    fn drop(&mut self) {
        let flushed = self.to.flush();
        self.errors.note(flushed);
    }
}

/// One record; a key that says nothing about an occurrence is left out.
#[derive(Default, Serialize)]
struct Line<'a> {
    at_ns: u64,
    event: u64,
    node: &'a str,
    wall_ns: i64,
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    flight: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lamport: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<&'a [u32]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hlc: Option<(i64, u32)>,
}

fn line<'a>(record: &'a Record<'_>, names: &'a Names) -> Line<'a> {
    let stamps = record.stamps;
    let head = Line {
        at_ns: record.at.as_nanos(),
        event: record.event,
        node: names.of(record.node),
        wall_ns: record.wall.as_nanos(),
        lamport: stamps.and_then(|s| s.lamport),
        vector: stamps.and_then(|s| s.vector.as_deref()),
        hlc: stamps.and_then(|s| s.hlc).map(|(l, c)| (l.as_nanos(), c)),
        ..Line::default()
    };
    occurrence(head, &record.what, names)
}

fn occurrence<'a>(head: Line<'a>, what: &Occurrence<'_>, names: &'a Names) -> Line<'a> {
    let name = |node: NodeId| Some(names.of(node));
    let shown = |operation: Option<Operation>| {
        operation.map(|o| format!("{}#{}", names.of(o.client), o.number))
    };
    match *what {
        Occurrence::Boot(nth) => Line { what: "boot", content: Some(nth.to_string()), ..head },
        Occurrence::Crash => Line { what: "crash", ..head },
        Occurrence::Pause => Line { what: "pause", ..head },
        Occurrence::Resume => Line { what: "resume", ..head },
        Occurrence::Send { flight, to, kind, transport, operation, bytes, message } => Line {
            what: "send",
            flight: Some(flight),
            to: name(to),
            kind: Some(kind),
            transport: Some(transport),
            bytes: Some(bytes),
            operation: shown(operation),
            content: Some(format!("{message:?}")),
            ..head
        },
        Occurrence::Duplicate { original, copy } => {
            Line { what: "duplicate", flight: Some(original), copy: Some(copy), ..head }
        }
        Occurrence::Drop { flight, to, kind, why } => Line {
            what: dropped(why),
            flight: Some(flight),
            to: name(to),
            kind: Some(kind),
            ..head
        },
        Occurrence::Deliver { flight, from, sent_at, kind, transport, operation, message } => {
            Line {
                what: "deliver",
                flight: Some(flight),
                from: name(from),
                sent_at_ns: Some(sent_at.as_nanos()),
                kind: Some(kind),
                transport: Some(transport),
                operation: shown(operation),
                content: Some(format!("{message:?}")),
                ..head
            }
        }
        Occurrence::Timer(timer) => {
            Line { what: "timer", content: Some(format!("{timer:?}")), ..head }
        }
        Occurrence::Request { operation, request } => Line {
            what: "request",
            operation: shown(Some(operation)),
            content: Some(format!("{request:?}")),
            ..head
        },
        Occurrence::Event(event) => {
            Line { what: "event", content: Some(format!("{event:?}")), ..head }
        }
        Occurrence::Complete(operation) => {
            Line { what: "complete", operation: shown(Some(operation)), ..head }
        }
        Occurrence::Write { forced, record } => Line {
            what: if forced { "force" } else { "write" },
            content: Some(format!("{record:?}")),
            ..head
        },
        Occurrence::Fault(fault) => {
            Line { what: "fault", content: Some(format!("{:?}", fault.fault)), ..head }
        }
        Occurrence::Undone(fault) => {
            Line { what: "undone", content: Some(format!("{:?}", fault.fault)), ..head }
        }
    }
}

fn dropped(why: DropReason) -> &'static str {
    match why {
        DropReason::Lost => "lost",
        DropReason::Corrupted => "corrupted",
        DropReason::Overflowed => "overflowed",
        DropReason::Cut => "cut",
        DropReason::ToDead => "to_dead",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seedbed_core::trace::Stamps;
    use seedbed_node::{LocalTime, Time};

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn send(to: &mut dyn Sink) {
        let stamps = Stamps { lamport: Some(3), vector: Some(vec![1, 2]), hlc: None };
        let operation = Operation { client: NodeId(1), number: 4 };
        to.record(&Record {
            at: Time(5),
            event: 7,
            node: NodeId(0),
            wall: LocalTime(-2),
            what: Occurrence::Send {
                flight: 9,
                to: NodeId(1),
                kind: "Request",
                transport: false,
                operation: Some(operation),
                bytes: 12,
                message: &"hello",
            },
            stamps: Some(&stamps),
        });
    }

    #[test]
    fn a_record_is_a_line_without_empty_keys() {
        let written = Shared::default();
        let mut sink = JsonLines::new(Names::new(["ada", "bob"]), written.clone());
        send(&mut sink);
        drop(sink);
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let value: serde_json::Value =
            serde_json::from_str(text.strip_suffix('\n').unwrap()).unwrap();
        let expected = serde_json::json!({
            "at_ns": 5, "event": 7, "node": "ada", "wall_ns": -2, "what": "send", "flight": 9,
            "to": "bob", "kind": "Request", "transport": false, "bytes": 12,
            "operation": "bob#4", "content": "\"hello\"", "lamport": 3, "vector": [1, 2],
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn a_full_disk_is_told_afterwards() {
        let mut sink = JsonLines::new(Names::numbered(2), Full);
        let errors = sink.errors();
        send(&mut sink);
        drop(sink);
        assert_eq!(errors.first().unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
