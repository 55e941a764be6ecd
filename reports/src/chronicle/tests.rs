//! Chronicles of whole runs, held against what else is known of them.

use std::collections::BTreeSet;

use seedbed_node::{Extent, NodeId};
use seedbed_scenarios::{Registry, load};

use super::*;

fn plan(name: &str, sets: &[(&str, &str)]) -> Plan {
    let mut source = seedbed_scenarios::find(name).expect("it is shipped").source();
    for (path, value) in sets {
        source.set(path, value).expect("it can be set");
    }
    load(&Registry::standard(), &source).unwrap_or_else(|problems| panic!("{problems}"))
}

const VECTOR: (&str, &str) = ("record", "(trace: true, clocks: [Vector])");

/// Whether everything that one has heard of, the other has.
fn within(one: &[u32], other: &[u32]) -> bool {
    one.iter().zip(other).all(|(one, other)| one <= other)
}

#[test]
fn causal_past_and_future_are_what_vector_clocks_say() {
    let runs = [
        plan("ricart-agrawala", &[VECTOR]),
        plan("lamport-reordering", &[VECTOR]),
        plan("two-phase-recovery", &[VECTOR]),
        plan("duplication", &[VECTOR]),
        plan("bully", &[VECTOR]),
    ];
    for plan in runs {
        let limits = Limits { entries_max: 1_500, states: false };
        let (_, chronicle) = Chronicle::of(&plan, None, limits);
        let entries = &chronicle.entries;
        let stamp = |entry: usize| entries[entry].stamps.as_ref().and_then(|s| s.vector.as_ref());
        let stamped: Vec<usize> = (0..entries.len()).filter(|e| stamp(*e).is_some()).collect();
        assert!(stamped.len() > 40, "{}: {}", plan.name, stamped.len());
        let causality = chronicle.causality();
        for place in stamped.iter().copied().step_by(7) {
            let own = stamp(place).expect("stamped");
            let before = |other: usize| within(stamp(other).expect("stamped"), own);
            let after = |other: usize| within(own, stamp(other).expect("stamped"));
            let said: BTreeSet<usize> = stamped.iter().copied().filter(|o| before(*o)).collect();
            let past: BTreeSet<usize> =
                causality.past(place).into_iter().filter(|e| stamp(*e).is_some()).collect();
            assert_eq!(past, said, "{}: the past of entry {place}", plan.name);
            let said: BTreeSet<usize> = stamped.iter().copied().filter(|o| after(*o)).collect();
            let future: BTreeSet<usize> =
                causality.future(place).into_iter().filter(|e| stamp(*e).is_some()).collect();
            assert_eq!(future, said, "{}: the future of entry {place}", plan.name);
        }
    }
}

#[test]
fn a_state_belongs_to_everything_that_its_handler_did() {
    let (_, chronicle) = Chronicle::of(&plan("lamport-reordering", &[]), None, Limits::default());
    let mut handled = 0;
    for (place, entry) in chronicle.entries.iter().enumerate().filter(|(_, e)| e.is_of_node()) {
        let same = |other: &&Entry| (other.event, other.node) == (entry.event, entry.node);
        for other in chronicle.entries[place..].iter().filter(|o| o.is_of_node()).take_while(same) {
            assert_eq!(other.state, entry.state, "{entry:?} and {other:?}");
            handled += 1;
        }
        if entry.event > 0 && !matches!(entry.what, Happening::Complete(_)) {
            assert!(chronicle.state(entry).is_some(), "{entry:?}");
        }
    }
    assert!(handled > 100, "{handled}");
    assert!(chronicle.states.len() > 20);
}

