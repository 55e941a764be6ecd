//! `checks:` and `expect:`

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{DurationSchema, Text, When};
use crate::text::Spanned;

/// Something that is judged.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Check", deny_unknown_fields)]
pub(crate) enum CheckForm {
    /// Safety: holds at every instant.
    Always(Text),
    /// Liveness with a deadline.
    Within(#[schemars(with = "DurationSchema")] When, Text),
    /// Liveness: once faults have healed, all that was begun completes.
    Eventually(Text),
    /// A figure of the whole run.
    AtEnd(Text, Demand),
}

/// What a figure must be.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) enum Demand {
    /// Exactly this; of messages per operation: for every single operation.
    Equals(Spanned<Expected>),
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// Between these, both included.
    Between(f64, f64),
}

/// A number, or what theory says.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) enum Expected {
    /// A number.
    #[serde(rename = "$number")]
    Number(f64),
    /// The algorithm's theory for this many nodes.
    Theory,
}

/// How the run is meant to end, for `run --as-expected`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Expect", deny_unknown_fields)]
pub(crate) enum ExpectForm {
    /// Every check holds.
    Held,
    /// This check fails.
    Breach(Spanned<String>),
    /// The run is too short to tell.
    Inconclusive,
}

impl Eq for Spanned<String> {}
