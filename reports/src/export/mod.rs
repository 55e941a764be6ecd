//! A run for other programs: each format is a sink that writes while the run goes on, in memory
//! that does not grow with its length.
//!
//! - [`shiviz`]: a log for ShiViz, with vector clocks;
//! - [`perfetto`]: a trace for Perfetto, with a slice a handler and a flow a message;
//! - [`pcapng`]: a capture for Wireshark, with a frame a message;
//! - [`crate::trace`]: lines of JSON, with everything there is;
//! - [`dot`]: happened-before for GraphViz, of runs that fit a picture.

pub mod dot;
pub mod pcapng;
pub mod perfetto;
pub mod shiviz;
pub(crate) mod words;

use std::io::Write;

use seedbed_core::Outcome;
use seedbed_core::trace::{ClockKind, Sink};
use serde::Serialize;

pub use pcapng::Frames;

use crate::json::text;
use crate::trace::{Errors, Head, JsonLines};

/// What a run can be written as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// A log for ShiViz.
    ShiViz,
    /// A trace for Perfetto.
    Perfetto,
    /// A capture for Wireshark.
    Pcapng(Frames),
    /// Lines of JSON.
    JsonLines,
    /// A graph for GraphViz, of at most so many events.
    Dot {
        /// Beyond this there is an error instead.
        events_max: u64,
    },
}

impl Format {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::ShiViz => "shiviz",
            Format::Perfetto => "perfetto",
            Format::Pcapng(_) => "pcapng",
            Format::JsonLines => "jsonl",
            Format::Dot { .. } => "dot",
        }
    }

    /// Whether it is text; the others are nothing for a terminal.
    pub fn is_text(self) -> bool {
        !matches!(self, Format::Perfetto | Format::Pcapng(_))
    }

    /// The logical clocks that a run must be stamped with.
    pub fn clocks(self) -> &'static [ClockKind] {
        match self {
            Format::ShiViz => &[ClockKind::Vector],
            _ => &[],
        }
    }

    /// What it consists of, in the plural.
    pub fn items(self) -> &'static str {
        match self {
            Format::ShiViz | Format::Dot { .. } => "events",
            Format::Perfetto | Format::JsonLines => "records",
            Format::Pcapng(_) => "frames",
        }
    }

    /// A sink that writes a run, stamped with [`clocks`](Self::clocks), to `to`, and where to ask
    /// afterwards whether it could.
    pub fn sink(self, head: &Head, to: impl Write + Send + 'static) -> (Box<dyn Sink>, Errors) {
        fn boxed<S: Sink + 'static>(sink: S, errors: Errors) -> (Box<dyn Sink>, Errors) {
            (Box::new(sink), errors)
        }
        match self {
            Format::ShiViz => {
                let sink = shiviz::ShiViz::new(head, to);
                let errors = sink.errors();
                boxed(sink, errors)
            }
            Format::Perfetto => {
                let sink = perfetto::Perfetto::new(head, to);
                let errors = sink.errors();
                boxed(sink, errors)
            }
            Format::Pcapng(frames) => {
                let sink = pcapng::Pcapng::new(head, frames, to);
                let errors = sink.errors();
                boxed(sink, errors)
            }
            Format::JsonLines => {
                let sink = JsonLines::with_head(head, to);
                let errors = sink.errors();
                boxed(sink, errors)
            }
            Format::Dot { events_max } => {
                let sink = dot::Dot::new(head, events_max, to);
                let errors = sink.errors();
                boxed(sink, errors)
            }
        }
    }
}

/// What was written to a file, as one line of JSON with its line break.
pub fn json(head: &Head, format: Format, file: &str, errors: &Errors, outcome: &Outcome) -> String {
    #[derive(Serialize)]
    struct Written<'a> {
        schema: u32,
        file: &'a str,
        format: &'static str,
        items: u64,
        bytes: u64,
        scenario: &'a str,
        algorithm: &'a str,
        seed: u64,
        digest: String,
        events: u64,
        virtual_ns: u64,
        verdict: seedbed_core::Verdict,
    }
    text(&Written {
        schema: crate::json::SCHEMA,
        file,
        format: format.name(),
        items: errors.items(),
        bytes: errors.bytes(),
        scenario: &head.scenario,
        algorithm: head.algorithm,
        seed: head.seed,
        digest: outcome.digest.to_string(),
        events: outcome.events,
        virtual_ns: outcome.ended_at.as_nanos(),
        verdict: outcome.verdict(),
    }) + "\n"
}

#[cfg(test)]
mod tests;
