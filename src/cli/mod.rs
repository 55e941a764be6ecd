//! The command line: parses arguments, calls a crate below, prints. No logic of its own.

mod args;
mod check_history;
mod diagram;
mod diff;
mod exit;
mod explore;
mod fault;
mod files;
mod hunt;
mod list;
mod load;
mod matrix;
mod mutants;
mod new;
mod outputs;
mod plot;
mod progress;
mod report;
mod run;
mod screen;
mod sources;
mod step;
mod stream;
mod sweep;
mod trace;
mod validate;
mod verify;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use seedbed_reports::json::Error;
use seedbed_scenarios::Registry;

use args::{Line, Output, Verb};
use exit::Exit;
use screen::Screen;

/// The whole command line for the algorithms of `registry`: call it from `main`.
///
/// ```no_run
/// use seedbed::scenarios::Registry;
///
/// fn main() -> std::process::ExitCode {
///     seedbed::cli(Registry::standard())
/// }
/// ```
pub fn cli(registry: Registry) -> ExitCode {
    fault::install();
    let exit = catch_unwind(AssertUnwindSafe(|| start(registry)));
    exit.unwrap_or_else(|_| internal(&fault::last())).into()
}

fn start(registry: Registry) -> Exit {
    match Line::try_parse() {
        Ok(line) => dispatch(line, registry),
        Err(error) => misuse(&error),
    }
}

fn dispatch(line: Line, registry: Registry) -> Exit {
    let screen = Screen::new(line.output);
    match line.verb {
        Verb::Run(args) => run::run(args, registry, &screen),
        Verb::Explore(args) => explore::explore(&args, &registry, &screen),
        Verb::Hunt(args) => hunt::hunt(&args, &registry, &screen),
        Verb::Matrix(args) => matrix::matrix(&args, &registry, &screen),
        Verb::Mutants(args) => mutants::mutants(&args, &registry, &screen),
        Verb::Diagram(args) => diagram::diagram(&args, &registry, &screen),
        Verb::Step(args) => step::step(&args, &registry, &screen),
        Verb::Sweep(args) => sweep::sweep(&args, &registry, &screen),
        Verb::Merge(args) => sweep::merge(&args, &registry, &screen),
        Verb::Plot(args) => plot::plot(&args, &screen),
        Verb::Report(args) => report::report(&args, &registry, &screen),
        Verb::Validate(args) => validate::validate(&args, &registry, &screen),
        Verb::CheckHistory(args) => check_history::check_history(&args, &screen),
        Verb::Trace(args) => trace::trace(&args, &registry, &screen),
        Verb::Diff(args) => diff::diff(&args, &registry, &screen),
        Verb::List(args) => list::list(&args, &registry, &screen),
        Verb::Schema => screen.only(&format!("{:#}\n", seedbed_scenarios::json_schema(&registry))),
        Verb::New(args) => new::new(&args, &screen),
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Line::command(), program(), &mut script);
            screen.only(&format!("{}\n", String::from_utf8_lossy(&script).trim_end()))
        }
    }
}

/// `--help`, `--version`, and what cannot be parsed.
fn misuse(error: &clap::Error) -> Exit {
    let json = std::env::args_os().take_while(|arg| arg != "--").any(|arg| arg == "--json");
    if !error.use_stderr() || !json {
        // Nobody reads it any more: the exit code still says what it was.
        let _ = error.print();
        return if error.use_stderr() { Exit::Bad } else { Exit::Held };
    }
    let text = error.to_string();
    let mut paragraphs = text.split("\n\n").map(str::trim);
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let help = paragraphs.find_map(|part| part.strip_prefix("tip: "));
    let screen = Screen::new(Output::json());
    let error = Error { kind: "usage", message, help, ..Error::default() };
    screen.error(Exit::Bad, &error)
}

/// A panic of our own.
fn internal(what: &str) -> Exit {
    let screen = Screen::new(Output::json());
    screen.warn(&format!(
        "internal fault: {what}\nThis is a bug in the program, not in your scenario."
    ));
    Exit::Internal
}

/// What the user calls this program.
fn program() -> String {
    let path = std::env::args_os().next().unwrap_or_default();
    let name = std::path::Path::new(&path).file_stem().map(|name| name.to_string_lossy());
    name.map_or_else(|| "seedbed".into(), |name| name.into_owned())
}

/// How to start this program once more, for commands that are printed to be typed.
fn invocation() -> String {
    // Cargo tells the programs that it runs where it is.
    match (std::env::var_os("CARGO"), cfg!(debug_assertions)) {
        (None, _) => program(),
        (Some(_), true) => "cargo run --".into(),
        (Some(_), false) => "cargo run --release --".into(),
    }
}
