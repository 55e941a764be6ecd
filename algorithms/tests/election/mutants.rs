//! Every hidden bug is found by the family's checkers, and found as what it is.

use seedbed_algorithms::election::{
    BullyMutant, BullyParams, ChangRobertsMutant, ChangRobertsParams, Election,
    HirschbergSinclairMutant, HirschbergSinclairParams, LeLannMutant, LeLannParams,
    TanenbaumRingMutant, TanenbaumRingParams,
};
use seedbed_algorithms::{Bully, ChangRoberts, HirschbergSinclair, LeLann, TanenbaumRing};
use seedbed_core::World;
use seedbed_node::Algorithm;

use crate::support::{ALL, assert_held, breached, down, jittery, ms, run, shuffled, single};

const SEEDS: u64 = 60;
const N: u32 = 5;

/// Some seed shows `check` breached where the sound algorithm holds.
fn caught<A>(params: impl Fn(u64) -> A::Params, sound: impl Fn(u64) -> A::Params, check: &str)
where
    A: Algorithm<Family = Election>,
{
    caught_in::<A>(|seed| jittery(seed, N, true), params, sound, check);
}

fn caught_in<A>(
    world: impl Fn(u64) -> World,
    params: impl Fn(u64) -> A::Params,
    sound: impl Fn(u64) -> A::Params,
    check: &str,
) where
    A: Algorithm<Family = Election>,
{
    let load = |seed: u64| if seed % 2 == 0 { ALL.into() } else { single(seed as u32 % N) };
    for seed in 0..SEEDS {
        assert_held(&run::<A>(&world(seed), sound(seed), &load(seed)));
    }
    let found =
        (0..SEEDS).any(|seed| breached(&run::<A>(&world(seed), params(seed), &load(seed)), check));
    assert!(found, "{:?}: no seed breaches {check}", params(0));
}

#[test]
fn bullys() {
    use BullyMutant::*;
    let params = |mutant| {
        let (answer_timeout, coordinator_timeout) = (ms(50), ms(120));
        move |seed| BullyParams {
            ids: shuffled(seed, N),
            answer_timeout,
            coordinator_timeout,
            mutant,
            ..Default::default()
        }
    };
    for (mutant, check) in [(IgnoresOk, "BestLeader"), (ForgetsLowest, "Learned")] {
        caught::<Bully>(params(mutant), params(None), check);
    }
    // Whoever answers dies before it comes forward.
    let positions = |mutant| move |seed| BullyParams { ids: vec![], ..params(mutant)(seed) };
    let dying = |seed| {
        let mut world = jittery(seed, N, true);
        world.faults.planned.push(down(N - 1, 40, Option::None));
        world
    };
    caught_in::<Bully>(dying, positions(TrustsOk), positions(None), "Learned");
    let returning = |seed| {
        let mut world = jittery(seed, N, true);
        world.faults.planned.push(down(N - 1, 1000, Some(2000)));
        world
    };
    caught_in::<Bully>(returning, positions(SilentReturn), positions(None), "Learned");
}

/// Who only answers makes the asker ask again for ever: such a run never goes quiet.
#[test]
fn the_bully_that_only_answers() {
    let params = |mutant| BullyParams { mutant, ..Default::default() };
    let world = crate::support::until(jittery(1, N, true), 5);
    let within = Some(ms(1000));
    let run =
        |mutant| crate::support::run_within::<Bully>(&world, params(mutant), &single(0), within);
    assert_held(&run(BullyMutant::None));
    assert!(breached(&run(BullyMutant::OnlyAnswers), "Learned"));
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
        [(WinsEarly, "BestLeader"), (OkToLower, "BestLeader"), (GivesUp, "Learned")]
    {
        caught::<HirschbergSinclair>(params(mutant), params(None), check);
    }
}
