//! The `schedule:` section: what it says, every kind of mistake in it, and writing it.

use proptest::prelude::*;
use seedbed_core::{EndedBy, MessageName, Schedule, Scheduled, ScheduledStep, Verdict};
use seedbed_node::{Names, NodeId, Time};
use seedbed_scenarios::{
    Expect, Format, Plan, Problems, Registry, RunOptions, Source, json_schema, load, schedule_text,
};

/// A scenario with a schedule in which nothing is wrong.
const FINE: &str = r#"Scenario(
    nodes: ["ada", "bob"],
    algorithm: Lamport(),
    workload: Closed(requests_per_node: 1),
    schedule: (steps: [
        (at: "1ms", wake: "ada", crash_after: 0),
        (at: "2ms", boot: "ada"),
        (at: "3ms", wake: "bob"),
        (at: "4ms", lose: ("bob", "ada", "Request")),
    ], repeats_from: None, ends_at: "9ms"),
    ties: Insertion,
)"#;

fn read(name: &str, text: &str) -> Result<Plan, Problems> {
    load(&Registry::standard(), &Source::new(name, text))
}

fn run(plan: &Plan) -> seedbed_core::Outcome {
    plan.run(None, RunOptions::default())
}

/// The only problem after a replacement: the text that is pointed at, and what is said.
#[track_caller]
fn expect(from: &str, to: &str, place: &str, message: &str, help: &str) {
    assert_eq!(FINE.matches(from).count(), 1, "`{from}` occurs once");
    let text = FINE.replace(from, to);
    let problems = read("fine.ron", &text).expect_err(to);
    let all: Vec<_> = problems.iter().map(|problem| problem.data()).collect();
    let [data] = all.as_slice() else { panic!("expected one problem: {all:#?}") };
    let span = problems.first().span().expect("it has a place");
    assert_eq!(&text[span.start..span.end], place, "{data:?}");
    assert!(data.message.contains(message), "{data:?}");
    assert!(data.help.as_deref().unwrap_or("").contains(help), "{data:?}");
}

#[test]
fn the_steps_are_what_happens() {
    let plan = read("fine.ron", FINE).expect("fine");
    assert_eq!(plan.checks().last(), Some("Schedule"));
    let outcome = run(&plan);
    assert_eq!((outcome.ended_at, outcome.messages.lost), (Time(9_000_000), 1));
    assert_eq!(outcome.checks.last().map(|check| check.verdict), Some(Verdict::Held));
}

#[test]
fn a_step_that_cannot_happen_is_inconclusive_and_says_why() {
    let text =
        FINE.replace("(\"bob\", \"ada\", \"Request\")", "(\"bob\", \"ada\", \"Request\", 3)");
    let outcome = run(&read("fine.ron", &text).expect("well formed"));
    assert_eq!(outcome.ended_by, EndedBy::ScheduleBroken);
    assert_eq!(Expect::of(&outcome), Expect::Inconclusive);
    let check = outcome.checks.last().expect("the check on the schedule");
    assert_eq!(
        check.detail,
        "steps[3] cannot happen: no Request (nth: 3) from bob to ada is on its way: bob has sent 1 \
         so far, counted from 0"
    );
}

#[test]
fn mistakes_are_reported_at_their_places() {
    expect("at: \"3ms\"", "at: \"1us\"", "\"1us\"", "lies before the one above it, at 2ms", "");
    expect("wake: \"bob\"", "wake: \"bop\"", "\"bop\"", "unknown node `bop`", "`bob`");
    expect("\"Request\"", "\"Requst\"", "\"Requst\"", "unknown kind of message", "`Request`");
    expect(
        "wake: \"bob\"",
        "wake: \"bob\", crash: \"ada\"",
        "\"ada\"",
        "one thing happens in a step, and this one has `wake`",
        "",
    );
    let idle = "(at: \"3ms\")";
    expect("(at: \"3ms\", wake: \"bob\")", idle, idle, "nothing happens in this step", "deliver");
    expect("wake: \"bob\"", "wakes: \"bob\"", "wakes", "unknown field `wakes`", "`wake`");
    expect("\"ada\", \"Request\")", "\"ada\")", "(", "named by (from, to, kind)", "");
    expect("\"Request\")", "\"Request\", 0, 1)", "1", "one item too many", "");
    expect(
        "\"bob\", \"ada\", \"R",
        "\"bob\", \"bob\", \"R",
        "(\"bob\", \"bob\", \"Request\")",
        "does not cross",
        "",
    );
    expect("boot: \"ada\"", "boot: \"ada\", writes_kept: 1", "1", "no node crashes", "");
    expect("boot: \"ada\"", "crash: \"ada\", crash_after: 1", "1", "no node acts in this step", "");
    expect("repeats_from: None", "repeats_from: 4", "4", "there is no step 4", "");
    expect("\"9ms\"", "\"3ms\"", "\"3ms\"", "the last step, at 4ms, lies behind this end", "");
}

