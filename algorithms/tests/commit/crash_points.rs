//! Recovery from the forced log: a crash between any two effects of any handler, then a restart.
//!
//! A crash is armed just before a node handles something, and strikes in the first handler from
//! there on that has more effects than stated: over all handlers and effects these are all points
//! at which a crash can strike.

use seedbed_algorithms::TwoPhaseCommit;
use seedbed_algorithms::commit::TwoPhaseParams;
use seedbed_node::Duration;

use super::support::{
    PRESUMPTIONS, assert_held, crash, crash_points, instants, ms, presuming, run, uneven,
};

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

/// How long a crashed node is down: back before anybody notices, and after everybody has.
const DOWN: [Duration; 2] = [Duration::from_millis(3), Duration::from_secs(3)];

#[test]
fn one_crash_at_every_point_leaves_agreement_and_nobody_in_doubt() {
    let mut runs = 0;
    for presume in PRESUMPTIONS {
        for cooperative in [false, true] {
            let params = TwoPhaseParams { cooperative, ..presuming(presume) };
            for load in LOADS {
                let world = uneven(1, 3);
                let instants = instants::<TwoPhaseCommit>(&world, params.clone(), load);
                for (node, at, effects) in crash_points(instants, EFFECTS_MAX) {
                    for down in DOWN {
                        let fault = crash(node.0, at, Some(at + down), effects);
                        let world = world.clone().fault(fault);
                        let outcome = run::<TwoPhaseCommit>(&world, params.clone(), load);
                        assert_held(&outcome, || format!("{params:?} {load} {:?}", world.faults));
                        runs += 1;
                    }
                }
            }
        }
    }
    assert!(runs > 6_000, "only {runs} points");
}

/// The second strikes anybody at every point of what follows the first, recovery included.
#[test]
fn a_second_crash_at_every_point_does_no_harm_either() {
    let load = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 1))";
    let mut runs = 0;
    for presume in PRESUMPTIONS {
        // Patience that does not end when a message arrives.
        let (doubt_timeout, resend) = (ms(503), ms(207));
        let params =
            TwoPhaseParams { cooperative: true, doubt_timeout, resend, ..presuming(presume) };
        let sound = uneven(1, 3);
        let firsts = instants::<TwoPhaseCommit>(&sound, params.clone(), load);
        for (node, at, effects) in crash_points(firsts, EFFECTS_MAX) {
            let first = crash(node.0, at, Some(at + ms(611)), effects);
            let world = sound.clone().fault(first);
            let follows = instants::<TwoPhaseCommit>(&world, params.clone(), load)
                .into_iter()
                .filter(|(_, later)| *later > at);
            for (node, at, effects) in crash_points(follows.collect(), EFFECTS_MAX) {
                let second = crash(node.0, at, Some(at + ms(1507)), effects);
                let world = world.clone().fault(second);
                let outcome = run::<TwoPhaseCommit>(&world, params.clone(), load);
                assert_held(&outcome, || format!("{params:?}: {:?}", world.faults));
                runs += 1;
            }
        }
    }
    assert!(runs > 15_000, "only {runs} pairs");
}
