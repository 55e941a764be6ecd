//! Fewer nodes: a node goes with everything that names it.

use super::Shrinker;
use crate::hunt::draft::{Draft, at_mut, find_all, items, list, number, text_of, whole_of};
use crate::text::{Kind, Node};

impl Shrinker<'_> {
    /// Leaves out as many nodes as possible.
    pub(super) fn fewer_nodes(&mut self) {
        self.without_parts(
            |draft| draft.nodes().len(),
            |draft, gone| {
                let names = draft.nodes();
                names[gone].iter().fold(draft.clone(), |draft, name| without(draft, name))
            },
        );
        self.each_node();
    }

    /// Leaves out each node alone, where need be with one less of what the algorithm's parameters
    /// count.
    pub(super) fn each_node(&mut self) {
        for name in self.best.nodes().into_iter().rev() {
            let candidates = without_node(&self.best, &name);
            let _ = candidates.into_iter().any(|candidate| self.attempt(candidate));
        }
    }
}

/// Without a node, and where need be with one less of what the algorithm's parameters count; none
/// if it is the last node.
pub(crate) fn without_node(draft: &Draft, name: &str) -> Vec<Draft> {
    let gone = without(draft.clone(), name);
    if gone.nodes().is_empty() {
        return Vec::new();
    }
    let counts = match gone.get("algorithm") {
        Some(algorithm) => find_all(algorithm, &|n| whole_of(n).is_some_and(|n| n > 0)),
        None => Vec::new(),
    };
    let fewer: Vec<_> = counts.iter().map(|path| with_one_less(&gone, path)).collect();
    fewer.into_iter().chain([gone]).collect()
}

/// One less in a number of the algorithm's parameters.
fn with_one_less(draft: &Draft, path: &[usize]) -> Draft {
    let mut draft = draft.clone();
    if let Some(algorithm) = draft.get_mut("algorithm") {
        let count = at_mut(algorithm, path);
        if let Some(value) = whole_of(count) {
            *count = number(value - 1);
        }
    }
    draft
}

/// Without a node, and without all that is about it.
fn without(mut draft: Draft, name: &str) -> Draft {
    let left = items(draft.get("nodes")).iter().filter(|n| text_of(n) != Some(name));
    let left = list(left.cloned().collect());
    draft.remove("nodes");
    if let Kind::Group(root) = &mut draft.root.kind {
        // Clients at nobody would mean clients at all: such a draft is refused for the name in it.
        root.members.retain_mut(|member| {
            // A section may go as a whole, but what runs and how it is judged stays.
            let key = member.key.as_ref().map_or("", |(key, _)| key.as_str());
            match key {
                "schema" | "name" | "about" | "seed" | "stop" | "checks" => true,
                _ => scrub(&mut member.value, name) || key == "algorithm",
            }
        });
    }
    draft.set("nodes", left);
    draft
}

/// Takes out what names a node; false if nothing meaningful is left.
fn scrub(node: &mut Node, name: &str) -> bool {
    match &mut node.kind {
        Kind::Text(text) => text != name && text.split("->").all(|end| end.trim() != name),
        Kind::List(items) => {
            let before = items.len();
            items.retain_mut(|item| scrub(item, name));
            before == 0 || !items.is_empty()
        }
        Kind::Group(group) => {
            let own = group.name.as_ref().map_or("", |(name, _)| name.as_str());
            let positional = !group.keyed();
            // A fault, a rule or an entry of a script goes as a whole; of a group of settings, only
            // the setting.
            let whole = positional
                || group.members.iter().any(|member| {
                    matches!(
                        member.key.as_ref().map(|(key, _)| key.as_str()),
                        Some("fault" | "on" | "node" | "links" | "at")
                    )
                });
            let before = group.members.len();
            group.members.retain_mut(|member| {
                let only = member.key.as_ref().is_some_and(|(key, _)| key == "only");
                let last = only && items(Some(&member.value)).len() == 1;
                last || scrub(&mut member.value, name)
            });
            let parts = match (own, group.members.first().map(|member| &member.value.kind)) {
                ("Partition", Some(Kind::List(parts))) => parts.len(),
                _ => 2,
            };
            (group.members.len() == before || !whole) && parts > 1
        }
        Kind::Map(entries) => {
            entries.retain_mut(|(_, value)| scrub(value, name));
            true
        }
        Kind::Word(_) | Kind::Number(_) => true,
    }
}