#[test]
fn what_contradicts_a_schedule_is_refused_at_its_place() {
    let beside = |section: &str, place: &str, message: &str| {
        expect("ties: Insertion,", section, place, message, "");
    };
    beside("network: (loss: 0.1),", "(", "there is no network beside a schedule");
    beside("ties: Shuffled,", "Shuffled", "nothing is drawn");
    beside("stop: Served,", "Served", "a schedule ends with its last step");
    beside("stop: \"5s\",", "\"5s\"", "a schedule ends with its last step");
    beside("service: (time: \"1ms\"),", "(time: \"1ms\")", "handlers take no time");
    let crash = "faults: [(at: \"1s\", fault: Crash(\"ada\"))],";
    beside(crash, "Crash(\"ada\")", "only `LateBoot`, `ClockStep` and `Drift`");
    let random = "Random(until: \"1s\", count: 1, lasting: \"1ms\")";
    beside(&format!("faults: {random},"), random, "no random faults");
    beside(&format!("faults: [{random}],"), random, "no random faults");
    let fine = "network: (), stop: Quiet, clocks: (drift_ppm: 3), \
                faults: [(at: \"1s\", fault: Drift(node: \"ada\", ppm: 2.0))],";
    read("fine.ron", &FINE.replace("ties: Insertion,", fine)).expect("nothing contradicts it");
}

#[test]
fn json_says_the_same_and_the_schema_knows_it() {
    let json = r#"{"nodes": ["ada", "bob"], "algorithm": "Lamport",
        "workload": {"Closed": {"requests_per_node": 1}},
        "schedule": {"steps": [
            {"at": "1ms", "wake": "ada", "crash_after": 0},
            {"at": "2ms", "boot": "ada"},
            {"at": "3ms", "wake": ["bob", 0]},
            {"at": "4ms", "lose": ["bob", "ada", "Request", 0]}
        ], "ends_at": "9ms"}}"#;
    let (ron, json) = (read("a.ron", FINE).expect("fine"), read("a.json", json).expect("fine"));
    assert_eq!(ron.world(), json.world());
    assert_eq!(run(&ron), run(&json));
    let schema = json_schema(&Registry::standard()).to_string();
    for word in ["repeats_from", "crash_after", "before_requests", "prefixItems"] {
        assert!(schema.contains(word), "{word} is in the schema");
    }
}

