//! Pauses: what waits is handled in due order on resume, whatever else happens meanwhile.
#![allow(missing_docs)]

mod support;

use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::trace::Line;
use seedbed_core::{Ties, World};
use seedbed_node::{Duration, NodeId, Time};
use support::{Do, only, play};

const MS: u64 = 1_000_000;
const BOB: NodeId = NodeId(1);

fn at(ms: u64, until: Option<u64>, fault: Fault) -> TimedFault {
    TimedFault { at: Time(ms * MS), until: until.map(|ms| Time(ms * MS)), fault }
}

/// What bob said from `ms` on.
fn bob_said(lines: &[Line], ms: u64) -> Vec<String> {
    only(lines, "event")
        .into_iter()
        .filter(|(at, node, _)| *node == BOB.0 && *at >= ms * MS)
        .map(|(_, _, text)| text)
        .collect()
}

#[test]
fn what_arrives_at_the_instant_of_the_resume_waits_its_turn() {
    let mut world = World::new(1, 2).fault(at(5, Some(10), Fault::Pause(BOB)));
    world.network.default.fifo = true;
    let script = vec![(6, 0, Do::Ping(BOB, 1)), (7, 0, Do::Ping(BOB, 2)), (9, 0, Do::Ping(BOB, 3))];
    let (_, lines) = play(&world, false, script);
    assert_eq!(
        bob_said(&lines, 10),
        ["event Got(n0, 1)", "event Got(n0, 2)", "event Got(n0, 3)"],
        "the link is FIFO"
    );
}

#[test]
fn due_order_is_not_shuffled() {
    let script: Vec<_> = (10..20).map(|i| (i, 0, Do::Ping(BOB, i as u32))).collect();
    for seed in 0..5 {
        let world = World { ties: Ties::Shuffled, ..World::new(seed, 2) };
        let world = world.fault(at(5, Some(100), Fault::Pause(BOB)));
        let (_, lines) = play(&world, false, script.clone());
        let due: Vec<_> = (10..20).map(|i| format!("event Got(n0, {i})")).collect();
        assert_eq!(bob_said(&lines, 100), due, "seed {seed}");
    }
}

#[test]
fn a_change_of_rate_leaves_due_timers_in_their_place() {
    let world = World::new(1, 2).fault(at(5, Some(100), Fault::Pause(BOB))).fault(at(
        50,
        None,
        Fault::Drift { node: BOB, ppb: 7 },
    ));
    let script = vec![(0, 1, Do::Timer(1, Duration::from_millis(20))), (30, 0, Do::Ping(BOB, 2))];
    let (_, lines) = play(&world, false, script);
    assert_eq!(bob_said(&lines, 100), ["event Fired(1)", "event Got(n0, 2)"]);
}

#[test]
fn what_an_earlier_handler_on_resume_disarms_does_not_fire() {
    let world = World::new(1, 2).fault(at(5, Some(100), Fault::Pause(BOB)));
    let script = vec![(0, 1, Do::Timer(1, Duration::from_millis(20))), (10, 1, Do::Cancel(1))];
    let (_, lines) = play(&world, false, script);
    assert_eq!(bob_said(&lines, 100), [""; 0]);
}

#[test]
fn a_crash_on_resume_loses_the_rest() {
    let crash = Fault::Crash { node: BOB, after_effects: Some(0) };
    let world =
        World::new(1, 2).fault(at(5, Some(100), Fault::Pause(BOB))).fault(at(50, Some(200), crash));
    let script = vec![
        (10, 0, Do::Ping(BOB, 1)),
        (20, 0, Do::Ping(BOB, 2)),
        (30, 1, Do::Timer(1, Duration::ZERO)),
    ];
    let (outcome, lines) = play(&world, false, script);
    assert_eq!(bob_said(&lines, 100), ["event Booted([])"]);
    assert_eq!((outcome.messages.delivered, outcome.messages.to_dead), (1, 1));
}
