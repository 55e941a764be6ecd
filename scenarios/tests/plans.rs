//! Plans: two formats, claims, replays, batches, recording.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use seedbed_core::trace::Record;
use seedbed_core::{EndedBy, Verdict};
use seedbed_scenarios::{Expect, Plan, Registry, RunOptions, Source, json_schema, load};

fn plan(name: &str, text: &str) -> Plan {
    load(&Registry::standard(), &Source::new(name, text)).unwrap_or_else(|p| panic!("{p}: {text}"))
}

fn ron(sections: &str) -> Plan {
    let text = format!(
        "Scenario(nodes: 4, algorithm: RicartAgrawala, workload: Closed(requests_per_node: 5), {sections})"
    );
    plan("a.ron", &text)
}

#[test]
fn json_and_ron_say_the_same() {
    let one = plan(
        "a.ron",
        r#"Scenario(nodes: ["ada", "bob"], algorithm: Centralised(coordinator: "bob"),
            transport: Reliable(retransmit: "20ms"), stop: Served, workload: Closed(only: ["ada"]),
            network: (delay: Exponential(mean: "5ms"), loss: GilbertElliott(enter: 0.1, leave: 0.5),
                      topology: (relays: ["r"], edges: [("ada", "r"), ("r", "bob")])),
            clocks: (offset: Normal(sd: "1ms"), nodes: [(on: "ada", drift_ppm: 20)]),
            faults: [(at: "1s", until: "2s", fault: Partition([["ada"], ["bob"]]))],
            checks: [Always(MutualExclusion), Within("60s", Granted), AtEnd(Lost, AtLeast(1))],
            expect: Held)"#,
    );
    let other = plan(
        "a.json",
        r#"{"nodes": ["ada", "bob"], "algorithm": {"Centralised": {"coordinator": "bob"}},
            "transport": {"Reliable": {"retransmit": "20ms"}}, "stop": "Served",
            "workload": {"Closed": {"only": ["ada"]}},
            "network": {"delay": {"Exponential": {"mean": "5ms"}},
                        "loss": {"GilbertElliott": {"enter": 0.1, "leave": 0.5}},
                        "topology": {"relays": ["r"], "edges": [["ada", "r"], ["r", "bob"]]}},
            "clocks": {"offset": {"Normal": {"sd": "1ms"}}, "nodes": [{"on": "ada", "drift_ppm": 20}]},
            "faults": [{"at": "1s", "until": "2s", "fault": {"Partition": [["ada"], ["bob"]]}}],
            "checks": [{"Always": "MutualExclusion"}, {"Within": ["60s", "Granted"]},
                       {"AtEnd": ["Lost", {"AtLeast": 1}]}],
            "expect": "Held"}"#,
    );
    assert_eq!(one.world(), other.world());
    let (a, b) = (one.run(None, RunOptions::default()), other.run(None, RunOptions::default()));
    assert_eq!(a, b);
    assert!(a.messages.lost + a.transport.lost > 0, "the network loses something");
}

#[test]
fn a_bare_duration_is_a_constant_wherever_a_distribution_is_read() {
    let run = |text: &str| plan("a.ron", text).run(None, RunOptions::default()).digest;
    let bare = "Scenario(nodes: 2, algorithm: Lamport(), workload: Closed(hold: \"5ms\"))";
    let named = bare.replace("\"5ms\"", "Constant(\"5ms\")");
    assert_eq!(run(bare), run(&named));
    let wrong = Source::new("a.ron", bare.replace("5ms", "5 parsecs"));
    let problems = load(&Registry::standard(), &wrong).unwrap_err();
    assert!(problems.first().message().starts_with("bad duration"), "{problems}");
}

