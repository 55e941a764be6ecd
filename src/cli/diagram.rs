//! `diagram`: a run as a space-time diagram.

use std::path::Path;

use seedbed_core::EndedBy;
use seedbed_node::{NodeId, Time};
use seedbed_reports::chronicle::{Chronicle, Limits};
use seedbed_reports::diagram::{Diagram, Options, Refused, svg, terminal};
use seedbed_reports::json::Error;
use seedbed_scenarios::{Plan, Registry, nearest};

use super::args::Diagram as Args;
use super::exit::Exit;
use super::screen::Screen;
use super::{files, load};

/// At most so many entries of a run are kept, from the first on.
const ENTRIES_MAX: usize = 500_000;

/// How many entries make a page of a figure, and of a terminal's drawing.
const PER_PAGE: (usize, usize) = (400, 200);

/// Runs the scenario and draws what happened.
pub fn diagram(args: &Args, registry: &Registry, screen: &Screen) -> Exit {
    if let Some(out) = args.out.as_deref().filter(|out| !is_svg(out)) {
        let message = format!("{}: a diagram is a file that ends in .svg", out.display());
        return refuse(Exit::Bad, &message, None, screen);
    }
    let loaded = match load::one(registry, &args.file, &args.change, screen) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let plan = &loaded.plan;
    let nodes = match nodes(args, plan) {
        Ok(nodes) => nodes,
        Err((message, help)) => return refuse(Exit::NotFound, &message, help.as_deref(), screen),
    };
    let seed = args.seed.unwrap_or(plan.seed);
    screen.say(&format!("running {} with seed {seed}", plan.name));
    let limits = Limits { entries_max: ENTRIES_MAX, states: false };
    let (outcome, chronicle) = Chronicle::of(plan, Some(seed), limits);
    if let Err((message, help)) = check_kinds(args, &chronicle) {
        return refuse(Exit::NotFound, &message, help.as_deref(), screen);
    }
    let options = Options {
        title: format!("{}, seed {seed}", plan.name),
        from: args.from.map(|from| Time(from.as_nanos())),
        to: args.to.map(|to| Time(to.as_nanos())),
        page: args.page,
        per_page: args.per_page.map_or_else(
            || if args.out.is_some() { PER_PAGE.0 } else { PER_PAGE.1 },
            |entries| entries as usize,
        ),
        by_order: args.by_order,
        kinds: args.kinds.clone(),
        nodes,
    };
    match Diagram::of(&chronicle, &outcome, &options) {
        Ok(drawn) => {
            if let EndedBy::Panic { node, message } = &outcome.ended_by {
                screen.say(&format!("{node} panicked: {message}"));
            }
            announce(&drawn, &chronicle, screen);
            show(args, &drawn, screen)
        }
        Err(Refused(message)) => refuse(Exit::Bad, &message, None, screen),
    }
}

fn is_svg(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg"))
}

fn refuse(exit: Exit, message: &str, help: Option<&str>, screen: &Screen) -> Exit {
    let kind = if exit == Exit::NotFound { "not_found" } else { "usage" };
    screen.error(exit, &Error { kind, message, help, ..Error::default() })
}

/// What is wrong, and what may have been meant.
type Unknown = (String, Option<String>);

fn nodes(args: &Args, plan: &Plan) -> Result<Vec<NodeId>, Unknown> {
    let mut nodes = Vec::new();
    for name in &args.nodes {
        let node = plan.names().find(name).ok_or_else(|| {
            let near = nearest(name, plan.names().iter());
            let help = near.map(|near| format!("did you mean `{near}`?"));
            (format!("no node is called `{name}`"), help)
        })?;
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    Ok(nodes)
}

fn check_kinds(args: &Args, chronicle: &Chronicle) -> Result<(), Unknown> {
    let kinds = chronicle.kinds();
    for name in &args.kinds {
        if !kinds.contains(&name.as_str()) {
            let help = format!("kinds in this run: {}", kinds.join(", "));
            return Err((format!("no message of kind `{name}` occurs"), Some(help)));
        }
    }
    Ok(())
}

/// What the drawing leaves out.
fn announce(drawn: &Diagram, chronicle: &Chronicle, screen: &Screen) {
    let page = &drawn.page;
    if chronicle.left_out > 0 {
        screen.say(&format!(
            "only the first {ENTRIES_MAX} entries of the run are kept; {} more came after",
            chronicle.left_out
        ));
    }
    if page.of > 1 {
        screen.say(&format!(
            "page {} of {}: {} of {} entries; --page, --from and --to show others",
            page.number, page.of, page.entries, page.entries_of
        ));
    }
    if let Some(breach) = page.breach_on.filter(|breach| *breach != page.number) {
        screen.say(&format!("the failure is on page {breach}: --page {breach}"));
    }
}

fn show(args: &Args, drawn: &Diagram, screen: &Screen) -> Exit {
    if let Some(out) = &args.out {
        if let Err(why) = files::write(out, &svg::svg(drawn)) {
            let message = format!("cannot write {}: {why}", out.display());
            return refuse(Exit::Bad, &message, None, screen);
        }
        screen.say(&format!("wrote {}", out.display()));
    }
    match (screen.json, &args.out) {
        (true, _) => screen.only(&drawn.json()),
        (false, Some(_)) => Exit::Held,
        (false, None) => screen.only(&terminal::terminal(drawn, screen.style)),
    }
}
