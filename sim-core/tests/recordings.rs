//! A schedule made of a run repeats it; no schedule whatever makes the kernel panic or hang.

mod support;

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use seedbed_core::clock::{ClockConfig, ClockModel, Spread, Wander};
use seedbed_core::fault::{Fault, Faults, RandomFaults, RandomKind, TimedFault};
use seedbed_core::network::{LinkModel, Loss, NetworkConfig};
use seedbed_core::trace::Transcript;
use seedbed_core::{
    EndedBy, MessageName, Outcome, Recorded, Schedule, Scheduled, ScheduledStep, Simulation, Stop,
    StopWhen, Window, World,
};
use seedbed_node::{
    Distribution, Duration, Figures, Measure, NodeId, Observation, Probability, Time, What,
};
use support::{Do, Puppet, Said, Script};

const NODES: u32 = 4;
const MS: u64 = 1_000_000;

/// Keeps what checkers see, but for faults of the network.
struct Witness(Arc<Mutex<Vec<String>>>);

impl Measure<Do, Said> for Witness {
    fn observe(&mut self, seen: &Observation<'_, Do, Said>, _: &mut dyn Figures) {
        if !matches!(seen.what, What::NetworkFault | What::NetworkHealed) {
            self.0.lock().unwrap().push(format!("{} {:?}", seen.at, seen.what));
        }
    }
}

/// A run, what checkers see of it and what nodes write and are woken by; and its schedule.
fn watch(
    world: &World,
    script: &[(u64, u32, Do)],
) -> (Outcome, Vec<String>, Vec<String>, Result<Recorded, String>) {
    let (seen, transcript) = (Arc::default(), Transcript::default());
    let mut simulation = Simulation::<Puppet>::new(world, true).expect("a valid world");
    simulation.workload(Script::new(script.to_vec())).record();
    simulation.measure(Box::new(Witness(Arc::clone(&seen)))).trace(Box::new(transcript.clone()));
    let outcome = simulation.run();
    let recorded = simulation.recorded().expect("it was asked for");
    let lines = transcript.lines().into_iter();
    let lines =
        lines.filter(|line| ["timer", "write", "force"].iter().any(|w| line.text.starts_with(w)));
    let lines = lines.map(|line| format!("{} {}: {}", line.at, line.node, line.text)).collect();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (outcome, seen, lines, recorded)
}

/// The world in which a recorded run is followed.
fn following(world: &World, recorded: Recorded) -> World {
    World {
        schedule: Some(Arc::new(recorded.schedule)),
        network: NetworkConfig::default(),
        faults: Faults { planned: recorded.faults, random: None },
        stop: Stop { when: StopWhen::Quiet, ..world.stop },
        ..world.clone()
    }
}

fn doing() -> impl Strategy<Value = Do> {
    let node = (0..NODES).prop_map(NodeId);
    let after = prop_oneof![Just(0), 0..30 * MS].prop_map(Duration::from_nanos);
    prop_oneof![
        (node, 0..9u32).prop_map(|(to, n)| Do::Ping(to, n)),
        (0..9u32).prop_map(Do::PingAll),
        (0..3u32, after).prop_map(|(name, after)| Do::Timer(name, after)),
        (0..3u32).prop_map(Do::Cancel),
        (0..9u32).prop_map(Do::Write),
        (0..9u32).prop_map(Do::Force),
        (1..9u32).prop_map(Do::Choose),
        Just(Do::Wall),
    ]
}

