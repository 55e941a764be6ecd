//! Steps: what happened at one node in one event, with a headline and what came of it.

use std::collections::BTreeMap;

use seedbed_core::fault::Fault;
use seedbed_core::trace::DropReason;
use seedbed_node::NodeId;

use super::layout::Frame;
use super::words::{happening, reason, stamp};
use super::{Shape, Step};
use crate::chronicle::{Chronicle, Happening};

/// The steps of what was chosen, in order.
pub(super) fn steps(frame: &Frame<'_>) -> Vec<Step> {
    let chronicle = frame.chronicle;
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut open: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut event = None;
    for place in &frame.chosen.entries {
        let entry = &chronicle.entries[*place];
        if event.replace(entry.event) != Some(entry.event) {
            open.clear();
        }
        if let Happening::Fault(timed) | Happening::Undone(timed) = &entry.what {
            if !shows_at_its_node(&timed.fault) {
                groups.push(vec![*place]);
            }
            continue;
        }
        let group = *open.entry(entry.node).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(*place);
    }
    groups.into_iter().map(|entries| step(frame, entries)).collect()
}

/// Faults that the node's own entries tell of.
fn shows_at_its_node(fault: &Fault) -> bool {
    match fault {
        Fault::Crash { .. } | Fault::Pause(_) | Fault::LateBoot(_) => true,
        Fault::Partition(_)
        | Fault::Cut(_)
        | Fault::Isolate(_)
        | Fault::Degrade { .. }
        | Fault::Slow { .. }
        | Fault::ClockStep { .. }
        | Fault::Drift { .. } => false,
    }
}

fn step(frame: &Frame<'_>, entries: Vec<usize>) -> Step {
    let chronicle = frame.chronicle;
    let first = &chronicle.entries[entries[0]];
    let shape = shape(chronicle, &entries);
    let at_node = !matches!(shape, Shape::Loss | Shape::Fault);
    let (what, rest) = match &first.what {
        Happening::Send { .. } => (format!("{} sends", chronicle.name(first.node)), &entries[..]),
        Happening::Fault(_) | Happening::Undone(_) => {
            (happening(chronicle, first), &entries[entries.len()..])
        }
        Happening::Drop { to, kind, why, .. } => {
            let (from, to) = (chronicle.name(first.node), chronicle.name(*to));
            (format!("{from} → {to}: {kind} {}", reason(*why)), &entries[1..])
        }
        _ => {
            let what = happening(chronicle, first);
            (format!("{} {what}", chronicle.name(first.node)), &entries[1..])
        }
    };
    let stamps = entries.iter().rev().find_map(|place| chronicle.entries[*place].stamps.as_ref());
    let x = match shape {
        Shape::Fault => frame.axis.time(first.at),
        _ => frame.axis.event(first.at, first.event),
    };
    Step {
        at_ns: first.at.0,
        lane: frame.lane(first.node).filter(|_| at_node),
        x: super::labels::tidy(x),
        shape,
        what,
        then: then(chronicle, rest),
        stamp: stamps.map(stamp).filter(|stamp| !stamp.is_empty()),
        lit: entries.iter().any(|place| frame.is_lit(*place)),
        entries,
    }
}

/// What is most worth showing decides.
fn shape(chronicle: &Chronicle, entries: &[usize]) -> Shape {
    let rank = |place: &usize| match chronicle.entries[*place].what {
        Happening::Drop { .. } | Happening::Duplicate { .. } => (0, Shape::Loss),
        Happening::Send { .. }
        | Happening::Deliver { .. }
        | Happening::Write { .. }
        | Happening::Complete(_) => (1, Shape::Dot),
        Happening::Timer(_) => (2, Shape::Timer),
        Happening::Event(_) => (3, Shape::Event),
        Happening::Request { .. } => (4, Shape::Request),
        Happening::Pause | Happening::Resume => (5, Shape::Pause),
        Happening::Boot(_) => (6, Shape::Boot),
        Happening::Crash => (7, Shape::Crash),
        Happening::Fault(_) | Happening::Undone(_) => (8, Shape::Fault),
    };
    let ranked = entries.iter().map(rank).max_by_key(|(rank, _)| *rank);
    ranked.expect("a step has an entry").1
}

/// What came of it; the same message to several nodes is one line.
fn then(chronicle: &Chronicle, entries: &[usize]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut said: Option<(&str, Vec<String>)> = None;
    let tell = |said: &mut Option<(&str, Vec<String>)>, lines: &mut Vec<String>| {
        if let Some((content, to)) = said.take() {
            lines.push(format!("→ {}: {content}", to.join(", ")));
        }
    };
    let lost = |flight| {
        entries.iter().find_map(|place| match chronicle.entries[*place].what {
            Happening::Drop { flight: other, why, .. } if other == flight => Some(why),
            _ => None,
        })
    };
    let sent_here = |flight| {
        let mut entries = entries.iter().map(|place| &chronicle.entries[*place].what);
        entries
            .any(|what| matches!(what, Happening::Send { flight: other, .. } if *other == flight))
    };
    for place in entries {
        let entry = &chronicle.entries[*place];
        match &entry.what {
            Happening::Send { flight, to, content, .. } => {
                let fate = lost(*flight).map_or("", |why| match why {
                    DropReason::Cut => " (cut off)",
                    DropReason::Overflowed => " (the queue is full)",
                    DropReason::Lost | DropReason::Corrupted | DropReason::ToDead => " (lost)",
                });
                let to = format!("{}{fate}", chronicle.name(*to));
                match &mut said {
                    Some((same, all)) if *same == content => all.push(to),
                    _ => {
                        tell(&mut said, &mut lines);
                        said = Some((content, vec![to]));
                    }
                }
            }
            Happening::Drop { flight, .. } if sent_here(*flight) => {}
            Happening::Complete(_) => {}
            _ => {
                tell(&mut said, &mut lines);
                lines.push(happening(chronicle, entry));
            }
        }
    }
    tell(&mut said, &mut lines);
    lines
}
