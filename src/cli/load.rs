//! From what was typed to plans: opens, changes, validates; tells what is wrong.

use miette::{GraphicalReportHandler, GraphicalTheme};
use seedbed_reports::json::Error;
use seedbed_scenarios::{Plan, ProblemData, Problems, Registry, load};

use super::args::Change;
use super::exit::Exit;
use super::files;
use super::screen::Screen;
use super::sources;

/// A plan, and what the user called it.
#[derive(Debug)]
pub struct Loaded {
    /// As it was typed.
    pub typed: String,
    /// What will be run.
    pub plan: Plan,
    /// The folder of its files under `runs` or `--out`; no two plans share one.
    pub folder: String,
}

/// All plans, or the worst of what is wrong once everything wrong has been told.
pub fn all(
    registry: &Registry,
    files: &[String],
    change: &Change,
    screen: &Screen,
) -> Result<Vec<Loaded>, Exit> {
    let mut plans = Vec::new();
    let mut worst = Exit::Held;
    for file in files {
        match one(registry, file, change, screen) {
            Ok(mut loaded) => {
                loaded.folder = unshared(&loaded.folder, &plans);
                plans.push(loaded);
            }
            Err(exit) => worst = worst.max(exit),
        }
    }
    if worst == Exit::Held { Ok(plans) } else { Err(worst) }
}

/// `wanted`, with a number behind it if an earlier scenario has the same name.
fn unshared(wanted: &str, earlier: &[Loaded]) -> String {
    let names = (2u32..).map(|n| format!("{wanted}-{n}"));
    let mut free = std::iter::once(wanted.to_owned()).chain(names);
    free.find(|name| earlier.iter().all(|other| other.folder != *name)).expect("names do not end")
}

/// One plan, or an exit code once what is wrong has been told.
pub fn one(
    registry: &Registry,
    typed: &str,
    change: &Change,
    screen: &Screen,
) -> Result<Loaded, Exit> {
    let mut source = sources::open(typed).map_err(|missing| {
        let kind = if missing.exit == Exit::NotFound { "not_found" } else { "usage" };
        let help = missing.help.as_deref();
        let (message, file) = (missing.message.as_str(), Some(typed));
        let error = Error { kind, message, file, help, ..Error::default() };
        screen.error(missing.exit, &error)
    })?;
    let plan = change
        .assignments()
        .try_for_each(|(path, value)| source.set(&path, &value))
        .and_then(|()| load(registry, &source))
        .map_err(|problems| tell(&problems, screen))?;
    let folder = files::part(&plan.name);
    Ok(Loaded { typed: typed.to_owned(), plan, folder })
}

/// Problems with their places in the text.
pub fn tell(problems: &Problems, screen: &Screen) -> Exit {
    if screen.json {
        let data: Vec<_> = problems.iter().map(|problem| problem.data()).collect();
        let errors: Vec<_> = data.iter().map(error).collect();
        let (first, also) = errors.split_first().expect("there is at least one problem");
        return screen.error(Exit::Bad, &Error { also, ..*first });
    }
    let theme = if screen.color_stderr {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(screen.style.width.into());
    for problem in problems.iter() {
        let mut text = String::new();
        handler.render_report(&mut text, problem).expect("writing to a string cannot fail");
        screen.warn(text.trim_end());
    }
    Exit::Bad
}

fn error(data: &ProblemData) -> Error<'_> {
    Error {
        kind: "scenario",
        message: &data.message,
        file: Some(&data.file),
        line: Some(data.line),
        column: Some(data.column),
        help: data.help.as_deref(),
        also: &[],
    }
}
