//! The rings' messages, for every size and every initiator.

use seedbed_algorithms::election::{
    ChangRobertsParams, HirschbergSinclairParams, LeLannParams, TanenbaumRingParams,
};
use seedbed_algorithms::{ChangRoberts, HirschbergSinclair, LeLann, TanenbaumRing};
use seedbed_core::Outcome;
use seedbed_node::{Algorithm, Theory};

use crate::support::{ALL, assert_held, down, jittery, ms, run, sent, shuffled, single, world};

fn le_lann(ids: Vec<u32>) -> LeLannParams {
    LeLannParams { ids, ..Default::default() }
}

fn chang_roberts(ids: Vec<u32>) -> ChangRobertsParams {
    ChangRobertsParams { ids, ..Default::default() }
}

fn tanenbaum(ids: Vec<u32>) -> TanenbaumRingParams {
    TanenbaumRingParams { ids, ..Default::default() }
}

fn hirschberg_sinclair(ids: Vec<u32>) -> HirschbergSinclairParams {
    HirschbergSinclairParams { ids, ..Default::default() }
}

fn per_election(outcome: &Outcome) -> (u64, u64) {
    let per = outcome.operations.messages_per.expect("elections");
    (per.min, per.max)
}

/// Steps along the ring from `from` to the owner of the highest id.
fn distance_to_highest(ids: &[u32], from: u32) -> u64 {
    let n = ids.len();
    let highest = (0..n).max_by_key(|p| ids[*p]).expect("some ids");
    ((highest + n - from as usize) % n) as u64
}

#[test]
fn le_lann_costs_n_squared_whoever_begins_and_whatever_the_order() {
    for n in 2..=20u32 {
        let all = u64::from(n);
        let ids = shuffled(all, n);
        for load in [ALL, &single(n / 2), &single(0)] {
            let outcome = run::<LeLann>(&jittery(all, n, true), le_lann(ids.clone()), load);
            assert_held(&outcome);
            assert_eq!(outcome.messages.sent, all * all);
            let each = if load == ALL { all } else { all * all };
            assert_eq!(per_election(&outcome), (each, each), "{n} nodes, {load}");
        }
        assert_eq!(LeLann::theory(n, &le_lann(ids)), Theory::Exactly((all * all) as f64));
    }
}

#[test]
fn with_initiators_only_k_of_them_cost_kn_and_n_to_announce() {
    for n in 2..=20u32 {
        for k in 1..=n {
            let nodes: Vec<_> = (0..k).map(|node| format!("NodeId({node})")).collect();
            let load = format!("Script(elections: [(at: \"10ms\", nodes: [{}])])", nodes.join(","));
            let params = LeLannParams { join: false, ..le_lann(shuffled(u64::from(n), n)) };
            let outcome = run::<LeLann>(&jittery(1, n, true), params, &load);
            assert_held(&outcome);
            assert_eq!(sent(&outcome, "Token"), u64::from(k * n));
            assert_eq!(sent(&outcome, "Elected"), u64::from(n));
        }
    }
}

#[test]
fn chang_roberts_costs_2n_minus_1_at_least_and_n_n_plus_1_over_2_at_most() {
    for n in 2..=20u32 {
        let all = u64::from(n);
        let ascending: Vec<u32> = (0..n).collect();
        let descending: Vec<u32> = (0..n).rev().collect();
        for (ids, cost) in [(ascending, 2 * all - 1), (descending, all * (all + 1) / 2)] {
            let outcome = run::<ChangRoberts>(&jittery(all, n, true), chang_roberts(ids), ALL);
            assert_held(&outcome);
            assert_eq!(sent(&outcome, "Election"), cost, "{n} nodes");
            assert_eq!(sent(&outcome, "Elected"), all, "the announcement's lap");
        }
    }
}

