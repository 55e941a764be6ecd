//! `--set path=value`: replaces or creates one value by splicing the text.

use super::parse;
use super::path::{self, Step};
use super::source::{Format, Source};
use super::tree::{Group, Kind, Node, Span};
use crate::diagnose::Finding;

/// One change of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Splice {
    /// What is replaced, in the text as it was.
    pub old: Span,
    /// What takes its place.
    pub by: String,
    /// Where the value begins in that; names and parentheses may surround it.
    pub value_at: usize,
}

impl Splice {
    fn new(old: Span, by: String, value: &str) -> Self {
        let value_at = by.rfind(value).expect("the value is part of what takes the place");
        Splice { old, by, value_at }
    }

    /// The text with the change.
    pub fn apply(&self, text: &str) -> String {
        format!("{}{}{}", &text[..self.old.start], self.by, &text[self.old.end..])
    }
}

/// The change that puts `value` at `path`.
pub(super) fn set(source: &Source, path: &str, value: &str) -> Result<Splice, Finding> {
    let root = source.tree()?;
    let steps = path::parse(path)?;
    let mut node = &root;
    for (done, step) in steps.iter().enumerate() {
        let next = match step {
            Step::Field(name) => node.field(name),
            Step::Item(at) => node.item(*at),
        };
        match (next, step) {
            (Some(next), _) => node = next,
            (None, Step::Field(name)) => {
                let value = literal(value, None, source.format)?;
                let wrapped = nested(&steps[done + 1..], &value, source)?;
                let (old, by) = create(source, node, name, &wrapped)?;
                return Ok(Splice::new(old, by, &value));
            }
            (None, Step::Item(at)) => {
                return Err(Finding::at(node.head(), format!("there is no item [{at}] here")));
            }
        }
    }
    let value = literal(value, Some(node), source.format)?;
    Ok(Splice { old: node.span, by: value, value_at: 0 })
}

/// The text without the field at `path`.
pub(super) fn unset(source: &Source, path: &str) -> Result<String, Finding> {
    let root = source.tree()?;
    let steps = path::parse(path)?;
    let (mut node, mut field) = (&root, None);
    for step in &steps {
        let Step::Field(name) = step else {
            return Err(Finding::nowhere(format!("`{path}` is an item of a list")));
        };
        let Some(next) = node.field(name) else { return Ok(source.text.clone()) };
        field = place_of(node, name).map(|key| Span::new(key.start, next.span.end));
        node = next;
    }
    let Some(field) = field else { return Ok(source.text.clone()) };
    Ok(cut_out(&source.text, field, source.format))
}

