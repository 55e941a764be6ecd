//! Keys per node (SIGCOMM 2001, section 6.2; consistent hashing, Karger et al., STOC 1997).
//!
//! Positions cut the circle at random. A gap is a share of it that is exponential as the ring
//! grows, with mean `1/N`; with `v` virtual nodes a member has `v` gaps, a sum that follows the
//! gamma law of shape `v`. Keys fall into gaps at random, so that keys per member are a Poisson
//! count around its share.

use std::collections::BTreeMap;

use seedbed_algorithms::chord::{ChordParams, Peer, Space};
use seedbed_core::World;
use seedbed_node::Members;

use crate::support::{Run, assert_held, at_rest, idle};

/// How many keys each member is responsible for, by the definition: the first position at or
/// after a key's identifier.
fn keys_per_member(params: &ChordParams, members: u32, keys: u64) -> Vec<u64> {
    let space = Space::new(params, Members(members));
    let ring: BTreeMap<u64, Peer> =
        (0..space.positions()).map(|p| (space.id(Peer(p)), Peer(p))).collect();
    let mut counts = vec![0; members as usize];
    for key in (0..keys).map(|name| space.key(name)) {
        let ahead = ring.range(key..).next().or_else(|| ring.first_key_value());
        let (_, owner) = ahead.expect("somebody is on the ring");
        counts[space.host(*owner).index()] += 1;
    }
    counts
}

/// The part of the gamma law of integer shape and mean 1 that lies below `x`.
fn gamma_below(shape: u32, x: f64) -> f64 {
    let rate = f64::from(shape) * x;
    let terms = (0..shape).scan(1.0, |term, i| {
        let this = *term;
        *term *= rate / f64::from(i + 1);
        Some(this)
    });
    1.0 - libm::exp(-rate) * terms.sum::<f64>()
}

/// The greatest difference between the members' shares and the gamma law (Kolmogorov–Smirnov).
fn distance_from_gamma(mut counts: Vec<u64>, shape: u32) -> f64 {
    counts.sort_unstable();
    let n = counts.len() as f64;
    let mean = counts.iter().sum::<u64>() as f64 / n;
    let steps = counts.iter().enumerate().map(|(below, count)| {
        let law = gamma_below(shape, *count as f64 / mean);
        (law - below as f64 / n).abs().max((below as f64 + 1.0) / n - law)
    });
    steps.fold(0.0, f64::max)
}

/// Above this the Kolmogorov–Smirnov statistic of `n` samples is in one case of a thousand.
fn critical(n: u32) -> f64 {
    1.95 / libm::sqrt(f64::from(n))
}

const MEMBERS: u32 = 2_000;
/// So many that the Poisson counts hide nothing of the shares.
const KEYS: u64 = 1_000_000;

fn spread(virtuals: u16, salt: u64) -> Vec<u64> {
    let params = ChordParams { virtuals, salt, bits: 64, ..at_rest() };
    keys_per_member(&params, MEMBERS, KEYS)
}

#[test]
fn without_virtual_nodes_keys_per_node_are_exponential() {
    let counts = spread(1, 1);
    assert_eq!(counts.iter().sum::<u64>(), KEYS);
    let distance = distance_from_gamma(counts.clone(), 1);
    assert!(distance < critical(MEMBERS), "{distance}");
    assert!(distance_from_gamma(counts.clone(), 2) > 2.0 * critical(MEMBERS), "and no other law");
    // The largest of N exponential shares is about ln N times the mean.
    let mean = KEYS as f64 / f64::from(MEMBERS);
    let largest = *counts.iter().max().expect("two thousand") as f64 / mean;
    let logarithm = libm::log(f64::from(MEMBERS));
    assert!((logarithm - 2.0..logarithm + 5.0).contains(&largest), "{largest} of {logarithm}");
}

/// SIGCOMM 2001, figure 9: with more virtual nodes, the load of members is more even.
#[test]
fn with_virtual_nodes_keys_per_node_follow_the_gamma_law_of_their_number() {
    let mut deviation_before = f64::INFINITY;
    for virtuals in [2, 5, 10, 20] {
        let counts = spread(virtuals, 7);
        let distance = distance_from_gamma(counts.clone(), virtuals.into());
        assert!(distance < critical(MEMBERS), "{virtuals}: {distance}");
        let mean = KEYS as f64 / f64::from(MEMBERS);
        let squares = counts.iter().map(|count| libm::pow(*count as f64 - mean, 2.0)).sum::<f64>();
        let deviation = libm::sqrt(squares / f64::from(MEMBERS)) / mean;
        let theory = 1.0 / libm::sqrt(f64::from(virtuals));
        assert!((deviation / theory - 1.0).abs() < 0.1, "{virtuals}: {deviation} of {theory}");
        assert!(deviation < deviation_before);
        deviation_before = deviation;
    }
}

/// What a run's nodes store is what the definition gives them, virtual nodes or not.
#[test]
fn nodes_store_the_keys_that_are_theirs() {
    for virtuals in [1, 4] {
        let members = 100;
        let params = ChordParams { virtuals, keys: 5_000, salt: 3, ..at_rest() };
        let counts = keys_per_member(&params, members, 5_000);
        let world = World::new(1, members);
        let outcome = Run::new(&world, params, idle(members)).outcome();
        assert_held(&outcome);
        let measured = |name: &str| outcome.measures[name];
        assert!((measured("keys_per_node_mean") - 50.0).abs() < 1e-9);
        assert_eq!(measured("keys_per_node_max"), *counts.iter().max().expect("members") as f64);
    }
}
