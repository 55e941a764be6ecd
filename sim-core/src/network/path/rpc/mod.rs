//! The latency of a remote call as a sum of stages, and what optimisations take out of it.
//!
//! A [`Stack`] is a table of entries: what the caller, the server and each packet's way cost. An
//! optimisation removes entries or replaces them; it knows no saving of its own. So a saving is
//! exactly what the entries were worth, each packet's by itself, and two optimisations that remove
//! the same entry save it once. The result is a [`Bar`]: segments in order of time, to be drawn as
//! a stacked bar. Absent on purpose: load. A call waits for nothing here; queues are the paths'.

mod stacks;

use serde::{Deserialize, Serialize};

/// Bytes of a packet's headers and an empty call, and of the largest packet.
const SMALL: u64 = 74;
const LARGE: u64 = 1_514;

/// The table of a system: where a call's time goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stack {
    /// For people.
    pub name: &'static str,
    /// Where the figures come from.
    pub source: &'static str,
    /// Before the request is sent, in the caller.
    pub before: Vec<Entry>,
    /// Of each packet, from the send to the receiving thread.
    pub packet: Vec<Entry>,
    /// Between the packets, in the server.
    pub server: Vec<Entry>,
    /// After the result has come, in the caller.
    pub after: Vec<Entry>,
}

/// A line of the table. In between the two sizes, costs are linear in the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// For people.
    pub name: &'static str,
    /// Who spends it.
    pub side: Side,
    /// What kind of work it is: what optimisations go by.
    pub work: Work,
    /// For a packet of 74 bytes, in nanoseconds.
    pub small_ns: u64,
    /// For one of 1514 bytes.
    pub large_ns: u64,
}

/// Who spends time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum Side {
    /// The caller's stub and run-time system.
    Caller,
    /// The host that sends a packet.
    Sender,
    /// Buses, controllers, wire.
    Network,
    /// The host that receives a packet.
    Receiver,
    /// The server's stub, run-time system and procedure.
    Server,
}

/// Kinds of work that optimisations tell apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum Work {
    /// What none of them changes.
    Plain,
    /// Copying arguments or results between stub and packet.
    Copy,
    /// Entering the kernel.
    Trap,
    /// Computing a checksum.
    Checksum,
    /// Waking the thread that waits: a context switch.
    Wake,
    /// From memory over a bus into the controller, or back, before or after the wire.
    Bus,
    /// On the wire.
    Wire,
    /// An acknowledgement below the call.
    Acknowledge,
    /// Keeping the request for retransmission.
    ClientBuffer,
    /// Keeping the result for retransmission.
    ServerBuffer,
}

/// An optimisation of the course, one by one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Optimisation {
    /// The stub is in the kernel: no trap, and no copy between the two.
    KernelStub,
    /// Stub and kernel share the packet's memory: no copy.
    SharedDescriptor,
    /// The caller's thread spins for its result: of two context switches, one is left.
    ClientSpins,
    /// So does the server's thread for requests.
    BothSpin,
    /// The result acknowledges the request.
    NoAcknowledgement,
    /// The controller computes checksums.
    HardwareChecksum,
    /// The caller marshals again what it retransmits.
    NoClientBuffer,
    /// The server keeps the result while it is being transmitted.
    OverlappedServerBuffer,
    /// The wire is so many times as fast.
    FasterWire(u32),
    /// The controller sends while it still fetches, and stores while it still receives.
    CutThrough,
}

/// A call: how many bytes of arguments and results travel, 0 to 1440 each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Call {
    /// Of arguments.
    pub request: u32,
    /// Of results.
    pub result: u32,
}

impl Call {
    /// Without arguments and results.
    pub const NULL: Call = Call { request: 0, result: 0 };
    /// With as large a result as one packet takes.
    pub const MAX_RESULT: Call = Call { request: 0, result: 1_440 };
}

/// The latency of a call in order of time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Bar {
    /// What is not zero.
    pub segments: Vec<Segment>,
}

