//! Layouts: what holds of every one, and a few that are looked at in full.

use std::collections::BTreeSet;

use proptest::prelude::*;
use seedbed_core::trace::DropReason;
use seedbed_core::{CheckOutcome, EndedBy, Outcome, Verdict};
use seedbed_node::{Extent, LocalTime, NodeId, Operation, Time};
use seedbed_scenarios::{Registry, load};

use super::labels::overlap;
use super::svg::svg;
use super::terminal::terminal;
use super::*;
use crate::chronicle::{Chronicle, Entry, Happening, Limits, Mark};
use crate::samples;
use crate::text::Style;

const NODES: u32 = 4;

/// One move of a run that means nothing: at which node, how much later, and what.
type Move = (u32, u64, u8, u32);

/// A run that could have happened: nothing arrives that was not sent, or twice.
fn chronicle(moves: &[Move]) -> Chronicle {
    let names = ["ada", "bob<&>", "a-name-that-is-much-longer-than-others", "dee"];
    let mut it = Chronicle {
        names: names.map(String::from).to_vec(),
        members: NODES,
        ..Chronicle::default()
    };
    let (mut now, mut flights, mut event) = (0, 0, 0);
    let mut flying: Vec<(u64, NodeId, NodeId, Time)> = Vec::new();
    let put = |it: &mut Chronicle, now: u64, event: u64, node, what| {
        let (at, wall) = (Time(now), LocalTime(now as i64));
        it.entries.push(Entry { at, event, node, wall, what, stamps: None, state: None });
    };
    for node in 0..NODES {
        put(&mut it, 0, 0, NodeId(node), Happening::Boot(0));
    }
    for &(node, later, what, pick) in moves {
        (now, event) = (now + later, event + 1);
        let node = NodeId(node % NODES);
        let arrived = (!flying.is_empty()).then(|| pick as usize % flying.len());
        match (what % 10, arrived) {
            (0..=2, Some(at)) => {
                let (flight, from, to, sent_at) = flying.remove(at);
                let (kind, content) = (KINDS[flight as usize % 7], "Ping { time: 7 }".to_owned());
                let (transport, operation) = (false, None);
                let what = Happening::Deliver {
                    flight,
                    from,
                    sent_at,
                    kind,
                    transport,
                    operation,
                    content,
                };
                put(&mut it, now, event, to, what);
            }
            (3, Some(at)) => {
                let (flight, from, to, _) = flying.remove(at);
                let (kind, why) = (KINDS[flight as usize % 7], DropReason::ToDead);
                put(&mut it, now, event, from, Happening::Drop { flight, to, kind, why });
            }
            (4, Some(at)) => {
                let (original, from, to, sent_at) = flying[at];
                flights += 1;
                put(&mut it, now, event, from, Happening::Duplicate { original, copy: flights });
                flying.push((flights, from, to, sent_at));
            }
            (5, _) => {
                let operation = Operation { client: node, number: 0 };
                let content = "Acquire { and: \"<&>\" }".to_owned();
                put(&mut it, now, event, node, Happening::Request { operation, content });
                let (entry, label, what) = (it.entries.len() - 1, "inside".to_owned(), "lock");
                let at = Time(now);
                let extent = if pick % 2 == 0 { Extent::Begin } else { Extent::End };
                it.marks.push(Mark { at, entry, node, what, label, extent });
            }
            (6, _) => put(&mut it, now, event, node, Happening::Event("Granted".into())),
            (7, _) => put(&mut it, now, event, node, Happening::Crash),
            _ => {
                put(&mut it, now, event, node, Happening::Timer("Tick".into()));
                for to in (0..NODES).map(NodeId).take(1 + pick as usize % NODES as usize) {
                    flights += 1;
                    let (kind, content) = (KINDS[flights as usize % 7], "Ping".to_owned());
                    let (flight, transport, operation, bytes) = (flights, false, None, 1);
                    let what =
                        Happening::Send { flight, to, kind, transport, operation, bytes, content };
                    put(&mut it, now, event, node, what);
                    flying.push((flight, node, to, Time(now)));
                }
            }
        }
    }
    it
}

const KINDS: [&str; 7] = ["Ping", "Request", "Reply", "Ack", "Coordinator", "X", "Heartbeat"];

fn outcome(chronicle: &Chronicle, breach: bool) -> Outcome {
    let ended_at = chronicle.entries.last().map_or(Time::ZERO, |entry| entry.at);
    let check = CheckOutcome {
        name: "MutualExclusion".into(),
        verdict: if breach { Verdict::Failed } else { Verdict::Held },
        detail: "two < one & three".into(),
        at: breach.then_some(ended_at),
    };
    let ended_by = if breach { EndedBy::Breach } else { EndedBy::Quiet };
    Outcome { ended_at, ended_by, checks: vec![check], ..samples::held() }
}

fn within(diagram: &Diagram, [x, y]: [f64; 2]) -> bool {
    let [left, top, right, bottom] = diagram.plot;
    (left - 0.1..=right + 0.1).contains(&x) && (top..=bottom).contains(&y)
}