/// The highest is reached by ever higher ids, makes its lap and announces it.
#[test]
fn a_single_initiator_costs_its_distance_to_the_highest_and_two_laps() {
    for n in 2..=16u32 {
        let ids = shuffled(u64::from(n) + 7, n);
        let mut costs = Vec::new();
        for node in 0..n {
            let outcome = run::<ChangRoberts>(
                &jittery(1, n, false),
                chang_roberts(ids.clone()),
                &single(node),
            );
            assert_held(&outcome);
            let cost = distance_to_highest(&ids, node) + 2 * u64::from(n);
            assert_eq!(outcome.messages.sent, cost, "{n} nodes, initiator {node}");
            costs.push(cost as f64);
        }
        costs.sort_by(f64::total_cmp);
        let theory = ChangRoberts::theory(n, &chang_roberts(ids));
        assert_eq!(theory, Theory::Between(costs[0], costs[costs.len() - 1]));
    }
}

#[test]
fn tanenbaums_ring_costs_2n_for_each_initiator() {
    for n in 2..=20u32 {
        let all = u64::from(n);
        let ids = shuffled(all, n);
        for load in [ALL, &single(n / 2), &single(0)] {
            let outcome =
                run::<TanenbaumRing>(&jittery(all, n, false), tanenbaum(ids.clone()), load);
            assert_held(&outcome);
            assert_eq!(per_election(&outcome), (2 * all, 2 * all), "{n} nodes");
            assert_eq!(outcome.messages.sent, outcome.operations.count * 2 * all);
            assert_eq!(outcome.transport.sent, 0);
        }
        assert_eq!(TanenbaumRing::theory(n, &tanenbaum(ids)), Theory::Exactly((2 * all) as f64));
    }
}

/// The n − 1 alive make two laps, and each lap has one attempt at the dead one, which is not
/// acknowledged.
#[test]
fn a_dead_node_is_skipped_and_acknowledgements_are_counted_apart() {
    for n in 3..=16u32 {
        let all = u64::from(n);
        let mut world = jittery(all, n, false);
        world.faults.planned.push(down(n - 1, 0, None));
        let ack_timeout = Some(ms(50));
        let tanenbaum = TanenbaumRingParams { ack_timeout, ..tanenbaum(vec![]) };
        let outcome = run::<TanenbaumRing>(&world, tanenbaum, &single(0));
        assert_held(&outcome);
        assert_eq!(outcome.messages.sent, 2 * (all - 1) + 2);
        assert_eq!(outcome.messages.to_dead, 2);
        assert_eq!(sent(&outcome, "Ack"), 2 * (all - 1));
        assert_eq!(outcome.transport.sent, 2 * (all - 1));

        let chang_roberts = ChangRobertsParams { ack_timeout, ..chang_roberts(vec![]) };
        let outcome = run::<ChangRoberts>(&world, chang_roberts, &single(0));
        assert_held(&outcome);
        let laps = 2 * (all - 1) + (all - 2);
        assert_eq!(outcome.messages.sent - outcome.messages.to_dead, laps, "3n-1 with n-1 alive");
        assert_eq!(sent(&outcome, "Ack"), laps);
    }
}

#[test]
fn with_acknowledgements_everybody_alive_pays_the_closed_forms_all_the_same() {
    for n in 2..=16u32 {
        let (all, ack_timeout) = (u64::from(n), Some(ms(50)));
        let world = jittery(all, n, true);
        let params = LeLannParams { ack_timeout, ..le_lann(shuffled(all, n)) };
        let outcome = run::<LeLann>(&world, params, ALL);
        assert_held(&outcome);
        assert_eq!((outcome.messages.sent, outcome.transport.sent), (all * all, all * all));
        let descending = (0..n).rev().collect();
        let params = ChangRobertsParams { ack_timeout, ..chang_roberts(descending) };
        let outcome = run::<ChangRoberts>(&world, params, ALL);
        assert_eq!(outcome.messages.sent, all * (all + 1) / 2 + all);
        assert_eq!(outcome.messages.sent, sent(&outcome, "Ack"));
    }
}

#[test]
fn alone_a_node_elects_itself_without_a_message() {
    for outcome in [
        run::<LeLann>(&world(1, 1), le_lann(vec![]), ALL),
        run::<ChangRoberts>(&world(1, 1), chang_roberts(vec![]), ALL),
        run::<TanenbaumRing>(&world(1, 1), tanenbaum(vec![]), ALL),
        run::<HirschbergSinclair>(&world(1, 1), hirschberg_sinclair(vec![]), ALL),
    ] {
        assert_held(&outcome);
        assert_eq!(outcome.messages.sent, 0);
        assert_eq!(outcome.measures["decisions"], 1.0);
    }
}

