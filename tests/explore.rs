//! Explorations whose figures are known: how many states there are does not depend on how they are
//! searched, and a counterexample is a shortest one that replays.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::num::NonZeroUsize;

use seedbed::core::Verdict;
use seedbed::scenarios::{ExploreOptions, Explored, Plan, Registry, Search, find, load};
use serde_json::Value;
use support::Folder;

fn plan(name: &str, sets: &[(&str, &str)]) -> Plan {
    let mut source = find(name).expect("it is shipped").source();
    for (path, value) in sets {
        source.set(path, value).expect("the path exists");
    }
    load(&Registry::standard(), &source).expect("it loads")
}

fn explore(plan: &Plan, search: Search, threads: usize, reduce: bool) -> Explored {
    let options = ExploreOptions {
        search: Some(search),
        jobs: NonZeroUsize::new(threads).expect("not none"),
        reduce: Some(reduce),
        ..ExploreOptions::default()
    };
    plan.explore(&options).expect("it can be explored")
}

const THREE: &[(&str, &str)] = &[("nodes", "3"), ("workload.requests_per_node", "1")];
const OVERTAKING: &[(&str, &str)] = &[("network.reorder", "true")];

/// The number of states, all of them visited and all checks held.
fn clean(name: &str, sets: &[(&str, &str)]) -> u64 {
    let explored = explore(&plan(name, sets), Search::BreadthFirst, 2, false);
    assert_eq!(explored.verdict(), Verdict::Held, "{name}: {:#?}", explored.checks);
    assert!(explored.figures.complete, "{name}");
    explored.figures.unique
}

#[test]
fn lamport_with_fifo_links_is_clean() {
    assert_eq!(clean("lamport-explored", &[]), 1_623);
    assert_eq!(clean("lamport-explored", &[THREE, &[("explore", "()")]].concat()), 592_188);
}

#[test]
fn ricart_and_agrawala_need_no_fifo_links() {
    assert_eq!(clean("ricart-agrawala-explored", &[]), 150);
    let three = [THREE, &[("explore", "()")]].concat();
    assert_eq!(clean("ricart-agrawala-explored", &three), 2_820);
}

#[test]
fn the_number_of_states_does_not_depend_on_the_search() {
    for name in ["lamport-explored", "ricart-agrawala-explored", "maekawa-explored"] {
        let plan = plan(name, &[]);
        let states = plan.exploring.unique_states;
        for search in [Search::BreadthFirst, Search::DepthFirst] {
            for threads in [1, 2] {
                let explored = explore(&plan, search, threads, false);
                assert_eq!(Some(explored.figures.unique), states, "{name} {search:?} {threads}");
                assert_eq!(explored.verdict(), Verdict::Held);
            }
        }
    }
}

#[test]
fn a_reduction_keeps_the_verdict() {
    for name in ["lamport-explored", "ricart-agrawala-explored", "maekawa-explored"] {
        for sets in [&[][..], OVERTAKING, &[("explore.losses", "1")]] {
            let plan = plan(name, sets);
            let whole = explore(&plan, Search::DepthFirst, 1, false);
            let reduced = explore(&plan, Search::DepthFirst, 1, true);
            assert_eq!(whole.verdict(), reduced.verdict(), "{name} {sets:?}");
        }
    }
}

#[test]
fn without_fifo_links_lamport_breaks_after_four_steps_and_the_file_replays() {
    let explored = explore(&plan("lamport-explored", OVERTAKING), Search::BreadthFirst, 2, false);
    let example = explored.counterexamples.first().expect("a counterexample");
    assert_eq!((example.check.as_str(), example.schedule.steps.len()), ("MutualExclusion", 4));
    let folder = Folder::new();
    let args = ["explore", "lamport-explored", "--set", "network.reorder=true", "--json"];
    let value: Value = serde_json::from_str(&folder.run(&args).exits(1).out).expect("one object");
    let path = value["counterexample"].as_str().expect("it was written");
    let again = folder.run(&["run", path, "--json"]).exits(1);
    let line: Value = serde_json::from_str(&again.out).expect("one object");
    let checks = line["checks"].as_array().expect("checks");
    let failed = |check: &&Value| check["verdict"] == "failed";
    let again = checks.iter().filter(failed).find(|check| check["name"] == "MutualExclusion");
    let found = explored.checks.iter().find(|check| check.name == "MutualExclusion");
    let (again, found) = (again.expect("it fails again"), found.expect("it is judged"));
    assert_eq!(again["detail"], found.detail.as_str());
    folder.run(&["run", path, "--as-expected", "--verify"]).exits(0);
}

#[test]
fn what_only_instants_tell_apart_is_no_breach() {
    // The judge of the best leader asks who was up before an election began.
    let trouble = [("explore.crashes", "1"), ("explore.restarts", "1")];
    let explored = explore(&plan("bully-explored", &trouble), Search::BreadthFirst, 1, false);
    let best = explored.checks.iter().find(|check| check.name == "BestLeader").expect("judged");
    assert_eq!(best.verdict, Verdict::Inconclusive);
    assert!(best.detail.contains("goes by instants"), "{}", best.detail);
    assert!(explored.counterexamples.iter().all(|example| example.check != "BestLeader"));
}
