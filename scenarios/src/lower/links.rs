//! Directed links as people write them: `"ada->eve"`, `"*->eve"`.

use seedbed_core::{LinkSet, NodeSet};

use crate::diagnose::Finding;
use crate::schema::Name;
use crate::text::{Directory, Span};

/// The links that a text names.
pub(super) fn links(text: &Name, directory: &Directory) -> Result<LinkSet, Finding> {
    let Some((from, to)) = text.value.split_once("->") else {
        let message = format!("`{}` is no link", text.value.escape_debug());
        return Err(Finding::at(text.span, message)
            .help("write \"ada->eve\", or `*` for any node: \"*->eve\""));
    };
    // Inside the quotes, unless escapes have moved things.
    let start = text.span.start + 1;
    let plain = text.span.end - text.span.start == text.value.len() + 2;
    let place = |from: usize, length: usize| {
        if plain { Span::new(start + from, start + from + length) } else { text.span }
    };
    let set = LinkSet {
        from: end(from, directory, place(0, from.len()))?,
        to: end(to, directory, place(from.len() + 2, to.len()))?,
    };
    match (&set.from, &set.to) {
        (NodeSet::Only(a), NodeSet::Only(b)) if a == b => {
            Err(Finding::at(text.span, "a node has no link to itself"))
        }
        _ => Ok(set),
    }
}

fn end(name: &str, directory: &Directory, span: Span) -> Result<NodeSet, Finding> {
    match name.trim() {
        "*" => Ok(NodeSet::All),
        name => match directory.find(name) {
            Some(node) => Ok(NodeSet::one(node)),
            None => Err(directory.unknown(name).or_at(span)),
        },
    }
}
