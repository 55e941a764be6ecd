//! The columns of a sweep's results: what each holds and means, and what a run says in it.

use std::collections::BTreeSet;

use seedbed_core::{Outcome, Verdict};
use seedbed_node::Theory;

use super::design::{Axis, Design};
use crate::diagnose::Finding;
use crate::figure::{Figure, snake};
use crate::lower::Findings;
use crate::plan::Plan;
use crate::registry::{FamilyRow, Registry};

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    /// Whole numbers from 0.
    Whole,
    /// Any numbers.
    Real,
    /// Texts.
    Text,
}

impl ColumnKind {
    /// `u64`, `f64` or `string`.
    pub fn name(self) -> &'static str {
        match self {
            ColumnKind::Whole => "u64",
            ColumnKind::Real => "f64",
            ColumnKind::Text => "string",
        }
    }
}

/// A column.
#[derive(Clone, PartialEq, Debug)]
pub struct Column {
    /// The name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// What it means; times are in nanoseconds.
    pub about: String,
    pub(super) get: Get,
}

/// What a run says in a column.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// There is nothing to say: nothing was measured, or it is another family's figure.
    Empty,
    /// A whole number.
    Whole(u64),
    /// A number.
    Real(f64),
    /// A text.
    Text(String),
}

/// Where a column's cells come from.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Get {
    Point,
    Seed,
    Axis(usize),
    Algorithm,
    Nodes,
    Digest,
    Verdict,
    /// Messages per operation of families whose operation is called so.
    PerOperation(&'static str, Part),
    TheoryLow,
    TheoryHigh,
    Figure(Figure),
}

/// What of the messages per operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Mean,
    Min,
    Max,
    Overall,
}

const PARTS: [(Part, &str, ColumnKind, &str); 4] = [
    (Part::Mean, "", ColumnKind::Real, "mean over all completed operations"),
    (Part::Min, "_min", ColumnKind::Whole, "the cheapest operation"),
    (Part::Max, "_max", ColumnKind::Whole, "the dearest operation"),
    (Part::Overall, "_mean", ColumnKind::Real, "all messages over all completed operations"),
];

/// The columns of a sweep whose points are of these families.
pub(super) fn columns(design: &Design, families: &[&FamilyRow]) -> Vec<Column> {
    let mut columns = Columns::default();
    columns.add("point", ColumnKind::Whole, "the point's number", Get::Point);
    columns.add("seed", ColumnKind::Whole, "the run's seed", Get::Seed);
    for (at, axis) in design.axes.iter().enumerate() {
        let about = format!("parameter: {}", axis.paths.join(", "));
        match axis.name.as_str() {
            // Names that count themselves, and need not be a number.
            "nodes" => columns.add("nodes", ColumnKind::Whole, NODES, Get::Nodes),
            name => columns.add(name, axis.kind, &about, Get::Axis(at)),
        }
    }
    columns.add("algorithm", ColumnKind::Text, "the algorithm", Get::Algorithm);
    columns.add("nodes", ColumnKind::Whole, NODES, Get::Nodes);
    columns.add("digest", ColumnKind::Text, "128 bits over everything that happened", Get::Digest);
    columns.add("verdict", ColumnKind::Text, "held, failed or inconclusive", Get::Verdict);
    let operations: BTreeSet<_> = families.iter().map(|family| family.operation).collect();
    for operation in operations {
        let column = format!("messages_per_{}", snake(operation));
        for (part, suffix, kind, about) in PARTS {
            let about = format!("messages per {operation}: {about}");
            columns.add(
                &format!("{column}{suffix}"),
                kind,
                &about,
                Get::PerOperation(operation, part),
            );
        }
    }
    let theory = "messages per operation that theory gives: the";
    columns.add("theory_low", ColumnKind::Real, &format!("{theory} least"), Get::TheoryLow);
    columns.add("theory_high", ColumnKind::Real, &format!("{theory} greatest"), Get::TheoryHigh);
    for (figure, name, whole, about) in Figure::general() {
        let kind = if whole { ColumnKind::Whole } else { ColumnKind::Real };
        columns.add(&name, kind, about, Get::Figure(figure));
    }
    for family in families {
        for (figure, name) in Figure::own(family) {
            let about = format!("a figure of the family {}", family.name);
            columns.add(&name, ColumnKind::Real, &about, Get::Figure(figure));
        }
    }
    columns.0
}

const NODES: &str = "how many nodes take part in the algorithm";

#[derive(Default)]
struct Columns(Vec<Column>);

