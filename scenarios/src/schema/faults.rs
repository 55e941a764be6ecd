//! `faults:`

use schemars::JsonSchema;
use seedbed_node::{Duration, Probability};
use serde::Deserialize;

use super::value::{Delay, DurationSchema, Name, ProbabilitySchema, Span64, When, never};
use crate::text::Spanned;

/// What goes wrong.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Faults", deny_unknown_fields)]
pub(crate) enum FaultsForm {
    /// Planned faults, and at most one `Random`.
    #[serde(rename = "$list")]
    List(Vec<EntryForm>),
    /// Faults drawn within bounds.
    Random(Spanned<RandomForm>),
}

/// One entry of the list.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "FaultEntry", deny_unknown_fields)]
pub(crate) enum EntryForm {
    /// A planned fault.
    #[serde(rename = "$group")]
    Planned(Spanned<TimedForm>),
    /// Faults drawn within bounds.
    Random(Spanned<RandomForm>),
}

/// A fault with its time.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimedForm {
    /// When it strikes.
    #[schemars(with = "DurationSchema")]
    pub at: When,
    /// When it is undone; never.
    #[schemars(with = "Option<DurationSchema>")]
    pub until: Option<When>,
    /// What.
    pub fault: Spanned<FaultForm>,
}

/// What can go wrong.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Fault", deny_unknown_fields)]
pub(crate) enum FaultForm {
    /// Cuts every link between nodes of different groups.
    Partition(Spanned<Vec<Spanned<Vec<Name>>>>),
    /// Cuts links in one direction: `"ada->eve"`.
    Cut(Name),
    /// Cuts all links of these nodes.
    Isolate(Spanned<Vec<Name>>),
    /// Makes links worse.
    Degrade {
        /// Which: `"*->eve"`.
        links: Name,
        /// Delays become this many times as long; 1.
        #[serde(default)]
        delay_factor: Option<Spanned<f64>>,
        /// Additional loss; 0.
        #[serde(default = "never")]
        #[schemars(with = "Option<ProbabilitySchema>")]
        loss: Probability,
    },
    /// The node stops and loses its volatile state; it restarts at `until`.
    Crash(Name),
    /// The same, between two effects of one handler.
    CrashAfterEffects {
        /// Who.
        node: Name,
        /// How many effects still leave.
        effects: u32,
    },
    /// The node handles nothing until it resumes.
    Pause(Name),
    /// The node's service takes longer.
    Slow {
        /// Who.
        node: Name,
        /// How many times as long.
        factor: Spanned<f64>,
    },
    /// The node boots only at `at`.
    LateBoot(Name),
    /// The wall clock jumps.
    ClockStep {
        /// Whose.
        node: Name,
        /// How far; positive is forward.
        by: Span64,
    },
    /// The clock's rate error changes.
    Drift {
        /// Whose.
        node: Name,
        /// The new rate error in parts per million.
        ppm: Spanned<f64>,
    },
}

/// Faults drawn within bounds.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RandomForm {
    /// None strikes earlier; the start.
    #[serde(default)]
    #[schemars(with = "Option<DurationSchema>")]
    pub from: Option<Duration>,
    /// All are undone by then.
    #[schemars(with = "DurationSchema")]
    pub until: When,
    /// How many strike at most.
    pub count: Spanned<u32>,
    /// How long each lasts.
    pub lasting: Delay,
    /// What they may be; anything.
    #[serde(default)]
    pub kinds: Option<Spanned<Vec<KindForm>>>,
    /// How many nodes may be down or paused at once; 1.
    #[serde(default)]
    pub down_max: Option<u32>,
}

/// What a random fault may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "RandomKind")]
pub(crate) enum KindForm {
    /// A partition into two groups.
    Partition,
    /// One directed link is cut.
    Cut,
    /// One node is isolated.
    Isolate,
    /// All links of one node become worse.
    Degrade,
    /// A crash with restart.
    Crash,
    /// A crash in the middle of a handler, with restart.
    CrashBetweenEffects,
    /// A pause.
    Pause,
    /// A clock step.
    ClockStep,
}
