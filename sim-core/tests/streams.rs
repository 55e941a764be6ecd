//! Keyed streams under the empirical tests of the literature: Knuth, TAOCP 2 (3rd ed.), §3.3.2
//! frequency (A), serial (B), gap (C) and birthday spacings (J), and the serial correlation
//! coefficient (K); the collision test (I) at its limit; the avalanche criterion (Webster &
//! Tavares, CRYPTO '85) as TestU01 does for hashes (L'Ecuyer & Simard, TOMS 2007).
//!
//! Under test is the first output of each of 2^20 streams whose keys differ by as little as a
//! kernel's do: by one in the instant, the ordinal or a name. `keyed_draws.rs` tests what the
//! network combines from such keys. All seeds are fixed, so a test passes always or never; the
//! false-alarm probability stated at each is the chance that a perfect generator had failed it at
//! these seeds. Every test is shown to fail, on a generator with the defect that it looks for.

use seedbed_core::rng::{Keys, Purpose, name_key};
use seedbed_node::mix;

/// The outputs of one sequence of keys.
const OUTPUTS: usize = 1 << 20;

/// A generator under test: from a purpose's three words to the first output of their stream.
type Generator<'a> = &'a dyn Fn([u64; 3]) -> u64;

/// An empirical test: what is wrong with this sequence, if anything is.
type Test = fn(&[u64]) -> Result<(), String>;

const TESTS: [(&str, Test); 6] = [
    ("frequency", frequency),
    ("serial pairs", serial_pairs),
    ("gap", gap),
    ("birthday spacings", birthday_spacings),
    ("serial correlation", serial_correlation),
    ("collisions", collisions),
];

/// Sequences of keys as a kernel makes them, varying one word by one or by a usual step.
fn sequences(draw: Generator<'_>) -> Vec<(&'static str, Vec<u64>)> {
    let ada = name_key("ada");
    let sequence =
        |words: &dyn Fn(u64) -> [u64; 3]| (0..OUTPUTS as u64).map(|i| draw(words(i))).collect();
    vec![
        ("instants a nanosecond apart", sequence(&|i| [ada, i, 0])),
        ("instants a millisecond apart", sequence(&|i| [ada, i * 1_000_000, 0])),
        ("ordinals", sequence(&|i| [ada, 1_000_000_000, i])),
        ("plain names", sequence(&|i| [i, 1_000_000_000, 0])),
        ("names n0, n1, …", sequence(&|i| [name_key(&format!("n{i}")), 1_000_000_000, 0])),
        ("names, instants and ordinals", sequence(&|i| [i & 63, i >> 9, i >> 6 & 7])),
    ]
}

/// The generator that runs use.
fn keyed(seed: u64, purpose: Purpose) -> impl Fn([u64; 3]) -> u64 {
    let keys = Keys::of_seed(seed);
    move |[a, b, c]| keys.draws(purpose, a, b, c).bits()
}

#[test]
fn first_outputs_pass_every_test() {
    // 72 tests; a perfect generator fails any of them with a probability of about 3·10^-5.
    for (seed, purpose) in [(1, Purpose::Fate), (2, Purpose::Service)] {
        for (keys, outputs) in sequences(&keyed(seed, purpose)) {
            for (name, test) in TESTS {
                test(&outputs).unwrap_or_else(|why| {
                    panic!("{name}, {keys}, {purpose:?} of seed {seed}: {why}");
                });
            }
        }
    }
}

