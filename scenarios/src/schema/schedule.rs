//! `schedule:`

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, SeqAccess};
use serde::{Deserialize, Deserializer};

use super::value::{DurationSchema, Name, When};
use crate::text::Spanned;

/// An exact order of what happens, in the place of the network's doings and of most faults.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleForm {
    /// What happens, in order of time.
    pub steps: Vec<Spanned<StepForm>>,
    /// The position (from 0) of the step before which everything is as it is after the last: from
    /// there on the steps repeat themselves for ever.
    pub repeats_from: Option<Spanned<u32>>,
    /// What the nodes are given for their choices before the first step; 0 for each.
    #[serde(default)]
    pub choices: Vec<u32>,
    /// When the run ends; with its last step.
    #[schemars(with = "Option<DurationSchema>")]
    pub ends_at: Option<When>,
    /// Whether more would have followed that is no step, so that nothing is taken to be pending for
    /// ever; `false`.
    #[serde(default)]
    pub unfinished: bool,
}

/// One step: its instant, one thing that happens, and what is special about it.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepForm {
    /// When.
    #[schemars(with = "DurationSchema")]
    pub at: When,
    /// A message arrives: `("ada", "bob", "Request")`, or `("ada", "bob", "Request", 2)` for the
    /// third of its kind that ada sends bob.
    pub deliver: Option<Spanned<MessageForm>>,
    /// A message is lost.
    pub lose: Option<Spanned<MessageForm>>,
    /// A message is copied; the copy has the same name.
    pub duplicate: Option<Spanned<MessageForm>>,
    /// A timer expires: `("bob", "Retry")`.
    pub timer: Option<Spanned<(Name, String)>>,
    /// A client wakes up: `"ada"`, or `("ada", 3)` where it sleeps for several things.
    pub wake: Option<Spanned<WakeForm>>,
    /// The oldest request of a client that waits is handled.
    pub request: Option<Name>,
    /// A node stops and loses its volatile state.
    pub crash: Option<Name>,
    /// A node that is down boots.
    pub boot: Option<Name>,
    /// What the node that acts is given for its choices; 0 for each.
    #[serde(default)]
    pub choices: Vec<u32>,
    /// The node that acts crashes after so many of its effects.
    pub crash_after: Option<Spanned<u32>>,
    /// How many unforced writes survive the crash; 0.
    pub writes_kept: Option<Spanned<u32>>,
    /// Whether it comes before the requests of the same instant that wait; `false`.
    #[serde(default)]
    pub before_requests: bool,
}

/// A message by its sender, its receiver, its kind, and how many like it were sent before.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct MessageForm {
    pub from: Name,
    pub to: Name,
    pub kind: Spanned<String>,
    pub nth: u32,
}

impl<'de> Deserialize<'de> for MessageForm {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> de::Visitor<'de> for Parts {
            type Value = MessageForm;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message (from, to, kind)")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<MessageForm, A::Error> {
                let few = || de::Error::custom("a message is named by (from, to, kind)");
                let from = parts.next_element()?.ok_or_else(few)?;
                let to = parts.next_element()?.ok_or_else(few)?;
                let kind = parts.next_element()?.ok_or_else(few)?;
                let nth = parts.next_element()?.unwrap_or(0);
                Ok(MessageForm { from, to, kind, nth })
            }
        }
        from.deserialize_tuple(3, Parts)
    }
}

impl JsonSchema for MessageForm {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Message".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = json_schema!({ "type": "string" });
        json_schema!({
            "type": "array",
            "prefixItems": [text, text, text, { "type": "integer", "minimum": 0 }],
            "minItems": 3,
            "maxItems": 4,
        })
    }
}

/// Which client wakes, and what for.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Wake", deny_unknown_fields)]
pub(crate) enum WakeForm {
    /// For the thing with tag 0.
    #[serde(rename = "$text")]
    Bare(Name),
    /// For the thing with this tag.
    #[serde(rename = "$group")]
    Tagged(Name, u64),
    /// The same as JSON writes it.
    #[serde(rename = "$list")]
    Listed(Name, u64),
}

impl WakeForm {
    /// The client and the tag.
    pub fn parts(&self) -> (&Name, u64) {
        match self {
            WakeForm::Bare(client) => (client, 0),
            WakeForm::Tagged(client, tag) | WakeForm::Listed(client, tag) => (client, *tag),
        }
    }
}
