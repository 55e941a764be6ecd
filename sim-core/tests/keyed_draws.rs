//! Keyed draws look random where it matters: among messages whose names are almost the same.

use seedbed_core::network::{Corruption, Envelope, Fate, LinkModel, Network, NetworkConfig, Noise};
use seedbed_core::rng::{Keys, NameKeys, Purpose, name_key};
use seedbed_node::{Distribution, Duration, Names, NodeId, Probability, Time};

const DRAWS: usize = 200_000;

/// Sequences of keys whose names differ by as little as they do in a run.
fn sequences() -> Vec<(&'static str, Vec<u64>)> {
    let keys = Keys::of_seed(7);
    let key = |a, b, c| keys.key(Purpose::Fate, a, b, c);
    let ada = name_key("ada");
    let sequence = |of: &dyn Fn(u64) -> u64| (0..DRAWS as u64).map(of).collect::<Vec<_>>();
    vec![
        ("adjacent ordinals", sequence(&|i| key(ada, 1_000_000, i))),
        ("adjacent instants", sequence(&|i| key(ada, i, 0))),
        ("instants a millisecond apart", sequence(&|i| key(ada, i * 1_000_000, 0))),
        ("instants a power of two apart", sequence(&|i| key(ada, i << 40, 0))),
        ("adjacent names", sequence(&|i| key(i, 1_000_000, 0))),
        ("hashed names", sequence(&|i| key(name_key(&format!("n{i}")), 0, 0))),
        ("names and instants", sequence(&|i| key(i % 64, i / 64, 0))),
        ("instants and ordinals", sequence(&|i| key(ada, i / 8, i % 8))),
        ("seeds", sequence(&|i| Keys::of_seed(i).key(Purpose::Choice, 1, 2, 3))),
        ("first of adjacent streams", {
            sequence(&|i| keys.draws(Purpose::Client, ada, i, 0).bits())
        }),
        ("one stream", {
            let mut draws = keys.draws(Purpose::Choice, ada, 0, 0);
            (0..DRAWS).map(|_| draws.bits()).collect()
        }),
        ("entropies of messages", entropies()),
    ]
}

/// What the network itself draws: as it combines names, instants, ordinals and rules.
fn entropies() -> Vec<u64> {
    let corrupt = Corruption { chance: Probability::ALWAYS, undetected: true };
    let mut network = network(LinkModel { corrupt, ..LinkModel::default() });
    let fates = (0..DRAWS as u64).map(|i| fate(&mut network, i));
    fates
        .map(|fate| match fate {
            Fate::Travels(travel) => match travel.noise {
                Noise::Altered(bits) => bits,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        })
        .collect()
}

fn network(default: LinkModel) -> Network {
    let names = NameKeys::of(&Names::numbered(10));
    let config = NetworkConfig { default, ..NetworkConfig::default() };
    Network::new(&config, 10, &names, &Keys::of_seed(7)).expect("a sound network")
}

/// Message `i` of a run in which ten nodes broadcast every millisecond.
fn fate(network: &mut Network, i: u64) -> Fate {
    let (from, to) = ((i / 9 % 10) as u32, (i % 9) as u32);
    let (origin, destination) = (NodeId(from), NodeId(if to < from { to } else { to + 1 }));
    let sent_at = Time(i / 90 * 1_000_000);
    let envelope = Envelope { origin, destination, sent_at, ordinal: 0, lineage: 0, bytes: 1 };
    network.depart(&envelope, origin, destination, sent_at)
}

fn unit(bits: u64) -> f64 {
    bits as f64 / u64::MAX as f64
}

/// The correlation of two sequences, in standard errors.
fn correlation(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let pairs: Vec<_> = pairs.collect();
    let n = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let sum = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
    let (xx, yy) = (sum(&|p| (p.0 - x) * (p.0 - x)), sum(&|p| (p.1 - y) * (p.1 - y)));
    sum(&|p| (p.0 - x) * (p.1 - y)) / libm::sqrt(xx * yy) * libm::sqrt(n)
}

#[test]
fn every_bit_is_balanced() {
    for (name, keys) in sequences() {
        for bit in 0..64 {
            let ones = keys.iter().filter(|key| **key >> bit & 1 == 1).count() as f64;
            let off = (ones - DRAWS as f64 / 2.0) / libm::sqrt(DRAWS as f64 / 4.0);
            assert!(off.abs() < 4.8, "{name}: bit {bit} is off by {off} standard errors");
        }
    }
}

#[test]
fn neighbours_are_uncorrelated() {
    for (name, keys) in sequences() {
        for lag in [1, 2, 8, 9, 90] {
            let pairs = keys.iter().zip(&keys[lag..]).map(|(a, b)| (unit(*a), unit(*b)));
            let off = correlation(pairs);
            assert!(off.abs() < 4.5, "{name}: lag {lag} correlates by {off} standard errors");
            let low = keys.iter().zip(&keys[lag..]);
            let off = correlation(low.map(|(a, b)| (unit(*a << 32), unit(*b << 32))));
            assert!(off.abs() < 4.5, "{name}: low halves at lag {lag}: {off} standard errors");
        }
    }
}

#[test]
fn every_byte_is_uniform_and_so_are_its_successors() {
    for (name, keys) in sequences() {
        for byte in 0..8 {
            let of = |key: u64| (key >> (8 * byte) & 255) as usize;
            assert_chi_squared(name, &format!("byte {byte}"), keys.iter().map(|key| of(*key)));
            let changes = keys.windows(2).map(|pair| of(pair[0] ^ pair[1]));
            assert_chi_squared(name, &format!("change of byte {byte}"), changes);
        }
    }
}

/// 255 degrees of freedom: within five standard deviations of the mean on both sides.
fn assert_chi_squared(name: &str, what: &str, bytes: impl Iterator<Item = usize>) {
    let mut seen = [0u32; 256];
    bytes.for_each(|byte| seen[byte] += 1);
    let expected = f64::from(seen.iter().sum::<u32>()) / 256.0;
    let squares = seen.iter().map(|n| (f64::from(*n) - expected) * (f64::from(*n) - expected));
    let off = (squares.sum::<f64>() / expected - 255.0) / libm::sqrt(510.0);
    assert!(off.abs() < 5.0, "{name}: {what} is off by {off} standard deviations");
}

#[test]
fn keys_do_not_collide() {
    for (name, mut keys) in sequences() {
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), DRAWS, "{name}");
    }
}