#[test]
fn sections_are_removed_with_their_names_and_nothing_else() {
    let unset = |name: &str, text: &str, path: &str| {
        let mut source = Source::new(name, text);
        source.unset(path).expect("a path");
        source.text
    };
    let ron = "(\n    a: 1, // one\n    b: (c: 2, d: 3),\n    e: 4\n)";
    assert_eq!(unset("a.ron", ron, "a"), "(\n    // one\n    b: (c: 2, d: 3),\n    e: 4\n)");
    assert_eq!(unset("a.ron", ron, "b"), "(\n    a: 1, // one\n    e: 4\n)");
    assert_eq!(unset("a.ron", ron, "b.d"), "(\n    a: 1, // one\n    b: (c: 2, ),\n    e: 4\n)");
    assert_eq!(unset("a.ron", ron, "e"), "(\n    a: 1, // one\n    b: (c: 2, d: 3),\n    \n)");
    assert_eq!(unset("a.ron", ron, "none.such"), ron);
    let late = "(a: 1 // why\n  /* , */ , b: 2)";
    assert_eq!(unset("a.ron", late, "a"), "(b: 2)");
    assert_eq!(unset("a.json", r#"{"a": 1, "b": [2]}"#, "b"), r#"{"a": 1}"#);
    assert_eq!(unset("a.json", r#"{"a": 1, "b": [2]}"#, "a"), r#"{"b": [2]}"#);
    assert!(Source::new("a.ron", "(a: [1])").unset("a[0]").is_err());
}

fn step() -> impl Strategy<Value = ScheduledStep> {
    let node = || (0..2u32).prop_map(NodeId);
    let name = || {
        (node(), node(), 0..3u32, 0..3u32).prop_map(|(from, to, kind, nth)| MessageName {
            from,
            to,
            kind,
            nth,
        })
    };
    let crosses = || name().prop_filter("to another", |name| name.from != name.to);
    prop_oneof![
        name().prop_map(ScheduledStep::Deliver),
        crosses().prop_map(ScheduledStep::Lose),
        crosses().prop_map(ScheduledStep::Duplicate),
        (node(), any::<String>()).prop_map(|(node, timer)| ScheduledStep::Timer { node, timer }),
        (node(), any::<u64>()).prop_map(|(client, tag)| ScheduledStep::Wake { client, tag }),
        node().prop_map(|client| ScheduledStep::Request { client }),
        (node(), 0..3u32)
            .prop_map(|(node, writes_kept)| ScheduledStep::Crash { node, writes_kept }),
        node().prop_map(|node| ScheduledStep::Boot { node }),
    ]
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let choices = || prop::collection::vec(0..5u32, 0..3);
    let special = (prop::option::of(0..4u32), 0..3u32, any::<bool>());
    let scheduled = (0..u64::MAX >> 8, step(), choices(), special);
    let steps = prop::collection::vec(scheduled, 1..20);
    let rest = (any::<prop::sample::Index>(), any::<(bool, bool, bool)>());
    (steps, choices(), rest).prop_map(
        |(mut steps, choices, (from, (repeats, ends, unfinished)))| {
            steps.sort_by_key(|(at, ..)| *at);
            let steps: Vec<_> = steps.into_iter().map(scheduled_of).collect();
            let ends_at = steps.last().filter(|_| ends).map(|last| Time(last.at.0 + 1));
            let repeats_from = repeats.then(|| from.index(steps.len()) as u32);
            Schedule { choices, steps, repeats_from, ends_at, unfinished }
        },
    )
}

/// A step with what can be special about it.
fn scheduled_of(
    (at, step, choices, (cut, kept, before_requests)): (
        u64,
        ScheduledStep,
        Vec<u32>,
        (Option<u32>, u32, bool),
    ),
) -> Scheduled {
    let acts = !matches!(
        step,
        ScheduledStep::Lose(_) | ScheduledStep::Duplicate(_) | ScheduledStep::Crash { .. }
    );
    let crash_after = cut.filter(|_| acts);
    let writes_kept = crash_after.map_or(0, |_| kept);
    Scheduled { at: Time(at), step, choices, crash_after, writes_kept, before_requests }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(schedule in schedules()) {
        for name in ["a.ron", "a.json"] {
            let bare = match name {
                "a.ron" => r#"Scenario(nodes: ["ada", "bob"], algorithm: Lamport())"#,
                _ => r#"{"nodes": ["ada", "bob"], "algorithm": "Lamport"}"#,
            };
            let plan = read(name, bare).expect("fine");
            let mut source = plan.source.clone();
            let text = plan.schedule_text(&schedule);
            source.set("schedule", &text).expect("a section");
            let again = read(name, &source.text).unwrap_or_else(|problems| {
                panic!("{:?}\n{}", problems.first().data(), source.text)
            });
            prop_assert_eq!(again.world().schedule.as_deref(), Some(&schedule), "{}", source.text);
        }
    }

    #[test]
    fn any_schedule_of_a_scenario_ends(schedule in schedules()) {
        let plan = read("a.ron", r#"(nodes: ["ada", "bob"], algorithm: Lamport())"#).expect("fine");
        let recorded = seedbed_core::Recorded { schedule, faults: Vec::new() };
        let source = plan.scheduled(None, &recorded);
        let outcome = run(&load(&Registry::standard(), &source).expect("fine"));
        prop_assert!(outcome.verdict() != Verdict::Failed);
    }
}

#[test]
fn the_section_reads_as_a_person_would_write_it() {
    let name = |from, to, kind, nth| MessageName { from: NodeId(from), to: NodeId(to), kind, nth };
    let at = |ms: u64, step| Scheduled::new(Time(ms * 1_000_000), step);
    let mut timer = at(3, ScheduledStep::Timer { node: NodeId(1), timer: "Retry(\"x\")".into() });
    timer.choices = vec![1, 0];
    let schedule = Schedule {
        steps: vec![
            at(1, ScheduledStep::Wake { client: NodeId(0), tag: 0 }),
            at(2, ScheduledStep::Deliver(name(0, 1, 0, 0))),
            timer,
            at(4, ScheduledStep::Crash { node: NodeId(1), writes_kept: 2 }),
            at(6, ScheduledStep::Duplicate(name(1, 0, 1, 4))),
        ],
        repeats_from: Some(3),
        ..Schedule::default()
    };
    let names = Names::new(["ada", "bob"]);
    let text = schedule_text(&schedule, &names, &["Request", "Ack"], Format::Ron);
    let expected = r#"(
        steps: [
            (at: "1ms", wake: "ada"),
            (at: "2ms", deliver: ("ada", "bob", "Request")),
            (at: "3ms", timer: ("bob", "Retry(\"x\")"), choices: [1, 0]),
            (at: "4ms", crash: "bob", writes_kept: 2),
            (at: "6ms", duplicate: ("bob", "ada", "Ack", 4)),
        ],
        repeats_from: 3,
    )"#;
    assert_eq!(text, expected);
}

#[test]
fn kinds_of_a_transport_are_told_apart_from_the_algorithms_own() {
    let text = FINE.replace("workload:", "transport: Reliable(), workload:");
    let plan = read("a.ron", &text).expect("fine");
    let kinds = plan.message_kinds();
    assert_eq!(kinds, ["Request", "Ack", "Release", "Retransmission", "transport Ack"]);
}
