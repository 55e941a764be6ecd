//! What every figure has around its data: title, axes, grid, caption, labels at the right.

use super::axis::{Axis, Tick};
use super::font::Face;
use super::labels;
use super::scene::{Anchor, Point, Scene};
use super::theme::{Rgb, Theme};

/// Pixels from one side of a sheet to the other.
const WIDTH: f64 = 960.0;
/// Pixels from top to bottom, unless labels need more.
const HEIGHT: f64 = 600.0;
/// What stays free at every edge.
const MARGIN: f64 = 26.0;
/// Ems of titles, of axes' titles and labels, of axes' numbers, of captions.
const TITLE: f64 = 20.0;
const TEXT: f64 = 13.0;
pub(super) const NUMBERS: f64 = 12.0;
const CAPTION: f64 = 11.0;
/// From one caption's line to the next.
const LEADING: f64 = 15.0;
/// From one label at the right to the next, at least.
const LABEL_HEIGHT: f64 = 17.0;
/// From the data's right edge to a label's sign.
const LABEL_GAP: f64 = 26.0;
/// A longer label is cut.
const LABEL_WIDTH_MAX: f64 = 230.0;
/// From one row of names along the x axis to the next.
const ROW: f64 = 16.0;

/// What stands around the data.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Around {
    pub title: String,
    pub x_title: String,
    pub y_title: String,
    /// Sentences below the figure.
    pub caption: Vec<String>,
    pub labels: Vec<Label>,
    /// The least height of the data's area.
    pub least: f64,
    /// What the right edge needs besides labels.
    pub right: f64,
    /// Names along the x axis; if one of them is wide they stand in two rows.
    pub words: Vec<String>,
}

/// A name at the right edge, beside what it names.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Label {
    pub text: String,
    pub color: Rgb,
    /// The shape of its points, by the series' index; none has no points.
    pub sign: Option<usize>,
    /// The last point that it names, as parts of both axes; none stands where there is room.
    pub at: Option<(f64, f64)>,
    /// Whether a line leads there.
    pub leader: bool,
}

/// A sheet with everything but its data, and where the data goes.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub scene: Scene,
    pub theme: Theme,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    /// Rows of names along the x axis.
    rows: usize,
}

impl Frame {
    /// An empty sheet with title and captions, and room for the numbers of the y axis.
    pub(super) fn new(around: &Around, theme: Theme, y_ticks: &[Tick]) -> Self {
        let title = Face::SemiBold.lines(&around.title, TITLE, WIDTH - 2.0 * MARGIN);
        let caption = caption_lines(&around.caption);
        let numbers = y_ticks.iter().map(|tick| Face::Regular.width(&tick.label, NUMBERS));
        let names = around.labels.iter().map(|label| Face::Regular.width(&label.text, TEXT));
        let names = names.fold(0.0, f64::max).min(LABEL_WIDTH_MAX);
        let right = if around.labels.is_empty() {
            f64::max(12.0, around.right)
        } else {
            LABEL_GAP + 12.0 + names
        };
        let top = MARGIN + 24.0 * title.len() as f64 + 38.0;
        let right = WIDTH - MARGIN - libm::ceil(right);
        let left = MARGIN + libm::ceil(numbers.fold(14.0, f64::max)) + 10.0;
        let room = (right - left) / around.words.len().max(1) as f64;
        let wide = |word: &String| Face::Regular.width(word, NUMBERS) + 8.0 > room;
        let rows = if around.words.iter().any(wide) { 2 } else { 1 };
        let below =
            62.0 + if rows == 2 { ROW } else { 0.0 } + LEADING * caption.len() as f64 + MARGIN
                - 10.0;
        let least = f64::max(LABEL_HEIGHT * around.labels.len() as f64, around.least);
        let height = libm::ceil(f64::max(HEIGHT, top + least + below));
        let scene = Scene {
            width: WIDTH,
            height,
            title: around.title.clone(),
            ground: theme.ground(),
            marks: Vec::new(),
        };
        let bottom = height - below;
        let mut frame = Frame { scene, theme, left, right, top, bottom, rows };
        frame.words(around, &title, &caption);
        frame
    }

    fn words(&mut self, around: &Around, title: &[String], caption: &[String]) {
        let (ink, quiet) = (self.theme.ink(), self.theme.quiet());
        for (i, line) in title.iter().enumerate() {
            let place = (MARGIN, MARGIN + 15.0 + 24.0 * i as f64);
            self.scene.bold(place, line, TITLE, ink);
        }
        let width = WIDTH - 2.0 * MARGIN;
        let y_title = Face::Regular.cut(&around.y_title, TEXT, width);
        self.scene.text((MARGIN, self.top - 16.0), Anchor::Start, &y_title, TEXT, ink);
        let middle = (self.left + self.right) / 2.0;
        let x_title = Face::Regular.cut(&around.x_title, TEXT, self.right - self.left);
        let place = (middle, self.bottom + 44.0 + ROW * (self.rows - 1) as f64);
        self.scene.text(place, Anchor::Middle, &x_title, TEXT, ink);
        let first = self.scene.height - MARGIN + 6.0 - LEADING * (caption.len() as f64 - 1.0);
        for (i, line) in caption.iter().enumerate() {
            let place = (MARGIN, first + LEADING * i as f64);
            self.scene.text(place, Anchor::Start, line, CAPTION, quiet);
        }
    }

