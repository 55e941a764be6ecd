//! What may be typed behind `mutants`.

use clap::Args;
use seedbed_node::Duration;

use super::JOBS_MAX;

/// `mutants`.
#[derive(Debug, Args)]
pub struct Mutants {
    /// Algorithms, `all`, or scenarios to put the mutants of their algorithm into
    #[arg(required = true, value_name = "ALGORITHM|all|FILE")]
    pub what: Vec<String>,
    /// How many runs of each scenario are hunted in
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub runs: u64,
    /// How many states of each scenario are explored
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    pub states: u64,
    /// Go on for this long at most, in all
    #[arg(long = "for", value_name = "TIME")]
    pub patience: Option<Duration>,
    /// How many mutants at a time; without it, one for each core
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    pub jobs: Option<u16>,
    /// Print a table in Markdown
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Leave out how long it took: what is left is the same every time
    #[arg(long)]
    pub no_times: bool,
}

/// What `--help` says beneath.
pub const MUTANTS_HELP: &str = "Examples:\n  \
    seedbed mutants lamport                   the mutants of one algorithm\n  \
    seedbed mutants all -j 2 --for 10m        of every algorithm, on two cores\n  \
    seedbed mutants raymond maekawa --json    one object for each mutant\n  \
    seedbed mutants all --markdown --no-times > mutants.md\n  \
    seedbed mutants my.ron                    those of an algorithm of your own\n\n\
    A mutant is a deliberate bug behind a hidden parameter of an algorithm. Four harnesses try to\n\
    find it: run (the shipped scenarios of the algorithm that hold, each with its own seed),\n\
    counts (the same, by their figures), hunt (many runs of a small scenario with such faults as\n\
    the algorithm must put up with) and explore (every order of events of the same). Each scenario\n\
    must hold without the bug, or it is left out and complained about.\n\n\
    Exit codes: 0 every mutant was found; 1 one was not, or an algorithm fails without any bug;\n\
    2 bad usage; 3 interrupted, or out of time; 4 a name matched nothing.";
