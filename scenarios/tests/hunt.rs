//! Hunting: what innocent scenarios come to with faults, how small it becomes, and that nothing of
//! it depends on chance.

use std::num::NonZeroUsize;

use seedbed_core::Verdict;
use seedbed_node::Duration;
use seedbed_scenarios::hunt::{Group, Hazard, Hunt, Report, Shrunk, Stage, smallest};
use seedbed_scenarios::{Expect, Plan, Registry, RunOptions, Source, find, load};

fn shipped(name: &str, sets: &[(&str, &str)]) -> Plan {
    let mut source = find(name).expect("it is shipped").source();
    for (path, value) in sets {
        source.set(path, value).expect("the path exists");
    }
    load(&Registry::standard(), &source).expect("it loads")
}

fn run(hunt: &Hunt, plan: &Plan) -> Report {
    hunt.run(&Registry::standard(), plan, &|_| false, |_| {}).expect("there is something to hunt")
}

fn with(runs: u64, hazards: &[Hazard]) -> Hunt {
    Hunt { runs, hazards: Some(hazards.to_vec()), ..Hunt::default() }
}

/// The only cause of a failure of `check`, or the first, made small.
fn shrunk<'a>(report: &'a Report, check: &str) -> (&'a Group, &'a Shrunk) {
    let group = report.groups.iter().find(|group| group.cause.check == check);
    let group = group.unwrap_or_else(|| panic!("no failure of {check}: {:#?}", report.groups));
    (group, group.shrunk.as_ref().expect("every group is shrunk"))
}

/// A shrunk scenario fails as it says when it is loaded from its text, and is minimal: it is
/// checked here again for faults, apart from the shrinker.
fn replays(shrunk: &Shrunk, check: &str) {
    let registry = Registry::standard();
    let source = Source::new("shrunk.ron", &shrunk.text);
    let plan = load(&registry, &source).unwrap_or_else(|why| panic!("{why:?}\n{}", shrunk.text));
    assert_eq!(plan.expect, Expect::Breach(check.into()));
    let outcome = plan.run(None, RunOptions::default());
    assert_eq!(plan.replay.as_ref().map(|replay| replay.digest), Some(outcome.digest));
    let failed = outcome.checks.iter().find(|c| c.name == check).expect("it is judged");
    assert_eq!((failed.verdict, &failed.detail), (Verdict::Failed, &shrunk.reason));
    assert!(shrunk.minimal, "{}", shrunk.text);
    let lines: Vec<&str> = shrunk.text.lines().collect();
    let faults = lines.iter().enumerate().filter(|(_, line)| line.starts_with("        (at:"));
    let mut tried = 0;
    for (place, _) in faults {
        let mut less = lines.clone();
        less.remove(place);
        let source = Source::new("less.ron", less.join("\n"));
        let outcome = load(&registry, &source).expect("it loads").run(None, RunOptions::default());
        let failed = outcome.checks.iter().any(|c| c.name == check && c.verdict == Verdict::Failed);
        assert!(!failed, "one fault too many:\n{}", shrunk.text);
        tried += 1;
    }
    assert!(tried <= shrunk.size.faults);
}

#[test]
fn two_phase_commit_blocks_when_its_coordinator_fails() {
    let plan = shipped("two-phase-commit", &[("checks", "[Always(NonBlocking)]")]);
    let report = run(&Hunt { runs: 200, ..Hunt::default() }, &plan);
    let (_, small) = shrunk(&report, "NonBlocking");
    replays(small, "NonBlocking");
    assert!(small.size.nodes <= 2 && small.size.requests <= 2, "{}", small.text);
    assert!(small.size.faults <= 2, "{}", small.text);
}

#[test]
fn the_bully_algorithm_has_two_leaders_under_late_messages() {
    let plan = shipped("bully", &[("checks", "[Always(OneLeader)]")]);
    let late = [Hazard::Delay, Hazard::Pause];
    let report = run(&with(300, &late), &plan);
    let (_, small) = shrunk(&report, "OneLeader");
    replays(small, "OneLeader");
    assert!(small.size.nodes <= 4 && small.size.requests <= 1, "{}", small.text);
    assert!(small.size.faults <= 1, "{}", small.text);
    assert!(!small.broken.is_empty(), "it needs messages in time");
}

#[test]
fn a_token_is_lost_and_everybody_starves() {
    let report = run(&with(300, &[Hazard::Loss, Hazard::Crash]), &shipped("token-ring", &[]));
    let (_, small) = shrunk(&report, "Granted");
    replays(small, "Granted");
    assert!(small.size.nodes <= 2 && small.size.faults == 1, "{}", small.text);
}

