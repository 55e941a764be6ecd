//! Generators: when packets come, how large they are, and to which flows they belong.
//!
//! Instants, sizes and flows are drawn by a packet's number from streams of their own, so that one
//! may be changed without the others. Rates are exact: rounding never adds up.

use seedbed_node::Draws;
use serde::{Deserialize, Serialize};

use super::Ps;
use crate::rng::{Keys, Purpose};

/// What is offered to a path.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// When.
    pub arrivals: Arrivals,
    /// How large.
    pub sizes: Sizes,
    /// To which flows.
    pub flows: Flows,
}

/// When packets are offered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Arrivals {
    /// At equal distances.
    Constant {
        /// Packets per second.
        pps: u64,
    },
    /// Independently of each other.
    Poisson {
        /// Packets per second, on average.
        pps: u64,
    },
    /// Back to back, so many at a time, at equal distances.
    Bursts {
        /// Packets per second, on average.
        pps: u64,
        /// How many.
        size: u32,
    },
    /// So many at first, then one for each that has left or was dropped: calls with credits.
    Closed {
        /// How many are on their way at a time.
        credits: u32,
        /// How long one is away before it comes back as the next.
        away: Ps,
    },
}

/// How large frames are, CRC included.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Sizes {
    /// All alike.
    Fixed(u32),
    /// The simple mix of Internet traffic: of 64, 594 and 1518 bytes 7, 4 and 1 parts.
    Imix,
    /// These, in proportion to their weights.
    Weighted(Vec<(u32, u32)>),
}

/// The parts of [`Sizes::Imix`].
const IMIX: [(u32, u32); 3] = [(64, 7), (594, 4), (1518, 1)];

/// To which flows packets belong.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub enum Flows {
    /// One.
    One,
    /// So many, equally likely.
    Uniform(u32),
    /// Of `count`, the i-th most popular in proportion to i to the power of `-exponent`.
    Zipf {
        /// How many.
        count: u32,
        /// How unequal they are.
        exponent: f64,
    },
}

impl Traffic {
    /// Frames of `bytes` of one flow.
    pub fn plain(arrivals: Arrivals, bytes: u32) -> Self {
        Traffic { arrivals, sizes: Sizes::Fixed(bytes), flows: Flows::One }
    }

    /// Whether the parameters make sense; the error says what does not.
    pub fn check(&self) -> Result<(), String> {
        self.arrivals.check()?;
        self.sizes.check()?;
        match self.flows {
            Flows::Uniform(0) | Flows::Zipf { count: 0, .. } => Err("flows: there are none".into()),
            Flows::Zipf { count, .. } if count > ZIPF_FLOWS_MAX => {
                Err(format!("flows: {count} of them; at most {ZIPF_FLOWS_MAX} have weights"))
            }
            Flows::Zipf { exponent, .. } if !(0.0..=20.0).contains(&exponent) => {
                Err(format!("flows: exponent {exponent} is not in 0..=20"))
            }
            Flows::One | Flows::Uniform(_) | Flows::Zipf { .. } => Ok(()),
        }
    }
}

/// More packets per second than any wire carries.
const PPS_MAX: u64 = 10_000_000_000;
const CREDITS_MAX: u32 = 1_000_000;
const ZIPF_FLOWS_MAX: u32 = 10_000_000;
/// The largest frame.
const BYTES_MAX: u32 = 65_536;

impl Arrivals {
    fn check(&self) -> Result<(), String> {
        match *self {
            Arrivals::Constant { pps }
            | Arrivals::Poisson { pps }
            | Arrivals::Bursts { pps, .. }
                if !(1..=PPS_MAX).contains(&pps) =>
            {
                Err(format!("arrivals: {pps} packets a second; expected 1 to {PPS_MAX}"))
            }
            Arrivals::Bursts { size: 0, .. } => Err("arrivals: bursts of 0 packets".into()),
            Arrivals::Closed { credits, .. } if !(1..=CREDITS_MAX).contains(&credits) => {
                Err(format!("arrivals: {credits} credits; expected 1 to {CREDITS_MAX}"))
            }
            // A packet that is dropped would come back at the same instant for ever.
            Arrivals::Closed { away: Ps::ZERO, .. } => {
                Err("arrivals: away for no time; expected a time above 0".into())
            }
            _ => Ok(()),
        }
    }
}

impl Sizes {
    fn check(&self) -> Result<(), String> {
        let fits = |bytes: &u32| {
            let wrong = || format!("sizes: {bytes} bytes; expected 1 to {BYTES_MAX}");
            (1..=BYTES_MAX).contains(bytes).then_some(()).ok_or_else(wrong)
        };
        match self {
            Sizes::Imix => Ok(()),
            Sizes::Fixed(bytes) => fits(bytes),
            Sizes::Weighted(sizes) if sizes.iter().all(|(_, weight)| *weight == 0) => {
                Err("sizes: at least one needs a weight above 0".into())
            }
            Sizes::Weighted(sizes) => sizes.iter().try_for_each(|(bytes, _)| fits(bytes)),
        }
    }
}

