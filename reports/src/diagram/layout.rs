//! Puts the parts of a diagram together: lanes, steps, messages, bars, bands, and their labels.

use std::collections::BTreeSet;

use seedbed_core::Outcome;
use seedbed_node::{Extent, NodeId, Time};

use super::axis::Axis;
use super::bars::{bands, bars, lives};
use super::labels::{Board, text_width};
use super::legend::legend;
use super::messages::messages;
use super::pages::Chosen;
use super::steps::steps;
use super::words::{content, shortened, time};
use super::{Arrow, BreachLine, Diagram, End, Label, Lane, Options, Role, Shape, Step};
use crate::chronicle::{Chronicle, Happening};

/// Between two lanes.
const LANE_GAP: f64 = 78.0;

/// Above the first lane and below the last.
const LANE_MARGIN: f64 = 46.0;

/// Letters of labels are this high.
pub(super) const SIZE: f64 = 11.0;

/// Letters of logical clocks are this high.
pub(super) const SIZE_STAMP: f64 = 9.0;

/// The heading and the breach.
const HEAD: f64 = 46.0;

/// The axis, above the legend.
const AXIS: f64 = 26.0;

/// The reason of the breach, below the legend.
const REASON: f64 = 24.0;

/// What everything else is laid out by.
pub(super) struct Frame<'a> {
    pub chronicle: &'a Chronicle,
    pub chosen: &'a Chosen,
    pub axis: Axis,
    pub plot: [f64; 4],
    /// How far down each lane is.
    pub lanes: Vec<f64>,
    /// What happened before the breach, if there is one.
    pub lit: Option<Vec<bool>>,
}

impl Frame<'_> {
    /// The lane of a node.
    pub fn lane(&self, node: NodeId) -> Option<usize> {
        self.chosen.nodes.iter().position(|other| *other == node)
    }

    /// Where an entry is along the axis.
    pub fn x(&self, entry: usize) -> f64 {
        let entry = &self.chronicle.entries[entry];
        self.axis.event(entry.at, entry.event)
    }

    /// Whether an entry happened before the breach.
    pub fn is_lit(&self, entry: usize) -> bool {
        self.lit.as_ref().is_none_or(|lit| lit[entry])
    }
}

/// Lays out what was chosen.
pub(super) fn lay_out(
    chronicle: &Chronicle,
    outcome: &Outcome,
    options: &Options,
    chosen: &Chosen,
) -> Diagram {
    let frame = frame(chronicle, options, chosen);
    let steps = steps(&frame);
    let (arrows, kinds) = messages(&frame, &steps);
    let (bars, sorts) = bars(&frame, &steps);
    let breach = breach(&frame, outcome, &steps);
    let [left, top, right, bottom] = frame.plot;
    let lanes = chosen.nodes.iter().zip(&frame.lanes).enumerate().map(|(lane, (node, y))| Lane {
        node: *node,
        name: chronicle.name(*node).to_owned(),
        y: *y,
        spans: lives(&frame, &steps, lane),
    });
    let mut diagram = Diagram {
        title: options.title.clone(),
        width: right + 24.0,
        height: bottom + AXIS,
        plot: [left, top, right, bottom],
        by_order: options.by_order,
        page: chosen.page.clone(),
        lanes: lanes.collect(),
        steps,
        arrows,
        kinds,
        bars,
        sorts,
        bands: bands(&frame),
        labels: Vec::new(),
        legend: Vec::new(),
        ticks: frame.axis.ticks(),
        breach,
    };
    diagram.labels = labels(&frame, &diagram);
    diagram.legend = legend(&diagram, [left, bottom + AXIS]);
    let lowest = diagram.legend.last().map_or(0.0, |item| item.at[1] + 18.0);
    diagram.height = diagram.height.max(lowest);
    if diagram.breach.is_some() {
        diagram.height += REASON;
    }
    diagram
}