#[test]
fn a_chain_tells_a_stale_value() {
    let plan = shipped("chain-replication", &[("checks", "[Always(Linearizable)]")]);
    let hunt = with(1_000, &[Hazard::Partition, Hazard::Isolate, Hazard::Pause, Hazard::Delay]);
    let report = run(&hunt, &plan);
    let (_, small) = shrunk(&report, "Linearizable");
    replays(small, "Linearizable");
    assert!(small.size.nodes <= 5 && small.size.faults <= 2, "{}", small.text);
    assert!(small.size.requests <= 10, "{}", small.text);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let plan = shipped("token-ring", &[]);
    let hunt = Hunt { runs: 40, keep_going: true, ..Hunt::default() };
    let alone = run(&hunt, &plan);
    let three = NonZeroUsize::new(3).expect("not zero");
    assert_eq!(alone, run(&Hunt { jobs: three, ..hunt.clone() }, &plan));
    assert!(alone.failures > 1 && alone.groups.len() < alone.failures as usize);
    let first = run(&Hunt { jobs: three, keep_going: false, ..hunt }, &plan);
    assert_eq!(first.first_failing_seed, alone.first_failing_seed);
    assert_eq!(first.runs, alone.groups[0].first_run + 1);
}

#[test]
fn a_run_is_drawn_from_its_seed_alone() {
    let plan = shipped("token-ring", &[]);
    let report = run(&Hunt { runs: 60, ..Hunt::default() }, &plan);
    let again = Hunt { runs: 1, seed: report.first_failing_seed, ..Hunt::default() };
    let again = run(&again, &plan);
    assert_eq!(again.groups[0].shrunk, report.groups[0].shrunk);
}

#[test]
fn the_scenario_of_a_seed_can_be_had_and_made_small_alone() {
    let (registry, plan) = (Registry::standard(), shipped("token-ring", &[]));
    let hunt = Hunt { runs: 60, ..Hunt::default() };
    let report = run(&hunt, &plan);
    let seed = report.first_failing_seed.expect("a token is lost");
    let text = hunt.drawn(&registry, &plan, seed).expect("there is something to hunt");
    let drawn = load(&registry, &Source::new("drawn.ron", &text)).expect("it loads");
    assert_eq!(drawn.run(None, RunOptions::default()).verdict(), Verdict::Failed);
    let small = smallest(&registry, &drawn, 4_000).expect("it fails");
    assert_eq!(Some(&small.reason), report.groups[0].shrunk.as_ref().map(|s| &s.reason));
    assert_eq!(smallest(&registry, &plan, 4_000), None, "without faults it does not fail");
    // Faults that a scenario draws by itself become planned ones.
    let random = ("faults", "Random(until: \"2s\", count: 9, lasting: \"200ms\", kinds: [Cut])");
    let fails = (0..50).find_map(|seed: u64| {
        let plan = shipped("token-ring", &[random, ("seed", &seed.to_string())]);
        smallest(&registry, &plan, 4_000)
    });
    replays(&fails.expect("some token is cut off"), "Granted");
}

#[test]
fn failures_of_one_cause_are_one_group() {
    let plan = shipped("token-ring", &[]);
    let hunt = Hunt { runs: 200, keep_going: true, shrink_runs: 0, ..Hunt::default() };
    let report = run(&hunt, &plan);
    let counted: u64 = report.groups.iter().map(|group| group.count).sum();
    assert_eq!(counted, report.failures);
    assert!(report.groups.len() <= 4, "{:#?}", report.groups);
    let checks: Vec<_> = report.groups.iter().map(|group| group.cause.check.as_str()).collect();
    assert!(checks.contains(&"Granted") && checks.contains(&"MutualExclusion"), "{checks:?}");
}

#[test]
fn without_faults_an_innocent_scenario_stays_innocent() {
    for name in ["token-ring", "two-phase-commit", "ricart-agrawala", "raymond", "chang-roberts"] {
        let report = run(&with(10, &[]), &shipped(name, &[]));
        assert_eq!((report.runs, report.failures), (10, 0), "{name}: {:#?}", report.groups);
        assert_eq!(report.inconclusive, 0, "{name}");
    }
}

#[test]
fn a_hunt_ends_when_it_is_told_to() {
    let plan = shipped("ricart-agrawala", &[]);
    let registry = Registry::standard();
    let hunt = Hunt { runs: u64::MAX, hazards: Some(vec![Hazard::Ties]), ..Hunt::default() };
    let asked = std::sync::atomic::AtomicU64::new(0);
    let stop = |stage| {
        stage == Stage::Search && asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) >= 5
    };
    let report = hunt.run(&registry, &plan, &stop, |_| {}).expect("there is something to hunt");
    assert_eq!((report.runs, report.stopped), (5, true));
}

#[test]
fn a_budget_for_shrinking_is_kept_and_told() {
    let plan = shipped("token-ring", &[]);
    let hunt = Hunt { runs: 100, shrink_runs: 3, ..Hunt::default() };
    let report = run(&hunt, &plan);
    let (_, small) = shrunk(&report, &report.groups[0].cause.check.clone());
    assert!(small.runs <= 3 && !small.minimal);
    assert!(small.text.contains("budget for shrinking"), "{}", small.text);
}