#[test]
fn one_bit_of_a_name_changes_half_the_bits_of_the_key() {
    const TRIALS: u64 = 4_000;
    let keys = Keys::of_seed(7);
    let key = |[a, b, c]: [u64; 3]| keys.key(Purpose::Fate, a, b, c);
    for word in 0..3 {
        for bit in 0..64 {
            let mut flips = [0u64; 64];
            for trial in 0..TRIALS {
                let words = [name_key("ada") + trial % 16, trial * 1_000_000, trial % 4];
                let mut other = words;
                other[word] ^= 1 << bit;
                let change = key(words) ^ key(other);
                (0..64).for_each(|out| flips[out] += change >> out & 1);
            }
            for (out, flips) in flips.into_iter().enumerate() {
                let off = (flips as f64 - TRIALS as f64 / 2.0) / libm::sqrt(TRIALS as f64 / 4.0);
                assert!(off.abs() < 5.5, "word {word}, bit {bit} on bit {out}: {off}");
            }
        }
    }
}

#[test]
fn the_draws_of_one_message_are_independent_of_each_other() {
    // A delay that takes several numbers, and a quarter, so that no symmetry hides an overlap.
    let quarter = Probability::new(0.25).expect("a probability");
    let link = LinkModel {
        delay: Distribution::Normal { mean: Duration::from_secs(9), sd: Duration::from_secs(1) },
        corrupt: Corruption { chance: quarter, undetected: true },
        duplicate: quarter,
        ..LinkModel::default()
    };
    let mut network = network(link);
    let mut rows = Vec::new();
    for i in 0..DRAWS as u64 {
        let Fate::Travels(travel) = fate(&mut network, i) else { panic!("nothing is lost") };
        let sent = Time(i / 90 * 1_000_000);
        let delay = |at: Time| at.since(sent).as_nanos() as f64;
        let truth = |is| if is { 1.0 } else { 0.0 };
        rows.push((
            delay(travel.arrives),
            travel.second.map(|second| delay(second.arrives)),
            truth(travel.second.is_some()),
            truth(travel.noise != Noise::None),
        ));
    }
    let pairs: [(&str, Vec<(f64, f64)>); 4] = [
        ("delay and copy's delay", rows.iter().filter_map(|r| Some((r.0, r.1?))).collect()),
        ("delay and copy", rows.iter().map(|r| (r.0, r.2)).collect()),
        ("delay and noise", rows.iter().map(|r| (r.0, r.3)).collect()),
        ("copy and noise", rows.iter().map(|r| (r.2, r.3)).collect()),
    ];
    for (name, pairs) in pairs {
        let off = correlation(pairs.into_iter());
        assert!(off.abs() < 4.0, "{name} correlate by {off} standard errors");
    }
}
