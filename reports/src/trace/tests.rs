//! The writer against its reference, and what it holds and reports.

use std::io;
use std::sync::{Arc, Mutex};

use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::trace::ClockKind;
use seedbed_node::{LocalTime, Time};

use super::out::BUFFER_BYTES;
use super::*;

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

/// Prints exactly its text, in fragments of one character or in one piece.
struct Plain(String, bool);

impl Debug for Plain {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1 {
            return to.write_str(&self.0);
        }
        self.0.chars().try_for_each(|c| to.write_char(c))
    }
}

/// Every kind of occurrence about this content, with and without what is optional.
fn every_kind(content: &dyn Debug, fault: &TimedFault, see: &mut dyn FnMut(Occurrence<'_>)) {
    let (flight, kind, message) = (u64::MAX, "a \"kind\"", content);
    let (to, from, sent_at) = (NodeId(1), NodeId(2), Time(u64::MAX));
    let known = Operation { client: NodeId(1), number: u32::MAX };
    let unknown = Operation { client: NodeId(u32::MAX), number: 0 };
    for (operation, transport, bytes) in
        [(None, false, 0), (Some(known), true, u32::MAX), (Some(unknown), true, 1)]
    {
        see(Occurrence::Send { flight, to, kind, transport, operation, bytes, message });
        see(Occurrence::Deliver { flight, from, sent_at, kind, transport, operation, message });
    }
    for operation in [known, unknown] {
        see(Occurrence::Request { operation, request: content });
        see(Occurrence::Complete(operation));
    }
    for forced in [false, true] {
        see(Occurrence::Write { forced, record: content });
    }
    for why in [
        DropReason::Lost,
        DropReason::Corrupted,
        DropReason::Overflowed,
        DropReason::Cut,
        DropReason::ToDead,
    ] {
        see(Occurrence::Drop { flight, to, kind, why });
    }
    see(Occurrence::Duplicate { original: 0, copy: flight });
    [0, 1, u32::MAX].into_iter().for_each(|nth| see(Occurrence::Boot(nth)));
    see(Occurrence::Crash);
    see(Occurrence::Pause);
    see(Occurrence::Resume);
    see(Occurrence::Timer(content));
    see(Occurrence::Event(content));
    see(Occurrence::Fault(fault));
    see(Occurrence::Undone(fault));
}

#[test]
fn every_kind_of_line_is_what_serde_writes() {
    let names = Names::new(["ada", "\"bob\"\\\n", "жук\u{1}\u{2028}"]);
    let characters: String = ('\0'..='\u{2ff}').chain(['\u{2028}', '\u{10ffff}']).collect();
    let contents: [&dyn Debug; 6] = [
        &(),
        &Some(("text", 'c', [-1.5, f64::NAN], i128::MIN)),
        &characters,
        &Plain(characters.clone(), true),
        &Plain(characters.clone(), false),
        &Plain(String::new(), true),
    ];
    let fault = Fault::Crash { node: NodeId(1), after_effects: Some(2) };
    let fault = TimedFault { at: Time(1), until: None, fault };
    let hlc = Some((LocalTime(i64::MIN), u32::MAX));
    let all_stamps = [
        None,
        Some(Stamps::default()),
        Some(Stamps { lamport: Some(u64::MAX), vector: Some(vec![]), hlc: None }),
        Some(Stamps { lamport: Some(0), vector: Some(vec![7]), hlc }),
        Some(Stamps { lamport: None, vector: Some(vec![0, u32::MAX, 10]), hlc }),
    ];
    let written = Shared::default();
    let mut sink = JsonLines::new(names.clone(), written.clone());
    let mut expected = String::new();
    for content in contents {
        every_kind(content, &fault, &mut |what| {
            for (node, stamps) in (0..).zip(&all_stamps) {
                let (at, wall) = (Time(u64::MAX), LocalTime(i64::MIN + i64::from(node)));
                let (node, stamps) = (NodeId(node), stamps.as_ref());
                let record = Record { at, event: 0, node, wall, what, stamps };
                sink.record(&record);
                expected += &reference::rendered(&record, &names);
            }
        });
    }
    drop(sink);
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    for (line, expected) in text.lines().zip(expected.lines()) {
        assert_eq!(line, expected);
    }
    assert_eq!(text, expected);
}

#[test]
fn memory_is_one_buffer_and_a_line() {
    let written = Shared::default();
    let mut sink = JsonLines::new(Names::numbered(2), written.clone());
    let records = 3 * BUFFER_BYTES / 100;
    for _ in 0..records {
        send(&mut sink);
        assert!(sink.out.buffer.len() < BUFFER_BYTES);
    }
    assert!(sink.out.buffer.capacity() <= 2 * BUFFER_BYTES);
    assert!(written.0.lock().unwrap().len() > 2 * BUFFER_BYTES, "written before the end");
    drop(sink);
    let bytes = written.0.lock().unwrap();
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), records);
}

#[test]
fn a_record_is_a_line_without_empty_keys() {
    let written = Shared::default();
    let mut sink = JsonLines::new(Names::new(["ada", "bob"]), written.clone());
    send(&mut sink);
    drop(sink);
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let value: serde_json::Value = serde_json::from_str(text.strip_suffix('\n').unwrap()).unwrap();
    let expected = serde_json::json!({
        "at_ns": 5, "event": 7, "node": "ada", "wall_ns": -2, "what": "send", "flight": 9,
        "to": "bob", "kind": "Request", "transport": false, "bytes": 12,
        "operation": "bob#4", "content": "\"hello\"", "lamport": 3, "vector": [1, 2],
    });
    assert_eq!(value, expected);
}

#[test]
fn the_first_line_tells_what_run_it_is() {
    let mut head = Head {
        scenario: "a \"name\"".into(),
        algorithm: "Ring",
        seed: 7,
        members: 2,
        names: Names::new(["ada", "bob", "relay"]),
        clocks: vec![ClockKind::Lamport, ClockKind::Vector],
    };
    let first = |head: &Head| {
        let written = Shared::default();
        let mut sink = JsonLines::with_head(head, written.clone());
        let errors = sink.errors();
        send(&mut sink);
        drop(sink);
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!((errors.items(), errors.bytes()), (1, text.len() as u64));
        let (first, records) = text.split_once('\n').unwrap();
        assert!(records.starts_with("{\"at_ns\":5,"), "{records}");
        serde_json::from_str::<serde_json::Value>(first).unwrap()
    };
    let expected = serde_json::json!({
        "schema": 1, "what": "run", "version": env!("CARGO_PKG_VERSION"), "scenario": "a \"name\"",
        "algorithm": "Ring", "seed": 7, "nodes": 2, "names": ["ada", "bob", "relay"],
        "clocks": ["lamport", "vector"],
    });
    assert_eq!(first(&head), expected);
    head.names = Names::numbered(2);
    assert_eq!(first(&head).get("names"), None);
}

#[test]
fn a_full_disk_is_told_afterwards() {
    let mut sink = JsonLines::new(Names::numbered(2), Full);
    let errors = sink.errors();
    send(&mut sink);
    drop(sink);
    assert_eq!(errors.first().unwrap_err().kind(), io::ErrorKind::StorageFull);
}
