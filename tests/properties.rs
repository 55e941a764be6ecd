//! Whole scenarios under drawn faults: what the algorithms promise holds, the books balance, and
//! the same seed gives the same run.

use proptest::prelude::*;
use seedbed::core::{EndedBy, Outcome, Verdict};
use seedbed::scenarios::{Plan, Registry, RunOptions, Source, load};

fn plan(text: &str) -> Plan {
    load(&Registry::standard(), &Source::new("drawn.ron", text))
        .unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
}

fn run(text: &str) -> Outcome {
    plan(text).run(None, RunOptions::default())
}

/// What scenarios call them; those that need FIFO links get them from the transport.
const ALGORITHMS: [&str; 11] = [
    "RicartAgrawala",
    "Lamport",
    "Lamport(acks: Deferred)",
    "RoucairolCarvalho",
    "Maekawa",
    "Centralised",
    // Longer than what the faults below can hold up: a partition, and retransmissions after it.
    "CentralisedLease(lease: \"60s\")",
    "DecentralisedVoting",
    "TokenRing",
    "SuzukiKasami",
    "Raymond",
];

fn needs_fifo(algorithm: &str) -> bool {
    algorithm.starts_with("Lamport") || algorithm == "Maekawa"
}

/// The least and the greatest number of messages that an entry among `n` may cost.
fn bounds(algorithm: &str, n: u64) -> (u64, u64) {
    let peers = n - 1;
    match algorithm {
        "RicartAgrawala" => (2 * peers, 2 * peers),
        // What a run that stops when served may still owe: the last acknowledgements.
        "Lamport" | "Lamport(acks: Deferred)" => (2 * peers, 3 * peers),
        "RoucairolCarvalho" => (0, 2 * peers),
        // Quorums have two nodes at least. Whose numbers lag behind may overtake again and again.
        "Maekawa" => (3, u64::MAX),
        "Centralised" | "CentralisedLease(lease: \"60s\")" => (0, 3),
        // A majority, perhaps with the own vote; attempts without end.
        "DecentralisedVoting" => (3 * (n / 2), u64::MAX),
        "SuzukiKasami" => (0, n),
        // Twice the diameter of the binary tree, at most.
        "Raymond" => (0, 4 * u64::from(n.ilog2())),
        "TokenRing" => (0, 1),
        unknown => panic!("{unknown} has no bounds"),
    }
}

/// A scenario of an algorithm over the reliable transport, on a network that is as bad as drawn,
/// with faults that heal and crash nobody.
fn hostile() -> impl Strategy<Value = (&'static str, String)> {
    let algorithm = prop::sample::select(&ALGORITHMS[..]);
    let delay = prop_oneof![
        Just("Constant(\"3ms\")"),
        Just("Uniform(\"1ms\", \"30ms\")"),
        Just("Exponential(mean: \"8ms\")"),
        Just("LogNormal(median: \"5ms\", sigma: 0.8)"),
        Just("Pareto(scale: \"2ms\", shape: 1.8)"),
    ];
    let kinds = prop::sample::subsequence(
        vec!["Partition", "Cut", "Isolate", "Degrade", "Pause", "ClockStep"],
        1..=6,
    );
    let noise = (0.0..0.3f64, 0.0..0.2f64, 0.0..0.2f64);
    (algorithm, 0u64..1 << 40, 2u32..7, delay, noise, kinds, any::<bool>()).prop_map(
        |(algorithm, seed, nodes, delay, (loss, duplicate, corrupt), kinds, shuffled)| {
            let fifo = needs_fifo(algorithm);
            let ties = if shuffled { "Shuffled" } else { "Insertion" };
            let text = format!(
                r#"(seed: {seed}, nodes: {nodes}, algorithm: {algorithm}, ties: {ties},
                    transport: Reliable(retransmit: "40ms", fifo: {fifo}), stop: Served,
                    workload: Closed(think: Exponential(mean: "50ms"), hold: Uniform("1ms", "9ms"), requests_per_node: 6),
                    network: (delay: {delay}, loss: {loss:.3}, duplicate: {duplicate:.3}, corrupt: (chance: {corrupt:.3}), reorder: true),
                    clocks: (offset: Uniform("-5ms", "5ms"), drift_ppm: Normal(sd: 80.0)),
                    faults: Random(from: "0s", until: "3s", count: 6, lasting: Exponential(mean: "300ms"), kinds: [{}]))"#,
                kinds.join(", ")
            );
            (algorithm, text)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn promises_hold_over_the_transport_whatever_the_network_does((algorithm, text) in hostile()) {
        let outcome = run(&text);
        prop_assert_eq!(outcome.verdict(), Verdict::Held, "{:#?}\n{}", outcome.checks, text);
        // Quiet, if the last entry's release is also the last thing that happens.
        let ended = matches!(outcome.ended_by, EndedBy::Served | EndedBy::Quiet);
        prop_assert!(ended, "{:?}: {text}", outcome.ended_by);
        let entries = u64::from(outcome.nodes) * 6;
        prop_assert_eq!((outcome.operations.count, outcome.operations.pending), (entries, 0));
        let n = u64::from(outcome.nodes);
        let cost = outcome.operations.messages_per.expect("entries were completed");
        let (least, greatest) = bounds(algorithm, n);
        prop_assert!(least <= cost.min && cost.max <= greatest, "{cost:?}\n{text}");
        prop_assert_eq!(run(&text), outcome, "nondeterminism detected: {}", text);
    }
}

/// The same promises without the transport are broken by the same faults: the test above is one
/// that can fail.
#[test]
fn without_the_transport_loss_starves_every_algorithm() {
    for algorithm in ALGORITHMS {
        let text = format!(
            r#"(seed: 1, nodes: 5, algorithm: {algorithm}, stop: "60s",
                workload: Closed(requests_per_node: 20), network: (loss: 0.1))"#
        );
        let outcome = run(&text);
        let granted = outcome.checks.iter().find(|check| check.name == "Granted").expect("judged");
        assert_ne!(granted.verdict, Verdict::Held, "{algorithm}");
        assert!(outcome.operations.pending > 0, "{algorithm}");
    }
}
