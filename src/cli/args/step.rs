//! What may be typed behind `step`.

use clap::Args;

use super::Change;

/// Shown by `step --help`.
pub const STEP_HELP: &str = "Examples:\n  \
    seedbed step ricart-agrawala                    on a terminal: a screen with keys\n  \
    seedbed step my.ron --plain                     commands, a line each; `help` lists them\n  \
    echo 'until says Enter' | seedbed step my.ron   commands from a file or a pipe\n\n\
    A run is gone through event by event, forward and back. With `do`, `lose`, `copy`, `crash` and\n\
    `boot` you take it over: from then on nothing happens by itself. `save` writes what has\n\
    happened as a scenario with a section `schedule`, which `run` repeats.";

/// `step`.
#[derive(Debug, Args)]
pub struct Step {
    /// A scenario file, or the name of a shipped scenario
    #[arg(value_name = "FILE")]
    pub file: String,
    /// The seed, instead of the scenario's own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..super::SEED_END))]
    pub seed: Option<u64>,
    /// Changes to the scenario
    #[command(flatten)]
    pub change: Change,
    /// Commands on standard input, answers on standard output, even on a terminal
    #[arg(long)]
    pub plain: bool,
    /// Begin after so many events
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub at: u64,
}
