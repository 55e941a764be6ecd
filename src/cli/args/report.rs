//! What may be typed behind `report`.

use std::path::PathBuf;

use clap::Args;

use super::{Change, seed};

/// The examples and the answers.
pub(super) const REPORT_HELP: &str = "Examples:\n  \
    seedbed report ricart-agrawala                  a shipped scenario by its name\n  \
    seedbed report my.ron --seed 7 --out page.html  one run, one file\n  \
    seedbed report runs/my/Granted-seed-3.ron       a failure that `run` or `hunt` left\n  \
    seedbed report results                          what `run --out results` wrote\n  \
    seedbed report a.ron b.ron --out pages          a page each, and pages/index.html\n  \
    seedbed report my.ron --markdown                for a paper or an issue, on stdout\n\n\
    A page is one file with everything in it; it needs no network. Without --out, it goes to\n\
    runs/<name>/report.html, and many go to runs/report/.\n\
    Exit codes: 0 written, whatever the verdict; 2 bad usage or scenario; 4 a name matched\n\
    nothing; 5 a stored run or a replay has another digest now.";

/// `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Scenario files, shipped names, replays, or folders that `run --out` wrote
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<String>,
    /// The seed, instead of the scenario's own
    #[arg(long, value_name = "N", value_parser = seed)]
    pub seed: Option<u64>,
    /// Changes to the scenario
    #[command(flatten)]
    pub change: Change,
    /// Write the page to this file, or to this folder; many runs need a folder
    #[arg(long, value_name = "FILE.html|DIR")]
    pub out: Option<PathBuf>,
    /// Print Markdown instead; to a file with --out FILE.md
    #[arg(long)]
    pub markdown: bool,
    /// At most this many entries of each run can be stepped through
    #[arg(long, value_name = "N", default_value_t = 100_000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub entries: u32,
}
