//! `list`: what there is to run.

use seedbed_reports::json::Error;
use seedbed_reports::listing;
use seedbed_scenarios::Registry;

use super::args::List;
use super::exit::Exit;
use super::screen::Screen;

/// Algorithms and scenarios whose name, family or algorithm contains the filter.
pub fn list(args: &List, registry: &Registry, screen: &Screen) -> Exit {
    let (algorithms, scenarios, filter) = match (args.what.as_deref(), args.filter.as_deref()) {
        (Some("algorithms"), filter) => (true, false, filter),
        (Some("scenarios"), filter) => (false, true, filter),
        (filter, None) => (true, true, filter),
        (Some(what), Some(_)) => {
            let message = format!("`{what}` cannot be listed: expected algorithms or scenarios");
            let error = Error { kind: "usage", message: &message, ..Error::default() };
            return screen.error(Exit::Bad, &error);
        }
        (None, Some(_)) => unreachable!("the first argument comes first"),
    };
    let filter = filter.unwrap_or_default();
    let algorithms = algorithms.then(|| listing::algorithms_of(registry, filter));
    let scenarios = scenarios.then(|| listing::scenarios_of(registry, filter));
    let empty = |n: Option<usize>| n.is_none_or(|n| n == 0);
    let (a, s) = (algorithms.as_ref().map(Vec::len), scenarios.as_ref().map(Vec::len));
    if empty(a) && empty(s) {
        let message = format!("nothing that can be run matches `{filter}`");
        let help = seedbed_scenarios::nearest_name(filter).or_else(|| registry.nearest(filter));
        let help = help.map(|near| format!("did you mean `{near}`?"));
        let help = help.as_deref();
        let error = Error { kind: "not_found", message: &message, help, ..Error::default() };
        return screen.error(Exit::NotFound, &error);
    }
    let text = if screen.json {
        listing::json(algorithms.as_deref(), scenarios.as_deref()) + "\n"
    } else {
        listing::text(algorithms.as_deref(), scenarios.as_deref(), screen.style)
    };
    screen.only(&text)
}
