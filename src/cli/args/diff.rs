//! What may be typed behind `diff`.

use std::str::FromStr;

use clap::Args;

use super::{Change, seed};

/// The end of `diff --help`.
pub(super) const DIFF_HELP: &str = "Examples:\n  \
    seedbed diff ricart-agrawala --seeds 1,2              one scenario with two seeds\n  \
    seedbed diff loss --set network.loss=0.2              a scenario and a change to it\n  \
    seedbed diff runs/before runs/after                   two folders that `run --out` left\n  \
    seedbed diff my.ron your.ron --json                   one object\n\n\
    Shows the first record in which the runs differ, the last records that the nodes involved had\n\
    in common, and what became of either run. Nothing is kept of what they have in common.\n\
    Exit codes: 0 the runs are equal; 1 they differ; 2 bad usage or bad scenario; 3 interrupted.";

/// `diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// A scenario file, the name of a shipped scenario, or a folder that `run --out` left
    #[arg(value_name = "A")]
    pub a: String,
    /// The other; without it, A with another seed or a change
    #[arg(value_name = "B")]
    pub b: Option<String>,
    /// The seeds of A and of B, instead of their own
    #[arg(long, value_name = "N,M")]
    pub seeds: Option<Pair>,
    /// Changes to B
    #[command(flatten)]
    pub change: Change,
}

/// Two seeds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair(pub u64, pub u64);

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (a, b) =
            text.split_once(',').ok_or("expected two seeds with a comma between them: 1,2")?;
        Ok(Pair(seed(a.trim())?, seed(b.trim())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_seeds_have_a_comma_between_them() {
        assert_eq!("1,2".parse(), Ok(Pair(1, 2)));
        assert_eq!("7, 7".parse(), Ok(Pair(7, 7)));
        for text in ["1", "1..2", "1,2,3", ",", "1,-2", "9007199254740992,1"] {
            assert!(text.parse::<Pair>().is_err(), "{text}");
        }
    }
}
