//! What the scripts of a page read: the chronicle as JSON, in columns.
//!
//! One number a column for each entry, `-1` where there is none. Names, kinds, contents and lines of
//! states are in tables, once each. `at_ns` and `event` hold differences to the entry before. A
//! state is a difference too: `[base, first, last, line, …]` are the first and last so many lines of
//! the state `base`, with these between (`base` is -1 for none).

use std::collections::BTreeMap;

use seedbed_core::trace::{DropReason, Stamps};
use seedbed_node::{NodeId, Operation};
use serde::Serialize;

use super::Subject;
use super::cause::Causes;
use super::story::Reason;
use super::words;
use crate::chronicle::{Chronicle, Entry, Happening, Holding};

/// The version of this format.
const SCHEMA: u32 = 1;
/// Contents longer than so many characters are cut short.
const CONTENT_MAX: usize = 2000;
/// States of more lines are cut short.
const LINES_MAX: usize = 400;
/// Nothing here.
const NONE: i64 = -1;

/// The whole.
#[derive(Debug, Serialize)]
pub struct Data<'a> {
    schema: u32,
    names: &'a [String],
    members: u32,
    ended_ns: u64,
    left_out: u64,
    kinds: Vec<Kind>,
    texts: Vec<String>,
    lines: Vec<String>,
    states: Vec<Vec<i64>>,
    operations: Vec<(u32, u32)>,
    entries: Columns,
    stamps: Stamped,
    faults: Vec<Fault>,
    breaches: Vec<Breach<'a>>,
    marks: Vec<Mark>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy, Serialize)]
struct Kind {
    name: &'static str,
    transport: bool,
}

/// One item an entry.
#[derive(Debug, Default, Serialize)]
struct Columns {
    at_ns: Vec<i64>,
    event: Vec<i64>,
    node: Vec<i64>,
    /// How far the node's wall clock is ahead of true time.
    lead_ns: Vec<i64>,
    /// See [`code`].
    what: Vec<i64>,
    /// The entry that sent or copied the message.
    origin: Vec<i64>,
    /// The other node; of a fault, the only one that it is about.
    peer: Vec<i64>,
    kind: Vec<i64>,
    text: Vec<i64>,
    operation: Vec<i64>,
    /// Bytes sent, the number of a boot, the reason of a drop, 1 if forced.
    value: Vec<i64>,
    state: Vec<i64>,
}

/// Logical clocks, one item an entry; empty where the scenario records none.
#[derive(Debug, Default, Serialize)]
struct Stamped {
    lamport: Vec<Option<u64>>,
    vector: Vec<Option<Vec<u32>>>,
    hlc: Vec<Option<String>>,
}

#[derive(Debug, Serialize)]
struct Fault {
    at_ns: u64,
    until_ns: Option<u64>,
    words: String,
    nodes: Option<Vec<u32>>,
}

#[derive(Debug, Serialize)]
struct Breach<'a> {
    check: &'a str,
    entry: usize,
    exact: bool,
}

/// What a node holds or is, or waits for, from one entry to another or to the end.
#[derive(Debug, Serialize)]
struct Mark {
    node: u32,
    from: usize,
    until: Option<usize>,
    what: &'static str,
    label: String,
    waiting: bool,
}

impl<'a> Data<'a> {
    /// Of a run.
    pub fn of(subject: &Subject<'a>, causes: &Causes, reasons: &'a [Reason]) -> Self {
        let chronicle = subject.chronicle;
        let mut tables = Tables::default();
        let columns = tables.columns(chronicle, causes);
        let faults = subject.outcome.faults.iter().map(|timed| Fault {
            at_ns: timed.at.as_nanos(),
            until_ns: timed.until.map(|until| until.as_nanos()),
            words: words::fault(chronicle, &timed.fault),
            nodes: words::afflicted(&timed.fault).map(|nodes| nodes.iter().map(|n| n.0).collect()),
        });
        let breaches = reasons.iter().filter_map(|reason| {
            Some(Breach { check: &reason.check, entry: reason.entry?, exact: reason.exact })
        });
        Data {
            schema: SCHEMA,
            names: &chronicle.names,
            members: chronicle.members,
            ended_ns: subject.outcome.ended_at.as_nanos(),
            left_out: chronicle.left_out,
            stamps: stamps(chronicle),
            faults: faults.collect(),
            breaches: breaches.collect(),
            marks: chronicle.holdings().into_iter().map(|held| mark(chronicle, held)).collect(),
            entries: columns,
            kinds: tables.kinds.items,
            texts: tables.texts.items,
            lines: tables.lines.items,
            states: tables.states,
            operations: tables.operations.items,
        }
    }
}