    /// Where a pair of parts of the axes is on the sheet.
    pub(super) fn point(&self, x: f64, y: f64) -> Point {
        let across = self.left + x * (self.right - self.left);
        (across, self.bottom - y * (self.bottom - self.top))
    }

    /// Lines across, with the y axis's numbers.
    pub(super) fn y_axis(&mut self, axis: &Axis, ticks: &[Tick]) {
        let (grid, quiet) = (self.theme.grid(), self.theme.quiet());
        let mut last = f64::INFINITY;
        for tick in ticks {
            let (x, y) = self.point(0.0, axis.place(tick.value));
            if tick.label.is_empty() {
                continue;
            }
            self.scene.line(vec![(x, y), (self.right, y)], 1.0, grid);
            if last - y >= NUMBERS + 3.0 {
                let place = (x - 8.0, y + 4.0);
                self.scene.text(place, Anchor::End, &tick.label, NUMBERS, quiet);
                last = y;
            }
        }
    }

    /// The x axis with its numbers or names; one that has no room is left out.
    pub(super) fn x_axis(&mut self, axis: &Axis, ticks: &[Tick]) {
        let (line, quiet) = (self.theme.axis(), self.theme.quiet());
        let (left, bottom) = self.point(0.0, 0.0);
        self.scene.line(vec![(left, bottom), (self.right, bottom)], 1.0, line);
        let room = (self.right - left) / ticks.len().max(1) as f64 * self.rows as f64 - 8.0;
        let mut taken = [f64::NEG_INFINITY; 2];
        for (i, tick) in ticks.iter().enumerate() {
            let (x, y) = self.point(axis.place(tick.value), 0.0);
            let row = i % self.rows;
            let down = ROW * row as f64;
            let long = if tick.label.is_empty() { 3.0 } else { 5.0 };
            self.scene.line(vec![(x, y), (x, y + long + down)], 1.0, line);
            let edge = 2.0 * f64::min(x - MARGIN, WIDTH - MARGIN - x);
            let label = match self.rows {
                1 => tick.label.clone(),
                _ => Face::Regular.cut(&tick.label, NUMBERS, f64::max(room, 40.0).min(edge)),
            };
            let half = Face::Regular.width(&label, NUMBERS) / 2.0;
            if !label.is_empty() && x - half > taken[row] + 5.0 {
                let place = (x, y + 20.0 + down);
                self.scene.text(place, Anchor::Middle, &label, NUMBERS, quiet);
                taken[row] = x + half;
            }
        }
    }

    /// Names at the right edge, none over another, each with a line to what it names.
    pub(super) fn labels(&mut self, labels: &[Label]) {
        let middle = (self.top + self.bottom) / 2.0;
        let wanted = |label: &Label| label.at.map_or(middle, |(x, y)| self.point(x, y).1);
        let wanted: Vec<f64> = labels.iter().map(wanted).collect();
        let (low, high) = (self.top + 4.0, self.bottom - 6.0);
        let places = labels::place(&wanted, LABEL_HEIGHT, low, high);
        let ink = self.theme.ink();
        for (label, y) in labels.iter().zip(places) {
            let sign = self.right + LABEL_GAP;
            if let Some((at_x, at_y)) = label.at.filter(|_| label.leader) {
                let (from_x, from_y) = self.point(at_x, at_y);
                let elbow = f64::max(from_x + 7.0, self.right - 2.0);
                let leader = vec![(from_x + 7.0, from_y), (elbow, from_y), (sign - 8.0, y)];
                let color = self.theme.faint(label.color, 0.5);
                self.scene.line(leader, 0.75, color);
            }
            match label.sign {
                Some(index) => self.scene.sign(index, (sign, y), 3.6, label.color, None),
                None => self.scene.dashed(vec![(sign - 6.0, y), (sign + 6.0, y)], 1.5, label.color),
            }
            let text = Face::Regular.cut(&label.text, TEXT, LABEL_WIDTH_MAX);
            self.scene.text((sign + 11.0, y + 4.6), Anchor::Start, &text, TEXT, ink);
        }
    }
}

/// Sentences one after another, in lines that fit.
fn caption_lines(sentences: &[String]) -> Vec<String> {
    Face::Regular.lines(&sentences.join(" · "), CAPTION, WIDTH - 2.0 * MARGIN)
}