#[test]
fn without_checks_everything_that_the_algorithm_promises_is_judged() {
    let judged = |text: &str| plan("a.ron", text).checks().map(str::to_owned).collect::<Vec<_>>();
    let all = ["MutualExclusion", "RequestOrder", "Linearizable", "Granted", "EveryoneServed"];
    let unordered = ["MutualExclusion", "Linearizable", "Granted", "EveryoneServed"];
    assert_eq!(judged("(nodes: 3, algorithm: Lamport())"), all);
    assert_eq!(judged("(nodes: 3, algorithm: Lamport(), transport: Reliable())"), all);
    let kept = "(nodes: 3, algorithm: Lamport(), transport: Reliable(fifo: true))";
    assert_eq!(judged(kept), unordered, "a transport that holds back hides the order");
    assert_eq!(judged("(nodes: 3, algorithm: RicartAgrawala())"), unordered, "not promised");
    assert_eq!(judged("(nodes: 3, algorithm: Lamport(), checks: [])").len(), 0);
}

#[test]
fn claims_are_judged_in_the_order_of_the_scenario() {
    let plan = ron("checks: [AtEnd(MessagesPerEntry, Equals(Theory)), Always(ClockCondition), \
                    AtEnd(Operations, Equals(21)), Always(MutualExclusion), \
                    AtEnd(ResponseNsMean, AtLeast(1)), AtEnd(MessagesPerEntryMean, Between(6, 6))], \
                    expect: Breach(\"Operations\")");
    let outcome = plan.run(None, RunOptions::default());
    let found: Vec<_> =
        outcome.checks.iter().map(|check| (check.name.as_str(), check.verdict)).collect();
    let held = Verdict::Held;
    assert_eq!(
        found,
        [
            ("MessagesPerEntry", held),
            ("ClockCondition", held),
            ("Operations", Verdict::Failed),
            ("MutualExclusion", held),
            ("ResponseNsMean", held),
            ("MessagesPerEntryMean", held),
        ]
    );
    assert_eq!(outcome.checks[2].detail, "20, expected 21");
    assert!(plan.expect.met_by(&outcome));
    assert!(!Expect::Held.met_by(&outcome));
}

#[test]
fn a_claim_on_a_run_that_was_given_up_is_inconclusive() {
    let plan = ron("limits: (events_max: 50), checks: [AtEnd(Sent, AtLeast(1))]");
    let outcome = plan.run(None, RunOptions::default());
    assert_eq!(outcome.ended_by, EndedBy::EventLimit);
    assert_eq!(outcome.checks[0].verdict, Verdict::Inconclusive);
    assert_eq!(Expect::of(&outcome), Expect::Inconclusive);
}

#[test]
fn a_counterexample_is_a_scenario_that_replays_itself() {
    let bare = seedbed_scenarios::find("ricart-agrawala-bare").expect("shipped").source();
    let plan = load(&Registry::standard(), &bare).expect("shipped");
    let outcome = plan.run(Some(7), RunOptions::default());
    assert_eq!(outcome.verdict(), Verdict::Failed, "{:?}", outcome.checks);
    let text = plan.replay_text(&outcome);
    assert!(text.contains("// Safety holds all the same"), "comments stay");
    let again = load(&Registry::standard(), &Source::new("x.ron", text)).expect("a scenario");
    assert_eq!(again.seed, 7);
    assert_eq!(again.replay.as_ref().expect("pinned").digest, outcome.digest);
    let replayed = again.run(None, RunOptions::default());
    assert_eq!(replayed, outcome);
    assert!(again.expect.met_by(&replayed));
    assert_eq!(again.replay_text(&replayed), again.source.text, "nothing is left to change");
}

#[test]
fn batches_are_in_order_whatever_the_number_of_threads() {
    let plan = ron("network: (delay: Exponential(mean: \"3ms\"), reorder: true)");
    let run = |jobs| {
        let mut seen = Vec::new();
        let jobs = NonZeroUsize::new(jobs).expect("at least one");
        let count = plan.run_seeds(10..310, jobs, &AtomicBool::new(false), |seed, outcome| {
            assert_eq!(seed, outcome.seed);
            seen.push((seed, outcome.digest));
        });
        assert_eq!(count, 300);
        seen
    };
    let alone = run(1);
    assert_eq!(alone, run(3));
    assert!(alone.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0 && pair[0].1 != pair[1].1));
}