/// What holds of every layout.
fn check(chronicle: &Chronicle, diagram: &Diagram) {
    let shown: BTreeSet<usize> =
        diagram.steps.iter().flat_map(|step| step.entries.iter().copied()).collect();
    let arrow_of = |entry: usize| {
        let step = diagram.steps.iter().position(|step| step.entries.contains(&entry));
        diagram.arrows.iter().any(|arrow| arrow.ended == step && arrow.end == End::Delivered)
    };
    for entry in &shown {
        if let Happening::Deliver { .. } = chronicle.entries[*entry].what {
            assert!(arrow_of(*entry), "no arrow leads to {:?}", chronicle.entries[*entry]);
        }
    }
    for arrow in &diagram.arrows {
        assert!(within(diagram, arrow.tail) && within(diagram, arrow.head), "{arrow:?}");
        assert!(arrow.tail[0] <= arrow.head[0] + 0.1, "time does not run backwards: {arrow:?}");
        assert!(arrow.sent.is_some() || arrow.from_before, "{arrow:?}");
    }
    for (place, label) in diagram.labels.iter().enumerate() {
        let [x, y, width, height] = label.place;
        let inside = x >= 0.0 && x + width <= diagram.width && y >= 0.0;
        assert!(inside && y + height <= diagram.height, "{label:?}");
        for other in &diagram.labels[place + 1..] {
            assert!(!overlap(&label.place, &other.place), "{label:?} and {other:?}");
        }
    }
    for bar in &diagram.bars {
        let y = diagram.lanes[bar.lane].y;
        assert!(bar.x.iter().all(|x| within(diagram, [*x - 2.0, y]) || within(diagram, [*x, y])));
        assert!(bar.x[0] < bar.x[1] && bar.steps[0] <= bar.steps[1], "{bar:?}");
    }
    for lane in &diagram.lanes {
        let ends = [diagram.plot[0], diagram.plot[2]];
        assert_eq!([lane.spans[0].x[0], lane.spans[lane.spans.len() - 1].x[1]], ends);
        assert!(lane.spans.windows(2).all(|two| two[0].x[1] == two[1].x[0]), "{lane:?}");
    }
    for tick in &diagram.ticks {
        assert!((0.0..=diagram.width).contains(&tick.x), "{tick:?}");
    }
    for item in &diagram.legend {
        assert!(item.at[1] < diagram.height, "{item:?}");
    }
}