fn mark(chronicle: &Chronicle, held: Holding) -> Mark {
    let entry = |mark: usize| chronicle.marks[mark].entry;
    let Holding { node, what, label, waiting, begun, ended } = held;
    Mark { node: node.0, from: entry(begun), until: ended.map(entry), what, label, waiting }
}

/// Things once each, by their place.
#[derive(Debug)]
struct Table<T> {
    items: Vec<T>,
    places: BTreeMap<T, i64>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { items: Vec::new(), places: BTreeMap::new() }
    }
}

impl<T: Ord + Clone> Table<T> {
    fn place(&mut self, item: T) -> i64 {
        let next = self.items.len() as i64;
        let place = *self.places.entry(item.clone()).or_insert(next);
        if place == next {
            self.items.push(item);
        }
        place
    }
}

#[derive(Debug, Default)]
struct Tables {
    kinds: Table<Kind>,
    texts: Table<String>,
    lines: Table<String>,
    operations: Table<(u32, u32)>,
    states: Vec<Vec<i64>>,
}

impl Tables {
    fn columns(&mut self, chronicle: &Chronicle, causes: &Causes) -> Columns {
        let mut columns = Columns::default();
        let (mut at, mut event) = (0, 0);
        let mut known: BTreeMap<u32, i64> = BTreeMap::new();
        let mut seats: BTreeMap<NodeId, (i64, Vec<i64>)> = BTreeMap::new();
        for (place, entry) in chronicle.entries.iter().enumerate() {
            let now = entry.at.as_nanos() as i64;
            columns.at_ns.push(now - std::mem::replace(&mut at, now));
            let ordinal = entry.event as i64;
            columns.event.push(ordinal - std::mem::replace(&mut event, ordinal));
            columns.node.push(i64::from(entry.node.0));
            columns.lead_ns.push(entry.wall.as_nanos().saturating_sub(now));
            columns.what.push(code(&entry.what));
            columns.origin.push(causes.origin[place].map_or(NONE, i64::from));
            let state = entry.state.map_or(NONE, |state| {
                *known.entry(state).or_insert_with(|| {
                    let text = chronicle.state(entry).unwrap_or_default();
                    self.state(text, seats.entry(entry.node).or_insert((NONE, Vec::new())))
                })
            });
            columns.state.push(state);
            self.rest(&mut columns, entry, chronicle);
        }
        columns
    }

    /// The columns that not every entry has.
    fn rest(&mut self, columns: &mut Columns, entry: &Entry, chronicle: &Chronicle) {
        let [mut peer, mut kind, mut text, mut operation, mut value] = [NONE; 5];
        let node = |node: NodeId| i64::from(node.0);
        match &entry.what {
            Happening::Boot(nth) => value = i64::from(*nth),
            Happening::Crash
            | Happening::Pause
            | Happening::Resume
            | Happening::Duplicate { .. } => {}
            Happening::Send {
                to, kind: name, transport, operation: op, bytes, content, ..
            } => {
                (peer, value) = (node(*to), i64::from(*bytes));
                kind = self.kinds.place(Kind { name, transport: *transport });
                text = self.text(content);
                operation = self.operation(*op);
            }
            Happening::Drop { to, kind: name, why, .. } => {
                (peer, value) = (node(*to), reason(*why));
                kind = self.kind_called(name);
            }
            Happening::Deliver { from, kind: name, transport, operation: op, content, .. } => {
                peer = node(*from);
                kind = self.kinds.place(Kind { name, transport: *transport });
                text = self.text(content);
                operation = self.operation(*op);
            }
            Happening::Timer(content) | Happening::Event(content) => text = self.text(content),
            Happening::Request { operation: op, content } => {
                text = self.text(content);
                operation = self.operation(Some(*op));
            }
            Happening::Complete(op) => operation = self.operation(Some(*op)),
            Happening::Write { forced, content } => {
                value = i64::from(*forced);
                text = self.text(content);
            }
            Happening::Fault(timed) | Happening::Undone(timed) => {
                text = self.text(&words::fault(chronicle, &timed.fault));
                if let Some([only]) = words::afflicted(&timed.fault).as_deref() {
                    peer = node(*only);
                }
            }
        }
        columns.peer.push(peer);
        columns.kind.push(kind);
        columns.text.push(text);
        columns.operation.push(operation);
        columns.value.push(value);
    }

