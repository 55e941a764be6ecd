//! Every hidden bug is found by the family's checkers.

use seedbed_algorithms::commit::{
    Presume, ThreePhaseMutant, ThreePhaseParams, TwoPhaseMutant, TwoPhaseParams,
};
use seedbed_algorithms::{Commitment, ThreePhaseCommit, TwoPhaseCommit};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::{LinkSet, Verdict};
use seedbed_node::{Algorithm, Duration, NodeId};

use super::support::{
    assert_held, at, breached, crash, crash_points, instants, ms, presuming, run, uneven, until,
};

const ALL_YES: &str = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 1))";
const ONE_REFUSES: &str = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 1), \
                           refusers: [NodeId(2)])";
const WITHDRAWN: &str = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 1), \
                         withdraw: 1.0)";
const ONE_READS: &str = "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: 1), \
                         readers: [NodeId(2)])";

/// The checks that fail for a crash and restart at some point; of the sound algorithm none.
fn failing<A: Algorithm<Family = Commitment>>(
    sound: &A::Params,
    params: &A::Params,
    load: &str,
) -> Vec<String> {
    let mut failed = Vec::new();
    let world = uneven(1, 4);
    let instants = instants::<A>(&world, sound.clone(), load);
    for (node, at, effects) in crash_points(instants, 8) {
        for down in [ms(3), ms(450), ms(3000)] {
            let fault = crash(node.0, at, Some(at + down), effects);
            // What is never repaired repeats itself for ever.
            let world = until(world.clone().fault(fault), Duration::from_secs(20));
            let outcome = run::<A>(&world, params.clone(), load);
            let names = outcome.checks.into_iter().filter(|c| c.verdict == Verdict::Failed);
            failed.extend(names.map(|check| check.name));
        }
    }
    failed.sort_unstable();
    failed.dedup();
    failed
}

fn caught(params: TwoPhaseParams, mutant: TwoPhaseMutant, load: &str, check: &str) {
    let mutated = TwoPhaseParams { mutant, ..params.clone() };
    let sound = failing::<TwoPhaseCommit>(&params, &params, load);
    assert!(sound.is_empty(), "{sound:?}");
    let failed = failing::<TwoPhaseCommit>(&params, &mutated, load);
    assert!(failed.iter().any(|name| name == check), "{mutated:?}: {failed:?}");
}

#[test]
fn of_two_phase_commit() {
    use Presume::{Abort, Commit, Nothing};
    use TwoPhaseMutant::{
        AcksBeforeForce, CommitsBeforeForce, IgnoresNo, NoCollecting, PresumesWrongly,
        VotesBeforeForce,
    };
    for (presume, mutant, load, check) in [
        (Nothing, VotesBeforeForce, ALL_YES, "Validity"),
        (Abort, CommitsBeforeForce, ALL_YES, "Agreement"),
        (Abort, AcksBeforeForce, ALL_YES, "Agreement"),
        (Commit, AcksBeforeForce, WITHDRAWN, "Agreement"),
        (Abort, PresumesWrongly, WITHDRAWN, "Agreement"),
        (Commit, PresumesWrongly, ALL_YES, "Agreement"),
        (Commit, NoCollecting, WITHDRAWN, "Validity"),
        (Nothing, IgnoresNo, ONE_REFUSES, "Validity"),
    ] {
        caught(presuming(presume), mutant, load, check);
    }
}

/// Who forgets its promise never learns what became of it.
#[test]
fn of_promises() {
    let params = TwoPhaseParams { mutant: TwoPhaseMutant::ForgetsReady, ..Default::default() };
    let world = |seed| {
        // n1 crashes after its vote, and is back before the decision reaches it.
        let (from, back) = (at(Duration::from_micros(11_500)), at(ms(12)));
        uneven(seed, 4).fault(crash(1, from, Some(back), None))
    };
    let lost = |params: &TwoPhaseParams, seed| {
        breached(&run::<TwoPhaseCommit>(&world(seed), params.clone(), ALL_YES), "Decided")
    };
    assert!((0..20).any(|seed| lost(&params, seed)));
    assert!(!(0..20).any(|seed| lost(&TwoPhaseParams::default(), seed)));
}

/// Who has left as a reader, and forgotten it, aborts for others what is committed.
#[test]
fn of_readers() {
    let judged = |mutant| {
        let params = TwoPhaseParams { mutant, cooperative: true, ..Default::default() };
        // n2 has left and restarts; the commit does not reach n1, which asks it, and n3.
        let decided = at(Duration::from_micros(12_120));
        let cut = Fault::Cut(LinkSet::one(NodeId(0), NodeId(1)));
        let cut = TimedFault { at: decided, until: Some(at(Duration::from_secs(5))), fault: cut };
        let world = uneven(1, 4).fault(crash(2, at(ms(15)), Some(at(ms(18))), None)).fault(cut);
        run::<TwoPhaseCommit>(&world, params, ONE_READS)
    };
    assert!(breached(&judged(TwoPhaseMutant::ForgetsReaders), "Agreement"));
    assert_held(&judged(TwoPhaseMutant::None), String::new);
}

#[test]
fn of_three_phase_commit() {
    use ThreePhaseMutant::{CommitsAtOnce, IgnoresPrecommitted, VotesBeforeForce};
    let sound = ThreePhaseParams::default();
    for (mutant, check) in [
        (VotesBeforeForce, "Validity"),
        (CommitsAtOnce, "Agreement"),
        (IgnoresPrecommitted, "Agreement"),
    ] {
        let params = ThreePhaseParams { mutant, ..sound.clone() };
        let failed = failing::<ThreePhaseCommit>(&sound, &params, ALL_YES);
        assert!(failed.iter().any(|name| name == check), "{mutant:?}: {failed:?}");
        let held = failing::<ThreePhaseCommit>(&sound, &sound, ALL_YES);
        assert!(held.is_empty(), "{held:?}");
    }
}
