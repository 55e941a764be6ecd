//! What the third phase buys, and what a partition does to it.

use seedbed_algorithms::commit::{ThreePhaseParams, TwoPhaseParams};
use seedbed_algorithms::{ThreePhaseCommit, TwoPhaseCommit};
use seedbed_core::fault::{Fault, RandomFaults, RandomKind, TimedFault};
use seedbed_core::network::LinkModel;
use seedbed_core::{LinkSet, NodeSet, Verdict, Window, World};
use seedbed_node::{Distribution, Duration, NodeId, Probability, Time};

use super::support::{
    assert_held, at, breached, check, crash, crash_points, instants, ms, run, uneven, until,
};

const LOAD: &str = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 2), \
                    keys: Uniform(count: 1))";
const ONE_REFUSES: &str = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 2), \
                           refusers: [NodeId(3)])";

/// More than any handler of these instances has.
const EFFECTS_MAX: u32 = 10;

fn defaults() -> ThreePhaseParams {
    ThreePhaseParams::default()
}

/// All but `Unanimous`, which a crash excuses, and which may be open when a run is stopped.
fn assert_sound(world: &World, load: &str) {
    let outcome = run::<ThreePhaseCommit>(world, defaults(), load);
    for check in outcome.checks.iter().filter(|check| check.name != "Unanimous") {
        assert_eq!(check.verdict, Verdict::Held, "{:?}: {check:?}", world.faults);
    }
}

/// At every point, for ever or with a restart: those who are up decide, alike, and nobody blocks.
#[test]
fn one_crash_at_every_point_blocks_nobody() {
    let mut runs = 0;
    // The coordinator repeats itself to who is down for ever: stop when all else is over.
    let world = until(uneven(1, 4), Duration::from_secs(20));
    for load in [LOAD, ONE_REFUSES] {
        let instants = instants::<ThreePhaseCommit>(&world, defaults(), load);
        for (node, at, effects) in crash_points(instants, EFFECTS_MAX) {
            for back in [Some(ms(3)), Some(ms(450)), Some(ms(5000)), None] {
                let fault = crash(node.0, at, back.map(|down| at + down), effects);
                assert_sound(&world.clone().fault(fault), load);
                runs += 1;
            }
        }
    }
    assert!(runs > 2_000, "only {runs} points");
}

/// The coordinator is gone for ever, and then, at every point of what follows, somebody who stands
/// in for it, or another.
#[test]
fn who_stands_in_may_crash_as_well() {
    let load = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 1))";
    let sound = until(uneven(1, 4), Duration::from_secs(20));
    let firsts = instants::<ThreePhaseCommit>(&sound, defaults(), load);
    let firsts = firsts.into_iter().filter(|(node, _)| node.0 == 0).collect();
    let mut runs = 0;
    for (node, at, effects) in crash_points(firsts, EFFECTS_MAX) {
        let world = sound.clone().fault(crash(node.0, at, None, effects));
        let follows = instants::<ThreePhaseCommit>(&world, defaults(), load)
            .into_iter()
            .filter(|(node, later)| *later > at && node.0 != 0);
        for (node, at, effects) in crash_points(follows.collect(), EFFECTS_MAX) {
            for back in [Some(ms(701)), None] {
                let fault = crash(node.0, at, back.map(|down| at + down), effects);
                assert_sound(&world.clone().fault(fault), load);
                runs += 1;
            }
        }
    }
    assert!(runs > 5_000, "only {runs} pairs");
}

/// The same crash of the coordinator, after the votes and before anybody is told.
#[test]
fn where_two_phases_block_three_do_not() {
    let armed = at(Duration::from_micros(11_500));
    let world = until(World::new(1, 4), Duration::from_secs(20));
    let world = world.fault(crash(0, armed, None, Some(1)));
    let two = run::<TwoPhaseCommit>(&world, TwoPhaseParams::default(), LOAD);
    let three = run::<ThreePhaseCommit>(&world, defaults(), LOAD);
    assert_eq!(two.measures["in_doubt_at_end"], 3.0);
    assert_eq!(three.measures["in_doubt_at_end"], 0.0);
    // The first stands in after vote_timeout + 3 round trips, and has its answers a round trip on.
    let doubt = three.measures["in_doubt_ns_max"];
    assert!((600e6..610e6).contains(&doubt), "{doubt}");
}

