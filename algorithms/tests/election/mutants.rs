//! Every hidden bug is found by the family's checkers, and found as what it is.

use seedbed_algorithms::election::{
    BullyMutant, BullyParams, ChangRobertsMutant, ChangRobertsParams, Election,
    HirschbergSinclairMutant, HirschbergSinclairParams, LeLannMutant, LeLannParams,
    TanenbaumRingMutant, TanenbaumRingParams,
};
use seedbed_algorithms::{Bully, ChangRoberts, HirschbergSinclair, LeLann, TanenbaumRing};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_node::{Algorithm, NodeId};

use crate::support::{
    ALL, assert_held, breached, down, jittery, ms, run, run_within, shuffled, single, until,
};

const SEEDS: u64 = 60;
const N: u32 = 5;

/// Some seed shows `check` breached where the sound algorithm holds.
fn caught<A>(params: impl Fn(u64) -> A::Params, sound: impl Fn(u64) -> A::Params, check: &str)
where
    A: Algorithm<Family = Election>,
{
    let load =
        |seed: u64| if seed.is_multiple_of(2) { ALL.into() } else { single(seed as u32 % N) };
    let world = |seed| jittery(seed, N, true);
    for seed in 0..SEEDS {
        assert_held(&run::<A>(&world(seed), sound(seed), &load(seed)));
    }
    let found =
        (0..SEEDS).any(|seed| breached(&run::<A>(&world(seed), params(seed), &load(seed)), check));
    assert!(found, "{:?}: no seed breaches {check}", params(0));
}

/// A bully that waits in vain asks again for ever, so that its runs end by time.
fn bully_caught(mutant: BullyMutant, crash: Option<TimedFault>, check: &str) {
    let outcome = |seed: u64, mutant| {
        let mut world = until(jittery(seed, N, true), 4);
        world.faults.planned.extend(crash.clone());
        let (answer_timeout, coordinator_timeout) = (ms(50), ms(120));
        let params =
            BullyParams { answer_timeout, coordinator_timeout, mutant, ..Default::default() };
        let load = single(seed as u32 % (N - 1));
        run_within::<Bully>(&world, params, &load, Some(ms(1000)))
    };
    for seed in 0..SEEDS {
        assert_held(&outcome(seed, BullyMutant::None));
    }
    let found = (0..SEEDS).any(|seed| breached(&outcome(seed, mutant), check));
    assert!(found, "{mutant:?}: no seed breaches {check}");
}

#[test]
fn bullys() {
    use BullyMutant::{ForgetsLowest, IgnoresOk, OnlyAnswers, SilentReturn, TrustsOk};
    bully_caught(ForgetsLowest, None, "Learned");
    bully_caught(OnlyAnswers, Some(down(N - 1, 0, None)), "Learned");
    bully_caught(IgnoresOk, Some(down(N - 1, 0, None)), "BestLeader");
    bully_caught(SilentReturn, Some(down(N - 1, 1000, Some(2000))), "Learned");
    // The highest dies between its first OK and its COORDINATORs.
    let mut midway = down(N - 1, 0, None);
    midway.fault = Fault::Crash { node: NodeId(N - 1), after_effects: Some(1) };
    bully_caught(TrustsOk, Some(midway), "Learned");
}

#[test]
fn chang_and_robertses() {
    use ChangRobertsMutant::*;
    let params = |mutant| {
        move |seed| ChangRobertsParams { ids: shuffled(seed, N), mutant, ..Default::default() }
    };
    for (mutant, check) in
        [(PassesAll, "BestLeader"), (NoSubstitution, "BestLeader"), (NoAnnouncement, "Learned")]
    {
        caught::<ChangRoberts>(params(mutant), params(None), check);
    }
}

#[test]
fn le_lanns() {
    use LeLannMutant::*;
    let params =
        |mutant| move |seed| LeLannParams { ids: shuffled(seed, N), mutant, ..Default::default() };
    for (mutant, check) in
        [(OwnTokenLast, "BestLeader"), (LastWins, "BestLeader"), (DropsLower, "Learned")]
    {
        caught::<LeLann>(params(mutant), params(None), check);
    }
}

#[test]
fn tanenbaums() {
    use TanenbaumRingMutant::*;
    let params = |mutant| {
        move |seed| TanenbaumRingParams { ids: shuffled(seed, N), mutant, ..Default::default() }
    };
    for (mutant, check) in
        [(FirstWins, "BestLeader"), (ForgetsItself, "BestLeader"), (NoLap, "Learned")]
    {
        caught::<TanenbaumRing>(params(mutant), params(None), check);
    }
}

#[test]
fn hirschberg_and_sinclairs() {
    use HirschbergSinclairMutant::*;
    let params = |mutant| {
        move |seed| HirschbergSinclairParams {
            ids: shuffled(seed, N),
            mutant,
            ..Default::default()
        }
    };
    for (mutant, check) in
        [(WinsEarly, "BestLeader"), (PassesLower, "BestLeader"), (GivesUp, "Learned")]
    {
        caught::<HirschbergSinclair>(params(mutant), params(None), check);
    }
}
