//! Synchronisation of clocks: every node has a wall clock that is off and drifts, and corrects it by
//! what it can learn from messages.
//!
//! A client asks its node to synchronise at once ([`Request::Synchronise`]; most algorithms also do
//! it by themselves, every so often) and to read its clock ([`Request::Read`]). With a reading a
//! node says what it [promises](Promise) of it: how far from true time, how far from the group's
//! common time. The checkers hold it to that, for they know true time and all other readings.
//!
//! Rates are off by parts per billion (ppb): a clock of 50,000 ppb, or 50 ppm, gains or loses 50 µs
//! a second. Clocks that may drift apart at 2ρ and are to stay within δ of each other must be
//! synchronised every δ/(2ρ): [`resync_every`].
//!
//! What is absent: correction of a clock's rate (NTP's frequency discipline), and authentication.

mod berkeley;
mod checks;
mod cristian;
mod estimate;
mod lamport_physical;
mod marks;
mod marzullo;
mod measures;
mod ntp;
mod steering;
mod workload;

use seedbed_node::{CheckRow, Duration, Family, GoalRow, LocalTime, Marker, Measure, Workload};

pub use berkeley::{Berkeley, BerkeleyMessage, BerkeleyMutant, BerkeleyParams, BerkeleyTimer};
pub use checks::{
    EstimateBound, MutuallyClose, NeverBackwards, NoAnomaly, Synchronised, WithinBound,
};
pub use cristian::{Cristian, CristianMessage, CristianMutant, CristianParams, CristianTimer};
pub use estimate::{drift_within, resync_every};
pub use lamport_physical::{
    LamportPhysical, LamportPhysicalMessage, LamportPhysicalMutant, LamportPhysicalParams,
    LamportPhysicalTimer, Neighbours,
};
pub use marks::CorrectionMarks;
pub use marzullo::{
    Interval, Marzullo, MarzulloMessage, MarzulloMutant, MarzulloParams, MarzulloTimer, intersect,
};
pub use measures::ClockFigures;
pub use ntp::{Ntp, NtpMessage, NtpMutant, NtpParams, NtpTimer};
pub use workload::Load;

/// The family of algorithms that synchronise clocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockSync;

/// What a client asks of its node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Request {
    /// Synchronise now.
    Synchronise,
    /// What time is it? Answered at once, without a message.
    Read,
}

/// What a node tells its client.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// The answer to [`Request::Read`].
    Reading {
        /// The wall clock.
        wall: LocalTime,
        /// What the node promises of it.
        promise: Promise,
    },
    /// True time is believed to be `wall + offset_ns`, give or take `error`.
    Measured {
        /// The wall clock now, not yet corrected.
        wall: LocalTime,
        /// By how much it is believed to be slow.
        offset_ns: i64,
        /// The round trip on which that rests; the longest if there are several.
        delay: Duration,
        /// How far the belief can be off.
        error: Duration,
    },
    /// The clock is corrected, at once or from now on.
    Synchronised {
        /// By so much; positive is forward.
        by_ns: i64,
    },
    /// A round ended without a result; the clock is left as it is.
    OutOfTouch,
}

/// What a node promises of its clock's reading. Nothing is promised before the first round.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Promise {
    /// At most this far from true time.
    pub accuracy: Option<Duration>,
    /// Close to the common time of a group.
    pub group: Option<Group>,
    /// Later than any node's reading that is older than this, in true time.
    pub order_after: Option<Duration>,
}

/// A promise to be close to a common time: two readings of one instant and one round differ by at
/// most the sum of what they promise.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Group {
    /// In which round the common time was agreed on.
    pub round: u32,
    /// At most this far from the common time.
    pub within: Duration,
}

impl Family for ClockSync {
    const NAME: &'static str = "clock-synchronisation";
    const ABOUT: &'static str =
        "clocks that are off and drift are kept near true time or each other";
    const OPERATION: &'static str = "synchronisation";
    const FIGURES: &'static [&'static str] = &[
        "error_max_ns",
        "skew_max_ns",
        "promise_max_ns",
        "estimate_error_max_ns",
        "estimate_error_min_ns",
    ];
    const SAMPLES: &'static [&'static str] = &["error_ns", "skew_ns", "delay_ns"];
    type Request = Request;
    type Event = Event;
    type Load = Load;

    fn workload(load: &Load, nodes: u32) -> Result<Box<dyn Workload<Request, Event>>, String> {
        Ok(Box::new(workload::Clients::new(load, nodes)?))
    }

    fn checks() -> Vec<CheckRow<Request, Event>> {
        vec![
            CheckRow {
                name: "WithinBound",
                about: "a reading is no further from true time than its node promises",
                build: || Box::new(WithinBound),
            },
            CheckRow {
                name: "EstimateBound",
                about: "an estimate of true time is off by no more than it says",
                build: || Box::new(EstimateBound),
            },
            CheckRow {
                name: "MutuallyClose",
                about: "readings of one instant differ by no more than their nodes promise",
                build: || Box::new(MutuallyClose::default()),
            },
            CheckRow {
                name: "NeverBackwards",
                about: "no node's readings ever decrease",
                build: || Box::new(NeverBackwards::default()),
            },
            CheckRow {
                name: "NoAnomaly",
                about: "a reading is later than all that are older than its node promises",
                build: || Box::new(NoAnomaly::default()),
            },
        ]
    }

    fn goals() -> Vec<GoalRow<Request, Event>> {
        vec![GoalRow {
            name: "Synchronised",
            about: "whoever asks for it is synchronised",
            build: |within| Box::new(Synchronised::new(within)),
        }]
    }

    fn measures() -> Vec<Box<dyn Measure<Request, Event>>> {
        vec![Box::new(ClockFigures::default())]
    }

    fn marks() -> Option<Box<dyn Marker<Request, Event>>> {
        Some(Box::new(CorrectionMarks))
    }
}
