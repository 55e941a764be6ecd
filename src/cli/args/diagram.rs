//! What may be typed behind `diagram`.

use std::path::PathBuf;

use clap::Args;
use seedbed_node::Duration;

use super::{Change, seed};

/// Examples and explanations.
pub(super) const DIAGRAM_HELP: &str = "Examples:\n  \
    seedbed diagram ricart-agrawala                     in the terminal, time downwards\n  \
    seedbed diagram my.ron --seed 7 --out my.svg        a figure, time from left to right\n  \
    seedbed diagram my.ron --out my.svg --by-order      dense runs: every event has its room\n  \
    seedbed diagram my.ron --from 2s --to 2500ms        only this time\n  \
    seedbed diagram my.ron --page 3                     long runs have pages\n  \
    seedbed diagram my.ron --kinds Request,Reply --nodes ada,bob\n  \
    seedbed diagram runs/my/MutualExclusion.ron         a failure: what led to it stands out\n\n\
    An arrow is a message; a cross ends one that does not arrive. A bar is what a node holds or is:\n\
    a critical section, a leader, locks. Logical clocks appear if the scenario records them:\n\
    --set 'record=(clocks: [Lamport])'.\n\
    Exit codes: 0 drawn, whatever the verdict; 2 bad usage; 4 a node or kind that does not occur.";

/// `diagram`.
#[derive(Debug, Args)]
pub struct Diagram {
    /// A scenario file, or the name of a shipped scenario
    #[arg(value_name = "FILE")]
    pub file: String,
    /// The seed, instead of the scenario's own
    #[arg(long, value_name = "N", value_parser = seed)]
    pub seed: Option<u64>,
    /// Changes to the scenario
    #[command(flatten)]
    pub change: Change,
    /// Write a figure to this file; without it, draw in the terminal
    #[arg(long, value_name = "FILE.svg")]
    pub out: Option<PathBuf>,
    /// Only what happens from this virtual time on
    #[arg(long, value_name = "TIME")]
    pub from: Option<Duration>,
    /// Only what happens until this virtual time
    #[arg(long, value_name = "TIME")]
    pub to: Option<Duration>,
    /// Which page, from 1
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub page: usize,
    /// How many entries a page has; without it, 400 in a figure and 200 in a terminal
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub per_page: Option<u32>,
    /// Events at equal distances, whatever the time between them
    #[arg(long)]
    pub by_order: bool,
    /// Only messages of these kinds, separated by commas
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    pub kinds: Vec<String>,
    /// Only these nodes in this order, separated by commas
    #[arg(long, value_name = "NODES", value_delimiter = ',')]
    pub nodes: Vec<String>,
}
