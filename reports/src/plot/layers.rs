//! Lines, bars and points of measured data over theory, from bottom to top.

use seedbed_scenarios::sweep::Curve;

use super::axis::{Axis, short};
use super::data::Group;
use super::frame::Frame;
use super::lines::{Data, RUNS_MAX, half_log2};
use super::scene::Point;
use super::stats::{self, Mean};
use super::theme::Rgb;

/// A theory's curve is drawn through so many points where it is a formula.
const CURVE_POINTS: u32 = 160;

/// How large a point's sign is, and how near another has to be to hide it.
const SIGN: f64 = 4.0;
const HIDDEN: f64 = 2.5;

/// Where theory says something of a single place, it is a line so long to each side.
const ALONE: f64 = 8.0;

/// The data, drawn from bottom to top.
pub(super) struct Layers<'a> {
    pub frame: Frame,
    pub x: &'a Axis,
    pub y: &'a Axis,
    pub data: &'a Data,
}

/// Bounds of what theory expects.
struct Expected {
    /// None if it is the upper one, or none at all.
    low: Option<Vec<Point>>,
    high: Vec<Point>,
}

impl Layers<'_> {
    /// Everything: tints, lines, theory, single runs, means.
    pub(super) fn draw(&mut self, theory: Option<Curve>) {
        self.tints();
        self.lines(theory.is_some());
        self.theory(theory);
        self.runs();
        if !self.data.dense() {
            self.means();
        }
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        self.frame.point(self.x.place(x), self.y.place(y))
    }

    fn color(&self, index: usize) -> Rgb {
        self.frame.theme.series(index)
    }

    /// Between the bounds of theory, and between those of dense intervals of confidence.
    fn tints(&mut self) {
        for (index, series) in self.data.series.iter().enumerate() {
            let color = self.color(index);
            for Expected { low, high } in self.expected(index) {
                if let Some(low) = low {
                    let around = low.into_iter().chain(high.into_iter().rev()).collect();
                    self.frame.scene.area(around, color, 0.1);
                }
            }
            if self.data.dense() && self.data.repeated() {
                let end = |group: &Group, sign: f64| {
                    let mean = group.mean();
                    self.at(group.x, mean.value + sign * mean.half.unwrap_or(0.0))
                };
                let low = series.groups.iter().map(|group| end(group, -1.0));
                let high = series.groups.iter().map(|group| end(group, 1.0)).rev();
                let around = low.chain(high).collect();
                self.frame.scene.area(around, color, 0.18);
            }
        }
    }

    /// From mean to mean; faint where theory is to be seen on them.
    fn lines(&mut self, theory: bool) {
        if self.data.x.words.is_some() {
            return;
        }
        for (index, series) in self.data.series.iter().enumerate() {
            let line = series.groups.iter().map(|group| self.at(group.x, group.mean().value));
            let line = line.collect();
            let part = if theory { 0.5 } else { 1.0 };
            let color = self.frame.theme.faint(self.color(index), part);
            self.frame.scene.line(line, 1.8, color);
        }
    }

    fn theory(&mut self, curve: Option<Curve>) {
        for index in 0..self.data.series.len() {
            let color = self.color(index);
            for Expected { low, high } in self.expected(index) {
                for bound in low.into_iter().chain([high]) {
                    match self.data.x.words {
                        None => self.frame.scene.dashed_of(index, bound, 1.3, color),
                        Some(_) => self.frame.scene.line(bound, 1.3, color),
                    }
                }
            }
        }
        if curve == Some(Curve::HalfLog2) && self.data.x.words.is_none() {
            let part = |i| f64::from(i) / f64::from(CURVE_POINTS);
            let values = (0..=CURVE_POINTS).map(|i| self.x.value(part(i)));
            let inside =
                |half: &f64| *half >= self.y.low && *half <= self.y.high && self.y.holds(*half);
            let points =
                values.filter_map(|x| Some(self.at(x, half_log2(x).filter(inside)?))).collect();
            let color = self.frame.theme.ink();
            self.frame.scene.dashed(points, 1.5, color);
        }
    }

    /// What theory says of a series: along x, or at each word.
    fn expected(&self, index: usize) -> Vec<Expected> {
        let series = &self.data.series[index];
        let dodge = self.data.dodge(index);
        let bounds =
            series.groups.iter().filter_map(|g| g.theory.map(|(low, high)| (g, low, high)));
        let bounds: Vec<_> = bounds.filter(|(.., high)| self.y.holds(*high)).collect();
        // No fewer than none is no bound.
        let bounded = |(_, low, _): &(&Group, f64, f64)| *low > 0.0;
        let wide = |(_, low, high): &(&Group, f64, f64)| low < high;
        let at = |group: &Group, y: f64| self.at(group.x + dodge, y);
        if self.data.x.words.is_none() && bounds.len() > 1 {
            let both = bounds.iter().any(wide) && bounds.iter().all(bounded);
            let high = bounds.iter().map(|(group, _, high)| at(group, *high)).collect();
            let low = bounds.iter().map(|(group, low, _)| at(group, *low)).collect();
            return vec![Expected { low: both.then_some(low), high }];
        }
        let (left, right) = (self.frame.left, self.frame.right);
        let beside =
            |(x, y): Point| vec![(f64::max(x - ALONE, left), y), (f64::min(x + ALONE, right), y)];
        let alone = |bound: &(&Group, f64, f64)| Expected {
            low: (wide(bound) && bounded(bound)).then(|| beside(at(bound.0, bound.1))),
            high: beside(at(bound.0, bound.2)),
        };
        bounds.iter().map(alone).collect()
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

    /// Bars and signs. A sign that others will cover is larger, so that it is seen around them.
    fn means(&mut self) {
        let place = |index: usize, group: &Group| {
            self.at(group.x + self.data.dodge(index), group.mean().value)
        };
        let all = self.data.series.iter().enumerate();
        let places = all.map(|(i, series)| series.groups.iter().map(|g| place(i, g)).collect());
        let places: Vec<Vec<Point>> = places.collect();
        for (index, series) in self.data.series.iter().enumerate() {
            let color = self.color(index);
            let means: Vec<Mean> = series.groups.iter().map(Group::mean).collect();
            for (group, mean) in series.groups.iter().zip(&means) {
                self.bar(group.x + self.data.dodge(index), mean, color);
            }
            for ((group, mean), at) in series.groups.iter().zip(&means).zip(&places[index]) {
                let near = |other: &&Point| libm::hypot(other.0 - at.0, other.1 - at.1) < HIDDEN;
                let above = places[index + 1..].iter().flatten().filter(near).count();
                let size = SIGN + 1.7 * above.min(2) as f64;
                let note = self.note(&series.name, group, mean);
                self.frame.scene.sign(index, *at, size, color, Some(note));
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
