//! Leases with and without fencing tokens.

use seedbed_algorithms::FencedLease;
use seedbed_algorithms::replication::LeaseParams;
use seedbed_core::World;
use seedbed_core::check::Consistency::Linearizable;
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_node::{Distribution, NodeId};

use crate::support::{assert_held, at_us, breached, check, run, us};

fn load(reads: f64, clients: u32) -> String {
    let clients: Vec<String> = (2..2 + clients).map(|node| format!("NodeId({node})")).collect();
    format!(
        "(pace: Closed(think: Uniform(\"0ms\", \"5ms\"), requests_per_node: 10, only: [{}]), \
         keys: Uniform(count: 1), reads: {reads:?})",
        clients.join(", ")
    )
}

#[test]
fn a_write_costs_7_messages_and_a_read_2() {
    for (reads, each) in [(0.0, 7), (1.0, 2)] {
        let world = World::new(1, 3);
        let outcome =
            run::<FencedLease>(&world, LeaseParams::default(), &load(reads, 1), &[Linearizable]);
        assert_held(&outcome);
        let spread = outcome.operations.messages_per.expect("requests");
        assert_eq!((spread.min, spread.max), (each, each));
    }
}

/// A holder is stopped while it works, and wakes when its lease is another's.
fn stopped(seed: u64) -> World {
    let mut world = World::new(seed, 5);
    world.network.default.delay = Distribution::Uniform(us(500), us(1_500));
    world.faults.planned.push(TimedFault {
        at: at_us(60_000 + 1_000 * seed),
        until: Some(at_us(360_000 + 1_000 * seed)),
        fault: Fault::Pause(NodeId(2)),
    });
    world
}

#[test]
fn a_holder_that_is_stopped_destroys_an_update_unless_it_is_fenced_off() {
    let trusting = LeaseParams { fencing: false, rechecks: false, ..Default::default() };
    let mut lost = 0;
    for seed in 0..60 {
        let fenced = LeaseParams { rechecks: false, ..Default::default() };
        assert_held(&run::<FencedLease>(&stopped(seed), fenced, &load(0.2, 3), &[Linearizable]));
        let outcome = run::<FencedLease>(&stopped(seed), trusting.clone(), &load(0.2, 3), &[]);
        if breached(&outcome, "NoLostUpdate") {
            lost += 1;
            let why = &check(&outcome, "NoLostUpdate").detail;
            assert!(why.ends_with("an update is lost"), "{why}");
        }
    }
    assert!(lost > 5, "{lost} of 60");
}

/// A look at the clock helps against pauses, and not against messages that are under way for long.
#[test]
fn a_late_message_destroys_an_update_although_its_sender_has_looked_at_its_clock() {
    let late = |seed| {
        let mut world = World::new(seed, 5);
        world.network.default.delay =
            Distribution::Empirical(vec![(us(1_000), 19), (us(400_000), 1)]);
        world
    };
    let unfenced = LeaseParams { fencing: false, ..Default::default() };
    let mut lost = 0;
    for seed in 0..60 {
        let fenced = LeaseParams::default();
        assert_held(&run::<FencedLease>(&late(seed), fenced, &load(0.2, 3), &[Linearizable]));
        let outcome = run::<FencedLease>(&late(seed), unfenced.clone(), &load(0.2, 3), &[]);
        lost += u32::from(breached(&outcome, "NoLostUpdate"));
    }
    assert!(lost > 5, "{lost} of 60");
}
