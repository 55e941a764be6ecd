//! Every hidden bug is found by the family's checkers, and found as what it is.

mod support;

use seedbed_algorithms::mutex::{
    CentralisedLeaseMutant, CentralisedLeaseParams, CentralisedMutant, CentralisedParams,
    DecentralisedVotingMutant, DecentralisedVotingParams, LamportAcks, LamportMutant,
    LamportParams, MaekawaMutant, MaekawaParams, Mutex, OnDenial, RaymondMutant, RaymondParams,
    RicartAgrawalaMutant, RicartAgrawalaParams, RoucairolCarvalhoMutant, RoucairolCarvalhoParams,
    SuzukiKasamiMutant, SuzukiKasamiParams, TokenRingMutant, TokenRingParams,
};
use seedbed_algorithms::{
    Centralised, CentralisedLease, DecentralisedVoting, Lamport, Maekawa, Raymond, RicartAgrawala,
    RoucairolCarvalho, SuzukiKasami, TokenRing,
};
use seedbed_core::World;
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_node::{Algorithm, Duration, NodeId, Time};
use support::{BUSY, LONG, assert_held, breached, jittery, run, until};

const SEEDS: u64 = 200;

/// Some seed shows `check` breached; a world in which the sound algorithm holds.
fn caught<A>(world: impl Fn(u64) -> World, params: A::Params, check: &str)
where
    A: Algorithm<Family = Mutex, Params: Default>,
{
    let ordered = check == "RequestOrder";
    let found = (0..SEEDS).flat_map(|seed| [(seed, BUSY), (seed, LONG)]).any(|(seed, load)| {
        let world = world(seed);
        let outcome = run::<A>(&world, params.clone(), load, ordered);
        breached(&outcome, check)
    });
    assert!(found, "{params:?}: no seed breaches {check}");
}

fn fifo(seed: u64) -> World {
    until(jittery(seed, 4, true), 30)
}

fn reordering(seed: u64) -> World {
    until(jittery(seed, 4, false), 30)
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
        (HearsAnything, "MutualExclusion"),
        (KeepsRequest, "Granted"),
    ] {
        caught::<Lamport>(fifo, LamportParams { mutant, ..Default::default() }, check);
    }
}

#[test]
fn lamports_with_deferred_acks() {
    use LamportMutant::*;
    let acks = LamportAcks::Deferred;
    for (mutant, check) in [
        (HeadOnly, "MutualExclusion"),
        (CountsMessages, "MutualExclusion"),
        (WithholdsAck, "Granted"),
    ] {
        caught::<Lamport>(fifo, LamportParams { mutant, acks }, check);
    }
}

#[test]
fn roucairol_carvalhos() {
    use RoucairolCarvalhoMutant::*;
    for (mutant, check) in [
        (ForgetsToAskAgain, "Granted"),
        (KeepsPermission, "MutualExclusion"),
        (KeepsDeferred, "MutualExclusion"),
        (NoTieBreak, "MutualExclusion"),
        (RepliesInside, "MutualExclusion"),
    ] {
        caught::<RoucairolCarvalho>(reordering, RoucairolCarvalhoParams { mutant }, check);
    }
}

#[test]
fn suzuki_kasamis() {
    use SuzukiKasamiMutant::*;
    for (mutant, check) in [
        (KeepsToken, "MutualExclusion"),
        (LendsInside, "MutualExclusion"),
        (ForgetsWaiters, "Granted"),
        (ForgetsServed, "Granted"),
    ] {
        let params = SuzukiKasamiParams { mutant, ..Default::default() };
        caught::<SuzukiKasami>(reordering, params, check);
    }
}

#[test]
fn raymonds() {
    use RaymondMutant::*;
    for (mutant, check) in [
        (KeepsPrivilege, "MutualExclusion"),
        (LendsInside, "MutualExclusion"),
        (ForgetsToAsk, "Granted"),
    ] {
        caught::<Raymond>(reordering, RaymondParams { mutant, ..Default::default() }, check);
    }
}

#[test]
fn maekawas() {
    use MaekawaMutant::*;
    for (mutant, check) in [
        (NeverYields, "Granted"),
        (YieldsInside, "MutualExclusion"),
        (SmallQuorum, "MutualExclusion"),
        (KeepsVote, "MutualExclusion"),
        (NoTieBreak, "Granted"),
        (ForgetsInquiry, "Granted"),
    ] {
        // A plane: any two quorums share one node only.
        let plane = |seed| until(jittery(seed, 7, true), 30);
        caught::<Maekawa>(plane, MaekawaParams { mutant, ..Default::default() }, check);
    }
}

