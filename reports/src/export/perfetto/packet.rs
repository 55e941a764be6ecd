//! Packets of a Perfetto trace, with the numbers of their fields as published in
//! `protos/perfetto/trace/` (`trace.proto`, `trace_packet.proto`, `track_event/*.proto`).

use seedbed_core::trace::Flight;
use seedbed_node::Time;

use super::wire::Message;

/// A track, by its identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Track(pub u64);

/// What an event does on its track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Shape {
    /// A slice begins.
    Begin = 1,
    /// The innermost slice ends.
    End = 2,
    /// A moment.
    Instant = 3,
}

/// How an event belongs to a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// The message begins its way here.
    From(Flight),
    /// It ends here.
    To(Flight),
}

/// The only sequence of packets that there is.
const SEQUENCE: u64 = 1;

fn packet(to: &mut Vec<u8>, fill: impl FnOnce(&mut Message<'_>)) {
    Message(to).message(1, |packet| {
        fill(packet);
        packet.uint(10, SEQUENCE);
    });
}

/// Describes a process: what a node is drawn as.
pub fn process(to: &mut Vec<u8>, track: Track, pid: u64, name: &str) {
    descriptor(to, track, |of| {
        of.message(3, |process| {
            process.uint(1, pid).text(6, name);
        });
    });
}

/// Describes the thread of a process on which slices nest.
pub fn thread(to: &mut Vec<u8>, track: Track, parent: Track, pid: u64, name: &str) {
    descriptor(to, track, |of| {
        of.uint(5, parent.0).message(4, |thread| {
            thread.uint(1, pid).uint(2, pid).text(5, name);
        });
    });
}

/// Describes a track by a name, within another one or at the top.
pub fn plain(to: &mut Vec<u8>, track: Track, parent: Option<Track>, name: &str) {
    descriptor(to, track, |of| {
        if let Some(parent) = parent {
            of.uint(5, parent.0);
        }
        of.text(2, name);
    });
}

/// Describes a track of numbers.
pub fn counter(to: &mut Vec<u8>, track: Track, name: &str) {
    descriptor(to, track, |of| {
        of.text(2, name).message(8, |_| {});
    });
}

fn descriptor(to: &mut Vec<u8>, track: Track, fill: impl FnOnce(&mut Message<'_>)) {
    packet(to, |packet| {
        packet.message(60, |descriptor| {
            descriptor.uint(1, track.0);
            fill(descriptor);
        });
    });
}

/// A number from this instant on.
pub fn value(to: &mut Vec<u8>, at: Time, track: Track, value: i64) {
    packet(to, |packet| {
        packet.uint(8, at.as_nanos()).message(11, |event| {
            event.uint(9, 4).uint(11, track.0).int(30, value);
        });
    });
}

/// The end of the innermost slice.
pub fn end(to: &mut Vec<u8>, at: Time, track: Track) {
    packet(to, |packet| {
        packet.uint(8, at.as_nanos()).message(11, |event| {
            event.uint(9, Shape::End as u64).uint(11, track.0);
        });
    });
}

/// The beginning of a slice, or a moment, whose name `name` appends.
pub fn event(
    to: &mut Vec<u8>,
    (at, track, shape): (Time, Track, Shape),
    category: &str,
    name: impl FnOnce(&mut Vec<u8>),
    flow: Option<Flow>,
    notes: impl FnOnce(&mut Notes<'_, '_>),
) {
    packet(to, |packet| {
        packet.uint(8, at.as_nanos()).message(11, |event| {
            event.uint(9, shape as u64).uint(11, track.0).text(22, category).lengthy(23, name);
            match flow {
                Some(Flow::From(flight)) => event.fixed(47, flight),
                Some(Flow::To(flight)) => event.fixed(48, flight),
                None => event,
            };
            notes(&mut Notes(event));
        });
    });
}

/// What is shown of an event when it is clicked.
pub struct Notes<'a, 'b>(&'a mut Message<'b>);

impl Notes<'_, '_> {
    /// A number.
    pub fn uint(&mut self, name: &str, value: u64) {
        self.note(name, |note| {
            note.uint(3, value);
        });
    }

    /// A number that may be negative.
    pub fn int(&mut self, name: &str, value: i64) {
        self.note(name, |note| {
            note.int(4, value);
        });
    }

    /// A text, which `fill` appends.
    pub fn text(&mut self, name: &str, fill: impl FnOnce(&mut Vec<u8>)) {
        self.note(name, |note| {
            note.lengthy(6, fill);
        });
    }

    fn note(&mut self, name: &str, fill: impl FnOnce(&mut Message<'_>)) {
        self.0.message(4, |note| {
            note.text(10, name);
            fill(note);
        });
    }
}
