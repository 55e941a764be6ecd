//! Points with intervals of confidence, joined by lines, over what theory says.

use seedbed_scenarios::sweep::{Chart, Curve};

use super::axis::{Axis, Tick, short};
use super::data::{self, Figures, Group, Positions, Run, Series};
use super::error::Error;
use super::frame::{Around, Frame, Label};
use super::results::Results;
use super::scene::Scene;
use super::stats::{self, Mean};
use super::theme::{Rgb, Theme};
use super::units::sentence;

/// More single runs than this hide the means: only outliers are drawn then.
const RUNS_MAX: usize = 1500;

/// Series with more points than this on average are curves: bands instead of bars, no signs.
const POINTS_MAX: usize = 32;

/// At most so many values of x are marked on the axis themselves.
const MARKED_MAX: usize = 14;

/// A theory's curve is drawn through so many points where it is a formula.
const CURVE_POINTS: u32 = 160;

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
        caption: data.caption(results, chart, &[&chart.x, y, by.unwrap_or_default()]),
        labels: labels.clone(),
        least: 0.0,
    };
    let mut frame = Frame::new(&around, theme, &y_ticks);
    frame.y_axis(&y_axis, &y_ticks);
    frame.x_axis(&x_axis, &x_ticks);
    let mut layers = Layers { frame, x: &x_axis, y: &y_axis, data: &data };
    layers.theory(chart.theory);
    layers.runs();
    layers.means();
    layers.frame.labels(&labels);
    Ok(layers.frame.scene)
}

struct Data {
    series: Vec<Series>,
    x: Positions,
    y: Figures,
    /// Runs that no place on the axes can show.
    left_out: usize,
}

impl Data {
    fn of(results: &Results, chart: &Chart, y: &str, by: Option<&str>) -> Result<Self, Error> {
        let x = Positions::of(results, &chart.x)?;
        let y = Figures::of(results, y)?;
        let by = by.map(|by| results.column(by)).transpose()?;
        let theory = match chart.theory {
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
            let mut groups: Vec<Group> = Vec::new();
            for row in rows {
                let Some((x, value)) = shown(row) else {
                    left_out += 1;
                    continue;
                };
                let seed = seeds.map_or_else(String::new, |seed| results.text(row, seed));
                let place = groups.partition_point(|group| group.x < x);
                if groups.get(place).is_none_or(|group| group.x != x) {
                    groups.insert(place, Group { x, runs: Vec::new(), theory: None });
                }
                let group = &mut groups[place];
                group.runs.push(Run { value, seed });
                if let Some((low, high)) = &theory {
                    group.expect(low[row], high[row], chart.log_y);
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

    fn runs(&self) -> usize {
        self.groups().map(|group| group.runs.len()).sum()
    }

    /// Whether there is more than one run anywhere.
    fn repeated(&self) -> bool {
        self.groups().any(|group| group.runs.len() > 1)
    }

    fn dense(&self) -> bool {
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
            });
        }
        if chart.theory == Some(Curve::HalfLog2) && self.x.words.is_none() {
            let value = half_log2(x.high).filter(|half| *half <= y.high && y.holds(*half));
            labels.push(Label {
                text: format!("½ log₂ {}", self.x.unit.plain()),
                color: theme.quiet(),
                sign: None,
                at: value.map(|half| (1.0, y.place(half))),
            });
        }
        labels
    }

    /// How far the points of a series stand beside their word, so that series do not hide another.
    fn dodge(&self, index: usize) -> f64 {
        match self.x.words {
            None => 0.0,
            Some(_) => {
                let count = self.series.len() as f64;
                (index as f64 - (count - 1.0) / 2.0) * 0.7 / count
            }
        }
    }

    fn caption(&self, results: &Results, chart: &Chart, shown: &[&str]) -> Vec<String> {
        let mut caption: Vec<String> = Vec::new();
        let seeds = data::seeds(results);
        caption.push(
            [Some(results.name.clone()), seeds]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", "),
        );
        if self.repeated() {
            let what = if self.dense() { "bands" } else { "bars" };
            caption.push(format!("means with {what} of 95 % confidence (Student’s t)"));
            let dots = if self.runs() <= RUNS_MAX { "single runs" } else { "outliers" };
            caption.push(format!("dots: {dots}"));
        }
        if self.groups().any(|group| group.theory.is_some()) {
            caption.push("dashed: theory".into());
        }
        if chart.log_x || chart.log_y {
            let log = match (chart.log_x, chart.log_y) {
                (true, true) => "both axes logarithmic",
                (true, false) => "x axis logarithmic",
                _ => "y axis logarithmic",
            };
            caption.push(log.into());
        }
        let hidden = data::hidden(results, shown);
        if !hidden.is_empty() {
            caption.push(format!("over all values of {}", hidden.join(", ")));
        }
        if self.left_out > 0 {
            caption.push(format!(
                "{} of {} runs have no such figure",
                self.left_out,
                results.len()
            ));
        }
        caption.retain(|sentence| !sentence.is_empty());
        caption
    }
}

