//! What the third phase buys, and what a partition does to it.

use seedbed_algorithms::commit::{ThreePhaseParams, TwoPhaseParams};
use seedbed_algorithms::{ThreePhaseCommit, TwoPhaseCommit};
use seedbed_core::fault::{Fault, RandomFaults, RandomKind, TimedFault};
use seedbed_core::network::LinkModel;
use seedbed_core::{LinkSet, NodeSet, Window, World};
use seedbed_node::{Distribution, Duration, NodeId, Probability, Time};

use super::support::{assert_held, at, breached, check, crash, instants, ms, run, uneven};

const LOAD: &str = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 2), \
                    keys: Uniform(count: 1))";
const ONE_REFUSES: &str = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 2), \
                           refusers: [NodeId(3)])";

/// More than any handler of these instances has.
const EFFECTS_MAX: u32 = 10;

fn defaults() -> ThreePhaseParams {
    ThreePhaseParams::default()
}

/// At every point, for ever or with a restart: those who are up decide, alike, and nobody blocks.
#[test]
fn one_crash_at_every_point_blocks_nobody() {
    let mut runs = 0;
    for load in [LOAD, ONE_REFUSES] {
        let world = uneven(1, 4);
        for (node, at) in instants::<ThreePhaseCommit>(&world, defaults(), load) {
            for effects in 0..EFFECTS_MAX {
                for back in [Some(ms(3)), Some(ms(450)), Some(ms(5000)), None] {
                    let back = back.map(|down| at + down);
                    // For ever: transactions end though the crashed node does not acknowledge, so
                    // that the coordinator repeats itself: stop when all else is over.
                    let mut world = world.clone().fault(crash(node.0, at, back, Some(effects)));
                    if back.is_none() {
                        world = super::support::until(world, Duration::from_secs(20));
                    }
                    let outcome = run::<ThreePhaseCommit>(&world, defaults(), load);
                    let unheld = outcome.checks.iter().any(|check| {
                        check.verdict != seedbed_core::Verdict::Held && check.name != "Unanimous"
                    });
                    assert!(!unheld, "{:?}: {:?}", world.faults, outcome.checks);
                    runs += 1;
                }
            }
        }
    }
    assert!(runs > 1_000, "only {runs} points");
}

/// The same crash of the coordinator, after the votes and before anybody is told.
#[test]
fn where_two_phases_block_three_do_not() {
    let armed = at(Duration::from_micros(11_500));
    let world = super::support::until(World::new(1, 4), Duration::from_secs(20));
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

/// Crashes of one node at a time, far enough apart, with delays within the bound.
#[test]
fn crashes_one_after_the_other_do_no_harm() {
    let mut committed = 0.0;
    for seed in 0..200 {
        let mut world = World::new(seed, 5);
        let delay = Distribution::Uniform(ms(1), ms(45));
        world.network.default = LinkModel { delay, ..LinkModel::default() };
        world.faults.random = Some(RandomFaults {
            window: Window { from: Time::ZERO, until: at(Duration::from_secs(20)) },
            count_max: 6,
            lasting: Distribution::Uniform(ms(1), ms(4000)),
            kinds: vec![RandomKind::Crash, RandomKind::CrashBetweenEffects],
            down_max: 1,
        });
        let load = "(pace: Open(every: Exponential(mean: \"300ms\"), requests_per_node: 50, \
                    at_once: 3), participants: Some(3), keys: Uniform(count: 4), refuse: 0.05)";
        let outcome = run::<ThreePhaseCommit>(&world, defaults(), load);
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
