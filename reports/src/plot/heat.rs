//! A colour for each pair of two parameters; a panel for each series.

use seedbed_scenarios::sweep::Chart;

use super::axis::{Axis, Tick, short, three};
use super::data::{self, Figures, Positions};
use super::error::Error;
use super::font::Face;
use super::frame::{Around, Frame, NUMBERS};
use super::results::Results;
use super::scene::{Anchor, Scene};
use super::stats::{self, Mean};
use super::theme::{Theme, readable_on, viridis};
use super::units::sentence;

/// More values of a parameter than this have no room for their numbers.
const STEPS_MAX: usize = 64;

/// More panels than this have no room for their cells.
const PANELS_MAX: usize = 12;

/// Panels beside each other.
const COLUMNS: usize = 3;

/// Between panels, and above each for its name.
const GAP: f64 = 16.0;
const NAME: f64 = 20.0;

/// At the right, for the scale of colours.
const SCALE: f64 = 96.0;

/// The figure.
pub(super) fn draw(
    results: &Results,
    chart: &Chart,
    by: Option<&str>,
    theme: Theme,
) -> Result<Scene, Error> {
    let missing = |which: &str, option: &str| Error::Incomplete {
        message: format!("a heat map needs {which}"),
        help: format!("name a column with `{option}`"),
    };
    let y = chart.y.as_deref().ok_or_else(|| missing("a second parameter", "y"))?;
    let z = chart.z.as_deref().ok_or_else(|| missing("a column for its colours", "z"))?;
    let map = Map::of(results, [&chart.x, y, z], by)?;
    let mut caption = data::origin(results);
    if map.cells().any(|mean| mean.count > 1) {
        caption.push("means".into());
    }
    caption.extend(data::hidden_words(results, &[&chart.x, y, by.unwrap_or_default()]));
    caption.extend(data::left_out_words(map.left_out, results.len()));
    let rows = map.panels.len().div_ceil(COLUMNS);
    let around = Around {
        title: sentence(&chart.name),
        x_title: map.x.title.clone(),
        y_title: map.y.title.clone(),
        caption,
        labels: Vec::new(),
        least: rows as f64 * 160.0,
        right: SCALE,
        words: Vec::new(),
    };
    let ticks = map.y.labels.iter().map(|label| Tick { value: 0.0, label: label.clone() });
    let ticks: Vec<Tick> = ticks.collect();
    let mut frame = Frame::new(&around, theme, &ticks);
    for index in 0..map.panels.len() {
        Panel { frame: &mut frame, map: &map, index }.draw();
    }
    scale(&mut frame, &map);
    Ok(frame.scene)
}

/// The values that a parameter has, in order.
struct Steps {
    title: String,
    labels: Vec<String>,
    /// Which of them each row has.
    which: Vec<Option<usize>>,
}

impl Steps {
    fn of(results: &Results, name: &str) -> Result<Self, Error> {
        let positions = Positions::of(results, name)?;
        let mut values: Vec<f64> = positions.values.iter().flatten().copied().collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        if values.len() > STEPS_MAX {
            let what = format!("values of {name}");
            return Err(Error::TooMany { what, count: values.len(), most: STEPS_MAX });
        }
        let which = |x: &Option<f64>| x.map(|x| values.partition_point(|value| *value < x));
        let which = positions.values.iter().map(which).collect();
        let numbers = || Axis::ticks_at(&values).into_iter().map(|tick| tick.label).collect();
        let labels = positions.words.unwrap_or_else(numbers);
        let cut = |label: &String| Face::Regular.cut(label, NUMBERS, 150.0);
        let labels = labels.iter().map(cut).collect();
        Ok(Steps { title: positions.unit.title, labels, which })
    }
}

struct Map {
    x: Steps,
    y: Steps,
    z: Figures,
    panels: Vec<(String, Vec<Vec<Option<Mean>>>)>,
    low: f64,
    high: f64,
    /// Whether all cells are whole numbers.
    whole: bool,
    left_out: usize,
}