/// Hops until an id meets a higher one, in both directions: what a phase of one candidate sees.
fn reach(ids: &[u32], from: usize) -> [usize; 2] {
    let n = ids.len();
    let until = |step: usize| (1..n).find(|d| ids[(from + d * step) % n] > ids[from]).unwrap_or(n);
    [until(1), until(n - 1)]
}

/// The paper's algorithm in lockstep, counted on paper: each phase's candidates send both ways as
/// far as the phase looks or to the next higher id, and answers come back as far; a whole lap
/// needs none.
fn counted(ids: &[u32]) -> u64 {
    let (n, mut distance, mut total) = (ids.len(), 1, 0);
    let mut candidates: Vec<usize> = (0..n).collect();
    while !candidates.is_empty() {
        let mut next = Vec::new();
        for candidate in candidates {
            let reach = reach(ids, candidate);
            for hops in reach {
                let round = hops == n && distance >= n;
                total += if round { n } else { 2 * hops.min(distance) } as u64;
            }
            let goes_on = distance < n && reach.iter().all(|hops| *hops > distance);
            next.extend(goes_on.then_some(candidate));
        }
        candidates = next;
        distance *= 2;
    }
    total
}

/// 4·(N + 2⌈N/2⌉ + 4⌈N/3⌉ + 8⌈N/5⌉ + …), with 1 + ⌈log₂N⌉ terms.
fn finer_bound(n: u64) -> u64 {
    let phases = n.next_power_of_two().ilog2();
    let later: u64 = (1..=phases).map(|i| (1 << i) * n.div_ceil((1 << (i - 1)) + 1)).sum();
    4 * (n + later)
}

fn assert_bounded(outcome: &Outcome) {
    assert_held(outcome);
    let n = u64::from(outcome.nodes);
    let log = u64::from(n.next_power_of_two().ilog2());
    let messages = outcome.messages.sent - sent(outcome, "Elected");
    assert_eq!(sent(outcome, "Elected"), n);
    assert!(messages <= finer_bound(n), "{messages} for {n} nodes");
    assert!(finer_bound(n) <= 8 * n * (1 + log));
}

#[test]
fn hirschberg_sinclair_in_lockstep_costs_exactly_what_the_paper_counts() {
    for n in 2..=6 {
        let orders = crate::support::permutations(n);
        let mut costs = Vec::new();
        for ids in orders {
            let outcome =
                run::<HirschbergSinclair>(&world(1, n), hirschberg_sinclair(ids.clone()), ALL);
            assert_bounded(&outcome);
            let messages = outcome.messages.sent - u64::from(n);
            assert_eq!(messages, counted(&ids), "{ids:?}");
            costs.push(messages);
        }
        costs.sort_unstable();
        let pinned = (costs[0], costs[costs.len() - 1], costs.iter().sum::<u64>());
        assert_eq!(pinned, PINNED[n as usize - 2], "{n} nodes: least, most, sum over all orders");
    }
    for n in 7..=32 {
        for seed in 0..20 {
            let ids = shuffled(seed, n);
            let outcome =
                run::<HirschbergSinclair>(&world(1, n), hirschberg_sinclair(ids.clone()), ALL);
            assert_bounded(&outcome);
            assert_eq!(outcome.messages.sent - u64::from(n), counted(&ids), "{ids:?}");
        }
    }
}

/// Least, most, and the sum over all orders of N = 2..=6 ids.
const PINNED: [(u64, u64, u64); 5] =
    [(12, 12, 24), (26, 26, 156), (32, 40, 832), (54, 62, 7120), (60, 80, 50688)];

#[test]
fn hirschberg_sinclair_stays_below_its_bound_whatever_the_delays_and_initiators() {
    for n in 2..=32 {
        for seed in 0..10 {
            for load in [ALL, &single(0), &single(n - 1)] {
                let params = hirschberg_sinclair(shuffled(seed, n));
                assert_bounded(&run::<HirschbergSinclair>(&jittery(seed, n, true), params, load));
            }
        }
    }
}
