//! What each election loses when the world breaks an assumption.

use seedbed_algorithms::election::{
    BullyParams, ChangRobertsParams, Election, HirschbergSinclairParams, LeLannParams, NoOverlap,
    TanenbaumRingParams,
};
use seedbed_algorithms::{Bully, ChangRoberts, HirschbergSinclair, LeLann, TanenbaumRing};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::Loss;
use seedbed_core::{EndedBy, Outcome, World};
use seedbed_node::{Algorithm, Probability};

use crate::support::{
    ALL, assert_held, at_ms, breached, check, down, jittery, ms, run, run_within, simulation,
    single, until,
};

const SEEDS: u64 = 200;
const N: u32 = 5;

fn bully() -> BullyParams {
    BullyParams { answer_timeout: ms(50), coordinator_timeout: ms(120), ..Default::default() }
}

/// T is 50 ms; answers take up to 80.
#[test]
fn a_bully_whose_messages_are_late_elects_two() {
    let late = |seed| {
        let mut world = jittery(seed, N, false);
        world.network.default.delay = seedbed_node::Distribution::Uniform(ms(1), ms(40));
        world.faults.planned.push(down(N - 1, 0, None));
        world
    };
    let outcomes: Vec<Outcome> =
        (0..SEEDS).map(|seed| run::<Bully>(&late(seed), bully(), ALL)).collect();
    let passed_over = outcomes.iter().find(|outcome| breached(outcome, "BestLeader"));
    let why = &check(passed_over.expect("a seed that elects a worse one"), "BestLeader").detail;
    assert!(why.contains("has been up since before"), "{why}");
    let two = (0..SEEDS).any(|seed| {
        let mut simulation = simulation::<Bully>(&late(seed), bully(), ALL);
        simulation.check("NoOverlap", Box::new(NoOverlap::default()));
        breached(&simulation.run(), "NoOverlap")
    });
    assert!(two, "two lead at once");
    let apart = (0..SEEDS).any(|seed| {
        let mut simulation = simulation::<Bully>(&late(seed), bully(), ALL);
        let one = seedbed_algorithms::election::OneLeader::default();
        simulation.check("OneLeader", Box::new(one));
        breached(&simulation.run(), "OneLeader")
    });
    assert!(apart, "somebody hears the wrong COORDINATOR last");
}

#[test]
fn a_bully_whose_messages_are_in_time_never_does() {
    for seed in 0..SEEDS {
        assert_held(&run::<Bully>(&jittery(seed, N, false), bully(), ALL));
    }
}

/// n4 returns and announces itself while n3 is about to win: who hears n3 last follows n3.
#[test]
fn a_bully_that_returns_during_anothers_election_may_be_forgotten_unless_leaders_are_pinged() {
    let returning = |seed: u64| {
        let mut world = jittery(seed, N, false);
        world.faults.planned.push(down(N - 1, 0, Some(60 + seed % 30)));
        world
    };
    let forgotten = (0..SEEDS)
        .map(|seed| run::<Bully>(&returning(seed), bully(), &single(0)))
        .find(|outcome| breached(outcome, "OneLeader"))
        .expect("a seed that ends with two opinions");
    let why = &check(&forgotten, "OneLeader").detail;
    assert!(why.starts_with("for ever, "), "{why}");
    let pinging = BullyParams { ping: Some(ms(100)), ping_timeout: ms(50), ..bully() };
    for seed in 0..SEEDS {
        let world = until(returning(seed), 4);
        let outcome = run_within::<Bully>(&world, pinging.clone(), &single(0), Some(ms(1500)));
        assert_held(&outcome);
    }
}

fn lossy(seed: u64) -> World {
    let mut world = jittery(seed, N, true);
    world.network.default.loss = Loss::Bernoulli(Probability::new(0.1).expect("in 0..=1"));
    world
}

fn starves_for_some_seed<A>(params: A::Params)
where
    A: Algorithm<Family = Election>,
{
    let starved = (0..SEEDS)
        .map(|seed| run::<A>(&lossy(seed), params.clone(), &single(seed as u32 % N)))
        .find(|outcome| outcome.messages.lost > 0 && breached(outcome, "Learned"))
        .expect("a seed that starves");
    assert_eq!(starved.ended_by, EndedBy::Quiet);
    let why = &check(&starved, "Learned").detail;
    assert!(why.contains("know no leader") || why.contains("knows no leader"), "{why}");
}

