//! Every hidden bug is found by the family's checkers, and found as what it is.

mod support;

use seedbed_algorithms::mutex::{
    CentralisedMutant, CentralisedParams, LamportMutant, LamportParams, Mutex,
    RicartAgrawalaMutant, RicartAgrawalaParams, TokenRingMutant, TokenRingParams,
};
use seedbed_algorithms::{Centralised, Lamport, RicartAgrawala, TokenRing};
use seedbed_core::World;
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_node::{Algorithm, Duration, NodeId, Time};
use support::{BUSY, assert_held, breached, jittery, run, until};

const SEEDS: u64 = 200;

/// Some seed shows `check` breached; a world in which the sound algorithm holds.
fn caught<A>(world: impl Fn(u64) -> World, params: A::Params, check: &str)
where
    A: Algorithm<Family = Mutex, Params: Default>,
{
    let ordered = check == "RequestOrder";
    let found = (0..SEEDS).any(|seed| {
        let world = world(seed);
        let outcome = run::<A>(&world, params.clone(), BUSY, ordered);
        breached(&outcome, check)
    });
    assert!(found, "{params:?}: no seed breaches {check}");
}

fn fifo(seed: u64) -> World {
    until(jittery(seed, 4, true), 30)
}

#[test]
fn lamports() {
    use LamportMutant::*;
    for (mutant, check) in [
        (NoTieBreak, "MutualExclusion"),
        (HeadOnly, "MutualExclusion"),
        (CountsMessages, "MutualExclusion"),
        (OwnClock, "RequestOrder"),
        (ForgetsRelease, "Granted"),
    ] {
        caught::<Lamport>(fifo, LamportParams { mutant, ..Default::default() }, check);
    }
}

#[test]
fn ricart_agrawalas() {
    use RicartAgrawalaMutant::*;
    for (mutant, check) in [
        (NoTieBreak, "MutualExclusion"),
        (CurrentClock, "MutualExclusion"),
        (EntersEarly, "MutualExclusion"),
        (ForgetsDeferred, "Granted"),
        (OwnNumbers, "MutualExclusion"),
    ] {
        caught::<RicartAgrawala>(fifo, RicartAgrawalaParams { mutant }, check);
    }
}

#[test]
fn centraliseds() {
    use CentralisedMutant::*;
    for (mutant, check) in [
        (IgnoresHolder, "MutualExclusion"),
        (ForgetsQueue, "Granted"),
        (GrantsTwo, "MutualExclusion"),
    ] {
        caught::<Centralised>(fifo, CentralisedParams { mutant, ..Default::default() }, check);
    }
}

#[test]
fn token_rings() {
    use TokenRingMutant::{ForgetsPass, KeepsToken, TokenAtEveryBoot};
    let params = |mutant| TokenRingParams { mutant, ..Default::default() };
    caught::<TokenRing>(fifo, params(KeepsToken), "MutualExclusion");
    caught::<TokenRing>(fifo, params(ForgetsPass), "Granted");
    let restarting = |seed| {
        let mut world = fifo(seed);
        world.faults.planned.push(TimedFault {
            at: Time::ZERO + Duration::from_millis(90),
            until: Some(Time::ZERO + Duration::from_millis(110)),
            fault: Fault::Crash { node: NodeId(0), after_effects: None },
        });
        world
    };
    caught::<TokenRing>(restarting, params(TokenAtEveryBoot), "MutualExclusion");
    for seed in 0..SEEDS {
        let outcome = run::<TokenRing>(&restarting(seed), TokenRingParams::default(), BUSY, false);
        assert!(!breached(&outcome, "MutualExclusion"), "{:?}", outcome.checks);
    }
}

#[test]
fn the_sound_ones_hold_where_the_mutants_fail() {
    for seed in 0..SEEDS {
        let world = fifo(seed);
        assert_held(&run::<Lamport>(&world, Default::default(), BUSY, true));
        assert_held(&run::<RicartAgrawala>(&world, Default::default(), BUSY, false));
        assert_held(&run::<Centralised>(&world, Default::default(), BUSY, false));
        assert_held(&run::<TokenRing>(&world, Default::default(), BUSY, false));
    }
}
