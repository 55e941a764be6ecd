//! Exact message counts per entry, delays and throughput against theory.

mod support;

use seedbed_algorithms::mutex::maekawa::quorum;
use seedbed_algorithms::mutex::{
    CentralisedLeaseParams, CentralisedParams, DecentralisedVotingParams, LamportAcks,
    LamportParams, RaymondParams, RaymondShape, SuzukiKasamiParams, TokenRingParams,
};
use seedbed_algorithms::{
    Centralised, CentralisedLease, DecentralisedVoting, Lamport, Maekawa, Mutex, Raymond,
    RicartAgrawala, RoucairolCarvalho, SuzukiKasami, TokenRing,
};
use seedbed_core::{Outcome, Spread3};
use seedbed_node::{Algorithm, Duration, Members, NodeId, Theory};
use support::{BUSY, SATURATED, assert_held, jittery, run, served, world};

fn per_entry(outcome: &Outcome) -> Spread3 {
    assert_held(outcome);
    assert_eq!(outcome.operations.pending, 0, "everybody was served");
    outcome.operations.messages_per.expect("entries")
}

/// Every single entry costs this many, and nothing was sent besides.
fn assert_exactly(outcome: &Outcome, each: u64) {
    let spread = per_entry(outcome);
    assert_eq!((spread.min, spread.max), (each, each), "{} nodes", outcome.nodes);
    assert_eq!(outcome.messages.sent, each * outcome.operations.count, "{} nodes", outcome.nodes);
}

/// One client alone at this node: nobody ever competes.
fn alone(node: u32) -> String {
    format!("Closed(requests_per_node: 6, only: [NodeId({node})])")
}

/// Messages sent of a kind.
fn of_kind(outcome: &Outcome, kind: &str) -> u64 {
    outcome.messages.by_kind.iter().find(|tally| tally.kind == kind).map_or(0, |tally| tally.sent)
}

/// Saturated and with pauses, over delays that vary.
fn exact_for_all_sizes<A>(fifo: bool, each: impl Fn(u64) -> u64)
where
    A: Algorithm<Family = Mutex, Params: Default>,
{
    for nodes in 2..=32 {
        let each = each(u64::from(nodes));
        for load in [SATURATED, BUSY] {
            let world = jittery(u64::from(nodes), nodes, fifo);
            assert_exactly(&run::<A>(&world, A::Params::default(), load, fifo), each);
        }
        assert_eq!(A::theory(nodes, &A::Params::default()), Theory::Exactly(each as f64));
    }
}

#[test]
fn lamport_costs_3_n_minus_1_per_entry() {
    exact_for_all_sizes::<Lamport>(true, |n| 3 * (n - 1));
}

#[test]
fn lamport_with_deferred_acks_costs_2_n_minus_1_when_all_contend_and_3_n_minus_1_alone() {
    let params = LamportParams { acks: LamportAcks::Deferred, ..Default::default() };
    for nodes in 2..=32 {
        let n = u64::from(nodes);
        for world in [world(n, nodes), jittery(n, nodes, true)] {
            let contended = run::<Lamport>(&world, params.clone(), SATURATED, true);
            assert_exactly(&contended, 2 * (n - 1));
            let lonely = run::<Lamport>(&world, params.clone(), &alone(nodes / 2), true);
            assert_exactly(&lonely, 3 * (n - 1));
        }
        let between = run::<Lamport>(&jittery(n, nodes, true), params.clone(), BUSY, true);
        let spread = per_entry(&between);
        assert!(2 * (n - 1) <= spread.min && spread.max <= 3 * (n - 1), "{nodes}: {spread:?}");
    }
}

#[test]
fn ricart_agrawala_costs_2_n_minus_1_per_entry() {
    exact_for_all_sizes::<RicartAgrawala>(false, |n| 2 * (n - 1));
}

#[test]
fn roucairol_carvalho_costs_2_n_minus_1_contended_then_nothing_alone_and_never_more() {
    for nodes in 2..=32 {
        let n = u64::from(nodes);
        let params = Default::default;
        let contended = run::<RoucairolCarvalho>(&world(n, nodes), params(), SATURATED, false);
        assert_exactly(&contended, 2 * (n - 1));
        let jittery = jittery(n, nodes, false);
        let lonely = run::<RoucairolCarvalho>(&jittery, params(), &alone(nodes - 1), false);
        let spread = per_entry(&lonely);
        assert_eq!((spread.min, spread.max), (0, 2 * (n - 1)), "the first entry asks");
        assert_eq!(lonely.messages.sent, 2 * (n - 1), "and no other does");
        for load in [SATURATED, BUSY] {
            let outcome = run::<RoucairolCarvalho>(&jittery, params(), load, false);
            assert!(per_entry(&outcome).max <= 2 * (n - 1), "{nodes}");
            let (asked, permitted) = (of_kind(&outcome, "Request"), of_kind(&outcome, "Reply"));
            assert_eq!(asked, permitted, "two messages a permission");
        }
    }
}

