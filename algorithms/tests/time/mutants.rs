//! Every hidden bug is found by the family's checkers, and found as what it is.

use seedbed_algorithms::time::{
    BerkeleyMutant, BerkeleyParams, CristianMutant, CristianParams, LamportPhysicalMutant,
    LamportPhysicalParams, MarzulloMutant, MarzulloParams, NtpMutant, NtpParams,
};
use seedbed_algorithms::{Berkeley, ClockSync, Cristian, LamportPhysical, Marzullo, Ntp};
use seedbed_core::World;
use seedbed_node::Algorithm;

use crate::support::{breached, clock, held, ms, rough, run, run_only};

const SEEDS: u64 = 20;
const LOAD: &str = "(read_every: \"250ms\", readings: 500)";

/// Some seed shows `check` breached in a world in which the sound parameters hold.
fn caught<A>(world: impl Fn(u64) -> World, sound: A::Params, bug: A::Params, check: &str)
where
    A: Algorithm<Family = ClockSync>,
{
    let found =
        (0..SEEDS).find(|seed| breached(&run::<A>(&world(*seed), bug.clone(), LOAD), check));
    let seed = found.unwrap_or_else(|| panic!("{bug:?}: no seed breaches {check}"));
    held::<A>(&world(seed), sound, LOAD);
}

fn one_server(seed: u64) -> World {
    rough(seed, 3, 200, 1)
}

#[test]
fn ntps() {
    use NtpMutant::*;
    // Answers may come after the question was repeated.
    let sound = NtpParams { timeout: ms(50), ..Default::default() };
    for (mutant, check) in [
        (ForgetsPath, "EstimateBound"),
        (WrongSign, "WithinBound"),
        (AnyAnswer, "EstimateBound"),
        (Ageless, "WithinBound"),
    ] {
        let bug = NtpParams { mutant, ..sound.clone() };
        caught::<Ntp>(one_server, sound.clone(), bug, check);
    }
}

#[test]
fn cristians() {
    use CristianMutant::*;
    let sound = CristianParams {
        delay_min: ms(1),
        round_trip_max: ms(45),
        retry_after: ms(45),
        ..Default::default()
    };
    for mutant in [ForgetsPath, AnyAnswer] {
        let bug = CristianParams { mutant, ..sound.clone() };
        caught::<Cristian>(one_server, sound.clone(), bug, "EstimateBound");
    }
    // Of delays between 20 and 40 ms, half the round trip less 40 is nothing at all.
    let steady = |seed| {
        let mut world = one_server(seed);
        world.network.default.delay = seedbed_node::Distribution::Uniform(ms(20), ms(40));
        world
    };
    let sound = CristianParams { delay_min: ms(20), round_trip_max: ms(80), ..Default::default() };
    let bug = CristianParams { mutant: Overconfident, ..sound.clone() };
    caught::<Cristian>(steady, sound, bug, "EstimateBound");
}

#[test]
fn berkeleys() {
    use BerkeleyMutant::*;
    for mutant in [ForgetsPath, ForgetsOwn, WrongSign] {
        let bug = BerkeleyParams { mutant, ..Default::default() };
        let world = |seed| rough(seed, 4, 200, 0);
        caught::<Berkeley>(world, BerkeleyParams::default(), bug, "MutuallyClose");
    }
}

#[test]
fn marzullos() {
    use MarzulloMutant::*;
    for mutant in [TakesFirst, TakesMean] {
        let bug = MarzulloParams { mutant, ..Default::default() };
        let world = |seed| {
            let mut world = rough(seed, 4, 200, 3);
            clock(&mut world, 1, 700_000_000, 0);
            world
        };
        caught::<Marzullo>(world, MarzulloParams::default(), bug, "EstimateBound");
    }
}

#[test]
fn lamports() {
    use LamportPhysicalMutant::*;
    let sound = LamportPhysicalParams {
        delay_min: ms(20),
        delay_unpredictable: ms(2),
        ..Default::default()
    };
    let world = |seed| {
        let mut world = rough(seed, 3, 120, 0);
        world.network.default.delay = seedbed_node::Distribution::Uniform(ms(20), ms(22));
        world
    };
    for (mutant, check) in [
        (SetsBack, "NeverBackwards"),
        (ForgetsDelay, "MutuallyClose"),
        (LooksDown, "MutuallyClose"),
    ] {
        let bug = LamportPhysicalParams { mutant, ..sound.clone() };
        caught::<LamportPhysical>(world, sound.clone(), bug, check);
    }
}

/// Readings that far apart break the order of events, too: with nothing else to stop the run.
#[test]
fn who_ignores_others_reads_effects_earlier_than_their_causes() {
    let judged = |mutant| {
        let params =
            LamportPhysicalParams { delay_unpredictable: ms(40), mutant, ..Default::default() };
        let outcomes = (0..SEEDS).map(|seed| {
            run_only::<LamportPhysical>(&rough(seed, 3, 60, 0), params.clone(), LOAD, "NoAnomaly")
        });
        outcomes.filter(|outcome| breached(outcome, "NoAnomaly")).count()
    };
    assert_eq!(judged(LamportPhysicalMutant::None), 0);
    assert!(judged(LamportPhysicalMutant::LooksDown) > 0);
}
