//! Happened-before as a graph for GraphViz: a cluster a node, its events in order, and an arrow
//! from every sending to its delivery (Lamport, CACM 21(7), 1978).
//!
//! A lost message is an arrow to a cross that says why; the delivery of a duplicate has a dashed
//! one. What was said is in the tooltips, which SVG keeps. Without `newrank`, GraphViz would rank
//! the clusters one by one, and some arrows would point backwards.
//!
//! A picture of thousands of events is of no use to anybody: beyond a number of events there is an
//! error instead, and nothing is written. The graph is held until it is complete.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use seedbed_core::trace::{Flight, Occurrence, Record, Sink};
use seedbed_node::{Names, NodeId};

use super::words::{reason, say};
use crate::trace::{Errors, Head, Out};

/// A sink that draws a graph once the run is over.
pub struct Dot<W: Write> {
    names: Names,
    events_max: u64,
    clusters: BTreeMap<NodeId, Cluster>,
    /// Arrows between clusters, and crosses.
    arrows: String,
    /// Where messages on their way come from, and whether they are copies.
    flying: BTreeMap<Flight, (u64, bool)>,
    out: Out<W>,
}

/// The events of a node, as text.
#[derive(Default)]
struct Cluster {
    text: String,
    last: Option<u64>,
}

impl<W: Write> Dot<W> {
    /// A graph of a run with at most so many events.
    pub fn new(head: &Head, events_max: u64, to: W) -> Self {
        let mut out = Out::new(to);
        let title = format!("{}, seed {}", head.scenario, head.seed);
        let opening = format!(
            "digraph \"{}\" {{\n  rankdir=LR; newrank=true; labeljust=l; node [shape=box, style=\"rounded,filled\", \
             fillcolor=\"#f2f2f2\", fontname=\"sans-serif\", fontsize=10];\n  \
             edge [color=\"#767676\", arrowsize=0.7];\n",
            quoted(&title)
        );
        out.buffer.extend_from_slice(opening.as_bytes());
        Dot {
            names: head.names.clone(),
            events_max,
            clusters: BTreeMap::new(),
            arrows: String::new(),
            flying: BTreeMap::new(),
            out,
        }
    }

    /// Where to ask afterwards whether everything was written.
    pub fn errors(&self) -> Errors {
        self.out.errors()
    }

    fn too_many(&mut self) {
        let why = format!(
            "the run has more than {} events, and a graph of more is of no use: stop the run \
             earlier with --until, or allow more with --max-events",
            self.events_max
        );
        self.out.fail(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
}

impl<W: Write + Send> Sink for Dot<W> {
    fn record(&mut self, record: &Record<'_>) {
        if self.out.broken() {
            return;
        }
        match record.what {
            Occurrence::Duplicate { original, copy } => {
                if let Some((from, _)) = self.flying.get(&original) {
                    self.flying.insert(copy, (*from, true));
                }
            }
            Occurrence::Drop { flight, kind, why, .. } => {
                if let Some((from, _)) = self.flying.remove(&flight) {
                    // Writing to memory cannot fail; so beneath.
                    let _ = writeln!(
                        self.arrows,
                        "  x{flight} [shape=plain, style=\"\", label=\"✗ {}\"];\n  e{from} -> \
                         x{flight} [color=\"#b3261e\", style=dotted, tooltip=\"{}\"];",
                        reason(why),
                        quoted(kind)
                    );
                }
            }
            Occurrence::Fault(_) | Occurrence::Undone(_) => {}
            _ if self.out.items >= self.events_max => self.too_many(),
            _ => self.event(record),
        }
    }
}

impl<W: Write> Dot<W> {
    /// An event of a node.
    fn event(&mut self, record: &Record<'_>) {
        self.out.items += 1;
        let id = self.out.items;
        let mut words = Vec::new();
        say(&mut words, &self.names, &record.what);
        let words = String::from_utf8_lossy(&words);
        let (label, fill) = label(&record.what, &words, &self.names);
        let cluster = self.clusters.entry(record.node).or_default();
        let text = &mut cluster.text;
        let _ = writeln!(
            text,
            "    e{id} [label=\"{}\\n{}\", tooltip=\"{}\"{fill}];",
            quoted(&label),
            record.at,
            quoted(&words)
        );
        if let Some(last) = cluster.last.replace(id) {
            let _ = writeln!(text, "    e{last} -> e{id} [weight=20, arrowhead=none];");
        }
        match record.what {
            Occurrence::Send { flight, .. } => {
                self.flying.insert(flight, (id, false));
            }
            Occurrence::Deliver { flight, kind, .. } => {
                if let Some((from, copied)) = self.flying.remove(&flight) {
                    let style = if copied { ", style=dashed" } else { "" };
                    let _ = writeln!(
                        self.arrows,
                        "  e{from} -> e{id} [color=\"#0b57d0\", \
                         tooltip=\"{}\"{style}];",
                        quoted(kind)
                    );
                }
            }
            _ => {}
        }
    }
}

impl<W: Write> Drop for Dot<W> {
    fn drop(&mut self) {
        if self.out.broken() {
            return;
        }
        let mut text = String::new();
        for (node, cluster) in &self.clusters {
            let _ = writeln!(
                text,
                "  subgraph cluster_{} {{\n    label=\"{}\"; fontname=\"sans-serif\"; \
                 color=\"#c4c4c4\";\n{}  }}",
                node.0,
                quoted(&self.names[*node]),
                cluster.text
            );
        }
        text += &self.arrows;
        text += "}\n";
        self.out.buffer.extend_from_slice(text.as_bytes());
    }
}

/// What stands in a box, and its colour if it has one of its own.
fn label(what: &Occurrence<'_>, words: &str, names: &Names) -> (String, &'static str) {
    match *what {
        Occurrence::Send { to, kind, .. } => (format!("{kind} → {}", &names[to]), ""),
        Occurrence::Deliver { from, kind, .. } => (format!("{} → {kind}", &names[from]), ""),
        Occurrence::Boot(_) | Occurrence::Crash | Occurrence::Pause | Occurrence::Resume => {
            (words.to_owned(), ", fillcolor=\"#fbd9d3\"")
        }
        Occurrence::Timer(_) => (short(words), ", fillcolor=\"#fff3c4\""),
        _ => (short(words), ", fillcolor=\"#d7ecd9\""),
    }
}

/// The beginning of a text that is too long for a box.
fn short(words: &str) -> String {
    const CHARS_MAX: usize = 32;
    match words.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.to_owned(),
    }
}

/// Text within the quotes of DOT, in which a backslash begins an escape.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
