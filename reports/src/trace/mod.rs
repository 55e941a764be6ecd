//! A trace as JSON, one record a line: what `trace.jsonl` and `seedbed trace --as jsonl` hold.
//!
//! This is schema 1. The first line is about the run: `schema`, `what` (`run`), `version` (of
//! Seedbed), `scenario`, `algorithm`, `seed`, `nodes` (how many), `names` (of nodes, then of relays;
//! left out where they are `n0`, `n1`, …) and `clocks` (the stamps that follow). Within a schema, keys
//! and values of `what` may be added; none changes its meaning or goes away.
//!
//! Every further line has `at_ns` (true time), `event` (the ordinal of the kernel's event; several
//! lines may share one), `node`, `wall_ns` (that node's wall clock) and `what`: `boot`, `crash`,
//! `pause`, `resume`, `send`, `duplicate` (with `copy`), `deliver`, or why it was not: `lost`,
//! `corrupted`, `overflowed`, `cut`, `to_dead`; `timer`, `request`, `event`, `complete`, `write`,
//! `force`, `fault` or `undone`. Messages have `flight`, their number, by which a `send` and what
//! became of it find each other. `operation` is the client and the ordinal of what a message is
//! counted for; `content` is the message, timer, request or event as Rust prints it. Where clocks
//! are recorded, `lamport`, `vector` and `hlc` are the node's stamps after the occurrence.

mod head;
mod out;

use std::fmt::{self, Debug, Write as _};
use std::io::Write;

use seedbed_core::trace::{DropReason, Occurrence, Record, Sink, Stamps};
use seedbed_node::{Names, NodeId, Operation};

use crate::json::text;

pub use head::{Head, SCHEMA};
pub use out::Errors;
pub(crate) use out::Out;

/// A sink that writes every record as a line of JSON. It holds the names and one buffer, however
/// long the run.
pub struct JsonLines<W: Write> {
    names: Quoted,
    out: Out<W>,
}

impl<W: Write> JsonLines<W> {
    /// A sink that writes records, and nothing before them, to `to`, which need not be buffered.
    pub fn new(names: Names, to: W) -> Self {
        JsonLines { names: Quoted::of(&names), out: Out::new(to) }
    }

    /// The same with the first line that tells what run it is.
    pub fn with_head(head: &Head, to: W) -> Self {
        let mut lines = JsonLines::new(head.names.clone(), to);
        lines.out.buffer.extend_from_slice(head.line().as_bytes());
        lines
    }

    /// Where to ask afterwards whether everything was written.
    pub fn errors(&self) -> Errors {
        self.out.errors()
    }
}

impl<W: Write + Send> Sink for JsonLines<W> {
    fn record(&mut self, record: &Record<'_>) {
        if self.out.broken() {
            return;
        }
        Line { to: &mut self.out.buffer, names: &self.names }.record(record);
        self.out.item();
    }
}

/// The nodes' names as JSON texts.
struct Quoted(Vec<String>);

impl Quoted {
    fn of(names: &Names) -> Self {
        Quoted(names.iter().map(|name| text(&name)).collect())
    }

    fn name(&self, node: NodeId) -> &str {
        self.0.get(node.index()).map_or("\"(unnamed)\"", String::as_str)
    }
}

/// A line while it is written: straight into the buffer, since a trace spends its time here. The
/// test beneath holds it against the same record through serde.
struct Line<'a> {
    to: &'a mut Vec<u8>,
    names: &'a Quoted,
}

/// A key that is not the first, with the punctuation around it.
macro_rules! key {
    ($name:literal) => {
        concat!(",\"", $name, "\":")
    };
}

