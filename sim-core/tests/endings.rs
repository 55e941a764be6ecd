//! When a run is over, and what it says of its end.
#![allow(missing_docs)]

mod support;

use seedbed_core::clock::{Spread, Wander};
use seedbed_core::fault::{Fault, RandomFaults, RandomKind, TimedFault};
use seedbed_core::service::ServiceConfig;
use seedbed_core::{EndedBy, Stop, StopWhen, Window, World};
use seedbed_node::{Distribution, Duration, NodeId, Time};
use support::{Do, only, play};

const SECOND: u64 = 1_000_000_000;

fn wandering(every: Duration) -> World {
    let mut world = World::new(1, 1);
    world.clocks.default.drift_ppb = Spread::Constant(1_000);
    world.clocks.default.wander = Some(Wander { every, step_ppb: 1, bound_ppb: 1 });
    world
}

#[test]
fn a_disarmed_timer_does_not_keep_a_run_going() {
    let mut world = World::new(1, 1);
    world.stop.when = StopWhen::At(Time(60 * SECOND));
    let script = |then: Do| vec![(0, 0, Do::Timer(1, Duration::from_secs(100))), (1, 0, then)];
    let (disarmed, _) = play(&world, false, script(Do::Cancel(1)));
    assert_eq!((disarmed.ended_by, disarmed.ended_at), (EndedBy::Quiet, Time(1_000_000)));
    let (armed, _) = play(&world, false, script(Do::Wall));
    assert_eq!((armed.ended_by, armed.ended_at), (EndedBy::Time, Time(60 * SECOND)));
}

#[test]
fn the_lead_of_wall_clocks_is_that_of_the_end_however_long_their_rates_wander_on() {
    let script = vec![(0, 0, Do::Timer(1, Duration::from_secs(3_600))), (1_000, 0, Do::Cancel(1))];
    let (outcome, _) = play(&wandering(Duration::from_secs(10)), false, script);
    assert_eq!((outcome.ended_by, outcome.ended_at), (EndedBy::Quiet, Time(SECOND)));
    let (least, greatest) = outcome.wall_lead_ns;
    // A thousandth of a millisecond a second; the walk goes on until the disarmed timer surfaces.
    assert!((0..4_000_000).contains(&least) && greatest == least, "{least} ns");
}

#[test]
fn wandering_clocks_do_not_outlast_the_event_limit() {
    let mut world = wandering(Duration::from_nanos(1));
    world.stop = Stop { when: StopWhen::Quiet, events_max: 1_000 };
    let (outcome, _) = play(&world, false, vec![(0, 0, Do::Timer(1, Duration::from_millis(20)))]);
    assert_eq!(outcome.ended_by, EndedBy::EventLimit);
}

/// Whatever crashes, pauses and changes of rate leave in the queue, the run ends with the last
/// thing that happens: neither before it nor at the stop.
#[test]
fn what_is_out_of_date_is_counted_exactly() {
    let mut crashes = 0;
    for seed in 0..40 {
        let mut world = World::new(seed, 3);
        world.stop.when = StopWhen::At(Time(60 * SECOND));
        world.service = Some(ServiceConfig {
            default: Distribution::Exponential { mean: Duration::from_millis(30) },
            by_kind: vec![],
            cores: 2,
            queue_max: None,
        });
        world.faults.random = Some(RandomFaults {
            window: Window { from: Time::ZERO, until: Time(SECOND) },
            count_max: 12,
            lasting: Distribution::Exponential { mean: Duration::from_millis(100) },
            kinds: vec![RandomKind::Crash, RandomKind::CrashBetweenEffects, RandomKind::Pause],
            down_max: 3,
        });
        for ms in [150, 450, 750] {
            let fault = Fault::Drift { node: NodeId(0), ppb: ms };
            world = world.fault(TimedFault { at: Time(ms as u64 * 1_000_000), until: None, fault });
        }
        let timer =
            |i: u64| Do::Timer((i % 4) as u32, Duration::from_millis(40 + 90_000 * (i % 2)));
        let mut script: Vec<_> = (0..200).map(|i| (i * 5, (i % 3) as u32, timer(i / 3))).collect();
        script.extend((0..100).map(|i| (i * 10, (i % 3) as u32, Do::PingAll(i as u32))));
        script.extend((0..12).map(|i| (3_000, i % 3, Do::Cancel(i / 3))));
        script.push((9_000, 0, Do::Wall));
        let (outcome, lines) = play(&world, true, script);
        assert_eq!(outcome.ended_by, EndedBy::Quiet, "seed {seed}: at {}", outcome.ended_at);
        assert_eq!(only(&lines, "event Wall").len(), 1, "seed {seed}: at {}", outcome.ended_at);
        crashes += only(&lines, "crash").len();
    }
    assert!(crashes > 40, "{crashes} crashes exercise little");
}