impl Group {
    fn mean(&self) -> Mean {
        let values: Vec<f64> = self.runs.iter().map(|run| run.value).collect();
        stats::mean(&values)
    }

    /// Widens what theory allows by what it says of one run.
    fn expect(&mut self, low: Option<f64>, high: Option<f64>, log: bool) {
        let (Some(low), Some(high)) = (low.or(high), high.or(low)) else { return };
        let (low, high) = (low.min(high), low.max(high));
        if log && low <= 0.0 {
            return;
        }
        let (from, to) = self.theory.unwrap_or((low, high));
        self.theory = Some((from.min(low), to.max(high)));
    }
}

/// Half the binary logarithm, where there is one.
fn half_log2(x: f64) -> Option<f64> {
    (x > 0.0).then(|| libm::log2(x) / 2.0)
}

/// The data, drawn from bottom to top.
struct Layers<'a> {
    frame: Frame,
    x: &'a Axis,
    y: &'a Axis,
    data: &'a Data,
}

impl Layers<'_> {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        self.frame.point(self.x.place(x), self.y.place(y))
    }

    fn color(&self, index: usize) -> Rgb {
        self.frame.theme.series(index)
    }

    fn theory(&mut self, curve: Option<Curve>) {
        for (index, series) in self.data.series.iter().enumerate() {
            let color = self.color(index);
            let dodge = self.data.dodge(index);
            let expected =
                series.groups.iter().filter_map(|g| g.theory.map(|(low, high)| (g.x, low, high)));
            let expected: Vec<(f64, f64, f64)> = expected.collect();
            if self.data.x.words.is_some() {
                for (x, low, high) in expected {
                    let half = 0.3 / self.data.series.len() as f64;
                    let (from, to) = (x + dodge - half, x + dodge + half);
                    self.band(&[(from, low, high), (to, low, high)], color);
                }
            } else {
                self.band(&expected, color);
            }
        }
        if curve == Some(Curve::HalfLog2) && self.data.x.words.is_none() {
            let values =
                (0..=CURVE_POINTS).map(|i| self.x.value(f64::from(i) / f64::from(CURVE_POINTS)));
            let inside =
                |half: &f64| *half >= self.y.low && *half <= self.y.high && self.y.holds(*half);
            let points =
                values.filter_map(|x| Some(self.at(x, half_log2(x).filter(inside)?))).collect();
            let color = self.frame.theme.quiet();
            self.frame.scene.dashed(points, 1.5, color);
        }
    }

    /// What theory allows: a dashed curve, or two with a tint between.
    fn band(&mut self, expected: &[(f64, f64, f64)], color: Rgb) {
        let low: Vec<_> = expected.iter().map(|(x, low, _)| self.at(*x, *low)).collect();
        let high: Vec<_> = expected.iter().map(|(x, _, high)| self.at(*x, *high)).collect();
        if low.len() < 2 {
            return;
        }
        let color = self.frame.theme.faint(color, 0.8);
        if low != high {
            let around = low.iter().chain(high.iter().rev()).copied().collect();
            self.frame.scene.area(around, color, 0.12);
            self.frame.scene.dashed(high, 1.1, color);
        }
        self.frame.scene.dashed(low, 1.1, color);
    }

    /// Single runs, or those of them that are far out.
    fn runs(&mut self) {
        if !self.data.repeated() {
            return;
        }
        let all = self.data.runs() <= RUNS_MAX;
        for (index, series) in self.data.series.iter().enumerate() {
            let color = self.color(index);
            for group in &series.groups {
                let mut sorted: Vec<f64> = group.runs.iter().map(|run| run.value).collect();
                sorted.sort_by(f64::total_cmp);
                let (low, high) = stats::fences(&sorted);
                for run in &group.runs {
                    let far = run.value < low || run.value > high;
                    if all || far {
                        let middle = self.at(group.x + self.data.dodge(index), run.value);
                        let note = far.then(|| {
                            format!("{} seed {}: {}", series.name, run.seed, short(run.value))
                        });
                        self.frame.scene.dot(
                            middle,
                            2.2,
                            color,
                            if far { 0.55 } else { 0.25 },
                            note,
                        );
                    }
                }
            }
        }
    }

    fn means(&mut self) {
        let dense = self.data.dense();
        let joined = self.data.x.words.is_none();
        for (index, series) in self.data.series.iter().enumerate() {
            let color = self.color(index);
            let means: Vec<(f64, Mean)> =
                series.groups.iter().map(|g| (g.x + self.data.dodge(index), g.mean())).collect();
            if dense {
                let end = |sign: f64| {
                    move |(x, m): &(f64, Mean)| (*x, m.value + sign * m.half.unwrap_or(0.0))
                };
                let low = means.iter().map(end(-1.0)).map(|(x, y)| self.at(x, y));
                let high = means.iter().map(end(1.0)).map(|(x, y)| self.at(x, y)).rev();
                let around = low.chain(high).collect();
                self.frame.scene.area(around, color, 0.18);
            }
            if joined {
                let line = means.iter().map(|(x, mean)| self.at(*x, mean.value)).collect();
                self.frame.scene.line(line, 1.8, color);
            }
            if !dense {
                means.iter().for_each(|(x, mean)| self.bar(*x, mean, color));
                for ((x, mean), group) in means.iter().zip(&series.groups) {
                    let middle = self.at(*x, mean.value);
                    let note = self.note(&series.name, group, mean);
                    self.frame.scene.sign(index, middle, 4.0, color, Some(note));
                }
            }
        }
    }

    /// An interval of confidence, if it is larger than the point within it.
    fn bar(&mut self, x: f64, mean: &Mean, color: Rgb) {
        let half = mean.half.unwrap_or(0.0);
        let (x, low) = self.at(x, mean.value - half);
        let (_, high) = self.at(x, mean.value + half);
        if low - high > 2.0 {
            for y in [low, high] {
                self.frame.scene.line(vec![(x - 4.0, y), (x + 4.0, y)], 1.2, color);
            }
            self.frame.scene.line(vec![(x, low), (x, high)], 1.2, color);
        }
    }

    /// What a reader learns who points at a mean.
    fn note(&self, name: &str, group: &Group, mean: &Mean) -> String {
        let x = match &self.data.x.words {
            Some(words) => words[group.x as usize].clone(),
            None => format!("{} {}", self.data.x.unit.plain(), short(group.x)),
        };
        let half = mean.half.map_or_else(String::new, |half| format!(" ± {}", short(half)));
        let runs = if mean.count == 1 { "run" } else { "runs" };
        let line = format!("{name} {x}: {}{half}, {} {runs}", short(mean.value), mean.count);
        line.trim_start().to_owned()
    }
}