/// Where the name of a field stands.
fn place_of(parent: &Node, name: &str) -> Option<Span> {
    match &parent.kind {
        Kind::Group(group) => {
            let keys = group.members.iter().filter_map(|member| member.key.as_ref());
            keys.clone().find(|(key, _)| key == name).map(|(_, span)| *span)
        }
        Kind::Map(entries) => {
            let named = |key: &Node| matches!(&key.kind, Kind::Text(text) if text == name);
            let found = entries.iter().find(|(key, _)| named(key)).map(|(key, _)| key.span);
            found.or_else(|| parent.variant().and_then(|(_, content)| place_of(content, name)))
        }
        Kind::Word(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => None,
    }
}

/// The text without a field, its comma, and its line if nothing else is on it.
fn cut_out(text: &str, field: Span, format: Format) -> String {
    let (before, after) = (&text[..field.start], &text[field.end..]);
    let gap = gap(after);
    if let Some(rest) = after[gap..].strip_prefix(',') {
        let line = rest.trim_start_matches([' ', '\t']).strip_prefix('\n');
        let indent = before.trim_end_matches([' ', '\t']);
        return match line {
            Some(next) if indent.ends_with('\n') => format!("{indent}{next}"),
            _ => format!("{before}{}", rest.trim_start_matches(' ')),
        };
    }
    // It was the last: in JSON, the comma before it has to go.
    let kept = before.trim_end().strip_suffix(',').filter(|_| format == Format::Json);
    format!("{}{after}", kept.unwrap_or(before))
}

/// How much space and how many comments a text begins with, in bytes.
fn gap(text: &str) -> usize {
    let mut rest = text.trim_start();
    loop {
        let next = if rest.starts_with("//") {
            rest.find('\n').map_or("", |end| &rest[end..])
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or("", |end| &rest[end + 2..])
        } else {
            return text.len() - rest.len();
        };
        rest = next.trim_start();
    }
}

/// The value as the file would write it: verbatim if that parses and can be meant, else quoted.
fn literal(value: &str, old: Option<&Node>, format: Format) -> Result<String, Finding> {
    let value = value.trim();
    let quoted = || serde_json::to_string(value).expect("texts can be quoted");
    match parse::parse(value, format) {
        Ok(node) => {
            let bare = match &node.kind {
                Kind::Word(word) => {
                    let constant = matches!(word.as_str(), "true" | "false" | "None" | "null");
                    let replaces_text = old.is_some_and(|n| matches!(n.kind, Kind::Text(_)));
                    !constant && (replaces_text || word.starts_with(char::is_lowercase))
                }
                _ => false,
            };
            // Only the value itself: a comment behind it would swallow what follows.
            Ok(if bare { quoted() } else { value[node.span.start..node.span.end].to_owned() })
        }
        Err(error) if value.contains(['(', '[', '{', '"']) => {
            Err(Finding::nowhere(format!("the value `{value}` cannot be read: {error}")))
        }
        Err(_) => Ok(quoted()),
    }
}

/// The value inside fresh parents, one for each further step.
fn nested(steps: &[Step], value: &str, source: &Source) -> Result<String, Finding> {
    steps.iter().rev().try_fold(value.to_owned(), |value, step| match (step, source.format) {
        (Step::Field(name), Format::Ron) => Ok(format!("({name}: {value})")),
        (Step::Field(name), Format::Json) => Ok(format!("{{{name:?}: {value}}}")),
        (Step::Item(at), _) => {
            Err(Finding::nowhere(format!("there is no list for the item [{at}]")))
        }
    })
}

/// What a new field in `parent` replaces, and by what.
fn create(
    source: &Source,
    parent: &Node,
    name: &str,
    value: &str,
) -> Result<(Span, String), Finding> {
    match &parent.kind {
        Kind::Group(group) if group.keyed() || group.members.is_empty() => {
            Ok(insert(&source.text, group, &format!("{name}: {value}")))
        }
        Kind::Word(word) if !matches!(word.as_str(), "true" | "false" | "None") => {
            Ok((parent.span, format!("{word}({name}: {value})")))
        }
        Kind::Map(_) if parent.variant().is_some() => {
            let (_, content) = parent.variant().expect("just seen");
            create(source, content, name, value)
        }
        Kind::Map(entries) => {
            let comma = if entries.is_empty() { "" } else { ", " };
            let at = Span::new(parent.span.start + 1, parent.span.start + 1);
            Ok((at, format!("{name:?}: {value}{comma}")))
        }
        Kind::Text(word) if source.format == Format::Json => {
            Ok((parent.span, format!("{{{word:?}: {{{name:?}: {value}}}}}")))
        }
        _ => {
            let message = format!("{} has no field `{name}`", parent.described());
            Err(Finding::at(parent.head(), message))
        }
    }
}

/// A new first field; on a line of its own where the group is written so.
fn insert(text: &str, group: &Group, field: &str) -> (Span, String) {
    let at = Span::new(group.open, group.open);
    if group.members.is_empty() {
        return (at, field.to_owned());
    }
    let first = group.members[0].key.as_ref().map_or(group.open, |(_, span)| span.start);
    let line = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = &text[line..first];
    if line > group.open && indent.trim().is_empty() {
        return (at, format!("\n{indent}{field},"));
    }
    (at, format!("{field}, "))
}
