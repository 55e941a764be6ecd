//! What may be typed behind `explore`.

use clap::{Args, ValueEnum};
use seedbed_node::Duration;

use super::{Change, JOBS_MAX};

/// Shown by `explore --help`.
pub const EXPLORE_HELP: &str = "Examples:\n  \
    seedbed explore lamport-explored                a shipped scenario by its name\n  \
    seedbed explore my.ron --search depth-first     less memory, longer counterexamples\n  \
    seedbed explore my.ron --set nodes=3 -j 2       on two cores\n  \
    seedbed explore my.ron --set explore.losses=1   with up to one lost message\n  \
    seedbed explore my.ron --for 60s --memory 4GiB  inconclusive beyond\n\n\
    Delays, rates of faults and clocks of the scenario do not matter: whatever can happen may\n\
    happen at any time, within the bounds of its section `explore`. A counterexample is written\n\
    to runs/<name>/ as a scenario that `run` replays.";

/// `explore`.
#[derive(Debug, Args)]
pub struct Explore {
    /// Scenario files, or names of shipped scenarios
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Changes to the scenario
    #[command(flatten)]
    pub change: Change,
    /// In which order states are visited
    #[arg(long, value_name = "HOW")]
    pub search: Option<Order>,
    /// Give up, without a verdict, beyond so many states
    #[arg(long, value_name = "N")]
    pub states: Option<u64>,
    /// Give up, without a verdict, beyond so much memory for what has been seen, such as 4GiB
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub memory: Option<u64>,
    /// Follow no path beyond so many steps
    #[arg(long, value_name = "N")]
    pub depth: Option<u32>,
    /// Give up, without a verdict, after this long
    #[arg(long = "for", value_name = "TIME")]
    pub patience: Option<Duration>,
    /// Leave out orders of events that make no difference (depth-first on one thread)
    #[arg(long)]
    pub reduce: bool,
    /// Keep whole states, which takes much memory, and compare them
    #[arg(long)]
    pub whole_states: bool,
    /// Go on after the first breach
    #[arg(long)]
    pub keep_going: bool,
    /// How many threads search; without it, one for each core
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    pub jobs: Option<u16>,
    /// Exit 0 exactly if the outcome is what the scenario's section `explore` expects
    #[arg(long)]
    pub as_expected: bool,
}

/// In which order states are visited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Order {
    /// By their distance: the shortest counterexample
    BreadthFirst,
    /// As deep as it goes: the least memory
    DepthFirst,
    /// Depth-first to a depth that grows
    Deepening,
}

/// A number of bytes: 4GiB, 500MB.
fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim().find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (number, unit) = text.trim().split_at(digits);
    let factor = match unit.trim() {
        "" | "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err("expected a number of bytes, such as 4GiB or 500MB".into()),
    };
    let number: u64 =
        number.replace('_', "").parse().map_err(|_| "expected a number".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "that is more than there can be".into())
}
