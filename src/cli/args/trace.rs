//! What may be typed behind `trace`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Change, seed};

/// The end of `trace --help`.
pub(super) const TRACE_HELP: &str = "Examples:\n  \
    seedbed trace ricart-agrawala --as shiviz --out run.log      for bestchai.bitbucket.io/shiviz\n  \
    seedbed trace loss --as perfetto --out run.pftrace           for ui.perfetto.dev\n  \
    seedbed trace loss --as pcapng --out run.pcapng              for Wireshark\n  \
    seedbed trace loss --as pcapng --frames delivered --out run.pcapng\n  \
    seedbed trace runs/mine --as jsonl | head                    a folder that `run --out` left\n  \
    seedbed trace lamport --until 100ms --as dot | dot -Tsvg > run.svg\n\n\
    The scenario is run once more, to the same digest, and written while it runs, in memory that\n\
    does not grow with its length (a graph is held, and thus bounded by --max-events).\n\
    Exit codes: 0 everything is written, whatever became of the run; 2 bad usage, bad scenario, or\n\
    it cannot be written; 3 interrupted; 4 a name matched nothing; 5 a replay's digest differs.";

/// `trace`.
#[derive(Debug, Args)]
pub struct Trace {
    /// A scenario file, the name of a shipped scenario, or a folder that `run --out` left
    #[arg(value_name = "RUN")]
    pub run: String,
    /// What to write it as
    #[arg(long = "as", value_name = "FORMAT")]
    pub format: As,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The seed, instead of the scenario's own
    #[arg(long, value_name = "N", value_parser = seed)]
    pub seed: Option<u64>,
    /// Changes to the scenario
    #[command(flatten)]
    pub change: Change,
    /// pcapng: which messages are frames, and when [default: sent]
    #[arg(long, value_name = "WHICH")]
    pub frames: Option<Which>,
    /// dot: how many events a graph may have [default: 500]
    #[arg(long, value_name = "N")]
    pub max_events: Option<u64>,
}

/// Formats of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum As {
    /// A log with vector clocks, for ShiViz's default parser
    #[value(name = "shiviz")]
    ShiViz,
    /// Slices of handlers and flows of messages, for Perfetto
    Perfetto,
    /// A capture of UDP datagrams, for Wireshark
    Pcapng,
    /// Every record as a line of JSON
    Jsonl,
    /// Happened-before, for GraphViz
    Dot,
}

/// Which messages are frames of a capture.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Which {
    /// Those that are sent, when they are sent
    Sent,
    /// Those that are delivered, when they are handled
    Delivered,
}
