//! `validate`: everything that `run` checks before it runs, and `sweep` of every point.

use seedbed_scenarios::Registry;
use seedbed_scenarios::sweep::Sweep;

use super::args::Validate;
use super::exit::Exit;
use super::load::{self, Loaded};
use super::screen::{Closed, Screen};

/// One line for every scenario that is valid; what is wrong with the others on stderr.
pub fn validate(args: &Validate, registry: &Registry, screen: &Screen) -> Exit {
    let mut worst = Exit::Held;
    for file in &args.files {
        let loaded = load::one(registry, file, &args.change, screen);
        let line = match loaded.and_then(|loaded| with_points(registry, loaded, screen)) {
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

/// The plan, if every point that its scenario sweeps is valid, too.
fn with_points(registry: &Registry, loaded: Loaded, screen: &Screen) -> Result<Loaded, Exit> {
    if loaded.plan.says_sweep() {
        Sweep::of(registry, &loaded.plan).map_err(|problems| load::tell(&problems, screen))?;
    }
    Ok(loaded)
}
