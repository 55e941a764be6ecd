//! Whatever the world does to it, no node of mutual exclusion panics: messages altered, lost,
//! repeated and reordered, nodes crashing between two effects and restarting, clocks stepping.

mod support;

use seedbed_algorithms::mutex::{
    DecentralisedVotingParams, LamportAcks, LamportParams, MaekawaForm, MaekawaParams, OnDenial,
    RaymondParams, RaymondShape,
};
use seedbed_algorithms::{
    Centralised, CentralisedLease, DecentralisedVoting, Lamport, Maekawa, Mutex, Raymond,
    RicartAgrawala, RoucairolCarvalho, SuzukiKasami, TokenRing,
};
use seedbed_core::fault::{RandomFaults, RandomKind};
use seedbed_core::network::{Corruption, Loss};
use seedbed_core::{EndedBy, Simulation, Window, World};
use seedbed_node::{Algorithm, Distribution, Duration, Family, Probability, Time};
use support::{jittery, until};

fn hell(seed: u64) -> World {
    let mut world = until(jittery(seed, 2 + (seed % 6) as u32, seed.is_multiple_of(2)), 5);
    let chance = |p| Probability::new(p).expect("in 0..=1");
    let link = &mut world.network.default;
    link.corrupt = Corruption { chance: chance(0.2), undetected: true };
    link.duplicate = chance(0.2);
    link.loss = Loss::Bernoulli(chance(0.05));
    world.faults.random = Some(RandomFaults {
        window: Window { from: Time::ZERO, until: Time::ZERO + Duration::from_secs(4) },
        count_max: 8,
        lasting: Distribution::Exponential { mean: Duration::from_millis(100) },
        kinds: vec![
            RandomKind::Crash,
            RandomKind::CrashBetweenEffects,
            RandomKind::Pause,
            RandomKind::ClockStep,
            RandomKind::Isolate,
        ],
        down_max: 2,
    });
    // An altered token that travels for ever is no reason to wait for the end of time.
    world.stop.events_max = 20_000;
    world
}

/// Without checks, so that no breach ends a run.
fn survives<A>(params: &A::Params)
where
    A: Algorithm<Family = Mutex>,
{
    for seed in 0..100 {
        let world = hell(seed);
        let load = ron::from_str(support::BUSY).expect("a load");
        let mut simulation =
            Simulation::<A>::new(&world, params.clone()).expect("a sensible world");
        simulation.workload(Mutex::workload(&load, world.members).expect("a sensible load"));
        let outcome = simulation.run();
        assert!(!matches!(outcome.ended_by, EndedBy::Panic { .. }), "{:?}", outcome.ended_by);
    }
}

#[test]
fn no_node_panics() {
    survives::<Lamport>(&LamportParams::default());
    survives::<Lamport>(&LamportParams { acks: LamportAcks::Deferred, ..Default::default() });
    survives::<RicartAgrawala>(&Default::default());
    survives::<RoucairolCarvalho>(&Default::default());
    survives::<Maekawa>(&MaekawaParams::default());
    survives::<Maekawa>(&MaekawaParams { form: MaekawaForm::Published, ..Default::default() });
    survives::<Centralised>(&Default::default());
    survives::<CentralisedLease>(&Default::default());
    survives::<DecentralisedVoting>(&DecentralisedVotingParams::default());
    let denied = OnDenial::Wait;
    survives::<DecentralisedVoting>(&DecentralisedVotingParams { denied, ..Default::default() });
    survives::<TokenRing>(&Default::default());
    survives::<SuzukiKasami>(&Default::default());
    for shape in [RaymondShape::Binary, RaymondShape::Star, RaymondShape::Line] {
        survives::<Raymond>(&RaymondParams { shape, ..Default::default() });
    }
}