fn worlds() -> impl Strategy<Value = World> {
    let delay = prop_oneof![
        Just(Distribution::Constant(Duration::ZERO)),
        Just(Distribution::Constant(Duration::from_millis(1))),
        Just(Distribution::Uniform(Duration::ZERO, Duration::from_millis(9))),
    ];
    let stop = prop_oneof![
        Just(StopWhen::Quiet),
        Just(StopWhen::Served),
        Just(StopWhen::At(Time(20 * MS)))
    ];
    (0..1u64 << 40, delay, stop, 0..6u32, any::<(bool, bool, bool)>()).prop_map(
        |(seed, delay, when, faults, (lossy, fifo, drifting))| {
            let chance = |p| if lossy { Probability::new(p).unwrap() } else { Probability::NEVER };
            let mut world = World::new(seed, NODES);
            world.stop.when = when;
            world.network.default = LinkModel {
                delay,
                fifo,
                loss: Loss::Bernoulli(chance(0.2)),
                duplicate: chance(0.2),
                ..LinkModel::default()
            };
            if drifting {
                let every = Duration::from_millis(3);
                let wander = Wander { every, step_ppb: 50_000, bound_ppb: 300_000 };
                let model = ClockModel {
                    drift_ppb: Spread::Uniform(-200_000, 200_000),
                    wander: Some(wander),
                    ..ClockModel::default()
                };
                world.clocks = ClockConfig { default: model, ..ClockConfig::default() };
            }
            world.faults.random = Some(RandomFaults {
                window: Window { from: Time::ZERO, until: Time(30 * MS) },
                count_max: faults,
                lasting: Distribution::Uniform(Duration::ZERO, Duration::from_millis(9)),
                kinds: vec![
                    RandomKind::Partition,
                    RandomKind::Isolate,
                    RandomKind::Crash,
                    RandomKind::CrashBetweenEffects,
                    RandomKind::ClockStep,
                ],
                down_max: 2,
            });
            let late =
                TimedFault { at: Time(4 * MS), until: None, fault: Fault::LateBoot(NodeId(3)) };
            if fifo { world.fault(late) } else { world }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_recorded_run_is_repeated_by_its_schedule(
        world in worlds(),
        script in prop::collection::vec((0..20u64, 0..NODES, doing()), 1..25),
    ) {
        let (first, seen, lines, recorded) = watch(&world, &script);
        let recorded = recorded.expect("nothing that a schedule cannot say");
        let again = following(&world, recorded.clone());
        let (second, seen_again, lines_again, once_more) = watch(&again, &script);
        prop_assert!(second.ended_by != EndedBy::ScheduleBroken, "{:?} {:#?}", second.checks, recorded);
        prop_assert_eq!(seen, seen_again, "{:#?}", recorded);
        prop_assert_eq!(lines, lines_again);
        prop_assert_eq!(first.ended_at, second.ended_at);
        prop_assert_eq!(first.ended_by == EndedBy::Quiet, second.ended_by == EndedBy::Quiet);
        prop_assert_eq!(first.writes, second.writes);
        let once_more = once_more.expect("nothing that a schedule cannot say");
        prop_assert_eq!(once_more.schedule.steps, recorded.schedule.steps);
    }
}

fn step() -> impl Strategy<Value = ScheduledStep> {
    let name = (0..NODES, 0..NODES, 0..2u32, 0..2u32).prop_map(|(from, to, kind, nth)| {
        MessageName { from: NodeId(from), to: NodeId(to), kind, nth }
    });
    let crosses = name.clone().prop_filter("to another", |name| name.from != name.to);
    let node = (0..NODES).prop_map(NodeId);
    prop_oneof![
        name.prop_map(ScheduledStep::Deliver),
        crosses.clone().prop_map(ScheduledStep::Lose),
        crosses.prop_map(ScheduledStep::Duplicate),
        (node.clone(), 0..3u32)
            .prop_map(|(node, timer)| { ScheduledStep::Timer { node, timer: timer.to_string() } }),
        (node.clone(), 0..20u64).prop_map(|(client, tag)| ScheduledStep::Wake { client, tag }),
        node.clone().prop_map(|client| ScheduledStep::Request { client }),
        (node.clone(), 0..2u32)
            .prop_map(|(node, writes_kept)| { ScheduledStep::Crash { node, writes_kept } }),
        node.prop_map(|node| ScheduledStep::Boot { node }),
    ]
}

fn scheduled() -> impl Strategy<Value = Scheduled> {
    let choices = prop::collection::vec(0..3u32, 0..2);
    let cut = prop::option::weighted(0.1, 0..3u32);
    (step(), choices, cut, 0..2u32, any::<bool>()).prop_map(
        |(step, choices, crash_after, writes_kept, before_requests)| {
            let at = Time(MS);
            Scheduled { at, step, choices, crash_after, writes_kept, before_requests }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Every step that cannot happen is struck out, until the rest can be followed.
    #[test]
    fn any_schedule_is_followed_or_refused_with_a_reason(
        steps in prop::collection::vec(scheduled(), 1..60),
        script in prop::collection::vec((0..1u64, 0..NODES, doing()), 20),
        repeats_from in prop::option::of(0..60u32),
    ) {
        let mut schedule = Schedule { steps, ..Schedule::default() };
        loop {
            schedule.repeats_from = repeats_from.filter(|from| (*from as usize) < schedule.steps.len());
            let mut world = World::new(1, NODES);
            world.schedule = Some(Arc::new(schedule.clone()));
            let (outcome, ..) = watch(&world, &script);
            let check = outcome.checks.last().expect("the check on the schedule");
            let place = check.detail.strip_prefix("steps[").and_then(|rest| rest.split(']').next());
            let Some(place) = place else { break };
            prop_assert_eq!(outcome.ended_by, EndedBy::ScheduleBroken);
            schedule.steps.remove(place.parse().expect("a position"));
        }
    }
}