/// A part of a bar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Segment {
    /// The entry's name.
    pub name: &'static str,
    /// Who spends it.
    pub side: Side,
    /// What kind of work it is.
    pub work: Work,
    /// Of which packet, if of one.
    pub packet: Option<Direction>,
    /// How long it takes.
    pub ns: u64,
}

/// Which packet of a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum Direction {
    /// To the server.
    Request,
    /// Back.
    Result,
}

impl Bar {
    /// The whole latency, in nanoseconds.
    pub fn total_ns(&self) -> u64 {
        self.segments.iter().map(|segment| segment.ns).sum()
    }

    /// What one side spends.
    pub fn of_side(&self, side: Side) -> u64 {
        self.segments.iter().filter(|s| s.side == side).map(|s| s.ns).sum()
    }
}

impl Stack {
    /// Where the time of a call goes, with these optimisations; their order does not matter.
    pub fn bar(&self, call: Call, with: &[Optimisation]) -> Bar {
        let mut segments = Vec::new();
        let mut add = |entries: &[Entry], packet: Option<Direction>, payload: u32| {
            segments.extend(entries.iter().map(|entry| entry.segment(packet, payload)));
        };
        add(&self.before, None, call.request);
        add(&self.packet, Some(Direction::Request), call.request);
        add(&self.server, None, call.result);
        add(&self.packet, Some(Direction::Result), call.result);
        add(&self.after, None, call.result);
        segments.iter_mut().for_each(|segment| segment.apply(with));
        if with.contains(&Optimisation::OverlappedServerBuffer) {
            overlap(&mut segments);
        }
        segments.retain(|segment| segment.ns > 0);
        Bar { segments }
    }

    /// What these optimisations save together, in nanoseconds.
    pub fn saving_ns(&self, call: Call, with: &[Optimisation]) -> u64 {
        self.bar(call, &[]).total_ns() - self.bar(call, with).total_ns()
    }
}

impl Entry {
    fn segment(&self, packet: Option<Direction>, payload: u32) -> Segment {
        let Entry { name, side, work, small_ns, large_ns } = *self;
        let bytes = u64::from(payload).min(LARGE - SMALL);
        // Every table has costs that grow with size.
        let ns = small_ns + (large_ns - small_ns) * bytes / (LARGE - SMALL);
        Segment { name, side, work, packet, ns }
    }
}

impl Segment {
    /// What the optimisations leave of it; overlaps are seen to once all others are applied.
    fn apply(&mut self, with: &[Optimisation]) {
        for optimisation in with {
            self.ns = self.left_by(*optimisation);
        }
    }

    fn left_by(&self, optimisation: Optimisation) -> u64 {
        let gone = match optimisation {
            Optimisation::KernelStub => matches!(self.work, Work::Trap | Work::Copy),
            Optimisation::SharedDescriptor => self.work == Work::Copy,
            Optimisation::ClientSpins => {
                self.work == Work::Wake && self.packet == Some(Direction::Result)
            }
            Optimisation::BothSpin => self.work == Work::Wake,
            Optimisation::NoAcknowledgement => self.work == Work::Acknowledge,
            Optimisation::HardwareChecksum => self.work == Work::Checksum,
            Optimisation::NoClientBuffer => self.work == Work::ClientBuffer,
            Optimisation::CutThrough => self.work == Work::Bus,
            Optimisation::OverlappedServerBuffer => false,
            Optimisation::FasterWire(times) if self.work == Work::Wire => {
                return self.ns / u64::from(times.max(1));
            }
            Optimisation::FasterWire(_) => false,
        };
        if gone { 0 } else { self.ns }
    }
}

/// Of keeping the result, what takes longer than its transmission is left.
fn overlap(segments: &mut [Segment]) {
    let transmitted = |s: &&Segment| {
        s.packet == Some(Direction::Result) && matches!(s.work, Work::Bus | Work::Wire)
    };
    let cover: u64 = segments.iter().filter(transmitted).map(|s| s.ns).sum();
    for segment in segments.iter_mut().filter(|s| s.work == Work::ServerBuffer) {
        segment.ns = segment.ns.saturating_sub(cover);
    }
}
