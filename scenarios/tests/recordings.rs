//! The schedule of a run, written into its scenario and read again, repeats the run: what clients
//! ask and are told, what nodes write, when they crash, and which checks fail and why.

use std::sync::{Arc, Mutex};

use seedbed_core::fault::Fault;
use seedbed_core::trace::{Occurrence, Record, describe};
use seedbed_core::{CheckOutcome, EndedBy, Outcome, Verdict};
use seedbed_scenarios::{Expect, Plan, Registry, RunOptions, Source, library, load};

/// What nodes and clients do and meet, as text.
type Story = Arc<Mutex<Vec<String>>>;

/// A run's options that keep its story: what the network does and numbers of messages left out.
fn told() -> (RunOptions, Story) {
    let story = Story::default();
    let lines = Arc::clone(&story);
    let sink = move |record: &Record<'_>| {
        let text = match &record.what {
            Occurrence::Boot(_)
            | Occurrence::Crash
            | Occurrence::Timer(_)
            | Occurrence::Request { .. }
            | Occurrence::Event(_)
            | Occurrence::Complete(_)
            | Occurrence::Write { .. } => describe(&record.what),
            Occurrence::Deliver { from, message, .. } => format!("{message:?} from {from}"),
            Occurrence::Send { to, message, .. } => format!("{message:?} to {to}"),
            Occurrence::Pause
            | Occurrence::Resume
            | Occurrence::Duplicate { .. }
            | Occurrence::Drop { .. }
            | Occurrence::Fault(_)
            | Occurrence::Undone(_) => return,
        };
        let line = format!("{} {} ({}): {text}", record.at, record.node, record.wall);
        lines.lock().expect("nobody panicked").push(line);
    };
    (RunOptions { sink: Some(Box::new(sink)), ..RunOptions::default() }, story)
}

fn plan(source: &Source) -> Plan {
    load(&Registry::standard(), source)
        .unwrap_or_else(|problems| panic!("{:?}\n{}", problems.first().data(), source.text))
}

/// What failed, but for claims on figures: some are of what the network did.
fn failed(outcome: &Outcome) -> Vec<&CheckOutcome> {
    let registry = Registry::standard();
    let rows = registry.families().flat_map(|row| row.checks.iter().chain(&row.goals));
    let names: Vec<_> = rows.map(|row| row.name).collect();
    let failed = outcome.checks.iter().filter(|check| check.verdict == Verdict::Failed);
    failed.filter(|check| names.contains(&check.name.as_str())).collect()
}

/// Records a run and follows its schedule; the number of steps, or why there is no schedule.
fn repeat(plan: &Plan, seed: u64, what: &str) -> Result<usize, String> {
    let (options, story) = told();
    let (first, recorded) = plan.record(Some(seed), options);
    let recorded = recorded?;
    let steps = recorded.schedule.steps.len();
    if steps > 3_000 {
        return Err("too long for this test".into());
    }
    let source = plan.scheduled(Some(seed), &recorded);
    let following = self::plan(&source);
    assert_eq!(following.seed, seed);
    let read = following.world().schedule.as_deref().expect("it has one");
    for (index, (one, other)) in recorded.schedule.steps.iter().zip(&read.steps).enumerate() {
        assert_eq!(one, other, "{what}: steps[{index}]");
    }
    assert_eq!(*read, recorded.schedule, "{what}");
    let (options, again) = told();
    let second = following.run(None, options);
    assert_ne!(second.ended_by, EndedBy::ScheduleBroken, "{what}: {:?}", second.checks.last());
    let (story, again) = (story.lock().unwrap(), again.lock().unwrap());
    for (line, (one, other)) in story.iter().zip(again.iter()).enumerate() {
        assert_eq!(one, other, "{what}: line {line} of the story");
    }
    assert_eq!(story.len(), again.len(), "{what}: the end of the story");
    assert_eq!(first.ended_at, second.ended_at, "{what}");
    // Some judges excuse what happens while links are cut, which no schedule says.
    let excused = first.faults.iter().any(|timed| {
        let fault = &timed.fault;
        matches!(fault, Fault::Partition(_) | Fault::Cut(_) | Fault::Isolate(_))
            || matches!(fault, Fault::Degrade { .. })
    });
    if !excused {
        assert_eq!(failed(&first), failed(&second), "{what}");
    }
    Ok(steps)
}

