//! `matrix`: every algorithm with every assumption broken alone.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use seedbed_reports::json::Error;
use seedbed_reports::matrix::{self as report, Filled};
use seedbed_scenarios::matrix::{COLUMNS, Column, Effort, Found, Row};
use seedbed_scenarios::{Registry, find};

use super::args::{Change, Matrix, MatrixFormat};
use super::exit::Exit;
use super::files;
use super::load::{self, Loaded};
use super::progress::Progress;
use super::run::watch_for_interrupt;
use super::screen::{Closed, Screen};
use super::stream::INTERRUPTED;

/// Fills a row for each algorithm that was asked for, and prints them.
pub fn matrix(args: &Matrix, registry: &Registry, screen: &Screen) -> Exit {
    let format = if screen.json { MatrixFormat::Json } else { args.format };
    let names = match names(&args.what, registry, screen) {
        Ok(names) => names,
        Err(exit) => return exit,
    };
    let plans = match load::all(registry, &names, &Change::default(), screen) {
        Ok(plans) => plans,
        Err(exit) => return exit,
    };
    watch_for_interrupt();
    let columns = columns(&args.only);
    let (mut rows, mut exit) = (Vec::new(), Exit::Held);
    let begun = Instant::now();
    for loaded in &plans {
        let row = fill(args, registry, loaded, &columns, begun, screen);
        if INTERRUPTED.load(Ordering::Relaxed) {
            screen.warn(&format!("interrupted in {}", row.algorithm));
            exit = exit.max(Exit::Inconclusive);
            break;
        }
        let filled = match keep(&args.out, loaded, row) {
            Ok(filled) => filled,
            Err(message) => {
                let error = Error { kind: "usage", message: &message, ..Error::default() };
                return screen.error(Exit::Bad, &error);
            }
        };
        if !filled.row.contradictions().is_empty() {
            exit = exit.max(Exit::Failed);
        }
        // Each row takes a while: programs need not wait for the last.
        if format == MatrixFormat::Json
            && let Err(Closed(closed)) = screen.result(&report::json(&filled))
        {
            return exit.max(closed);
        }
        rows.push(filled);
    }
    let text = match format {
        MatrixFormat::Json => return exit,
        MatrixFormat::Table => report::table(&rows, screen.style),
        MatrixFormat::Markdown => report::markdown(&rows),
        MatrixFormat::Html => report::html(&rows),
    };
    match screen.result(&text) {
        Ok(()) => exit,
        Err(Closed(closed)) => exit.max(closed),
    }
}

/// The scenarios that were meant: an algorithm's own, or what is called so.
fn names(what: &[String], registry: &Registry, screen: &Screen) -> Result<Vec<String>, Exit> {
    let base = |slug: &str| format!("{slug}-explored");
    let mut names = Vec::new();
    for typed in what {
        if typed == "all" {
            let bases = registry.algorithms().map(|row| base(&row.slug));
            let (there, missing): (Vec<_>, Vec<_>) =
                bases.partition(|name| find(name).is_some_and(|shipped| shipped.name == *name));
            if !missing.is_empty() {
                screen.say(&format!("not shipped, and left out: {}", missing.join(", ")));
            }
            names.extend(there);
        } else if let Some(row) = registry.algorithm(typed) {
            let name = base(&row.slug);
            if find(&name).is_none_or(|shipped| shipped.name != name) {
                let message = format!("no scenario is shipped in which {} is explored", row.name);
                let help = "give a scenario of it in which every assumption is kept";
                let (help, file) = (Some(help), Some(typed.as_str()));
                let kind = "not_found";
                let error = Error { kind, message: &message, help, file, ..Error::default() };
                return Err(screen.error(Exit::NotFound, &error));
            }
            names.push(name);
        } else {
            names.push(typed.clone());
        }
    }
    Ok(names)
}

/// Those that were asked for, in the order of the table; all of them by default.
fn columns(only: &[Column]) -> Vec<Column> {
    let asked = |column: &&Column| only.is_empty() || only.contains(column);
    COLUMNS.iter().filter(asked).copied().collect()
}

fn fill(
    args: &Matrix,
    registry: &Registry,
    loaded: &Loaded,
    columns: &[Column],
    begun: Instant,
    screen: &Screen,
) -> Row {
    let jobs = args.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into()));
    let jobs = jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let patience = args.patience.map(|time| Duration::from_nanos(time.as_nanos()));
    let stop = || {
        let late = patience.is_some_and(|patience| begun.elapsed() > patience);
        late || INTERRUPTED.load(Ordering::Relaxed)
    };
    let effort = Effort { runs: args.runs, states_max: args.states, jobs, stop: &stop };
    let algorithm = loaded.plan.algorithm;
    screen.say(&format!("{algorithm}, from {}", loaded.plan.name));
    let progress = Progress::exploring(screen);
    progress.tell(|| format!("{algorithm}, nothing broken"));
    let mut done = 0;
    let row = Row::of(registry, &loaded.plan, columns, &effort, |cell| {
        done += 1;
        let (count, column) = (columns.len(), cell.column.name);
        progress.tell(|| format!("{algorithm}, {done} of {count} columns, {column} done"));
    });
    progress.clear();
    row
}

/// Writes the scenario of each breach.
fn keep(folder: &Path, loaded: &Loaded, row: Row) -> Result<Filled, String> {
    let base = loaded.folder.strip_suffix("-explored").unwrap_or(&loaded.folder);
    let write = |column: &str, found: &Found| {
        let Found::Broken(breach) = found else { return Ok(None) };
        let path = folder.join(format!("{}.ron", files::part(&format!("{base}-{column}"))));
        files::write(&path, &breach.text)
            .map_err(|why| format!("cannot write {}: {why}", path.display()))?;
        Ok(Some(path.display().to_string()))
    };
    let whole = write("whole", &row.whole)?;
    let paths: Result<_, String> =
        row.cells.iter().map(|cell| write(cell.column.name, &cell.found)).collect();
    Ok(Filled { whole, paths: paths?, row })
}
