//! Time on a packet's path: whole picoseconds, because a packet that costs 23 ns costs 22.99.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant since the start, or a length of time, in picoseconds; up to 213 days.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ps(pub u64);

/// Units from the finest; a text may use any.
const UNITS: [(&str, u64); 6] = [
    ("ps", 1),
    ("ns", 1_000),
    ("us", 1_000_000),
    ("µs", 1_000_000),
    ("ms", 1_000_000_000),
    ("s", SECOND),
];

const SECOND: u64 = 1_000_000_000_000;

impl Ps {
    /// No time at all.
    pub const ZERO: Ps = Ps(0);
    /// One second.
    pub const SECOND: Ps = Ps(SECOND);

    /// `ns` nanoseconds.
    pub const fn from_nanos(ns: u64) -> Self {
        Ps(ns.saturating_mul(1_000))
    }

    /// `us` microseconds.
    pub const fn from_micros(us: u64) -> Self {
        Ps(us.saturating_mul(1_000_000))
    }

    /// `ms` milliseconds.
    pub const fn from_millis(ms: u64) -> Self {
        Ps(ms.saturating_mul(1_000_000_000))
    }

    /// What is left for each of `rate` things in a second, to the nearest picosecond.
    ///
    /// # Panics
    /// If `rate` is 0.
    pub const fn per_second(rate: u64) -> Self {
        Ps((SECOND + rate / 2) / rate)
    }

    /// Whole nanoseconds, rounded.
    pub const fn as_nanos(self) -> u64 {
        (self.0 + 500) / 1_000
    }

    /// Nanoseconds, for figures and closed forms; no simulated time is ever a float.
    pub fn nanos(self) -> f64 {
        self.0 as f64 / 1e3
    }

    /// Seconds, for figures.
    pub fn secs(self) -> f64 {
        self.0 as f64 / 1e12
    }

    /// The difference, or zero where `other` is longer.
    pub const fn saturating_sub(self, other: Ps) -> Ps {
        Ps(self.0.saturating_sub(other.0))
    }

    /// So many thousandths of it, rounded down.
    pub const fn permille(self, permille: u32) -> Ps {
        Ps((self.0 as u128 * permille as u128 / 1_000) as u64)
    }
}

impl Add for Ps {
    type Output = Ps;
    #[inline]
    fn add(self, other: Ps) -> Ps {
        Ps(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Ps {
    #[inline]
    fn add_assign(&mut self, other: Ps) {
        *self = *self + other;
    }
}

impl Sub for Ps {
    type Output = Ps;
    #[inline]
    fn sub(self, other: Ps) -> Ps {
        Ps(self.0 - other.0)
    }
}

impl Mul<u64> for Ps {
    type Output = Ps;
    #[inline]
    fn mul(self, times: u64) -> Ps {
        Ps(self.0.saturating_mul(times))
    }
}

impl Sum for Ps {
    fn sum<I: Iterator<Item = Ps>>(all: I) -> Ps {
        all.fold(Ps::ZERO, Ps::add)
    }
}

impl fmt::Display for Ps {
    /// The largest unit in which the value is at least one, exactly.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, size) = match self.0 {
            0 => return f.write_str("0s"),
            1..1_000 => UNITS[0],
            1_000..1_000_000 => UNITS[1],
            1_000_000..1_000_000_000 => UNITS[2],
            1_000_000_000..SECOND => UNITS[4],
            _ => UNITS[5],
        };
        let (whole, rest) = (self.0 / size, self.0 % size);
        if rest == 0 {
            return write!(f, "{whole}{unit}");
        }
        let digits = size.ilog10() as usize;
        let decimals = format!("{rest:0digits$}");
        write!(f, "{whole}.{}{unit}", decimals.trim_end_matches('0'))
    }
}

impl fmt::Debug for Ps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Ps {
    type Err = String;

    /// A decimal number and a unit out of ps, ns, us, ms, s; fractions of a picosecond are errors.
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = |why: &str| format!("bad length of time \"{text}\": {why}, such as \"41.2ns\"");
        let text = text.trim();
        let split = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(|| bad("expected a number and a unit (ps, ns, us, ms, s)"))?;
        let (number, unit) = text.split_at(split);
        let (_, size) = UNITS
            .iter()
            .find(|(name, _)| *name == unit.trim())
            .ok_or_else(|| bad("expected a unit out of ps, ns, us, ms, s"))?;
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        let digits = decimals.trim_end_matches('0');
        let power = u32::try_from(digits.len()).unwrap_or(u32::MAX);
        let scale = 10u128.checked_pow(power).ok_or_else(|| bad("finer than a picosecond"))?;
        let mantissa: u128 =
            format!("{whole}{digits}").parse().map_err(|_| bad("expected a decimal number"))?;
        let scaled = mantissa.checked_mul(u128::from(*size)).ok_or_else(|| bad("too long"))?;
        if whole.is_empty() || scaled % scale != 0 {
            return Err(bad("finer than a picosecond, or no whole part"));
        }
        u64::try_from(scaled / scale).map(Ps).map_err(|_| bad("longer than 213 days"))
    }
}

impl Serialize for Ps {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ps {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Ps;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length of time such as \"41.2ns\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Ps, E> {
                text.parse().map_err(E::custom)
            }
        }
        from.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::Ps;

    #[test]
    fn text_and_value_agree_both_ways() {
        for (text, ps) in [("0s", 0), ("7ps", 7), ("41.2ns", 41_200), ("3.57us", 3_570_000)] {
            assert_eq!(text.parse(), Ok(Ps(ps)), "{text}");
            assert_eq!(Ps(ps).to_string(), text);
        }
        assert_eq!("2ms".parse(), Ok(Ps::from_millis(2)));
        for text in ["", "12", "ns", "0.1ps", ".5ns", "1.2.3ns", "-1ns", "9999999999s"] {
            assert!(text.parse::<Ps>().is_err(), "{text}");
        }
    }
}
