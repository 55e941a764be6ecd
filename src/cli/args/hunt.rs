//! What may be typed behind `hunt`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use seedbed_node::Duration;
use seedbed_scenarios::hunt::Hazard;

use super::{Change, JOBS_MAX, seed};

/// Examples, and what a hunt does.
pub const HUNT_HELP: &str = "Examples:\n  \
    seedbed hunt two-phase-commit                    until a check fails, 10000 runs at most\n  \
    seedbed hunt token-ring --faults loss,partition  only these kinds of fault\n  \
    seedbed hunt my.ron --for 60s --keep-going       every way to fail found in a minute\n  \
    seedbed hunt my.ron --seed 17 --runs 1           the run of one seed again\n  \
    seedbed hunt two-phase-commit --set 'checks=[Always(NonBlocking)]'\n\n\
    Each run draws its own mix of faults from its seed. They have healed by the time at which the\n\
    undisturbed scenario ends, and then everything must complete: goals count once faults have\n\
    healed, figures are not judged. --as-written judges what the scenario says instead.\n\
    Kinds of fault, all by default (or those of the scenario's own Random): crash,\n\
    crash-between-effects, partition, cut, isolate, degrade, delay, loss, duplication, reorder,\n\
    pause, late-boot, slow, clock, drift, offset, ties; or none: only the seed varies.\n\n\
    Each cause is shrunk once and written to runs/<name>/ as a scenario that `run` replays.\n\
    Exit codes: 0 no failure found; 1 a failure found; 2 bad usage; 3 interrupted.";

/// `hunt`.
#[derive(Debug, Args)]
pub struct Hunt {
    /// A scenario file, or the name of a shipped scenario
    #[arg(value_name = "FILE")]
    pub file: String,
    /// How many runs at most; 10000, or any number with --for
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub runs: Option<u64>,
    /// Look for failures for this long at most
    #[arg(long = "for", value_name = "TIME")]
    pub patience: Option<Duration>,
    /// Go on after a failure, to find other ways to fail
    #[arg(long)]
    pub keep_going: bool,
    /// The kinds of fault, separated by commas; `all`, or `none`
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    pub faults: Vec<Faults>,
    /// How many faults a run has at most, beside lossy and slow links
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub fault_count: u32,
    /// How many runs shrinking one failure may take; 0 leaves it as it is
    #[arg(long, value_name = "N", default_value_t = 4000)]
    pub shrink_runs: u32,
    /// Judge by the scenario's own checks and end, figures and deadlines included
    #[arg(long, conflicts_with = "grace")]
    pub as_written: bool,
    /// How long everything may take once all faults have healed
    #[arg(long, value_name = "TIME")]
    pub grace: Option<Duration>,
    /// Do not count what runs reach: a little faster
    #[arg(long)]
    pub no_coverage: bool,
    /// The seed of the first run, instead of the scenario's own; the others follow
    #[arg(long, value_name = "N", value_parser = seed)]
    pub seed: Option<u64>,
    /// Changes to the scenario
    #[command(flatten)]
    pub change: Change,
    /// Write counterexamples to this folder instead of runs/<name>
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How many runs at a time; without it, one for each core
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    pub jobs: Option<u16>,
}

/// A kind of fault, or a word for several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Faults {
    /// None: only the seed varies.
    None,
    /// Every kind.
    All,
    /// This one.
    One(Hazard),
}

impl FromStr for Faults {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "none" => Ok(Faults::None),
            "all" => Ok(Faults::All),
            name => name.parse().map(Faults::One),
        }
    }
}
