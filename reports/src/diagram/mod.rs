//! Space-time diagrams (Lamport, CACM 1978): a line for each node, an arrow for each message.
//!
//! [`Diagram::of`] lays a run out as data: where every line, arrow, bar, band and label is, and what
//! it is about. [`svg`] draws that for a page, time from left to right; [`terminal`] for a terminal,
//! time from top to bottom; others may serialise it. Long runs are laid out page by page.
//!
//! Absent on purpose: the algorithm. What nodes hold is known from the marks of its family.

mod axis;
mod bars;
mod labels;
pub mod lanes;
mod layout;
mod legend;
mod messages;
mod pages;
mod steps;
pub mod svg;
pub mod terminal;
#[cfg(test)]
mod tests;
mod words;

use seedbed_core::Outcome;
use seedbed_node::{NodeId, Time};
use serde::Serialize;

use crate::chronicle::Chronicle;

pub use legend::{Item, Sign};

/// What of a run is drawn, and how.
#[derive(Clone, PartialEq, Debug)]
pub struct Options {
    /// The heading; the run's scenario and seed.
    pub title: String,
    /// Only what happened from then on.
    pub from: Option<Time>,
    /// Only what happened until then.
    pub to: Option<Time>,
    /// Which page of it, from 1.
    pub page: usize,
    /// How many entries make a page.
    pub per_page: usize,
    /// Whether events stand at equal distances, whatever the time between them.
    pub by_order: bool,
    /// Only messages of these kinds; empty: of all.
    pub kinds: Vec<String>,
    /// The lanes in this order; empty: all members.
    pub nodes: Vec<NodeId>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            title: String::new(),
            from: None,
            to: None,
            page: 1,
            per_page: 400,
            by_order: false,
            kinds: Vec::new(),
            nodes: Vec::new(),
        }
    }
}

/// Why there is nothing to draw: the options do not fit the run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused(pub String);

/// A run laid out. Lengths are in units of a pixel, from the top left corner.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Diagram {
    /// The heading.
    pub title: String,
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
    /// Where lanes are: left, top, right, bottom.
    pub plot: [f64; 4],
    /// Whether events stand at equal distances.
    pub by_order: bool,
    /// Which part of the run it is.
    pub page: Page,
    /// A line for each node.
    pub lanes: Vec<Lane>,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// Messages.
    pub arrows: Vec<Arrow>,
    /// The names of their kinds, in the order of their first occurrence.
    pub kinds: Vec<String>,
    /// What nodes held and were.
    pub bars: Vec<Bar>,
    /// The sorts of bars, in the order of their first occurrence.
    pub sorts: Vec<&'static str>,
    /// Faults that lasted.
    pub bands: Vec<Band>,
    /// Texts that have found a place.
    pub labels: Vec<Label>,
    /// What colours and signs mean.
    pub legend: Vec<Item>,
    /// The axis of time.
    pub ticks: Vec<Tick>,
    /// Where a check failed, if that is here.
    pub breach: Option<BreachLine>,
}

/// Which part of a run is drawn.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Page {
    /// Its number, from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
    /// How many entries it has.
    pub entries: usize,
    /// Of how many on all pages.
    pub entries_of: usize,
    /// The time of its first entry.
    pub from_ns: u64,
    /// The time of its last.
    pub to_ns: u64,
    /// The page on which a check fails.
    pub breach_on: Option<usize>,
    /// The check that something breaks at a time; what did not lead to that is not lit.
    pub breach_of: Option<String>,
}

/// A node's line.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Lane {
    /// Whose.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// How far down.
    pub y: f64,
    /// What the node was, one after another without a gap.
    pub spans: Vec<Span>,
}

/// A part of a lane.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Span {
    /// What the node was.
    pub life: Life,
    /// From here to there.
    pub x: [f64; 2],
    /// From before this step until before that one.
    pub steps: [usize; 2],
}

/// Whether a node can do anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Life {
    /// Yes.
    Up,
    /// Not now: it is paused.
    Paused,
    /// No: it has crashed, or has not booted yet.
    Down,
}

/// What happened at one node in one event of the kernel: something reaches it, and it acts.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Step {
    /// True time.
    pub at_ns: u64,
    /// Where; `None`: in the network.
    pub lane: Option<usize>,
    /// Where along the axis.
    pub x: f64,
    /// How it is drawn.
    pub shape: Shape,
    /// What it consists of, as indices of the chronicle's entries.
    pub entries: Vec<usize>,
    /// What happened, in words.
    pub what: String,
    /// What came of it.
    pub then: Vec<String>,
    /// The node's logical clocks afterwards.
    pub stamp: Option<String>,
    /// Whether it happened before the breach; always so if there is none.
    pub lit: bool,
}

