//! What stands in a diagram, in words.

use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::trace::{DropReason, Stamps};
use seedbed_core::{LinkSet, NodeSet};
use seedbed_node::{Duration, NodeId};

use crate::chronicle::{Chronicle, Entry, Happening};

/// A time as people write it.
pub(super) fn time(ns: u64) -> String {
    Duration::from_nanos(ns).to_string()
}

/// The first characters of a text.
pub(super) fn shortened(text: &str, characters_max: usize) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(characters_max).collect();
    if characters.next().is_none() {
        return start;
    }
    let kept: String = start.chars().take(characters_max.saturating_sub(1)).collect();
    kept.trim_end().to_owned() + "…"
}

/// What clients and nodes say, as Rust prints it, in so much room: at the least, which it is.
pub(super) fn content(text: &str, characters_max: usize) -> String {
    match text.find([' ', '(', '{']) {
        Some(end) if end > 0 && text.chars().count() > characters_max => {
            shortened(&format!("{} …", &text[..end]), characters_max)
        }
        _ => shortened(text, characters_max),
    }
}

/// "ada", "ada and bob", "ada, bob and cyd".
pub(super) fn list(chronicle: &Chronicle, nodes: &[NodeId]) -> String {
    let names: Vec<&str> = nodes.iter().map(|node| chronicle.name(*node)).collect();
    match names.as_slice() {
        [] => "nobody".into(),
        [one] => (*one).into(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

fn nodes(chronicle: &Chronicle, set: &NodeSet) -> String {
    match set {
        NodeSet::All => "all".into(),
        NodeSet::Only(nodes) => list(chronicle, nodes),
    }
}

fn links(chronicle: &Chronicle, links: &LinkSet) -> String {
    format!("{} → {}", nodes(chronicle, &links.from), nodes(chronicle, &links.to))
}

/// A fault.
pub(super) fn fault(chronicle: &Chronicle, timed: &TimedFault) -> String {
    let name = |node: &NodeId| chronicle.name(*node).to_owned();
    match &timed.fault {
        Fault::Partition(groups) => {
            let groups: Vec<_> = groups
                .iter()
                .map(|group| {
                    let names: Vec<_> = group.iter().map(|node| chronicle.name(*node)).collect();
                    names.join(" ")
                })
                .collect();
            format!("partition: {}", groups.join(" | "))
        }
        Fault::Cut(set) => format!("cut: {}", links(chronicle, set)),
        Fault::Isolate(set) => format!("isolated: {}", nodes(chronicle, set)),
        Fault::Degrade { links: set, .. } => format!("degraded: {}", links(chronicle, set)),
        Fault::Crash { node, after_effects: None } => format!("{} crashes", name(node)),
        Fault::Crash { node, after_effects: Some(_) } => {
            format!("{} is to crash in a handler", name(node))
        }
        Fault::Pause(node) => format!("{} is paused", name(node)),
        Fault::Slow { node, permille } => {
            format!("{} takes {} times as long", name(node), f64::from(*permille) / 1000.0)
        }
        Fault::LateBoot(node) => format!("{} boots late", name(node)),
        Fault::ClockStep { node, by_ns } => {
            let sign = if *by_ns < 0 { '−' } else { '+' };
            format!("{}'s clock {sign}{}", name(node), time(by_ns.unsigned_abs()))
        }
        Fault::Drift { node, ppb } => format!("{}'s clock drifts by {ppb} ppb", name(node)),
    }
}

/// Why a message did not arrive.
pub(super) fn reason(why: DropReason) -> &'static str {
    match why {
        DropReason::Lost => "is lost",
        DropReason::Corrupted => "is corrupted",
        DropReason::Overflowed => "is dropped by a full queue",
        DropReason::Cut => "is cut off",
        DropReason::ToDead => "finds its destination down",
    }
}

/// Logical clocks, as briefly as can be.
pub(super) fn stamp(stamps: &Stamps) -> String {
    let mut parts = Vec::new();
    if let Some(clock) = stamps.lamport {
        parts.push(clock.to_string());
    }
    if let Some(clock) = &stamps.vector {
        let numbers: Vec<_> = clock.iter().map(u32::to_string).collect();
        parts.push(format!("[{}]", numbers.join(" ")));
    }
    if let Some((l, c)) = &stamps.hlc {
        parts.push(format!("{l}+{c}"));
    }
    parts.join(" ")
}

/// What happens at a node, without its name in front.
pub(super) fn happening(chronicle: &Chronicle, entry: &Entry) -> String {
    match &entry.what {
        Happening::Boot(0) => "boots".into(),
        Happening::Boot(_) => "boots again".into(),
        Happening::Crash => "crashes".into(),
        Happening::Pause => "is paused".into(),
        Happening::Resume => "goes on".into(),
        Happening::Send { to, content, .. } => format!("→ {}: {content}", chronicle.name(*to)),
        Happening::Deliver { from, content, .. } => {
            format!("hears {content} from {}", chronicle.name(*from))
        }
        Happening::Duplicate { .. } => "a link makes a copy".into(),
        Happening::Drop { to, kind, why, .. } => {
            format!("{kind} to {} {}", chronicle.name(*to), reason(*why))
        }
        Happening::Timer(timer) => format!("timer {timer} fires"),
        Happening::Request { content, .. } => format!("is asked for {content}"),
        Happening::Event(content) => format!("tells its client {content}"),
        Happening::Complete(operation) => {
            format!(
                "operation {} of {} is done",
                operation.number,
                chronicle.name(operation.client)
            )
        }
        Happening::Write { forced: true, content } => format!("forces {content}"),
        Happening::Write { forced: false, content } => format!("writes {content}"),
        Happening::Fault(timed) => fault(chronicle, timed),
        Happening::Undone(timed) => format!("over: {}", fault(chronicle, timed)),
    }
}

/// Text as XML has it; what XML cannot say at all is left out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
