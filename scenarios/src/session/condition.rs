//! Until when a run is stepped on: `time 3s`, `event 100`, `node ada`, `says Grant`, `state ada Held`.

use std::fmt;

use seedbed_node::{Duration, NodeId, Time};

use super::Session;
use crate::diagnose::nearest;

/// Something that may be true after an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// So much virtual time has passed.
    At(Time),
    /// Something occurred at this node.
    Node(NodeId),
    /// What occurred contains this text.
    Says(String),
    /// The state of a node, as Rust prints it, contains this text, and did not before.
    State(NodeId, String),
    /// The run is over.
    End,
}

/// Why a text is no condition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConditionError(String);

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConditionError {}

/// What a condition can look like, for messages.
const FORMS: &str = "expected `time 3s`, `node NAME`, `says TEXT`, `state NAME TEXT` or `end`";

impl Condition {
    /// Reads a condition in a session.
    ///
    /// # Errors
    /// If it is none, or names no node.
    pub fn parse(text: &str, session: &Session) -> Result<Condition, ConditionError> {
        let (word, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let rest = rest.trim();
        let wrong = || ConditionError(format!("`{}` is no condition: {FORMS}", text.trim()));
        match (word, rest) {
            ("end", "") => Ok(Condition::End),
            (_, "") => Err(wrong()),
            ("time", time) => {
                let after = time.parse::<Duration>();
                after
                    .map(|after| Condition::At(Time::ZERO + after))
                    .map_err(|why| ConditionError(why.to_string()))
            }
            ("node", name) => node_called(name, session).map(Condition::Node),
            ("says", text) => Ok(Condition::Says(text.to_owned())),
            ("state", rest) => {
                let (name, text) = rest.split_once(' ').ok_or_else(wrong)?;
                Ok(Condition::State(node_called(name, session)?, text.trim().to_owned()))
            }
            _ => Err(wrong()),
        }
    }

    /// Whether it holds now, after a step.
    pub(super) fn holds(&self, session: &Session) -> bool {
        let view = session.view();
        match self {
            Condition::At(time) => view.now >= *time,
            Condition::Node(node) => session.heard.lock().iter().any(|said| said.node == *node),
            Condition::Says(text) => {
                session.heard.lock().iter().any(|said| said.text.contains(text))
            }
            Condition::State(node, text) => {
                let state = view.nodes.get(node.index()).and_then(|node| node.state.as_ref());
                state.is_some_and(|state| state.contains(text))
            }
            Condition::End => session.is_over(),
        }
    }
}

/// The node of that name.
///
/// # Errors
/// If there is none; the error says which was perhaps meant.
pub fn node_called(name: &str, session: &Session) -> Result<NodeId, ConditionError> {
    let names = session.names();
    let known: Vec<String> =
        names.iter().take(session.plan.nodes() as usize).map(Into::into).collect();
    if let Some(at) = known.iter().position(|known| known == name) {
        return Ok(NodeId(at as u32));
    }
    let meant = nearest(name, known.iter().map(String::as_str));
    let meant = meant.map(|name| format!(": did you mean `{name}`?")).unwrap_or_default();
    Err(ConditionError(format!("no node is called `{name}`{meant}")))
}
