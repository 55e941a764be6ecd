//! A scenario as a tree that can be edited: what is tried is exactly what will be written.

use seedbed_node::Duration;

use super::print;
use crate::diagnose::Problems;
use crate::load::load_tree;
use crate::plan::Plan;
use crate::registry::Registry;
use crate::text::{Format, Group, Kind, Member, Node, Source, Span};

/// An edited scenario.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Draft {
    /// The sections; a group of fields, whatever the file was.
    pub root: Node,
    /// What errors call it.
    name: String,
}

impl Draft {
    /// What a source says. A JSON object becomes a RON group; what is inside may stay as it is.
    pub fn of(source: &Source) -> Result<Draft, Problems> {
        let tree = source.tree();
        let mut root = tree.map_err(|finding| Problems::new(source, vec![finding]))?;
        if source.format == Format::Json {
            root = grouped(root);
        }
        Ok(Draft { root, name: source.name.clone() })
    }

    /// The plan, unless the edits make no sense.
    pub fn load(&self, registry: &Registry) -> Option<Plan> {
        let source = Source { name: self.name.clone(), ..Source::new("", "") };
        load_tree(registry, &source, &self.root)
    }

    /// A section.
    pub fn get(&self, section: &str) -> Option<&Node> {
        self.root.field(section)
    }

    /// A section, to be edited.
    pub fn get_mut(&mut self, section: &str) -> Option<&mut Node> {
        field_mut(&mut self.root, section)
    }

    /// Puts a section in.
    pub fn set(&mut self, section: &str, value: Node) {
        set_field(&mut self.root, section, value);
    }

    /// Takes a section out; whether there was one.
    pub fn remove(&mut self, section: &str) -> bool {
        remove_field(&mut self.root, section)
    }

    /// The entries of `faults:`; none if the section is not a list.
    pub fn faults(&self) -> &[Node] {
        items(self.get("faults"))
    }

    /// Replaces the entries of `faults:`.
    pub fn set_faults(&mut self, entries: Vec<Node>) {
        if entries.is_empty() {
            self.remove("faults");
        } else {
            self.set("faults", list(entries));
        }
    }

    /// The nodes' names.
    pub fn nodes(&self) -> Vec<String> {
        let texts = items(self.get("nodes")).iter().filter_map(text_of);
        texts.map(str::to_owned).collect()
    }

    /// The whole as a file, under comment lines.
    pub fn text(&self, comments: &[String]) -> String {
        print::file(&self.root, comments)
    }
}

/// The items of a list; none of anything else.
pub(crate) fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.kind) {
        Some(Kind::List(items)) => items,
        _ => &[],
    }
}

/// What a text says.
pub(crate) fn text_of(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}

/// The length of time that a text says.
pub(crate) fn duration_of(node: &Node) -> Option<Duration> {
    text_of(node).and_then(|text| text.parse().ok())
}

/// The whole number that is written.
pub(crate) fn whole_of(node: &Node) -> Option<u64> {
    match &node.kind {
        Kind::Number(number) => number.parse().ok(),
        _ => None,
    }
}

fn node(kind: Kind) -> Node {
    Node { span: Span::default(), kind }
}

/// A text.
pub(crate) fn text(text: impl Into<String>) -> Node {
    node(Kind::Text(text.into()))
}

/// A bare word.
pub(crate) fn word(word: impl Into<String>) -> Node {
    node(Kind::Word(word.into()))
}

/// A number as it is written.
pub(crate) fn number(number: impl ToString) -> Node {
    node(Kind::Number(number.to_string()))
}

/// A list.
pub(crate) fn list(items: Vec<Node>) -> Node {
    node(Kind::List(items))
}

/// `Name(a, b)`; without a name a tuple.
pub(crate) fn tuple(name: &str, items: Vec<Node>) -> Node {
    let members = items.into_iter().map(|value| Member { key: None, value });
    group(name, members.collect())
}

/// `Name(x: a, y: b)`; without a name a group of fields.
pub(crate) fn fields<const N: usize>(name: &str, fields: [(&str, Node); N]) -> Node {
    let member = |(key, value): (&str, Node)| Member { key: Some(keyed(key)), value };
    group(name, fields.into_iter().map(member).collect())
}

fn group(name: &str, members: Vec<Member>) -> Node {
    let name = (!name.is_empty()).then(|| keyed(name));
    node(Kind::Group(Group { name, open: 0, members }))
}

fn keyed(name: &str) -> (String, Span) {
    (name.to_owned(), Span::default())
}