#[test]
fn decentralised_votings() {
    use DecentralisedVotingMutant::*;
    for (mutant, denied, check) in [
        (CountsAnswers, OnDenial::BackOff, "MutualExclusion"),
        (VotesAgain, OnDenial::BackOff, "MutualExclusion"),
        (HalfIsEnough, OnDenial::BackOff, "MutualExclusion"),
        (ForgetsQueue, OnDenial::Wait, "Granted"),
    ] {
        // All must vote in the last case, so that nothing but the bug can block.
        let majority = (denied == OnDenial::Wait).then_some(1);
        let params = DecentralisedVotingParams {
            coordinators: majority,
            majority,
            denied,
            mutant,
            ..Default::default()
        };
        caught::<DecentralisedVoting>(reordering, params, check);
    }
    let one = DecentralisedVotingParams {
        coordinators: Some(1),
        denied: OnDenial::Wait,
        ..Default::default()
    };
    for seed in 0..SEEDS {
        let world = reordering(seed);
        assert_held(&run::<DecentralisedVoting>(&world, one.clone(), BUSY, false));
    }
}

/// Short leases; the coordinator restarts, and later a participant crashes for good.
fn restarting(seed: u64) -> World {
    let ms = |ms| Time::ZERO + Duration::from_millis(ms);
    let mut world = until(jittery(seed, 4, false), 30);
    let crash = |node| Fault::Crash { node: NodeId(node), after_effects: None };
    let restart = TimedFault { at: ms(100), until: Some(ms(120)), fault: crash(0) };
    let death = TimedFault { at: ms(300), until: None, fault: crash(1) };
    world.faults.planned.extend([restart, death]);
    world
}

#[test]
fn centralised_leases() {
    use CentralisedLeaseMutant::*;
    let lease = Duration::from_millis(400);
    let params = |mutant| CentralisedLeaseParams { lease, mutant, ..Default::default() };
    // Longer than a lease, so that it must be renewed.
    let long = "Closed(hold: Constant(\"1s\"), requests_per_node: 2)";
    for (mutant, load, check) in [
        (IgnoresLog, BUSY, "MutualExclusion"),
        (WritesLazily, BUSY, "MutualExclusion"),
        (IgnoresHolder, BUSY, "MutualExclusion"),
        (NeverRenews, long, "MutualExclusion"),
        (NeverExpires, BUSY, "Granted"),
        (RestartsSilently, BUSY, "Granted"),
    ] {
        let found = (0..SEEDS).any(|seed| {
            let world = restarting(seed);
            breached(&run::<CentralisedLease>(&world, params(mutant), load, false), check)
        });
        assert!(found, "{mutant:?}: no seed breaches {check}");
    }
    for seed in 0..SEEDS {
        for load in [BUSY, long] {
            let world = restarting(seed);
            assert_held(&run::<CentralisedLease>(&world, params(None), load, false));
        }
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
        (RepliesInside, "MutualExclusion"),
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
    let deferred = LamportParams { acks: LamportAcks::Deferred, ..Default::default() };
    for seed in 0..SEEDS {
        let world = fifo(seed);
        assert_held(&run::<Lamport>(&world, Default::default(), BUSY, true));
        assert_held(&run::<Lamport>(&world, deferred.clone(), BUSY, true));
        assert_held(&run::<RicartAgrawala>(&world, Default::default(), BUSY, false));
        assert_held(&run::<Centralised>(&world, Default::default(), BUSY, false));
        assert_held(&run::<TokenRing>(&world, Default::default(), BUSY, false));
        assert_held(&run::<Maekawa>(&world, Default::default(), BUSY, false));
        let world = reordering(seed);
        assert_held(&run::<RoucairolCarvalho>(&world, Default::default(), BUSY, false));
        assert_held(&run::<SuzukiKasami>(&world, Default::default(), BUSY, false));
        assert_held(&run::<Raymond>(&world, Default::default(), BUSY, false));
        assert_held(&run::<DecentralisedVoting>(&world, Default::default(), BUSY, false));
    }
}