#[test]
fn suzuki_kasami_costs_0_with_the_token_and_n_without() {
    for nodes in 2..=32 {
        let n = u64::from(nodes);
        let params = |first| SuzukiKasamiParams { first: NodeId(first), ..Default::default() };
        let jittery = jittery(n, nodes, false);
        assert_exactly(&run::<SuzukiKasami>(&jittery, params(1), &alone(1), false), 0);
        let fetched = run::<SuzukiKasami>(&jittery, params(1), &alone(0), false);
        let spread = per_entry(&fetched);
        assert_eq!((spread.min, spread.max, fetched.messages.sent), (0, n, n), "fetched once");
        let contended = run::<SuzukiKasami>(&world(n, nodes), params(0), SATURATED, false);
        per_entry(&contended);
        let entries = contended.operations.count;
        assert_eq!(contended.messages.sent, n * (entries - 1), "all but the first of the holder");
        let busy = run::<SuzukiKasami>(&jittery, params(0), BUSY, false);
        let spread = per_entry(&busy);
        assert!([0, n].contains(&spread.min) && spread.max == n, "{spread:?}");
        let fetches = of_kind(&busy, "Privilege");
        assert_eq!(of_kind(&busy, "Request"), (n - 1) * fetches);
        assert_eq!(spread.mean, (n * fetches) as f64 / busy.operations.count as f64);
    }
}

#[test]
fn raymonds_entry_alone_costs_twice_the_distance_to_the_privilege() {
    let load = |node| format!("Closed(requests_per_node: 1, only: [NodeId({node})])");
    for shape in [RaymondShape::Binary, RaymondShape::Star, RaymondShape::Line] {
        for nodes in 2..=32 {
            let first = NodeId(nodes / 3);
            let params = RaymondParams { shape, first, ..Default::default() };
            for node in 0..nodes {
                let world = jittery(1, nodes, false);
                let outcome = run::<Raymond>(&world, params.clone(), &load(node), false);
                assert_exactly(&outcome, 2 * u64::from(shape.distance(first, NodeId(node))));
            }
        }
    }
    // Light load in the balanced tree: about log N from anywhere to anywhere.
    for nodes in [7, 15, 31, 63, 127, 255] {
        let ids = || (0..nodes).map(NodeId);
        let distances = ids().flat_map(|a| ids().map(move |b| RaymondShape::Binary.distance(a, b)));
        let mean = 2.0 * f64::from(distances.sum::<u32>()) / f64::from(nodes * nodes);
        let log = f64::from((nodes + 1u32).ilog2());
        assert!((log..4.0 * log).contains(&mean), "{nodes}: {mean} messages, log N = {log}");
    }
}

/// Each of the N-1 edges carries two requests and two privileges for N entries.
#[test]
fn a_saturated_raymond_tree_costs_4_n_minus_1_for_n_entries() {
    for shape in [RaymondShape::Binary, RaymondShape::Star, RaymondShape::Line] {
        for nodes in 2..=32 {
            let params = RaymondParams { shape, ..Default::default() };
            let outcome = run::<Raymond>(&world(1, nodes), params.clone(), SATURATED, false);
            let spread = per_entry(&outcome);
            let rounds = outcome.operations.count / u64::from(nodes);
            let theory = 4 * u64::from(nodes - 1) * rounds;
            // The first round finds no requests ahead of it, and the last privilege stays.
            let ends = 2 * u64::from(shape.diameter(nodes));
            let sent = outcome.messages.sent;
            assert!(sent.abs_diff(theory) <= ends, "{shape:?} {nodes}: {sent}, not {theory}");
            for world in [world(1, nodes), jittery(1, nodes, false)] {
                let busy = run::<Raymond>(&world, params.clone(), BUSY, false);
                let most = spread.max.max(per_entry(&busy).max);
                assert!(most <= 2 * u64::from(shape.diameter(nodes)), "{shape:?} {nodes}: {most}");
            }
        }
    }
}

#[test]
fn maekawa_costs_3_k_minus_1_uncontended_and_at_most_5_k_minus_1_on_average() {
    for nodes in (2..=32).chain([57, 64]) {
        let others = |node| quorum(Members(nodes), NodeId(node)).len() as u64 - 1;
        let jittery = jittery(u64::from(nodes), nodes, true);
        for node in [0, nodes / 2, nodes - 1] {
            let lonely = run::<Maekawa>(&jittery, Default::default(), &alone(node), false);
            assert_exactly(&lonely, 3 * others(node));
        }
        let mean = (0..nodes).map(others).sum::<u64>() as f64 / f64::from(nodes);
        for load in [SATURATED, BUSY] {
            for world in [world(1, nodes), jittery.clone()] {
                let spread = per_entry(&run::<Maekawa>(&world, Default::default(), load, false));
                assert!(spread.min >= 3 * (0..nodes).map(others).min().expect("nodes"));
                assert!(spread.mean <= 5.0 * mean, "{nodes}: {} > 5·{mean}", spread.mean);
            }
        }
    }
}

