//! Distributions of durations, and probabilities, as scenario files write them.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::{Draws, Duration};

/// A probability in units of 2^-53, so that drawing compares integers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Probability(u64);

const ONE: u64 = 1 << 53;

impl Probability {
    /// Never.
    pub const NEVER: Probability = Probability(0);
    /// Always.
    pub const ALWAYS: Probability = Probability(ONE);

    /// `p` in 0..=1, or `None` outside (NaN included).
    pub fn new(p: f64) -> Option<Self> {
        (0.0..=1.0).contains(&p).then_some(Probability((p * ONE as f64) as u64))
    }

    /// The probability as a number in 0..=1.
    pub fn value(self) -> f64 {
        self.0 as f64 / ONE as f64
    }

    /// Whether it can happen at all.
    #[inline]
    pub fn possible(self) -> bool {
        self.0 > 0
    }

    /// Draws once; takes one number from the stream unless impossible.
    #[inline]
    pub fn hits(self, draws: &mut Draws) -> bool {
        self.0 > 0 && (draws.bits() >> 11) < self.0
    }
}

impl Serialize for Probability {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.value())
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let p = f64::deserialize(from)?;
        Probability::new(p).ok_or_else(|| {
            serde::de::Error::custom(format!("{p} is no probability: expected 0 to 1"))
        })
    }
}

/// A distribution of durations. Draws are rounded to the nearest nanosecond; negative ones
/// (of `Normal`) become zero.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Distribution {
    /// Always the same.
    Constant(Duration),
    /// Uniform between two bounds, both included.
    Uniform(Duration, Duration),
    /// Memoryless, by its mean.
    Exponential {
        /// The mean.
        mean: Duration,
    },
    /// Normal, truncated at zero.
    Normal {
        /// The mean before truncation.
        mean: Duration,
        /// The standard deviation before truncation.
        sd: Duration,
    },
    /// Log-normal, by its median.
    LogNormal {
        /// The median.
        median: Duration,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
    /// Pareto (type I): heavy-tailed, never below `scale`.
    Pareto {
        /// The least value.
        scale: Duration,
        /// The tail index; the mean is infinite up to 1.
        shape: f64,
    },
    /// One of the listed values, in proportion to their weights.
    Empirical(Vec<(Duration, u32)>),
}

/// Parameters that are equal are so to the bit: nothing computes them.
impl Hash for Distribution {
    fn hash<H: Hasher>(&self, into: &mut H) {
        std::mem::discriminant(self).hash(into);
        match self {
            Distribution::Constant(value) | Distribution::Exponential { mean: value } => {
                value.hash(into);
            }
            Distribution::Uniform(a, b) | Distribution::Normal { mean: a, sd: b } => {
                (a, b).hash(into);
            }
            Distribution::LogNormal { median: value, sigma: shape }
            | Distribution::Pareto { scale: value, shape } => (value, shape.to_bits()).hash(into),
            Distribution::Empirical(values) => values.hash(into),
        }
    }
}

impl Distribution {
    /// Whether the parameters make sense; the error says what does not.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Distribution::Uniform(low, high) if low > high => {
                Err(format!("Uniform({low}, {high}): the lower bound is above the upper"))
            }
            Distribution::LogNormal { sigma, .. } if !(0.0..=20.0).contains(sigma) => {
                Err(format!("LogNormal: sigma {sigma} is not in 0..=20"))
            }
            Distribution::Pareto { shape, .. } if !(*shape > 0.0 && shape.is_finite()) => {
                Err(format!("Pareto: shape {shape} is not above 0"))
            }
            Distribution::Pareto { scale, .. } if *scale == Duration::ZERO => {
                Err("Pareto: scale must be above 0".into())
            }
            Distribution::Empirical(values) if values.iter().all(|(_, weight)| *weight == 0) => {
                Err("Empirical: at least one value needs a weight above 0".into())
            }
            _ => Ok(()),
        }
    }

    /// Draws a duration.
    #[inline]
    pub fn sample(&self, draws: &mut Draws) -> Duration {
        match self {
            Distribution::Constant(value) => *value,
            Distribution::Uniform(low, high) => {
                let width = high.as_nanos() - low.as_nanos();
                let offset = match width.checked_add(1) {
                    Some(bound) => draws.below(bound),
                    None => draws.bits(),
                };
                Duration::from_nanos(low.as_nanos() + offset)
            }
            Distribution::Exponential { mean } => {
                rounded(-libm::log(draws.unit()) * mean.as_nanos() as f64)
            }
            Distribution::Normal { mean, sd } => {
                rounded(mean.as_nanos() as f64 + sd.as_nanos() as f64 * draws.normal())
            }
            Distribution::LogNormal { median, sigma } => {
                rounded(median.as_nanos() as f64 * libm::exp(sigma * draws.normal()))
            }
            Distribution::Pareto { scale, shape } => {
                rounded(scale.as_nanos() as f64 * libm::pow(draws.unit(), -1.0 / shape))
            }
            Distribution::Empirical(values) => {
                let total: u64 = values.iter().map(|(_, weight)| u64::from(*weight)).sum();
                let mut left = draws.below(total.max(1));
                for (value, weight) in values {
                    if left < u64::from(*weight) {
                        return *value;
                    }
                    left -= u64::from(*weight);
                }
                Duration::ZERO
            }
        }
    }

    /// The mean in nanoseconds (of `Normal`: before truncation), infinite for heavy Pareto tails.
    pub fn mean_ns(&self) -> f64 {
        match self {
            Distribution::Constant(value) => value.as_nanos() as f64,
            Distribution::Uniform(low, high) => {
                (low.as_nanos() as f64 + high.as_nanos() as f64) / 2.0
            }
            Distribution::Exponential { mean } | Distribution::Normal { mean, .. } => {
                mean.as_nanos() as f64
            }
            Distribution::LogNormal { median, sigma } => {
                median.as_nanos() as f64 * libm::exp(sigma * sigma / 2.0)
            }
            Distribution::Pareto { scale, shape } if *shape > 1.0 => {
                shape * scale.as_nanos() as f64 / (shape - 1.0)
            }
            Distribution::Pareto { .. } => f64::INFINITY,
            Distribution::Empirical(values) => {
                let total: f64 = values.iter().map(|(_, weight)| f64::from(*weight)).sum();
                values.iter().map(|(v, w)| v.as_nanos() as f64 * f64::from(*w)).sum::<f64>() / total
            }
        }
    }

    /// No duration is drawn below this.
    pub fn least(&self) -> Duration {
        match self {
            Distribution::Constant(value) => *value,
            Distribution::Uniform(low, _) => *low,
            Distribution::Pareto { scale, .. } => *scale,
            Distribution::Empirical(values) => {
                values.iter().map(|(value, _)| *value).min().unwrap_or(Duration::ZERO)
            }
            Distribution::Exponential { .. }
            | Distribution::Normal { .. }
            | Distribution::LogNormal { .. } => Duration::ZERO,
        }
    }
}

/// The nearest nanosecond; below zero and NaN become zero, beyond the range its end.
#[inline]
fn rounded(ns: f64) -> Duration {
    Duration::from_nanos((ns + 0.5) as u64)
}