/// The announcement has reached one side only: that side commits, the other aborts.
#[test]
fn a_partition_makes_it_disagree() {
    let split = Fault::Partition(vec![vec![NodeId(0), NodeId(1)], vec![NodeId(2), NodeId(3)]]);
    let from = at(Duration::from_micros(12_500));
    let until = Some(from + Duration::from_secs(2));
    let world = World::new(1, 4).fault(TimedFault { at: from, until, fault: split });
    let outcome = run::<ThreePhaseCommit>(&world, defaults(), LOAD);
    let why = &check(&outcome, "Agreement").detail;
    assert_eq!(why, "n2 aborted T0 at 1.011s, which n0 had committed at 112ms");
    let two = run::<TwoPhaseCommit>(&world, TwoPhaseParams::default(), LOAD);
    assert!(!breached(&two, "Agreement") && !breached(&two, "Decided"), "{:?}", two.checks);
}

/// Delays beyond the bound are a partition to those who wait.
#[test]
fn late_messages_make_it_disagree() {
    let links = LinkSet { from: NodeSet::All, to: NodeSet::one(NodeId(1)) };
    let late = Fault::Degrade { links, delay_permille: 1_000_000, loss: Probability::NEVER };
    let from = at(Duration::from_micros(11_500));
    let until = Some(from + Duration::from_secs(2));
    let world = World::new(1, 4).fault(TimedFault { at: from, until, fault: late });
    let outcome = run::<ThreePhaseCommit>(&world, defaults(), LOAD);
    let why = &check(&outcome, "Agreement").detail;
    assert_eq!(why, "n1 aborted T0 at 611ms, which n0 had committed at 112ms");
}

/// Crashes of any number of nodes, with delays within the bound: whoever decides, decides alike.
#[test]
fn crashes_do_no_harm_however_many() {
    let mut committed = 0.0;
    for (seed, down_max) in (0..150).flat_map(|seed| [(seed, 1), (seed, 4)]) {
        let mut world = until(World::new(seed, 5), Duration::from_secs(60));
        let delay = Distribution::Uniform(ms(1), ms(45));
        world.network.default = LinkModel { delay, ..LinkModel::default() };
        world.faults.random = Some(RandomFaults {
            window: Window { from: Time::ZERO, until: at(Duration::from_secs(20)) },
            count_max: 10,
            lasting: Distribution::Uniform(ms(1), ms(4000)),
            kinds: vec![RandomKind::Crash, RandomKind::CrashBetweenEffects],
            down_max,
        });
        let load = "(pace: Open(every: Exponential(mean: \"300ms\"), requests_per_node: 50, \
                    at_once: 3), participants: Some(3), keys: Uniform(count: 4), refuse: 0.05)";
        let outcome = run::<ThreePhaseCommit>(&world, defaults(), load);
        // When all who know are down at once, who comes back waits for them, and says so.
        for name in ["Agreement", "Validity", "LocksExclusive"] {
            assert!(!breached(&outcome, name), "{seed}: {:?}", outcome.checks);
        }
        committed += outcome.measures["committed"];
    }
    assert!(committed > 1000.0, "{committed}");
}

#[test]
fn without_faults_it_holds() {
    for seed in 0..100 {
        let mut world = World::new(seed, 5);
        let delay = Distribution::Uniform(ms(1), ms(45));
        world.network.default = LinkModel { delay, ..LinkModel::default() };
        let outcome = run::<ThreePhaseCommit>(&world, defaults(), super::faults::BUSY);
        assert_held(&outcome, String::new);
    }
}