#[test]
fn voting_costs_2mk_plus_m_for_k_attempts() {
    for (n, m) in [(1, 1), (3, 2), (4, 3), (5, 3), (5, 5), (9, 5), (32, 17)] {
        let nodes = n as u32 + 3;
        let clients = format!("only: [NodeId({n}), NodeId({}), NodeId({})]", n + 1, n + 2);
        let params = DecentralisedVotingParams {
            coordinators: Some(n as u32),
            majority: Some(m as u32),
            ..Default::default()
        };
        let outcome = |load: &str| {
            let world = jittery(n, nodes, false);
            run::<DecentralisedVoting>(&world, params.clone(), load, false)
        };
        assert_exactly(&outcome(&alone(nodes - 1)), 3 * m);
        let busy = outcome(&format!("Closed(think: Exponential(mean: \"50ms\"), {clients})"));
        let (spread, entries) = (per_entry(&busy), busy.operations.count);
        let asked = of_kind(&busy, "Ask");
        assert_eq!((asked % m, of_kind(&busy, "Vote")), (0, asked), "m an attempt, all answered");
        assert_eq!(of_kind(&busy, "Release"), m * entries);
        let attempts = asked / m;
        assert!(attempts > entries, "some were denied");
        assert_eq!(spread.mean, (2 * m * attempts + m * entries) as f64 / entries as f64);
        assert_eq!(spread.min, 3 * m, "some were not");
    }
}

#[test]
fn the_centralised_algorithm_with_leases_costs_3_and_a_forced_write() {
    for nodes in 2..=32 {
        let last = nodes - 1;
        let params = CentralisedLeaseParams { coordinator: NodeId(last), ..Default::default() };
        let world = jittery(3, nodes, false);
        let participants: Vec<String> = (0..last).map(|node| format!("NodeId({node})")).collect();
        let others = format!("Closed(only: [{}])", participants.join(","));
        let outcome = run::<CentralisedLease>(&world, params.clone(), &others, false);
        assert_exactly(&outcome, 3);
        assert_eq!(outcome.writes.forced, outcome.operations.count);
        assert_exactly(&run::<CentralisedLease>(&world, params, &alone(last), false), 0);
    }
}

#[test]
fn the_centralised_algorithm_costs_3_per_entry_of_a_participant_and_0_of_the_coordinator() {
    for nodes in 2..=32 {
        let last = nodes - 1;
        let coordinated = |coordinator, load: &str| {
            let params =
                CentralisedParams { coordinator: NodeId(coordinator), ..Default::default() };
            run::<Centralised>(&jittery(3, nodes, false), params, load, false)
        };
        let participants: Vec<String> = (0..last).map(|node| format!("NodeId({node})")).collect();
        let others = format!("Closed(only: [{}])", participants.join(","));
        assert_exactly(&coordinated(last, &others), 3);
        assert_exactly(&coordinated(last, &format!("Closed(only: [NodeId({last})])")), 0);
    }
}

#[test]
fn a_saturated_token_ring_costs_1_per_entry_and_nothing_besides() {
    for nodes in 2..=32 {
        let params = TokenRingParams { idle_hold: Duration::from_millis(1), ..Default::default() };
        let outcome = run::<TokenRing>(&served(world(1, nodes)), params, SATURATED, false);
        assert_exactly(&outcome, 1);
    }
}

#[test]
fn an_idle_token_hops_in_the_background() {
    let load = "Closed(think: Constant(\"100ms\"), requests_per_node: 3)";
    let outcome = run::<TokenRing>(&served(world(1, 5)), TokenRingParams::default(), load, false);
    let spread = per_entry(&outcome);
    assert_eq!((spread.min, spread.max), (1, 1), "each entry pays for its own pass");
    assert!(outcome.messages.sent > 10 * outcome.operations.count, "{}", outcome.messages.sent);
}

#[test]
fn alone_everybody_enters_without_a_message() {
    let world = world(1, 1);
    assert_exactly(&run::<Lamport>(&world, Default::default(), SATURATED, true), 0);
    assert_exactly(&run::<RicartAgrawala>(&world, Default::default(), SATURATED, true), 0);
    assert_exactly(&run::<Centralised>(&world, Default::default(), SATURATED, true), 0);
    assert_exactly(&run::<TokenRing>(&world, Default::default(), SATURATED, true), 0);
    assert_exactly(&run::<RoucairolCarvalho>(&world, Default::default(), SATURATED, true), 0);
    assert_exactly(&run::<SuzukiKasami>(&world, Default::default(), SATURATED, true), 0);
    assert_exactly(&run::<Raymond>(&world, Default::default(), SATURATED, true), 0);
    assert_exactly(&run::<Maekawa>(&world, Default::default(), SATURATED, true), 0);
    assert_exactly(&run::<DecentralisedVoting>(&world, Default::default(), SATURATED, true), 0);
    assert_exactly(&run::<CentralisedLease>(&world, Default::default(), SATURATED, true), 0);
}

#[test]
fn throughput_of_one_who_never_thinks_is_one_per_hold() {
    let load = "Closed(think: Constant(\"0s\"), hold: Constant(\"10ms\"), requests_per_node: 50)";
    let outcome = run::<Centralised>(&world(1, 1), CentralisedParams::default(), load, false);
    assert_eq!(outcome.measures["throughput_per_s"], 100.0);
    assert_eq!(outcome.measures["response_ns_max"], 0.0);
}