/// Whether a text is XML, as far as this program can get it wrong.
fn check_xml(text: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in text.split('<').skip(1) {
        let (tag, rest) = part.split_once('>').expect("tags end");
        assert!(!tag.contains('<') && !rest.contains('>'), "{part}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().expect("a name");
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        for entity in rest.split('&').skip(1).chain(tag.split('&').skip(1)) {
            let known =
                ["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known));
            assert!(known, "{entity}");
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(!text.contains("NaN") && !text.contains("inf\""));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn every_layout_is_sound(
        moves in prop::collection::vec((0..NODES, 0..20_000_000u64, any::<u8>(), any::<u32>()), 1..80),
        by_order: bool,
        breach: bool,
        per_page in 5..200usize,
        nodes in prop::sample::select(vec![vec![], vec![2, 0], vec![3]]),
    ) {
        let chronicle = chronicle(&moves);
        let outcome = outcome(&chronicle, breach);
        let nodes = nodes.into_iter().map(NodeId).collect();
        let mut options = Options { by_order, per_page, nodes, ..Options::default() };
        let (mut page, mut entries) = (1, 0);
        loop {
            options.page = page;
            let diagram = Diagram::of(&chronicle, &outcome, &options).expect("the page exists");
            check(&chronicle, &diagram);
            check_xml(&svg(&diagram));
            let drawn = terminal(&diagram, Style::default());
            prop_assert!(drawn.lines().all(|line| line.trim_end() == line));
            entries += diagram.page.entries;
            page += 1;
            if page > diagram.page.of {
                prop_assert_eq!(entries, diagram.page.entries_of);
                break;
            }
        }
        options.page = page;
        prop_assert!(Diagram::of(&chronicle, &outcome, &options).is_err());
    }
}

/// A shipped scenario, drawn.
fn drawn(name: &str, options: &Options) -> Diagram {
    let source = seedbed_scenarios::find(name).expect("it is shipped").source();
    let plan = load(&Registry::standard(), &source).unwrap_or_else(|problems| panic!("{problems}"));
    let limits = Limits { entries_max: 10_000, states: false };
    let (outcome, chronicle) = Chronicle::of(&plan, None, limits);
    let options = Options { title: name.to_owned(), ..options.clone() };
    let diagram = Diagram::of(&chronicle, &outcome, &options).expect("it can be drawn");
    check(&chronicle, &diagram);
    assert_eq!(svg(&diagram), svg(&diagram.clone()));
    diagram
}

/// `SEEDBED_BLESS=1 cargo test` writes goldens anew.
fn golden(name: &str, text: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagram/goldens/");
    let path = std::path::Path::new(folder).join(name);
    if std::env::var_os("SEEDBED_BLESS").is_some() {
        std::fs::write(&path, text).expect("goldens are writable");
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(known == text, "{name} differs from what is drawn now:\n{text}");
}

#[test]
fn a_breach_and_what_led_to_it_as_ever() {
    let options = Options { from: Some(Time(300_000_000)), ..Options::default() };
    let diagram = drawn("lamport-reordering", &options);
    golden("lamport-reordering.svg", &svg(&diagram));
    golden("lamport-reordering.txt", &terminal(&diagram, Style::default()));
    let breach = diagram.breach.expect("it is here");
    assert_eq!(breach.check, "MutualExclusion");
    assert_eq!(diagram.lanes[breach.lane.expect("somebody entered")].name, "bob");
    assert!(diagram.steps[breach.step.expect("there is a last straw")].lit);
    // The release that cyd entered by has not reached bob.
    let release = |step: &&Step| step.what == "ada is asked for Release";
    assert!(!diagram.steps.iter().find(release).expect("it is here").lit);
}

#[test]
fn crashes_partitions_and_roles_have_their_places() {
    let bully = drawn("bully", &Options::default());
    let eve = bully.lane_of(NodeId(4)).expect("she is drawn");
    let lives: Vec<_> = bully.lanes[eve].spans.iter().map(|span| span.life).collect();
    assert_eq!(lives, [Life::Up, Life::Down]);
    assert_eq!(bully.arrows.iter().filter(|arrow| arrow.end == End::ToDead).count(), 4);
    assert!(bully.bars.iter().any(|bar| bar.label == "leader" && bar.lane == 3));
    let options = Options { from: Some(Time(990_000_000)), ..Options::default() };
    let split = drawn("three-phase-partition", &options);
    assert_eq!(split.bands[0].groups, [(0, 0), (1, 0), (2, 1), (3, 1)]);
    assert!(split.arrows.iter().any(|arrow| arrow.end == End::Cut));
    let chain = drawn("chain-replication", &Options { by_order: true, ..Options::default() });
    assert_eq!(chain.sorts[..3], ["head", "middle", "tail"]);
}

#[test]
fn only_what_is_wanted_is_drawn() {
    let options = Options {
        kinds: vec!["Reply".into()],
        nodes: vec![NodeId(2), NodeId(0)],
        ..Options::default()
    };
    let diagram = drawn("ricart-agrawala", &options);
    assert!(!diagram.arrows.is_empty());
    assert!(diagram.arrows.iter().all(|arrow| diagram.kinds[arrow.kind] == "Reply"));
    let names: Vec<_> = diagram.lanes.iter().map(|lane| lane.name.as_str()).collect();
    assert_eq!(names, ["cyd", "ada"]);
}

#[test]
fn windows_outside_of_the_run_are_refused_with_a_reason() {
    let chronicle = chronicle(&[(0, 1_000_000, 9, 3), (1, 1_000_000, 0, 0)]);
    let outcome = outcome(&chronicle, false);
    let why = |from: Option<u64>, to: Option<u64>, page| {
        let (from, to) = (from.map(Time), to.map(Time));
        let options = Options { from, to, page, ..Options::default() };
        Diagram::of(&chronicle, &outcome, &options).expect_err("it is refused").0
    };
    let ms = 1_000_000;
    assert_eq!(
        why(Some(5 * ms), Some(2 * ms), 1),
        "from 5ms to 2ms there is no time: the end is first"
    );
    assert_eq!(why(Some(3 * ms), None, 1), "at 3ms it is over: it ends at 2ms");
    assert_eq!(why(None, None, 2), "there is no page 2: there is one");
    assert_eq!(why(None, None, 0), "there is no page 0: there is one");
    let nothing = Diagram::of(&Chronicle::default(), &outcome, &Options::default());
    assert_eq!(nothing, Err(Refused("nothing happened in this run".into())));
}

#[test]
fn a_hundred_thousand_entries_on_one_page_are_drawn() {
    let moves: Vec<Move> = (0..75_000u32)
        .map(|n| (n % 5, 1_000, (n * 7 % 11) as u8, n.wrapping_mul(2_654_435_761)))
        .collect();
    let chronicle = chronicle(&moves);
    assert!(chronicle.entries.len() > 100_000, "{}", chronicle.entries.len());
    let outcome = outcome(&chronicle, true);
    for by_order in [false, true] {
        let options = Options { by_order, per_page: usize::MAX, ..Options::default() };
        let diagram = Diagram::of(&chronicle, &outcome, &options).expect("it is laid out");
        assert!(diagram.arrows.len() > 10_000);
        assert!(svg(&diagram).len() > 1_000_000);
        assert!(terminal(&diagram, Style::default()).lines().count() > 60_000);
    }
}
