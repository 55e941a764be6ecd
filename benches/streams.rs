//! Micro-benchmarks of keyed streams: `cargo bench --bench streams`. Throughput is in draws.
//!
//! Compare ratios of one invocation; absolute figures belong to one machine at one hour.
#![allow(missing_docs)]

use divan::{Bencher, black_box, counter::ItemsCount};
use seedbed_core::rng::{Keys, Purpose};
use seedbed_node::{Distribution, Draws, Duration};

fn main() {
    divan::main();
}

fn distribution(name: &str) -> Distribution {
    let second = Duration::from_secs(1);
    match name {
        "constant" => Distribution::Constant(second),
        "uniform" => Distribution::Uniform(Duration::ZERO, second),
        "exponential" => Distribution::Exponential { mean: second },
        "normal" => Distribution::Normal { mean: second * 10, sd: second },
        "log-normal" => Distribution::LogNormal { median: second, sigma: 0.5 },
        "pareto" => Distribution::Pareto { scale: second, shape: 2.0 },
        "empirical" => {
            Distribution::Empirical((1..=10).map(|i| (second * u64::from(i), i)).collect())
        }
        other => unreachable!("{other} is not listed"),
    }
}

const DISTRIBUTIONS: [&str; 7] =
    ["constant", "uniform", "exponential", "normal", "log-normal", "pareto", "empirical"];

/// The next draw of a stream.
#[divan::bench(args = DISTRIBUTIONS)]
fn continued(bencher: Bencher<'_, '_>, name: &str) {
    let (distribution, mut draws) = (distribution(name), Draws::keyed(1));
    bencher
        .counter(ItemsCount::new(1u32))
        .bench_local(|| black_box(&distribution).sample(&mut draws));
}

/// The first draw of a stream made for it, as messages have them.
#[divan::bench(args = DISTRIBUTIONS)]
fn keyed(bencher: Bencher<'_, '_>, name: &str) {
    let (distribution, keys) = (distribution(name), Keys::of_seed(1));
    let mut instant = 0;
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        instant += 1;
        let mut draws = keys.draws(Purpose::Service, 7, black_box(instant), 0);
        black_box(&distribution).sample(&mut draws)
    });
}

/// A whole number below a bound that is no power of two.
#[divan::bench]
fn below(bencher: Bencher<'_, '_>) {
    let mut draws = Draws::keyed(1);
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| draws.below(black_box(1_000)));
}

/// The keys of a run.
#[divan::bench]
fn keys_of_seed(bencher: Bencher<'_, '_>) {
    let mut seed = 0;
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        seed += 1;
        Keys::of_seed(black_box(seed))
    });
}