/// How a step is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// A message arrives, or several things happen.
    Dot,
    /// A timer fires.
    Timer,
    /// A client asks.
    Request,
    /// The node tells its client something.
    Event,
    /// The node boots.
    Boot,
    /// The node crashes.
    Crash,
    /// The node is paused, or goes on.
    Pause,
    /// A message is lost on its way; its arrow shows it.
    Loss,
    /// A fault strikes or is undone.
    Fault,
}

/// A message.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Arrow {
    /// From which lane.
    pub from: usize,
    /// To which lane.
    pub to: usize,
    /// From where.
    pub tail: [f64; 2],
    /// To where.
    pub head: [f64; 2],
    /// Of which kind.
    pub kind: usize,
    /// What became of it.
    pub end: End,
    /// Whether it begins before what is drawn.
    pub from_before: bool,
    /// Whether a link made it, as a second one.
    pub copy: bool,
    /// Whether it is a transport's own.
    pub transport: bool,
    /// The step that sent it.
    pub sent: Option<usize>,
    /// The step in which it ended.
    pub ended: Option<usize>,
    /// What it says.
    pub content: String,
    /// Whether it happened before the breach; always so if there is none.
    pub lit: bool,
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It was handled.
    Delivered,
    /// It was on its way when what is drawn ends.
    After,
    /// A link lost it.
    Lost,
    /// A checksum failed.
    Corrupted,
    /// A queue was full.
    Overflowed,
    /// A link was cut.
    Cut,
    /// The destination was down.
    ToDead,
}

/// What a node held or was for a while.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Bar {
    /// Where.
    pub lane: usize,
    /// How many others of the lane are above it.
    pub level: usize,
    /// From here to there.
    pub x: [f64; 2],
    /// What sort of thing.
    pub sort: usize,
    /// What.
    pub label: String,
    /// Whether the node only waited for it.
    pub waiting: bool,
    /// From the step that began it until before the one that ended it.
    pub steps: [usize; 2],
}

/// A fault that lasted.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Band {
    /// From here to there.
    pub x: [f64; 2],
    /// What.
    pub label: String,
    /// The lanes that it is about, each with the number of its group.
    pub groups: Vec<(usize, usize)>,
}

/// A text. No two overlap.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Label {
    /// What it says.
    pub text: String,
    /// Left, top, width, height.
    pub place: [f64; 4],
    /// What it belongs to.
    pub role: Role,
    /// Whether what it belongs to happened before the breach.
    pub lit: bool,
}

/// What a label belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The breach.
    Breach,
    /// A band.
    Band,
    /// A bar.
    Bar,
    /// A request, an event, a point of the family.
    Step,
    /// A logical clock.
    Stamp,
    /// A message's kind.
    Arrow,
}

/// A line across the axis of time.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Tick {
    /// Where.
    pub x: f64,
    /// The time there.
    pub text: String,
}

/// Where a check failed.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct BreachLine {
    /// Where along the axis.
    pub x: f64,
    /// When.
    pub at_ns: u64,
    /// The lane of what broke it; `None`: it was the time that ran out.
    pub lane: Option<usize>,
    /// The step that broke it.
    pub step: Option<usize>,
    /// Which check.
    pub check: String,
    /// Why.
    pub detail: String,
}

impl Diagram {
    /// Lays out a run, or the part of it that the options want.
    pub fn of(
        chronicle: &Chronicle,
        outcome: &Outcome,
        options: &Options,
    ) -> Result<Diagram, Refused> {
        let chosen = pages::Chosen::of(chronicle, outcome, options)?;
        Ok(layout::lay_out(chronicle, outcome, options, &chosen))
    }

    /// One line of JSON: everything that is laid out.
    pub fn json(&self) -> String {
        crate::json::text(self) + "\n"
    }

    /// The check whose breach lights what led to it, if something here is not lit.
    pub fn faint_beside(&self) -> Option<&str> {
        let faint = self.steps.iter().any(|step| !step.lit);
        self.page.breach_of.as_deref().filter(|_| faint)
    }

    /// The lane of a node, if it is drawn.
    pub fn lane_of(&self, node: NodeId) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.node == node)
    }
}
