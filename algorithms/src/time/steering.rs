//! Brings a node's wall clock to an estimate of true time, by a step or a slew, and knows how far
//! it can be off meanwhile.

use seedbed_node::{Context, Duration, LocalTime, Node};

use super::Promise;
use super::estimate::{Estimate, ROUNDING, gap, moved};

/// When a correction is spread over time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Slewing {
    /// Corrections from here on are made at once.
    pub step_at: Duration,
    /// Smaller ones by so much per unit of time.
    pub max_ppb: u32,
    /// A bug: what an earlier life was slewing goes on.
    pub leaves_rest: bool,
}

/// What the wall clock is being brought to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Steering {
    estimate: Option<Estimate>,
    slew: Option<Slew>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Slew {
    from: LocalTime,
    over: Duration,
    by_ns: u64,
}

impl Slew {
    /// What is still to be done, rounded up.
    fn left(&self, now: LocalTime) -> Duration {
        let left = self.over.saturating_sub(now.since(self.from));
        let part = u128::from(self.by_ns) * u128::from(left.as_nanos());
        let left = part.div_ceil(u128::from(self.over.as_nanos()).max(1));
        Duration::from_nanos(u64::try_from(left).unwrap_or(u64::MAX))
    }
}

impl Steering {
    /// Follows a new estimate; gives the correction that it takes. Without `slewing`, by a step.
    pub fn follow<N: Node>(
        &mut self,
        estimate: Estimate,
        slewing: Option<Slewing>,
        cx: &mut Context<'_, N>,
    ) -> i64 {
        let now = cx.monotonic();
        let by_ns = gap(moved(now, estimate.lead_ns), cx.wall());
        let size = by_ns.unsigned_abs();
        // An earlier life may have left a slew behind that nobody here knows of.
        let ends_rest = slewing.is_none_or(|slewing| !slewing.leaves_rest);
        let reborn = ends_rest && self.estimate.is_none() && cx.incarnation() > 0;
        self.estimate = Some(estimate);
        match slewing.filter(|slewing| size < slewing.step_at.as_nanos()) {
            Some(Slewing { max_ppb, .. }) => {
                let over = u128::from(size) * 1_000_000_000;
                let over = over.div_ceil(u128::from(max_ppb.max(1))).max(1);
                let over = Duration::from_nanos(u64::try_from(over).unwrap_or(u64::MAX));
                cx.slew_clock(by_ns, over);
                self.slew = Some(Slew { from: now, over, by_ns: size });
            }
            None => {
                if self.slew.take().is_some() || reborn {
                    // A slew replaces what is left of an earlier one; a step does not.
                    cx.slew_clock(0, Duration::from_nanos(1));
                }
                if by_ns != 0 {
                    cx.step_clock(by_ns);
                }
            }
        }
        by_ns
    }

    /// What can be promised of the wall clock now: the estimate's error, ρτ, and what is still to be
    /// slewed.
    pub fn promise<N: Node>(&self, drift_bound_ppb: u32, cx: &mut Context<'_, N>) -> Promise {
        let now = cx.monotonic();
        let left = self.slew.map_or(Duration::ZERO, |slew| slew.left(now));
        let accuracy =
            self.estimate.map(|estimate| estimate.bound(now, drift_bound_ppb) + left + ROUNDING);
        Promise { accuracy, ..Promise::default() }
    }
}
