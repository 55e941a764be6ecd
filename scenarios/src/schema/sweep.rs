//! `sweep:`

use schemars::JsonSchema;
use seedbed_node::Duration;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::value::{DurationSchema, Name};
use crate::sweep::Chart;
use crate::text::Spanned;

/// Many points of a parameter space, each run with many seeds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Sweep", deny_unknown_fields)]
pub(crate) struct SweepForm {
    /// The parameters that vary.
    pub axes: Spanned<Vec<AxisForm>>,
    /// How their values are combined; `Product`.
    #[serde(default)]
    pub combine: CombineForm,
    /// The seeds that every point is run with, the last not included: `"0..20"`, which is the default.
    #[serde(default)]
    pub seeds: Option<Spanned<String>>,
    /// The figures that are drawn of the results; none.
    #[serde(default)]
    pub charts: Vec<Chart>,
}

/// One parameter: its values are listed in `values`, or follow from `range`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Axis", deny_unknown_fields)]
pub(crate) struct AxisForm {
    /// What its column is called.
    pub name: Name,
    /// The path in the scenario that a value is put at, as with `--set`, or a list of paths: then
    /// every value is a list of as many. The name is the path unless this is given.
    #[serde(default)]
    pub sets: Option<Spanned<SetsForm>>,
    /// The values, as the scenario would write them: a list, or a map from what they are called in
    /// results to what they are.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    #[allow(dead_code, reason = "read from the tree: a value may be anything")]
    pub values: Option<IgnoredAny>,
    /// The values by the first, the last and what lies between.
    #[serde(default)]
    pub range: Option<Spanned<RangeForm>>,
}

/// One path or several.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Sets")]
pub(crate) enum SetsForm {
    /// One.
    #[serde(rename = "$text")]
    One(Name),
    /// Several.
    #[serde(rename = "$list")]
    Several(Vec<Name>),
}

/// How the values of several axes are combined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename = "Combine")]
pub(crate) enum CombineForm {
    /// Every value of one with every value of the others; the last axis varies fastest.
    #[default]
    Product,
    /// The first values of all, the second values of all, and so on.
    Zip,
}

/// Values by their ends: with `step` in equal distances, with `factor` in equal ratios.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Range", deny_unknown_fields)]
pub(crate) struct RangeForm {
    /// The first value.
    pub from: QuantityForm,
    /// No value is beyond this.
    pub to: QuantityForm,
    /// Every value is so much greater than the one before.
    #[serde(default)]
    pub step: Option<QuantityForm>,
    /// Every value is so many times the one before; whole numbers are rounded.
    #[serde(default)]
    pub factor: Option<f64>,
}

/// A number or a duration.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Quantity")]
pub(crate) enum QuantityForm {
    /// A number.
    #[serde(rename = "$number")]
    Number(f64),
    /// A duration.
    #[serde(rename = "$text")]
    Time(#[schemars(with = "DurationSchema")] Duration),
}
