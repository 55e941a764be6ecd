//! What serde refuses, in the words of scenario files instead of Rust's.

use std::fmt::Display;

use serde::de::{self, Unexpected};

use crate::diagnose::Finding;

impl de::Error for Finding {
    fn custom<T: Display>(message: T) -> Self {
        Finding::nowhere(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Finding::nowhere(format!("expected {expected}, found {found}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Finding::nowhere(format!("expected {}, found {}", in_words(expected), shown(found)))
    }

    fn invalid_length(found: usize, expected: &dyn de::Expected) -> Self {
        Finding::nowhere(format!("expected {expected}, found {found} items"))
    }

    fn unknown_variant(word: &str, expected: &'static [&'static str]) -> Self {
        Finding::unknown("word", word, expected.iter().copied().filter(|v| !v.starts_with('$')))
    }

    fn unknown_field(word: &str, expected: &'static [&'static str]) -> Self {
        Finding::unknown("field", word, expected.iter().copied())
    }

    fn missing_field(field: &'static str) -> Self {
        Finding::nowhere(format!("the field `{field}` is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Finding::nowhere(format!("the field `{field}` is given twice"))
    }
}

/// What serde found: numbers as in the rest of our messages.
fn shown(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        other => other.to_string(),
    }
}

/// What serde expects, without the names of Rust's types.
pub(super) fn in_words(expected: &dyn de::Expected) -> String {
    match expected.to_string().as_str() {
        "u8" => "a whole number from 0 to 255".into(),
        "u16" => "a whole number from 0 to 65535".into(),
        "u32" => "a whole number from 0 to 4294967295".into(),
        "u64" => "a whole number from 0".into(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".into(),
        other => other.into(),
    }
}
