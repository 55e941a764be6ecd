//! Zab under random faults: safe throughout, live once they are over.

use seedbed_core::fault::RandomKind::{
    Crash, CrashBetweenEffects, Cut, Degrade, Isolate, Partition, Pause,
};

use crate::support::{BUSY, assert_held, disturbed, params, run, world};

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
