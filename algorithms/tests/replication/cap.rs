//! Consistency or availability (Gilbert & Lynch 2002).

use seedbed_algorithms::CapRegister;
use seedbed_algorithms::replication::{CapParams, Choose};
use seedbed_core::World;
use seedbed_core::check::Consistency::{Eventual, Linearizable};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_node::{Algorithm, Distribution, NodeId, Theory};

use crate::support::{answers, assert_held, at_us, breached, run, until_ms, us};

fn members(seed: u64, nodes: u32) -> World {
    let mut world = World::new(seed, nodes);
    world.network.default.delay = Distribution::Uniform(us(500), us(6_000));
    world
}

fn split(seed: u64) -> World {
    let mut world = until_ms(members(seed, 5), 900);
    let groups = vec![vec![NodeId(0), NodeId(1), NodeId(2)], vec![NodeId(3), NodeId(4)]];
    world.faults.planned.push(TimedFault {
        at: at_us(30_000),
        until: Some(at_us(250_000)),
        fault: Fault::Partition(groups),
    });
    world
}

const LOAD: &str = "(pace: Closed(think: Uniform(\"0ms\", \"10ms\"), requests_per_node: 20), \
                    keys: Uniform(count: 2), reads: 0.5, writes_until: Some(\"200ms\"))";

#[test]
fn the_consistent_form_costs_4_messages_a_peer() {
    for nodes in 1..=8 {
        let outcome =
            run::<CapRegister>(&members(3, nodes), Default::default(), LOAD, &[Linearizable]);
        assert_held(&outcome);
        let each = u64::from(4 * (nodes - 1));
        let spread = outcome.operations.messages_per.expect("requests");
        assert_eq!((spread.min, spread.max), (each, each));
        assert_eq!(outcome.messages.sent, each * outcome.operations.count);
        let theory = CapRegister::theory(nodes, &CapParams::default());
        assert_eq!(theory, Theory::Exactly(each as f64));
    }
}

#[test]
fn the_consistent_form_stays_linearizable_and_its_minority_waits() {
    for seed in 0..20 {
        let outcome = run::<CapRegister>(&split(seed), CapParams::default(), LOAD, &[Linearizable]);
        assert_held(&outcome);
        let longest = outcome.operations.latency_ns.expect("requests").max;
        assert!(longest > 150_000_000, "the minority waited only {longest} ns");
    }
}

#[test]
fn the_available_form_answers_at_once_and_agrees_in_the_end() {
    let params =
        CapParams { choose: Choose::Availability, gossip: Some(us(10_000)), ..Default::default() };
    let load = LOAD.replace("requests_per_node: 20", "requests_per_node: 110");
    let mut stale = 0;
    for seed in 0..20 {
        assert!(
            answers::<CapRegister>(&split(seed), params.clone(), &load)
                .iter()
                .all(|answer| { answer.took == us(0) })
        );
        let outcome =
            run::<CapRegister>(&split(seed), params.clone(), &load, &[Linearizable, Eventual]);
        stale += u32::from(breached(&outcome, "Linearizable"));
    }
    assert_eq!(stale, 20, "every partition of this length shows");
}

/// After the partition has healed and gossip has gone round, last reads agree.
#[test]
fn the_available_form_is_eventually_consistent() {
    let params =
        CapParams { choose: Choose::Availability, gossip: Some(us(5_000)), ..Default::default() };
    let load = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 80), \
                keys: Uniform(count: 2), reads: 0.5, writes_until: Some(\"200ms\"))";
    for seed in 0..20 {
        assert_held(&run::<CapRegister>(&split(seed), params.clone(), load, &[Eventual]));
        let silent = CapParams { gossip: None, ..params.clone() };
        let outcome = run::<CapRegister>(&split(seed), silent, load, &[Eventual]);
        assert!(breached(&outcome, "EventuallyConsistent"), "without gossip copies stay apart");
    }
}
