//! A capture of all messages as if they were UDP datagrams on one Ethernet, for Wireshark.
//!
//! Either what nodes send becomes a frame, at the instant of sending ([`Frames::Sent`]), or what
//! they handle, at the instant of handling ([`Frames::Delivered`]): then lost messages are absent and
//! duplicates are there twice. Messages to oneself never leave a node and are no frames. Time is
//! virtual, in nanoseconds, from 1970 on.
//!
//! | part | rule |
//! |---|---|
//! | MAC | `02:00:` and the node's number in four bytes |
//! | IPv4 | 10.0.0.1 for node 0, 10.0.0.2 for node 1, …; the capture names them |
//! | UDP | port 51000 at both ends, 51001 for a transport's own messages: a conversation a pair |
//! | IP identification | the last 16 bits of the flight |
//!
//! The payload is big-endian:
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 4 | `SEED` |
//! | 4 | 1 | version of this layout: 1 |
//! | 5 | 1 | flags: 1 a transport's own, 2 has an operation, 4 the content is cut short |
//! | 6 | 2 | length of the kind's name |
//! | 8 | 8 | flight: the number by which a trace knows the message |
//! | 16 | 4 | the operation's client; all ones if there is none |
//! | 20 | 4 | the operation's ordinal at that client |
//! | 24 | 4 | size on the simulated wire, which the frame does not have |
//! | 28 | 4 | length of the content before it was cut to fit a frame of 1,500 bytes |
//! | 32 | | name of the kind, then the content as Rust prints it; UTF-8 |
//!
//! A message that is lost or duplicated by its first link says so in the comment of its frame; what
//! becomes of it later is not known yet when the frame is written.

mod block;
mod frame;

use std::collections::BTreeMap;
use std::io::Write;

use seedbed_core::trace::{Flight, Occurrence, Record, Sink};
use seedbed_node::NodeId;

use self::block::Direction;
use self::frame::{Message, address};
use super::words::reason;
use crate::trace::{Errors, Head, Out};

/// Names that share a block.
const NAMES_A_BLOCK: usize = 1_000;
/// Nodes beyond this many keep their addresses for names.
const NAMES_MAX: usize = 1 << 16;

/// Which messages are frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Frames {
    /// What is sent, when it is sent.
    #[default]
    Sent,
    /// What is handled, when it is handled.
    Delivered,
}

/// A sink that writes a frame a message. It remembers messages that are on their way.
pub struct Pcapng<W: Write> {
    frames: Frames,
    /// Sizes of messages on their way.
    flying: BTreeMap<Flight, u32>,
    frame: Vec<u8>,
    scratch: Vec<u8>,
    /// The frame is not written yet, because what comes next may be about it.
    held: Option<(u64, Flight)>,
    out: Out<W>,
}

impl<W: Write> Pcapng<W> {
    /// A capture of a run.
    pub fn new(head: &Head, frames: Frames, to: W) -> Self {
        let mut out = Out::new(to);
        let Head { scenario, algorithm, seed, .. } = head;
        let buffer = &mut out.buffer;
        let application = concat!("seedbed ", env!("CARGO_PKG_VERSION"));
        block::section(buffer, application, &format!("{scenario}: {algorithm}, seed {seed}"));
        let what = match frames {
            Frames::Sent => "messages when they are sent, in virtual time",
            Frames::Delivered => "messages when they are delivered, in virtual time",
        };
        block::interface(buffer, "simulated", what);
        let addresses = (0..).map(|node| address(NodeId(node)));
        let named: Vec<_> = addresses.zip(head.names.iter()).take(NAMES_MAX).collect();
        for some in named.chunks(NAMES_A_BLOCK) {
            block::names(buffer, some.iter().copied());
        }
        let (frame, scratch) = (Vec::new(), Vec::new());
        Pcapng { frames, flying: BTreeMap::new(), frame, scratch, held: None, out }
    }

    /// Where to ask afterwards whether everything was written.
    pub fn errors(&self) -> Errors {
        self.out.errors()
    }

    /// Writes the frame that was held back, now that the next record is known.
    fn release(&mut self, next: Option<&Occurrence<'_>>) {
        let Some((at_ns, held)) = self.held.take() else { return };
        let comment = match next {
            Some(&Occurrence::Drop { flight, why, .. }) if flight == held => {
                Some(reason(why).to_owned())
            }
            Some(&Occurrence::Duplicate { original, copy }) if original == held => {
                Some(format!("duplicated as flight {copy}"))
            }
            _ => None,
        };
        let to = &mut self.out.buffer;
        block::packet(to, at_ns, &self.frame, Direction::Outbound, comment.as_deref());
        self.out.item();
    }

    fn sent(&mut self, record: &Record<'_>) {
        self.release(Some(&record.what));
        let from = record.node;
        if let Occurrence::Send { flight, to, kind, transport, operation, bytes, message } =
            record.what
            && to != from
        {
            let content = message;
            let message = Message { flight, from, to, kind, transport, operation, bytes, content };
            message.frame(&mut self.scratch, &mut self.frame);
            self.held = Some((record.at.as_nanos(), flight));
        }
    }

    fn delivered(&mut self, record: &Record<'_>) {
        match record.what {
            Occurrence::Send { flight, bytes, .. } => {
                self.flying.insert(flight, bytes);
            }
            Occurrence::Duplicate { original, copy } => {
                if let Some(bytes) = self.flying.get(&original).copied() {
                    self.flying.insert(copy, bytes);
                }
            }
            Occurrence::Drop { flight, .. } => {
                self.flying.remove(&flight);
            }
            Occurrence::Deliver { flight, from, kind, transport, operation, message, .. } => {
                let bytes = self.flying.remove(&flight).unwrap_or(0);
                let to = record.node;
                if to == from {
                    return;
                }
                let content = message;
                let message =
                    Message { flight, from, to, kind, transport, operation, bytes, content };
                message.frame(&mut self.scratch, &mut self.frame);
                let (to, at_ns) = (&mut self.out.buffer, record.at.as_nanos());
                block::packet(to, at_ns, &self.frame, Direction::Inbound, None);
                self.out.item();
            }
            _ => {}
        }
    }
}

impl<W: Write + Send> Sink for Pcapng<W> {
    fn record(&mut self, record: &Record<'_>) {
        if self.out.broken() {
            return;
        }
        match self.frames {
            Frames::Sent => self.sent(record),
            Frames::Delivered => self.delivered(record),
        }
    }
}

impl<W: Write> Drop for Pcapng<W> {
    fn drop(&mut self) {
        if !self.out.broken() {
            self.release(None);
        }
    }
}
