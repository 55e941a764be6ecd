//! What each algorithm loses when the world breaks an assumption, and what it keeps.

mod support;

use seedbed_algorithms::mutex::{
    Granted, LamportAcks, LamportParams, Load, Mutex, TokenRingParams,
};
use seedbed_algorithms::{
    Centralised, DecentralisedVoting, Lamport, Maekawa, Raymond, RicartAgrawala, RoucairolCarvalho,
    SuzukiKasami, TokenRing,
};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::Loss;
use seedbed_core::{EndedBy, Simulation, Verdict};
use seedbed_node::{Duration, Family, NodeId, Probability, Time};
use support::{BUSY, assert_held, breached, check, jittery, run, run_reliably, served, until};

const SEEDS: u64 = 300;
/// As many as the claim "never" is made for.
const SEEDS_NEVER: u64 = 10_000;

fn crash_of(node: u32, at_ms: u64) -> TimedFault {
    let fault = Fault::Crash { node: NodeId(node), after_effects: None };
    TimedFault { at: Time::ZERO + Duration::from_millis(at_ms), until: None, fault }
}

#[test]
fn lamport_on_links_that_reorder_lets_two_in_for_some_seed() {
    let broken = (0..SEEDS)
        .map(|seed| run::<Lamport>(&jittery(seed, 4, false), Default::default(), BUSY, false))
        .find(|outcome| breached(outcome, "MutualExclusion"))
        .expect("a seed that breaks exclusion");
    let why = &check(&broken, "MutualExclusion").detail;
    assert!(why.contains("had been inside since"), "{why}");
}

#[test]
fn lamport_on_fifo_links_never_does_and_keeps_the_order_of_requests() {
    for seed in 0..SEEDS {
        assert_held(&run::<Lamport>(&jittery(seed, 4, true), Default::default(), BUSY, true));
    }
}

#[test]
fn ricart_agrawala_on_links_that_reorder_never_does() {
    for seed in 0..SEEDS_NEVER {
        let world = jittery(seed, 4, false);
        assert_held(&run::<RicartAgrawala>(&world, Default::default(), BUSY, false));
    }
}

#[test]
fn ricart_agrawala_starves_when_a_node_crashes_and_says_who_waits_for_whom() {
    let mut world = jittery(1, 3, false);
    world.faults.planned.push(crash_of(2, 50));
    let outcome = run::<RicartAgrawala>(&world, Default::default(), BUSY, false);
    assert_eq!(outcome.ended_by, EndedBy::Quiet);
    let why = &check(&outcome, "Granted").detail;
    assert!(breached(&outcome, "Granted") && !breached(&outcome, "MutualExclusion"), "{why}");
    assert!(why.contains("waits for") && why.ends_with("; n2 is down"), "{why}");
}

#[test]
fn a_lost_token_starves() {
    let mut world = until(jittery(1, 3, true), 60);
    world.faults.planned.push(crash_of(1, 200));
    world.network.default.loss = Loss::Bernoulli(Probability::new(0.2).expect("in 0..=1"));
    let outcome = run::<TokenRing>(&world, TokenRingParams::default(), BUSY, false);
    assert!(breached(&outcome, "Granted"), "{:?}", outcome.checks);
    assert!(!breached(&outcome, "MutualExclusion"), "{:?}", outcome.checks);
}

#[test]
fn a_duplicated_token_lets_two_in() {
    let mut world = until(jittery(1, 4, false), 60);
    world.network.default.duplicate = Probability::new(0.1).expect("in 0..=1");
    let outcome = run::<TokenRing>(&world, TokenRingParams::default(), BUSY, false);
    assert!(breached(&outcome, "MutualExclusion"), "{:?}", outcome.checks);
}

