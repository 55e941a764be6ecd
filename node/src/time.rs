//! Instants: true (virtual) time and a node's own clock. The two never mix.

use std::fmt;
use std::ops::{Add, Sub};

use crate::Duration;

/// True virtual time: nanoseconds since the start of the run. No node ever sees one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub u64);

impl Time {
    /// The start of the run.
    pub const ZERO: Time = Time(0);
    /// The end of representable time, about 584 years.
    pub const MAX: Time = Time(u64::MAX);

    /// Nanoseconds since the start of the run.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The time elapsed since `earlier`, or zero if that lies later.
    #[inline]
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Time {
    type Output = Time;
    #[inline]
    fn add(self, by: Duration) -> Time {
        Time(self.0.saturating_add(by.as_nanos()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Duration::from_nanos(self.0), f)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A reading of a node's own clock, in nanoseconds; before the epoch it is negative.
///
/// Readings of two nodes, or of the wall and the monotonic clock of one, compare only as well as
/// the clocks are synchronised.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LocalTime(pub i64);

impl LocalTime {
    /// Nanoseconds since this clock's epoch.
    #[inline]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The time since `earlier` on the same clock, or zero if that lies later.
    #[inline]
    pub const fn since(self, earlier: LocalTime) -> Duration {
        let gap = self.0.saturating_sub(earlier.0);
        Duration::from_nanos(if gap > 0 { gap as u64 } else { 0 })
    }
}

impl Add<Duration> for LocalTime {
    type Output = LocalTime;
    #[inline]
    fn add(self, by: Duration) -> LocalTime {
        LocalTime(self.0.saturating_add(i64::try_from(by.as_nanos()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for LocalTime {
    type Output = LocalTime;
    #[inline]
    fn sub(self, by: Duration) -> LocalTime {
        LocalTime(self.0.saturating_sub(i64::try_from(by.as_nanos()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}", Duration::from_nanos(self.0.unsigned_abs()))
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