#[test]
fn who_is_down_has_no_state_and_who_waits_keeps_it() {
    let crash = ("faults", r#"[(at: "30ms", until: "60ms", fault: Crash("bob"))]"#);
    let pause = ("faults", r#"[(at: "30ms", until: "60ms", fault: Pause("bob"))]"#);
    let bob = NodeId(1);
    let of = |fault| {
        let limits = Limits { entries_max: 4_000, states: true };
        Chronicle::of(&plan("lamport", &[fault]), None, limits).1
    };
    let chronicle = of(crash);
    let fault = |e: &&Entry| matches!(e.what, Happening::Fault(_) | Happening::Undone(_));
    assert!(chronicle.entries.iter().filter(fault).all(|entry| entry.state.is_none()));
    let mut up = false;
    for entry in chronicle.entries.iter().filter(|e| e.node == bob && !fault(e)) {
        match entry.what {
            Happening::Boot(_) => up = true,
            Happening::Crash => up = false,
            _ => {}
        }
        assert_eq!(entry.state.is_some(), up, "{entry:?}");
    }
    let chronicle = of(pause);
    let paused = chronicle.entries.iter().position(|e| e.what == Happening::Pause).expect("so");
    let before = chronicle.entries[..paused].iter().rfind(|e| e.node == bob).expect("it booted");
    assert_eq!(chronicle.entries[paused].state, before.state);
}

#[test]
fn a_full_chronicle_counts_what_it_leaves_out_and_is_the_beginning_of_a_longer_one() {
    let plan = plan("lamport", &[]);
    let of = |entries_max| Chronicle::of(&plan, None, Limits { entries_max, states: true });
    let (whole, part) = (of(usize::MAX), of(333));
    assert_eq!(whole.0, part.0);
    let (whole, part) = (whole.1, part.1);
    assert_eq!((part.entries.len(), whole.left_out), (333, 0));
    assert_eq!(part.left_out as usize, whole.entries.len() - 333);
    // The last handler may be cut in two: then its state is known all the same.
    assert_eq!(part.entries, whole.entries[..333]);
    assert!(part.marks.iter().all(|mark| whole.marks.contains(mark) && mark.entry < 333));
}

#[test]
fn marks_stand_at_the_entries_that_make_them_so() {
    let (_, chronicle) = Chronicle::of(&plan("ricart-agrawala", &[]), None, Limits::default());
    assert!(chronicle.marks.len() > 50);
    for mark in &chronicle.marks {
        let entry = &chronicle.entries[mark.entry];
        assert_eq!((entry.node, entry.at), (mark.node, mark.at), "{mark:?}");
        let fits = match (mark.extent, &entry.what) {
            (Extent::BeginWaiting, Happening::Request { content, .. }) => content == "Acquire",
            (Extent::Begin, Happening::Event(content)) => content == "Granted",
            (Extent::End, Happening::Event(content)) => content == "Granted",
            (Extent::End, Happening::Request { content, .. }) => content == "Release",
            _ => false,
        };
        assert!(fits, "{mark:?} at {entry:?}");
    }
    let inside = |held: &&Holding| !held.waiting;
    let holdings = chronicle.holdings();
    let ended = |held: &Holding| held.ended.map(|mark| chronicle.marks[mark].at);
    let begun = |held: &Holding| chronicle.marks[held.begun].at;
    let mut entries: Vec<_> = holdings.iter().filter(inside).collect();
    entries.sort_by_key(|held| held.begun);
    for pair in entries.windows(2) {
        assert!(ended(pair[0]).expect("somebody entered later") <= begun(pair[1]), "{pair:?}");
    }
}

#[test]
fn every_family_that_is_shipped_has_marks() {
    let runs = [
        "ricart-agrawala",
        "centralised-lease",
        "bully",
        "fast-leader-election",
        "zab",
        "two-phase-commit",
        "causal-multicast",
        "chain-replication",
        "primary-backup",
        "fenced-lease",
        "chord",
        "cristian",
    ];
    for name in runs {
        let limits = Limits { entries_max: 20_000, states: false };
        let (_, chronicle) = Chronicle::of(&plan(name, &[]), None, limits);
        assert!(!chronicle.marks.is_empty(), "{name}");
        for mark in &chronicle.marks {
            assert_eq!(chronicle.entries[mark.entry].at, mark.at, "{name}: {mark:?}");
        }
    }
}
