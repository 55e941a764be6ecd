//! Nodes' own clocks: configuration here; the arithmetic beneath.

use seedbed_node::{Draws, Duration, NodeId};

/// The clocks of a run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ClockConfig {
    /// Clocks that no rule names.
    pub default: ClockModel,
    /// Exceptions.
    pub rules: Vec<(NodeId, ClockModel)>,
}

/// How one clock is set up; a node's own values are drawn from its own stream.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ClockModel {
    /// The wall clock's lead over true time at the start, in nanoseconds.
    pub offset_ns: Spread,
    /// The rate error in parts per billion; positive is fast.
    pub drift_ppb: Spread,
    /// How the rate error wanders.
    pub wander: Option<Wander>,
    /// Readings are rounded down to a multiple of this; zero means to the nanosecond.
    pub granularity: Duration,
}

/// A bounded random walk of the rate error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wander {
    /// How often the rate changes, in true time.
    pub every: Duration,
    /// The largest change, in parts per billion; drawn uniformly up to it in either direction.
    pub step_ppb: u32,
    /// The walk stays within this distance of the initial rate error.
    pub bound_ppb: u32,
}

/// A distribution over signed whole numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Spread {
    /// Always the same.
    Constant(i64),
    /// Uniform between two bounds, both included.
    Uniform(i64, i64),
    /// Normal, rounded to the nearest.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        sd: f64,
    },
}

impl Default for Spread {
    fn default() -> Self {
        Spread::Constant(0)
    }
}

impl Spread {
    /// Draws a number.
    pub fn sample(self, draws: &mut Draws) -> i64 {
        match self {
            Spread::Constant(value) => value,
            Spread::Uniform(low, high) => {
                let width = high.wrapping_sub(low) as u64;
                let offset = match width.checked_add(1) {
                    Some(bound) => draws.below(bound),
                    None => draws.bits(),
                };
                low.wrapping_add(offset as i64)
            }
            Spread::Normal { mean, sd } => libm::round(mean + sd * draws.normal()) as i64,
        }
    }
}
