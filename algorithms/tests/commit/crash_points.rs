//! Recovery from the forced log: a crash between any two effects of any handler, then a restart.
//!
//! A crash is armed just before an instant at which the node handles something, and strikes in the
//! first handler from there on that has more effects than stated: over all instants and effects
//! these are all points at which a crash can strike.

use seedbed_algorithms::TwoPhaseCommit;
use seedbed_algorithms::commit::TwoPhaseParams;
use seedbed_core::World;
use seedbed_node::{Duration, NodeId, Time};

use super::support::{PRESUMPTIONS, assert_held, crash, instants, ms, presuming, run, uneven};

/// No handler of these instances has more effects.
const EFFECTS_MAX: u32 = 8;

/// What a transaction is like: everybody votes YES; one refuses; one only reads; withdrawn.
const LOADS: [&str; 4] = [
    "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 2), keys: Uniform(count: 1))",
    "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 2), keys: Uniform(count: 1), \
      refusers: [NodeId(2)])",
    "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 2), keys: Uniform(count: 1), \
      readers: [NodeId(1)])",
    "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 2), keys: Uniform(count: 1), \
      withdraw: 1.0)",
];

/// All points, as (node, instant, effects).
fn points(world: &World, params: &TwoPhaseParams, load: &str) -> Vec<(NodeId, Time, u32)> {
    let instants = instants::<TwoPhaseCommit>(world, params.clone(), load);
    let point = |(node, at): (NodeId, Time)| (0..EFFECTS_MAX).map(move |k| (node, at, k));
    instants.into_iter().flat_map(point).collect()
}

fn forms() -> impl Iterator<Item = TwoPhaseParams> {
    PRESUMPTIONS.into_iter().flat_map(|presume| {
        [false, true].map(|cooperative| TwoPhaseParams { cooperative, ..presuming(presume) })
    })
}

/// How long a crashed node is down: back before anybody notices, and after everybody has.
const DOWN: [Duration; 2] = [Duration::from_millis(3), Duration::from_secs(3)];

#[test]
fn one_crash_at_every_point_leaves_agreement_and_nobody_in_doubt() {
    let mut runs = 0;
    for params in forms() {
        for load in LOADS {
            let world = uneven(1, 3);
            for (node, at, effects) in points(&world, &params, load) {
                for down in DOWN {
                    let fault = crash(node.0, at, Some(at + down), Some(effects));
                    let world = world.clone().fault(fault);
                    let outcome = run::<TwoPhaseCommit>(&world, params.clone(), load);
                    assert_held(&outcome, || format!("{params:?} {load}: {:?}", world.faults));
                    runs += 1;
                }
            }
        }
    }
    assert!(runs > 5_000, "only {runs} points");
}

/// The second strikes another node, or the same one while it recovers.
#[test]
fn a_second_crash_at_every_point_does_no_harm_either() {
    let mut runs = 0;
    for presume in PRESUMPTIONS {
        let params = TwoPhaseParams { cooperative: true, ..presuming(presume) };
        let load = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 1))";
        let world = uneven(1, 3);
        let points = points(&world, &params, load);
        for &(node, at, effects) in &points {
            let back = at + ms(700);
            let first = world.clone().fault(crash(node.0, at, Some(back), Some(effects)));
            let while_recovering = (0..EFFECTS_MAX).map(|effects| (node, back, effects));
            let others = points.iter().filter(|(other, ..)| *other != node).copied();
            for (node, at, effects) in others.chain(while_recovering) {
                // Just before the boot, which is the handler that is meant.
                let at = if at == back { Time(at.0 - 1) } else { at };
                let second = crash(node.0, at, Some(at + ms(1500)), Some(effects));
                let world = first.clone().fault(second);
                let outcome = run::<TwoPhaseCommit>(&world, params.clone(), load);
                assert_held(&outcome, || format!("{params:?}: {:?}", world.faults));
                runs += 1;
            }
        }
    }
    assert!(runs > 5_000, "only {runs} pairs");
}
