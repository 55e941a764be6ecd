//! What may be typed, and what it means before any file is read.

mod check_history;
mod diagram;
mod diff;
mod explore;
mod hunt;
mod matrix;
mod mutants;
mod plot;
mod report;
mod step;
mod sweep;
mod trace;

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use seedbed_node::Duration;

use check_history::CHECK_HISTORY_HELP;
pub use check_history::{CONSISTENCIES, CheckHistory};
use diagram::DIAGRAM_HELP;
pub use diagram::Diagram;
use diff::DIFF_HELP;
pub use diff::{Diff, Pair};
use explore::EXPLORE_HELP;
pub use explore::{Explore, Order};
use hunt::HUNT_HELP;
pub use hunt::{Faults, Hunt};
use matrix::MATRIX_HELP;
pub use matrix::{Format as MatrixFormat, Matrix};
use mutants::MUTANTS_HELP;
pub use mutants::Mutants;
use plot::PLOT_HELP;
pub use plot::Plot;
use report::REPORT_HELP;
pub use report::Report;
use step::STEP_HELP;
pub use step::Step;
use sweep::{MERGE_HELP, SWEEP_HELP};
pub use sweep::{Merge, Sweep};
use trace::TRACE_HELP;
pub use trace::{As, Trace, Which};

/// Seeds are below this, so that they survive programs that keep numbers in doubles.
const SEED_END: u64 = 1 << 53;

/// More threads than this only get in each other's way.
pub(super) const JOBS_MAX: i64 = 1024;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "seedbed",
    version,
    about = "Run distributed algorithms in simulated time on faulty networks, reproducibly",
    after_help = "Examples:\n  \
        seedbed list\n  \
        seedbed run ricart-agrawala\n  \
        seedbed run ricart-agrawala --seeds 0..1000 -j 2\n  \
        seedbed new my-algorithm\n\n\
        Exit codes: 0 every check held; 1 a check failed; 2 bad usage or bad scenario;\n\
        3 interrupted or inconclusive; 4 a name matched nothing; 5 a replay's digest differs;\n\
        70 internal fault.",
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Line {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run scenarios and judge them
    #[command(after_help = "Examples:\n  \
        seedbed run ricart-agrawala                     a shipped scenario by its name\n  \
        seedbed run my.ron --seed 7 --json              one line of JSON on stdout\n  \
        seedbed run my.ron --seeds 0..1000 -j 2         many seeds on two cores\n  \
        seedbed run my.ron --set network.loss=0.2       another value for this run\n  \
        seedbed run my.ron --verify                     again in a fresh process: same digest?\n  \
        seedbed run *.ron --as-expected                 exit 0 exactly if each ends as it expects\n\n\
        A failed check leaves a scenario under runs/<name>/ that replays the failure.")]
    Run(Run),
    /// Go through every order of events of a small instance
    #[command(after_help = EXPLORE_HELP)]
    Explore(Explore),
    /// Look for faults under which a scenario fails, and for the smallest scenario that shows it
    #[command(after_help = HUNT_HELP)]
    Hunt(Hunt),
    /// Break every assumption of an algorithm alone, and compare with what it says it needs
    #[command(after_help = MATRIX_HELP)]
    Matrix(Matrix),
    /// Put deliberate bugs into algorithms, and tell which harness finds each
    #[command(after_help = MUTANTS_HELP)]
    Mutants(Mutants),
    /// Draw a run: a line for each node, an arrow for each message
    #[command(after_help = DIAGRAM_HELP)]
    Diagram(Diagram),
    /// Go through a run event by event, forward and back, or take it over by hand
    #[command(after_help = STEP_HELP)]
    Step(Step),
    /// Run every point of a parameter space with many seeds
    #[command(after_help = SWEEP_HELP)]
    Sweep(Sweep),
    /// Put the parts of a sweep together that were run apart
    #[command(after_help = MERGE_HELP)]
    Merge(Merge),
    /// Draw a figure of a sweep's results
    #[command(after_help = PLOT_HELP)]
    Plot(Plot),
    /// Make a page of a run: step through it, see why it failed
    #[command(after_help = REPORT_HELP)]
    Report(Report),
    /// Write a run for other programs: ShiViz, Perfetto, Wireshark, GraphViz
    #[command(after_help = TRACE_HELP)]
    Trace(Trace),
    /// Show where two runs part
    #[command(after_help = DIFF_HELP)]
    Diff(Diff),
    /// Check scenarios without running them
    #[command(after_help = "Examples:\n  \
        seedbed validate my.ron other.json\n  \
        seedbed validate my.ron --set nodes=3")]
    Validate(Validate),
    /// Judge a recorded history of a shared object: is it consistent?
    #[command(after_help = CHECK_HISTORY_HELP)]
    CheckHistory(CheckHistory),
    /// List algorithms and shipped scenarios
    #[command(after_help = "Examples:\n  \
        seedbed list\n  \
        seedbed list algorithms mutual                  what has \"mutual\" in its name or family\n  \
        seedbed list scenarios --json")]
    List(List),
    /// Print the JSON Schema of scenario files, for editors
    #[command(after_help = "Examples:\n  \
        seedbed schema > seedbed.schema.json")]
    Schema,
    /// Write a starting crate with a node and a scenario of your own
    #[command(after_help = "Examples:\n  \
        seedbed new my-algorithm\n  \
        cd my-algorithm && cargo run -- run scenario.ron")]
    New(New),
    /// Print a completion script for a shell
    #[command(after_help = "Examples:\n  \
        seedbed completions bash > ~/.local/share/bash-completion/completions/seedbed\n  \
        seedbed completions fish > ~/.config/fish/completions/seedbed.fish")]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Scenario files, or names of shipped scenarios
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// The seed, instead of the scenario's own
    #[arg(long, value_name = "N", value_parser = seed, conflicts_with = "seeds")]
    pub seed: Option<u64>,
    /// All seeds from A up to, but not including, B
    #[arg(long, value_name = "A..B")]
    pub seeds: Option<Seeds>,
    /// Changes to the scenario
    #[command(flatten)]
    pub change: Change,
    /// Write scenario.ron, outcome.json, history.jsonl (of a shared object) and, if the scenario
    /// records one, trace.jsonl to this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How many runs at a time; without it, one for each core
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    pub jobs: Option<u16>,
    /// Run everything again in a fresh process and compare the digests
    #[arg(long)]
    pub verify: bool,
    /// Exit 0 exactly if every outcome is what its scenario expects
    #[arg(long)]
    pub as_expected: bool,
}