/// A generator at work.
#[derive(Clone, Debug)]
pub struct Generator {
    keys: Keys,
    arrivals: Arrivals,
    sizes: Weights,
    flows: Picker,
    /// How many packets were offered.
    number: u64,
    last: Ps,
}

/// Which values, up to which sums of weights.
#[derive(Clone, Debug)]
struct Weights(Vec<(u32, u64)>);

/// How flows are drawn.
#[derive(Clone, Debug)]
enum Picker {
    Uniform(u32),
    /// Sums of weights, out of 2^53.
    Sums(Vec<u64>),
}

impl Generator {
    /// The generator of a run with these keys.
    ///
    /// # Panics
    /// If [`Traffic::check`] refuses the traffic.
    pub fn new(traffic: &Traffic, keys: &Keys) -> Self {
        traffic.check().expect("traffic that was checked");
        let sizes = match &traffic.sizes {
            Sizes::Fixed(bytes) => Weights::new(&[(*bytes, 1)]),
            Sizes::Imix => Weights::new(&IMIX),
            Sizes::Weighted(sizes) => Weights::new(sizes),
        };
        let flows = match traffic.flows {
            Flows::One => Picker::Uniform(1),
            Flows::Uniform(count) => Picker::Uniform(count),
            Flows::Zipf { count, exponent } => Picker::zipf(count, exponent),
        };
        let (keys, arrivals) = (keys.clone(), traffic.arrivals);
        Generator { keys, arrivals, sizes, flows, number: 0, last: Ps::ZERO }
    }

    /// When the next packet is offered, if that does not depend on those before it.
    #[inline]
    pub fn next_time(&mut self) -> Option<Ps> {
        let evenly = |number: u64, pps| {
            Ps((u128::from(number) * u128::from(Ps::SECOND.0) / u128::from(pps)) as u64)
        };
        let time = match self.arrivals {
            Arrivals::Constant { pps } => evenly(self.number, pps),
            Arrivals::Bursts { pps, size } => {
                evenly(self.number - self.number % u64::from(size), pps)
            }
            Arrivals::Poisson { pps } => {
                let mut draws = self.keys.draws(Purpose::Traffic, self.number, 0, 0);
                let gap = -libm::log(draws.unit()) * (Ps::SECOND.0 as f64 / pps as f64);
                self.last + Ps(gap as u64)
            }
            Arrivals::Closed { .. } => return None,
        };
        self.last = time;
        Some(time)
    }

    /// The next packet's number, size and flow.
    #[inline]
    pub fn next_packet(&mut self) -> (u64, u32, u32) {
        let number = self.number;
        self.number += 1;
        let bytes = match self.sizes.0[..] {
            [(bytes, _)] => bytes,
            _ => self.sizes.pick(&mut self.keys.draws(Purpose::Traffic, number, 1, 0)),
        };
        let flow = match self.flows {
            Picker::Uniform(1) => 0,
            _ => self.flows.pick(&mut self.keys.draws(Purpose::Traffic, number, 2, 0)),
        };
        (number, bytes, flow)
    }
}

impl Weights {
    fn new(values: &[(u32, u32)]) -> Self {
        let mut sum = 0;
        let summed = values.iter().map(|&(value, weight)| {
            sum += u64::from(weight);
            (value, sum)
        });
        Weights(summed.collect())
    }

    fn pick(&self, draws: &mut Draws) -> u32 {
        let at = draws.below(self.0.last().expect("at least one value").1);
        self.0[self.0.partition_point(|(_, sum)| *sum <= at)].0
    }
}

impl Picker {
    fn zipf(count: u32, exponent: f64) -> Self {
        let mut sum = 0.0;
        let sums: Vec<f64> = zipf_weights(count, exponent)
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        let scale = (1u64 << 53) as f64 / sum;
        Picker::Sums(sums.iter().map(|sum| (sum * scale) as u64).collect())
    }

    fn pick(&self, draws: &mut Draws) -> u32 {
        match self {
            Picker::Uniform(count) => draws.below(u64::from(*count)) as u32,
            Picker::Sums(sums) => {
                let at = draws.below(*sums.last().expect("at least one flow"));
                sums.partition_point(|sum| *sum <= at) as u32
            }
        }
    }
}

/// How popular flows are, the most popular first; not normalised.
pub(super) fn zipf_weights(count: u32, exponent: f64) -> impl Iterator<Item = f64> {
    (1..=count).map(move |rank| libm::pow(f64::from(rank), -exponent))
}
