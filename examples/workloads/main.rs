//! Standard simulator workloads through Seedbed's public interface, one JSON line a run:
//!
//! ```text
//! cargo run --release --example workloads -- --help
//! ```
//!
//! Messages are typed, every link has its delay, counters are on, and so is the digest unless
//! `--no-digest` is given. Times are of the measured part: the set-up (building the world, booting
//! the nodes) is `setup_s`, except in `w3` and `w4`, which measure it with the rest.

mod all_to_all;
mod at_scale;
mod chord;
mod exhaustive;
mod measure;
mod phold;
mod ring;
mod two_phase;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::measure::Report;

/// The command line.
#[derive(Parser)]
#[command(
    name = "workloads",
    about = "Standard simulator workloads through Seedbed's public interface, one JSON line a run",
    after_help = "Examples:\n  \
        workloads w1 1000 8 6_000_000\n  \
        workloads w3 100 5_000_000 --no-digest\n  \
        workloads w4 40_000 2\n  \
        workloads w2 1000 10 1_000_000 --trace ring.jsonl\n  \
        workloads chord 100_000\n  \
        workloads mc 7 1 bfs\n\n\
        Numbers may contain underscores. Times are in seconds: wall_s and cpu_s (user and system,\n\
        all threads) of the measured part, setup_s of what came before it.",
    disable_help_subcommand = true,
    max_term_width = 100
)]
struct Line {
    #[command(subcommand)]
    workload: Workload,
    #[command(flatten)]
    options: Options,
}

