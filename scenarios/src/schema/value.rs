//! Leaves: durations, signed durations, distributions, names.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use seedbed_node::{Distribution, Duration, Probability};
use serde::{Deserialize, Deserializer, de};

use crate::text::{Spanned, Word};

/// A node's name with its place.
pub(crate) type Name = Spanned<String>;

/// A word or text with its place.
pub(crate) type Text = Spanned<Word>;

/// A duration with its place.
pub(crate) type When = Spanned<Duration>;

/// A distribution of durations with its place; a bare duration is constant.
pub(crate) type Delay = Spanned<DelayForm>;

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl JsonSchema for Word {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Word".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// A length of time in nanoseconds, of either sign: `"-5ms"`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Span64(pub i64);

impl<'de> Deserialize<'de> for Span64 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Span64;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as \"5ms\" or \"-5ms\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Span64, E> {
                let (sign, rest) = match text.trim().strip_prefix('-') {
                    Some(rest) => (-1, rest),
                    None => (1, text.trim().strip_prefix('+').unwrap_or(text)),
                };
                let length: Duration = rest.parse().map_err(E::custom)?;
                let ns = i64::try_from(length.as_nanos())
                    .map_err(|_| E::custom("longer than 292 years"))?;
                Ok(Span64(sign * ns))
            }
        }
        from.deserialize_str(Visitor)
    }
}

/// The pattern of durations, for editors.
const DURATION: &str = r"^\s*[0-9_]+(\.[0-9_]+)?\s*(ns|us|µs|ms|s|min|h|d)\s*$";

impl JsonSchema for Span64 {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "SignedDuration".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = DURATION.replacen('^', "^[-+]?", 1);
        json_schema!({ "type": "string", "pattern": pattern })
    }
}

/// A duration, for schemars.
pub(crate) struct DurationSchema;

impl JsonSchema for DurationSchema {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": DURATION })
    }
}

/// A probability, for schemars.
pub(crate) struct ProbabilitySchema;

impl JsonSchema for ProbabilitySchema {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Probability".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 1 })
    }
}

/// A distribution of durations.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Distribution", deny_unknown_fields)]
pub(crate) enum DelayForm {
    /// Always the same.
    #[serde(rename = "$text")]
    Bare(#[schemars(with = "DurationSchema")] Duration),
    /// Always the same.
    Constant(#[schemars(with = "DurationSchema")] Duration),
    /// Uniform between two bounds.
    Uniform(
        #[schemars(with = "DurationSchema")] Duration,
        #[schemars(with = "DurationSchema")] Duration,
    ),
    /// Memoryless, by its mean.
    Exponential {
        #[schemars(with = "DurationSchema")]
        mean: Duration,
    },
    /// Normal, truncated at zero.
    Normal {
        #[schemars(with = "DurationSchema")]
        mean: Duration,
        #[schemars(with = "DurationSchema")]
        sd: Duration,
    },
    /// Log-normal, by its median.
    LogNormal {
        #[schemars(with = "DurationSchema")]
        median: Duration,
        sigma: f64,
    },
    /// Pareto, never below its scale.
    Pareto {
        #[schemars(with = "DurationSchema")]
        scale: Duration,
        shape: f64,
    },
    /// One of the listed values, in proportion to their weights.
    Empirical(#[schemars(with = "Vec<(DurationSchema, u32)>")] Vec<(Duration, u32)>),
}

impl DelayForm {
    /// The distribution, unchecked.
    pub fn lower(&self) -> Distribution {
        match self.clone() {
            DelayForm::Bare(value) | DelayForm::Constant(value) => Distribution::Constant(value),
            DelayForm::Uniform(low, high) => Distribution::Uniform(low, high),
            DelayForm::Exponential { mean } => Distribution::Exponential { mean },
            DelayForm::Normal { mean, sd } => Distribution::Normal { mean, sd },
            DelayForm::LogNormal { median, sigma } => Distribution::LogNormal { median, sigma },
            DelayForm::Pareto { scale, shape } => Distribution::Pareto { scale, shape },
            DelayForm::Empirical(values) => Distribution::Empirical(values),
        }
    }
}

/// A probability by its value, for forms that default to none.
pub(crate) fn never() -> Probability {
    Probability::NEVER
}
