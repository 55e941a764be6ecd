//! What a node can know about time that is not its own: an estimate, its error, and how the error
//! grows with age.
//!
//! Estimates are kept against the node's monotonic clock, which no correction moves: so they stay
//! true when the wall clock is stepped or slewed, and only drift ages them.

use seedbed_node::{Duration, LocalTime};

const PPB: u128 = 1_000_000_000;

/// Readings are whole nanoseconds, rounded down; no more than four enter an estimate.
pub(super) const ROUNDING: Duration = Duration::from_nanos(4);

/// The most that a clock whose rate is off by up to `ppb` gains or loses while it advances by
/// `elapsed`; rounded up.
pub fn drift_within(elapsed: Duration, ppb: u32) -> Duration {
    let part = u128::from(elapsed.as_nanos()) * u128::from(ppb);
    let slowest = PPB.saturating_sub(u128::from(ppb)).max(1);
    Duration::from_nanos(u64::try_from(part.div_ceil(slowest)).unwrap_or(u64::MAX))
}

/// How often to synchronise clocks whose rates are off by up to `ppb`, so that between two rounds
/// they drift apart by no more than `skew`: skew/(2ρ).
pub fn resync_every(skew: Duration, ppb: u32) -> Duration {
    let scaled = u128::from(skew.as_nanos()) * PPB;
    let every = scaled.checked_div(2 * u128::from(ppb)).unwrap_or(u128::MAX);
    Duration::from_nanos(u64::try_from(every).unwrap_or(u64::MAX))
}

/// Whether a bound on rate errors makes sense.
pub(super) fn check_drift_bound(ppb: u32) -> Result<(), String> {
    if u128::from(ppb) < PPB {
        return Ok(());
    }
    Err(format!("drift_bound_ppb: {ppb} lets a clock stand still; expected less than 1e9"))
}

/// Half of a length of time, rounded up.
pub(super) fn half(length: Duration) -> Duration {
    Duration::from_nanos(length.as_nanos().div_ceil(2))
}

/// By how much `a` is ahead of `b`.
pub(super) fn gap(a: LocalTime, b: LocalTime) -> i64 {
    a.0.saturating_sub(b.0)
}

/// `time` moved by so many nanoseconds.
pub(super) fn moved(time: LocalTime, by_ns: i64) -> LocalTime {
    LocalTime(time.0.saturating_add(by_ns))
}

/// What a node believes of true time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Estimate {
    /// True time less the own monotonic clock.
    pub lead_ns: i64,
    /// How far that could be off when it was taken.
    pub error: Duration,
    /// When, on the monotonic clock.
    pub taken: LocalTime,
}

impl Estimate {
    /// How far it can be off when the monotonic clock reads `now`: error + ρτ.
    pub fn bound(&self, now: LocalTime, drift_bound_ppb: u32) -> Duration {
        self.error + drift_within(now.since(self.taken), drift_bound_ppb)
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Duration, LocalTime};

    use super::{Estimate, drift_within, half, resync_every};

    #[test]
    fn drift_is_what_the_slowest_clock_misses_rounded_up() {
        let second = Duration::from_secs(1);
        assert_eq!(drift_within(second, 0), Duration::ZERO);
        assert_eq!(drift_within(second, 1_000), Duration::from_nanos(1_001));
        // A clock at half the rate advances by 1 s in 2 s.
        assert_eq!(drift_within(second, 500_000_000), second);
        assert_eq!(half(Duration::from_nanos(5)), Duration::from_nanos(3));
    }

    /// Two clocks of opposite rate errors drift apart at 2ρ.
    #[test]
    fn clocks_are_synchronised_every_skew_over_twice_the_drift() {
        let every = resync_every(Duration::from_millis(1), 50_000);
        assert_eq!(every, Duration::from_secs(10));
        assert_eq!(resync_every(Duration::from_millis(1), 0), Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn an_estimate_ages_by_drift_alone() {
        let error = Duration::from_millis(1);
        let estimate = Estimate { lead_ns: 7, error, taken: LocalTime(5_000_000_000) };
        assert_eq!(estimate.bound(LocalTime(5_000_000_000), 100_000), error);
        let later = estimate.bound(LocalTime(15_000_000_000), 100_000);
        assert_eq!(later, error + Duration::from_nanos(1_000_101));
    }
}
