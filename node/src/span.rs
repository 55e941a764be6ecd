//! Lengths of time, and their one textual form: "12ms", "1.5s", "250us".

use std::fmt;
use std::ops::{Add, Mul};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A length of time in nanoseconds; up to about 584 years.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(u64);

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);
    /// The longest representable duration.
    pub const MAX: Duration = Duration(u64::MAX);

    /// `ns` nanoseconds.
    #[inline]
    pub const fn from_nanos(ns: u64) -> Self {
        Duration(ns)
    }

    /// `us` microseconds.
    #[inline]
    pub const fn from_micros(us: u64) -> Self {
        Duration(us.saturating_mul(1_000))
    }

    /// `ms` milliseconds.
    #[inline]
    pub const fn from_millis(ms: u64) -> Self {
        Duration(ms.saturating_mul(1_000_000))
    }

    /// `s` seconds.
    #[inline]
    pub const fn from_secs(s: u64) -> Self {
        Duration(s.saturating_mul(1_000_000_000))
    }

    /// The length in nanoseconds.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The length in seconds, for figures and plots; virtual time itself is never a float.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The smaller of two durations.
    pub fn min(self, other: Duration) -> Duration {
        Duration(self.0.min(other.0))
    }

    /// The difference, or zero where `other` is longer.
    #[inline]
    pub const fn saturating_sub(self, other: Duration) -> Duration {
        Duration(self.0.saturating_sub(other.0))
    }
}

impl Add for Duration {
    type Output = Duration;
    #[inline]
    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

impl Mul<u64> for Duration {
    type Output = Duration;
    #[inline]
    fn mul(self, times: u64) -> Duration {
        Duration(self.0.saturating_mul(times))
    }
}

impl fmt::Display for Duration {
    /// The largest unit in which the value is at least one, with up to nine decimals, exactly.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, size) = match self.0 {
            0 => return f.write_str("0s"),
            1..1_000 => ("ns", 1),
            1_000..1_000_000 => ("us", 1_000),
            1_000_000..1_000_000_000 => ("ms", 1_000_000),
            _ => ("s", 1_000_000_000u64),
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

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no duration; the message says what was expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadDuration(String);

impl fmt::Display for BadDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadDuration {}

impl FromStr for Duration {
    type Err = BadDuration;

    /// A decimal number and a unit out of ns, us, ms, s, min, h, d. Fractions of a nanosecond and
    /// values beyond the range are errors, not roundings.
    fn from_str(text: &str) -> Result<Self, BadDuration> {
        let text = text.trim();
        let bad = |why: &str| {
            BadDuration(format!("bad duration \"{text}\": {why}, such as \"12ms\" or \"1.5s\""))
        };
        let split = text
            .find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_')
            .ok_or_else(|| bad("expected a number and a unit (ns, us, ms, s, min, h, d)"))?;
        let (number, unit) = text.split_at(split);
        let number = number.replace('_', "");
        let size = UNITS
            .iter()
            .find(|(name, _)| *name == unit.trim())
            .map(|(_, size)| *size)
            .ok_or_else(|| bad("expected a unit out of ns, us, ms, s, min, h, d"))?;
        let (whole, decimals) = number.split_once('.').unwrap_or((&number, ""));
        if whole.is_empty() || decimals.contains('.') {
            return Err(bad("expected a decimal number and a unit"));
        }
        let digits = decimals.trim_end_matches('0');
        let scale = 10u128
            .checked_pow(u32::try_from(digits.len()).unwrap_or(u32::MAX))
            .ok_or_else(|| bad("finer than a nanosecond"))?;
        let mantissa: u128 =
            format!("{whole}{digits}").parse().map_err(|_| bad("expected a smaller number"))?;
        let scaled = mantissa.checked_mul(u128::from(size)).ok_or_else(|| bad("too long"))?;
        if scaled % scale != 0 {
            return Err(bad("finer than a nanosecond"));
        }
        u64::try_from(scaled / scale).map(Duration).map_err(|_| bad("longer than 584 years"))
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Duration;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as \"12ms\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
                text.parse().map_err(E::custom)
            }
        }
        from.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn text_and_value_agree_both_ways() {
        for (text, ns) in [
            ("0s", 0),
            ("1ns", 1),
            ("1.5us", 1_500),
            ("12ms", 12_000_000),
            ("1.0005s", 1_000_500_000),
            ("90s", 90_000_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Duration::from_nanos(ns)), "{text}");
            assert_eq!(Duration::from_nanos(ns).to_string(), text);
        }
        assert_eq!("2min".parse(), Ok(Duration::from_secs(120)));
        assert_eq!("1_000 ms".parse(), Ok(Duration::from_secs(1)));
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        for text in
            ["", "12", "ms", "12 parsecs", "1.2.3s", "-1s", "0.1ns", "999999999999d", "1e3s"]
        {
            let error = text.parse::<Duration>().unwrap_err().to_string();
            assert!(error.contains("such as"), "{text}: {error}");
        }
    }
}
