//! `mutants`: the deliberate bugs of algorithms, and which harness finds each.

use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;
use std::thread::available_parallelism;
use std::time::Instant;

use seedbed_node::Duration;
use seedbed_reports::json::Error;
use seedbed_reports::mutants as report;
use seedbed_scenarios::Registry;
use seedbed_scenarios::mutants::{Bases, Effort, Sheet};

use super::args::{Change, Mutants};
use super::exit::Exit;
use super::load;
use super::progress::Progress;
use super::run::watch_for_interrupt;
use super::screen::{Closed, Screen};
use super::stream::INTERRUPTED;

/// Tries the mutants of each algorithm that was asked for, and prints what became of them.
pub fn mutants(args: &Mutants, registry: &Registry, screen: &Screen) -> Exit {
    let bases = match bases(&args.what, registry, screen) {
        Ok(bases) => bases,
        Err(exit) => return exit,
    };
    watch_for_interrupt();
    let begun = Instant::now();
    let now =
        || Duration::from_nanos(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX));
    let stop = || {
        let late = args.patience.is_some_and(|patience| now() > patience);
        late || INTERRUPTED.load(Ordering::Relaxed)
    };
    let jobs = args.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into()));
    let jobs = jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let (runs, states_max) = (args.runs, args.states);
    let effort = Effort { runs, states_max, jobs, stop: &stop, now: &now };
    let (mut sheets, mut exit) = (Vec::new(), Exit::Held);
    for bases in &bases {
        let sheet = fill(registry, bases, &effort, screen);
        if sheet.stopped {
            exit = exit.max(Exit::Inconclusive);
        } else if !sheet.complaints().is_empty() {
            exit = exit.max(Exit::Failed);
        }
        // Each algorithm takes a while: programs need not wait for the last.
        if screen.json
            && let Err(Closed(closed)) = print(&sheet, !args.no_times, screen)
        {
            return exit.max(closed);
        }
        let stopped = sheet.stopped;
        sheets.push(sheet);
        if stopped {
            screen.warn(&format!("ended in {}", bases.algorithm));
            break;
        }
    }
    let text = match (screen.json, args.markdown) {
        (true, _) => return exit,
        (false, true) => report::markdown(&sheets, !args.no_times),
        (false, false) => report::table(&sheets, !args.no_times, screen.style),
    };
    match screen.result(&text) {
        Ok(()) => exit,
        Err(Closed(closed)) => exit.max(closed),
    }
}

fn print(sheet: &Sheet, times: bool, screen: &Screen) -> Result<(), Closed> {
    for complaint in sheet.complaints() {
        screen.warn(&complaint);
    }
    let lines: String = sheet.rows.iter().map(|row| report::json(sheet, row, times)).collect();
    screen.result(&lines)
}

fn fill(registry: &Registry, bases: &Bases, effort: &Effort<'_>, screen: &Screen) -> Sheet {
    let algorithm = bases.algorithm;
    let count = bases.mutants.len();
    screen.say(&format!("{algorithm}: {count} mutants in {} scenarios", bases.run.len()));
    let progress = Progress::exploring(screen);
    progress.tell(|| format!("{algorithm} without any bug"));
    let mut done = 0;
    let sheet = Sheet::of(registry, bases, effort, |row| {
        done += 1;
        let mutant = row.mutant.name;
        progress.tell(|| format!("{algorithm}, {done} of {count} mutants, {mutant} done"));
    });
    progress.clear();
    sheet
}

/// What was meant, by the algorithms that have mutants at all.
fn bases(what: &[String], registry: &Registry, screen: &Screen) -> Result<Vec<Bases>, Exit> {
    let mut all = Vec::new();
    for typed in what {
        if typed == "all" {
            let rows = registry.algorithms().filter(|row| !row.mutants.is_empty());
            all.extend(rows.map(|row| Bases::shipped(registry, row)));
        } else if let Some(row) = registry.algorithm(typed) {
            all.push(Bases::shipped(registry, row));
        } else {
            let loaded = load::one(registry, typed, &Change::default(), screen)?;
            all.push(Bases::of(registry, loaded.plan));
        }
    }
    let Some(bases) = all.iter().find(|bases| bases.mutants.is_empty()) else { return Ok(all) };
    let message = format!("{} has no mutants", bases.algorithm);
    Err(screen
        .error(Exit::NotFound, &Error { kind: "not_found", message: &message, ..Error::default() }))
}
