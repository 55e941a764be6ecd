//! What lasts: what nodes hold and are, whether they are up, faults.

use std::collections::BTreeMap;

use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::{LinkSet, NodeSet};
use seedbed_node::{NodeId, Time};

use super::labels::tidy;
use super::layout::Frame;
use super::words::fault as fault_in_words;
use super::{Band, Bar, Life, Span, Step};
use crate::chronicle::Happening;

/// The step in which an entry is, or the first one behind it.
fn step_of(steps: &[Step], entry: usize) -> usize {
    steps.partition_point(|step| step.entries.last() < Some(&entry))
}

/// Where an entry is along the axis, or the edge beyond which it is.
fn edge(frame: &Frame<'_>, entry: usize) -> f64 {
    let [left, _, right, _] = frame.plot;
    match frame.chosen.entries.as_slice() {
        [first, ..] if entry < *first => left,
        [.., last] if entry > *last => right,
        _ => tidy(frame.x(entry)),
    }
}

/// What nodes held and were, and the sorts of that in the whole run.
pub(super) fn bars(frame: &Frame<'_>, steps: &[Step]) -> (Vec<Bar>, Vec<&'static str>) {
    let (chronicle, chosen) = (frame.chronicle, &frame.chosen.entries);
    let (mut bars, mut sorts) = (Vec::new(), Vec::new());
    // Until which mark each level of a node's lane is taken.
    let mut levels: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
    for held in chronicle.holdings() {
        let sort = sorts.iter().position(|sort| *sort == held.what).unwrap_or_else(|| {
            sorts.push(held.what);
            sorts.len() - 1
        });
        let taken = levels.entry(held.node).or_default();
        let free = taken.iter().position(|until| *until <= held.begun);
        let level = free.unwrap_or_else(|| {
            taken.push(0);
            taken.len() - 1
        });
        taken[level] = held.ended.unwrap_or(usize::MAX);
        let entry = |mark: usize| chronicle.marks[mark].entry;
        let (begun, ended) = (entry(held.begun), held.ended.map_or(usize::MAX, entry));
        let ([Some(&first), Some(&last)], Some(lane)) =
            ([chosen.first(), chosen.last()], frame.lane(held.node))
        else {
            continue;
        };
        if begun > last || ended < first {
            continue;
        }
        let [x0, x1] = [edge(frame, begun), edge(frame, ended)];
        bars.push(Bar {
            lane,
            level,
            x: [x0, x1.max(x0 + 2.0)],
            sort,
            label: held.label,
            waiting: held.waiting,
            steps: [step_of(steps, begun), step_of(steps, ended)],
        });
    }
    (bars, sorts)
}

/// Whether a lane's node was up, from edge to edge.
pub(super) fn lives(frame: &Frame<'_>, steps: &[Step], lane: usize) -> Vec<Span> {
    let [left, _, right, _] = frame.plot;
    let node = frame.chosen.nodes[lane];
    let mut spans = Vec::new();
    let (mut life, mut since, mut from) = (Life::Down, left, 0);
    let last = frame.chosen.entries.last().copied().unwrap_or(0);
    let entries = frame.chronicle.entries[..=last].iter().enumerate();
    for (place, entry) in entries.filter(|(_, entry)| entry.node == node) {
        let next = match entry.what {
            Happening::Boot(_) | Happening::Resume => Life::Up,
            Happening::Crash => Life::Down,
            Happening::Pause => Life::Paused,
            _ => continue,
        };
        // Who boots when everything begins is up from the edge on.
        let x = if entry.at == Time::ZERO { left } else { edge(frame, place) };
        let step = step_of(steps, place);
        if x > since {
            spans.push(Span { life, x: [since, x], steps: [from, step] });
            (since, from) = (x, step);
        }
        life = next;
    }
    spans.push(Span { life, x: [since, right], steps: [from, steps.len()] });
    spans
}

/// Faults of the network and of speed while they last, and of clocks when they strike.
pub(super) fn bands(frame: &Frame<'_>) -> Vec<Band> {
    let page = &frame.chosen.page;
    let mut bands = Vec::new();
    for entry in &frame.chronicle.entries {
        let Happening::Fault(timed) = &entry.what else { continue };
        let until = match &timed.fault {
            Fault::Crash { .. } | Fault::Pause(_) | Fault::LateBoot(_) => continue,
            Fault::ClockStep { .. } | Fault::Drift { .. } => timed.at,
            _ => timed.until.unwrap_or(Time(u64::MAX)),
        };
        if timed.at.0 > page.to_ns || until.0 < page.from_ns {
            continue;
        }
        bands.push(Band {
            x: [tidy(frame.axis.time(timed.at)), tidy(frame.axis.time(until))],
            label: fault_in_words(frame.chronicle, timed),
            groups: groups(frame, timed),
        });
    }
    bands
}

/// The lanes that a fault is about, by group.
fn groups(frame: &Frame<'_>, timed: &TimedFault) -> Vec<(usize, usize)> {
    let one = |nodes: &[NodeId], group: usize| -> Vec<(usize, usize)> {
        nodes.iter().filter_map(|node| frame.lane(*node)).map(|lane| (lane, group)).collect()
    };
    let of = |set: &NodeSet, group| match set {
        NodeSet::All => Vec::new(),
        NodeSet::Only(nodes) => one(nodes, group),
    };
    match &timed.fault {
        Fault::Partition(groups) => {
            groups.iter().enumerate().flat_map(|(group, nodes)| one(nodes, group)).collect()
        }
        Fault::Isolate(set) => of(set, 1),
        Fault::Cut(LinkSet { from, to }) | Fault::Degrade { links: LinkSet { from, to }, .. } => {
            [of(from, 0), of(to, 1)].concat()
        }
        Fault::Slow { node, .. }
        | Fault::ClockStep { node, .. }
        | Fault::Drift { node, .. }
        | Fault::Crash { node, .. }
        | Fault::Pause(node)
        | Fault::LateBoot(node) => one(&[*node], 0),
    }
}
