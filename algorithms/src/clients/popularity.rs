//! Which keys are asked for, and how often.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use seedbed_node::Draws;
use serde::Deserialize;

/// How popular each of `count` keys is.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Keys {
    /// All the same.
    Uniform {
        /// How many keys there are.
        count: u32,
    },
    /// The key of rank `r`, from 1, in proportion to `r^-exponent` (Zipf).
    Zipf {
        /// How many keys there are.
        count: u32,
        /// How uneven: 0 is uniform, about 1 is what caches see.
        exponent: f64,
    },
}

/// Exponents that are equal are so to the bit: nothing computes them.
impl Hash for Keys {
    fn hash<H: Hasher>(&self, into: &mut H) {
        match *self {
            Keys::Uniform { count } => (count, None::<u64>).hash(into),
            Keys::Zipf { count, exponent } => (count, Some(exponent.to_bits())).hash(into),
        }
    }
}

impl Default for Keys {
    /// One key.
    fn default() -> Self {
        Keys::Uniform { count: 1 }
    }
}

/// The most keys: Zipf's law keeps a table of them.
const COUNT_MAX: u32 = 1 << 20;

/// Draws keys.
#[derive(Clone, Debug)]
pub struct Popularity {
    keys: Keys,
    count: u32,
    /// The sums of the weights up to each rank, for uneven keys.
    sums: Arc<[f64]>,
}

/// The rest follows from the keys.
impl Hash for Popularity {
    fn hash<H: Hasher>(&self, into: &mut H) {
        self.keys.hash(into);
    }
}

impl Popularity {
    /// The popularity of `keys`, or why they make no sense.
    pub fn new(keys: &Keys) -> Result<Self, String> {
        let (Keys::Uniform { count } | Keys::Zipf { count, .. }) = *keys;
        if !(1..=COUNT_MAX).contains(&count) {
            return Err(format!("count: {count} keys; expected from 1 to {COUNT_MAX}"));
        }
        let sums = match *keys {
            Keys::Uniform { .. } => Arc::default(),
            Keys::Zipf { exponent, .. } if !(0.0..=100.0).contains(&exponent) => {
                return Err(format!("exponent: {exponent}; expected from 0 to 100"));
            }
            Keys::Zipf { exponent, .. } => (1..=count)
                .scan(0.0, |sum, rank| {
                    *sum += libm::pow(f64::from(rank), -exponent);
                    Some(*sum)
                })
                .collect(),
        };
        Ok(Popularity { keys: *keys, count, sums })
    }

    /// How many keys there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// A key below the count; 0 is the most popular.
    pub fn draw(&self, draws: &mut Draws) -> u32 {
        match self.sums.last() {
            None => draws.below(u64::from(self.count)) as u32,
            Some(total) => {
                let point = draws.unit() * total;
                let rank = self.sums.partition_point(|sum| *sum < point) as u32;
                // The point is at most the total, but let no rounding lead beyond the last key.
                rank.min(self.count - 1)
            }
        }
    }
}
