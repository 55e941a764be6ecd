//! A figure as marks on a sheet, before anybody knows whether it becomes SVG or PNG.

use super::font::Face;
use super::theme::Rgb;

/// A place on the sheet, in pixels from its upper left corner.
pub(super) type Point = (f64, f64);

/// A sheet with marks, the first at the bottom.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Scene {
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
    /// What it is called, for those who cannot see it.
    pub title: String,
    /// What the sheet is made of.
    pub ground: Rgb,
    /// What is on it.
    pub marks: Vec<Mark>,
}

/// What can be on a sheet.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Mark {
    /// A line through points.
    Line { points: Vec<Point>, width: f64, color: Rgb, dash: Option<Dash> },
    /// A filled polygon that does not cut itself.
    Area { points: Vec<Point>, color: Rgb, alpha: f64, note: Option<String> },
    /// A filled circle.
    Disc { middle: Point, radius: f64, color: Rgb, alpha: f64, note: Option<String> },
    /// A line of text; its place is on the baseline.
    Text { place: Point, anchor: Anchor, text: String, size: f64, face: Face, color: Rgb },
}

/// How a line is broken, in pixels along it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Dash {
    /// Drawn.
    pub on: f64,
    /// Left out.
    pub off: f64,
    /// How much of the pattern is over where the line begins; less than what is drawn.
    pub shift: f64,
}

const DASH: Dash = Dash { on: 5.0, off: 4.0, shift: 0.0 };

/// Which part of a text is at its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

impl Anchor {
    /// Where a text of some width begins whose place is at `x`.
    pub(super) fn begin(self, x: f64, width: f64) -> f64 {
        match self {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        }
    }
}

impl Scene {
    /// A line.
    pub(super) fn line(&mut self, points: Vec<Point>, width: f64, color: Rgb) {
        self.marks.push(Mark::Line { points, width, color, dash: None });
    }

    /// A dashed line.
    pub(super) fn dashed(&mut self, points: Vec<Point>, width: f64, color: Rgb) {
        self.marks.push(Mark::Line { points, width, color, dash: Some(DASH) });
    }

    /// The dashed line of a series: where two of them are one line, the dashes of both are seen.
    pub(super) fn dashed_of(&mut self, index: usize, points: Vec<Point>, width: f64, color: Rgb) {
        let shift = if index % 2 == 1 { (DASH.on + DASH.off) / 2.0 } else { 0.0 };
        let dash = Some(Dash { shift, ..DASH });
        self.marks.push(Mark::Line { points, width, color, dash });
    }

    /// An area without a note.
    pub(super) fn area(&mut self, points: Vec<Point>, color: Rgb, alpha: f64) {
        self.marks.push(Mark::Area { points, color, alpha, note: None });
    }

    /// A rectangle.
    pub(super) fn rectangle(&mut self, from: Point, to: Point, color: Rgb, note: Option<String>) {
        let points = vec![from, (to.0, from.1), to, (from.0, to.1)];
        self.marks.push(Mark::Area { points, color, alpha: 1.0, note });
    }

    /// A single run.
    pub(super) fn dot(
        &mut self,
        middle: Point,
        radius: f64,
        color: Rgb,
        alpha: f64,
        note: Option<String>,
    ) {
        self.marks.push(Mark::Disc { middle, radius, color, alpha, note });
    }

    /// Ordinary text.
    pub(super) fn text(&mut self, place: Point, anchor: Anchor, text: &str, size: f64, color: Rgb) {
        let (text, face) = (text.to_owned(), Face::Regular);
        self.marks.push(Mark::Text { place, anchor, text, size, face, color });
    }

    /// A title.
    pub(super) fn bold(&mut self, place: Point, text: &str, size: f64, color: Rgb) {
        let (text, face, anchor) = (text.to_owned(), Face::SemiBold, Anchor::Start);
        self.marks.push(Mark::Text { place, anchor, text, size, face, color });
    }

    /// The sign of a series: one of eight shapes, hollow from the ninth on.
    pub(super) fn sign(
        &mut self,
        index: usize,
        (x, y): Point,
        size: f64,
        color: Rgb,
        note: Option<String>,
    ) {
        let hollow = (index / SHAPES.len()) % 2 == 1;
        let shape = SHAPES[index % SHAPES.len()];
        self.shape(shape, (x, y), size, color, note);
        if hollow {
            let ground = self.ground;
            self.shape(shape, (x, y), size * 0.5, ground, None);
        }
    }

    fn shape(
        &mut self,
        shape: &[(f64, f64)],
        (x, y): Point,
        size: f64,
        color: Rgb,
        note: Option<String>,
    ) {
        self.marks.push(match shape {
            [] => Mark::Disc { middle: (x, y), radius: size, color, alpha: 1.0, note },
            corners => {
                let corner = |(dx, dy): &(f64, f64)| (x + dx * size, y + dy * size);
                let points = corners.iter().map(corner).collect();
                Mark::Area { points, color, alpha: 1.0, note }
            }
        });
    }
}

/// Corners around the middle; none is a circle. All of about one area.
const SHAPES: [&[(f64, f64)]; 8] = [
    &[],
    &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
    &[(0.0, -1.25), (1.15, 0.85), (-1.15, 0.85)],
    &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
    &[(0.0, 1.25), (1.15, -0.85), (-1.15, -0.85)],
    &[
        (-0.4, -1.2),
        (0.4, -1.2),
        (0.4, -0.4),
        (1.2, -0.4),
        (1.2, 0.4),
        (0.4, 0.4),
        (0.4, 1.2),
        (-0.4, 1.2),
        (-0.4, 0.4),
        (-1.2, 0.4),
        (-1.2, -0.4),
        (-0.4, -0.4),
    ],
    &[
        (0.0, -0.56),
        (0.68, -1.24),
        (1.24, -0.68),
        (0.56, 0.0),
        (1.24, 0.68),
        (0.68, 1.24),
        (0.0, 0.56),
        (-0.68, 1.24),
        (-1.24, 0.68),
        (-0.56, 0.0),
        (-1.24, -0.68),
        (-0.68, -1.24),
    ],
    &[(-0.6, -1.05), (0.6, -1.05), (1.2, 0.0), (0.6, 1.05), (-0.6, 1.05), (-1.2, 0.0)],
];