#[test]
fn a_cancelled_batch_hands_over_a_beginning() {
    let plan = ron("");
    for jobs in [1, 2] {
        let cancelled = AtomicBool::new(false);
        let mut seeds = Vec::new();
        let jobs = NonZeroUsize::new(jobs).expect("at least one");
        let count = plan.run_seeds(0..1_000_000, jobs, &cancelled, |seed, _| {
            seeds.push(seed);
            cancelled.store(seed >= 5, Ordering::Relaxed);
        });
        assert!((6..200).contains(&count), "{count}");
        assert_eq!(seeds, (0..count).collect::<Vec<_>>());
    }
}

#[test]
fn a_trace_with_stamps_changes_nothing() {
    let plan = ron("record: (trace: true, clocks: [Lamport, Vector])");
    assert!(plan.record.trace);
    let stamps = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&stamps);
    let sink = move |record: &Record<'_>| {
        let stamped = record.stamps.is_some_and(|s| s.lamport.is_some() && s.vector.is_some());
        *counted.lock().unwrap() += u32::from(stamped);
    };
    let traced = plan.run(None, RunOptions { sink: Some(Box::new(sink)), ..RunOptions::default() });
    assert!(*stamps.lock().unwrap() > 100);
    assert_eq!(traced, plan.run(None, RunOptions::default()));
}

#[test]
fn the_json_schema_names_every_section_and_algorithm() {
    let schema = json_schema(&Registry::standard());
    let sections = schema["properties"].as_object().expect("an object");
    for section in [
        "schema",
        "name",
        "about",
        "seed",
        "stop",
        "algorithm",
        "transport",
        "nodes",
        "workload",
        "network",
        "clocks",
        "service",
        "faults",
        "checks",
        "expect",
        "replay",
        "record",
        "ties",
        "limits",
    ] {
        assert!(sections.contains_key(section), "{section}");
    }
    let text = schema.to_string();
    for row in Registry::standard().algorithms() {
        assert!(text.contains(row.name), "{}", row.name);
    }
    assert!(!text.contains("$number") && !text.contains("mutant"), "{text}");
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn the_registry_knows_names_slugs_and_families() {
    let registry = Registry::standard();
    let row = registry.algorithm("ricart-agrawala").expect("by slug");
    assert_eq!((row.name, row.family), ("RicartAgrawala", "mutual-exclusion"));
    let families: Vec<_> = registry.families().map(|family| family.name).collect();
    let expected = [
        "clock-synchronisation",
        "multicast",
        "mutual-exclusion",
        "election",
        "atomic-broadcast",
        "naming",
        "atomic-commitment",
        "replication",
    ];
    assert_eq!(families, expected);
    assert_eq!(registry.algorithms().count(), 34);
    assert_eq!(registry.nearest("RicardAgrawala"), Some("RicartAgrawala"));
}

#[test]
fn every_listed_variant_can_be_written_as_it_is_listed() {
    let registry = Registry::standard();
    let mut variants = 0;
    for row in registry.algorithms() {
        for variant in row.variants {
            let text = format!("(nodes: 6, algorithm: {}({}))", row.name, variant.params);
            let plan = load(&registry, &Source::new("a.ron", text.clone()));
            assert!(plan.is_ok(), "{text}: {}", plan.expect_err("just seen"));
            variants += 1;
        }
    }
    assert!(variants > 20, "{variants}");
}

#[test]
fn the_readers_first_scenario_shows_what_it_claims() {
    let shipped = seedbed_scenarios::find("ricart").expect("found by the beginning of its name");
    let plan = load(&Registry::standard(), &shipped.source()).expect("shipped");
    let outcome = plan.run(None, RunOptions::default());
    assert_eq!(outcome.verdict(), Verdict::Held);
    let names: Vec<_> = outcome.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, plan.checks().collect::<Vec<_>>(), "outcomes are in the scenario's order");
}

#[test]
fn who_asks_for_stamps_gets_a_trace() {
    assert!(ron("record: (clocks: [Lamport])").record.trace);
    assert!(!ron("").record.trace);
}
