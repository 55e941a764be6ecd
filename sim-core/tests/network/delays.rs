//! Delays follow their distributions.

use seedbed_core::network::LinkModel;
use seedbed_node::{Distribution, Duration};

use super::{message, send, travel, uniform};

const DRAWS: usize = 200_000;
const MS: f64 = 1e6;

/// Delays in nanoseconds of messages sent a microsecond apart, ascending.
fn delays(delay: Distribution) -> Vec<f64> {
    delay.check().expect("a sound distribution");
    let mut network = uniform(LinkModel { delay, ..LinkModel::default() }, 2);
    let mut delays: Vec<_> = (0..DRAWS as u64)
        .map(|i| {
            let sent = message(0, 1, i * 1_000);
            travel(send(&mut network, &sent)).arrives.since(sent.sent_at).as_nanos() as f64
        })
        .collect();
    delays.sort_unstable_by(f64::total_cmp);
    delays
}

/// The sample mean is within four standard errors of `mean`.
fn assert_mean(delays: &[f64], mean: f64) {
    let n = delays.len() as f64;
    let found = delays.iter().sum::<f64>() / n;
    let variance = delays.iter().map(|d| (d - found) * (d - found)).sum::<f64>() / (n - 1.0);
    let error = libm::sqrt(variance / n);
    assert!((found - mean).abs() < 4.0 * error, "mean {found}, expected {mean} ± {error}");
}

/// The share of delays up to each theoretical quantile is within four standard errors of its
/// level.
fn assert_quantiles(delays: &[f64], quantile: impl Fn(f64) -> f64) {
    let n = delays.len() as f64;
    for level in [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999] {
        let limit = quantile(level);
        let share = delays.partition_point(|delay| *delay <= limit) as f64 / n;
        let error = libm::sqrt(level * (1.0 - level) / n);
        assert!((share - level).abs() < 4.0 * error, "{share} up to the {level} quantile");
    }
}

/// Kolmogorov–Smirnov at the level 0.001, for continuous distributions.
fn assert_distribution(delays: &[f64], cdf: impl Fn(f64) -> f64) {
    let n = delays.len() as f64;
    let gaps = delays.iter().enumerate().map(|(i, delay)| {
        let p = cdf(*delay);
        (p - i as f64 / n).max((i + 1) as f64 / n - p)
    });
    let distance = gaps.fold(0.0, f64::max);
    assert!(distance * libm::sqrt(n) < 1.949, "Kolmogorov–Smirnov distance {distance}");
}

/// The quantile of a continuous distribution by bisection of its CDF.
fn inverse(cdf: impl Fn(f64) -> f64) -> impl Fn(f64) -> f64 {
    move |level| {
        let (mut low, mut high) = (0.0, 1e15);
        for _ in 0..200 {
            let middle = (low + high) / 2.0;
            if cdf(middle) < level { low = middle } else { high = middle }
        }
        high
    }
}

fn standard_normal(z: f64) -> f64 {
    libm::erfc(-z / std::f64::consts::SQRT_2) / 2.0
}

fn check(delay: Distribution, cdf: impl Fn(f64) -> f64) {
    let mean = delay.mean_ns();
    let delays = delays(delay);
    assert_mean(&delays, mean);
    assert_quantiles(&delays, inverse(&cdf));
    assert_distribution(&delays, cdf);
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn constant() {
    assert!(delays(Distribution::Constant(ms(7))).iter().all(|delay| *delay == 7.0 * MS));
}

#[test]
fn uniform_between_bounds() {
    check(Distribution::Uniform(ms(10), ms(30)), |t| {
        ((t - 10.0 * MS) / (20.0 * MS)).clamp(0.0, 1.0)
    });
}

#[test]
fn uniform_includes_its_bounds() {
    let delays = delays(Distribution::Uniform(Duration::from_nanos(5), Duration::from_nanos(8)));
    for value in 5..=8 {
        let share = delays.iter().filter(|delay| **delay == f64::from(value)).count() as f64;
        assert!((share / DRAWS as f64 - 0.25).abs() < 0.004, "{value}: {share}");
    }
}

#[test]
fn exponential() {
    check(Distribution::Exponential { mean: ms(12) }, |t| -libm::expm1(-t / (12.0 * MS)));
}

#[test]
fn normal() {
    let normal = Distribution::Normal { mean: ms(20), sd: ms(3) };
    check(normal, |t| standard_normal((t - 20.0 * MS) / (3.0 * MS)));
}

#[test]
fn normal_is_truncated_at_zero() {
    let delays = delays(Distribution::Normal { mean: ms(1), sd: ms(1) });
    let zeros = delays.partition_point(|delay| *delay == 0.0) as f64 / DRAWS as f64;
    assert!((zeros - standard_normal(-1.0)).abs() < 0.0033, "{zeros} at zero");
    for t in [0.5, 1.0, 2.0, 3.5] {
        let share = delays.partition_point(|delay| *delay <= t * MS) as f64 / DRAWS as f64;
        assert!((share - standard_normal(t - 1.0)).abs() < 0.0045, "{share} up to {t} ms");
    }
}

#[test]
fn log_normal() {
    let log_normal = Distribution::LogNormal { median: ms(12), sigma: 0.5 };
    check(log_normal, |t| standard_normal(libm::log(t / (12.0 * MS)) / 0.5));
}

#[test]
fn pareto() {
    let pareto = Distribution::Pareto { scale: ms(2), shape: 3.5 };
    check(pareto, |t| (1.0 - libm::pow(2.0 * MS / t, 3.5)).max(0.0));
}

#[test]
fn pareto_without_a_mean() {
    let delays = delays(Distribution::Pareto { scale: ms(2), shape: 0.9 });
    assert_distribution(&delays, |t| (1.0 - libm::pow(2.0 * MS / t, 0.9)).max(0.0));
}

#[test]
fn empirical() {
    let values = vec![(ms(3), 5), (ms(1), 2), (ms(9), 0), (ms(40), 3)];
    let empirical = Distribution::Empirical(values);
    let mean = empirical.mean_ns();
    let delays = delays(empirical);
    assert_mean(&delays, mean);
    for (value, share) in [(1.0, 0.2), (3.0, 0.5), (9.0, 0.0), (40.0, 0.3)] {
        let found = delays.iter().filter(|delay| **delay == value * MS).count() as f64;
        let error = libm::sqrt(share * (1.0 - share) / DRAWS as f64);
        assert!((found / DRAWS as f64 - share).abs() <= 4.0 * error, "{value} ms: {found}");
    }
}
