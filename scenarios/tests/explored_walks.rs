//! The explorer and the simulator carry out effects in two places. Random paths of the one,
//! followed by the other, keep them from drifting apart: nodes must hear, send and say the same.

use std::sync::{Arc, Mutex};

use seedbed_core::explore::Model;
use seedbed_core::explore::nodes::{Action, Instance};
use seedbed_core::trace::{Occurrence, Record};
use seedbed_core::{EndedBy, Verdict};
use seedbed_node::Draws;
use seedbed_scenarios::{ExploreOptions, Plan, Registry, RunOptions, Source, library, load};

/// Paths for each scenario, and how long they are at most.
const WALKS: u64 = 12;
const STEPS: usize = 120;

/// Bounds under which everything that can be explored happens.
const TROUBLE: &str =
    "(losses: 1, duplications: 1, crashes: 2, restarts: 2, between_effects: true)";

#[test]
fn a_run_that_follows_a_path_does_what_the_path_says() {
    let (mut followed, mut steps) = (0, 0);
    for plan in plans() {
        let Ok((instance, _)) = plan.instance() else { continue };
        for walk in 0..WALKS {
            let path = wander(&instance, &mut Draws::keyed(walk));
            if instance.saw_clock() {
                break;
            }
            let walked = instance.walk(0, &path, None);
            let said: Vec<_> = walked.lines.iter().flat_map(|line| line.then.clone()).collect();
            let (heard, outcome) = follow(&plan, &walked.schedule);
            let name = format!("{}, walk {walk}", plan.name);
            let schedule = outcome.checks.iter().find(|check| check.name == "Schedule");
            let schedule = schedule.expect("every run that follows a schedule has this check");
            // A panic or a breach ends a run where it happens.
            let whole = !matches!(outcome.ended_by, EndedBy::Breach | EndedBy::Panic { .. });
            if whole {
                assert_eq!(schedule.verdict, Verdict::Held, "{name}: {}", schedule.detail);
                assert_eq!(heard, said, "{name}");
            } else {
                assert_eq!(heard[..], said[..heard.len().min(said.len())], "{name}");
            }
            (followed, steps) = (followed + 1, steps + walked.schedule.steps.len());
        }
    }
    assert!(followed >= 200 && steps >= 5_000, "too little was compared: {followed}, {steps}");
}

/// Every shipped scenario of few nodes without a transport, each algorithm at most three times,
/// with trouble.
fn plans() -> Vec<Plan> {
    let registry = Registry::standard();
    let mut plans: Vec<Plan> = Vec::new();
    for shipped in library() {
        let mut source: Source = shipped.source();
        for section in ["transport", "schedule", "replay", "expect"] {
            source.unset(section).expect("shipped scenarios can be read");
        }
        source.set("explore", TROUBLE).expect("shipped scenarios can be read");
        let Ok(plan) = load(&registry, &source) else { continue };
        let alike = plans.iter().filter(|other| other.algorithm == plan.algorithm).count();
        if plan.nodes() <= 6 && alike < 3 {
            plans.push(plan);
        }
    }
    plans
}

/// A random path, as long as nothing is broken.
fn wander(instance: &Instance, draws: &mut Draws) -> Vec<Action> {
    let (mut path, mut actions) = (Vec::new(), Vec::new());
    let mut state = instance.initial().swap_remove(0);
    while path.len() < STEPS {
        actions.clear();
        instance.actions(&state, &mut actions);
        if actions.is_empty() {
            break;
        }
        let action = actions[draws.below(actions.len() as u64) as usize];
        assert!(instance.apply(&mut state, &action));
        path.push(action);
    }
    path
}

/// What nodes say in a run that follows a schedule, in the words of a path.
fn follow(plan: &Plan, schedule: &seedbed_core::Schedule) -> (Vec<String>, seedbed_core::Outcome) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (names, into) = (plan.names().clone(), Arc::clone(&heard));
    let mut begun = false;
    let sink = move |record: &Record<'_>| {
        // What happens while nodes boot is no step of a path.
        begun |= record.at.as_nanos() > 0;
        let line = match record.what {
            _ if !begun => return,
            Occurrence::Send { to, message, .. } if to == record.node => {
                format!("sends {message:?} to itself")
            }
            Occurrence::Send { to, message, .. } => format!("sends {message:?} to {}", &names[to]),
            Occurrence::Deliver { from, message, .. } if from == record.node => {
                format!("hears {message:?} from itself")
            }
            Occurrence::Request { request, .. } => format!("is asked for {request:?}"),
            Occurrence::Event(event) => format!("tells its client {event:?}"),
            Occurrence::Complete(_) => "the client is content".into(),
            _ => return,
        };
        into.lock().expect("nobody panics while holding it").push(line);
    };
    let options = RunOptions { sink: Some(Box::new(sink)), ..RunOptions::default() };
    let outcome = plan.follow(schedule.clone(), options);
    let heard = std::mem::take(&mut *heard.lock().expect("nobody panics while holding it"));
    (heard, outcome)
}

#[test]
fn a_counterexample_is_confirmed_by_a_run() {
    let text = "(name: \"overtaken\", algorithm: Lamport(), nodes: 2,
        workload: Closed(requests_per_node: 2), network: (reorder: true))";
    let plan = load(&Registry::standard(), &Source::new("overtaken.ron", text)).expect("valid");
    let explored = plan.explore(&ExploreOptions::default()).expect("it can be explored");
    let example = &explored.counterexamples[0];
    assert_eq!(example.lines.len(), 4, "{example:?}");
    let text = plan.counterexample_text(example);
    let replay = load(&Registry::standard(), &Source::new("replay.ron", text)).expect("valid");
    let outcome = replay.run(None, RunOptions::default());
    assert!(replay.expect.met_by(&outcome));
    assert_eq!(replay.replay.map(|replay| replay.digest), Some(outcome.digest));
    assert_eq!(outcome.checks[0].detail, explored.checks[0].detail);
}

#[test]
fn a_search_that_is_stopped_holds_nothing() {
    let text = "(name: \"stopped\", algorithm: Lamport(), nodes: 4)";
    let plan = load(&Registry::standard(), &Source::new("stopped.ron", text)).expect("valid");
    let explored = plan
        .explore(&ExploreOptions { stop: &|| true, ..ExploreOptions::default() })
        .expect("it can be explored");
    assert_eq!(explored.verdict(), Verdict::Inconclusive);
    assert!(!explored.figures.complete);
}