/// Transports, and faults of the network beside crashes.
const WORLDS: [(&str, &str); 4] = [
    ("", ""),
    ("", ", Partition, Cut, Isolate, Degrade"),
    ("transport: Reliable(),", ""),
    ("transport: Reliable(),", ", Partition, Cut"),
];

#[test]
fn every_algorithm_is_repeated_under_random_faults() {
    let registry = Registry::standard();
    let (mut breaches, mut steps) = (0, 0);
    for row in registry.algorithms() {
        let parameters = match row.name {
            "ChainReplication" | "PrimaryBackup" => "(servers: 3)",
            _ => "()",
        };
        for (transport, cuts) in WORLDS {
            let text = format!(
                r#"(nodes: 5, algorithm: {}{parameters}, {transport} stop: "400ms",
                    network: (delay: Uniform("1ms", "20ms"), loss: 0.03, duplicate: 0.03,
                              reorder: true, corrupt: (chance: 0.02)),
                    clocks: (offset: Uniform("-20ms", "20ms"), drift_ppm: Normal(sd: 200.0),
                             wander: (every: "50ms", step_ppm: 5, bound_ppm: 50)),
                    faults: [(at: "30ms", fault: LateBoot("n4")),
                             (at: "90ms", fault: Drift(node: "n1", ppm: -12.345)),
                             Random(until: "300ms", count: 6, lasting: Exponential(mean: "40ms"),
                                    kinds: [Crash, CrashBetweenEffects, ClockStep{cuts}])])"#,
                row.name
            );
            let plan = plan(&Source::new("drawn.ron", text));
            for seed in 0..4 {
                let what = format!("{} {transport} seed {seed}", row.name);
                match repeat(&plan, seed, &what) {
                    Ok(count) => steps += count,
                    Err(why) => assert_eq!(why, "too long for this test", "{what}"),
                }
                breaches += usize::from(
                    plan.run(Some(seed), RunOptions::default()).verdict() == Verdict::Failed,
                );
            }
        }
    }
    assert!(steps > 40_000, "only {steps} steps were followed");
    assert!(breaches > 20, "only {breaches} runs had a check that failed");
}

#[test]
fn shipped_scenarios_are_repeated_or_refused_with_a_reason() {
    let mut repeated = 0;
    let mut refused: Vec<String> = Vec::new();
    for shipped in library() {
        let plan = plan(&shipped.source());
        match repeat(&plan, plan.seed, shipped.name) {
            Ok(_) => repeated += 1,
            Err(why) => refused.push(why),
        }
    }
    refused.sort_unstable();
    refused.dedup();
    let known = [
        "a message was delivered altered",
        "a node was paused",
        "handlers take time",
        "too long for this test",
    ];
    assert!(refused.iter().all(|why| known.contains(&why.as_str())), "{refused:?}");
    assert!(repeated > 80, "only {repeated} were repeated; {refused:?}");
}

#[test]
fn a_counterexample_as_a_schedule_replays_to_the_same_breach() {
    let source = Source::new(
        "counter.json",
        r#"{"nodes": ["ada", "bob"], "algorithm": "Lamport", "network": {"reorder": true,
            "delay": {"Exponential": {"mean": "10ms"}}}, "stop": "10s",
            "seed": 3, "workload": {"Closed": {"requests_per_node": 100,
            "think": {"Exponential": {"mean": "20ms"}}, "hold": "10ms"}}}"#,
    );
    let (outcome, recorded) = plan(&source).record(None, RunOptions::default());
    let expect = Expect::of(&outcome);
    assert_eq!(expect, Expect::Breach("MutualExclusion".into()));
    let scheduled = plan(&source).scheduled(None, &recorded.expect("it can be said"));
    let following = plan(&scheduled);
    let again = following.run(None, RunOptions::default());
    let pinned = Source::new("pinned.json", following.replay_text(&again));
    let pinned = plan(&pinned);
    assert_eq!((&pinned.expect, pinned.replay.as_ref().unwrap().digest), (&expect, again.digest));
    assert_eq!(failed(&pinned.run(None, RunOptions::default())), failed(&outcome));
}
