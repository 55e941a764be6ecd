//! The log through ShiViz's default regular expression, and what its clocks say against what the
//! trace says.

use std::collections::BTreeMap;

use regex_lite::Regex;
use seedbed_core::trace::{Flight, Occurrence, Record, Sink, Stamps};
use seedbed_node::{LocalTime, Names, NodeId, Time};

use super::*;

/// `defaultParser` of ShiViz's `js/shiviz.js`, which it uses with the flags `g` and `m`; here a
/// brace that is meant as such has to be escaped.
const DEFAULT_PARSER: &str = r"(?m)(?<event>.*)\n(?<host>\S*) (?<clock>\{.*\})";

/// An event as ShiViz sees it.
#[derive(Debug)]
struct Event {
    text: String,
    host: String,
    clock: BTreeMap<String, u32>,
}

fn parse(log: &[u8]) -> Vec<Event> {
    let log = std::str::from_utf8(log).expect("text");
    let captured = Regex::new(DEFAULT_PARSER).unwrap();
    let events = captured.captures_iter(log).map(|found| Event {
        text: found["event"].to_owned(),
        host: found["host"].to_owned(),
        clock: serde_json::from_str(&found["clock"]).expect("a clock is JSON"),
    });
    events.collect()
}

/// What ShiViz refuses a log for (`js/model/modelGraph.js`): a host's own time is 1, 2, 3, …, and a
/// clock names only events that there are.
fn accepted(events: &[Event]) {
    let mut counts = BTreeMap::<&str, u32>::new();
    for event in events {
        let count = counts.entry(&event.host).or_default();
        *count += 1;
        assert_eq!(event.clock.get(&event.host), Some(&*count), "{event:?}");
    }
    for event in events {
        for (host, time) in &event.clock {
            assert!(*time >= 1 && *time <= counts[host.as_str()], "{event:?}");
        }
    }
}

/// Every event's ancestors by ordinal: program order, and from each sending to its deliveries.
fn ancestors(records: &[Moment]) -> Vec<Vec<bool>> {
    let mut all: Vec<Vec<bool>> = Vec::new();
    let mut last = BTreeMap::<NodeId, usize>::new();
    let mut sent = BTreeMap::<Flight, usize>::new();
    for record in records {
        let ordinal = all.len();
        let mut parents: Vec<usize> = last.get(&record.node).copied().into_iter().collect();
        match record.what {
            Happening::Duplicate { original, copy } => {
                sent.insert(copy, sent[&original]);
                continue;
            }
            Happening::Drop { .. } | Happening::Fault(_) | Happening::Undone(_) => continue,
            Happening::Send { flight, .. } => {
                sent.insert(flight, ordinal);
            }
            Happening::Deliver { flight, .. } => parents.push(sent[&flight]),
            _ => {}
        }
        let mut mine = vec![false; ordinal];
        for parent in parents {
            mine[parent] = true;
            for (place, before) in all[parent].iter().enumerate() {
                mine[place] |= before;
            }
        }
        last.insert(record.node, ordinal);
        all.push(mine);
    }
    all
}

#[test]
fn clocks_in_the_log_tell_the_happened_before_of_the_trace() {
    let (mut lost, mut copied, mut crashed, mut pairs) = (0, 0, 0, 0);
    for plan in eventful() {
        let name = plan.name.clone();
        let Exported { bytes, items, mut records, .. } = export(plan, Format::ShiViz);
        let mut events = parse(&bytes);
        assert_eq!(events.len() as u64, items, "{name}");
        accepted(&events);
        events.truncate(700);
        let is_event = |moment: &&Moment| {
            !matches!(
                moment.what,
                Happening::Duplicate { .. }
                    | Happening::Drop { .. }
                    | Happening::Fault(_)
                    | Happening::Undone(_)
            )
        };
        for moment in &records {
            lost += u32::from(matches!(moment.what, Happening::Drop { .. }));
            copied += u32::from(matches!(moment.what, Happening::Duplicate { .. }));
            crashed += u32::from(matches!(moment.what, Happening::Crash));
        }
        assert_eq!(records.iter().filter(is_event).count() as u64, items, "{name}");
        // No more than is compared.
        let enough = records.iter().enumerate().filter(|(_, m)| is_event(m)).nth(events.len());
        if let Some((end, _)) = enough {
            records.truncate(end);
        }
        let ancestors = ancestors(&records);
        assert_eq!(ancestors.len(), events.len(), "{name}");
        for (later, event) in events.iter().enumerate() {
            for (earlier, other) in events[..later].iter().enumerate() {
                let own = other.clock[&other.host];
                let by_clocks = event.clock.get(&other.host).is_some_and(|heard| *heard >= own);
                assert_eq!(
                    by_clocks, ancestors[later][earlier],
                    "{name}: {earlier} {other:?} and {later} {event:?}"
                );
                pairs += 1;
            }
        }
    }
    assert!(lost > 100 && copied > 10 && crashed > 1, "{lost} {copied} {crashed}");
    assert!(pairs > 500_000, "{pairs}");
}

#[test]
fn asking_for_clocks_changes_neither_the_run_nor_its_checks() {
    let plan = plan("logical-clocks", &[("record.clocks", "[Lamport]")]);
    let exported = export(plan.clone(), Format::ShiViz);
    assert_eq!(exported.outcome, plan.run(None, RunOptions::default()));
}

fn stamped(to: &mut dyn Sink, node: u32, vector: Vec<u32>, what: Occurrence<'_>) {
    let stamps = Stamps { lamport: None, vector: Some(vector), hlc: None };
    let (at, wall, node) = (Time(1_500_000), LocalTime(0), NodeId(node));
    to.record(&Record { at, event: 0, node, wall, what, stamps: Some(&stamps) });
}

#[test]
fn whatever_names_and_contents_hold_an_event_is_two_lines() {
    let head = Head {
        scenario: "odd".into(),
        algorithm: "Odd",
        seed: 1,
        members: 3,
        names: Names::new(["a b", "a_b", "\"c\"{\\}"]),
        clocks: Vec::new(),
    };
    let written = Shared::default();
    let (mut sink, _) = Format::ShiViz.sink(&head, written.clone());
    let content = "one\ntwo {\"a_b\":1}\r\u{2028}\u{85}\0three";
    struct Plain(&'static str);
    impl std::fmt::Debug for Plain {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }
    stamped(&mut *sink, 0, vec![1, 0, 0], Occurrence::Timer(&Plain(content)));
    stamped(&mut *sink, 1, vec![0, 1, 0], Occurrence::Event(&Plain("x {}")));
    stamped(&mut *sink, 2, vec![1, 0, 1], Occurrence::Timer(&Plain("")));
    drop(sink);
    let events = parse(&written.bytes());
    accepted(&events);
    let seen: Vec<_> = events.iter().map(|e| (e.host.as_str(), e.text.as_str())).collect();
    let spelled = r#"1.5ms timer one\ntwo {"a_b":1}\r\u{2028}\u{85}\u{0}three"#;
    let expected = [("a_b_", spelled), ("a_b", "1.5ms event x {}"), ("\"c\"{\\}", "1.5ms timer ")];
    assert_eq!(seen, expected);
}
