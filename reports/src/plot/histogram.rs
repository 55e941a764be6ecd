//! How often each value occurs: a strip for each series, one above the other on one axis.

use seedbed_scenarios::sweep::Chart;

use super::axis::{self, Axis, Tick, short};
use super::error::Error;
use super::frame::{Around, Frame, Label};
use super::results::Results;
use super::samples::{Sample, Samples};
use super::scene::{Anchor, Scene};
use super::stats;
use super::theme::Theme;
use super::units::sentence;

/// More bins than this are noise.
const BINS_MAX: f64 = 60.0;

/// The least height of a strip, and what stays free between two.
const STRIP: f64 = 56.0;
const GAP: f64 = 12.0;

/// The figure.
pub(super) fn draw(
    results: &Results,
    chart: &Chart,
    by: Option<&str>,
    theme: Theme,
) -> Result<Scene, Error> {
    let samples = Samples::of(results, chart, by)?;
    let bins = Bins::of(&samples, chart.log_x);
    let counted: Vec<Vec<u32>> = samples.series.iter().map(|s| bins.count(&s.values)).collect();
    let most = counted.iter().flatten().max().map_or(1.0, |most| f64::from(*most));
    let y_axis = Axis { low: 0.0, high: most * 1.05, log: false };
    let strips = samples.series.len();
    let y_ticks = whole_ticks(&y_axis, strips);
    let strip = |index: usize, part: f64| (index as f64 + part) / strips as f64;
    let label = |(index, sample): (usize, &Sample)| Label {
        text: sample.name.clone(),
        color: theme.series(index),
        sign: Some(index),
        at: Some((1.0, 1.0 - strip(index, 0.5))),
        leader: false,
    };
    let named = samples.series.iter().enumerate().filter(|(_, sample)| !sample.name.is_empty());
    let labels: Vec<Label> = named.map(label).collect();
    let mut caption = samples.caption(results, chart, by);
    caption.push("dashed: median".into());
    let around = Around {
        title: sentence(&chart.name),
        x_title: samples.unit.title.clone(),
        y_title: "runs".into(),
        caption,
        labels: labels.clone(),
        least: STRIP * strips as f64,
        right: 0.0,
        words: Vec::new(),
    };
    let mut frame = Frame::new(&around, theme, &y_ticks);
    frame.x_axis(&bins.axis, &bins.axis.ticks());
    for (index, sample) in samples.series.iter().enumerate() {
        let mut strip = Strip { frame: &mut frame, index, strips, y: &y_axis };
        strip.axis(&y_ticks);
        strip.bars(&bins, &counted[index]);
        let mut sorted = sample.values.clone();
        sorted.sort_by(f64::total_cmp);
        strip.median(&bins.axis, stats::share(&sorted, 0.5));
    }
    frame.labels(&labels);
    Ok(frame.scene)
}

/// Whole numbers of runs: several if there is one strip, otherwise none and the most.
fn whole_ticks(axis: &Axis, strips: usize) -> Vec<Tick> {
    let whole = axis.ticks().into_iter().filter(|tick| libm::floor(tick.value) == tick.value);
    let ticks: Vec<Tick> = whole.collect();
    match ticks.last() {
        Some(last) if strips > 1 && ticks.len() > 2 => vec![ticks[0].clone(), last.clone()],
        _ => ticks,
    }
}

/// Values that count as one.
struct Bins {
    /// One more than there are bins, ascending.
    edges: Vec<f64>,
    axis: Axis,
}

impl Bins {
    fn of(samples: &Samples, log: bool) -> Self {
        let mut values: Vec<f64> = samples.values().collect();
        values.sort_by(f64::total_cmp);
        if log {
            let axis = Axis::logarithmic(values.iter().copied());
            let count = libm::sqrt(values.len() as f64).clamp(5.0, BINS_MAX) as u32;
            let edge = |i| axis.value(f64::from(i) / f64::from(count));
            return Bins { edges: (0..=count).map(edge).collect(), axis };
        }
        let (low, high) = (values[0], values[values.len() - 1]);
        let width = width(&values, high - low);
        let first = libm::floor(low / width);
        let last = f64::max(libm::floor(high / width) + 1.0, first + 1.0);
        let count = f64::min(last - first, 4.0 * BINS_MAX) as u32;
        let edges: Vec<f64> = (0..=count).map(|i| (first + f64::from(i)) * width).collect();
        let (low, high) = (edges[0], edges[edges.len() - 1]);
        let axis = match low < high {
            true => Axis { low: low - width / 2.0, high: high + width / 2.0, log: false },
            false => Axis::linear([low], false),
        };
        Bins { edges, axis }
    }

