//! Histories as JSON lines, one step a line:
//!
//! ```json
//! {"process": "ada", "type": "invoke", "f": "write", "key": 7, "value": 3, "time": 1000}
//! {"process": "ada", "type": "ok", "f": "write", "key": 7, "value": 3, "time": 2500}
//! ```
//!
//! - `process`: a number or a text; a client makes one call at a time.
//! - `type`: `invoke`, then `ok`, `fail` (it had no effect; of a `cas` with its values: it found
//!   something else) or `info` (unknown: it may take effect at any later time, or never).
//! - `f`: `read`, `write`, `cas`, `acquire`, `release`.
//! - `key`: a number or a text, for the model `kv` only.
//! - `value`: a whole number; of a `cas`, `[expected, new]`; of a read that returned, what it
//!   returned, `null` for nothing.
//! - `time`: nanoseconds; optional, for explanations only. The order of the lines decides.
//!
//! Other fields are passed over.

use std::borrow::Cow;
use std::collections::BTreeMap;

use seedbed_node::{Call, Names, Operation, Reply, Step, Time};
use serde::{Deserialize, Serialize};

use super::{Content, Key, Kind, Line, Model, What};

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    process: Word<'a>,
    r#type: Cow<'a, str>,
    f: Cow<'a, str>,
    #[serde(borrow, default)]
    key: Option<Word<'a>>,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    time: Option<u64>,
}

/// A name, or a number that is one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Word<'a> {
    Number(u64),
    Text(#[serde(borrow)] Cow<'a, str>),
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Value {
    #[default]
    None,
    One(u64),
    Pair(u64, u64),
    /// Why it failed.
    Reason(#[allow(dead_code, reason = "only its presence matters")] String),
}

/// What a line says.
pub fn line(text: &str, _model: Model) -> Result<Option<Line<'_>>, String> {
    let object: Object<'_> =
        serde_json::from_str(text).map_err(|why| format!("not a step of a history: {why}"))?;
    let kind = Kind::find(&object.r#type).ok_or_else(|| {
        format!("unknown type `{}`: expected invoke, ok, fail or info", object.r#type)
    })?;
    let what = What::find(&object.f).ok_or_else(|| {
        format!("unknown call `{}`: expected read, write, cas, acquire or release", object.f)
    })?;
    let process = match object.process {
        Word::Number(number) => Cow::Owned(number.to_string()),
        Word::Text(text) => text,
    };
    let key = object.key.map(|key| match key {
        Word::Number(number) => Key::Number(number),
        Word::Text(text) => Key::Text(text.into_owned()),
    });
    let content = match object.value {
        Value::None | Value::Reason(_) => Content::None,
        Value::One(value) => Content::One(value),
        Value::Pair(expected, new) => Content::Pair(expected, new),
    };
    Ok(Some(Line { process, kind, what, key, content, time: object.time.map(Time) }))
}

/// The steps of a run as JSON lines, which [`read_history`](super::read_history) reads.
pub fn to_json(steps: &[(Time, Step)], clients: &Names) -> String {
    #[derive(Serialize)]
    struct Written<'a> {
        process: Cow<'a, str>,
        r#type: &'static str,
        f: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<u64>,
        value: serde_json::Value,
        time: u64,
    }
    // A client of a run may make several calls at once, and go on after one that never returns: the
    // further ones are of processes of their own.
    let mut lanes: BTreeMap<Operation, (u32, Call)> = BTreeMap::new();
    let mut text = String::new();
    for (at, step) in steps {
        let (operation, kind) = match *step {
            Step::Invoke { operation, call } => {
                let busy = |lane: &u32| {
                    let mut open = lanes.iter();
                    open.any(|(other, (l, _))| other.client == operation.client && l == lane)
                };
                let lane = (0..).find(|lane| !busy(lane)).expect("lanes do not end");
                lanes.insert(operation, (lane, call));
                (operation, "invoke")
            }
            Step::Return { operation, reply: Reply::Swapped(false) } => (operation, "fail"),
            Step::Return { operation, .. } => (operation, "ok"),
            Step::Fail { operation } => (operation, "fail"),
            // A late answer may still come.
            Step::Unknown { .. } => continue,
        };
        let Some(&(lane, call)) = lanes.get(&operation) else { continue };
        if kind != "invoke" {
            lanes.remove(&operation);
        }
        let (f, key, asked) = match call {
            Call::Read { key } => ("read", Some(key), serde_json::Value::Null),
            Call::Write { key, value } => ("write", Some(key), value.into()),
            Call::Cas { key, expected, new } => ("cas", Some(key), vec![expected, new].into()),
            Call::Acquire => ("acquire", None, serde_json::Value::Null),
            Call::Release => ("release", None, serde_json::Value::Null),
        };
        let value = match *step {
            Step::Return { reply: Reply::Value(value), .. } => value.into(),
            Step::Fail { .. } => "no effect".into(),
            _ => asked,
        };
        let name = clients.of(operation.client);
        let process = match lane {
            0 => Cow::Borrowed(name),
            lane => Cow::Owned(format!("{name}-{lane}")),
        };
        let written = Written { process, r#type: kind, f, key, value, time: at.as_nanos() };
        text += &serde_json::to_string(&written).expect("plain data with text keys is JSON");
        text.push('\n');
    }
    text
}
