//! Stepping through runs: forward, back, by hand.

use seedbed_core::{EndedBy, Verdict, View, WaitingFor};
use seedbed_scenarios::session::{Condition, Deed, Session};
use seedbed_scenarios::{Plan, Registry, RunOptions, Source, library, load};

fn shipped(name: &str) -> Plan {
    let text = library().find(|shipped| shipped.name == name).expect("shipped").text;
    load(&Registry::standard(), &Source::new(format!("{name}.ron"), text)).expect("valid")
}

fn plan(text: &str) -> Plan {
    load(&Registry::standard(), &Source::new("test.ron", text)).expect("valid")
}

const TWO: &str = r#"Scenario(
    name: "two",
    nodes: ["ada", "bob"],
    algorithm: Lamport(),
    workload: Closed(think: "10ms", hold: "5ms", requests_per_node: 1),
    network: (delay: "2ms"),
)"#;

/// Plain runs, faults, service times, wandering clocks, a schedule.
const SHIPPED: [&str; 6] = [
    "ricart-agrawala",
    "bully-ping",
    "two-phase-commit",
    "clock-wander",
    "chord-lost-ring",
    "craq",
];

fn some() -> impl Iterator<Item = Plan> {
    SHIPPED.into_iter().map(shipped)
}

/// What can be seen of a node and of what waits; where it waits in a queue does not matter.
fn seen(view: &View) -> (Vec<Option<String>>, Vec<String>) {
    let mut waiting: Vec<_> = view
        .waiting
        .iter()
        .filter_map(|waiting| match &waiting.what {
            WaitingFor::Message { from, to, content, .. } => Some(format!("{from} {to} {content}")),
            WaitingFor::Timer { node, timer } => Some(format!("{node} {timer}")),
            _ => None,
        })
        .collect();
    waiting.sort();
    (view.nodes.iter().map(|node| node.state.clone()).collect(), waiting)
}

#[test]
fn back_is_where_it_was() {
    for plan in some() {
        let mut session = Session::new(&plan, None);
        let mut views = vec![session.view().clone()];
        while views.len() < 40 && session.step() {
            views.push(session.view().clone());
        }
        assert!(views.len() > 3, "{}", plan.name);
        while let Some(view) = views.pop() {
            assert_eq!(*session.view(), view, "{} at {}", plan.name, view.events);
            if let Some(before) = views.last() {
                assert!(session.seek(before.events), "{}", plan.name);
            }
        }
        assert!(!session.back(), "there is nothing before the beginning");
    }
}

#[test]
fn looking_does_not_change_what_happens() {
    for plan in some() {
        let mut session = Session::new(&plan, None);
        session.run_until(&Condition::End, 3_000);
        let outcome = plan.run(None, RunOptions::default());
        if session.is_over() {
            assert_eq!(session.view().events, outcome.events, "{}", plan.name);
            assert_eq!(session.view().ended.as_ref(), Some(&outcome.ended_by), "{}", plan.name);
        }
        assert_eq!(session.outcome().digest, outcome.digest, "{}", plan.name);
    }
}

#[test]
fn a_run_that_is_taken_over_is_where_it_was() {
    let plan = shipped("ricart-agrawala");
    for events in [0, 1, 7, 40] {
        let mut session = Session::new(&plan, None);
        session.seek(events);
        let before = seen(session.view());
        let message = |what: &WaitingFor| matches!(what, WaitingFor::Message { .. });
        let waiting = session.view().waiting.clone();
        let Some(chosen) = waiting.iter().find(|waiting| message(&waiting.what)) else { continue };
        session.act(&Deed::Lose(chosen.what.clone())).expect("it is on its way");
        let after = seen(session.view());
        assert_eq!((before.0, before.1.len()), (after.0, after.1.len() + 1));
        assert!(!session.step(), "by hand nothing happens by itself");
        assert!(session.back());
        assert_eq!(seen(session.view()).1, before.1);
    }
}

