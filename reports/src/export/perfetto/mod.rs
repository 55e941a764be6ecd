//! A trace for Perfetto (ui.perfetto.dev): a process a node, a slice a handler, a flow a message.
//!
//! - Every node is a process with its name. On its thread `handlers`, each boot, request, timer and
//!   delivery is a slice, and what the handler did is moments within it: `send`, `write`, `force`,
//!   `event`, `complete`. A handler takes no virtual time, so its slice has no length; time that a
//!   service model takes lies before it. The category of a slice is `handler`.
//! - Every message is a flow whose identity is its flight: from the moment of sending to the slice
//!   that handles it or, if it is lost, to a moment at its sender that says why. A duplicate is a
//!   flow of its own, from the moment at which a link made it.
//! - A node that is down or paused has a slice on its track `status`.
//! - Faults are moments on a track of their own; messages on their way are counted on another
//!   (those to oneself are not counted, as everywhere).
//!
//! Time is virtual, in nanoseconds from the start of the run. What was said, the operation, the size
//! and the node's own clock are among an event's arguments.

mod packet;
mod wire;

use std::io::Write;

use seedbed_core::trace::{Occurrence, Record, Sink};
use seedbed_node::{Names, NodeId, Operation, Time};

use self::packet::{Flow, Notes, Shape, Track};
use super::words::{OneLine, reason, shown};
use crate::trace::{Errors, Head, Out};

const IN_FLIGHT: Track = Track(1);
const FAULTS: Track = Track(2);

/// The track of a node: its process, the thread of its handlers, or its status.
fn track(node: NodeId, which: u64) -> Track {
    Track((u64::from(node.0) + 1) * 4 + which)
}

const PROCESS: u64 = 0;
const HANDLERS: u64 = 1;
const STATUS: u64 = 2;

/// A sink that writes packets. It remembers a few bytes a node, and no message.
pub struct Perfetto<W: Write> {
    names: Names,
    /// By node.
    seats: Vec<Seat>,
    /// The handler that is under way.
    open: Option<(NodeId, u64)>,
    now: Time,
    in_flight: i64,
    /// The count that was written last.
    shown: i64,
    out: Out<W>,
}

#[derive(Clone, Copy, Default)]
struct Seat {
    described: bool,
    /// Slices that are open on the track of its status.
    down: bool,
    paused: bool,
}

impl<W: Write> Perfetto<W> {
    /// A trace of a run.
    pub fn new(head: &Head, to: W) -> Self {
        let mut out = Out::new(to);
        packet::counter(&mut out.buffer, IN_FLIGHT, "messages in flight");
        packet::plain(&mut out.buffer, FAULTS, None, "faults");
        Perfetto {
            names: head.names.clone(),
            seats: vec![Seat::default(); head.names.count() as usize],
            open: None,
            now: Time::ZERO,
            in_flight: 0,
            shown: 0,
            out,
        }
    }

    /// Where to ask afterwards whether everything was written.
    pub fn errors(&self) -> Errors {
        self.out.errors()
    }

    /// Makes a node's tracks known before the first event on them.
    fn describe(&mut self, node: NodeId) {
        let Some(seat) = self.seats.get_mut(node.index()) else { return };
        if std::mem::replace(&mut seat.described, true) {
            return;
        }
        let (to, process) = (&mut self.out.buffer, track(node, PROCESS));
        let pid = u64::from(node.0) + 1;
        packet::process(to, process, pid, &self.names[node]);
        packet::thread(to, track(node, HANDLERS), process, pid, "handlers");
        packet::plain(to, track(node, STATUS), Some(process), "status");
    }

    /// Ends the handler under way unless this belongs to it.
    fn close(&mut self, goes_on: Option<(NodeId, u64)>) {
        if let Some(open) = self.open
            && goes_on != Some(open)
        {
            packet::end(&mut self.out.buffer, self.now, track(open.0, HANDLERS));
            self.open = None;
        }
    }

    /// Writes how many messages are on their way, once an instant.
    fn count(&mut self) {
        if self.in_flight != self.shown {
            packet::value(&mut self.out.buffer, self.now, IN_FLIGHT, self.in_flight);
            self.shown = self.in_flight;
        }
    }

