//! What the algorithms by token lose when an assumption is broken: Suzuki and Kasami's, Raymond's;
//! and that a lock's history tells the same as the checkers do.

mod support;

use seedbed_algorithms::mutex::{
    Load, Mutex, RaymondMutant, RaymondParams, RaymondShape, SuzukiKasamiMutant, SuzukiKasamiParams,
};
use seedbed_algorithms::{Raymond, SuzukiKasami};
use seedbed_core::check::{Consistency, HistoryCheck};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::Loss;
use seedbed_core::{Outcome, Simulation, Verdict, World};
use seedbed_node::{Algorithm, Duration, Family, NodeId, Probability, Time};
use support::{BUSY, LONG, SATURATED, assert_held, breached, check, jittery, run, until};

const SEEDS: u64 = 300;

fn crash_of(node: u32, at_ms: u64) -> TimedFault {
    let fault = Fault::Crash { node: NodeId(node), after_effects: None };
    TimedFault { at: Time::ZERO + Duration::from_millis(at_ms), until: None, fault }
}

fn raymond(world: &World, shape: RaymondShape, load: &str) -> Outcome {
    run::<Raymond>(world, RaymondParams { shape, ..Default::default() }, load, false)
}

#[test]
fn suzuki_kasami_holds_on_links_that_reorder() {
    for seed in 0..1000 {
        let world = jittery(seed, 2 + (seed % 6) as u32, false);
        for load in [BUSY, SATURATED] {
            assert_held(&run::<SuzukiKasami>(&world, Default::default(), load, false));
        }
    }
}

#[test]
fn raymond_holds_on_links_that_reorder() {
    for seed in 0..SEEDS {
        let world = jittery(seed, 2 + (seed % 9) as u32, false);
        for shape in [RaymondShape::Binary, RaymondShape::Star, RaymondShape::Line] {
            for load in [BUSY, SATURATED] {
                assert_held(&raymond(&world, shape, load));
            }
        }
    }
}

fn duplicating(seed: u64) -> World {
    let mut world = until(jittery(seed, 4, false), 60);
    world.network.default.duplicate = Probability::new(0.1).expect("in 0..=1");
    world
}

#[test]
fn a_duplicated_token_lets_two_in() {
    let some = |run: &dyn Fn(u64) -> Outcome| {
        (0..SEEDS).any(|seed| breached(&run(seed), "MutualExclusion"))
    };
    assert!(some(&|seed| {
        run::<SuzukiKasami>(&duplicating(seed), Default::default(), BUSY, false)
    }));
    assert!(some(&|seed| raymond(&duplicating(seed), RaymondShape::Binary, BUSY)));
}

#[test]
fn a_lost_token_starves_but_lets_nobody_in() {
    for seed in 0..SEEDS {
        let mut world = until(jittery(seed, 4, false), 60);
        world.network.default.loss = Loss::Bernoulli(Probability::new(0.2).expect("in 0..=1"));
        let suzuki_kasami = run::<SuzukiKasami>(&world, Default::default(), BUSY, false);
        let raymond = raymond(&world, RaymondShape::Binary, BUSY);
        for outcome in [suzuki_kasami, raymond] {
            assert!(breached(&outcome, "Granted"), "seed {seed}: {:?}", outcome.checks);
            assert!(!breached(&outcome, "MutualExclusion"), "seed {seed}");
        }
    }
}

#[test]
fn a_holder_that_crashes_takes_the_token_with_it() {
    let mut world = until(jittery(1, 4, false), 60);
    let mut crash = crash_of(0, 500);
    crash.until = Some(crash.at + Duration::from_millis(5));
    world.faults.planned.push(crash);
    let first_in = "Closed(think: Constant(\"0s\"), hold: Constant(\"1s\"), requests_per_node: 3)";
    let suzuki_kasami = run::<SuzukiKasami>(&world, Default::default(), first_in, false);
    assert!(breached(&suzuki_kasami, "Granted"), "{:?}", suzuki_kasami.checks);
    let raymond = raymond(&world, RaymondShape::Star, first_in);
    assert!(breached(&raymond, "Granted"), "{:?}", raymond.checks);
    let why = &check(&raymond, "Granted").detail;
    assert!(why.contains("waits for n0"), "{why}");
}

#[test]
fn suzuki_kasami_does_not_promise_the_order_of_happened_before() {
    let broken = (0..SEEDS).any(|seed| {
        let world = jittery(seed, 4, false);
        let outcome = run::<SuzukiKasami>(&world, Default::default(), BUSY, true);
        breached(&outcome, "RequestOrder")
    });
    assert!(broken);
}

/// The run as the history of a lock, and nothing else, judged.
fn lock_history<A>(world: &World, params: A::Params) -> Outcome
where
    A: Algorithm<Family = Mutex>,
{
    let load: Load = ron::from_str(LONG).expect("a load");
    let mut simulation = Simulation::<A>::new(world, params).expect("a sensible world");
    simulation.workload(Mutex::workload(&load, world.members).expect("a sensible load"));
    let historian = Mutex::history().expect("a lock's");
    let judge = HistoryCheck::new(historian, Consistency::Linearizable);
    simulation.check("Linearizable", Box::new(judge));
    simulation.run()
}

#[test]
fn the_history_of_a_sound_lock_is_linearizable_and_a_crash_releases_it() {
    for seed in 0..50 {
        let mut world = until(jittery(seed, 4, false), 20);
        assert_held(&lock_history::<SuzukiKasami>(&world, Default::default()));
        let mut crash = crash_of(1, 60);
        crash.until = Some(crash.at + Duration::from_millis(20));
        world.faults.planned.push(crash);
        assert_held(&lock_history::<Raymond>(&world, Default::default()));
    }
}

#[test]
fn the_history_of_a_lock_that_two_held_is_not() {
    let suzuki_kasami =
        SuzukiKasamiParams { mutant: SuzukiKasamiMutant::KeepsToken, ..Default::default() };
    let raymond = RaymondParams { mutant: RaymondMutant::LendsInside, ..Default::default() };
    let mut found = [0; 2];
    for seed in 0..50 {
        let world = until(jittery(seed, 4, false), 20);
        let broken = lock_history::<SuzukiKasami>(&world, suzuki_kasami.clone());
        found[0] += u32::from(broken.verdict() == Verdict::Failed);
        let broken = lock_history::<Raymond>(&world, raymond.clone());
        found[1] += u32::from(broken.verdict() == Verdict::Failed);
    }
    assert!(found.iter().all(|&failures| failures > 25), "{found:?} of 50");
}
