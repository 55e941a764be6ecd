//! Exploring a plan: every order of events of a small instance, instead of one run a seed.

use seedbed_core::explore::nodes::{Bounds, Instance};

use crate::plan::{Expect, Plan};

/// How a scenario is explored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exploring {
    /// What may happen, and how often.
    pub bounds: Bounds,
    /// How states are searched.
    pub search: Search,
    /// Whether to leave out orders of events that make no difference.
    pub reduce: bool,
    /// The search is given up beyond so many states.
    pub states_max: u64,
    /// Paths are not followed beyond so many steps.
    pub depth_max: Option<u32>,
    /// How the exploration is meant to end.
    pub expect: Expect,
    /// How many states there are, if the scenario says so.
    pub unique_states: Option<u64>,
}

/// How states are searched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Search {
    /// In the order of their distance: the counterexample is a shortest one.
    BreadthFirst,
    /// Along one path as far as it goes: the least memory.
    DepthFirst,
    /// Along paths, to a depth that grows.
    Deepening,
    /// Along random paths.
    Random {
        /// How many.
        walks: u64,
        /// How long each is at most.
        depth: u32,
    },
}

/// Something that a run judges and an exploration does not, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unjudged {
    /// The check.
    pub check: String,
    /// Why.
    pub why: &'static str,
}

impl Plan {
    /// The instance that is explored, and what it leaves unjudged.
    ///
    /// # Errors
    /// Why the scenario cannot be explored.
    pub fn instance(&self) -> Result<(Instance, Vec<Unjudged>), String> {
        self.ready.instance(&self.world, &self.checks, &self.exploring.bounds)
    }
}
