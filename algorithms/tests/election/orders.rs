//! Chang and Roberts over all orders of ids: the exact mean.

use seedbed_algorithms::ChangRoberts;
use seedbed_algorithms::election::ChangRobertsParams;

use crate::support::{ALL, assert_held, jittery, permutations, run, sent};

fn cost(seed: u64, ids: Vec<u32>) -> u64 {
    let n = ids.len() as u32;
    let params = ChangRobertsParams { ids, ..Default::default() };
    let outcome = run::<ChangRoberts>(&jittery(seed, n, true), params, ALL);
    assert_held(&outcome);
    sent(&outcome, "Election")
}

/// N!·N·H_N, an integer: N·(N!/1 + N!/2 + … + N!/N).
fn sum_over_all_orders(n: u64) -> u64 {
    let factorial: u64 = (1..=n).product();
    n * (1..=n).map(|k| factorial / k).sum::<u64>()
}

/// The paper's average: N·H_N messages when all begin, the announcement apart.
#[test]
fn the_mean_over_all_orders_is_exactly_n_times_the_harmonic_number() {
    for n in 2..=6u32 {
        let costs: Vec<u64> =
            permutations(n).into_iter().zip(0..).map(|(ids, seed)| cost(seed, ids)).collect();
        let all = u64::from(n);
        assert_eq!(costs.iter().sum::<u64>(), sum_over_all_orders(all), "{n} nodes");
        assert_eq!(costs.iter().min(), Some(&(2 * all - 1)));
        assert_eq!(costs.iter().max(), Some(&(all * (all + 1) / 2)));
    }
}

/// Turning the ring changes no count: it is enough to fix the place of the highest id.
#[test]
fn the_same_for_seven() {
    let orders = permutations(6).into_iter().zip(0..);
    let sum: u64 = orders
        .map(|(mut ids, seed)| {
            ids.push(6);
            cost(seed, ids)
        })
        .sum();
    assert_eq!(7 * sum, sum_over_all_orders(7));
}
