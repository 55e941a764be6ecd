//! The whole command line for an algorithm of one's own, beside everything that ships:
//! `cargo run -- run scenario.ron`, `cargo run -- list algorithms`.

mod assembly;
mod roll_call;

use std::process::ExitCode;

use seedbed::scenarios::Registry;

fn main() -> ExitCode {
    seedbed::cli(Registry::standard().with::<roll_call::RollCall>())
}

#[cfg(test)]
mod tests {
    use super::roll_call::RollCall;

    #[test]
    fn the_roll_is_called_whatever_the_network_does() {
        seedbed::testing::check::<RollCall>().nodes(4).runs(200).run();
    }
}