#[test]
fn a_scenario_keeps_to_the_bounds_of_its_own_random_faults() {
    let plan = shipped("random-faults", &[]);
    let report = run(&Hunt { runs: 40, ..Hunt::default() }, &plan);
    assert_eq!(report.failures, 0, "{:#?}", report.groups);
    let struck: Vec<_> = report.coverage.faults.keys().map(String::as_str).collect();
    assert!(struck.contains(&"Partition") && struck.contains(&"ClockStep"), "{struck:?}");
    assert!(!struck.contains(&"Crash"), "{struck:?}");
}

#[test]
fn coverage_tells_what_was_reached_and_what_never_was() {
    let plan = shipped("two-phase-commit", &[]);
    let hunt = Hunt { runs: 60, keep_going: true, shrink_runs: 0, ..Hunt::default() };
    let coverage = run(&hunt, &plan).coverage;
    let prepare = coverage.messages["Prepare"];
    assert!(prepare.delivered > 0 && prepare.lost > 0 && prepare.duplicated > 0);
    assert!(coverage.probes["recovered in doubt"] > 0, "{:?}", coverage.probes);
    // Participants do not ask each other in this scenario.
    assert_eq!(coverage.probes["aborted for a peer in doubt"], 0);
    assert!(coverage.never().iter().any(|line| line.contains("for a peer in doubt")));
    assert!(coverage.growth.windows(2).all(|two| two[0].1 < two[1].1));
    assert_eq!(coverage.reached(), coverage.growth.last().expect("something").1);
    let quiet = run(&Hunt { coverage: false, ..hunt }, &plan);
    assert_eq!(quiet.coverage, Default::default());
}

#[test]
fn only_what_an_algorithm_says_that_it_reaches_is_reached() {
    let registry = Registry::standard();
    let rows: Vec<_> = registry.algorithms().filter(|row| !row.probes.is_empty()).collect();
    assert!(rows.len() >= 8, "{rows:?}");
    for name in ["bully", "token-ring", "chain-replication", "suzuki-kasami", "two-phase-recovery"]
    {
        let plan = shipped(name, &[]);
        let row = registry.algorithm(plan.algorithm).expect("it is registered");
        let hunt = Hunt { runs: 40, keep_going: true, shrink_runs: 0, ..Hunt::default() };
        let reached = run(&hunt, &plan).coverage.probes;
        let known = reached.keys().all(|probe| row.probes.contains(&probe.as_str()));
        assert!(known, "{name}: {reached:?}");
    }
}

#[test]
fn what_is_judged_is_safety_and_recovery_unless_the_scenario_is_taken_at_its_word() {
    // Twenty messages instead of ten: a figure, which faults change and which means nothing then.
    let sets = [("checks", "[Always(MutualExclusion), AtEnd(MessagesPerEntry, Equals(7))]")];
    let plan = shipped("ricart-agrawala", &sets);
    assert_eq!(run(&with(3, &[]), &plan).failures, 0);
    let word = Hunt { as_written: true, ..with(3, &[]) };
    assert_eq!(run(&word, &plan).groups[0].cause.check, "MessagesPerEntry");
    // A second of silence is no failure to recover; a second that was promised is.
    let sets = [("checks", "[Within(\"200ms\", Granted)]"), ("stop", "20s")];
    let plan = shipped("token-ring", &sets);
    let pauses = with(60, &[Hazard::Pause]);
    assert_eq!(run(&pauses, &plan).failures, 0);
    assert_ne!(run(&Hunt { as_written: true, ..pauses }, &plan).failures, 0);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let plan = shipped("ricart-agrawala", &[]);
    let slow = with(1, &[Hazard::Slow]);
    let why = slow.run(&Registry::standard(), &plan, &|_| false, |_| {}).unwrap_err();
    assert!(why.contains("handlers take no time"), "{why}");
}

#[test]
fn a_json_scenario_is_hunted_in_like_any_other() {
    let json = r#"{"nodes": 3, "algorithm": {"TokenRing": {"idle_hold": "1s"}}, "name": "jay",
        "workload": {"Closed": {"think": {"Exponential": {"mean": "20ms"}}, "requests_per_node": 5}},
        "stop": "5s", "service": null,
        "checks": [{"Always": "MutualExclusion"}, {"Eventually": "Granted"}]}"#;
    let plan = load(&Registry::standard(), &Source::new("jay.json", json)).expect("it loads");
    let hunt = Hunt { grace: Some(Duration::from_secs(5)), ..with(200, &[Hazard::Loss]) };
    let report = run(&hunt, &plan);
    let (_, small) = shrunk(&report, "Granted");
    replays(small, "Granted");
    assert!(
        small.text.contains("nodes: 2") || small.text.contains("nodes: [\"n"),
        "{}",
        small.text
    );
}
