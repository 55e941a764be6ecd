//! Entries, instants and faults in words, and texts made harmless for HTML and Markdown.

use std::fmt::Write as _;

use seedbed_core::fault::Fault;
use seedbed_core::trace::DropReason;
use seedbed_core::{LinkSet, NodeSet};
use seedbed_node::{Duration, NodeId, Operation, Time};

use crate::chronicle::{Chronicle, Entry, Happening};

/// Lists of nodes longer than this are cut short.
const NAMED_MAX: usize = 6;

/// `text` inside an element or a quoted attribute.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // HTML has no way to write these.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// `text` as JSON that may stand in a script element: no tag begins or ends in it.
pub fn json(value: &impl serde::Serialize) -> String {
    // In JSON, this character occurs in texts alone.
    crate::json::text(value).replace('<', "\\u003c")
}

/// An instant, to the microsecond.
pub fn instant(at: Time) -> String {
    let micros = at.as_nanos().saturating_add(500) / 1000;
    match at.as_nanos() {
        exact @ 0..1_000_000 => Duration::from_nanos(exact).to_string(),
        _ => Duration::from_micros(micros).to_string(),
    }
}

/// An operation, by its client and its ordinal from 1.
pub fn operation(chronicle: &Chronicle, operation: Operation) -> String {
    format!("{}’s no. {}", chronicle.name(operation.client), u64::from(operation.number) + 1)
}

/// Why a message did not arrive, as what became of it.
pub fn fate(why: DropReason) -> &'static str {
    match why {
        DropReason::Lost => "lost",
        DropReason::Corrupted => "corrupted and dropped",
        DropReason::Overflowed => "dropped by a full queue",
        DropReason::Cut => "cut by a partition",
        DropReason::ToDead => "sent to a dead node",
    }
}

/// What occurred at an entry, without its time and its node.
pub fn entry(chronicle: &Chronicle, entry: &Entry) -> String {
    let name = |node: &NodeId| chronicle.name(*node);
    match &entry.what {
        Happening::Boot(0) => "boots".into(),
        Happening::Boot(nth) => format!("boots again (no. {nth})"),
        Happening::Crash => "crashes".into(),
        Happening::Pause => "pauses".into(),
        Happening::Resume => "resumes".into(),
        Happening::Send { to, kind, content, .. } => {
            format!("sends to {}: {}", name(to), message(kind, content))
        }
        Happening::Duplicate { original, .. } => format!("message {original} is duplicated"),
        Happening::Drop { to, kind, why, .. } => {
            format!("{kind} to {} is {}", name(to), fate(*why))
        }
        Happening::Deliver { from, kind, content, .. } => {
            format!("handles from {}: {}", name(from), message(kind, content))
        }
        Happening::Timer(timer) => format!("timer {timer}"),
        Happening::Request { content, .. } => format!("is asked: {content}"),
        Happening::Event(content) => format!("tells its client: {content}"),
        Happening::Complete(op) => format!("completes operation {}", operation(chronicle, *op)),
        Happening::Write { forced: true, content } => format!("forces to disk: {content}"),
        Happening::Write { forced: false, content } => format!("writes lazily: {content}"),
        Happening::Fault(timed) => format!("fault: {}", fault(chronicle, &timed.fault)),
        Happening::Undone(timed) => format!("undone: {}", fault(chronicle, &timed.fault)),
    }
}

/// A message, by its kind even where a transport has wrapped it.
fn message(kind: &str, content: &str) -> String {
    if content.starts_with(kind) { content.to_owned() } else { format!("{kind} in {content}") }
}

/// Names, cut short where there are many.
pub fn names(chronicle: &Chronicle, nodes: &[NodeId], between: &str) -> String {
    let shown = nodes.iter().take(NAMED_MAX).map(|node| chronicle.name(*node));
    let mut text = shown.collect::<Vec<_>>().join(between);
    if nodes.len() > NAMED_MAX {
        let _ = write!(text, "{between}… ({} in all)", nodes.len());
    }
    text
}

/// A fault.
pub fn fault(chronicle: &Chronicle, fault: &Fault) -> String {
    let name = |node: &NodeId| chronicle.name(*node);
    match fault {
        Fault::Partition(groups) => {
            let groups: Vec<_> =
                groups.iter().take(NAMED_MAX).map(|group| names(chronicle, group, " ")).collect();
            format!("partition {}", groups.join(" | "))
        }
        Fault::Cut(links) => format!("cut {}", link(chronicle, links)),
        Fault::Isolate(nodes) => format!("isolate {}", set(chronicle, nodes)),
        Fault::Degrade { links, delay_permille, loss } => {
            let mut text = format!("degrade {}", link(chronicle, links));
            if *delay_permille != 1000 {
                let _ = write!(text, ", delay × {}", f64::from(*delay_permille) / 1e3);
            }
            if loss.possible() {
                let percent = crate::text::significant(loss.value() * 100.0);
                let _ = write!(text, ", loss {percent} %");
            }
            text
        }
        Fault::Crash { node, after_effects: None } => format!("crash {}", name(node)),
        Fault::Crash { node, after_effects: Some(effects) } => {
            format!("crash {} after {effects} effects of a handler", name(node))
        }
        Fault::Pause(node) => format!("pause {}", name(node)),
        Fault::Slow { node, permille } => {
            format!("slow {} × {}", name(node), f64::from(*permille) / 1e3)
        }
        Fault::LateBoot(node) => format!("late boot of {}", name(node)),
        Fault::ClockStep { node, by_ns } => {
            let sign = if *by_ns < 0 { "−" } else { "+" };
            let by = Duration::from_nanos(by_ns.unsigned_abs());
            format!("step of {}’s clock by {sign}{by}", name(node))
        }
        Fault::Drift { node, ppb } => {
            format!("drift of {}’s clock: {} ppm", name(node), *ppb as f64 / 1e3)
        }
    }
}

/// The nodes that a fault is about; `None` if it is about the network as a whole.
pub fn afflicted(fault: &Fault) -> Option<Vec<NodeId>> {
    match fault {
        Fault::Partition(_) | Fault::Cut(_) | Fault::Degrade { .. } => None,
        Fault::Isolate(NodeSet::All) => None,
        Fault::Isolate(NodeSet::Only(nodes)) => Some(nodes.clone()),
        Fault::Crash { node, .. }
        | Fault::Pause(node)
        | Fault::Slow { node, .. }
        | Fault::LateBoot(node)
        | Fault::ClockStep { node, .. }
        | Fault::Drift { node, .. } => Some(vec![*node]),
    }
}

fn link(chronicle: &Chronicle, links: &LinkSet) -> String {
    format!("{} → {}", set(chronicle, &links.from), set(chronicle, &links.to))
}

fn set(chronicle: &Chronicle, nodes: &NodeSet) -> String {
    match nodes {
        NodeSet::All => "all".into(),
        NodeSet::Only(nodes) => names(chronicle, nodes, " "),
    }
}

/// `text` in a cell of a Markdown table.
pub fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '<' | '[' | ']' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// `text` as a block of code, fenced so that nothing in it ends the block.
pub fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}
