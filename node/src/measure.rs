//! Figures that a family takes from a run.

use crate::{Ending, Observation};

/// Where figures go. Samples are collected in a histogram of high dynamic range and reported as
/// `name_mean`, `name_p50`, `name_p95`, `name_p99`, `name_max`.
pub trait Figures {
    /// One sample of a distribution; the unit is part of the name: `sync_delay_ns`.
    fn sample(&mut self, name: &'static str, value: u64);
    /// One figure of the whole run: `throughput_per_s`.
    fn figure(&mut self, name: &'static str, value: f64);
}

/// Turns observations into figures.
pub trait Measure<R, E>: Send {
    /// Something happened.
    fn observe(&mut self, seen: &Observation<'_, R, E>, figures: &mut dyn Figures);
    /// The run is over.
    fn finish(&mut self, ending: &Ending<'_>, figures: &mut dyn Figures) {
        let _ = (ending, figures);
    }
}
