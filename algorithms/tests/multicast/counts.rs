//! Exact messages per multicast, for all sizes.

use seedbed_algorithms::multicast::{
    AckRule, SequencerForm, SequencerParams, TotalOrderLamportParams,
};
use seedbed_algorithms::{CausalMulticast, FifoMulticast, Sequencer, TotalOrderLamport};
use seedbed_core::Outcome;
use seedbed_node::{Algorithm, NodeId, Theory};

use crate::support::{BUSY, held, jittery};

/// Every single multicast costs this many, and nothing was sent besides.
fn assert_exactly(outcome: &Outcome, each: u64) {
    let operations = &outcome.operations;
    assert_eq!(operations.pending, 0, "everything was delivered");
    let spread = operations.messages_per.expect("multicasts");
    assert_eq!((spread.min, spread.max), (each, each), "{} nodes", outcome.nodes);
    assert_eq!(outcome.messages.sent, each * operations.count, "{} nodes", outcome.nodes);
}

#[test]
fn fifo_and_causal_multicast_cost_n_minus_1() {
    for nodes in 2..=16 {
        let each = u64::from(nodes) - 1;
        let world = jittery(u64::from(nodes), nodes, false);
        assert_exactly(&held::<FifoMulticast>(&world, Default::default(), BUSY), each);
        assert_exactly(&held::<CausalMulticast>(&world, Default::default(), BUSY), each);
        let theory = Theory::Exactly(each as f64);
        assert_eq!(FifoMulticast::theory(nodes, &Default::default()), theory);
        assert_eq!(CausalMulticast::theory(nodes, &Default::default()), theory);
    }
}

/// N-1 messages and (N-1)² acknowledgements.
#[test]
fn total_order_by_acknowledgements_costs_n_times_n_minus_1() {
    for nodes in 2..=16 {
        let n = u64::from(nodes);
        let world = jittery(n, nodes, true);
        let outcome = held::<TotalOrderLamport>(&world, Default::default(), BUSY);
        assert_exactly(&outcome, n * (n - 1));
        let kinds: Vec<_> = outcome.messages.by_kind.iter().map(|k| (k.kind, k.sent)).collect();
        let count = outcome.operations.count;
        let acks = count * (n - 1) * (n - 1);
        assert_eq!(kinds, [("Multicast", count * (n - 1)), ("Ack", acks)]);
        let theory = TotalOrderLamport::theory(nodes, &Default::default());
        assert_eq!(theory, Theory::Exactly((n * (n - 1)) as f64));
    }
}

#[test]
fn needed_acknowledgements_alone_are_fewer_the_more_is_said_and_all_when_one_speaks() {
    let params = TotalOrderLamportParams { acks: AckRule::Needed, ..Default::default() };
    for nodes in 3..=16 {
        let n = u64::from(nodes);
        let world = jittery(n, nodes, true);
        let busy = held::<TotalOrderLamport>(&world, params.clone(), BUSY);
        let spread = busy.operations.messages_per.expect("multicasts");
        assert!(spread.min >= n - 1 && spread.max <= n * (n - 1), "{spread:?}");
        assert!(spread.mean < (n * (n - 1)) as f64, "{spread:?}");
        let alone = "(pace: Closed(think: Constant(\"1s\"), only: [NodeId(0)]))";
        assert_exactly(&held::<TotalOrderLamport>(&world, params.clone(), alone), n * (n - 1));
    }
}

#[test]
fn a_sequencer_costs_n_or_2_n_minus_1_by_its_form_and_n_minus_1_for_its_own() {
    for nodes in 2..=16 {
        let n = u64::from(nodes);
        let others: Vec<String> = (0..nodes - 1).map(|node| format!("NodeId({node})")).collect();
        let pace = |only: &str| {
            format!("(pace: Open(every: Exponential(mean: \"15ms\"), at_once: 20, only: [{only}]))")
        };
        let (members, own) = (pace(&others.join(",")), pace(&format!("NodeId({})", nodes - 1)));
        for (form, each) in
            [(SequencerForm::UnicastBroadcast, n), (SequencerForm::BroadcastBroadcast, 2 * (n - 1))]
        {
            let params =
                SequencerParams { sequencer: NodeId(nodes - 1), form, ..Default::default() };
            let world = jittery(n, nodes, false);
            assert_exactly(&held::<Sequencer>(&world, params.clone(), &members), each);
            assert_exactly(&held::<Sequencer>(&world, params.clone(), &own), n - 1);
            let theory = Sequencer::theory(nodes, &params);
            assert_eq!(theory, Theory::Between((n - 1) as f64, each as f64));
        }
    }
}

/// One delay for a message; the sender of a totally ordered one waits for a round trip.
#[test]
fn who_waits_for_whom_shows_in_the_delays() {
    let world = seedbed_core::World::new(1, 5);
    let alone = "(pace: Closed(think: Constant(\"1s\"), only: [NodeId(3)]))";
    let latency = |outcome: Outcome| outcome.operations.latency_ns.expect("multicasts").max;
    let last = |outcome: &Outcome| outcome.measures["last_delivery_ns_max"];
    let close = |measured: f64, theory: f64| (measured - theory).abs() < 0.01 * theory;
    let causal = held::<CausalMulticast>(&world, Default::default(), alone);
    assert!(close(last(&causal), 1e6), "T to everybody");
    assert_eq!(latency(causal), 0, "delivered at home at once");
    let lamport = held::<TotalOrderLamport>(&world, Default::default(), alone);
    assert!(close(last(&lamport), 2e6), "2T: the message and its acknowledgements");
    let sequencer = held::<Sequencer>(&world, Default::default(), alone);
    assert!(close(last(&sequencer), 2e6), "2T: to the sequencer and from it");
}