#[test]
fn what_is_impossible_changes_nothing() {
    let mut session = Session::new(&plan(TWO), None);
    session.seek(2);
    let before = session.view().clone();
    let up = before.nodes[0].node;
    let why = session.act(&Deed::Boot(up)).unwrap_err();
    assert!(why.contains("ada is up"), "{why}");
    assert_eq!((session.view(), session.is_by_hand()), (&before, false));
}

#[test]
fn handlers_that_take_time_are_not_taken_over() {
    let text = TWO.replace("network:", "service: (time: \"1ms\"),\n    network:");
    let Ok(plan) = load(&Registry::standard(), &Source::new("slow.ron", &text)) else {
        panic!("{text}")
    };
    let mut session = Session::new(&plan, None);
    session.seek(3);
    let node = session.view().nodes[0].node;
    let why = session.act(&Deed::Crash(node)).unwrap_err();
    assert!(why.contains("take time"), "{why}");
    assert!(!session.is_by_hand());
}

/// Lamport's algorithm by hand, without FIFO: ada's acknowledgement overtakes her request, so that
/// bob, who does not know of it, enters beside her.
#[test]
fn what_was_done_by_hand_is_a_scenario() {
    let mut session = Session::new(&plan(TWO), None);
    let find = |session: &Session, part: &str| {
        let names = session.names().clone();
        let said = |what: &WaitingFor| match what {
            WaitingFor::Message { from, to, kind_name, .. } => {
                format!("{kind_name} {} {}", names.of(*from), names.of(*to))
            }
            WaitingFor::Wake { client, .. } => format!("wake {}", names.of(*client)),
            other => format!("{other:?}"),
        };
        let waiting = &session.view().waiting;
        let found = waiting.iter().find(|waiting| said(&waiting.what) == part);
        let all: Vec<_> = waiting.iter().map(|waiting| said(&waiting.what)).collect();
        found.unwrap_or_else(|| panic!("no {part} in {all:?}")).what.clone()
    };
    for part in ["wake ada", "wake bob", "Request bob ada", "Ack ada bob"] {
        let what = find(&session, part);
        session.act(&Deed::Happen(what)).expect(part);
    }
    assert!(session.is_over(), "both are in");
    let outcome = session.outcome();
    let source = session.scenario().expect("nothing that a schedule cannot say");
    let replayed = load(&Registry::standard(), &source).expect("it is a scenario");
    let again = replayed.run(None, RunOptions::default());
    assert_eq!(again.digest, outcome.digest);
    assert_eq!(again.ended_by, outcome.ended_by);
    let verdicts = |o: &seedbed_core::Outcome| {
        o.checks.iter().filter(|c| c.name != "Schedule").map(|c| c.verdict).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&again), verdicts(&outcome));
    let schedule = again.checks.iter().find(|check| check.name == "Schedule").expect("judged");
    assert_eq!(schedule.verdict, Verdict::Held);
    let failed = again.checks.iter().find(|check| check.verdict == Verdict::Failed);
    assert_eq!(failed.map(|check| check.name.as_str()), Some("MutualExclusion"), "{again:?}");
    assert_eq!(again.ended_by, EndedBy::Breach);
}

#[test]
fn conditions_are_read_and_stop_where_they_hold() {
    let mut session = Session::new(&plan(TWO), None);
    let read = |text: &str, session: &Session| Condition::parse(text, session);
    for wrong in ["", "sometime", "time soon", "node", "node eve", "state ada", "end now"] {
        assert!(read(wrong, &session).is_err(), "{wrong}");
    }
    let why = read("node adda", &session).unwrap_err().to_string();
    assert!(why.contains("did you mean `ada`"), "{why}");
    let says = read("says Request", &session).expect("a condition");
    assert!(session.run_until(&says, 100));
    assert!(session.said().iter().any(|said| said.text.contains("Request")));
    let time = read("time 12ms", &session).expect("a condition");
    assert!(session.run_until(&time, 100));
    assert_eq!(session.view().now.to_string(), "12ms");
    let never = read("says Nonsense", &session).expect("a condition");
    assert!(!session.run_until(&never, 100_000) && session.is_over());
}
