//! `validate`: everything that `run` checks before it runs.

use seedbed_scenarios::Registry;

use super::args::Validate;
use super::exit::Exit;
use super::load;
use super::screen::{Closed, Screen};

/// One line for every scenario that is valid; what is wrong with the others on stderr.
pub fn validate(args: &Validate, registry: &Registry, screen: &Screen) -> Exit {
    let mut worst = Exit::Held;
    for file in &args.files {
        let line = match load::one(registry, file, &args.change, screen) {
            Ok(loaded) => {
                let plan = &loaded.plan;
                if screen.json {
                    seedbed_reports::json::valid(file, &plan.name, plan.algorithm, plan.nodes())
                } else {
                    seedbed_reports::table::valid(
                        file,
                        &plan.name,
                        plan.algorithm,
                        plan.nodes(),
                        screen.style,
                    )
                }
            }
            Err(exit) => {
                worst = worst.max(exit);
                continue;
            }
        };
        if let Err(Closed(exit)) = screen.result(&line) {
            return worst.max(exit);
        }
    }
    worst
}
