//! Exact message and write counts of Zab.

use seedbed_algorithms::Zab;
use seedbed_core::{Spread3, StopWhen, World};
use seedbed_node::{Algorithm, Theory};

use crate::support::{assert_held, at, crash, ms, params, run, sent, world};

const ESTABLISHING: [&str; 6] =
    ["FollowerInfo", "NewEpoch", "AckEpoch", "NewLeader", "AckLeader", "CommitLeader"];
const REQUESTS: u64 = 20;

fn asking(clients: &str) -> String {
    format!(
        "(pace: Closed(think: Constant(\"1s\"), requests_per_node: {REQUESTS}, only: [{clients}]))"
    )
}

/// DSN 2011, phases 1 and 2: one message of each of six kinds for each follower.
#[test]
fn six_messages_establish_each_follower() {
    for nodes in 3..=9 {
        let outcome = run(&world(7, nodes, 3_000), params(), &asking("NodeId(0)"));
        for kind in ESTABLISHING {
            assert_eq!(sent(&outcome, kind), u64::from(nodes) - 1, "{kind}, {nodes} servers");
        }
        assert_eq!(outcome.measures["epochs"], 1.0);
    }
}

#[test]
fn a_late_follower_takes_six_more() {
    for nodes in 3..=9 {
        let last_follower = nodes - 2;
        let mut world = world(7, nodes, 6_000);
        world.faults.planned.push(crash(last_follower, 2_000, 3_000));
        let outcome = run(&world, params(), &asking(&format!("NodeId({})", nodes - 1)));
        for kind in ESTABLISHING {
            assert_eq!(sent(&outcome, kind), u64::from(nodes), "{kind}, {nodes} servers");
        }
        assert_eq!(outcome.measures["epochs"], 1.0, "the majority has not noticed");
    }
}

/// DSN 2011, phase 3: PROPOSE, ACK and COMMIT for each follower; a request at a follower costs
/// one message more. Every server forces the transaction once.
#[test]
fn a_transaction_costs_3_n_minus_1_and_a_forward() {
    for nodes in 3..=9 {
        let leader = nodes - 1;
        let each = 3 * (u64::from(nodes) - 1);
        for (client, cost) in [(leader, each), (0, each + 1)] {
            let client = format!("NodeId({client})");
            let outcome = run(&world(3, nodes, 25_000), params(), &asking(&client));
            assert_held(&outcome);
            let mean = cost as f64;
            let spread = Spread3 { mean, min: cost, max: cost };
            assert_eq!(outcome.operations.messages_per, Some(spread), "{nodes} servers");
            assert_eq!(outcome.operations.count, REQUESTS);
            for kind in ["Propose", "Ack", "Commit"] {
                assert_eq!(sent(&outcome, kind), REQUESTS * (u64::from(nodes) - 1), "{kind}");
            }
            let to_establish = 2 * u64::from(nodes);
            let forced = to_establish + REQUESTS * u64::from(nodes);
            assert_eq!(outcome.writes.forced, forced, "{nodes} servers");
        }
        let theory = Theory::Between(each as f64, each as f64 + 1.0);
        assert_eq!(Zab::theory(nodes, &params()), theory);
    }
}

#[test]
fn alone_a_server_broadcasts_without_a_message() {
    let outcome = run(&world(1, 1, 25_000), params(), &asking("NodeId(0)"));
    assert_held(&outcome);
    assert_eq!((outcome.operations.count, outcome.messages.sent), (REQUESTS, 0));
}

/// In units of one message delay: PROPOSE and ACK before the leader delivers; the request and the
/// COMMIT besides for a follower's client.
#[test]
fn a_transaction_takes_two_delays_at_the_leader_and_four_elsewhere() {
    const DELAY_NS: f64 = 1e6;
    for (client, delays) in [(4, 2.0), (0, 4.0)] {
        let mut world = World::new(1, 5);
        world.stop.when = StopWhen::At(at(25_000));
        let outcome = run(&world, params(), &asking(&format!("NodeId({client})")));
        let latency = outcome.operations.latency_ns.expect("transactions");
        // The histogram keeps three significant digits.
        let close = |value: f64| (value / DELAY_NS - delays).abs() < 0.01;
        assert!(close(latency.mean) && close(latency.max as f64), "{client}: {latency:?}");
    }
}

/// From the crash to the next epoch: patience, less what had passed since the last heartbeat, then
/// finalizeWait (the dead one does not vote), then the election's messages and phases 1 and 2.
#[test]
fn a_lost_leader_is_missed_for_patience_an_election_and_two_phases() {
    for seed in 0..50 {
        let mut world = world(seed, 5, 8_000);
        world.faults.planned.push(crash(4, 3_000, 6_000));
        let params = params();
        let outcome = run(&world, params.clone(), &asking("NodeId(0)"));
        assert_held(&outcome);
        assert_eq!(outcome.measures["epochs"], 2.0);
        let outage_ns = outcome.measures["outage_ns_max"];
        let least = params.patience.saturating_sub(params.heartbeat) + params.finalize_wait;
        // An ongoing election and five messages in a row, of 10 ms at most.
        let most = params.patience + params.finalize_wait + ms(150);
        let (least, most) = (least.as_nanos() as f64, most.as_nanos() as f64);
        assert!((0.99 * least..1.01 * most).contains(&outage_ns), "seed {seed}: {outage_ns}");
    }
}
