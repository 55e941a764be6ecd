//! Far outside what any algorithm assumes: messages are lost, repeated, overtaken and altered
//! unnoticed, nodes crash and pause, the network splits. Promises break then, and that is
//! reported; no node may panic, and the books must balance.

use seedbed::core::EndedBy;
use seedbed::scenarios::{Registry, RunOptions, Source, load};

/// A hostile world for an algorithm with these parameters.
fn hostile(algorithm: &str, transport: &str) -> String {
    format!(
        r#"(nodes: 6, algorithm: {algorithm}, {transport} stop: "4s", limits: (events_max: 100000),
            network: (delay: Uniform("1ms", "20ms"), loss: 0.03, duplicate: 0.03, reorder: true,
                      corrupt: (chance: 0.05, undetected: true)),
            clocks: (offset: Uniform("-20ms", "20ms"), drift_ppm: Normal(sd: 200.0)),
            faults: Random(until: "3s", count: 8, lasting: Exponential(mean: "200ms"),
                           kinds: [Crash, CrashBetweenEffects, Partition, Pause, Cut, ClockStep]))"#
    )
}

#[test]
fn no_algorithm_panics_whatever_the_world_does() {
    let registry = Registry::standard();
    let mut panics = Vec::new();
    let mut delivered = 0;
    for row in registry.algorithms() {
        let parameters = match row.name {
            "ChainReplication" | "PrimaryBackup" => "(servers: 3)",
            _ => "()",
        };
        for transport in ["", "transport: Reliable(),"] {
            let text = hostile(&format!("{}{parameters}", row.name), transport);
            let plan = load(&registry, &Source::new("chaos.ron", text)).expect("a valid scenario");
            for seed in 0..100 {
                let outcome = plan.run(Some(seed), RunOptions::default());
                delivered += outcome.messages.delivered;
                if let EndedBy::Panic { .. } = outcome.ended_by {
                    panics.push(format!("{} {transport} {seed}: {:?}", row.name, outcome.ended_by));
                }
            }
        }
    }
    assert!(panics.is_empty(), "{panics:#?}");
    assert!(delivered > 1_000_000, "only {delivered} messages: too quiet a world");
}
