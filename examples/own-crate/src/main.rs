//! The whole command line for an algorithm of one's own, beside everything that ships:
//! `cargo run -- run scenario.ron`, `cargo run -- list algorithms`.

mod assembly;
mod roll_call;

use std::process::ExitCode;

use seedbed::scenarios::Registry;

fn main() -> ExitCode {
    seedbed::cli(Registry::standard().with::<roll_call::RollCall>())
}
