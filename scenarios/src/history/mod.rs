//! Histories in files: what clients asked of a shared object and were told.
//!
//! Two forms are read: JSON lines (see [`to_json`], which writes them) and the plain-text log of
//! Jepsen. Which one a text is in shows in its first line.

mod jepsen;
mod json;

use std::collections::BTreeMap;

use seedbed_core::check::History;
use seedbed_node::{Call, Names, NodeId, Operation, Reply, Step, Time};

use crate::diagnose::{Finding, PROBLEMS_MAX, Problems};
use crate::text::{Source, Span};

pub use json::to_json;

/// The kind of object that a history is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Model {
    /// One register: read, write.
    Register,
    /// One register: read, write, compare and swap.
    CasRegister,
    /// Registers by key: read, write, compare and swap.
    Kv,
    /// A lock: acquire, release.
    Mutex,
}

impl Model {
    /// All of them.
    pub const ALL: [Model; 4] = [Model::Register, Model::CasRegister, Model::Kv, Model::Mutex];

    /// What the command line calls it.
    pub fn name(self) -> &'static str {
        match self {
            Model::Register => "register",
            Model::CasRegister => "cas-register",
            Model::Kv => "kv",
            Model::Mutex => "mutex",
        }
    }

    /// Whether its objects can be called so.
    fn knows(self, what: What) -> bool {
        match what {
            What::Read | What::Write => self != Model::Mutex,
            What::Cas => matches!(self, Model::CasRegister | Model::Kv),
            What::Acquire | What::Release => self == Model::Mutex,
        }
    }
}

/// A history from a file, and what its clients are called there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadHistory {
    /// The calls.
    pub history: History,
    /// The clients.
    pub clients: Names,
}

/// Reads a history.
///
/// # Errors
/// What is wrong with it, at its line.
pub fn read_history(name: &str, text: &str, model: Model) -> Result<ReadHistory, Problems> {
    let mut reader = Reader { model, ..Reader::default() };
    if model != Model::Kv {
        reader.history.name_key(0, String::new());
    }
    let mut findings = Vec::new();
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let form: fn(&str, Model) -> Result<Option<Line<'_>>, String> =
        if first.trim_start().starts_with('{') { json::line } else { jepsen::line };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let start = offset + (line.len() - line.trim_start().len());
        offset += line.len();
        if content.is_empty() {
            continue;
        }
        let taken = form(content, model).and_then(|line| match line {
            Some(line) => reader.take(&line),
            None => Ok(()),
        });
        if let Err(why) = taken {
            findings.push(Finding::at(Span { start, end: start + content.len() }, why));
            if findings.len() >= PROBLEMS_MAX {
                break;
            }
        }
    }
    if findings.is_empty() && reader.history.is_empty() {
        let help = "expected lines such as {\"process\": 0, \"type\": \"invoke\", \"f\": \"write\", \
                    \"value\": 3} or INFO  jepsen.util - 0  :invoke  :write  3";
        findings.push(Finding::nowhere("the file holds no history").help(help));
    }
    if findings.is_empty() {
        let clients =
            if reader.clients.is_empty() { Names::numbered(1) } else { Names::new(reader.clients) };
        return Ok(ReadHistory { history: reader.history, clients });
    }
    Err(Problems::new(&Source::new(name, text), findings))
}

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    Read,
    Write,
    Cas,
    Acquire,
    Release,
}

impl What {
    fn find(word: &str) -> Option<What> {
        Some(match word {
            "read" => What::Read,
            "write" => What::Write,
            "cas" => What::Cas,
            "acquire" => What::Acquire,
            "release" => What::Release,
            _ => return None,
        })
    }
}

/// What a line says of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Invoke,
    Ok,
    Fail,
    Info,
}

impl Kind {
    fn find(word: &str) -> Option<Kind> {
        Some(match word {
            "invoke" => Kind::Invoke,
            "ok" => Kind::Ok,
            "fail" => Kind::Fail,
            "info" => Kind::Info,
            _ => return None,
        })
    }
}

/// The key of a call.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Key {
    Number(u64),
    Text(String),
}

/// What stands where a value is expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Content {
    /// Nothing, or something that is no value, such as the reason of a failure.
    None,
    One(u64),
    Pair(u64, u64),
}

/// A line of a history.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Line<'a> {
    process: std::borrow::Cow<'a, str>,
    kind: Kind,
    what: What,
    key: Option<Key>,
    content: Content,
    time: Option<Time>,
}

/// Keys that are words are numbered from here.
const WORDS_FROM: u64 = 1 << 63;

/// Puts lines together.
struct Reader {
    model: Model,
    history: History,
    clients: Vec<String>,
    /// Each client, and the call that it has under way.
    under_way: BTreeMap<String, (NodeId, u32, Option<Call>)>,
    keys: BTreeMap<String, u64>,
}

