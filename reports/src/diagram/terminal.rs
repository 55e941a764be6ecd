//! A diagram for a terminal: time from top to bottom, as in Lamport's paper. A row for each step:
//! an arrow where a message arrives or is lost, and what came of it in words.

use std::collections::BTreeMap;

use super::lanes::{Lanes, Row};
use super::words::time;
use super::{Arrow, Diagram, End, Life, Shape, Step};
use crate::text::Style;

/// A pause is told if it is so many times as long as usual.
const LONG: u64 = 8;

/// The whole drawing, ending with a line break.
pub fn terminal(diagram: &Diagram, style: Style) -> String {
    let lanes = Lanes::new(diagram.lanes.iter().map(|lane| lane.name.as_str()));
    let times: Vec<String> = diagram.steps.iter().map(|step| time(step.at_ns)).collect();
    let column = times.iter().map(|time| time.chars().count()).max().unwrap_or(0);
    let (text, marks_past) = (heading(diagram, style), diagram.faint_beside().is_some());
    let mut sheet = Sheet { text, lanes, column, style, marks_past };
    let head = sheet.lanes.head();
    sheet.text += &format!("  {:column$}  {}\n", "", style.bold(&head));
    let (pause, index) = (long_pause(diagram), Index::of(diagram));
    for (place, step) in diagram.steps.iter().enumerate() {
        if let Some(before) = place.checked_sub(1).map(|at| diagram.steps[at].at_ns) {
            let gap = step.at_ns - before;
            if !diagram.by_order && gap > pause {
                let lines = index.lines[place - 1].clone();
                let later = format!("{} later", time(gap));
                sheet.put("⋮", &Row { lines, ..Row::default() }, &later, "", true);
            }
        }
        sheet.step(diagram, &index, place, &times[place]);
    }
    sheet.text + &footing(diagram, style)
}

fn heading(diagram: &Diagram, style: Style) -> String {
    let page = &diagram.page;
    let mut about = format!("{} to {}", time(page.from_ns), time(page.to_ns));
    if page.of > 1 {
        about += &format!(", page {} of {}", page.number, page.of);
    }
    format!("{}  {about}\n\n", style.bold(&diagram.title))
}

/// What signs mean, as far as they occur; and why the check failed.
fn footing(diagram: &Diagram, style: Style) -> String {
    let mut signs = Vec::new();
    for (place, sort) in diagram.sorts.iter().enumerate() {
        if diagram.bars.iter().any(|bar| bar.sort == place && !bar.waiting) {
            signs.push(format!("┃ {sort}"));
        }
    }
    let down = |span: &super::Span| span.life == Life::Down;
    if diagram.lanes.iter().any(|lane| lane.spans.iter().any(down)) {
        signs.push("no line: down".into());
    }
    if diagram.arrows.iter().any(|arrow| !matches!(arrow.end, End::Delivered | End::After)) {
        signs.push("× does not arrive".into());
    }
    if let Some(check) = diagram.faint_beside() {
        signs.push(format!("• happened before the breach of {check}"));
    }
    let mut text = String::new();
    if let Some(breach) = &diagram.breach {
        let options = textwrap::Options::new(usize::from(style.width)).subsequent_indent("  ");
        let reason = format!("✗ {}: {}", breach.check, breach.detail);
        for line in textwrap::wrap(&reason, options) {
            text += &style.verdict(seedbed_core::Verdict::Failed, &line);
            text.push('\n');
        }
    }
    if !signs.is_empty() {
        text = format!("\n{}\n{text}", style.dim(&signs.join("   ")));
    }
    text
}

/// Longer than most pauses.
fn long_pause(diagram: &Diagram) -> u64 {
    let mut gaps: Vec<u64> = diagram
        .steps
        .windows(2)
        .map(|two| two[1].at_ns - two[0].at_ns)
        .filter(|gap| *gap > 0)
        .collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).map_or(u64::MAX, |usual| usual.saturating_mul(LONG))
}

/// What is written so far, and how to go on.
struct Sheet {
    text: String,
    lanes: Lanes,
    column: usize,
    style: Style,
    /// Whether what led to a breach has a sign.
    marks_past: bool,
}