#[test]
fn a_ring_that_loses_a_message_starves() {
    starves_for_some_seed::<LeLann>(LeLannParams::default());
    starves_for_some_seed::<ChangRoberts>(ChangRobertsParams::default());
    starves_for_some_seed::<TanenbaumRing>(TanenbaumRingParams::default());
    starves_for_some_seed::<HirschbergSinclair>(HirschbergSinclairParams::default());
}

/// The tokens of both highest come back as if they were the other's.
#[test]
fn equal_ids_elect_two() {
    let ids = vec![1, 4, 2, 4, 3];
    let world = jittery(1, N, true);
    let le_lann =
        run::<LeLann>(&world, LeLannParams { ids: ids.clone(), ..Default::default() }, ALL);
    assert!(breached(&le_lann, "OneLeader") || breached(&le_lann, "NoOverlap"), "{le_lann:?}");
    let chang_roberts = ChangRobertsParams { ids: ids.clone(), ..Default::default() };
    let chang_roberts = run::<ChangRoberts>(&world, chang_roberts, ALL);
    assert!(breached(&chang_roberts, "NoOverlap"), "{:?}", chang_roberts.checks);
    let bully = BullyParams { ids: ids.clone(), ..bully() };
    let mut bully = simulation::<Bully>(&world, bully, ALL);
    bully.check("NoOverlap", Box::new(NoOverlap::default()));
    assert!(breached(&bully.run(), "NoOverlap"));
    let two = (0..SEEDS).any(|seed| {
        let params = TanenbaumRingParams { ids: ids.clone(), ..Default::default() };
        let outcome = run::<TanenbaumRing>(&jittery(seed, N, true), params, ALL);
        breached(&outcome, "OneLeader") || breached(&outcome, "NoOverlap")
    });
    assert!(two, "two initiators of Tanenbaum's ring decide for different ones");
}

/// A token that overtakes another is back before its owner has seen that one.
#[test]
fn le_lann_on_links_that_reorder_elects_a_worse_one() {
    let broken = (0..SEEDS)
        .map(|seed| run::<LeLann>(&jittery(seed, N, false), LeLannParams::default(), ALL))
        .find(|outcome| breached(outcome, "BestLeader"))
        .expect("a seed that elects a worse one");
    let why = &check(&broken, "BestLeader").detail;
    assert!(why.contains("has been up since before"), "{why}");
}

#[test]
fn a_dead_neighbour_swallows_everything_where_nothing_is_acknowledged() {
    let mut world = jittery(1, N, true);
    world.faults.planned.push(down(N - 1, 0, None));
    let bare = run::<ChangRoberts>(&world, ChangRobertsParams::default(), &single(0));
    assert!(breached(&bare, "Learned"), "{:?}", bare.checks);
    let ack_timeout = Some(ms(50));
    let params = ChangRobertsParams { ack_timeout, ..Default::default() };
    assert_held(&run::<ChangRoberts>(&world, params, &single(0)));
}

/// Acknowledgements within 5 ms, on links that take up to 20: the living are skipped as well.
#[test]
fn an_impatient_ring_skips_the_living() {
    let params = TanenbaumRingParams { ack_timeout: Some(ms(5)), ..Default::default() };
    let passed_over = (0..SEEDS).any(|seed| {
        let world = jittery(seed, N, true);
        breached(&run::<TanenbaumRing>(&world, params.clone(), &single(0)), "BestLeader")
    });
    assert!(passed_over);
}

#[test]
fn a_partition_gives_each_side_a_leader() {
    let groups = vec![
        vec![seedbed_node::NodeId(0), seedbed_node::NodeId(1)],
        (2..N).map(seedbed_node::NodeId).collect(),
    ];
    let mut world = jittery(1, N, true);
    world.faults.planned.push(TimedFault {
        at: at_ms(0),
        until: None,
        fault: Fault::Partition(groups),
    });
    let outcome = run::<Bully>(&world, bully(), ALL);
    assert!(breached(&outcome, "BestLeader"), "{:?}", outcome.checks);
}
