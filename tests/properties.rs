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

/// A scenario of an algorithm over the reliable transport, on a network that is as bad as drawn,
/// with faults that heal and crash nobody.
fn hostile() -> impl Strategy<Value = (&'static str, String)> {
    let algorithm = prop_oneof![
        Just("RicartAgrawala"),
        Just("Lamport"),
        Just("Centralised"),
        Just("TokenRing")
    ];
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
            // Lamport's algorithm needs FIFO, which the transport gives.
            let fifo = algorithm == "Lamport";
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
        // What a run that stops when served may still owe (Lamport's last acknowledgements).
        let (least, greatest) = match algorithm {
            "RicartAgrawala" => (2 * (n - 1), 2 * (n - 1)),
            "Lamport" => (2 * (n - 1), 3 * (n - 1)),
            "Centralised" => (0, 3),
            _ => (0, 1),
        };
        prop_assert!(least <= cost.min && cost.max <= greatest, "{cost:?}\n{text}");
        prop_assert_eq!(run(&text), outcome, "nondeterminism detected: {}", text);
    }
}

/// The same promises without the transport are broken by the same faults: the test above is one
/// that can fail.
#[test]
fn without_the_transport_loss_starves_every_algorithm() {
    for algorithm in ["RicartAgrawala", "Lamport", "Centralised", "TokenRing"] {
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
