//! What a search found.

use super::model::Demand;
use crate::Verdict;

/// What a search found.
#[derive(Clone, PartialEq, Debug)]
pub struct Exploration<A> {
    /// Different states visited, by fingerprint.
    pub unique: u64,
    /// Initial states, and successors of visited states, each as often as it came up: a state that two
    /// actions lead to counts twice. Where nothing is left out, it depends on the model alone; sleep
    /// sets leave some out, deepening counts those of each depth, a walk only those that it takes.
    pub generated: u64,
    /// The longest path looked at, in actions: in breadth-first search the distance of the farthest
    /// state, otherwise it depends on the order.
    pub depth: u32,
    /// Whether every state that can be reached was visited.
    pub complete: bool,
    /// Why it is not complete, or liveness not judged on all of it; each reason once.
    pub cuts: Vec<Cut>,
    /// What became of each property, in the order of [`Model::properties`](super::Model::properties).
    pub findings: Vec<Finding<A>>,
    /// The probability that some state was taken for another because their fingerprints are equal: the
    /// birthday bound of 64 bits.
    pub collision_probability: f64,
    /// Bytes of the table of seen states at the end.
    pub table_bytes: u64,
    /// Whether symmetry was used.
    pub symmetry: bool,
    /// Whether partial-order reduction was used.
    pub partial_order: bool,
}

impl<A> Exploration<A> {
    /// Failed if any property is, else inconclusive if any is, else held.
    pub fn verdict(&self) -> Verdict {
        self.findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Held)
    }

    /// The first property that is broken.
    pub fn broken(&self) -> Option<&Finding<A>> {
        self.findings.iter().find(|finding| finding.verdict == Verdict::Failed)
    }

    /// Bytes of the table for each unique state.
    pub fn bytes_per_state(&self) -> f64 {
        self.table_bytes as f64 / self.unique.max(1) as f64
    }
}

/// What became of a property.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding<A> {
    /// Its name.
    pub name: String,
    /// What it demands.
    pub demand: Demand,
    /// Held only if the search was complete, or for [`Demand::Sometimes`] if a state was found.
    pub verdict: Verdict,
    /// How it is broken; for [`Demand::Sometimes`], how it is reached.
    pub trail: Option<Trail<A>>,
}

/// A path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trail<A> {
    /// Which of [`Model::initial`](super::Model::initial) it begins in.
    pub initial: usize,
    /// What happens, in order.
    pub actions: Vec<A>,
    /// Where it ends.
    pub end: End,
}

/// How a path ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// In a state that says it all.
    State,
    /// In a state where nothing is obliged to happen.
    Terminal,
    /// Never: the actions from this position on lead back to where they began.
    Cycle(usize),
}

/// Why a search is not complete.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cut {
    /// A property was broken, or all are decided, and nobody asked to go on.
    Decided,
    /// The most unique states.
    States,
    /// The most memory.
    Memory,
    /// The greatest depth.
    Depth,
    /// The caller.
    Stopped,
    /// A state outside of what [`Model::within`](super::Model::within) allows.
    Outside,
    /// Two states with one fingerprint.
    Collision,
    /// Random walks are never complete.
    Random,
}

impl Cut {
    /// All of them, in order.
    pub(super) const ALL: [Cut; 8] = [
        Cut::Decided,
        Cut::States,
        Cut::Memory,
        Cut::Depth,
        Cut::Stopped,
        Cut::Outside,
        Cut::Collision,
        Cut::Random,
    ];

    /// In words that follow "because".
    pub fn why(self) -> &'static str {
        match self {
            Cut::Decided => "the search ended at the first breach",
            Cut::States => "the budget of states was used up",
            Cut::Memory => "the budget of memory was used up",
            Cut::Depth => "some states lie deeper than the search was allowed to go",
            Cut::Stopped => "the search was stopped",
            Cut::Outside => "the model bounds itself, and some states lie outside",
            Cut::Collision => "two states share a fingerprint",
            Cut::Random => "random walks do not visit every state",
        }
    }
}
