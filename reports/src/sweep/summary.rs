//! A sweep for people and programs: each point's mean with its interval of confidence.

use std::collections::BTreeMap;

use seedbed_scenarios::sweep::{Cell, ChartKind, Column, ColumnKind, Point, Sweep};
use serde::Serialize;

use crate::json::{Pairs, SCHEMA, text};
use crate::plot::stats;
use crate::text::{Style, columns, count, duration, finish, plural, significant};

/// What the runs of every point came to, gathered one row at a time.
#[derive(Debug)]
pub struct Summary<'a> {
    sweep: &'a Sweep,
    shown: Vec<usize>,
    points: BTreeMap<u64, Gathered>,
}

#[derive(Clone, Debug, Default)]
struct Gathered {
    held: u64,
    failed: u64,
    inconclusive: u64,
    /// The seed of the first run that failed.
    first_failed: Option<u64>,
    nodes: u64,
    algorithm: String,
    theory: Option<(f64, f64)>,
    /// One list of values for each column that is shown.
    values: Vec<Vec<f64>>,
}

impl<'a> Summary<'a> {
    /// A summary of the columns that the sweep's charts show; of messages and latency if it has none.
    pub fn new(sweep: &'a Sweep) -> Self {
        let mut names: Vec<&str> = Vec::new();
        for chart in sweep.charts() {
            let name = match chart.kind {
                ChartKind::Lines => chart.y.as_ref(),
                ChartKind::Heat => chart.z.as_ref(),
                ChartKind::Histogram | ChartKind::Cdf => Some(&chart.x),
            };
            names.extend(name.map(String::as_str).filter(|name| !names.contains(name)));
        }
        let all = sweep.columns();
        if names.is_empty() {
            let per = |column: &&Column| about_messages(column) && !column.name.ends_with("_mean");
            names.extend(all.iter().filter(per).map(|column| column.name.as_str()));
            names.push("latency_mean");
        }
        let number = |name: &&str| all.iter().position(|column| column.name == **name);
        let shown = names.iter().filter_map(number);
        let shown = shown.filter(|at| all[*at].kind != ColumnKind::Text).collect();
        Summary { sweep, shown, points: BTreeMap::new() }
    }

    /// Takes a row into account. Feed rows in order of seeds: the first failure is the first one fed.
    pub fn add(&mut self, cells: &[Cell]) {
        let columns = self.sweep.columns();
        let cell = |name: &str| {
            let at = columns.iter().position(|column| column.name == name);
            at.map_or(&Cell::Empty, |at| &cells[at])
        };
        let (Cell::Whole(point), Cell::Whole(seed)) = (cell("point"), cell("seed")) else { return };
        let count = self.shown.len();
        let new = || Gathered { values: vec![Vec::new(); count], ..Gathered::default() };
        let gathered = self.points.entry(*point).or_insert_with(new);
        match text_of(cell("verdict")) {
            "held" => gathered.held += 1,
            "failed" => {
                gathered.failed += 1;
                gathered.first_failed.get_or_insert(*seed);
            }
            _ => gathered.inconclusive += 1,
        }
        gathered.nodes = number(cell("nodes")).unwrap_or_default() as u64;
        gathered.algorithm = text_of(cell("algorithm")).to_owned();
        gathered.theory = number(cell("theory_low")).zip(number(cell("theory_high")));
        for (values, at) in gathered.values.iter_mut().zip(&self.shown) {
            values.extend(number(&cells[*at]));
        }
    }

    /// How many runs failed, and how many were inconclusive.
    pub fn not_held(&self) -> (u64, u64) {
        let points = self.points.values();
        (points.clone().map(|p| p.failed).sum(), points.map(|p| p.inconclusive).sum())
    }

    /// The first point and seed that failed.
    pub fn first_failed(&self) -> Option<(Point, u64)> {
        let failed = |(point, gathered): (&u64, &Gathered)| Some((*point, gathered.first_failed?));
        let (point, seed) = self.points.iter().find_map(failed)?;
        Some((self.sweep.point(point), seed))
    }

    fn runs(&self) -> u64 {
        self.points.values().map(|p| p.held + p.failed + p.inconclusive).sum()
    }
}

/// The summary as text: for each column that is shown, a line a point.
pub fn table(summary: &Summary<'_>, style: Style) -> String {
    let sweep = summary.sweep;
    let points = plural(sweep.points().len() as u64, "point");
    let mut text =
        format!("{}  {points}, {}\n", style.bold(&sweep.name), plural(summary.runs(), "run"));
    for (place, at) in summary.shown.iter().enumerate() {
        text += &figure(summary, place, &sweep.columns()[*at], style);
    }
    let (failed, inconclusive) = summary.not_held();
    if failed + inconclusive > 0 {
        let (failed, inconclusive) = (count(failed), count(inconclusive));
        text += &format!(
            "\n{failed} failed, {inconclusive} inconclusive; each is a row all the same\n"
        );
    }
    text
}

