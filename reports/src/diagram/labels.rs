//! Places for labels: a board on which no two overlap.

use std::collections::BTreeMap;

use super::{Label, Role};

/// Cells by which neighbours are found.
const CELL: [f64; 2] = [96.0, 24.0];

/// Between two labels.
const GAP: f64 = 2.0;

/// Takes labels where there is room.
pub(super) struct Board {
    bounds: [f64; 4],
    labels: Vec<Label>,
    cells: BTreeMap<(i64, i64), Vec<usize>>,
}

impl Board {
    /// An empty one: left, top, right, bottom.
    pub fn new(bounds: [f64; 4]) -> Self {
        Board { bounds, labels: Vec::new(), cells: BTreeMap::new() }
    }

    /// Puts a text at the first of these places (left, top) that is free, if one is.
    pub fn put(&mut self, text: String, size: f64, role: Role, lit: bool, spots: &[[f64; 2]]) {
        let (width, height) = (text_width(&text, size), size + 2.0);
        let places = spots.iter().map(|[x, y]| [tidy(*x), tidy(*y), width, height]);
        let Some(place) = places.into_iter().find(|place| self.is_free(place)) else { return };
        for cell in cells(&place) {
            self.cells.entry(cell).or_default().push(self.labels.len());
        }
        self.labels.push(Label { text, place, role, lit });
    }

    /// All that have found a place.
    pub fn finish(self) -> Vec<Label> {
        self.labels
    }

    fn is_free(&self, place: &[f64; 4]) -> bool {
        let [left, top, right, bottom] = self.bounds;
        let [x, y, width, height] = *place;
        x >= left
            && y >= top
            && x + width <= right
            && y + height <= bottom
            && cells(place)
                .filter_map(|cell| self.cells.get(&cell))
                .flatten()
                .all(|other| !overlap(place, &self.labels[*other].place))
    }
}

/// Whether two labels are nearer than they should be.
pub(super) fn overlap(one: &[f64; 4], other: &[f64; 4]) -> bool {
    let apart = |axis: usize| {
        one[axis] + one[axis + 2] + GAP <= other[axis]
            || other[axis] + other[axis + 2] + GAP <= one[axis]
    };
    !apart(0) && !apart(1)
}

fn cells(place: &[f64; 4]) -> impl Iterator<Item = (i64, i64)> {
    let range = |axis: usize| {
        let low = ((place[axis] - GAP) / CELL[axis]).floor() as i64;
        let high = ((place[axis] + place[axis + 2] + GAP) / CELL[axis]).floor() as i64;
        low..=high
    };
    let rows = range(1);
    range(0).flat_map(move |column| rows.clone().map(move |row| (column, row)))
}

/// How wide a text is at most, in a sans-serif face of this size.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let ems = text.chars().map(|c| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.32,
        ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '-' | '/' => 0.41,
        'm' | 'w' | 'M' | 'W' | '…' | '→' | '✗' | '−' | '+' | '=' => 0.98,
        c if c.is_ascii_uppercase() => 0.76,
        c if c.is_ascii() => 0.63,
        // Letters of other scripts may be as wide as they are high.
        _ => 1.05,
    });
    tidy(ems.sum::<f64>() * size)
}

/// Lengths with a tenth of a pixel: shorter to write, and the same everywhere.
pub(super) fn tidy(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}
