//! `clocks:`

use schemars::JsonSchema;
use seedbed_node::Duration;
use serde::Deserialize;

use super::value::{DurationSchema, Name, Span64};
use crate::text::Spanned;

/// The nodes' clocks; perfect unless something is said.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClocksForm {
    /// The wall clock's lead over true time at the start; none.
    pub offset: Option<Spanned<OffsetForm>>,
    /// The rate error in parts per million; none.
    pub drift_ppm: Option<Spanned<DriftForm>>,
    /// How the rate error wanders; not at all.
    pub wander: Option<Spanned<WanderForm>>,
    /// Readings are rounded down to a multiple of this; a nanosecond.
    #[schemars(with = "Option<DurationSchema>")]
    pub granularity: Option<Duration>,
    /// Exceptions by node; what is left out is as for the others.
    pub nodes: Vec<ClockRuleForm>,
}

/// One node's clock.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockRuleForm {
    /// Whose.
    pub on: Name,
    /// The wall clock's lead over true time at the start.
    pub offset: Option<Spanned<OffsetForm>>,
    /// The rate error in parts per million.
    pub drift_ppm: Option<Spanned<DriftForm>>,
    /// How the rate error wanders.
    pub wander: Option<Spanned<WanderForm>>,
    /// Readings are rounded down to a multiple of this.
    #[schemars(with = "Option<DurationSchema>")]
    pub granularity: Option<Duration>,
}

/// A distribution of offsets.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Offset", deny_unknown_fields)]
pub(crate) enum OffsetForm {
    /// Always the same.
    #[serde(rename = "$text")]
    Bare(Span64),
    /// Always the same.
    Constant(Span64),
    /// Uniform between two bounds.
    Uniform(Span64, Span64),
    /// Normal.
    Normal {
        #[serde(default)]
        mean: Span64,
        sd: Span64,
    },
}

/// A distribution of rate errors in parts per million.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Drift", deny_unknown_fields)]
pub(crate) enum DriftForm {
    /// Always the same.
    #[serde(rename = "$number")]
    Bare(f64),
    /// Always the same.
    Constant(f64),
    /// Uniform between two bounds.
    Uniform(f64, f64),
    /// Normal.
    Normal {
        #[serde(default)]
        mean: f64,
        sd: f64,
    },
}

/// A bounded random walk of the rate error.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WanderForm {
    /// How often the rate changes, in true time.
    #[schemars(with = "DurationSchema")]
    pub every: Duration,
    /// The largest change in parts per million, either way.
    pub step_ppm: f64,
    /// The walk stays this near to the initial rate error.
    pub bound_ppm: f64,
}
