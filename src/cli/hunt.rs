//! `hunt`: runs with random faults until one fails, and the smallest scenario that fails so.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use seedbed_reports::hunt::{Hunted, json, table};
use seedbed_reports::json::Error;
use seedbed_scenarios::Registry;
use seedbed_scenarios::hunt::{Hazard, Hunt, Progress as Step, Report, Stage};

use super::args::{Faults, Hunt as Asked};
use super::exit::Exit;
use super::load::{self, Loaded};
use super::progress::Progress;
use super::screen::{Closed, Screen};
use super::stream::INTERRUPTED;
use super::{files, run};

/// Without `--runs` or `--for`, so many runs.
const RUNS: u64 = 10_000;

/// Hunts in one scenario.
pub fn hunt(args: &Asked, registry: &Registry, screen: &Screen) -> Exit {
    let loaded = match load::one(registry, &args.file, &args.change, screen) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let hunt = lowered(args);
    let first = hunt.seed.unwrap_or(loaded.plan.seed);
    screen.say(&format!("hunting in {} from seed {first} on", loaded.plan.name));
    run::watch_for_interrupt();
    let progress = Progress::hunt(hunt.runs, screen);
    let begun = Instant::now();
    let patience = args.patience.map(|time| Duration::from_nanos(time.as_nanos()));
    let stop = |stage| {
        let over = patience.is_some_and(|patience| begun.elapsed() >= patience);
        INTERRUPTED.load(Ordering::Relaxed) || stage == Stage::Search && over
    };
    let hunted = hunt.run(registry, &loaded.plan, &stop, |step| match step {
        Step::Run { runs, failures, reached } => progress.hunted(runs, failures, reached),
        Step::Shrinking { group, groups, check } => progress.shrinking(group, groups, check),
    });
    progress.clear();
    let took = begun.elapsed();
    let report = match hunted {
        Ok(report) => report,
        Err(message) => {
            let error = Error { kind: "usage", message: &message, ..Error::default() };
            return screen.error(Exit::Bad, &error);
        }
    };
    told(&report, took, screen);
    finish(args, &loaded, &report, screen)
}

/// The hunt that was asked for.
fn lowered(args: &Asked) -> Hunt {
    let jobs = args.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into()));
    let jobs = jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let unbounded = if args.patience.is_some() { u64::MAX } else { RUNS };
    Hunt {
        runs: args.runs.unwrap_or(unbounded),
        seed: args.seed,
        jobs,
        keep_going: args.keep_going,
        hazards: (!args.faults.is_empty()).then(|| kinds(&args.faults)),
        fault_count: args.fault_count,
        shrink_runs: args.shrink_runs,
        as_written: args.as_written,
        grace: args.grace,
        coverage: !args.no_coverage,
    }
}

fn kinds(asked: &[Faults]) -> Vec<Hazard> {
    let all = asked.iter().flat_map(|asked| match asked {
        Faults::None => Vec::new(),
        Faults::All => Hazard::ALL.to_vec(),
        Faults::One(hazard) => vec![*hazard],
    });
    all.collect()
}

/// How long it took, for people.
fn told(report: &Report, took: Duration, screen: &Screen) {
    let seconds = took.as_secs_f64().max(1e-9);
    screen.say(&format!("{} runs and shrinking took {seconds:.1}s", report.runs));
}

/// Writes the counterexamples and prints the report.
fn finish(args: &Asked, loaded: &Loaded, report: &Report, screen: &Screen) -> Exit {
    let folder = match &args.out {
        Some(folder) => folder.clone(),
        None => Path::new("runs").join(&loaded.folder),
    };
    let mut exit = Exit::Held;
    let paths = match written(&folder, report) {
        Ok(paths) => paths,
        Err(message) => {
            let error = Error { kind: "usage", message: &message, ..Error::default() };
            exit = screen.error(Exit::Bad, &error);
            Vec::new()
        }
    };
    if args.out.is_none() && paths.iter().any(Option::is_some) {
        files::point_latest(Path::new("runs"), &loaded.folder);
    }
    let hunted = Hunted { scenario: &loaded.plan.name, report, paths: &paths };
    let next = match paths.iter().flatten().next() {
        Some(path) => format!("{} run {path}", super::invocation()),
        None => String::new(),
    };
    let text = if screen.json { json(&hunted) } else { table(&hunted, &next, screen.style) };
    let interrupted = INTERRUPTED.load(Ordering::Relaxed);
    if interrupted {
        screen.warn(&format!("interrupted after {} runs", report.runs));
        exit = exit.max(Exit::Inconclusive);
    }
    if report.failures > 0 {
        exit = exit.max(Exit::Failed);
    }
    match screen.result(&text) {
        Ok(()) => exit,
        Err(Closed(closed)) => exit.max(closed),
    }
}

/// Writes each group's counterexample; gives their paths.
fn written(folder: &Path, report: &Report) -> Result<Vec<Option<String>>, String> {
    let mut taken: Vec<PathBuf> = Vec::new();
    let mut paths = Vec::new();
    for group in &report.groups {
        let Some(shrunk) = &group.shrunk else {
            paths.push(None);
            continue;
        };
        let name = files::part(&shrunk.name);
        let numbered = (2u32..).map(|n| format!("{name}-{n}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        let path = names.find_map(|name| {
            let path = folder.join(format!("{name}.ron"));
            (!taken.contains(&path)).then_some(path)
        });
        let path = path.expect("names do not end");
        files::write(&path, &shrunk.text)
            .map_err(|why| format!("cannot write {}: {why}", path.display()))?;
        paths.push(Some(path.display().to_string()));
        taken.push(path);
    }
    Ok(paths)
}
