//! What is varied, and how: axes, their values, and the points that they make.

use std::ops::Range;

use super::chart::Chart;
use super::columns::{Cell, ColumnKind};
use crate::text::Span;

/// A sweep has at most so many points.
pub(crate) const POINTS_MAX: u64 = 10_000;

/// A sweep has at most so many runs: their results are held in memory to be sorted.
pub(crate) const RUNS_MAX: u64 = 200_000;

/// A sweep as its scenario describes it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Design {
    pub axes: Vec<Axis>,
    pub combine: Combine,
    pub seeds: Range<u64>,
    pub charts: Vec<Chart>,
    /// Where the axes are.
    pub place: Span,
}

/// How the values of several axes are combined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Combine {
    /// Every value with every other.
    Product,
    /// In lockstep.
    Zip,
}

/// One parameter.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// What its column is called.
    pub name: String,
    /// The paths in the scenario that a value is put at.
    pub paths: Vec<String>,
    /// What its column holds.
    pub kind: ColumnKind,
    /// Where it is named.
    pub(crate) place: Span,
    pub(crate) values: Vec<Choice>,
}

impl Axis {
    /// What its values are called.
    pub fn labels(&self) -> impl ExactSizeIterator<Item = &str> {
        self.values.iter().map(|value| value.label.as_str())
    }
}

/// One value of an axis.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Choice {
    /// What people call it.
    pub label: String,
    /// What its column says.
    pub cell: Cell,
    /// What is put at each of the axis' paths.
    pub pieces: Vec<Piece>,
}

/// A text that is put into a scenario.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Piece {
    /// It stands in the scenario itself.
    Written(Span),
    /// It follows from what stands there.
    Made { text: String, place: Span },
}

impl Piece {
    /// The text, from the scenario that the place is in.
    pub fn text<'a>(&'a self, scenario: &'a str) -> &'a str {
        match self {
            Piece::Written(span) => &scenario[span.start..span.end],
            Piece::Made { text, .. } => text,
        }
    }

    pub fn place(&self) -> Span {
        match self {
            Piece::Written(place) | Piece::Made { place, .. } => *place,
        }
    }
}

impl Design {
    /// How many points there are.
    pub fn points(&self) -> u64 {
        let sizes = self.axes.iter().map(|axis| axis.values.len() as u64);
        match self.combine {
            Combine::Product => sizes.fold(1, u64::saturating_mul),
            Combine::Zip => sizes.min().unwrap_or(0),
        }
    }

    /// The value of each axis at a point; of a product, the last axis varies fastest.
    pub fn point(&self, point: u64) -> Vec<(&Axis, &Choice)> {
        let mut rest = point;
        let mut chosen: Vec<_> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let count = axis.values.len() as u64;
                let at = match self.combine {
                    Combine::Product => rest % count,
                    Combine::Zip => point,
                };
                rest /= count;
                (axis, &axis.values[usize::try_from(at).expect("a position in a list")])
            })
            .collect();
        chosen.reverse();
        chosen
    }
}
