//! Random faults within the assumptions: the checks hold for many seeds.

use seedbed_algorithms::election::{
    BullyParams, ChangRobertsParams, Election, HirschbergSinclairParams, LeLannParams,
    TanenbaumRingParams,
};
use seedbed_algorithms::{Bully, ChangRoberts, HirschbergSinclair, LeLann, TanenbaumRing};
use seedbed_core::World;
use seedbed_node::{Algorithm, Draws, Duration};

use crate::support::{assert_held, down, jittery, ms, run, run_within, shuffled, until};

const SEEDS: u64 = 150;

/// Nodes crash for good, one after the other, the leader or another; each time somebody alive (or
/// everybody alive) asks for an election, after all messages have arrived and before the next
/// crash.
fn dwindling(seed: u64, n: u32, all: bool) -> (World, String) {
    let mut draws = Draws::keyed(seed);
    let mut order: Vec<u32> = (0..n).collect();
    draws.shuffle(&mut order);
    let mut world = jittery(seed, n, true);
    let mut elections = vec!["(at: \"10ms\")".to_owned()];
    for (round, survivors) in (1..u64::from(n)).zip((1..n as usize).rev()) {
        let crash_ms = round * 10_000;
        world.faults.planned.push(down(order[survivors], crash_ms, None));
        let one = draws.below(survivors as u64) as usize;
        let askers = if all { &order[..survivors] } else { &order[one..=one] };
        let askers: Vec<_> = askers.iter().map(|node| format!("NodeId({node})")).collect();
        let (at_ms, askers) = (crash_ms + 100, askers.join(","));
        elections.push(format!("(at: \"{at_ms}ms\", nodes: [{askers}])"));
    }
    (world, format!("Script(elections: [{}])", elections.join(", ")))
}

fn holds_while_dwindling<A>(all: bool, params: impl Fn(Vec<u32>) -> A::Params)
where
    A: Algorithm<Family = Election>,
{
    for seed in 0..SEEDS {
        let n = 2 + (seed % 6) as u32;
        let (world, load) = dwindling(seed, n, all);
        let outcome = run::<A>(&world, params(shuffled(seed, n)), &load);
        assert_held(&outcome);
        let later = if all { (1..n).sum() } else { n - 1 };
        assert_eq!(outcome.operations.count, u64::from(n + later));
    }
}

#[test]
fn the_bully_elects_the_best_of_those_who_are_left() {
    holds_while_dwindling::<Bully>(false, |ids| BullyParams {
        ids,
        answer_timeout: ms(50),
        coordinator_timeout: ms(120),
        ..Default::default()
    });
}

#[test]
fn the_rings_elect_the_best_of_those_who_are_left() {
    let ack_timeout = Some(ms(50));
    holds_while_dwindling::<LeLann>(false, |ids| LeLannParams {
        ids,
        ack_timeout,
        ..Default::default()
    });
    // The best initiator wins: only if all are asked is it the best of all.
    holds_while_dwindling::<LeLann>(true, |ids| LeLannParams {
        ids,
        ack_timeout,
        join: false,
        ..Default::default()
    });
    holds_while_dwindling::<ChangRoberts>(false, |ids| ChangRobertsParams {
        ids,
        ack_timeout,
        ..Default::default()
    });
    holds_while_dwindling::<TanenbaumRing>(false, |ids| TanenbaumRingParams {
        ids,
        ack_timeout,
        ..Default::default()
    });
    holds_while_dwindling::<HirschbergSinclair>(false, |ids| HirschbergSinclairParams {
        ids,
        ack_timeout,
        ..Default::default()
    });
}

/// Elections requested at random instants, often several at once, nobody crashing.
#[test]
fn elections_that_follow_each_other_closely_all_end() {
    let load = "Repeated(every: Exponential(mean: \"150ms\"), elections_per_node: 8)";
    for seed in 0..SEEDS {
        let n = 2 + (seed % 6) as u32;
        let (world, ids) = (jittery(seed, n, true), shuffled(seed, n));
        let bully = BullyParams {
            ids: ids.clone(),
            answer_timeout: ms(50),
            coordinator_timeout: ms(120),
            ..Default::default()
        };
        assert_held(&run::<Bully>(&world, bully, load));
        let le_lann = LeLannParams { ids: ids.clone(), ..Default::default() };
        assert_held(&run::<LeLann>(&world, le_lann, load));
        let chang_roberts = ChangRobertsParams { ids: ids.clone(), ..Default::default() };
        assert_held(&run::<ChangRoberts>(&world, chang_roberts, load));
        let tanenbaum = TanenbaumRingParams { ids: ids.clone(), ..Default::default() };
        assert_held(&run::<TanenbaumRing>(&world, tanenbaum, load));
        let hirschberg_sinclair = HirschbergSinclairParams { ids, ..Default::default() };
        assert_held(&run::<HirschbergSinclair>(&world, hirschberg_sinclair, load));
    }
}

/// Crashes and returns at any instant, in the middle of elections and of handlers: with pings, the
/// bully comes to rest again within a second.
#[test]
fn a_pinging_bully_recovers_from_crashes_at_any_instant() {
    let params = |ids| BullyParams {
        ids,
        answer_timeout: ms(50),
        coordinator_timeout: ms(120),
        ping: Some(ms(80)),
        ping_timeout: ms(50),
        elect_at_boot: true,
        ..Default::default()
    };
    for seed in 0..SEEDS {
        let n = 2 + (seed % 5) as u32;
        let mut draws = Draws::keyed(seed);
        let mut world = until(jittery(seed, n, false), 8);
        for _ in 0..6 {
            let at_ms = draws.below(4_000);
            let node = draws.below(u64::from(n)) as u32;
            let back = draws.below(4) > 0;
            let mut crash = down(node, at_ms, back.then(|| at_ms + 1 + draws.below(300)));
            if let seedbed_core::fault::Fault::Crash { after_effects, .. } = &mut crash.fault {
                *after_effects = (draws.below(2) > 0).then(|| draws.below(4) as u32);
            }
            world.faults.planned.push(crash);
        }
        let within = Some(Duration::from_secs(2));
        assert_held(&run_within::<Bully>(&world, params(shuffled(seed, n)), "Detected", within));
    }
}

/// With pings and acknowledgements, rings replace leaders that die between elections.
#[test]
fn pinging_rings_replace_leaders_that_die() {
    for seed in 0..SEEDS {
        let n = 3 + (seed % 5) as u32;
        let mut world = until(jittery(seed, n, true), 12);
        world.faults.planned.push(down(n - 1, 3_000, None));
        world.faults.planned.push(down(n - 2, 7_000, None));
        let (ack_timeout, ping, ping_timeout) = (Some(ms(50)), Some(ms(100)), ms(60));
        let load = crate::support::ALL;
        let within = Some(Duration::from_secs(3));
        let params = TanenbaumRingParams { ack_timeout, ping, ping_timeout, ..Default::default() };
        assert_held(&run_within::<TanenbaumRing>(&world, params, load, within));
        let params = ChangRobertsParams { ack_timeout, ping, ping_timeout, ..Default::default() };
        assert_held(&run_within::<ChangRoberts>(&world, params, load, within));
        let params = LeLannParams { ack_timeout, ping, ping_timeout, ..Default::default() };
        assert_held(&run_within::<LeLann>(&world, params, load, within));
        let params =
            HirschbergSinclairParams { ack_timeout, ping, ping_timeout, ..Default::default() };
        assert_held(&run_within::<HirschbergSinclair>(&world, params, load, within));
    }
}
