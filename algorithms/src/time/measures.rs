//! Figures of clock synchronisation: how far off clocks, estimates and promises are.

use seedbed_node::{Ending, Figures, Measure, Observation, Time, What};

use super::checks::ahead;
use super::{Event, Request};

/// Of readings: `error_ns`, how far from true time; `skew_ns`, the spread of all readings of one
/// instant; `error_max_ns` and `skew_max_ns`, the greatest of them; `promise_max_ns`, the widest
/// accuracy that a node has promised. Of estimates: `delay_ns`, the round trip;
/// `estimate_error_max_ns` and `estimate_error_min_ns`, how far ahead of true time an estimate was
/// at most and at least (negative: behind).
#[derive(Clone, Debug, Default)]
pub struct ClockFigures {
    error_max: Option<u64>,
    skew_max: Option<u64>,
    promise_max: Option<u64>,
    estimate: Option<(i64, i64)>,
    /// The instant of the last readings, how many there were, and the least and greatest lead.
    instant: Option<(Time, u32, i64, i64)>,
}

impl ClockFigures {
    /// The readings of an instant are complete.
    fn close(&mut self, figures: &mut dyn Figures) {
        if let Some((_, readings, least, greatest)) = self.instant.take()
            && readings > 1
        {
            let skew = greatest.abs_diff(least);
            figures.sample("skew_ns", skew);
            self.skew_max = self.skew_max.max(Some(skew));
        }
    }
}

impl Measure<Request, Event> for ClockFigures {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, figures: &mut dyn Figures) {
        let What::Event { event, .. } = seen.what else {
            return;
        };
        match *event {
            Event::Reading { wall, promise } => {
                let lead = ahead(wall, seen.at);
                let error = lead.unsigned_abs();
                figures.sample("error_ns", error);
                self.error_max = self.error_max.max(Some(error));
                self.promise_max =
                    self.promise_max.max(promise.accuracy.map(|accuracy| accuracy.as_nanos()));
                if self.instant.is_some_and(|(at, ..)| at != seen.at) {
                    self.close(figures);
                }
                let (_, readings, least, greatest) =
                    self.instant.unwrap_or((seen.at, 0, lead, lead));
                self.instant = Some((seen.at, readings + 1, least.min(lead), greatest.max(lead)));
            }
            Event::Measured { wall, offset_ns, delay, .. } => {
                figures.sample("delay_ns", delay.as_nanos());
                let error = ahead(wall, seen.at).saturating_add(offset_ns);
                let (least, greatest) = self.estimate.unwrap_or((error, error));
                self.estimate = Some((least.min(error), greatest.max(error)));
            }
            Event::Synchronised { .. } | Event::OutOfTouch => {}
        }
    }

    fn finish(&mut self, _ending: &Ending<'_>, figures: &mut dyn Figures) {
        self.close(figures);
        let whole = [
            ("error_max_ns", self.error_max),
            ("skew_max_ns", self.skew_max),
            ("promise_max_ns", self.promise_max),
        ];
        for (name, value) in whole {
            if let Some(value) = value {
                figures.figure(name, value as f64);
            }
        }
        if let Some((least, greatest)) = self.estimate {
            figures.figure("estimate_error_min_ns", least as f64);
            figures.figure("estimate_error_max_ns", greatest as f64);
        }
    }
}
