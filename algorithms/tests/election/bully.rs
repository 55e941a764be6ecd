//! The bully's messages, for every initiator.

use seedbed_algorithms::Bully;
use seedbed_algorithms::election::BullyParams;
use seedbed_core::{Outcome, World};
use seedbed_node::{Algorithm, Theory};

use crate::support::{
    ALL, assert_held, down, jittery, ms, run, run_within, sent, shuffled, single, until, world,
};

/// T must exceed twice the longest delay, which is 20 ms.
fn params(ids: Vec<u32>) -> BullyParams {
    BullyParams { ids, answer_timeout: ms(50), coordinator_timeout: ms(120), ..Default::default() }
}

/// Ids are 1..N in the literature; here the node at position p has the id p + 1.
fn highest_dead(mut world: World) -> World {
    let highest = world.members - 1;
    world.faults.planned.push(down(highest, 0, None));
    world
}

fn assert_counts(outcome: &Outcome, elections: u64, answers: u64, announcements: u64) {
    assert_held(outcome);
    assert_eq!(sent(outcome, "Election"), elections, "{} nodes", outcome.nodes);
    assert_eq!(sent(outcome, "Ok"), answers, "{} nodes", outcome.nodes);
    assert_eq!(sent(outcome, "Coordinator"), announcements, "{} nodes", outcome.nodes);
}

#[test]
fn with_the_highest_dead_initiator_k_costs_n_minus_k_squared_plus_n_minus_2() {
    for n in 2..=20u32 {
        for k in 1..n {
            let (d, all) = (u64::from(n - k), u64::from(n));
            for world in [world(1, n), jittery(u64::from(n * k), n, false)] {
                let outcome = run::<Bully>(&highest_dead(world), params(vec![]), &single(k - 1));
                assert_counts(&outcome, d * (d + 1) / 2, d * (d - 1) / 2, all - 2);
                assert_eq!(outcome.messages.sent, d * d + all - 2, "{n} nodes, initiator {k}");
                let per = outcome.operations.messages_per.expect("one election");
                assert_eq!((per.min, per.max), (d * d + all - 2, d * d + all - 2));
                assert_eq!(outcome.messages.to_dead, d, "each of k..N-1 asks the dead N once");
            }
        }
    }
}

/// The best case is the second highest that notices the highest's death; the worst is the lowest
/// that does, or everybody at once, since each of the N−1 alive then elects exactly once.
#[test]
fn best_and_worst_cases_with_the_highest_dead() {
    for n in 2..=20u32 {
        let all = u64::from(n);
        let cost = |load: &str| {
            let outcome = run::<Bully>(&highest_dead(world(1, n)), params(vec![]), load);
            assert_held(&outcome);
            outcome.messages.sent
        };
        assert_eq!(cost(&single(n - 2)), all - 1, "best, {n} nodes");
        assert_eq!(cost(&single(0)), all * all - all - 1, "worst, {n} nodes");
        let alive: Vec<_> = (0..n - 1).map(|node| format!("NodeId({node})")).collect();
        let everybody =
            format!("Script(elections: [(at: \"10ms\", nodes: [{}])])", alive.join(","));
        assert_eq!(cost(&everybody), all * all - all - 1, "all at once, {n} nodes");
        let theory = Theory::Between((all - 1) as f64, (all * all - all - 1) as f64);
        assert_eq!(Bully::theory(n, &params(vec![])), theory);
    }
}

/// The highest wins at once whenever it is asked, so that it announces itself for every ELECTION
/// that it gets: how often depends on the delays, and there is no closed form but for the two
/// highest.
#[test]
fn with_everybody_alive_only_the_highest_ever_wins() {
    for n in 2..=16u32 {
        let all = u64::from(n);
        for k in 1..=n {
            let outcome = run::<Bully>(&jittery(1, n, false), params(vec![]), &single(k - 1));
            assert_held(&outcome);
            assert_eq!(sent(&outcome, "Ok"), sent(&outcome, "Election"), "each is answered");
            let wins = outcome.measures["decisions"] as u64;
            assert_eq!(sent(&outcome, "Coordinator"), wins * (all - 1));
            assert_eq!(outcome.messages.to_dead, 0);
        }
        let cost =
            |k: u32| run::<Bully>(&world(1, n), params(vec![]), &single(k - 1)).messages.sent;
        assert_eq!((cost(n), cost(n - 1)), (all - 1, all + 1), "{n} nodes");
    }
}

#[test]
fn only_the_order_of_ids_matters_not_the_positions() {
    for seed in 0..100 {
        let n = 7;
        let ids = shuffled(seed, n);
        let highest = ids.iter().position(|id| *id == n - 1).expect("a permutation") as u32;
        let initiator = (highest + 1) % n;
        let mut world = jittery(seed, n, false);
        world.faults.planned.push(down(highest, 0, None));
        let d = u64::from(n - 1 - ids[initiator as usize]);
        let outcome = run::<Bully>(&world, params(ids), &single(initiator));
        assert_held(&outcome);
        assert_eq!(outcome.messages.sent, d * d + u64::from(n) - 2);
    }
}

#[test]
fn the_highest_that_returns_announces_itself_and_nothing_else() {
    for n in 2..=16u32 {
        let mut world = world(1, n);
        world.faults.planned.push(down(n - 1, 1000, Some(2000)));
        let silent = run::<Bully>(&world, params(vec![]), ALL);
        let first = run::<Bully>(&self::world(1, n), params(vec![]), ALL);
        let announced = sent(&silent, "Coordinator") - sent(&first, "Coordinator");
        assert_eq!(announced, u64::from(n) - 1);
        assert_eq!(silent.messages.sent - first.messages.sent, u64::from(n) - 1);
        assert_held(&silent);
    }
}

#[test]
fn pings_detect_a_dead_leader_and_are_counted_apart() {
    let n = 5;
    let pinging = BullyParams { ping: Some(ms(100)), ping_timeout: ms(50), ..params(vec![]) };
    let mut world = until(jittery(3, n, false), 10);
    world.faults.planned.push(down(n - 1, 2000, None));
    let outcome = run_within::<Bully>(&world, pinging, ALL, Some(ms(600)));
    assert_held(&outcome);
    assert!(sent(&outcome, "Ping") > 100, "{:?}", outcome.transport);
    assert_eq!(outcome.transport.sent, sent(&outcome, "Ping") + sent(&outcome, "Pong"));
    let failover = outcome.measures["failover_ns_max"];
    // At most: a ping interval and an answer (of up to two delays), its time-out, then T.
    assert!((5e7..3.5e8).contains(&failover), "{failover}");
}
