//! Points with intervals of confidence, joined by lines, over what theory says.

use seedbed_scenarios::sweep::{Chart, Curve};

use super::axis::{Axis, Tick};
use super::data::{self, Figures, Group, Positions, Run, Series};
use super::error::Error;
use super::frame::{Around, Frame, Label};
use super::layers::Layers;
use super::results::Results;
use super::scene::Scene;
use super::stats::{self, Mean};
use super::theme::Theme;
use super::units::sentence;

/// More single runs than this hide the means: only outliers are drawn then.
pub(super) const RUNS_MAX: usize = 1500;

/// Series with more points than this on average are curves: bands instead of bars, no signs.
const POINTS_MAX: usize = 32;

/// More words than this have no room along the axis.
const WORDS_MAX: usize = 64;

/// At most so many values of x are marked on the axis themselves.
const MARKED_MAX: usize = 14;

/// The figure.
pub(super) fn draw(
    results: &Results,
    chart: &Chart,
    by: Option<&str>,
    theme: Theme,
) -> Result<Scene, Error> {
    let y = chart.y.as_deref().ok_or_else(|| Error::Incomplete {
        message: "lines need a column for the vertical axis".into(),
        help: "name one with `y`".into(),
    })?;
    let data = Data::of(results, chart, y, by)?;
    let (x_axis, x_ticks) = data.x_axis(chart.log_x);
    let y_axis = data.y_axis(chart.log_y);
    let y_ticks = y_axis.ticks();
    let labels = data.labels(chart, &x_axis, &y_axis, theme);
    let around = Around {
        title: sentence(&chart.name),
        x_title: data.x.unit.title.clone(),
        y_title: data.y.unit.title.clone(),
        caption: data.caption(results, chart, &[&chart.x, by.unwrap_or_default()]),
        labels: labels.clone(),
        least: 0.0,
        right: 0.0,
        words: data.x.words.clone().unwrap_or_default(),
    };
    let mut frame = Frame::new(&around, theme, &y_ticks);
    frame.y_axis(&y_axis, &y_ticks);
    frame.x_axis(&x_axis, &x_ticks);
    let mut layers = Layers { frame, x: &x_axis, y: &y_axis, data: &data };
    layers.draw(chart.theory);
    layers.frame.labels(&labels);
    Ok(layers.frame.scene)
}

/// What is drawn.
pub(super) struct Data {
    pub series: Vec<Series>,
    pub x: Positions,
    pub y: Figures,
    /// Runs that no place on the axes can show.
    left_out: usize,
}

impl Data {
    fn of(results: &Results, chart: &Chart, y: &str, by: Option<&str>) -> Result<Self, Error> {
        let x = Positions::of(results, &chart.x)?;
        if let Some(count) = x.words.as_ref().map(Vec::len).filter(|count| *count > WORDS_MAX) {
            let what = format!("values of {}", chart.x);
            return Err(Error::TooMany { what, count, most: WORDS_MAX });
        }
        let y = Figures::of(results, y)?;
        let by = by.map(|by| results.column(by)).transpose()?;
        let theory = match chart.theory {
            Some(Curve::Messages) if y.unit.has_symbol() => {
                return Err(Error::Incomplete {
                    message: format!("theory counts messages, and {} is none", y.unit.title),
                    help: "leave the theory out, or draw messages per operation".into(),
                });
            }
            Some(Curve::Messages) => {
                let column = |name| Figures::of_scaled(results, name, y.unit.scale);
                Some((column("theory_low")?, column("theory_high")?))
            }
            _ => None,
        };
        let log_x = chart.log_x && x.words.is_none();
        let shown = |row: usize| {
            let x = x.values[row].filter(|x| !log_x || *x > 0.0)?;
            let y = y.values[row].filter(|y| !chart.log_y || *y > 0.0)?;
            Some((x, y))
        };
        let seeds = results.find("seed");
        let mut series = Vec::new();
        let mut left_out = 0;
        for (name, rows) in data::split(results, by)? {
            let placed = rows.iter().filter_map(|row| shown(*row).map(|(x, y)| (x, y, *row)));
            let mut placed: Vec<(f64, f64, usize)> = placed.collect();
            left_out += rows.len() - placed.len();
            placed.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut groups: Vec<Group> = Vec::new();
            for (x, value, row) in placed {
                if groups.last().is_none_or(|group| group.x != x) {
                    groups.push(Group { x, runs: Vec::new(), theory: None });
                }
                let group = groups.last_mut().expect("there is one by now");
                let seed = seeds.map_or_else(String::new, |seed| results.text(row, seed));
                group.runs.push(Run { value, seed });
                if let Some((low, high)) = &theory {
                    group.expect(low[row], high[row]);
                }
            }
            if !groups.is_empty() {
                series.push(Series { name, groups });
            }
        }
        if series.is_empty() {
            let why = match results.len() {
                0 => return Err(Error::NoRows),
                n => format!("none of {n} runs has both {} and {}", x.unit.plain(), y.unit.plain()),
            };
            return Err(Error::Nothing { why });
        }
        Ok(Data { series, x, y, left_out })
    }