impl Map {
    fn of(results: &Results, [x, y, z]: [&str; 3], by: Option<&str>) -> Result<Self, Error> {
        let (x, y) = (Steps::of(results, x)?, Steps::of(results, y)?);
        let z = Figures::of(results, z)?;
        let by = by.map(|by| results.column(by)).transpose()?;
        let split = data::split(results, by)?;
        if split.len() > PANELS_MAX {
            return Err(Error::TooMany {
                what: "panels".into(),
                count: split.len(),
                most: PANELS_MAX,
            });
        }
        let mut left_out = 0;
        let mut panels = Vec::new();
        for (name, rows) in split {
            let mut values = vec![vec![Vec::new(); x.labels.len()]; y.labels.len()];
            for row in rows {
                match (x.which[row], y.which[row], z.values[row]) {
                    (Some(x), Some(y), Some(z)) => values[y][x].push(z),
                    _ => left_out += 1,
                }
            }
            let mean = |values: &Vec<f64>| (!values.is_empty()).then(|| stats::mean(values));
            let cells = values.iter().map(|row| row.iter().map(mean).collect());
            panels.push((name, cells.collect::<Vec<Vec<_>>>()));
        }
        let mut map = Map { x, y, z, panels, low: 0.0, high: 1.0, whole: false, left_out };
        let bounds = map.cells().fold(None, |range: Option<(f64, f64)>, mean| {
            let z = mean.value;
            Some(range.map_or((z, z), |(low, high)| (low.min(z), high.max(z))))
        });
        let Some((low, high)) = bounds else {
            let why = format!("none of {} runs has all three figures", results.len());
            return Err(Error::Nothing { why });
        };
        let whole = map.cells().all(|mean| libm::floor(mean.value) == mean.value);
        map.whole = whole;
        (map.low, map.high) = (low, high);
        Ok(map)
    }

    fn cells(&self) -> impl Iterator<Item = &Mean> {
        self.panels.iter().flat_map(|(_, rows)| rows.iter().flatten().flatten())
    }

    /// Where a value is on the scale of colours.
    fn part(&self, z: f64) -> f64 {
        if self.high > self.low { (z - self.low) / (self.high - self.low) } else { 0.5 }
    }
}

struct Panel<'a> {
    frame: &'a mut Frame,
    map: &'a Map,
    index: usize,
}

