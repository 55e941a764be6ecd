//! `sweep`: every point with every seed, to a folder from which it can be taken up again.

mod figures;
mod folder;
mod merge;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread::available_parallelism;

use seedbed_reports::json::Error;
use seedbed_reports::sweep::manifest::Shard;
use seedbed_reports::sweep::{self as report, Summary};
use seedbed_scenarios::sweep::Sweep;
use seedbed_scenarios::{Registry, Source, load};

use super::args::Sweep as Asked;
use super::exit::Exit;
use super::progress::Progress;
use super::screen::{Closed, Screen};
use super::stream::INTERRUPTED;
use super::{files, load as loading, run, sources};

pub use merge::merge;

use folder::{Folder, Records, Start, Trouble};

/// Runs what is left to do of a sweep, and prints what it came to.
pub fn sweep(args: &Asked, registry: &Registry, screen: &Screen) -> Exit {
    match attempt(args, registry, screen) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn attempt(args: &Asked, registry: &Registry, screen: &Screen) -> Result<Exit, Exit> {
    let source = opened(args, screen)?;
    let sweep = validated(registry, &source, screen)?;
    let path = args.out.clone().unwrap_or_else(|| own_folder(&sweep, args.shard));
    let start = match (args.fresh, args.resume) {
        (true, _) => Start::Fresh,
        (_, true) => Start::Resume,
        _ => Start::Either,
    };
    let (folder, mut records) =
        Folder::open(&path, &sweep, args.shard, start).map_err(|trouble| trouble.tell(screen))?;
    let all = (0..sweep.runs()).filter(|run| args.shard.is_none_or(|shard| shard.holds(*run)));
    let todo: Vec<u64> = all.filter(|run| !records.contains_key(run)).collect();
    announce(&sweep, &path, records.len(), todo.len(), screen);
    run_all(args, &sweep, &folder, &todo, &mut records, screen)?;
    if args.out.is_none() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files::point_latest(Path::new("runs"), &name);
    }
    let figures = args.shard.is_none() && !args.no_figures;
    finish(&sweep, &folder, &records, (args.shard, figures), screen)
}

/// The scenario with what was changed on the command line.
fn opened(args: &Asked, screen: &Screen) -> Result<Source, Exit> {
    let mut source = sources::open(&args.file).map_err(|missing| {
        let kind = if missing.exit == Exit::NotFound { "not_found" } else { "usage" };
        let (message, help) = (missing.message.as_str(), missing.help.as_deref());
        let file = Some(args.file.as_str());
        screen.error(missing.exit, &Error { kind, message, file, help, ..Error::default() })
    })?;
    let seeds = args.seeds.map(|seeds| format!("\"{}..{}\"", seeds.from, seeds.to));
    let seeds = seeds.map(|seeds| ("sweep.seeds".to_owned(), seeds));
    for (path, value) in args.change.assignments().chain(seeds) {
        source.set(&path, &value).map_err(|problems| loading::tell(&problems, screen))?;
    }
    Ok(source)
}

/// The sweep of a scenario, every point of it validated.
fn validated(registry: &Registry, source: &Source, screen: &Screen) -> Result<Sweep, Exit> {
    let sweep = load(registry, source).and_then(|plan| Sweep::of(registry, &plan));
    sweep.map_err(|problems| loading::tell(&problems, screen))
}

fn own_folder(sweep: &Sweep, shard: Option<Shard>) -> PathBuf {
    let name = files::part(&sweep.name);
    Path::new("runs").join(match shard {
        Some(Shard { index, of }) => format!("{name}-shard-{index}-of-{of}"),
        None => name,
    })
}

fn announce(sweep: &Sweep, path: &Path, done: usize, todo: usize, screen: &Screen) {
    let (points, seeds) = (sweep.points().len(), sweep.seeds());
    let folder = path.display();
    screen.say(&format!(
        "sweeping {}: {points} points with seeds {}..{}, to {folder}",
        sweep.name, seeds.start, seeds.end
    ));
    if done > 0 {
        screen.say(&format!("{done} runs are finished already, {todo} are left"));
    }
}

/// Runs what is left and notes each run the moment it is done.
fn run_all(
    args: &Asked,
    sweep: &Sweep,
    folder: &Folder,
    todo: &[u64],
    records: &mut Records,
    screen: &Screen,
) -> Result<(), Exit> {
    run::watch_for_interrupt();
    let jobs = args.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into()));
    let jobs = jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let progress = Progress::new(todo.len() as u64, screen);
    let stop = || INTERRUPTED.load(Ordering::Relaxed);
    let mut trouble = None;
    sweep.run(todo, jobs, &stop, |row| {
        let record = report::record(&row.cells);
        if let Err(why) = folder.note(&record) {
            trouble = Some(why);
            return ControlFlow::Break(());
        }
        records.insert(row.run, record);
        progress.advance(row.verdict.into());
        ControlFlow::Continue(())
    });
    progress.clear();
    if let Some(trouble) = trouble {
        return Err(trouble.tell(screen));
    }
    let left = todo.iter().filter(|run| !records.contains_key(run)).count();
    if left > 0 {
        screen.warn(&format!("interrupted with {left} runs left: the same command goes on"));
        return Err(Exit::Inconclusive);
    }
    Ok(())
}

/// Writes the results, and figures if they are wanted, and prints what they come to.
fn finish(
    sweep: &Sweep,
    folder: &Folder,
    records: &Records,
    (shard, figures): (Option<Shard>, bool),
    screen: &Screen,
) -> Result<Exit, Exit> {
    let told = |trouble: Trouble| trouble.tell(screen);
    let mut written = folder.finish(sweep, shard, records).map_err(told)?;
    if figures {
        written.extend(figures::draw_all(sweep, folder, records, screen).map_err(told)?);
    }
    let mut summary = Summary::new(sweep);
    for record in records.values() {
        let cells = report::cells(sweep.columns(), record).expect("the folder was read with these");
        summary.add(&cells);
    }
    let text = if screen.json {
        report::json(&summary)
    } else {
        let next = replay(folder, &summary);
        report::table(&summary, screen.style) + &next.unwrap_or_default()
    };
    for path in written {
        screen.say(&format!("wrote {}", path.display()));
    }
    let exit = match summary.not_held() {
        (0, 0) => Exit::Held,
        (0, _) => Exit::Inconclusive,
        _ => Exit::Failed,
    };
    match screen.result(&text) {
        Ok(()) => Ok(exit),
        Err(Closed(closed)) => Ok(exit.max(closed)),
    }
}

/// The command that shows the first run that failed.
fn replay(folder: &Folder, summary: &Summary<'_>) -> Option<String> {
    let (point, seed) = summary.first_failed()?;
    let scenario = folder.scenario().display().to_string();
    let mut command = format!("{} run {}", super::invocation(), quoted(&scenario));
    for (path, value) in &point.assignments {
        command += &format!(" --set {}", quoted(&format!("{path}={value}")));
    }
    Some(format!("first failure: {command} --seed {seed}\n"))
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=,:".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
