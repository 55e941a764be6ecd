//! What may be typed behind `matrix`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use seedbed_node::Duration;
use seedbed_scenarios::matrix::Column;

use super::JOBS_MAX;

/// Shown by `matrix --help`.
pub const MATRIX_HELP: &str = "Examples:\n  \
    seedbed matrix lamport                           one algorithm, by its name\n  \
    seedbed matrix all --for 30min                   every algorithm\n  \
    seedbed matrix raymond --only loss,crash -j 2    two columns on two cores\n  \
    seedbed matrix my-explored.ron                   an algorithm of your own\n  \
    seedbed matrix all --format html > matrix.html   a page; also markdown and json\n\n\
    The scenario of an algorithm called X is X-explored, in which every assumption is kept. A\n\
    cell is found by exploring it with one thing more that may happen, and by hunting in it\n\
    with one kind of fault. Columns: reorder, loss, duplication, crash, restart, delay,\n\
    partition, drift, clock-step, late-joiner, corruption.\n\n\
    A breach without an assumption that the algorithm does not name, or a complete exploration\n\
    that holds without one that it names, is a contradiction: a bug in one of them. Each breach\n\
    is written to runs/matrix/ as a scenario that `run` replays.\n\
    Exit codes: 0 no contradiction; 1 a contradiction; 2 bad usage; 3 interrupted.";

/// `matrix`.
#[derive(Debug, Args)]
pub struct Matrix {
    /// Algorithms, `all`, or scenarios in which every assumption is kept
    #[arg(required = true, value_name = "ALGORITHM|all|FILE")]
    pub what: Vec<String>,
    /// Only these columns, separated by commas
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub only: Vec<Column>,
    /// How many runs a cell is hunted in
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub runs: u64,
    /// How many states of a cell are explored
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub states: u64,
    /// Look for breaches for this long at most, in all
    #[arg(long = "for", value_name = "TIME")]
    pub patience: Option<Duration>,
    /// How many threads; without it, one for each core
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    pub jobs: Option<u16>,
    /// How to print; --json is short for one of them
    #[arg(long, value_name = "HOW", default_value = "table")]
    pub format: Format,
    /// Write the breaches' scenarios to this folder
    #[arg(long, value_name = "DIR", default_value = "runs/matrix")]
    pub out: PathBuf,
}

/// How a matrix is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// For a terminal
    Table,
    /// For a text that is rendered
    Markdown,
    /// One object for each algorithm
    Json,
    /// A page by itself
    Html,
}