    fn text(&mut self, content: &str) -> i64 {
        self.texts.place(shortened(content))
    }

    /// The kind of a message that was sent before; a drop does not say whether it is a transport's.
    fn kind_called(&mut self, name: &'static str) -> i64 {
        let known = self.kinds.items.iter().position(|kind| kind.name == name);
        known
            .map_or_else(|| self.kinds.place(Kind { name, transport: false }), |place| place as i64)
    }

    fn operation(&mut self, operation: Option<Operation>) -> i64 {
        operation.map_or(NONE, |op| self.operations.place((op.client.0, op.number)))
    }

    /// A state as a difference to the one before at its node.
    fn state(&mut self, text: &str, before: &mut (i64, Vec<i64>)) -> i64 {
        let mut lines: Vec<i64> =
            text.lines().take(LINES_MAX).map(|line| self.lines.place(shortened(line))).collect();
        if text.lines().nth(LINES_MAX).is_some() {
            lines.push(self.lines.place("… (the rest is left out)".into()));
        }
        let (base, old) = before;
        let same = |pair: &(&i64, &i64)| pair.0 == pair.1;
        let first = old.iter().zip(&lines).take_while(same).count();
        let room = old.len().min(lines.len()) - first;
        let last = old.iter().rev().zip(lines.iter().rev()).take_while(same).count().min(room);
        let mut difference = vec![*base, first as i64, last as i64];
        difference.extend(&lines[first..lines.len() - last]);
        let place = self.states.len() as i64;
        self.states.push(difference);
        *before = (place, lines);
        place
    }
}

/// What the scripts call what occurred.
fn code(what: &Happening) -> i64 {
    match what {
        Happening::Boot(_) => 0,
        Happening::Crash => 1,
        Happening::Pause => 2,
        Happening::Resume => 3,
        Happening::Send { .. } => 4,
        Happening::Duplicate { .. } => 5,
        Happening::Drop { .. } => 6,
        Happening::Deliver { .. } => 7,
        Happening::Timer(_) => 8,
        Happening::Request { .. } => 9,
        Happening::Event(_) => 10,
        Happening::Complete(_) => 11,
        Happening::Write { .. } => 12,
        Happening::Fault(_) => 13,
        Happening::Undone(_) => 14,
    }
}

fn reason(why: DropReason) -> i64 {
    match why {
        DropReason::Lost => 0,
        DropReason::Corrupted => 1,
        DropReason::Overflowed => 2,
        DropReason::Cut => 3,
        DropReason::ToDead => 4,
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(CONTENT_MAX) {
        None => text.to_owned(),
        Some((end, _)) => {
            let more = text[end..].chars().count();
            format!("{}… ({more} more characters)", &text[..end])
        }
    }
}

fn stamps(chronicle: &Chronicle) -> Stamped {
    fn column<T>(chronicle: &Chronicle, part: fn(&Stamps) -> Option<T>) -> Vec<Option<T>> {
        let of = |entry: &Entry| entry.stamps.as_ref().and_then(part);
        let column: Vec<_> = chronicle.entries.iter().map(of).collect();
        if column.iter().all(Option::is_none) { Vec::new() } else { column }
    }
    Stamped {
        lamport: column(chronicle, |stamps| stamps.lamport),
        vector: column(chronicle, |stamps| stamps.vector.clone()),
        hlc: column(chronicle, |stamps| {
            stamps.hlc.map(|(wall, count)| format!("{wall} + {count}"))
        }),
    }
}
