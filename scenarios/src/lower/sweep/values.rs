//! The values of an axis: what is written, what it is called, what its column says.

use seedbed_node::Duration;

use crate::lower::Findings;
use crate::sweep::{Cell, Choice, ColumnKind, POINTS_MAX, Piece};
use crate::text::{Kind, Node};

/// Values that a scenario lists, by their names or without. If an axis sets several paths, every value
/// is a list of `several`.
pub(super) fn listed(
    node: &Node,
    several: Option<usize>,
    findings: &mut Findings,
) -> Option<Vec<Choice>> {
    let named: Vec<(Option<String>, &Node)> = match &node.kind {
        Kind::List(items) => items.iter().map(|item| (None, item)).collect(),
        Kind::Map(entries) => {
            let name = |key: &Node| key.name().map(|(name, _)| name.to_owned());
            entries.iter().map(|(key, value)| (name(key), value)).collect()
        }
        Kind::Word(_) | Kind::Number(_) | Kind::Text(_) | Kind::Group(_) => {
            let message = format!("expected a list of values, found {}", node.described());
            findings.at(node.head(), message);
            return None;
        }
    };
    if named.is_empty() || named.len() as u64 > POINTS_MAX {
        findings.at(node.head(), format!("an axis has 1 to {POINTS_MAX} values"));
        return None;
    }
    let mut choices: Vec<Choice> = Vec::new();
    for (name, value) in named {
        let parts = match several {
            None => vec![value],
            Some(count) => parts(value, count, findings)?,
        };
        let pieces = parts.iter().map(|part| Piece::Written(part.span)).collect();
        // What has a name is called so, even if it is a number.
        let (label, cell) = match name {
            Some(name) => (name, Cell::Empty),
            None => (label(parts[0]), cell(parts[0])),
        };
        choices.push(Choice { cell, label, pieces });
    }
    let mut labels: Vec<_> = choices.iter().map(|choice| &choice.label).collect();
    labels.sort();
    if let Some(twice) = labels.windows(2).find(|pair| pair[0] == pair[1]) {
        let message = format!("two values are called `{}`", twice[0]);
        let finding = crate::diagnose::Finding::at(node.head(), message);
        findings.push(finding.help("name values by a map: { \"one\": …, \"other\": … }"));
        return None;
    }
    Some(choices)
}

/// The values for several paths.
fn parts<'a>(value: &'a Node, count: usize, findings: &mut Findings) -> Option<Vec<&'a Node>> {
    let parts: Vec<_> = (0..).map_while(|at| value.item(at)).take(count + 1).collect();
    let whole = matches!(&value.kind, Kind::List(_))
        || matches!(&value.kind, Kind::Group(group) if group.name.is_none());
    if whole && parts.len() == count {
        return Some(parts);
    }
    let message = format!("expected a list of {count} values, one for each path");
    findings.at(value.head(), message);
    None
}

/// What a value without a name is called: itself.
fn label(node: &Node) -> String {
    match &node.kind {
        Kind::Number(text) | Kind::Text(text) | Kind::Word(text) => clean(text),
        Kind::Group(group) if group.members.is_empty() && group.name.is_some() => {
            group.name.as_ref().map_or_else(String::new, |(name, _)| name.clone())
        }
        Kind::List(items) => bracketed('[', items.iter().map(label), ']'),
        Kind::Map(entries) => {
            let entry = |(key, value): &(Node, Node)| format!("{}: {}", label(key), label(value));
            bracketed('{', entries.iter().map(entry), '}')
        }
        Kind::Group(group) => {
            let member = |member: &crate::text::Member| match &member.key {
                Some((key, _)) => format!("{key}: {}", label(&member.value)),
                None => label(&member.value),
            };
            let name = group.name.as_ref().map_or("", |(name, _)| name);
            format!("{name}{}", bracketed('(', group.members.iter().map(member), ')'))
        }
    }
}

fn bracketed(open: char, items: impl Iterator<Item = String>, close: char) -> String {
    format!("{open}{}{close}", items.collect::<Vec<_>>().join(", "))
}

/// A text on one line.
fn clean(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a value is by itself: a number, a duration in nanoseconds, or something that only has a name.
fn cell(node: &Node) -> Cell {
    match &node.kind {
        Kind::Number(text) => match (text.parse::<u64>(), text.parse::<f64>()) {
            (Ok(whole), _) => Cell::Whole(whole),
            (_, Ok(real)) => Cell::Real(real),
            _ => Cell::Empty,
        },
        Kind::Text(text) => match text.parse::<Duration>() {
            Ok(time) => Cell::Whole(time.as_nanos()),
            Err(_) => Cell::Empty,
        },
        Kind::Word(_) | Kind::List(_) | Kind::Map(_) | Kind::Group(_) => Cell::Empty,
    }
}

/// The kind of an axis' column, and the values with cells of that kind: numbers if all are numbers.
pub(super) fn typed(mut choices: Vec<Choice>) -> (ColumnKind, Vec<Choice>) {
    let kind = choices.iter().fold(ColumnKind::Whole, |kind, choice| match (&choice.cell, kind) {
        (Cell::Empty | Cell::Text(_), _) | (_, ColumnKind::Text) => ColumnKind::Text,
        (Cell::Real(_), _) | (_, ColumnKind::Real) => ColumnKind::Real,
        (Cell::Whole(_), ColumnKind::Whole) => ColumnKind::Whole,
    });
    for choice in &mut choices {
        choice.label = clean(&choice.label);
        match (kind, &choice.cell) {
            (ColumnKind::Text, _) => choice.cell = Cell::Text(choice.label.clone()),
            (ColumnKind::Real, Cell::Whole(whole)) => choice.cell = Cell::Real(*whole as f64),
            _ => {}
        }
    }
    (kind, choices)
}