/// One column of every point.
fn figure(summary: &Summary<'_>, place: usize, column: &Column, style: Style) -> String {
    let axes = summary.sweep.axes();
    let time = column.about.ends_with("in nanoseconds") || column.name.starts_with("latency_");
    let time = time || column.name.ends_with("_ns") || column.name.contains("_ns_");
    let shown = |value: f64| if time { duration(value) } else { significant(value) };
    let theory = about_messages(column);
    let mut table = columns(u16::MAX);
    let mut head: Vec<_> = axes.iter().map(|axis| axis.name.clone()).collect();
    head.extend(["mean", "95% ±", "min", "max"].map(str::to_owned));
    head.extend(theory.then(|| "theory".to_owned()));
    table.add_row(head);
    for (point, gathered) in &summary.points {
        let mut row: Vec<_> =
            summary.sweep.point(*point).labels.into_iter().map(|(_, label)| label).collect();
        match Figure::of(&gathered.values[place]) {
            None => row.extend(["-"; 4].map(str::to_owned)),
            Some(figure) => row.extend([
                shown(figure.mean),
                figure.half.map_or_else(|| "-".into(), shown),
                shown(figure.min),
                shown(figure.max),
            ]),
        }
        if theory {
            row.push(match gathered.theory {
                None => String::new(),
                Some((low, high)) if low == high => significant(low),
                Some((low, high)) => format!("{} to {}", significant(low), significant(high)),
            });
        }
        table.add_row(row);
    }
    let title = format!("{}: {}", column.name, column.about);
    let how = "mean and its 95% interval of confidence (Student's t over seeds)";
    format!("\n{}\n{}\n{}", style.bold(&title), style.dim(how), finish(table, first_number(axes)))
}

/// From which column on numbers are flush right.
fn first_number(axes: &[seedbed_scenarios::sweep::Axis]) -> usize {
    axes.iter().rposition(|axis| axis.kind == ColumnKind::Text).map_or(0, |at| at + 1)
}

/// Whether a column is about messages per operation, which theory has something to say of.
fn about_messages(column: &Column) -> bool {
    column.name.starts_with("messages_per_") && column.kind == ColumnKind::Real
}

/// The summary for programs: an object a point, one a line.
pub fn json(summary: &Summary<'_>) -> String {
    let mut lines = String::new();
    for (number, gathered) in &summary.points {
        let point = summary.sweep.point(*number);
        let figure = |(place, at): (usize, &usize)| {
            let name = summary.sweep.columns()[*at].name.as_str();
            (name, Figure::of(&gathered.values[place]))
        };
        lines += &text(&Object {
            schema: SCHEMA,
            sweep: &summary.sweep.name,
            point: *number,
            axes: Pairs(point.labels.iter().map(|(n, l)| (n.as_str(), l.as_str())).collect()),
            algorithm: &gathered.algorithm,
            nodes: gathered.nodes,
            runs: gathered.held + gathered.failed + gathered.inconclusive,
            failed: gathered.failed,
            inconclusive: gathered.inconclusive,
            theory: gathered.theory,
            figures: Pairs(summary.shown.iter().enumerate().map(figure).collect()),
        });
        lines.push('\n');
    }
    lines
}

#[derive(Serialize)]
struct Object<'a> {
    schema: u32,
    sweep: &'a str,
    point: u64,
    axes: Pairs<'a, &'a str>,
    algorithm: &'a str,
    nodes: u64,
    runs: u64,
    failed: u64,
    inconclusive: u64,
    theory: Option<(f64, f64)>,
    figures: Pairs<'a, Option<Figure>>,
}

#[derive(Serialize)]
struct Figure {
    runs: usize,
    mean: f64,
    /// The ends of the 95% interval of confidence.
    low: f64,
    high: f64,
    min: f64,
    max: f64,
    #[serde(skip)]
    half: Option<f64>,
}

impl Figure {
    /// What several runs measured; `None` if none did.
    fn of(values: &[f64]) -> Option<Self> {
        let (mut min, mut max) = (*values.first()?, *values.first()?);
        for &value in values {
            min = min.min(value);
            max = max.max(value);
        }
        let stats::Mean { value, half, count: runs } = stats::mean(values);
        // Rounding must not carry the mean of equal values away from them.
        let mean = value.clamp(min, max);
        let half = if min < max { half } else { half.map(|_| 0.0) };
        let width = half.unwrap_or(0.0);
        Some(Figure { runs, mean, low: mean - width, high: mean + width, min, max, half })
    }
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Whole(whole) => Some(*whole as f64),
        Cell::Real(real) => Some(*real),
        Cell::Empty | Cell::Text(_) => None,
    }
}

fn text_of(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) => text,
        Cell::Empty | Cell::Whole(_) | Cell::Real(_) => "",
    }
}
