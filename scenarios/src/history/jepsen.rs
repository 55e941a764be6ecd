//! Jepsen's plain-text log: `INFO  jepsen.util - 3  :invoke  :cas  [0 4]`, columns separated by
//! white space. With keys, a value is a pair of key and value: `[7 [0 4]]`.
//!
//! Lines of other loggers, and of the nemesis, are passed over.

use super::{Content, Key, Kind, Line, Model, What};

/// What a line says; `None` if it is not about a call.
pub fn line(text: &str, model: Model) -> Result<Option<Line<'_>>, String> {
    let Some((_, rest)) = text.split_once("jepsen.util - ") else { return Ok(None) };
    let mut columns = rest.split_whitespace();
    let process = columns.next().unwrap_or_default();
    let Some(kind) = columns.next() else { return Ok(None) };
    if process == ":nemesis" {
        return Ok(None);
    }
    if process.parse::<u64>().is_err() {
        // Prose of the same logger.
        return if kind.starts_with(':') {
            Err(format!("`{process}` is no process: expected a number"))
        } else {
            Ok(None)
        };
    }
    let kind = Kind::find(kind.trim_start_matches(':'))
        .ok_or_else(|| format!("unknown type `{kind}`: expected :invoke, :ok, :fail or :info"))?;
    let what = columns.next().unwrap_or_default();
    let what = What::find(what.trim_start_matches(':')).ok_or_else(|| {
        format!("unknown call `{what}`: expected :read, :write, :cas, :acquire or :release")
    })?;
    let rest = columns.collect::<Vec<_>>().join(" ");
    let (key, content) = if model == Model::Kv { keyed(&rest)? } else { (None, value(&rest)?) };
    Ok(Some(Line { process: process.into(), kind, what, key, content, time: None }))
}

/// `[key value]`.
fn keyed(text: &str) -> Result<(Option<Key>, Content), String> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let (key, rest) = inner
        .map(|inner| inner.split_once(' ').unwrap_or((inner, "nil")))
        .ok_or("a call of a kv is written [key value]")?;
    let word = key.trim_matches('"');
    let key = word.parse().map_or_else(|_| Key::Text(word.to_owned()), Key::Number);
    Ok((Some(key), value(rest.trim())?))
}

/// `nil`, a number, `[expected new]`, or a keyword such as `:timed-out`.
fn value(text: &str) -> Result<Content, String> {
    let number = |text: &str| {
        text.parse::<u64>().map_err(|_| format!("`{text}` is no value: expected a whole number"))
    };
    if text.is_empty() || text == "nil" || text.starts_with(':') {
        return Ok(Content::None);
    }
    match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        None => Ok(Content::One(number(text)?)),
        Some(pair) => match pair.split_once(' ') {
            Some((expected, new)) => Ok(Content::Pair(number(expected)?, number(new.trim())?)),
            None => Err(format!("`{text}` is no pair: expected [expected new]")),
        },
    }
}