impl Sheet {
    fn step(&mut self, diagram: &Diagram, index: &Index, place: usize, at: &str) {
        let step = &diagram.steps[place];
        let arrow = index.arrows.get(&place).map(|arrow| &diagram.arrows[*arrow]);
        let row = Row {
            lines: index.lines[place].clone(),
            arrow: arrow.map(|arrow| (arrow.from, arrow.to, arrow.end == End::Delivered)),
            sign: step.lane.map(|lane| (lane, sign(step.shape))),
        };
        let margin = if self.marks_past && step.lit { "•" } else { " " };
        let what = headline(step, arrow);
        self.put_with_margin(margin, at, &row, &what, "", !step.lit);
        let below = Row { lines: index.lines[place].clone(), ..Row::default() };
        for bar in index.begun.get(&place).into_iter().flatten() {
            let bar = &diagram.bars[*bar];
            if Some(bar.lane) == step.lane || step.lane.is_none() {
                self.put("", &below, &format!("┃ {}", bar.label), "  ", false);
            }
        }
        for line in &step.then {
            self.put("", &below, line, "  ", true);
        }
        if diagram.breach.as_ref().is_some_and(|breach| breach.step == Some(place)) {
            let check = diagram.breach.as_ref().map_or("", |breach| breach.check.as_str());
            let cry = self.style.verdict(seedbed_core::Verdict::Failed, &format!("✗ {check}"));
            self.put("", &below, &cry, "", false);
        }
    }

    fn put(&mut self, at: &str, row: &Row, what: &str, indent: &str, dim: bool) {
        self.put_with_margin(" ", at, row, what, indent, dim);
    }

    /// The first line of a text stands beside its row, the others beside the empty lanes.
    fn put_with_margin(
        &mut self,
        margin: &str,
        at: &str,
        row: &Row,
        what: &str,
        indent: &str,
        dim: bool,
    ) {
        let taken = self.column + self.lanes.width() + 8;
        let room = usize::from(self.style.width).saturating_sub(taken).max(30);
        let column = self.column;
        let options = textwrap::Options::new(room).subsequent_indent("  ");
        let what = clean(what);
        let empty = Row { lines: row.lines.clone(), ..Row::default() };
        for (place, part) in textwrap::wrap(&what, options).iter().enumerate() {
            let (margin, at, row) = if place == 0 { (margin, at, row) } else { (" ", "", &empty) };
            let row = self.lanes.row(row);
            let part = if dim { self.style.dim(part) } else { part.to_string() };
            let line = format!("{margin} {at:>column$}  {row}  {indent}{part}");
            self.text += line.trim_end();
            self.text.push('\n');
        }
    }
}

/// What each step needs, found once.
struct Index {
    /// The line of each lane at each step: heavy while the node holds something.
    lines: Vec<Vec<char>>,
    /// The arrow that ends in a step. What is lost as soon as it is sent is told with the sending.
    arrows: BTreeMap<usize, usize>,
    /// The bars that begin in a step.
    begun: BTreeMap<usize, Vec<usize>>,
}

impl Index {
    fn of(diagram: &Diagram) -> Self {
        let mut lines = vec![vec!['│'; diagram.lanes.len()]; diagram.steps.len()];
        let (mut arrows, mut begun) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
        for (place, bar) in diagram.bars.iter().enumerate().filter(|(_, bar)| !bar.waiting) {
            begun.entry(bar.steps[0]).or_default().push(place);
            lines[bar.steps[0]..bar.steps[1]].iter_mut().for_each(|line| line[bar.lane] = '┃');
        }
        for (lane, span) in diagram
            .lanes
            .iter()
            .enumerate()
            .flat_map(|(at, lane)| lane.spans.iter().map(move |s| (at, s)))
        {
            let sign = match span.life {
                Life::Up => continue,
                Life::Paused => '╎',
                Life::Down => ' ',
            };
            lines[span.steps[0]..span.steps[1]].iter_mut().for_each(|line| line[lane] = sign);
        }
        for (place, arrow) in diagram.arrows.iter().enumerate() {
            if let Some(ended) = arrow.ended.filter(|ended| arrow.sent != Some(*ended)) {
                arrows.entry(ended).or_insert(place);
            }
        }
        Index { lines, arrows, begun }
    }
}

fn headline(step: &Step, arrow: Option<&Arrow>) -> String {
    let copy = if arrow.is_some_and(|arrow| arrow.copy) { " (a copy)" } else { "" };
    let stamp = step.stamp.as_ref().map(|stamp| format!("  @{stamp}")).unwrap_or_default();
    format!("{}{copy}{stamp}", step.what)
}

fn sign(shape: Shape) -> char {
    match shape {
        Shape::Dot | Shape::Request | Shape::Event => '●',
        Shape::Timer => '◆',
        Shape::Boot => '○',
        Shape::Crash => '✗',
        Shape::Pause => '═',
        Shape::Loss | Shape::Fault => ' ',
    }
}

/// Contents may hold anything; a terminal obeys control characters.
fn clean(text: &str) -> String {
    let escape = |c: char| c.is_control() && c != '\u{1b}';
    text.chars().map(|c| if escape(c) { ' ' } else { c }).collect()
}