impl Default for Reader {
    fn default() -> Self {
        Reader {
            model: Model::Register,
            history: History::default(),
            clients: Vec::new(),
            under_way: BTreeMap::new(),
            keys: BTreeMap::new(),
        }
    }
}

impl Reader {
    fn take(&mut self, line: &Line<'_>) -> Result<(), String> {
        let process = line.process.as_ref();
        if !self.model.knows(line.what) {
            let (what, model) = (format!("{:?}", line.what).to_lowercase(), self.model.name());
            return Err(format!("a {model} knows no `{what}`"));
        }
        let key = self.key(line)?;
        if !self.under_way.contains_key(process) {
            let id = NodeId(self.clients.len() as u32);
            self.clients.push(process.to_owned());
            self.under_way.insert(process.to_owned(), (id, 0, None));
        }
        let (client, begun, open) = self.under_way.get_mut(process).expect("inserted just before");
        let step = match (line.kind, *open) {
            (Kind::Invoke, Some(_)) => {
                return Err(format!("{process} begins a call while its last one is under way"));
            }
            (Kind::Invoke, None) => {
                let call = asked(line.what, key, line.content)?;
                *open = Some(call);
                *begun += 1;
                Step::Invoke { operation: operation(*client, *begun), call }
            }
            (_, None) => return Err(format!("{process} ends a call that it has not begun")),
            (kind, Some(call)) => {
                if !same(line.what, call) {
                    return Err(format!("{process} ends another call than it has begun"));
                }
                *open = None;
                let operation = operation(*client, *begun);
                match (kind, told(call, line)?) {
                    (Kind::Info, _) => Step::Unknown { operation },
                    (_, Some(reply)) => Step::Return { operation, reply },
                    (_, None) => Step::Fail { operation },
                }
            }
        };
        self.history.push(step, line.time).map_err(|why| why.to_string())
    }

    fn key(&mut self, line: &Line<'_>) -> Result<u64, String> {
        match &line.key {
            Some(_) if self.model != Model::Kv => {
                Err(format!("a {} has no keys: the model with keys is kv", self.model.name()))
            }
            None if self.model == Model::Kv => Err("a call of a kv needs a key".into()),
            None => Ok(0),
            Some(Key::Number(number)) if *number < WORDS_FROM => Ok(*number),
            Some(Key::Number(number)) => Err(format!("key {number} is too large")),
            Some(Key::Text(word)) => {
                let next = WORDS_FROM + self.keys.len() as u64;
                let key = *self.keys.entry(word.clone()).or_insert(next);
                self.history.name_key(key, word.clone());
                Ok(key)
            }
        }
    }
}

fn operation(client: NodeId, begun: u32) -> Operation {
    Operation { client, number: begun - 1 }
}

fn asked(what: What, key: u64, content: Content) -> Result<Call, String> {
    match (what, content) {
        (What::Read, _) => Ok(Call::Read { key }),
        (What::Write, Content::One(value)) => Ok(Call::Write { key, value }),
        (What::Write, _) => Err("a write needs a value: a whole number".into()),
        (What::Cas, Content::Pair(expected, new)) => Ok(Call::Cas { key, expected, new }),
        (What::Cas, _) => Err("a cas needs two values: the expected one and the new one".into()),
        (What::Acquire, _) => Ok(Call::Acquire),
        (What::Release, _) => Ok(Call::Release),
    }
}

fn same(what: What, call: Call) -> bool {
    what == match call {
        Call::Read { .. } => What::Read,
        Call::Write { .. } => What::Write,
        Call::Cas { .. } => What::Cas,
        Call::Acquire => What::Acquire,
        Call::Release => What::Release,
    }
}

/// What a call that has ended was told; `None`: it had no effect. A compare-and-swap that fails
/// with its values has found something else; any other failure had no effect.
fn told(call: Call, line: &Line<'_>) -> Result<Option<Reply>, String> {
    Ok(Some(match (call, line.kind, line.content) {
        (Call::Cas { .. }, Kind::Ok, _) => Reply::Swapped(true),
        (Call::Cas { .. }, Kind::Fail, Content::Pair(..)) => Reply::Swapped(false),
        (_, Kind::Fail | Kind::Info | Kind::Invoke, _) => return Ok(None),
        (Call::Read { .. }, Kind::Ok, Content::None) => Reply::Value(None),
        (Call::Read { .. }, Kind::Ok, Content::One(value)) => Reply::Value(Some(value)),
        (Call::Read { .. }, Kind::Ok, Content::Pair(..)) => {
            return Err("a read returns one value, or none".into());
        }
        (Call::Write { .. } | Call::Acquire | Call::Release, Kind::Ok, _) => Reply::Done,
    }))
}

#[cfg(test)]
mod tests;