impl Line<'_> {
    fn record(&mut self, record: &Record<'_>) {
        self.number("{\"at_ns\":", record.at.as_nanos());
        self.number(key!("event"), record.event);
        self.node(key!("node"), record.node);
        self.number(key!("wall_ns"), record.wall.as_nanos());
        self.occurrence(&record.what);
        if let Some(stamps) = record.stamps {
            self.stamps(stamps);
        }
        self.put("}\n");
    }

    fn occurrence(&mut self, what: &Occurrence<'_>) {
        match *what {
            Occurrence::Boot(nth) => {
                self.what("boot");
                self.content(&nth);
            }
            Occurrence::Crash => self.what("crash"),
            Occurrence::Pause => self.what("pause"),
            Occurrence::Resume => self.what("resume"),
            Occurrence::Send { flight, to, kind, transport, operation, bytes, message } => {
                self.what("send");
                self.number(key!("flight"), flight);
                self.node(key!("to"), to);
                self.kind(kind);
                self.transport(transport);
                self.number(key!("bytes"), bytes);
                self.operation(operation);
                self.content(message);
            }
            Occurrence::Duplicate { original, copy } => {
                self.what("duplicate");
                self.number(key!("flight"), original);
                self.number(key!("copy"), copy);
            }
            Occurrence::Drop { flight, to, kind, why } => {
                self.what(dropped(why));
                self.number(key!("flight"), flight);
                self.node(key!("to"), to);
                self.kind(kind);
            }
            Occurrence::Deliver { flight, from, sent_at, kind, transport, operation, message } => {
                self.what("deliver");
                self.number(key!("flight"), flight);
                self.node(key!("from"), from);
                self.kind(kind);
                self.transport(transport);
                self.number(key!("sent_at_ns"), sent_at.as_nanos());
                self.operation(operation);
                self.content(message);
            }
            Occurrence::Timer(timer) => {
                self.what("timer");
                self.content(timer);
            }
            Occurrence::Request { operation, request } => {
                self.what("request");
                self.operation(Some(operation));
                self.content(request);
            }
            Occurrence::Event(event) => {
                self.what("event");
                self.content(event);
            }
            Occurrence::Complete(operation) => {
                self.what("complete");
                self.operation(Some(operation));
            }
            Occurrence::Write { forced, record } => {
                self.what(if forced { "force" } else { "write" });
                self.content(record);
            }
            Occurrence::Fault(fault) => {
                self.what("fault");
                self.content(&fault.fault);
            }
            Occurrence::Undone(fault) => {
                self.what("undone");
                self.content(&fault.fault);
            }
        }
    }

    fn stamps(&mut self, stamps: &Stamps) {
        if let Some(lamport) = stamps.lamport {
            self.number(key!("lamport"), lamport);
        }
        if let Some(vector) = &stamps.vector {
            self.put(key!("vector"));
            let mut before = "[";
            for &clock in vector {
                self.number(before, clock);
                before = ",";
            }
            self.put(if vector.is_empty() { "[]" } else { "]" });
        }
        if let Some((physical, counter)) = stamps.hlc {
            self.number(concat!(key!("hlc"), "["), physical.as_nanos());
            self.number(",", counter);
            self.put("]");
        }
    }

    /// Puts text that is JSON already.
    #[inline]
    fn put(&mut self, json: &str) {
        self.to.extend_from_slice(json.as_bytes());
    }

    #[inline]
    fn number(&mut self, key: &str, number: impl itoa::Integer) {
        self.put(key);
        self.put(itoa::Buffer::new().format(number));
    }

    #[inline]
    fn node(&mut self, key: &str, node: NodeId) {
        self.put(key);
        self.put(self.names.name(node));
    }

    #[inline]
    fn what(&mut self, what: &str) {
        self.put(concat!(key!("what"), "\""));
        self.put(what);
        self.put("\"");
    }

    #[inline]
    fn kind(&mut self, kind: &str) {
        self.put(concat!(key!("kind"), "\""));
        self.escape(kind);
        self.put("\"");
    }

    #[inline]
    fn transport(&mut self, transport: bool) {
        self.put(if transport {
            concat!(key!("transport"), "true")
        } else {
            concat!(key!("transport"), "false")
        });
    }

    fn operation(&mut self, operation: Option<Operation>) {
        let Some(Operation { client, number }) = operation else { return };
        self.node(key!("operation"), client);
        self.to.pop();
        self.number("#", number);
        self.put("\"");
    }

    /// What Rust prints, as a JSON text.
    fn content(&mut self, content: &dyn Debug) {
        self.put(concat!(key!("content"), "\""));
        write!(self, "{content:?}").expect("a Debug implementation failed on its own account");
        self.put("\"");
    }

    /// Puts text within a JSON text.
    #[inline]
    fn escape(&mut self, text: &str) {
        let special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        if text.bytes().any(special) { self.escape_slowly(text) } else { self.put(text) }
    }

    #[cold]
    fn escape_slowly(&mut self, text: &str) {
        let quote = self.to.len();
        serde_json::to_writer(&mut *self.to, text).expect("a text is always JSON");
        self.to.remove(quote);
        self.to.pop();
    }
}

impl fmt::Write for Line<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.escape(text);
        Ok(())
    }
}

pub(crate) fn dropped(why: DropReason) -> &'static str {
    match why {
        DropReason::Lost => "lost",
        DropReason::Corrupted => "corrupted",
        DropReason::Overflowed => "overflowed",
        DropReason::Cut => "cut",
        DropReason::ToDead => "to_dead",
    }
}

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