impl Columns {
    /// A further column, unless there is one of this name already.
    fn add(&mut self, name: &str, kind: ColumnKind, about: &str, get: Get) {
        if self.0.iter().all(|column| column.name != name) {
            self.0.push(Column { name: name.to_owned(), kind, about: about.to_owned(), get });
        }
    }
}

/// Axes are not called as what every run says, and charts show columns that there are.
pub(super) fn check(
    design: &Design,
    columns: &[Column],
    families: &[&FamilyRow],
    chart_place: impl Fn(usize, &str) -> crate::text::Span,
    findings: &mut Findings,
) {
    let bare = self::columns(&Design { axes: Vec::new(), ..design.clone() }, families);
    for Axis { name, place, .. } in &design.axes {
        let taken = bare.iter().any(|column| column.name == *name);
        if taken && !matches!(name.as_str(), "algorithm" | "nodes") {
            findings.at(*place, format!("`{name}` is a column of every run; choose another name"));
        }
    }
    for (at, chart) in design.charts.iter().enumerate() {
        let asked = [("x", Some(&chart.x), chart.needs_numbers().0)]
            .into_iter()
            .chain([
                ("y", chart.y.as_ref(), chart.needs_numbers().1),
                ("z", chart.z.as_ref(), true),
                ("by", chart.by.as_ref(), false),
            ])
            .filter_map(|(field, name, number)| Some((field, name?, number)));
        for (field, name, number) in asked {
            let names = columns.iter().map(|column| column.name.as_str());
            match columns.iter().find(|column| column.name == *name) {
                None => findings
                    .push(Finding::unknown("column", name, names).or_at(chart_place(at, field))),
                Some(column) if number && column.kind == ColumnKind::Text => findings
                    .at(chart_place(at, field), format!("the column `{name}` holds no numbers")),
                Some(_) => {}
            }
        }
    }
}

/// The families of some plans, each once, in the order of the registry.
pub(super) fn families<'a>(registry: &'a Registry, named: &BTreeSet<&str>) -> Vec<&'a FamilyRow> {
    registry.families().filter(|family| named.contains(family.name)).collect()
}

/// What a run says in every column.
pub(super) fn cells(
    columns: &[Column],
    (point, design): (u64, &Design),
    plan: &Plan,
    outcome: &Outcome,
) -> Vec<Cell> {
    let chosen = design.point(point);
    let real = |value: Option<f64>| value.filter(|x| x.is_finite()).map_or(Cell::Empty, Cell::Real);
    let cell = |column: &Column| match &column.get {
        Get::Point => Cell::Whole(point),
        Get::Seed => Cell::Whole(outcome.seed),
        Get::Axis(at) => chosen[*at].1.cell.clone(),
        Get::Algorithm => Cell::Text(plan.algorithm.to_owned()),
        Get::Nodes => Cell::Whole(outcome.nodes.into()),
        Get::Digest => Cell::Text(outcome.digest.to_string()),
        Get::Verdict => Cell::Text(word(outcome.verdict()).to_owned()),
        Get::PerOperation(operation, part) if *operation == plan.operation => {
            per_operation(outcome, *part)
        }
        Get::PerOperation(..) => Cell::Empty,
        Get::TheoryLow => real(bounds(plan.theory).map(|(low, _)| low)),
        Get::TheoryHigh => real(bounds(plan.theory).map(|(_, high)| high)),
        Get::Figure(figure) => match (figure.single(outcome), column.kind) {
            (Some(value), ColumnKind::Whole) => Cell::Whole(value as u64),
            (value, _) => real(value),
        },
    };
    columns.iter().map(cell).collect()
}

fn per_operation(outcome: &Outcome, part: Part) -> Cell {
    let operations = &outcome.operations;
    match (part, operations.messages_per, operations.messages_per_overall) {
        (Part::Mean, Some(spread), _) => Cell::Real(spread.mean),
        (Part::Min, Some(spread), _) => Cell::Whole(spread.min),
        (Part::Max, Some(spread), _) => Cell::Whole(spread.max),
        (Part::Overall, _, Some(mean)) => Cell::Real(mean),
        _ => Cell::Empty,
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Failed => "failed",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// What theory says, from and to; `None` if it has no closed form.
fn bounds(theory: Theory) -> Option<(f64, f64)> {
    match theory {
        Theory::Exactly(x) | Theory::Mean(x) => Some((x, x)),
        Theory::Between(low, high) | Theory::MeanBetween(low, high) => Some((low, high)),
        Theory::Unknown => None,
    }
}