/// A field, looking through a JSON variant.
pub(crate) fn field_mut<'a>(node: &'a mut Node, name: &str) -> Option<&'a mut Node> {
    let through = node.variant().is_some();
    match &mut node.kind {
        Kind::Group(group) => group
            .members
            .iter_mut()
            .find(|member| member.key.as_ref().is_some_and(|(key, _)| key == name))
            .map(|member| &mut member.value),
        Kind::Map(entries) => match through {
            true => field_mut(&mut entries[0].1, name),
            false => {
                let mut entries = entries.iter_mut();
                entries.find(|(key, _)| text_of(key) == Some(name)).map(|(_, value)| value)
            }
        },
        Kind::Word(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => None,
    }
}

/// Puts a field into a group, a JSON object, or behind a bare word.
pub(crate) fn set_field(node: &mut Node, name: &str, value: Node) {
    if let Some(old) = field_mut(node, name) {
        *old = value;
        return;
    }
    let json = node.variant().is_some();
    match &mut node.kind {
        Kind::Group(group) => group.members.push(Member { key: Some(keyed(name)), value }),
        Kind::Map(entries) if json => set_field(&mut entries[0].1, name, value),
        Kind::Map(entries) => entries.push((text(name), value)),
        Kind::Word(own) | Kind::Text(own) => *node = fields(&own.clone(), [(name, value)]),
        Kind::Number(_) | Kind::List(_) => {}
    }
}

/// Takes a field out; whether there was one.
pub(crate) fn remove_field(node: &mut Node, name: &str) -> bool {
    let json = node.variant().is_some();
    match &mut node.kind {
        Kind::Group(group) => {
            let before = group.members.len();
            let named = |member: &Member| member.key.as_ref().is_some_and(|(key, _)| key == name);
            group.members.retain(|member| !named(member));
            group.members.len() < before
        }
        Kind::Map(entries) if json => remove_field(&mut entries[0].1, name),
        Kind::Map(entries) => {
            let before = entries.len();
            entries.retain(|(key, _)| text_of(key) != Some(name));
            entries.len() < before
        }
        Kind::Word(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => false,
    }
}

/// All values directly inside.
pub(crate) fn children_mut(node: &mut Node) -> Vec<&mut Node> {
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().collect(),
        Kind::Group(group) => group.members.iter_mut().map(|member| &mut member.value).collect(),
        Kind::Map(entries) => entries.iter_mut().map(|(_, value)| value).collect(),
        Kind::Word(_) | Kind::Number(_) | Kind::Text(_) => Vec::new(),
    }
}

/// All values directly inside.
pub(crate) fn children(node: &Node) -> Vec<&Node> {
    match &node.kind {
        Kind::List(items) => items.iter().collect(),
        Kind::Group(group) => group.members.iter().map(|member| &member.value).collect(),
        Kind::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
        Kind::Word(_) | Kind::Number(_) | Kind::Text(_) => Vec::new(),
    }
}

/// A value anywhere inside, by the positions that lead to it.
pub(crate) fn at_mut<'a>(node: &'a mut Node, path: &[usize]) -> &'a mut Node {
    match path {
        [] => node,
        [first, rest @ ..] => at_mut(children_mut(node).swap_remove(*first), rest),
    }
}

/// The positions of all values for which `wanted` says yes, outer ones first.
pub(crate) fn find_all(node: &Node, wanted: &dyn Fn(&Node) -> bool) -> Vec<Vec<usize>> {
    fn walk(
        node: &Node,
        path: &mut Vec<usize>,
        wanted: &dyn Fn(&Node) -> bool,
        found: &mut Vec<Vec<usize>>,
    ) {
        if wanted(node) {
            found.push(path.clone());
        }
        for (place, child) in children(node).into_iter().enumerate() {
            path.push(place);
            walk(child, path, wanted, found);
            path.pop();
        }
    }
    let mut found = Vec::new();
    walk(node, &mut Vec::new(), wanted, &mut found);
    found
}

/// A JSON object as a group of fields; sections that are objects likewise, so that they read alike.
fn grouped(root: Node) -> Node {
    let Kind::Map(entries) = root.kind else { return root };
    let member = |(key, value): (Node, Node)| {
        let key = text_of(&key).unwrap_or_default().to_owned();
        Member { key: Some((key, Span::default())), value: without_null(value) }
    };
    group("Scenario", entries.into_iter().map(member).collect())
}

/// RON knows `None` and no `null`.
fn without_null(mut node: Node) -> Node {
    if matches!(&node.kind, Kind::Word(word) if word == "null") {
        return word("None");
    }
    for child in children_mut(&mut node) {
        *child = without_null(child.clone());
    }
    node
}
