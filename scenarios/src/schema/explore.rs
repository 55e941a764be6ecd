//! `explore:`

use schemars::JsonSchema;
use seedbed_node::Duration;
use serde::Deserialize;

use super::ExpectForm;
use super::value::{DurationSchema, Name};
use crate::text::Spanned;

/// How the scenario is explored: every order of events, within these bounds.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename = "Explore", default, deny_unknown_fields)]
pub(crate) struct ExploreForm {
    /// How states are searched; `BreadthFirst`.
    pub search: Option<SearchForm>,
    /// How long things take; `Asynchronous`.
    pub time: Option<Spanned<TimingForm>>,
    /// How many messages may be lost; 0.
    pub losses: u16,
    /// How many messages may be delivered twice; 0.
    pub duplications: u16,
    /// How many crashes there may be; 0.
    pub crashes: u16,
    /// How many restarts there may be; 0.
    pub restarts: u16,
    /// Whether crashes also happen between two effects of one handler; `false`.
    pub between_effects: bool,
    /// The nodes that may crash; any.
    pub victims: Vec<Name>,
    /// Whether to leave out orders of events that make no difference; `false`.
    pub reduce: bool,
    /// The search is given up beyond so many states; 10 million.
    pub states_max: Option<u64>,
    /// Paths are not followed beyond so many steps.
    pub depth_max: Option<u32>,
    /// How the exploration is meant to end; `Held`.
    pub expect: Option<ExpectForm>,
    /// How many states there are.
    pub unique_states: Option<u64>,
}

/// How states are searched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Search", deny_unknown_fields)]
pub(crate) enum SearchForm {
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

/// How long things take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Timing", deny_unknown_fields)]
pub(crate) enum TimingForm {
    /// Any time.
    Asynchronous,
    /// Whole ticks, within bounds.
    Bounded {
        /// A message takes at least so many ticks; 1.
        #[serde(default = "one")]
        min: u32,
        /// And at most so many.
        max: u32,
        /// How long a tick is.
        #[schemars(with = "DurationSchema")]
        tick: Duration,
        /// The exploration does not go on after so many ticks; needed if nodes read clocks.
        #[serde(default)]
        ticks: Option<u32>,
    },
}

fn one() -> u32 {
    1
}
