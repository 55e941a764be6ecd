//! The values of one column, by series: what histograms and distribution functions count.

use seedbed_scenarios::sweep::Chart;

use super::data::{self, Figures};
use super::error::Error;
use super::results::Results;
use super::units::Unit;

/// All values.
pub(super) struct Samples {
    pub series: Vec<Sample>,
    pub unit: Unit,
    /// Runs without a value that the axis can show.
    left_out: usize,
}

/// The values of one series, at least one.
pub(super) struct Sample {
    pub name: String,
    pub values: Vec<f64>,
}

impl Samples {
    /// The values of the chart's x.
    pub(super) fn of(results: &Results, chart: &Chart, by: Option<&str>) -> Result<Self, Error> {
        let Figures { values, unit } = Figures::of(results, &chart.x)?;
        let by = by.map(|by| results.column(by)).transpose()?;
        let mut series = Vec::new();
        for (name, rows) in data::split(results, by)? {
            let shown = rows.iter().filter_map(|row| values[*row]);
            let values: Vec<f64> = shown.filter(|x| !chart.log_x || *x > 0.0).collect();
            if !values.is_empty() {
                series.push(Sample { name, values });
            }
        }
        if series.is_empty() {
            let why = format!("none of {} runs has {}", results.len(), unit.plain());
            return Err(Error::Nothing { why });
        }
        let shown: usize = series.iter().map(|sample| sample.values.len()).sum();
        Ok(Samples { series, unit, left_out: results.len() - shown })
    }

    /// The values of all series.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> {
        self.series.iter().flat_map(|sample| sample.values.iter().copied())
    }

    /// Sentences about where they are from.
    pub(super) fn caption(
        &self,
        results: &Results,
        chart: &Chart,
        by: Option<&str>,
    ) -> Vec<String> {
        let mut caption = data::origin(results);
        let shown = self.values().count();
        caption.push(format!("{shown} {}", if shown == 1 { "run" } else { "runs" }));
        caption.extend(data::hidden_words(results, &[by.unwrap_or_default()]));
        caption.extend(data::left_out_words(self.left_out, results.len()));
        if chart.log_x {
            caption.push("x axis logarithmic".into());
        }
        caption
    }
}
