//! Zab under random faults: safe throughout, live once they are over.

use seedbed_core::fault::RandomKind::{
    Crash, CrashBetweenEffects, Cut, Degrade, Isolate, Partition, Pause,
};

use seedbed_core::network::Loss;
use seedbed_node::Probability;

use crate::support::{BUSY, assert_held, assert_safe, disturbed, params, run, run_reliably, world};

const SEEDS: u64 = 150;

#[test]
fn crashes_of_a_minority_anywhere_do_no_harm() {
    let mut epochs = 0.0;
    for seed in 0..SEEDS {
        let nodes = 3 + (seed % 3) as u32;
        let kinds = [Crash, CrashBetweenEffects];
        let world = disturbed(world(seed, nodes, 14_000), &kinds, (nodes - 1) / 2);
        let outcome = run(&world, params(), BUSY);
        assert_held(&outcome);
        epochs += outcome.measures["epochs"];
    }
    assert!(epochs > 2.0 * SEEDS as f64, "leaders were lost: {epochs}");
}

#[test]
fn crashes_of_all_do_no_harm_to_what_is_on_disk() {
    for seed in 0..SEEDS {
        let kinds = [Crash, CrashBetweenEffects];
        let world = disturbed(world(seed, 3, 14_000), &kinds, 3);
        assert_held(&run(&world, params(), BUSY));
    }
}

#[test]
fn everything_at_once_does_no_harm() {
    let kinds = [Crash, CrashBetweenEffects, Partition, Cut, Isolate, Degrade, Pause];
    for seed in 0..SEEDS {
        let nodes = 3 + (seed % 3) as u32;
        let world = disturbed(world(seed, nodes, 14_000), &kinds, nodes);
        assert_held(&run(&world, params(), BUSY));
    }
}

/// The transport is what TCP is to ZooKeeper: with it, links may lose and reorder.
#[test]
fn over_the_reliable_transport_loss_and_reordering_do_no_harm() {
    for seed in 0..60 {
        let mut world = disturbed(world(seed, 3, 14_000), &[Partition, Isolate, Cut, Degrade], 0);
        world.network.default.fifo = false;
        world.network.default.loss = Loss::Bernoulli(Probability::new(0.1).expect("a tenth"));
        assert_held(&run_reliably(&world, params(), BUSY));
    }
}

/// A gap is noticed by the numbers of proposals and the leader's heartbeats.
#[test]
fn bare_links_that_lose_or_reorder_cost_progress_and_nothing_else() {
    for seed in 0..SEEDS {
        let kinds = [Crash, CrashBetweenEffects, Isolate];
        let mut world = disturbed(world(seed, 3, 9_000), &kinds, 3);
        world.network.default.fifo = seed % 2 == 0;
        if world.network.default.fifo {
            world.network.default.loss = Loss::Bernoulli(Probability::new(0.05).expect("5%"));
        }
        assert_safe(&run(&world, params(), BUSY));
    }
}