    fn occurrence(&mut self, record: &Record<'_>) {
        let Record { node, ref what, .. } = *record;
        let opens = matches!(
            what,
            Occurrence::Boot(_)
                | Occurrence::Deliver { .. }
                | Occurrence::Timer(_)
                | Occurrence::Request { .. }
        );
        self.close((!opens).then_some((node, record.event)));
        if record.at > self.now {
            self.count();
            self.now = record.at;
        }
        self.describe(node);
        self.status(record);
        if opens {
            self.open = Some((node, record.event));
        }
        self.in_flight += change(what, node);
        let to = &mut self.out.buffer;
        match *what {
            Occurrence::Fault(fault) | Occurrence::Undone(fault) => {
                let undone = matches!(what, Occurrence::Undone(_));
                let name = |to: &mut Vec<u8>| {
                    to.extend_from_slice(if undone { b"undone " } else { b"" });
                    OneLine(to).content(&fault.fault);
                };
                let place = (record.at, FAULTS, Shape::Instant);
                packet::event(to, place, "fault", name, None, |_| {});
            }
            _ => {
                let shape = if opens { Shape::Begin } else { Shape::Instant };
                let category = if opens { "handler" } else { "effect" };
                let place = (record.at, track(node, HANDLERS), shape);
                let name = |to: &mut Vec<u8>| name(to, what);
                let notes = |notes: &mut Notes<'_, '_>| note(notes, record, &self.names);
                packet::event(to, place, category, name, flow(what), notes);
            }
        }
    }

    /// Slices for as long as a node is down or paused.
    fn status(&mut self, record: &Record<'_>) {
        let Some(seat) = self.seats.get_mut(record.node.index()) else { return };
        let (to, track) = (&mut self.out.buffer, track(record.node, STATUS));
        let begin = |to: &mut Vec<u8>, name: &str| {
            let name = |to: &mut Vec<u8>| to.extend_from_slice(name.as_bytes());
            packet::event(to, (record.at, track, Shape::Begin), "status", name, None, |_| {});
        };
        match record.what {
            Occurrence::Pause if !seat.paused => {
                seat.paused = true;
                begin(to, "paused");
            }
            Occurrence::Resume if std::mem::take(&mut seat.paused) => {
                packet::end(to, record.at, track);
            }
            Occurrence::Crash => {
                // Who is down is not paused any more.
                if std::mem::take(&mut seat.paused) {
                    packet::end(to, record.at, track);
                }
                if !std::mem::replace(&mut seat.down, true) {
                    begin(to, "down");
                }
            }
            Occurrence::Boot(_) if std::mem::take(&mut seat.down) => {
                packet::end(to, record.at, track);
            }
            _ => {}
        }
    }
}

impl<W: Write + Send> Sink for Perfetto<W> {
    fn record(&mut self, record: &Record<'_>) {
        if !self.out.broken() {
            self.occurrence(record);
            self.out.item();
        }
    }
}

impl<W: Write> Drop for Perfetto<W> {
    fn drop(&mut self) {
        if self.out.broken() {
            return;
        }
        self.close(None);
        self.count();
        for (node, seat) in (0..).map(NodeId).zip(&self.seats) {
            if seat.down || seat.paused {
                packet::end(&mut self.out.buffer, self.now, track(node, STATUS));
            }
        }
    }
}

/// By how much an occurrence changes the number of messages on their way.
fn change(what: &Occurrence<'_>, node: NodeId) -> i64 {
    match *what {
        Occurrence::Send { to, .. } => i64::from(to != node),
        Occurrence::Duplicate { .. } => 1,
        Occurrence::Drop { to, .. } => -i64::from(to != node),
        Occurrence::Deliver { from, .. } => -i64::from(from != node),
        _ => 0,
    }
}

fn flow(what: &Occurrence<'_>) -> Option<Flow> {
    match *what {
        Occurrence::Send { flight, .. } | Occurrence::Duplicate { copy: flight, .. } => {
            Some(Flow::From(flight))
        }
        Occurrence::Deliver { flight, .. } | Occurrence::Drop { flight, .. } => {
            Some(Flow::To(flight))
        }
        _ => None,
    }
}

