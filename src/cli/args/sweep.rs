//! What may be typed behind `sweep` and `merge`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use seedbed_reports::sweep::manifest::Shard;

use super::{Change, JOBS_MAX, Seeds};

/// Examples, and what a sweep leaves.
pub const SWEEP_HELP: &str = "Examples:\n  \
    seedbed sweep mutex-complexity                  a shipped sweep by its name\n  \
    seedbed sweep my.ron --seeds 0..100 -j 2        more seeds, on two cores\n  \
    seedbed sweep my.ron                            again: what is finished is not run twice\n  \
    seedbed sweep my.ron --shard 1/2                half of the runs; the other half elsewhere\n  \
    seedbed merge runs/my-shard-1-of-2 runs/my-shard-2-of-2\n\n\
    A scenario's section `sweep` names the parameters (axes), the seeds and the figures to draw:\n  \
    sweep: (axes: [(name: \"nodes\", values: [4, 8, 16])], seeds: \"0..20\",\n          \
    charts: [(name: \"messages\", x: \"nodes\", y: \"messages_per_entry\")])\n\n\
    It leaves in runs/<name>/: results.csv, one row a run; manifest.json, which says what the columns\n\
    mean and how to run it again; scenario.ron; the journal of finished runs; and each figure as SVG,\n\
    light and dark, and PNG. A sweep that was killed or interrupted is taken up where it was by the same\n\
    command.\n\
    Exit codes: 0 every run held; 1 a run failed; 2 bad usage; 3 interrupted or inconclusive.";

/// Examples of merging.
pub const MERGE_HELP: &str = "Examples:\n  \
    seedbed merge runs/my-shard-1-of-2 runs/my-shard-2-of-2\n  \
    seedbed merge here/* there/* --out runs/all\n\n\
    The folders are those of shards of the same sweep; together they have every run, and none twice.";

/// `sweep`.
#[derive(Debug, Args)]
pub struct Sweep {
    /// A scenario file with a section `sweep`, or the name of a shipped one
    #[arg(value_name = "FILE")]
    pub file: String,
    /// All seeds from A up to, but not including, B, instead of the scenario's
    #[arg(long, value_name = "A..B")]
    pub seeds: Option<Seeds>,
    /// Changes to the scenario
    #[command(flatten)]
    pub change: Change,
    /// Only the I-th of N equal parts of the runs
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Write to this folder instead of runs/<name>
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on with what is in the folder, and do not begin if there is nothing
    #[arg(long, conflicts_with = "fresh")]
    pub resume: bool,
    /// Begin anew, even if the folder has results of another sweep
    #[arg(long)]
    pub fresh: bool,
    /// Draw no figures
    #[arg(long)]
    pub no_figures: bool,
    /// How many runs at a time; without it, one for each core
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    pub jobs: Option<u16>,
}

/// `merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// Folders of the shards of one sweep
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Write to this folder instead of runs/<name>
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Draw no figures
    #[arg(long)]
    pub no_figures: bool,
}

/// More parts than this are nobody's intention.
const SHARDS_MAX: u64 = 100_000;

fn shard(text: &str) -> Result<Shard, String> {
    let number = |text: &str| u64::from_str(text).ok().filter(|n| (1..=SHARDS_MAX).contains(n));
    let parts = text.split_once('/').and_then(|(i, n)| Some((number(i)?, number(n)?)));
    match parts {
        Some((index, of)) if index <= of => Ok(Shard { index, of }),
        Some((index, of)) => Err(format!("there is no part {index} of {of}")),
        None => Err("expected I/N, such as 1/4 for the first of four parts".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_one_of_so_many() {
        assert_eq!(shard("2/3"), Ok(Shard { index: 2, of: 3 }));
        for bad in ["0/3", "4/3", "1/0", "1", "a/b", "1/2/3", "/", "-1/2"] {
            assert!(shard(bad).is_err(), "{bad}");
        }
    }
}
