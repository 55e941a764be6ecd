//! From a tree to a file that is pleasant to read.

use std::fmt::Write;

use crate::text::{Kind, Node};

/// Longer lines are broken.
const WIDTH: usize = 100;

/// The order of sections.
const SECTIONS: [&str; 21] = [
    "schema",
    "name",
    "about",
    "seed",
    "stop",
    "limits",
    "nodes",
    "algorithm",
    "transport",
    "clients",
    "workload",
    "network",
    "clocks",
    "service",
    "ties",
    "faults",
    "schedule",
    "checks",
    "expect",
    "replay",
    "record",
];

/// A scenario under comment lines, its sections in their usual order.
pub(super) fn file(root: &Node, comments: &[String]) -> String {
    let mut text = String::new();
    for line in comments {
        let _ = writeln!(text, "{}", format!("// {line}").trim_end());
    }
    text.push_str("Scenario(\n");
    let mut sections: Vec<(String, &Node)> = match &root.kind {
        Kind::Group(group) => {
            let named = |member: &'_ crate::text::Member| member.key.clone().map(|(key, _)| key);
            group.members.iter().filter_map(|m| Some((named(m)?, &m.value))).collect()
        }
        _ => Vec::new(),
    };
    let place = |name: &str| SECTIONS.iter().position(|s| *s == name).unwrap_or(SECTIONS.len());
    sections.sort_by_key(|(name, _)| place(name));
    for (name, value) in sections {
        member(&mut text, 1, &format!("{name}: "), value);
    }
    text.push_str(")\n");
    text
}

/// One line, or several if it would be too long.
fn member(text: &mut String, depth: usize, key: &str, value: &Node) {
    let indent = "    ".repeat(depth);
    let line = inline(value);
    // Entries of a list of groups get a line each even where they would fit on one.
    let entries = matches!(&value.kind, Kind::List(items)
        if items.iter().any(|item| matches!(item.kind, Kind::Group(_))) && depth == 1);
    let fits = indent.len() + key.len() + line.chars().count() < WIDTH;
    let (open, close, members) = match &value.kind {
        _ if fits && !entries => {
            let _ = writeln!(text, "{indent}{key}{line},");
            return;
        }
        Kind::List(items) => {
            ("[".to_owned(), "]", items.iter().map(|item| (String::new(), item)).collect())
        }
        Kind::Map(entries) => {
            let entry =
                |(key, value): &'_ (Node, Node)| (format!("{}: ", inline(key)), value.clone());
            let entries: Vec<_> = entries.iter().map(entry).collect();
            let _ = writeln!(text, "{indent}{key}{{");
            for (key, value) in &entries {
                member(text, depth + 1, key, value);
            }
            let _ = writeln!(text, "{indent}}},");
            return;
        }
        Kind::Group(group) => {
            let name = group.name.as_ref().map_or("", |(name, _)| name.as_str());
            let key = |key: &Option<(String, crate::text::Span)>| {
                key.as_ref().map_or(String::new(), |(key, _)| format!("{key}: "))
            };
            let members: Vec<_> =
                group.members.iter().map(|member| (key(&member.key), &member.value)).collect();
            (format!("{name}("), ")", members)
        }
        Kind::Word(_) | Kind::Number(_) | Kind::Text(_) => {
            let _ = writeln!(text, "{indent}{key}{line},");
            return;
        }
    };
    let _ = writeln!(text, "{indent}{key}{open}");
    for (key, value) in members {
        member(text, depth + 1, &key, value);
    }
    let _ = writeln!(text, "{indent}{close},");
}

/// On one line.
pub(crate) fn inline(node: &Node) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match &node.kind {
        Kind::Word(word) => word.clone(),
        Kind::Number(number) => number.clone(),
        Kind::Text(text) => format!("{text:?}"),
        Kind::List(items) => format!("[{}]", joined(items.iter().map(inline).collect())),
        Kind::Map(entries) => {
            let entry = |(key, value): &(Node, Node)| format!("{}: {}", inline(key), inline(value));
            format!("{{{}}}", joined(entries.iter().map(entry).collect()))
        }
        Kind::Group(group) => {
            let name = group.name.as_ref().map_or("", |(name, _)| name.as_str());
            let members = group.members.iter().map(|member| match &member.key {
                Some((key, _)) => format!("{key}: {}", inline(&member.value)),
                None => inline(&member.value),
            });
            format!("{name}({})", joined(members.collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::file;
    use crate::hunt::draft::Draft;
    use crate::library::library;
    use crate::text::Source;

    #[test]
    fn every_shipped_scenario_says_the_same_when_printed() {
        for shipped in library() {
            let source = Source::new(shipped.name, shipped.text);
            let draft = Draft::of(&source).expect("shipped scenarios load");
            let printed = file(&draft.root, &["a comment".into()]);
            let again = Draft::of(&Source::new("again.ron", &printed)).expect("it is RON");
            assert_eq!(file(&again.root, &["a comment".into()]), printed, "{}", shipped.name);
            let longest = printed.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(120), "{}: {longest:?}", shipped.name);
        }
    }
}