#[test]
fn one_bit_of_a_word_changes_half_the_output() {
    for seed in [1, 2] {
        avalanche(&keyed(seed, Purpose::Choice)).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
}

#[test]
fn purposes_and_seeds_do_not_correlate() {
    let zip = |of: [&dyn Fn([u64; 3]) -> u64; 2]| -> Vec<u64> {
        (0..OUTPUTS as u64 / 2).flat_map(|i| of.map(|draw| draw([7, i, 0]))).collect()
    };
    let (fate, choice) = (keyed(1, Purpose::Fate), keyed(1, Purpose::Choice));
    let next = keyed(2, Purpose::Fate);
    for (what, outputs) in [("purposes", zip([&fate, &choice])), ("seeds", zip([&fate, &next]))] {
        for (name, test) in TESTS {
            test(&outputs).unwrap_or_else(|why| panic!("{name}, adjacent {what}: {why}"));
        }
    }
}

#[test]
fn every_test_finds_the_defect_that_it_looks_for() {
    const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
    let random = |i: u64| mix(i.wrapping_mul(GAMMA));
    let all = |of: &dyn Fn(u64) -> u64| -> Vec<u64> { (0..OUTPUTS as u64).map(of).collect() };
    // A good output, but on every `period`-th occasion another.
    let spoilt = |period: u64, other: &dyn Fn(u64) -> u64| {
        all(&|i| if i % period == period - 1 { other(i) } else { random(i) })
    };
    let good = all(&random);
    for (name, test) in TESTS {
        test(&good).unwrap_or_else(|why| panic!("{name} on a good generator: {why}"));
    }
    let defects: [(&str, Vec<u64>); 6] = [
        ("frequency", spoilt(200, &|i| random(i) & !255)),
        // The lowest byte is that of the output before: uniform, but not a pair.
        ("serial pairs", spoilt(100, &|i| random(i) & !255 | random(i - 1) & 255)),
        // A small output is followed by another sixteen later.
        ("gap", spoilt(17, &|i| random(i) >> if random(i - 16) >> 60 == 0 { 4 } else { 0 })),
        // A Weyl sequence is equidistributed; its spacings are all alike.
        ("birthday spacings", all(&|i| i.wrapping_mul(GAMMA))),
        ("serial correlation", spoilt(100, &|i| random(i - 1) ^ random(i) >> 12)),
        ("collisions", spoilt(OUTPUTS as u64, &|i| random(i / 2))),
    ];
    for (name, outputs) in defects {
        let (_, test) = TESTS.iter().find(|(test, _)| *test == name).expect("it is listed");
        assert!(test(&outputs).is_err(), "{name}: the defect is not found");
    }
}

#[test]
fn avalanche_finds_what_does_not_spread() {
    // The second word is only multiplied: its high bits never reach the low ones.
    let multiplied = |[a, b, c]: [u64; 3]| mix(a) ^ b.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ mix(c);
    assert!(avalanche(&multiplied).is_err());
    // One output bit ignores one input bit in a quarter of the cases.
    let draw = keyed(1, Purpose::Choice);
    let deaf = |[a, b, c]: [u64; 3]| {
        let heard = if c.is_multiple_of(4) { b & !(1 << 7) } else { b };
        draw([a, b, c]) & !(1 << 40) | draw([a, heard, c]) & 1 << 40
    };
    assert!(avalanche(&deaf).is_err());
}

/// The chi-square statistic of equally likely cells against a bound that it passes, on either
/// side, with probability 10^-7 (Wilson & Hilferty, PNAS 1931: the cube root is about normal).
fn chi_square(what: &str, cells: &[u32]) -> Result<(), String> {
    let expected = f64::from(cells.iter().sum::<u32>()) / cells.len() as f64;
    let square = |n: &u32| (f64::from(*n) - expected) * (f64::from(*n) - expected) / expected;
    judge_chi_square(what, cells.iter().map(square).sum(), cells.len() - 1)
}

fn judge_chi_square(what: &str, statistic: f64, freedom: usize) -> Result<(), String> {
    let spread = 2.0 / (9.0 * freedom as f64);
    let z = (libm::cbrt(statistic / freedom as f64) - (1.0 - spread)) / libm::sqrt(spread);
    within(what, z)
}

/// 5.33 standard deviations: probability 10^-7 on both sides together.
fn within(what: &str, z: f64) -> Result<(), String> {
    if z.abs() < 5.33 {
        Ok(())
    } else {
        Err(format!("{what} is off by {z:.1} standard deviations"))
    }
}

/// §3.3.2 A on each byte, 255 degrees of freedom. False alarm: 8·10^-7 a sequence.
fn frequency(outputs: &[u64]) -> Result<(), String> {
    for byte in 0..8 {
        let mut cells = [0; 256];
        for output in outputs {
            cells[(output >> (8 * byte) & 255) as usize] += 1;
        }
        chi_square(&format!("byte {byte}"), &cells)?;
    }
    Ok(())
}

/// §3.3.2 B: pairs of consecutive outputs that do not overlap, by four windows of six bits each,
/// the highest and the lowest included, 4095 degrees of freedom. False alarm: 4·10^-7 a sequence.
fn serial_pairs(outputs: &[u64]) -> Result<(), String> {
    for shift in [58, 29, 6, 0] {
        let mut cells = [0; 4096];
        for pair in outputs.chunks_exact(2) {
            let of = |output: u64| (output >> shift & 63) as usize;
            cells[of(pair[0]) << 6 | of(pair[1])] += 1;
        }
        chi_square(&format!("pairs of bits {shift} and up"), &cells)?;
    }
    Ok(())
}

/// §3.3.2 C: outputs between two that are in the lowest sixteenth, by their high bits and by their
/// low ones; gaps of 48 and more are one cell. False alarm: 2·10^-7 a sequence.
fn gap(outputs: &[u64]) -> Result<(), String> {
    const LONGEST: usize = 48;
    for (what, shift) in [("gaps in the high bits", 60), ("gaps in the low bits", 0)] {
        let (mut cells, mut length) = ([0u32; LONGEST + 1], 0);
        for output in outputs {
            if output >> shift & 15 == 0 {
                cells[length.min(LONGEST)] += 1;
                length = 0;
            } else {
                length += 1;
            }
        }
        let gaps = f64::from(cells.iter().sum::<u32>());
        let (mut statistic, mut longer) = (0.0, 1.0);
        for (length, &seen) in cells.iter().enumerate() {
            let share = if length == LONGEST { longer } else { longer / 16.0 };
            longer -= share;
            let off = f64::from(seen) - gaps * share;
            statistic += off * off / (gaps * share);
        }
        judge_chi_square(what, statistic, LONGEST)?;
    }
    Ok(())
}

/// §3.3.2 J: 2^12 birthdays in a year of 2^32 days, spacings that occur again: about Poisson with
/// mean 4 each time, so 1024 over the 256 times that a sequence has; on the high and the low half.
/// False alarm: 2·10^-7 a sequence.
fn birthday_spacings(outputs: &[u64]) -> Result<(), String> {
    const BIRTHDAYS: usize = 1 << 12;
    for (what, shift) in [("spacings of the high half", 32), ("spacings of the low half", 0)] {
        let mut again = 0;
        for group in outputs.chunks_exact(BIRTHDAYS) {
            let mut days: Vec<u32> = group.iter().map(|output| (output >> shift) as u32).collect();
            days.sort_unstable();
            let mut spacings: Vec<u32> = days.windows(2).map(|pair| pair[1] - pair[0]).collect();
            spacings.sort_unstable();
            again += spacings.windows(2).filter(|pair| pair[0] == pair[1]).count();
        }
        let expected = 4.0 * (outputs.len() / BIRTHDAYS) as f64;
        within(what, (again as f64 - expected) / libm::sqrt(expected))?;
    }
    Ok(())
}

/// §3.3.2 K, at lags 1, 2, 8, 64 and 512, for whole outputs and for their low halves.
/// False alarm: 10^-6 a sequence.
fn serial_correlation(outputs: &[u64]) -> Result<(), String> {
    let scaled = |bits: u64| bits as f64 / (u64::MAX as f64) - 0.5;
    for lag in [1, 2, 8, 64, 512] {
        for (half, shift) in [("whole", 0), ("low half", 32)] {
            let pairs = outputs.iter().zip(&outputs[lag..]);
            let sum: f64 = pairs.map(|(x, y)| scaled(x << shift) * scaled(y << shift)).sum();
            // Products of two uniforms on ±1/2 have mean 0 and standard deviation 1/12.
            let z = sum * 12.0 / libm::sqrt((outputs.len() - lag) as f64);
            within(&format!("the correlation at lag {lag}, {half},"), z)?;
        }
    }
    Ok(())
}

/// §3.3.2 I with 2^20 balls and 2^64 urns: none may share one. False alarm: 3·10^-8 a sequence.
fn collisions(outputs: &[u64]) -> Result<(), String> {
    let mut distinct = outputs.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    match outputs.len() - distinct.len() {
        0 => Ok(()),
        again => Err(format!("{again} outputs come again")),
    }
}

/// Flips each bit of each word, 2^12 times: each of the 12,288 pairs of an input and an output bit
/// flips half the time. False alarm: 12,288 · 6·10^-9 (5.8 standard deviations) = 8·10^-5.
fn avalanche(draw: Generator<'_>) -> Result<(), String> {
    const TRIALS: u32 = 1 << 12;
    for (word, bit) in (0..3).flat_map(|word| (0..64).map(move |bit| (word, bit))) {
        let mut flips = [0u32; 64];
        for trial in 0..u64::from(TRIALS) {
            let words = [name_key("ada") + trial % 16, trial * 1_000_000, trial % 4];
            let mut other = words;
            other[word] ^= 1 << bit;
            let change = draw(words) ^ draw(other);
            (0..64).for_each(|out| flips[out] += (change >> out & 1) as u32);
        }
        for (out, flips) in flips.into_iter().enumerate() {
            let half = f64::from(TRIALS) / 2.0;
            let z = (f64::from(flips) - half) / libm::sqrt(half / 2.0);
            if z.abs() >= 5.8 {
                return Err(format!("bit {bit} of word {word} on bit {out}: {z:.1}"));
            }
        }
    }
    Ok(())
}