/// `validate`.
#[derive(Debug, Args)]
pub struct Validate {
    /// Scenario files, or names of shipped scenarios
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Changes to the scenario
    #[command(flatten)]
    pub change: Change,
}

/// Changes to a scenario, validated like the file itself.
#[derive(Clone, Debug, Default, Args)]
pub struct Change {
    /// Put another value into the scenario, such as nodes=7 or faults[0].at=3s
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
    /// Stop at this virtual time, such as 30s
    #[arg(long, value_name = "TIME")]
    pub until: Option<Duration>,
}

impl Change {
    /// Whether anything is changed at all.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.until.is_none()
    }

    /// All assignments in order, `--until` being the last of them.
    pub fn assignments(&self) -> impl Iterator<Item = (String, String)> {
        let until = self.until.map(|until| ("stop".to_owned(), until.to_string()));
        self.set.iter().cloned().chain(until)
    }
}

/// `list`.
#[derive(Debug, Args)]
pub struct List {
    /// What to list: algorithms or scenarios; anything else is a filter on both
    #[arg(value_name = "algorithms|scenarios")]
    pub what: Option<String>,
    /// Only names, families and algorithms that contain this
    pub filter: Option<String>,
}

/// `new`.
#[derive(Debug, Args)]
pub struct New {
    /// The folder to make, whose last part names the crate
    pub name: PathBuf,
}

/// How to print.
#[derive(Clone, Copy, Debug, Args)]
pub struct Output {
    /// Print JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results only: no prose, no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more: every seed of many
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

impl Output {
    /// `--json` and nothing else: for errors before the command line is understood.
    pub fn json() -> Self {
        Output { json: true, quiet: false, verbose: false, color: Color::Never }
    }
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A half-open range of seeds that is not empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seeds {
    /// The first.
    pub from: u64,
    /// One behind the last.
    pub to: u64,
}

impl FromStr for Seeds {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text
            .split_once("..")
            .ok_or("expected two numbers with .. between them, such as 0..100")?;
        let from = seed(from)?;
        // The end is not a seed itself, so it may be the bound.
        let to = number(to)?;
        match to {
            to if to > SEED_END => Err(format!("seeds are below 2^53 = {SEED_END}")),
            to if to <= from => Err(format!("{from}..{to} holds no seed: the end is not included")),
            to => Ok(Seeds { from, to }),
        }
    }
}

pub(super) fn seed(text: &str) -> Result<u64, String> {
    match number(text)? {
        seed if seed < SEED_END => Ok(seed),
        _ => Err(format!("seeds are below 2^53 = {SEED_END}")),
    }
}

fn number(text: &str) -> Result<u64, String> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("\"{text}\" is not a whole number"));
    }
    text.parse().map_err(|_| format!("seeds are below 2^53 = {SEED_END}"))
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() => {
            Ok((path.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected path=value, such as network.loss=0.2".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Line::command().debug_assert();
    }

    #[test]
    fn seeds_are_half_open_and_below_2_to_the_53() {
        assert_eq!("0..10".parse(), Ok(Seeds { from: 0, to: 10 }));
        let last = format!("{}..{SEED_END}", SEED_END - 1);
        assert_eq!(last.parse(), Ok(Seeds { from: SEED_END - 1, to: SEED_END }));
        for bad in ["5..5", "6..5", "5", "..", "a..b", "-1..3", "0..9007199254740993", "1..=3", ""]
        {
            assert!(bad.parse::<Seeds>().is_err(), "{bad}");
        }
        assert!(seed("9007199254740992").is_err());
        assert!(seed("99999999999999999999999").is_err());
    }

    #[test]
    fn an_assignment_splits_at_the_first_equals_sign() {
        assert_eq!(assignment("a.b = c=d"), Ok(("a.b".into(), "c=d".into())));
        assert!(assignment("nonsense").is_err());
        assert!(assignment("=1").is_err());
    }
}