impl Panel<'_> {
    fn draw(&mut self) {
        let (left, top, width, height) = self.area();
        let (columns, rows) = (self.map.x.labels.len(), self.map.y.labels.len());
        let (wide, high) = (width / columns as f64, height / rows as f64);
        let (name, cells) = &self.map.panels[self.index];
        if !name.is_empty() {
            let name = Face::Regular.cut(name, 13.0, width);
            let ink = self.frame.theme.ink();
            self.frame.scene.text((left, top - 6.0), Anchor::Start, &name, 13.0, ink);
        }
        for (y, row) in cells.iter().enumerate() {
            for (x, cell) in row.iter().enumerate() {
                // Small values of y are at the bottom.
                let corner = (left + wide * x as f64, top + height - high * (y + 1) as f64);
                self.cell(corner, (wide, high), cell.as_ref(), (x, y));
            }
        }
        self.x_labels(left, top + height, wide);
        if self.index.is_multiple_of(COLUMNS) {
            self.y_labels(left, top + height, high);
        }
    }

    /// Left, top, width and height of what this panel has for its cells.
    fn area(&self) -> (f64, f64, f64, f64) {
        let count = self.map.panels.len();
        let columns = count.min(COLUMNS);
        let rows = count.div_ceil(COLUMNS);
        let name = if count == 1 && self.map.panels[0].0.is_empty() { 0.0 } else { NAME };
        let below = if rows > 1 { NAME } else { 0.0 };
        let (column, row) = (self.index % COLUMNS, self.index / COLUMNS);
        let whole_width = (self.frame.right - self.frame.left) / columns as f64;
        let whole_height = (self.frame.bottom - self.frame.top) / rows as f64;
        let left = self.frame.left + whole_width * column as f64;
        let top = self.frame.top + whole_height * row as f64 + name;
        let gap = if columns > 1 { GAP } else { 0.0 };
        let last = row + 1 == rows;
        (left, top, whole_width - gap, whole_height - name - if last { 0.0 } else { below })
    }

    fn cell(
        &mut self,
        (x, y): (f64, f64),
        (wide, high): (f64, f64),
        mean: Option<&Mean>,
        at: (usize, usize),
    ) {
        let Some(mean) = mean else {
            let grid = self.frame.theme.grid();
            self.frame.scene.line(
                vec![(x + 3.0, y + high - 3.0), (x + wide - 3.0, y + 3.0)],
                1.0,
                grid,
            );
            return;
        };
        let color = viridis(self.map.part(mean.value));
        let half = mean.half.map_or_else(String::new, |half| format!(" ± {}", short(half)));
        let place = format!("{}, {}", self.map.x.labels[at.0], self.map.y.labels[at.1]);
        let runs = if mean.count == 1 { "run" } else { "runs" };
        let note = format!("{place}: {}{half}, {} {runs}", short(mean.value), mean.count);
        let gap = 0.5;
        self.frame.scene.rectangle(
            (x + gap, y + gap),
            (x + wide - gap, y + high - gap),
            color,
            Some(note),
        );
        let text = if self.map.whole { short(mean.value) } else { three(mean.value) };
        if high >= NUMBERS + 4.0 && Face::Regular.width(&text, NUMBERS) + 4.0 <= wide {
            let middle = (x + wide / 2.0, y + high / 2.0 + 4.3);
            self.frame.scene.text(middle, Anchor::Middle, &text, NUMBERS, readable_on(color));
        }
    }

    fn x_labels(&mut self, left: f64, bottom: f64, wide: f64) {
        let quiet = self.frame.theme.quiet();
        let end = left + wide * self.map.x.labels.len() as f64;
        // Beside this panel there may be another with its own.
        let mut taken = left - 8.0;
        for (x, label) in self.map.x.labels.iter().enumerate() {
            let middle = left + wide * (x as f64 + 0.5);
            let half = Face::Regular.width(label, NUMBERS) / 2.0;
            if middle - half > taken + 5.0 && middle + half < end + 3.0 {
                let place = (middle, bottom + 16.0);
                self.frame.scene.text(place, Anchor::Middle, label, NUMBERS, quiet);
                taken = middle + half;
            }
        }
    }

    fn y_labels(&mut self, left: f64, bottom: f64, high: f64) {
        let quiet = self.frame.theme.quiet();
        let mut taken = f64::INFINITY;
        for (y, label) in self.map.y.labels.iter().enumerate() {
            let middle = bottom - high * (y as f64 + 0.5);
            if taken - middle >= NUMBERS + 2.0 {
                let place = (left - 8.0, middle + 4.0);
                self.frame.scene.text(place, Anchor::End, label, NUMBERS, quiet);
                taken = middle;
            }
        }
    }
}

/// Which colour is which value.
fn scale(frame: &mut Frame, map: &Map) {
    const PIECES: u32 = 64;
    let (left, right) = (frame.right + 22.0, frame.right + 36.0);
    let height = |part: f64| frame.bottom - part * (frame.bottom - frame.top);
    let (ink, quiet) = (frame.theme.ink(), frame.theme.quiet());
    let place = (frame.scene.width - 26.0, frame.top - 16.0);
    frame.scene.text(place, Anchor::End, &map.z.unit.title, 13.0, ink);
    if map.high <= map.low {
        return;
    }
    for piece in 0..PIECES {
        let (from, to) =
            (f64::from(piece) / f64::from(PIECES), f64::from(piece + 1) / f64::from(PIECES));
        // Whole pixels, so that no seam is seen between two.
        let (top, bottom) = (libm::round(height(to)), libm::round(height(from)));
        frame.scene.rectangle((left, top), (right, bottom), viridis((from + to) / 2.0), None);
    }
    let axis = Axis { low: map.low, high: map.high, log: false };
    for tick in axis.ticks() {
        let y = height(axis.place(tick.value));
        frame.scene.line(vec![(right, y), (right + 4.0, y)], 1.0, quiet);
        frame.scene.text((right + 8.0, y + 4.0), Anchor::Start, &tick.label, NUMBERS, quiet);
    }
}
