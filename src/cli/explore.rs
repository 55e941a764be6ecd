//! `explore`: every order of events of small instances.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread::available_parallelism;
use std::time::Instant;

use seedbed_core::Verdict;
use seedbed_reports::explored::{self, Report};
use seedbed_reports::json::Error;
use seedbed_scenarios::{ExploreOptions, Explored, Registry, Search};

use super::args::{Explore, Order};
use super::exit::Exit;
use super::load::{self, Loaded};
use super::progress::Progress;
use super::run::watch_for_interrupt;
use super::screen::{Closed, Screen};
use super::stream::INTERRUPTED;
use super::{files, outputs};

/// Explores everything that was asked for, one after another.
pub fn explore(args: &Explore, registry: &Registry, screen: &Screen) -> Exit {
    let plans = match load::all(registry, &args.files, &args.change, screen) {
        Ok(plans) => plans,
        Err(exit) => return exit,
    };
    watch_for_interrupt();
    let mut worst = Exit::Held;
    for (place, loaded) in plans.iter().enumerate() {
        if INTERRUPTED.load(Ordering::Relaxed) {
            return worst.max(Exit::Inconclusive);
        }
        match one(args, loaded, place > 0, screen) {
            Ok(exit) => worst = worst.max(exit),
            Err(Closed(exit)) => return worst.max(exit),
        }
    }
    worst
}

fn one(args: &Explore, loaded: &Loaded, gap: bool, screen: &Screen) -> Result<Exit, Closed> {
    let plan = &loaded.plan;
    screen.say(&format!("exploring {} with seed {}", plan.name, plan.seed));
    let begun = Instant::now();
    let explored = match search(args, loaded, begun, screen) {
        Ok(explored) => explored,
        Err(why) => {
            let message = format!("{} cannot be explored: {why}", loaded.typed);
            let error = Error { kind: "scenario", message: &message, ..Error::default() };
            return Ok(screen.error(Exit::Bad, &error));
        }
    };
    let seconds = begun.elapsed().as_secs_f64();
    let mut exit = judge(args, loaded, &explored, screen);
    let path = match keep(loaded, &explored) {
        Ok(path) => path,
        Err(why) => {
            let error = Error { kind: "usage", message: &why, ..Error::default() };
            exit = exit.max(screen.error(Exit::Bad, &error));
            None
        }
    };
    if let Some(path) = &path {
        screen.say(&format!("wrote {path}"));
    }
    let report = Report {
        scenario: &plan.name,
        algorithm: plan.algorithm,
        names: plan.names(),
        explored: &explored,
        counterexample: path.as_deref(),
        seconds,
    };
    let text = if screen.json {
        explored::json(&report)
    } else {
        let gap = if gap { "\n" } else { "" };
        let next = path.as_ref().map(|path| format!("{} run {path}", super::invocation()));
        gap.to_owned() + &explored::text(&report, &next.unwrap_or_default(), screen.style)
    };
    screen.result(&text)?;
    Ok(exit)
}

fn search(
    args: &Explore,
    loaded: &Loaded,
    begun: Instant,
    screen: &Screen,
) -> Result<Explored, String> {
    let jobs = args.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into()));
    let jobs = jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let patience = args.patience.map(|time| std::time::Duration::from_nanos(time.as_nanos()));
    let stop = || {
        let late = patience.is_some_and(|patience| begun.elapsed() > patience);
        late || INTERRUPTED.load(Ordering::Relaxed)
    };
    let progress = Progress::exploring(screen);
    let tell = |so_far: seedbed_core::explore::Progress| {
        progress.tell(|| {
            let rate = so_far.unique as f64 / begun.elapsed().as_secs_f64().max(1e-9);
            format!(
                "{} states, {} wait, depth {}, {rate:.0} states/s",
                so_far.unique, so_far.frontier, so_far.depth
            )
        });
    };
    let explored = loaded.plan.explore(&ExploreOptions {
        // Only depth-first search can leave anything out.
        search: args.search.or(args.reduce.then_some(Order::DepthFirst)).map(|order| match order {
            Order::BreadthFirst => Search::BreadthFirst,
            Order::DepthFirst => Search::DepthFirst,
            Order::Deepening => Search::Deepening,
        }),
        jobs: if args.reduce { NonZeroUsize::MIN } else { jobs },
        states_max: args.states,
        memory_max: args.memory,
        depth_max: args.depth,
        reduce: args.reduce.then_some(true),
        whole_states: args.whole_states,
        keep_going: args.keep_going,
        stop: &stop,
        progress: &tell,
    });
    progress.clear();
    explored
}

/// What it means for the exit code.
fn judge(args: &Explore, loaded: &Loaded, explored: &Explored, screen: &Screen) -> Exit {
    let verdict = explored.verdict();
    if !args.as_expected {
        return verdict.into();
    }
    match loaded.plan.exploring.missed_by(explored) {
        None => Exit::Held,
        Some(why) => {
            screen.warn(&format!("{}: {why}", loaded.plan.name));
            if verdict == Verdict::Inconclusive { Exit::Inconclusive } else { Exit::Failed }
        }
    }
}

/// Writes a scenario for every counterexample; gives the path of the first.
fn keep(loaded: &Loaded, explored: &Explored) -> Result<Option<String>, String> {
    let mut first = None;
    for example in &explored.counterexamples {
        let ending = outputs::ending(&loaded.plan);
        let file = format!("{}-explored.{ending}", files::part(&example.check));
        let path = Path::new("runs").join(&loaded.folder).join(file);
        files::write(&path, &loaded.plan.counterexample_text(example))
            .map_err(|why| format!("cannot write {}: {why}", path.display()))?;
        first.get_or_insert_with(|| path.display().to_string());
    }
    Ok(first)
}