    fn groups(&self) -> impl Iterator<Item = &Group> {
        self.series.iter().flat_map(|series| &series.groups)
    }

    pub(super) fn runs(&self) -> usize {
        self.groups().map(|group| group.runs.len()).sum()
    }

    /// Whether there is more than one run anywhere.
    pub(super) fn repeated(&self) -> bool {
        self.groups().any(|group| group.runs.len() > 1)
    }

    pub(super) fn dense(&self) -> bool {
        self.x.words.is_none() && self.groups().count() > POINTS_MAX * self.series.len()
    }

    fn x_axis(&self, log: bool) -> (Axis, Vec<Tick>) {
        if let Some(words) = &self.x.words {
            let axis = Axis { low: -0.5, high: words.len() as f64 - 0.5, log: false };
            let tick = |(i, word): (usize, &String)| Tick { value: i as f64, label: word.clone() };
            return (axis, words.iter().enumerate().map(tick).collect());
        }
        let mut values: Vec<f64> = self.groups().map(|group| group.x).collect();
        let axis = match log {
            true => Axis::logarithmic(values.iter().copied()),
            false => Axis::linear(values.iter().copied(), false),
        };
        values.sort_by(f64::total_cmp);
        values.dedup();
        let ticks = if values.len() > MARKED_MAX { axis.ticks() } else { Axis::ticks_at(&values) };
        (axis, ticks)
    }

    fn y_axis(&self, log: bool) -> Axis {
        let runs = || self.groups().flat_map(|group| group.runs.iter().map(|run| run.value));
        let theory =
            self.groups().flat_map(|group| group.theory).flat_map(|(low, high)| [low, high]);
        // An interval may reach below zero where no run can.
        let least = if runs().all(|y| y >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
        let ends = self.groups().flat_map(|group| {
            let mean = group.mean();
            let half = mean.half.unwrap_or(0.0);
            [f64::max(mean.value - half, least), mean.value + half]
        });
        let values: Vec<f64> = runs().chain(theory).chain(ends).collect();
        if log { Axis::logarithmic(values) } else { Axis::linear(values, true) }
    }

    fn labels(&self, chart: &Chart, x: &Axis, y: &Axis, theme: Theme) -> Vec<Label> {
        let mut labels = Vec::new();
        let named = self.series.iter().enumerate().filter(|(_, series)| !series.name.is_empty());
        for (index, series) in named {
            let last = series.groups.last().expect("a series has a group");
            let shifted = last.x + self.dodge(index);
            labels.push(Label {
                text: series.name.clone(),
                color: theme.series(index),
                sign: Some(index),
                at: Some((x.place(shifted), y.place(last.mean().value))),
                leader: true,
            });
        }
        if chart.theory == Some(Curve::HalfLog2) && self.x.words.is_none() {
            let value = half_log2(x.high).filter(|half| *half <= y.high && y.holds(*half));
            labels.push(Label {
                text: format!("½ log₂ {}", self.x.unit.plain()),
                color: theme.quiet(),
                sign: None,
                at: value.map(|half| (1.0, y.place(half))),
                leader: true,
            });
        }
        labels
    }

    /// How far the points of a series stand beside their word, so that series do not hide another.
    pub(super) fn dodge(&self, index: usize) -> f64 {
        match self.x.words {
            None => 0.0,
            Some(_) => {
                let count = self.series.len() as f64;
                (index as f64 - (count - 1.0) / 2.0) * 0.7 / count
            }
        }
    }

    fn caption(&self, results: &Results, chart: &Chart, shown: &[&str]) -> Vec<String> {
        let mut caption = data::origin(results);
        if self.repeated() {
            caption.push("means with 95 % confidence intervals (Student’s t)".into());
            let dots = if self.runs() <= RUNS_MAX { "single runs" } else { "outliers" };
            caption.push(format!("dots: {dots}"));
        }
        if self.groups().any(|group| group.theory.is_some()) {
            let drawn = if self.x.words.is_some() { "short lines" } else { "dashed" };
            caption.push(format!("{drawn}: theory"));
        }
        if chart.log_x || chart.log_y {
            let log = match (chart.log_x, chart.log_y) {
                (true, true) => "both axes logarithmic",
                (true, false) => "x axis logarithmic",
                _ => "y axis logarithmic",
            };
            caption.push(log.into());
        }
        caption.extend(data::hidden_words(results, shown));
        caption.extend(data::left_out_words(self.left_out, results.len()));
        caption
    }
}

impl Group {
    pub(super) fn mean(&self) -> Mean {
        let values: Vec<f64> = self.runs.iter().map(|run| run.value).collect();
        stats::mean(&values)
    }

    /// Widens what theory allows by what it says of one run.
    fn expect(&mut self, low: Option<f64>, high: Option<f64>) {
        let (Some(low), Some(high)) = (low.or(high), high.or(low)) else { return };
        let (from, to) = self.theory.unwrap_or((low, high));
        self.theory = Some((from.min(low).min(high), to.max(high).max(low)));
    }
}

/// Half the binary logarithm, where there is one.
pub(super) fn half_log2(x: f64) -> Option<f64> {
    (x > 0.0).then(|| libm::log2(x) / 2.0)
}
