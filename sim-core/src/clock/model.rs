//! What the clocks of a run are made of.

use seedbed_node::{Draws, Duration, NodeId};

use super::PPB;

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

impl ClockConfig {
    /// The model of the clock of `node`; the first rule that names it decides.
    pub fn model(&self, node: NodeId) -> &ClockModel {
        self.rules.iter().find(|(of, _)| *of == node).map_or(&self.default, |(_, model)| model)
    }

    /// Whether the parameters make sense; the error says what does not.
    pub fn check(&self) -> Result<(), String> {
        self.default.check()?;
        self.rules.iter().try_for_each(|(_, model)| model.check())
    }
}

impl ClockModel {
    /// Whether the parameters make sense; the error says what does not.
    pub fn check(&self) -> Result<(), String> {
        self.offset_ns.check().map_err(|why| format!("clock offset: {why}"))?;
        self.drift_ppb.check().map_err(|why| format!("clock drift: {why}"))?;
        let possible = |ppb: i64| -PPB < ppb && ppb < PPB;
        let within = match self.drift_ppb {
            Spread::Constant(ppb) => possible(ppb),
            Spread::Uniform(low, high) => possible(low) && possible(high),
            Spread::Normal { mean, .. } => possible(mean as i64),
        };
        if !within {
            return Err("clock drift: a rate error must lie strictly between -1e9 and 1e9 parts \
                        per billion, or the clock would stand still or run backwards"
                .into());
        }
        match self.wander {
            Some(Wander { every: Duration::ZERO, .. }) => {
                Err("clock wander: the interval must be above 0".into())
            }
            Some(Wander { bound_ppb, .. }) if !possible(i64::from(bound_ppb)) => {
                Err("clock wander: the bound must be below 1e9 parts per billion".into())
            }
            _ => Ok(()),
        }
    }
}

impl Default for Spread {
    fn default() -> Self {
        Spread::Constant(0)
    }
}

impl Spread {
    /// Whether the parameters make sense; the error says what does not.
    pub fn check(self) -> Result<(), String> {
        match self {
            Spread::Uniform(low, high) if low > high => {
                Err(format!("Uniform({low}, {high}): the lower bound is above the upper"))
            }
            Spread::Normal { mean, sd } if !mean.is_finite() || !sd.is_finite() || sd < 0.0 => {
                Err(format!("Normal(mean: {mean}, sd: {sd}): expected a number and one from 0"))
            }
            _ => Ok(()),
        }
    }

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
