//! The clock of one node: readings of true time as a local oscillator would give them.
//!
//! Integer arithmetic only. A rate error of `ppb` makes the monotonic clock advance by
//! `(1e9 + ppb) / 1e9` per unit of true time; the fraction of a nanosecond that is left over at a
//! change of rate is kept, so that readings never jump and errors never build up.

mod model;

pub use model::{ClockConfig, ClockModel, Spread, Wander};

use seedbed_node::{Draws, Duration, LocalTime, Time};

/// Parts per billion in one.
const PPB: i64 = 1_000_000_000;

/// A node's two clocks: monotonic (drift only) and wall (offset, steps and slews on top).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clock {
    /// When the rate last changed, in true time, and what the monotonic clock then read: whole
    /// nanoseconds and parts per billion of one.
    since: Time,
    reading_ns: u64,
    reading_ppb: i64,
    drift_ppb: i64,
    /// The rate error about which the walk wanders.
    centre_ppb: i64,
    wander: Option<Wander>,
    offset_ns: i64,
    slew: Option<Slew>,
    granularity_ns: i64,
}

/// A correction that is spread over a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Slew {
    from: LocalTime,
    over: Duration,
    by_ns: i64,
}

impl Clock {
    /// A clock whose monotonic reading is zero at time zero. Always takes two numbers from
    /// `draws`, so that a clock's drift does not depend on how its offset is drawn.
    pub fn new(model: &ClockModel, draws: &mut Draws) -> Self {
        let mut offsets = Draws::keyed(draws.bits());
        let mut drifts = Draws::keyed(draws.bits());
        let drift_ppb = possible(model.drift_ppb.sample(&mut drifts));
        Clock {
            since: Time::ZERO,
            reading_ns: 0,
            reading_ppb: 0,
            drift_ppb,
            centre_ppb: drift_ppb,
            wander: model.wander,
            offset_ns: model.offset_ns.sample(&mut offsets),
            slew: None,
            granularity_ns: nanos(model.granularity).max(1),
        }
    }

    /// The monotonic clock at `now`: never steps, never slews. Saturates after 292 years.
    #[inline]
    pub fn monotonic(&self, now: Time) -> LocalTime {
        let (ns, _) = self.exact(now);
        LocalTime(i64::try_from(ns).unwrap_or(i64::MAX))
    }

    /// The wall clock at `now`, rounded down to its granularity.
    #[inline]
    pub fn wall(&self, now: Time) -> LocalTime {
        let monotonic = self.monotonic(now);
        let wall =
            monotonic.0.saturating_add(self.offset_ns).saturating_add(self.slewed(monotonic));
        LocalTime(wall.saturating_sub(wall.rem_euclid(self.granularity_ns)))
    }

    /// The first instant, from `now` on, at which the monotonic clock reads `deadline` or more;
    /// [`Time::MAX`] if it never does.
    pub fn due(&self, deadline: LocalTime, now: Time) -> Time {
        let ahead = i128::from(deadline.0) - i128::from(self.reading_ns);
        let missing = ahead * i128::from(PPB) - i128::from(self.reading_ppb);
        if missing <= 0 {
            return now;
        }
        let rate = i128::from(PPB + self.drift_ppb);
        let elapsed = (missing + rate - 1) / rate;
        let due = i128::from(self.since.0) + elapsed;
        Time(u64::try_from(due).unwrap_or(u64::MAX)).max(now)
    }

    /// Moves the wall clock at once; a slew in progress goes on.
    pub fn step(&mut self, by_ns: i64) {
        self.offset_ns = self.offset_ns.saturating_add(by_ns);
    }

    /// Corrects the wall clock by `by_ns`: at once if `over` is zero, else linearly over that
    /// long on the monotonic clock. What is left of an earlier slew is dropped, as by adjtime(3).
    pub fn adjust(&mut self, now: Time, by_ns: i64, over: Duration) {
        if over == Duration::ZERO {
            return self.step(by_ns);
        }
        let from = self.monotonic(now);
        self.offset_ns = self.offset_ns.saturating_add(self.slewed(from));
        self.slew = Some(Slew { from, over, by_ns });
    }

    /// The rate error in parts per billion; positive is fast.
    pub fn drift_ppb(&self) -> i64 {
        self.drift_ppb
    }

    /// Changes the rate error from `now` on; a walk goes on about the new one. Readings do not
    /// jump, but instants that [`due`](Self::due) gave are out of date.
    pub fn set_drift(&mut self, now: Time, ppb: i64) {
        self.centre_ppb = possible(ppb);
        self.change_rate(now, self.centre_ppb);
    }

    /// How often [`wander`](Self::wander) is to be called.
    pub fn wander_every(&self) -> Option<Duration> {
        self.wander.map(|wander| wander.every)
    }

    /// Takes one step of the rate error's walk; `due` instants are out of date thereafter.
    pub fn wander(&mut self, now: Time, draws: &mut Draws) {
        let Some(Wander { step_ppb, bound_ppb, .. }) = self.wander else { return };
        let (step, bound) = (i64::from(step_ppb), i64::from(bound_ppb));
        let by = Spread::Uniform(-step, step).sample(draws);
        let near = (self.drift_ppb + by).clamp(self.centre_ppb - bound, self.centre_ppb + bound);
        self.change_rate(now, possible(near));
    }

    fn change_rate(&mut self, now: Time, ppb: i64) {
        (self.reading_ns, self.reading_ppb) = self.exact(now);
        self.since = self.since.max(now);
        self.drift_ppb = ppb;
    }

    /// The monotonic clock in whole nanoseconds and parts per billion of one.
    #[inline]
    fn exact(&self, now: Time) -> (u64, i64) {
        let elapsed = now.0.saturating_sub(self.since.0);
        let gain = i64::try_from(elapsed).ok().and_then(|ns| ns.checked_mul(self.drift_ppb));
        if let Some(gain) = gain
            && let Some(ppb) = gain.checked_add(self.reading_ppb)
        {
            let even = self.reading_ns.saturating_add(elapsed);
            return (even.saturating_add_signed(ppb.div_euclid(PPB)), ppb.rem_euclid(PPB));
        }
        self.exact_wide(elapsed)
    }

    #[cold]
    fn exact_wide(&self, elapsed: u64) -> (u64, i64) {
        let rate = i128::from(PPB + self.drift_ppb);
        let ppb = i128::from(elapsed) * rate + i128::from(self.reading_ppb);
        let ns = i128::from(self.reading_ns) + ppb.div_euclid(i128::from(PPB));
        (u64::try_from(ns).unwrap_or(u64::MAX), ppb.rem_euclid(i128::from(PPB)) as i64)
    }

    /// How much of the current slew is done when the monotonic clock reads `monotonic`.
    #[inline]
    fn slewed(&self, monotonic: LocalTime) -> i64 {
        let Some(Slew { from, over, by_ns }) = self.slew else { return 0 };
        let done = monotonic.since(from).min(over);
        let part = i128::from(by_ns) * i128::from(done.as_nanos());
        // No further from zero than `by_ns`, which fits.
        part.div_euclid(i128::from(over.as_nanos())) as i64
    }
}

/// `ppb` within what a clock that runs forwards can have.
fn possible(ppb: i64) -> i64 {
    ppb.clamp(1 - PPB, PPB - 1)
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
