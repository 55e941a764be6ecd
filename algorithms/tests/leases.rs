//! The centralised algorithm with a log and leases: what it survives that the one without does
//! not, and what breaks it all the same.

mod support;

use seedbed_algorithms::mutex::CentralisedLeaseParams;
use seedbed_algorithms::{Centralised, CentralisedLease};
use seedbed_core::fault::{Fault, RandomFaults, RandomKind, TimedFault};
use seedbed_core::world::Window;
use seedbed_core::{Outcome, World};
use seedbed_node::{Distribution, Duration, NodeId, Time};
use support::{BUSY, LONG, assert_held, breached, jittery, run, until};

fn at(ms: u64) -> Time {
    Time::ZERO + Duration::from_millis(ms)
}

/// Leases of 400 ms, on links of 1 to 40 ms.
fn leased(world: &World, load: &str) -> Outcome {
    let lease = Duration::from_millis(400);
    let params = CentralisedLeaseParams { lease, ..Default::default() };
    run::<CentralisedLease>(world, params, load, false)
}

fn restart(node: u32, from_ms: u64, after_effects: Option<u32>) -> TimedFault {
    let fault = Fault::Crash { node: NodeId(node), after_effects };
    TimedFault { at: at(from_ms), until: Some(at(from_ms + 50)), fault }
}

#[test]
fn a_restart_of_the_coordinator_at_any_time_is_survived() {
    let mut without = (0, 0);
    for seed in 0..300 {
        let mut world = until(jittery(seed, 5, false), 60);
        // At once, or in the middle of a handler.
        let after_effects = (seed % 4).checked_sub(1).map(|effects| effects as u32);
        world.faults.planned.push(restart(0, 40 + seed, after_effects));
        for load in [BUSY, LONG] {
            assert_held(&leased(&world, load));
            let plain = run::<Centralised>(&world, Default::default(), load, false);
            without.0 += u32::from(breached(&plain, "MutualExclusion"));
            without.1 += u32::from(breached(&plain, "Granted"));
        }
    }
    assert!(without.0 > 0 && without.1 > 0, "without log and lease: {without:?}");
}

#[test]
fn crashes_and_restarts_of_anybody_are_survived() {
    for seed in 0..200 {
        let mut world = until(jittery(seed, 5, false), 60);
        world.faults.random = Some(RandomFaults {
            window: Window { from: at(0), until: at(2000) },
            count_max: 6,
            lasting: Distribution::Exponential { mean: Duration::from_millis(100) },
            kinds: vec![RandomKind::Crash, RandomKind::CrashBetweenEffects],
            down_max: 3,
        });
        assert_held(&leased(&world, BUSY));
    }
}

#[test]
fn a_holder_that_dies_keeps_the_others_waiting_for_one_lease() {
    let load = "Closed(think: Constant(\"0s\"), hold: Constant(\"10s\"), requests_per_node: 1)";
    let mut world = until(jittery(1, 3, true), 60);
    let fault = Fault::Crash { node: NodeId(0), after_effects: None };
    // n0 coordinates and is inside first; n1 or n2 is next, and dies inside.
    world.faults.planned.push(TimedFault { at: at(10), until: Some(at(20)), fault });
    let fault = |node| Fault::Crash { node: NodeId(node), after_effects: None };
    world.faults.planned.push(TimedFault { at: at(2000), until: None, fault: fault(1) });
    assert_held(&leased(&world, load));
}

/// Its client is inside, and the next one comes: leases without fencing.
#[test]
fn a_holder_that_is_paused_for_longer_than_its_lease_is_not_alone() {
    let load = "Closed(think: Constant(\"0s\"), hold: Constant(\"5s\"), requests_per_node: 2)";
    let broken = |fault: fn(NodeId) -> Fault, lasting_ms: u64| {
        (0..20).any(|seed| {
            let mut world = until(jittery(seed, 3, true), 60);
            for node in [1, 2].map(NodeId) {
                let until = Some(at(6000 + lasting_ms));
                world.faults.planned.push(TimedFault { at: at(6000), until, fault: fault(node) });
            }
            breached(&leased(&world, load), "MutualExclusion")
        })
    };
    assert!(broken(Fault::Pause, 2000));
    assert!(!broken(Fault::Pause, 100), "within the lease it is");
    let isolated = |node| Fault::Isolate(seedbed_core::world::NodeSet::one(node));
    assert!(broken(isolated, 2000), "cut off, it cannot renew");
}
