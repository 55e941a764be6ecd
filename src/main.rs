//! The `seedbed` command with everything that ships.

use std::process::ExitCode;

use seedbed::scenarios::Registry;

fn main() -> ExitCode {
    seedbed::cli(Registry::standard())
}
