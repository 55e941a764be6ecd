//! What the algorithms by permission lose when an assumption is broken: Lamport's with deferred
//! acknowledgements, Roucairol and Carvalho's, Maekawa's.

mod support;

use seedbed_algorithms::mutex::{LamportAcks, LamportParams, MaekawaForm, MaekawaParams};
use seedbed_algorithms::{Lamport, Maekawa, RoucairolCarvalho};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::{EndedBy, Outcome, World};
use seedbed_node::{Duration, NodeId, Probability, Time};
use support::{BUSY, LONG, SATURATED, assert_held, breached, check, jittery, run, until};

const SEEDS: u64 = 300;

fn crash_of(node: u32, at_ms: u64) -> TimedFault {
    let fault = Fault::Crash { node: NodeId(node), after_effects: None };
    TimedFault { at: Time::ZERO + Duration::from_millis(at_ms), until: None, fault }
}

/// The first seed whose run breaches `check`; the reason is in the outcome.
fn some_seed_breaches(name: &str, run: impl Fn(u64) -> Outcome) -> Outcome {
    let outcomes = (0..SEEDS).map(run);
    let found = outcomes.into_iter().find(|outcome| breached(outcome, name));
    found.unwrap_or_else(|| panic!("no seed breaches {name}"))
}

fn duplicating(seed: u64, nodes: u32) -> World {
    let mut world = until(jittery(seed, nodes, false), 60);
    world.network.default.duplicate = Probability::new(0.1).expect("in 0..=1");
    world
}

fn deferred(world: &World, load: &str) -> Outcome {
    let params = LamportParams { acks: LamportAcks::Deferred, ..Default::default() };
    run::<Lamport>(world, params, load, true)
}

#[test]
fn lamport_with_deferred_acks_keeps_exclusion_and_order_on_fifo_links() {
    for seed in 0..SEEDS {
        for nodes in [2, 5] {
            assert_held(&deferred(&jittery(seed, nodes, true), BUSY));
        }
        assert_held(&deferred(&jittery(seed, 4, true), SATURATED));
    }
}

/// Who has an earlier request pending says nothing later before its release, so that nothing can
/// overtake the request but the release: which leaves it in the queue for ever.
#[test]
fn lamport_with_deferred_acks_starves_on_links_that_reorder_but_keeps_exclusion() {
    let mut starved = 0;
    for seed in 0..SEEDS {
        let outcome = deferred(&jittery(seed, 4, false), BUSY);
        assert!(!breached(&outcome, "MutualExclusion"), "seed {seed}");
        starved += u32::from(breached(&outcome, "Granted"));
    }
    assert!(starved > 0);
}

#[test]
fn roucairol_carvalho_holds_on_links_that_reorder() {
    for seed in 0..2000 {
        let world = jittery(seed, 2 + (seed % 5) as u32, false);
        assert_held(&run::<RoucairolCarvalho>(&world, Default::default(), BUSY, false));
    }
}

#[test]
fn a_permission_that_arrives_twice_outlives_its_revocation() {
    some_seed_breaches("MutualExclusion", |seed| {
        run::<RoucairolCarvalho>(&duplicating(seed, 4), Default::default(), BUSY, false)
    });
}

/// A node that restarts without its permissions starves nobody; one that stays down does.
#[test]
fn roucairol_carvalho_starves_when_a_node_crashes_and_says_who_waits_for_whom() {
    let mut world = jittery(1, 3, false);
    world.faults.planned.push(crash_of(2, 50));
    let outcome = run::<RoucairolCarvalho>(&world, Default::default(), BUSY, false);
    assert_eq!(outcome.ended_by, EndedBy::Quiet);
    let why = &check(&outcome, "Granted").detail;
    assert!(breached(&outcome, "Granted") && !breached(&outcome, "MutualExclusion"), "{why}");
    assert!(why.contains("waits for") && why.ends_with("; n2 is down"), "{why}");
}

#[test]
fn roucairol_carvalho_does_not_promise_the_order_of_happened_before() {
    some_seed_breaches("RequestOrder", |seed| {
        run::<RoucairolCarvalho>(&jittery(seed, 4, true), Default::default(), BUSY, true)
    });
}

fn maekawa(world: &World, form: MaekawaForm, load: &str) -> Outcome {
    run::<Maekawa>(world, MaekawaParams { form, ..Default::default() }, load, false)
}

#[test]
fn maekawa_corrected_never_deadlocks_on_fifo_links() {
    for seed in 0..SEEDS {
        for nodes in [2, 3, 4, 6, 7, 9, 10, 13] {
            for load in [BUSY, SATURATED] {
                let world = jittery(seed, nodes, true);
                assert_held(&maekawa(&world, MaekawaForm::Corrected, load));
            }
        }
    }
}

/// Sanders (1987): who is overtaken in a queue never learns that it must give way.
#[test]
fn maekawa_as_published_deadlocks_for_some_seed() {
    let deadlock = some_seed_breaches("Granted", |seed| {
        maekawa(&jittery(seed, 7, true), MaekawaForm::Published, BUSY)
    });
    let why = &check(&deadlock, "Granted").detail;
    assert!(why.contains("will never be granted") && why.contains("waits for"), "{why}");
    assert_eq!(deadlock.ended_by, EndedBy::Quiet);
}

/// An inquiry that overtakes the vote that it is about is taken for an old one.
#[test]
fn maekawa_deadlocks_on_links_that_reorder_but_keeps_exclusion() {
    let mut deadlocks = 0;
    for seed in 0..SEEDS {
        let outcome = maekawa(&jittery(seed, 7, false), MaekawaForm::Corrected, BUSY);
        assert!(!breached(&outcome, "MutualExclusion"), "seed {seed}");
        deadlocks += u32::from(breached(&outcome, "Granted"));
    }
    assert!(deadlocks > 0);
}

#[test]
fn a_maekawa_node_that_restarts_votes_again() {
    some_seed_breaches("MutualExclusion", |seed| {
        let mut world = until(jittery(seed, 7, true), 60);
        for (node, at) in [(1, 200), (3, 300), (5, 400)] {
            let mut crash = crash_of(node, at);
            crash.until = Some(crash.at + Duration::from_millis(5));
            world.faults.planned.push(crash);
        }
        maekawa(&world, MaekawaForm::Corrected, LONG)
    });
}

#[test]
fn maekawa_does_not_promise_the_order_of_happened_before() {
    some_seed_breaches("RequestOrder", |seed| {
        run::<Maekawa>(&jittery(seed, 7, true), Default::default(), BUSY, true)
    });
}