fn frame<'a>(chronicle: &'a Chronicle, options: &Options, chosen: &'a Chosen) -> Frame<'a> {
    let columns: BTreeSet<(u64, Time)> = chosen
        .entries
        .iter()
        .map(|place| &chronicle.entries[*place])
        .filter(|entry| !matches!(entry.what, Happening::Fault(_) | Happening::Undone(_)))
        .map(|entry| (entry.event, entry.at))
        .collect();
    let columns: Vec<_> = columns.into_iter().map(|(event, at)| (at, event)).collect();
    let names = chosen.nodes.iter().map(|node| text_width(chronicle.name(*node), 13.0));
    let left = names.fold(40.0, f64::max).min(220.0).round() + 24.0;
    let stamped = chosen.entries.iter().find_map(|place| chronicle.entries[*place].stamps.as_ref());
    let stamp = stamped.map_or(0.0, |stamps| text_width(&super::words::stamp(stamps), SIZE_STAMP));
    let width = match options.by_order {
        true => (columns.len() as f64 * (stamp + 8.0).clamp(26.0, 70.0)).max(700.0),
        false => (columns.len() as f64 * 24.0).clamp(900.0, 5_000.0),
    };
    let right = left + width.round();
    let axis = match options.by_order {
        true => Axis::of_order(columns, left, right),
        false => Axis::of_time(Time(chosen.page.from_ns), Time(chosen.page.to_ns), left, right),
    };
    let lanes: Vec<f64> =
        (0..chosen.nodes.len()).map(|lane| HEAD + LANE_MARGIN + LANE_GAP * lane as f64).collect();
    let bottom = lanes.last().copied().unwrap_or(HEAD) + LANE_MARGIN;
    let lit = chosen.breach.and_then(|broken| broken.entry).map(|entry| {
        let mut lit = vec![false; chronicle.entries.len()];
        chronicle.causal_past(entry).into_iter().for_each(|place| lit[place] = true);
        lit
    });
    Frame { chronicle, chosen, axis, plot: [left, HEAD, right, bottom], lanes, lit }
}

/// The breach, if it is here.
fn breach(frame: &Frame<'_>, outcome: &Outcome, steps: &[Step]) -> Option<BreachLine> {
    let page = &frame.chosen.page;
    let broken = frame.chosen.breach.filter(|_| page.breach_on == Some(page.number))?;
    if !(page.from_ns..=page.to_ns).contains(&broken.at.0) {
        return None;
    }
    let check = &outcome.checks[broken.check];
    let step = broken
        .entry
        .and_then(|entry| steps.iter().position(|step| step.entries.binary_search(&entry).is_ok()));
    Some(BreachLine {
        x: broken.entry.map_or_else(|| frame.axis.time(broken.at), |entry| frame.x(entry)),
        at_ns: broken.at.0,
        lane: broken.entry.and_then(|entry| frame.lane(frame.chronicle.entries[entry].node)),
        step,
        check: check.name.clone(),
        detail: check.detail.clone(),
    })
}

/// Finds places for texts, the important ones first. What finds none is left out.
fn labels(frame: &Frame<'_>, diagram: &Diagram) -> Vec<Label> {
    let [left, top, right, bottom] = diagram.plot;
    let mut board = Board::new([4.0, 0.0, diagram.width - 4.0, bottom]);
    if let Some(breach) = &diagram.breach {
        let text = format!("✗ {} at {}", breach.check, time(breach.at_ns));
        let width = text_width(&text, 12.0);
        let x = (breach.x - width / 2.0).clamp(left, (right - width).max(left));
        board.put(text, 12.0, Role::Breach, true, &[[x, top - 19.0]]);
    }
    for band in &diagram.bands {
        let wide = (band.x[1] - band.x[0] - 6.0).max(150.0);
        let x = band.x[0].max(left) + 4.0;
        let (rows, mut text) = ([top + 2.0, top + 15.0], band.label.clone());
        while text_width(&text, SIZE) > wide && text.chars().count() > 8 {
            text = shortened(&text, text.chars().count() - 1);
        }
        board.put(text, SIZE, Role::Band, true, &rows.map(|y| [x, y]));
    }
    for step in &diagram.steps {
        label_of_step(frame, step, &mut board);
    }
    for bar in &diagram.bars {
        let y = diagram.lanes[bar.lane].y + bar.level as f64 * 9.0;
        let text = shortened(&bar.label, 32);
        let width = text_width(&text, SIZE);
        let middle = (bar.x[0] + bar.x[1] - width) / 2.0;
        let start = bar.x[0] + 3.0;
        let role = Role::Bar;
        board.put(
            text,
            SIZE,
            role,
            true,
            &[[start, y - 20.0], [middle, y - 20.0], [start, y + 8.0]],
        );
    }
    for step in &diagram.steps {
        if let (Some(text), Some(lane)) = (&step.stamp, step.lane) {
            let y = diagram.lanes[lane].y;
            let width = text_width(text, SIZE_STAMP);
            let spots = [
                [step.x + 4.0, y - 15.0],
                [step.x + 4.0, y + 5.0],
                [step.x - width - 4.0, y - 15.0],
                [step.x - width - 4.0, y + 5.0],
            ];
            board.put(text.clone(), SIZE_STAMP, Role::Stamp, step.lit, &spots);
        }
    }
    for lit in [true, false] {
        for arrow in diagram.arrows.iter().filter(|arrow| arrow.lit == lit) {
            label_of_arrow(diagram, arrow, &mut board);
        }
    }
    board.finish()
}

