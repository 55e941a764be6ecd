//! The same lines by plain serde, slowly: what the fast writer is held against.

use seedbed_core::trace::{Occurrence, Record};
use seedbed_node::{Names, NodeId, Operation};
use serde::Serialize;

use super::dropped;
use crate::json::text;

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

/// One record as a line, with its line break.
pub(super) fn rendered(record: &Record<'_>, names: &Names) -> String {
    text(&line(record, names)) + "\n"
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
