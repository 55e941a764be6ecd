//! The graph: a golden one, its edges against the trace, and its bound.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use seedbed_core::trace::{DropReason, Occurrence, Record};
use seedbed_node::{LocalTime, Names, NodeId, Time};

use super::*;

fn drawn(records: &[(u64, u32, Occurrence<'_>)]) -> String {
    let head = Head {
        scenario: "a \"small\" one".into(),
        algorithm: "Ring",
        seed: 7,
        members: 2,
        names: Names::new(["ada", "bob"]),
        clocks: Vec::new(),
    };
    let written = Shared::default();
    let (mut sink, errors) = Format::Dot { events_max: 100 }.sink(&head, written.clone());
    for (at, node, what) in records {
        let (at, node, wall) = (Time(*at), NodeId(*node), LocalTime(0));
        sink.record(&Record { at, event: 0, node, wall, what: *what, stamps: None });
    }
    drop(sink);
    errors.first().expect("memory has room");
    String::from_utf8(written.bytes()).unwrap()
}

fn send(flight: u64, message: &'static str) -> Occurrence<'static> {
    struct Said(&'static str);
    impl std::fmt::Debug for Said {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }
    let (to, kind, transport, operation, bytes) = (NodeId(1), "Token", false, None, 1);
    let message = Box::leak(Box::new(Said(message)));
    Occurrence::Send { flight, to, kind, transport, operation, bytes, message }
}

#[test]
fn a_small_graph_in_full() {
    let (from, kind, why) = (NodeId(0), "Token", DropReason::Lost);
    let (sent_at, transport, operation, message) = (Time(5), false, None, &());
    let deliver =
        |flight| Occurrence::Deliver { flight, from, sent_at, kind, transport, operation, message };
    let text = drawn(&[
        (0, 0, Occurrence::Boot(0)),
        (5, 0, send(1, "Token { \"x\" }")),
        (5, 0, Occurrence::Duplicate { original: 1, copy: 2 }),
        (5, 0, send(3, "Token")),
        (5, 0, Occurrence::Drop { flight: 3, to: NodeId(1), kind, why }),
        (9, 1, deliver(2)),
    ]);
    let expected = r##"digraph "a \"small\" one, seed 7" {
  rankdir=LR; newrank=true; labeljust=l; node [shape=box, style="rounded,filled", fillcolor="#f2f2f2", fontname="sans-serif", fontsize=10];
  edge [color="#767676", arrowsize=0.7];
  subgraph cluster_0 {
    label="ada"; fontname="sans-serif"; color="#c4c4c4";
    e1 [label="boot\n0s", tooltip="boot", fillcolor="#fbd9d3"];
    e2 [label="Token → bob\n5ns", tooltip="send Token to bob: Token { \"x\" }"];
    e1 -> e2 [weight=20, arrowhead=none];
    e3 [label="Token → bob\n5ns", tooltip="send Token to bob"];
    e2 -> e3 [weight=20, arrowhead=none];
  }
  subgraph cluster_1 {
    label="bob"; fontname="sans-serif"; color="#c4c4c4";
    e4 [label="ada → Token\n9ns", tooltip="receive Token from ada: ()"];
  }
  x3 [shape=plain, style="", label="✗ lost"];
  e3 -> x3 [color="#b3261e", style=dotted, tooltip="Token"];
  e2 -> e4 [color="#0b57d0", tooltip="Token", style=dashed];
}
"##;
    assert_eq!(text, expected);
}

#[test]
fn arrows_are_deliveries_and_chains_are_nodes() {
    for plan in eventful() {
        let (name, nodes) = (plan.name.clone(), plan.nodes() as usize);
        let exported = export(plan, Format::Dot { events_max: u64::MAX });
        let text = String::from_utf8(exported.bytes).unwrap();
        let count = |part: &str| text.lines().filter(|line| line.contains(part)).count();
        let delivered = |m: &&Moment| matches!(m.what, Happening::Deliver { .. });
        let dropped = |m: &&Moment| matches!(m.what, Happening::Drop { .. });
        let records = &exported.records;
        assert_eq!(count("color=\"#0b57d0\""), records.iter().filter(delivered).count(), "{name}");
        assert_eq!(count("style=dotted"), records.iter().filter(dropped).count(), "{name}");
        let seen: BTreeSet<_> = records.iter().map(|m| m.node).collect();
        assert!(seen.len() <= nodes, "{name}");
        assert_eq!(count("subgraph cluster_"), seen.len(), "{name}");
        assert_eq!(count("weight=20") + seen.len(), exported.items as usize, "{name}");
    }
}

#[test]
fn too_many_events_are_an_error_and_nothing_is_written() {
    let plan = plan("loss", &[]);
    let head = Head::of(&plan, None, &[]);
    let written = Shared::default();
    let (sink, errors) = Format::Dot { events_max: 10 }.sink(&head, written.clone());
    plan.run(None, RunOptions { sink: Some(sink), ..RunOptions::default() });
    let why = errors.first().unwrap_err();
    assert_eq!(why.kind(), ErrorKind::FileTooLarge);
    assert!(why.to_string().contains("more than 10 events"), "{why}");
    assert!(why.to_string().contains("--max-events"), "{why}");
    assert!(written.bytes().is_empty());
}
