//! Path lengths (SIGCOMM 2001, section 6.3) and what a lookup costs.

use std::collections::BTreeMap;

use seedbed_algorithms::chord::{Chord, ChordParams, Routing};
use seedbed_core::World;
use seedbed_node::{Algorithm, Theory};

use crate::support::{Run, assert_held, at_rest, fully_populated, load, path_lengths};

const ROUTINGS: [Routing; 2] = [Routing::Recursive, Routing::Iterative];

/// Every member looks up every key of a ring of `2^bits`.
fn all_pairs(bits: u8, lookup: Routing) -> (BTreeMap<u32, u64>, seedbed_core::Outcome) {
    let nodes = 1 << bits;
    let world = World::new(1, nodes);
    let params = ChordParams { lookup, ..fully_populated(bits) };
    let pace = format!("Closed(think: Constant(\"0s\"), requests_per_node: {nodes})");
    let load = load(&format!("(pace: {pace}, keys: Uniform(count: {nodes}), in_turn: true)"));
    path_lengths(Run::new(&world, params, load))
}

fn binomial(n: u64, k: u64) -> u64 {
    (0..k).fold(1, |product, i| product * (n - i) / (i + 1))
}

#[test]
fn on_a_full_circle_the_path_length_is_binomial_with_one_half() {
    for (bits, lookup) in (1..=8).flat_map(|bits| ROUTINGS.map(|lookup| (bits, lookup))) {
        let (histogram, outcome) = all_pairs(bits, lookup);
        assert_held(&outcome);
        let sources = 1u64 << bits;
        let expected: BTreeMap<u32, u64> = (0..=u32::from(bits))
            .map(|hops| (hops, sources * binomial(bits.into(), hops.into())))
            .collect();
        assert_eq!(histogram, expected, "{bits} bits, {lookup:?}");
    }
}

#[test]
fn on_a_full_circle_messages_per_lookup_are_as_the_closed_form() {
    for (bits, lookup) in [1, 4, 7].into_iter().flat_map(|bits| ROUTINGS.map(|l| (bits, l))) {
        let (_, outcome) = all_pairs(bits, lookup);
        let params = ChordParams { lookup, ..fully_populated(bits) };
        let Theory::Mean(theory) = Chord::theory(1 << bits, &params) else {
            panic!("the full circle has a closed form");
        };
        let lookups = outcome.operations.count as f64;
        let mean = outcome.operations.messages_per.expect("some lookups").mean;
        let total = (theory * lookups).round();
        assert_eq!((mean * lookups).round(), total, "{bits} bits, {lookup:?}");
        assert_eq!(outcome.messages.sent as f64, total, "nothing else is sent");
    }
}

/// SIGCOMM 2001, figure 10: the mean path length is about half the binary logarithm of the number
/// of nodes. Between hashed identifiers it is a little less (the last step is not counted); the
/// distribution stays as narrow as the binomial one, whose standard deviation is half a root of
/// the logarithm.
#[test]
fn with_hashed_identifiers_the_mean_is_about_half_the_logarithm() {
    for power in [7u32, 8, 9, 10, 11, 12, 13, 14] {
        let nodes = 1 << power;
        let world = World::new(u64::from(power), nodes);
        let requests = ((1 << 13) / nodes).max(1);
        let pace = format!("Closed(think: Constant(\"1ms\"), requests_per_node: {requests})");
        let load = load(&format!("(pace: {pace}, keys: Uniform(count: 1000000))"));
        let params = ChordParams { bits: 48, salt: u64::from(power), ..at_rest() };
        let (histogram, outcome) = path_lengths(Run::new(&world, params, load));
        assert_held(&outcome);
        let count = histogram.values().sum::<u64>() as f64;
        let mean_of = |f: fn(f64) -> f64| {
            let terms = histogram.iter().map(|(hops, n)| f(f64::from(*hops)) * *n as f64);
            terms.sum::<f64>() / count
        };
        let mean = mean_of(|hops| hops);
        let deviation = libm::sqrt(mean_of(|hops| hops * hops) - mean * mean);
        let half = f64::from(power) / 2.0;
        assert!((mean - half).abs() < 0.35, "2^{power}: mean {mean}");
        let narrow = libm::sqrt(f64::from(power)) / 2.0;
        assert!((deviation / narrow - 1.0).abs() < 0.2, "2^{power}: deviation {deviation}");
    }
}
