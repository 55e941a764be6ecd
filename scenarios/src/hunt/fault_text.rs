//! Faults as a scenario file writes them.

use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::{LinkSet, NodeSet};
use seedbed_node::{Duration, Names, NodeId, Time};

use super::draft::{fields, list, number, set_field, text, tuple};
use crate::text::Node;

/// A fault with its time, as an entry of `faults:`.
pub(crate) fn entry(timed: &TimedFault, names: &Names) -> Node {
    let mut entry = fields("", [("at", instant(timed.at))]);
    if let Some(until) = timed.until {
        set_field(&mut entry, "until", instant(until));
    }
    set_field(&mut entry, "fault", fault(&timed.fault, names));
    entry
}

fn instant(at: Time) -> Node {
    text(Duration::from_nanos(at.as_nanos()).to_string())
}

fn fault(fault: &Fault, names: &Names) -> Node {
    let name = |node: &NodeId| text(&names[*node]);
    match fault {
        Fault::Partition(groups) => {
            let groups = groups.iter().map(|group| list(group.iter().map(name).collect()));
            tuple("Partition", vec![list(groups.collect())])
        }
        Fault::Cut(links) => tuple("Cut", vec![text(link(links, names))]),
        Fault::Isolate(nodes) => {
            let nodes = match nodes {
                NodeSet::All => (0..names.count()).map(NodeId).collect(),
                NodeSet::Only(nodes) => nodes.clone(),
            };
            tuple("Isolate", vec![list(nodes.iter().map(name).collect())])
        }
        Fault::Degrade { links, delay_permille, loss } => {
            let mut worse = fields("Degrade", [("links", text(link(links, names)))]);
            if *delay_permille != 1000 {
                set_field(&mut worse, "delay_factor", permille(*delay_permille));
            }
            if loss.possible() {
                set_field(&mut worse, "loss", number(libm::round(loss.value() * 1e9) / 1e9));
            }
            worse
        }
        Fault::Crash { node, after_effects: None } => tuple("Crash", vec![name(node)]),
        Fault::Crash { node, after_effects: Some(effects) } => {
            fields("CrashAfterEffects", [("node", name(node)), ("effects", number(effects))])
        }
        Fault::Pause(node) => tuple("Pause", vec![name(node)]),
        Fault::Slow { node, permille: factor } => {
            fields("Slow", [("node", name(node)), ("factor", permille(*factor))])
        }
        Fault::LateBoot(node) => tuple("LateBoot", vec![name(node)]),
        Fault::ClockStep { node, by_ns } => {
            fields("ClockStep", [("node", name(node)), ("by", text(signed(*by_ns)))])
        }
        Fault::Drift { node, ppb } => {
            fields("Drift", [("node", name(node)), ("ppm", number(*ppb as f64 / 1e3))])
        }
    }
}

fn permille(thousandths: u32) -> Node {
    number(f64::from(thousandths) / 1e3)
}

/// A length of time of either sign.
pub(crate) fn signed(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    format!("{sign}{}", Duration::from_nanos(ns.unsigned_abs()))
}

/// Ends as a scenario writes them: one name, or everybody. What a scenario cannot say does not
/// come out of one.
fn link(links: &LinkSet, names: &Names) -> String {
    let end = |nodes: &NodeSet| match nodes {
        NodeSet::Only(nodes) if nodes.len() == 1 => names[nodes[0]].to_owned(),
        NodeSet::Only(_) | NodeSet::All => "*".to_owned(),
    };
    format!("{}->{}", end(&links.from), end(&links.to))
}