fn label_of_step(frame: &Frame<'_>, step: &Step, board: &mut Board) {
    let Some(lane) = step.lane else { return };
    let y = frame.lanes[lane];
    let text = match step.shape {
        Shape::Crash => "crashes".to_owned(),
        Shape::Request | Shape::Event => shortened(&said(frame, step), 36),
        _ => return,
    };
    if text.is_empty() {
        return;
    }
    let width = text_width(&text, SIZE);
    let (x, above, below) = (step.x - width / 2.0, y - 22.0, y + 10.0);
    let [left, _, right, _] = frame.plot;
    let x = x.clamp(left - 10.0, (right - width).max(left));
    let spots = match step.shape {
        Shape::Event => [[x, below], [x, above], [x, below + 12.0]],
        _ => [[x, above], [x, below], [x, above - 12.0]],
    };
    board.put(text, SIZE, Role::Step, step.lit, &spots);
}

/// What a client and a node say to each other in a step: in the family's words where it has some.
/// What begins or ends a bar needs no other.
fn said(frame: &Frame<'_>, step: &Step) -> String {
    let chronicle = frame.chronicle;
    let mut words: Vec<String> = Vec::new();
    for place in &step.entries {
        let begin = chronicle.marks.partition_point(|mark| mark.entry < *place);
        let marks: Vec<_> =
            chronicle.marks[begin..].iter().take_while(|mark| mark.entry == *place).collect();
        let points = marks.iter().filter(|mark| mark.extent == Extent::Point);
        words.extend(points.map(|mark| mark.label.clone()));
        match &chronicle.entries[*place].what {
            Happening::Request { content: said, .. } => words.push(content(said, 20)),
            Happening::Event(said) if marks.is_empty() => words.push(content(said, 20)),
            _ => {}
        }
    }
    words.join(", ")
}

/// A message's kind, between two lanes.
fn label_of_arrow(diagram: &Diagram, arrow: &Arrow, board: &mut Board) {
    let ([x0, y0], [x1, y1]) = (arrow.tail, arrow.head);
    if y0 == y1 || arrow.copy || matches!(arrow.end, End::After) && (x1 - x0).abs() < 20.0 {
        return;
    }
    let text = diagram.kinds[arrow.kind].clone();
    let (width, height) = (text_width(&text, SIZE), SIZE + 2.0);
    let mut spots = Vec::new();
    let gaps: Vec<f64> = diagram.lanes.windows(2).map(|two| (two[0].y + two[1].y) / 2.0).collect();
    for shift in [0.0, -10.0, 10.0, -18.0, 18.0] {
        for gap in &gaps {
            let y = gap + shift;
            let share = (y - y0) / (y1 - y0);
            if (0.1..=0.9).contains(&share) {
                spots.push([x0 + (x1 - x0) * share - width / 2.0, y - height / 2.0]);
            }
        }
    }
    // The gap nearest to the sender first: there the arrows of a broadcast lie apart least, but a
    // reader looks for the word where the message begins.
    spots.sort_by(|a, b| (a[1] - y0).abs().total_cmp(&(b[1] - y0).abs()));
    let middle = (y0 + y1) / 2.0;
    if spots.len() <= 5 {
        spots.sort_by(|a, b| (a[1] - middle).abs().total_cmp(&(b[1] - middle).abs()));
    }
    board.put(text, SIZE, Role::Arrow, arrow.lit, &spots);
}
