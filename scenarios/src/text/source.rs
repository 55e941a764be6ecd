//! A scenario's text with its name and format.

use super::parse;
use super::set::Splice;
use super::tree::Node;
use crate::diagnose::{Finding, Problem, Problems};

/// The largest scenario, in bytes.
pub(crate) const BYTES_MAX: usize = 1 << 20;

/// How a scenario is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// Rusty Object Notation.
    #[default]
    Ron,
    /// JSON, with enums as `"Quiet"` or `{"Closed": {…}}`.
    Json,
}

/// A scenario's text, by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// What errors call it: a path, or a shipped scenario's name.
    pub name: String,
    /// The text.
    pub text: String,
    /// How it is written.
    pub format: Format,
}

impl Source {
    /// A source whose format follows from its name: JSON if it ends in `.json`, otherwise RON.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let name = name.into();
        let json = name
            .get(name.len().saturating_sub(5)..)
            .is_some_and(|end| end.eq_ignore_ascii_case(".json"));
        Source { name, text: text.into(), format: if json { Format::Json } else { Format::Ron } }
    }

    /// Replaces or creates the value at `path` (`network.loss`, `faults[0].at`), as `--set` does.
    ///
    /// `value` is written as in the file; bare words such as `30s` or `ada` are quoted. The text
    /// around stays as it is, comments included. Whether the value makes sense is only seen when
    /// the scenario is loaded.
    ///
    /// # Errors
    /// If the text cannot be parsed, the path is malformed or leads through something that has
    /// no fields, or the value cannot be parsed even when quoted.
    pub fn set(&mut self, path: &str, value: &str) -> Result<(), Problems> {
        match self.splice(path, value) {
            Ok(_) => Ok(()),
            Err(finding) => Err(Problems::one(Problem::new(self, finding))),
        }
    }

    /// The same, and what was changed.
    pub(crate) fn splice(&mut self, path: &str, value: &str) -> Result<Splice, Finding> {
        let splice = super::set::set(self, path, value)?;
        self.text = splice.apply(&self.text);
        Ok(splice)
    }

    /// Removes the value at `path` with its name, if there is one.
    ///
    /// # Errors
    /// If the text cannot be parsed, the path is malformed, or it leads to an item of a list.
    pub fn unset(&mut self, path: &str) -> Result<(), Problems> {
        match super::set::unset(self, path) {
            Ok(text) => {
                self.text = text;
                Ok(())
            }
            Err(finding) => Err(Problems::one(Problem::new(self, finding))),
        }
    }

    /// The tree of what the text says.
    pub(crate) fn tree(&self) -> Result<Node, Finding> {
        if self.text.len() > BYTES_MAX {
            return Err(Finding::nowhere(format!(
                "the text has {} bytes; at most {BYTES_MAX} are accepted",
                self.text.len()
            )));
        }
        let tree = parse::parse(&self.text, self.format)?;
        self.confirm(&tree)?;
        Ok(tree)
    }

    /// Has the format's own library confirm that the text is what it seems: what RON and JSON are
    /// is theirs to say. The tree exists for its spans.
    fn confirm(&self, tree: &Node) -> Result<(), Finding> {
        let refused = match self.format {
            Format::Ron => {
                ron::from_str::<ron::Value>(&self.text).err().map(|e| e.code.to_string())
            }
            Format::Json => serde_json::from_str::<serde::de::IgnoredAny>(&self.text)
                .err()
                .map(|e| e.to_string()),
        };
        match refused {
            Some(why) => Err(Finding::at(tree.head(), format!("malformed text: {why}"))),
            None => Ok(()),
        }
    }

    /// Line and column, both from 1; the column counts characters.
    pub(crate) fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        (line, column)
    }
}