/// The name of an event: short, and the same for what is of one kind.
fn name(to: &mut Vec<u8>, what: &Occurrence<'_>) {
    let mut put = |parts: [&str; 2]| parts.iter().for_each(|s| to.extend_from_slice(s.as_bytes()));
    match *what {
        Occurrence::Boot(0) => put(["boot", ""]),
        Occurrence::Boot(_) => put(["reboot", ""]),
        Occurrence::Crash => put(["crash", ""]),
        Occurrence::Pause => put(["pause", ""]),
        Occurrence::Resume => put(["resume", ""]),
        Occurrence::Send { kind, .. } => put(["send ", kind]),
        Occurrence::Duplicate { .. } => put(["duplicate", ""]),
        Occurrence::Deliver { kind, .. } => put([kind, ""]),
        Occurrence::Request { .. } => put(["request", ""]),
        Occurrence::Complete(_) => put(["complete", ""]),
        Occurrence::Write { forced, .. } => put([if forced { "force" } else { "write" }, ""]),
        Occurrence::Drop { kind, why, .. } => {
            put([reason(why), " "]);
            put([kind, ""]);
        }
        Occurrence::Timer(timer) => {
            put(["timer ", ""]);
            OneLine(to).content(timer);
        }
        Occurrence::Event(event) => {
            put(["event ", ""]);
            OneLine(to).content(event);
        }
        Occurrence::Fault(_) | Occurrence::Undone(_) => put(["fault", ""]),
    }
}

/// The arguments of an event.
fn note(notes: &mut Notes<'_, '_>, record: &Record<'_>, names: &Names) {
    let put = |text: &str| {
        let bytes = text.as_bytes().to_vec();
        move |to: &mut Vec<u8>| to.extend_from_slice(&bytes)
    };
    notes.int("wall_ns", record.wall.as_nanos());
    let of = |operation: Option<Operation>, notes: &mut Notes<'_, '_>| {
        if let Some(operation) = operation {
            notes.text("operation", put(&shown(operation, names)));
        }
    };
    match record.what {
        Occurrence::Boot(nth) => notes.uint("boots before", nth.into()),
        Occurrence::Send { flight, to, operation, bytes, message, .. } => {
            notes.uint("flight", flight);
            notes.text("to", put(&names[to]));
            notes.uint("bytes", bytes.into());
            of(operation, notes);
            notes.text("content", |to| OneLine(to).content(message));
        }
        Occurrence::Deliver { flight, from, sent_at, operation, message, .. } => {
            notes.uint("flight", flight);
            notes.text("from", put(&names[from]));
            notes.uint("sent_at_ns", sent_at.as_nanos());
            of(operation, notes);
            notes.text("content", |to| OneLine(to).content(message));
        }
        Occurrence::Duplicate { original, copy } => {
            notes.uint("flight", original);
            notes.uint("copy", copy);
        }
        Occurrence::Drop { flight, to, .. } => {
            notes.uint("flight", flight);
            notes.text("to", put(&names[to]));
        }
        Occurrence::Request { operation, request } => {
            of(Some(operation), notes);
            notes.text("content", |to| OneLine(to).content(request));
        }
        Occurrence::Complete(operation) => of(Some(operation), notes),
        Occurrence::Write { record, .. } => {
            notes.text("content", |to| OneLine(to).content(record));
        }
        Occurrence::Timer(_)
        | Occurrence::Event(_)
        | Occurrence::Crash
        | Occurrence::Pause
        | Occurrence::Resume
        | Occurrence::Fault(_)
        | Occurrence::Undone(_) => {}
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! A packet for the tests of the wire format.

    use super::*;

    /// One event with a text and the numbers that are hardest to write.
    pub fn annotated(content: &str) -> Vec<u8> {
        let mut to = Vec::new();
        let place = (Time(u64::MAX), FAULTS, Shape::Instant);
        packet::event(
            &mut to,
            place,
            "test",
            |_| {},
            None,
            |notes| {
                notes.int("least", i64::MIN);
                notes.uint("greatest", u64::MAX);
                notes.text("content", |to| to.extend_from_slice(content.as_bytes()));
            },
        );
        to
    }
}