#[test]
fn over_the_reliable_transport_loss_duplication_and_a_healing_partition_do_no_harm() {
    for seed in 0..30 {
        let mut world = jittery(seed, 4, false);
        world.network.default.loss = Loss::Bernoulli(Probability::new(0.2).expect("in 0..=1"));
        world.network.default.duplicate = Probability::new(0.1).expect("in 0..=1");
        world.faults.planned.push(TimedFault {
            at: Time::ZERO + Duration::from_millis(100),
            until: Some(Time::ZERO + Duration::from_secs(2)),
            fault: Fault::Partition(vec![vec![NodeId(0), NodeId(1)], vec![NodeId(2), NodeId(3)]]),
        });
        let lamport = run_reliably::<Lamport>(&world, Default::default(), BUSY, true);
        let ricart = run_reliably::<RicartAgrawala>(&world, Default::default(), BUSY, false);
        let token =
            run_reliably::<TokenRing>(&served(world.clone()), Default::default(), BUSY, false);
        for (outcome, each) in [(&lamport, 9), (&ricart, 6), (&token, 1)] {
            assert_held(outcome);
            let spread = outcome.operations.messages_per.expect("entries");
            assert_eq!((spread.min, spread.max), (each, each), "the algorithm's own, exactly");
            assert!(outcome.transport.sent > 0, "acknowledgements are counted apart");
        }
        let deferred = LamportParams { acks: LamportAcks::Deferred, ..Default::default() };
        assert_held(&run_reliably::<Lamport>(&world, deferred, BUSY, true));
        assert_held(&run_reliably::<RoucairolCarvalho>(&world, Default::default(), BUSY, false));
        assert_held(&run_reliably::<SuzukiKasami>(&world, Default::default(), BUSY, false));
        assert_held(&run_reliably::<Raymond>(&world, Default::default(), BUSY, false));
        assert_held(&run_reliably::<Maekawa>(&world, Default::default(), BUSY, true));
        assert_held(&run_reliably::<DecentralisedVoting>(&world, Default::default(), BUSY, false));
    }
}

#[test]
fn a_deadline_that_a_long_queue_misses_is_a_breach_at_the_deadline() {
    let load: Load =
        ron::from_str("Closed(think: Constant(\"0s\"), hold: Constant(\"1s\"))").expect("a load");
    let world = support::world(1, 4);
    let mut simulation =
        Simulation::<RicartAgrawala>::new(&world, Default::default()).expect("a sensible world");
    simulation.workload(Mutex::workload(&load, 4).expect("a sensible load"));
    simulation.check("Granted", Box::new(Granted::new(Some(Duration::from_secs(2)))));
    let outcome = simulation.run();
    let granted = check(&outcome, "Granted");
    assert_eq!(granted.verdict, Verdict::Failed);
    assert_eq!(granted.at, Some(Time::ZERO + Duration::from_secs(2)), "{}", granted.detail);
}

/// Replies carry no number, so that who learned of a request by a reply alone may undercut it.
#[test]
fn ricart_agrawala_does_not_promise_the_order_of_happened_before() {
    let broken = (0..SEEDS)
        .map(|seed| run::<RicartAgrawala>(&jittery(seed, 4, true), Default::default(), BUSY, true))
        .find(|outcome| breached(outcome, "RequestOrder"))
        .expect("a seed that grants out of order");
    let why = &check(&broken, "RequestOrder").detail;
    assert!(why.contains("which had happened before it"), "{why}");
}

/// Whoever waits for a coordinator or a token says nothing meanwhile that could reach another.
#[test]
fn a_coordinator_and_a_token_keep_the_order_as_long_as_clients_do_not_talk() {
    for seed in 0..SEEDS {
        let world = jittery(seed, 4, false);
        assert_held(&run::<Centralised>(&world, Default::default(), BUSY, true));
        assert_held(&run::<TokenRing>(&served(world), Default::default(), BUSY, true));
    }
}

#[test]
fn after_a_restart_a_client_goes_on_and_its_interrupted_operation_is_excused() {
    let mut interrupted = 0;
    for seed in 0..100 {
        let mut world = until(jittery(seed, 3, true), 30);
        let mut crash = crash_of(1, 60);
        crash.until = Some(Time::ZERO + Duration::from_millis(70));
        world.faults.planned.push(crash);
        let outcome = run::<TokenRing>(&world, TokenRingParams::default(), BUSY, false);
        let operations = &outcome.operations;
        let token_lost = operations.count + operations.pending < 24;
        if !token_lost {
            assert_held(&outcome);
            assert!(operations.pending <= 1, "seed {seed}: none but the interrupted one");
            interrupted += operations.pending;
        }
    }
    assert!(interrupted > 0, "some crash interrupts an operation and spares the token");
}