    fn count(&self, values: &[f64]) -> Vec<u32> {
        let mut counts = vec![0; self.edges.len() - 1];
        for value in values {
            // The last edge belongs to the last bin.
            let bin = self.edges.partition_point(|edge| edge <= value).max(1) - 1;
            let last = counts.len() - 1;
            counts[bin.min(last)] += 1;
        }
        counts
    }
}

/// A round width of bins: of Freedman and Diaconis (1981), or by the range where half of all values
/// are one; never less than 1 for whole numbers.
fn width(sorted: &[f64], range: f64) -> f64 {
    let whole = sorted.iter().all(|x| libm::floor(*x) == *x);
    let spread = stats::share(sorted, 0.75) - stats::share(sorted, 0.25);
    let largest = sorted.iter().map(|x| x.abs()).fold(0.0, f64::max);
    let wanted = match 2.0 * spread / libm::cbrt(sorted.len() as f64) {
        width if width > 0.0 => width,
        _ if range > 0.0 => range / 10.0,
        _ => largest / 100.0,
    };
    // Finer than this the edges' numbers no longer differ.
    let least = f64::max(range / BINS_MAX, largest * 1e-6);
    let width = wanted.max(least);
    let width = if whole { width.max(1.0) } else { width };
    if width > 0.0 { axis::step(width) } else { 1.0 }
}

struct Strip<'a> {
    frame: &'a mut Frame,
    index: usize,
    strips: usize,
    y: &'a Axis,
}

impl Strip<'_> {
    /// The height on the sheet of a count in this strip.
    fn height(&self, count: f64) -> f64 {
        let whole = (self.frame.bottom - self.frame.top) / self.strips as f64;
        let bottom = self.frame.top + whole * (self.index + 1) as f64;
        let gap = if self.strips > 1 { GAP } else { 0.0 };
        bottom - self.y.place(count) * (whole - gap)
    }

    fn axis(&mut self, ticks: &[Tick]) {
        let theme = self.frame.theme;
        let (left, right) = (self.frame.left, self.frame.right);
        for tick in ticks {
            let y = self.height(tick.value);
            let color = if tick.value == 0.0 { theme.axis() } else { theme.grid() };
            self.frame.scene.line(vec![(left, y), (right, y)], 1.0, color);
            let place = (left - 8.0, y + 4.0);
            self.frame.scene.text(
                place,
                Anchor::End,
                &tick.label,
                super::frame::NUMBERS,
                theme.quiet(),
            );
        }
    }

    fn bars(&mut self, bins: &Bins, counts: &[u32]) {
        let color = self.frame.theme.series(self.index);
        for (edges, count) in bins.edges.windows(2).zip(counts).filter(|(_, count)| **count > 0) {
            let (from, _) = self.frame.point(bins.axis.place(edges[0]), 0.0);
            let (to, _) = self.frame.point(bins.axis.place(edges[1]), 0.0);
            let gap = f64::min(1.0, (to - from) * 0.1);
            let (top, bottom) = (self.height(f64::from(*count)), self.height(0.0));
            let runs = if *count == 1 { "run" } else { "runs" };
            let note = format!("{} to {}: {count} {runs}", short(edges[0]), short(edges[1]));
            self.frame.scene.rectangle((from + gap, top), (to - gap, bottom), color, Some(note));
        }
    }

    fn median(&mut self, axis: &Axis, median: f64) {
        let (x, _) = self.frame.point(axis.place(median), 0.0);
        let (top, bottom) = (self.height(self.y.high), self.height(0.0));
        let color = self.frame.theme.ink();
        self.frame.scene.dashed(vec![(x, bottom), (x, top)], 1.2, color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_of_whole_numbers_hold_whole_numbers() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i % 7)).collect();
        assert_eq!(width(&values, 6.0), 1.0);
        assert_eq!(width(&[3.0, 3.0], 0.0), 1.0);
        assert!(width(&[0.1, 0.1], 0.0) > 0.0);
    }
}
