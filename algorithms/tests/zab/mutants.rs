//! Every hidden bug is found by the family's checkers, and found as what it is.

use seedbed_algorithms::zab::{ZabMutant, ZabParams};
use seedbed_core::fault::RandomKind::{Crash, CrashBetweenEffects, Isolate, Partition};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::{NodeSet, World};

use seedbed_node::NodeId;

use crate::support::{BUSY, assert_safe, at, breached, crash, disturbed, params, run, world};

const SEEDS: u64 = 200;

fn crashing(seed: u64) -> World {
    let kinds = [Crash, CrashBetweenEffects, Isolate, Partition];
    disturbed(world(seed, 3, 9_000), &kinds, 3)
}

/// Some seed shows one of the checks breached.
fn caught(params: &ZabParams, checks: &[&str]) {
    let found = (0..SEEDS).find(|seed| {
        let outcome = run(&crashing(*seed), params.clone(), BUSY);
        checks.iter().any(|check| breached(&outcome, check))
    });
    assert!(found.is_some(), "{params:?}: no seed breaches any of {checks:?}");
}

#[test]
fn zabs() {
    use ZabMutant::{CommitsAlone, ForgetsValues, OwnHistory};
    for (mutant, checks) in [
        (CommitsAlone, &["TotalOrder", "Agreement", "PrimaryIntegrity"][..]),
        (OwnHistory, &["TotalOrder", "Agreement", "PrimaryIntegrity"]),
        (ForgetsValues, &["Integrity"]),
    ] {
        caught(&ZabParams { mutant, ..params() }, checks);
    }
}

/// The leader and n1 alone hold a transaction; n1 crashes in the middle of acknowledging it, and
/// the leader right after. When n1 is back, n0, which never heard of it, is there to elect.
fn crash_amid_an_acknowledgement(seed: u64) -> World {
    let mut world = world(seed, 3, 5_000);
    let armed = 1_000 + 7 * seed;
    let amid = Fault::Crash { node: NodeId(1), after_effects: Some(1) };
    let isolated = Fault::Isolate(NodeSet::one(NodeId(0)));
    world.faults.planned = vec![
        TimedFault { at: at(armed - 10), until: Some(at(armed + 400)), fault: isolated },
        TimedFault { at: at(armed), until: Some(at(armed + 500)), fault: amid },
        crash(2, armed + 40, armed + 2_500),
    ];
    world
}

#[test]
fn an_acknowledgement_before_the_disk_has_it_is_a_lie() {
    let load = "(pace: Closed(think: Constant(\"15ms\"), requests_per_node: 300, \
                only: [NodeId(2)]))";
    let lying = ZabParams { mutant: ZabMutant::AcksFirst, ..params() };
    let found = (0..SEEDS).any(|seed| {
        let world = crash_amid_an_acknowledgement(seed);
        assert_safe(&run(&world, params(), load));
        let outcome = run(&world, lying.clone(), load);
        breached(&outcome, "Agreement") || breached(&outcome, "PrimaryIntegrity")
    });
    assert!(found, "no seed loses what was acknowledged");
}

#[test]
fn without_forced_writes_what_was_delivered_is_lost() {
    let unforced = ZabParams { force_sync: false, ..params() };
    caught(&unforced, &["TotalOrder", "Agreement", "PrimaryIntegrity"]);
}

#[test]
fn the_sound_one_is_safe_where_the_mutants_fail() {
    for seed in 0..SEEDS {
        assert_safe(&run(&crashing(seed), params(), BUSY));
    }
}
