//! Who takes part.

use std::collections::BTreeSet;

use seedbed_node::Names;

use crate::diagnose::Finding;
use crate::schema::{EdgesForm, NodesForm, TopologyForm};
use crate::text::{Directory, Spanned};

use super::Findings;

/// The most nodes of a run.
pub(crate) const NODES_MAX: u64 = 1_000_000;

/// The members and, from the topology, the relays.
pub(crate) fn directory(
    nodes: &Spanned<NodesForm>,
    topology: Option<&Spanned<TopologyForm>>,
    findings: &mut Findings,
) -> Option<Directory> {
    let mut directory = Directory::new(members(nodes, findings)?);
    if let Some(edges) = topology.and_then(|t| custom(&t.value)) {
        for relay in &edges.relays {
            if !directory.add_relay(&relay.value) {
                let message = format!("there is already a node called `{}`", relay.value);
                findings.at(relay.span, message);
            }
        }
    }
    Some(directory)
}

/// The edges of a topology that lists them.
pub(super) fn custom(topology: &TopologyForm) -> Option<&EdgesForm> {
    match topology {
        TopologyForm::Custom(edges) | TopologyForm::Bare(edges) => Some(edges),
        TopologyForm::Full
        | TopologyForm::Line
        | TopologyForm::Ring
        | TopologyForm::Star(_)
        | TopologyForm::Grid(..) => None,
    }
}

fn members(nodes: &Spanned<NodesForm>, findings: &mut Findings) -> Option<Names> {
    match &nodes.value {
        NodesForm::Count(0) => findings.at(nodes.span, "a run needs at least one node"),
        NodesForm::Count(count) if *count > NODES_MAX => {
            findings.at(nodes.span, format!("{count} nodes are too many: at most {NODES_MAX}"));
        }
        NodesForm::Count(count) => {
            return Some(Names::numbered(u32::try_from(*count).expect("bounded just before")));
        }
        NodesForm::Names(names) if names.is_empty() => {
            findings.at(nodes.span, "a run needs at least one node");
        }
        NodesForm::Names(names) => {
            let mut seen = BTreeSet::new();
            let mut fine = true;
            for name in names {
                if let Err(why) = good(&name.value) {
                    findings.push(why.or_at(name.span));
                    fine = false;
                } else if !seen.insert(name.value.as_str()) {
                    findings.at(name.span, format!("there are two nodes called `{}`", name.value));
                    fine = false;
                }
            }
            if fine {
                return Some(Names::new(names.iter().map(|name| name.value.as_str())));
            }
        }
    }
    None
}

/// Names must be told apart from `*` and `->` in links.
fn good(name: &str) -> Result<(), Finding> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '*' | '>' | ',');
    if name.is_empty() || name.len() > 100 || name.contains(odd) {
        let message = format!("`{}` cannot be a node's name", name.escape_debug());
        return Err(
            Finding::nowhere(message).help("a name is short and has no spaces, commas, `*` or `>`")
        );
    }
    Ok(())
}