/// What holds for every workload.
#[derive(Args)]
struct Options {
    /// Compute no digest of the run
    #[arg(long, global = true)]
    no_digest: bool,
    /// Stream the trace to FILE as JSON lines; adds records and records_per_s
    #[arg(long, global = true, value_name = "FILE")]
    trace: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Workload {
    /// PHOLD: processes that pass every event on to a random other one, after a random delay
    ///
    /// Fujimoto, SCS Multiconference 1990. Delays are exponential with a mean of 1 s. N times M
    /// events are pending all the time.
    W1 {
        /// Processes, at least 2
        #[arg(value_parser = nodes)]
        n: u32,
        /// Events that each process starts with
        #[arg(value_parser = positive32)]
        m: u32,
        /// Events to process
        #[arg(value_parser = positive)]
        events: u64,
    },
    /// Ring: tokens of 32 bytes travel around a ring; every link takes 1 s
    W2 {
        /// Nodes, at least 2
        #[arg(value_parser = nodes)]
        n: u32,
        /// Tokens, evenly spaced: a divisor of N
        #[arg(value_parser = positive32)]
        tokens: u32,
        /// Messages in all, at least one a token
        #[arg(value_parser = positive)]
        messages: u64,
    },
    /// All to all: each node asks all others, and again when all have answered
    ///
    /// Delays are uniform in 0.5..1.5 s. The set-up is measured too.
    W3 {
        /// Nodes, at least 2
        #[arg(value_parser = nodes)]
        n: u32,
        /// Messages in all, rounded down to whole rounds of 2 N (N - 1)
        #[arg(value_parser = positive)]
        messages: u64,
    },
    /// Many small runs: one round of w3 with 10 nodes each, from set-up to tear-down
    ///
    /// The unit of events and events_per_s is runs. The set-up is measured too.
    W4 {
        /// Runs
        #[arg(value_parser = positive)]
        runs: u64,
        /// Threads that share the runs, up to 1024
        #[arg(default_value = "1", value_parser = threads)]
        threads: u64,
    },
    /// Memory: bytes_per_node of live Chord nodes, each with two armed timers
    Idle {
        /// Nodes, at least 2
        #[arg(value_parser = nodes)]
        n: u32,
    },
    /// Chord: a ring with stale pointers that stabilises, by timers of 30 s
    ///
    /// Stoica, Morris, Karger, Kaashoek & Balakrishnan, SIGCOMM 2001. Says at the end how many of
    /// all successors, predecessors and fingers are right.
    Chord {
        /// Nodes, at least 2
        #[arg(value_parser = nodes)]
        n: u32,
        /// Virtual seconds, at least 60; default: long enough for all fingers to become right
        #[arg(value_parser = seconds)]
        seconds: Option<u64>,
    },
    /// Model checking: every state of two-phase commit, as a transition system without nodes
    ///
    /// Gray & Lamport, ACM TODS 2006. The unit of events and events_per_s is generated states: with 7
    /// resource managers 2,744,706, of which 296,448 differ.
    Mc {
        /// Resource managers, up to 12
        #[arg(value_parser = managers)]
        rms: u64,
        /// Threads, up to 1024
        #[arg(value_parser = threads)]
        threads: u64,
        /// Breadth-first or depth-first
        order: exhaustive::Order,
        /// Take managers for interchangeable
        #[arg(long)]
        symmetry: bool,
        /// Leave out orders of what commutes; depth-first on one thread
        #[arg(long)]
        partial_order: bool,
    },
}

fn main() -> ExitCode {
    let line = Line::parse();
    line.workload.check(&line.options);
    match line.workload.run(&line.options) {
        Ok(report) => report.print(),
        // Nothing but the trace can go wrong.
        Err(error) => {
            let path = line.options.trace.unwrap_or_default();
            eprintln!("error: the trace {} cannot be written: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

impl Workload {
    fn run(&self, options: &Options) -> std::io::Result<Report> {
        match *self {
            Workload::W1 { n, m, events } => phold::run(n, m, events, options),
            Workload::W2 { n, tokens, messages } => ring::run(n, tokens, messages, options),
            Workload::W3 { n, messages } => all_to_all::run(n, messages, options),
            Workload::W4 { runs, threads } => Ok(all_to_all::run_many(runs, threads, options)),
            Workload::Idle { n } => at_scale::idle(n, options),
            Workload::Chord { n, seconds } => at_scale::chord(n, seconds, options),
            Workload::Mc { rms, threads, order, symmetry, partial_order } => {
                Ok(exhaustive::run(rms, threads, order, symmetry, partial_order))
            }
        }
    }

    /// Ends the program, as clap does, if arguments do not go together.
    fn check(&self, options: &Options) {
        let why = match *self {
            Workload::W2 { n, tokens, .. } if n % tokens != 0 => {
                format!("{tokens} tokens cannot be spaced evenly on {n} nodes: TOKENS divides N")
            }
            Workload::W2 { tokens, messages, .. } if messages < u64::from(tokens) => {
                format!("{messages} messages are too few for {tokens} tokens: at least one each")
            }
            Workload::W3 { n, messages } if messages < all_to_all::per_round(n) => {
                let round = all_to_all::per_round(n);
                format!("a round of {n} nodes takes {round} messages: MESSAGES is at least that")
            }
            Workload::W4 { .. } if options.trace.is_some() => {
                "--trace takes the trace of one run, and w4 makes many".to_owned()
            }
            Workload::Mc { .. } if options.trace.is_some() => {
                "--trace takes the trace of a run, and mc makes none".to_owned()
            }
            _ => return,
        };
        Line::command().error(ErrorKind::ValueValidation, why).exit()
    }
}

/// A number within `range`, underscores allowed.
fn number(text: &str, range: RangeInclusive<u64>) -> Result<u64, String> {
    let (least, most) = range.clone().into_inner();
    let value = text.replace('_', "").parse().ok().filter(|value| range.contains(value));
    value.ok_or_else(|| match most {
        u64::MAX => format!("expected a whole number of at least {least}"),
        most => format!("expected a whole number from {least} to {most}"),
    })
}

fn positive(text: &str) -> Result<u64, String> {
    number(text, 1..=u64::MAX)
}

fn positive32(text: &str) -> Result<u32, String> {
    number(text, 1..=u64::from(u32::MAX)).map(|value| value as u32)
}

fn nodes(text: &str) -> Result<u32, String> {
    number(text, 2..=u64::from(u32::MAX - 1)).map(|value| value as u32)
}

fn threads(text: &str) -> Result<u64, String> {
    number(text, 1..=1024)
}

fn managers(text: &str) -> Result<u64, String> {
    number(text, 1..=12)
}

fn seconds(text: &str) -> Result<u64, String> {
    number(text, at_scale::LEAST_SECONDS..=1_000_000_000)
}
