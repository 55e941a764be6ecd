//! Exact message counts per entry, delays and throughput against theory.

mod support;

use seedbed_algorithms::mutex::{CentralisedParams, TokenRingParams};
use seedbed_algorithms::{Centralised, Lamport, Mutex, RicartAgrawala, TokenRing};
use seedbed_core::{Outcome, Spread3};
use seedbed_node::{Algorithm, Duration, NodeId, Theory};
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
fn ricart_agrawala_costs_2_n_minus_1_per_entry() {
    exact_for_all_sizes::<RicartAgrawala>(false, |n| 2 * (n - 1));
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
}

/// The literature's table, in units of one message delay T = 1 ms.
#[test]
fn synchronisation_delay_is_t_for_the_distributed_algorithms_and_2t_for_the_centralised() {
    const T: f64 = 1e6;
    let delay = |outcome: Outcome| {
        assert_held(&outcome);
        (outcome.measures["sync_delay_ns_mean"] / T * 1000.0).round() / 1000.0
    };
    // HDR histograms keep three significant digits.
    let close = |measured: f64, theory: f64| (measured - theory).abs() < 0.01 * theory;
    let world = world(1, 5);
    let others = "Closed(think: Constant(\"0s\"), \
                  only: [NodeId(1), NodeId(2), NodeId(3), NodeId(4)])";
    let lamport = delay(run::<Lamport>(&world, Default::default(), SATURATED, true));
    let ricart_agrawala = delay(run::<RicartAgrawala>(&world, Default::default(), SATURATED, true));
    let centralised = delay(run::<Centralised>(&world, Default::default(), others, false));
    assert!(close(lamport, 1.0), "{lamport}");
    assert!(close(ricart_agrawala, 1.0), "{ricart_agrawala}");
    // From the release's arrival at its own node: one delay to the coordinator, one back.
    assert!(close(centralised, 2.0), "{centralised}");
}

#[test]
fn throughput_of_one_who_never_thinks_is_one_per_hold() {
    let load = "Closed(think: Constant(\"0s\"), hold: Constant(\"10ms\"), requests_per_node: 50)";
    let outcome = run::<Centralised>(&world(1, 1), CentralisedParams::default(), load, false);
    assert_eq!(outcome.measures["throughput_per_s"], 100.0);
    assert_eq!(outcome.measures["response_ns_max"], 0.0);
}
