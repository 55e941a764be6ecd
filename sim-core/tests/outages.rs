//! Faults that meet on one node: each lasts until it is undone itself.
#![allow(missing_docs)]

mod support;

use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::service::ServiceConfig;
use seedbed_core::{Ties, World};
use seedbed_node::{Distribution, Duration, NodeId, Time};
use support::{Do, only, play};

const MS: u64 = 1_000_000;
const BOB: NodeId = NodeId(1);
const CRASH: Fault = Fault::Crash { node: BOB, after_effects: None };

fn at(ms: u64, until: Option<u64>, fault: Fault) -> TimedFault {
    TimedFault { at: Time(ms * MS), until: until.map(|ms| Time(ms * MS)), fault }
}

/// When bob boots in a run with these faults, in milliseconds.
fn boots(faults: &[TimedFault]) -> Vec<u64> {
    let world = faults.iter().cloned().fold(World::new(1, 2), World::fault);
    let (_, lines) = play(&world, false, vec![(500, 0, Do::Wall)]);
    let boots = only(&lines, "boot").into_iter().filter(|(_, node, _)| *node == BOB.0);
    boots.map(|(at, _, _)| at / MS).collect()
}

#[test]
fn a_node_is_down_until_its_last_crash_is_undone() {
    assert_eq!(boots(&[at(10, Some(50), CRASH), at(20, Some(90), CRASH)]), [0, 90]);
    assert_eq!(boots(&[at(10, Some(90), CRASH), at(20, Some(50), CRASH)]), [0, 90]);
    assert_eq!(boots(&[at(10, None, CRASH), at(20, Some(50), CRASH)]), [0]);
    assert_eq!(boots(&[at(10, Some(50), CRASH), at(50, Some(90), CRASH)]), [0, 50, 90]);
}

#[test]
fn no_restart_boots_a_late_node_early() {
    let late = at(50, None, Fault::LateBoot(BOB));
    assert_eq!(boots(&[at(10, Some(20), CRASH), late.clone()]), [50]);
    assert_eq!(boots(&[at(10, Some(90), CRASH), late]), [90]);
}

#[test]
fn a_crash_that_waits_for_its_handler_holds_the_node_down_once_it_has_come() {
    let armed = Fault::Crash { node: BOB, after_effects: Some(0) };
    let world = World::new(1, 2).fault(at(10, Some(90), armed)).fault(at(30, Some(50), CRASH));
    // The first handler with an effect is the ping of 20 ms.
    let (_, lines) = play(&world, false, vec![(20, 1, Do::Ping(NodeId(0), 1))]);
    assert_eq!(only(&lines, "crash"), [(20 * MS, 1, "crash".into())]);
    assert_eq!(only(&lines, "boot 1"), [(90 * MS, 1, "boot 1".into())]);
}

#[test]
fn a_node_goes_on_when_its_last_pause_ends() {
    let world = World::new(1, 2).fault(at(5, Some(50), Fault::Pause(BOB))).fault(at(
        20,
        Some(100),
        Fault::Pause(BOB),
    ));
    let (_, lines) = play(&world, false, vec![(30, 0, Do::Ping(BOB, 1))]);
    assert_eq!(only(&lines, "event Got"), [(100 * MS, 1, "event Got(n0, 1)".into())]);
    assert_eq!((only(&lines, "pause").len(), only(&lines, "resume").len()), (1, 1));
}

#[test]
fn a_node_is_slow_until_its_last_slowness_ends() {
    let slow = |permille| Fault::Slow { node: BOB, permille };
    let mut world =
        World::new(1, 2).fault(at(10, Some(50), slow(2_000))).fault(at(20, Some(100), slow(3_000)));
    world.service = Some(ServiceConfig {
        default: Distribution::Constant(Duration::from_millis(1)),
        by_kind: vec![],
        cores: 1,
        queue_max: None,
    });
    let script = [15, 30, 60, 110].map(|ms| (ms, 1, Do::Wall)).to_vec();
    let (_, lines) = play(&world, false, script);
    let handled: Vec<_> = only(&lines, "request").iter().map(|(at, _, _)| at / MS).collect();
    assert_eq!(handled, [15 + 2, 30 + 3, 60 + 3, 110 + 1]);
}

#[test]
fn a_fault_is_never_undone_before_it_strikes() {
    for seed in 0..20 {
        let world = World { ties: Ties::Shuffled, ..World::new(seed, 2) };
        let split = Fault::Partition(vec![vec![NodeId(0)], vec![BOB]]);
        let world = world.fault(at(10, Some(10), split));
        let (outcome, _) = play(&world, false, vec![(20, 0, Do::Ping(BOB, 1))]);
        assert_eq!(outcome.messages.cut, 0, "seed {seed}");
    }
}
