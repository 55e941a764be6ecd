//! The share of values up to each: empirical distribution functions.

use seedbed_scenarios::sweep::Chart;

use super::axis::Axis;
use super::error::Error;
use super::frame::{Around, Frame, Label};
use super::results::Results;
use super::samples::Samples;
use super::scene::Scene;
use super::stats;
use super::theme::Theme;
use super::units::sentence;

/// A function with more steps than this is drawn through so many of its quantiles.
const STEPS_MAX: usize = 500;

/// Where a series' sign stands on its curve.
const SIGNS: [f64; 3] = [0.25, 0.5, 0.9];

/// The figure.
pub(super) fn draw(
    results: &Results,
    chart: &Chart,
    by: Option<&str>,
    theme: Theme,
) -> Result<Scene, Error> {
    let mut samples = Samples::of(results, chart, by)?;
    samples.series.iter_mut().for_each(|sample| sample.values.sort_by(f64::total_cmp));
    let x_axis = match chart.log_x {
        true => Axis::logarithmic(samples.values()),
        false => Axis::linear(samples.values(), false),
    };
    let y_axis = Axis { low: 0.0, high: 1.0, log: false };
    let y_ticks = y_axis.ticks();
    // All curves end at one point, so that labels stand in the order of their medians instead.
    let median = |index: &usize| stats::share(&samples.series[*index].values, 0.5);
    let named = |index: &usize| !samples.series[*index].name.is_empty();
    let mut order: Vec<usize> = (0..samples.series.len()).filter(named).collect();
    order.sort_by(|a, b| median(a).total_cmp(&median(b)));
    let label = |index: usize| Label {
        text: samples.series[index].name.clone(),
        color: theme.series(index),
        sign: Some(index),
        at: None,
        leader: false,
    };
    let labels: Vec<Label> = order.into_iter().map(label).collect();
    let mut caption = samples.caption(results, chart, by);
    if labels.len() > 1 {
        caption
            .push("signs at 25, 50 and 90 %; names from the smallest median to the largest".into());
    }
    let around = Around {
        title: sentence(&chart.name),
        x_title: samples.unit.title.clone(),
        y_title: "share of runs up to x".into(),
        caption,
        labels: labels.clone(),
        least: 0.0,
        right: 0.0,
        words: Vec::new(),
    };
    let mut frame = Frame::new(&around, theme, &y_ticks);
    frame.y_axis(&y_axis, &y_ticks);
    frame.x_axis(&x_axis, &x_axis.ticks());
    for (index, sample) in samples.series.iter().enumerate() {
        curve(&mut frame, &x_axis, index, &sample.values);
    }
    if labels.len() > 1 {
        for (index, sample) in samples.series.iter().enumerate() {
            for share in SIGNS {
                let rank = libm::ceil(share * sample.values.len() as f64) as usize - 1;
                let at = frame.point(x_axis.place(sample.values[rank]), share);
                frame.scene.sign(index, at, 4.0, theme.series(index), None);
            }
        }
    }
    frame.labels(&labels);
    Ok(frame.scene)
}

/// A staircase from the axis's beginning to its end.
fn curve(frame: &mut Frame, axis: &Axis, index: usize, sorted: &[f64]) {
    let every = sorted.len().div_ceil(STEPS_MAX);
    let mut points = vec![frame.point(0.0, 0.0)];
    let mut before = 0.0;
    for (rank, value) in sorted.iter().enumerate() {
        let last_of_equals = sorted.get(rank + 1).is_none_or(|next| next > value);
        if last_of_equals && (rank % every == 0 || rank + 1 == sorted.len() || every == 1) {
            let share = (rank + 1) as f64 / sorted.len() as f64;
            let x = axis.place(*value);
            points.extend([frame.point(x, before), frame.point(x, share)]);
            before = share;
        }
    }
    points.push(frame.point(1.0, 1.0));
    let color = frame.theme.series(index);
    frame.scene.line(points, 1.8, color);
}
