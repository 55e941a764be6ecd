//! `trace`: a run for other programs.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use seedbed_core::{Outcome, Verdict};
use seedbed_reports::export::{self, Format, Frames};
use seedbed_reports::json::Error;
use seedbed_reports::summary;
use seedbed_reports::trace::{Errors, Head};
use seedbed_scenarios::{Plan, Registry, RunOptions};

use super::args::{As, Trace, Which};
use super::exit::Exit;
use super::load::{self, Loaded};
use super::run::watch_for_interrupt;
use super::screen::{Closed, Screen};
use super::stream::INTERRUPTED;
use super::{fault, files, internal, outputs, sources};

/// How often the main thread looks up while a run is under way.
const POLL: Duration = Duration::from_millis(50);

/// Events that a graph may have unless more are asked for.
const EVENTS_MAX: u64 = 500;

/// Runs a scenario and writes it in one of the formats.
pub fn trace(args: &Trace, registry: &Registry, screen: &Screen) -> Exit {
    let refuse = |message: &str, help: Option<&str>| {
        screen.error(Exit::Bad, &Error { kind: "usage", message, help, ..Error::default() })
    };
    let format = match format(args) {
        Ok(format) => format,
        Err(why) => return refuse(why, None),
    };
    if !format.is_text() && args.out.is_none() && io::stdout().is_terminal() {
        return refuse("this format is no text for a terminal", Some("name a file with --out"));
    }
    let run = sources::scenario_of(&args.run);
    let loaded = match load::one(registry, &run, &args.change, screen) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let plan = &loaded.plan;
    let job = Job { head: Head::of(plan, args.seed, format.clocks()), format };
    screen.say(&format!("tracing {} with seed {}", plan.name, job.head.seed));
    watch_for_interrupt();
    let ended = match &args.out {
        Some(path) => job.to_file(plan, path),
        None => job.write(plan, io::stdout()),
    };
    match ended {
        Ok(done) => finish(args, &loaded, &job, &done, screen),
        Err(Stopped::Interrupted) => {
            screen.warn("interrupted: the trace is not whole");
            Exit::Inconclusive
        }
        Err(Stopped::Panicked(what)) => internal(&what),
        // Whoever read it has seen enough.
        Err(Stopped::Failed(why))
            if args.out.is_none() && why.kind() == io::ErrorKind::BrokenPipe =>
        {
            Exit::Held
        }
        Err(Stopped::Failed(why)) => {
            let place =
                args.out.as_ref().map_or("stdout".into(), |path| path.display().to_string());
            refuse(&format!("cannot write {place}: {why}"), None)
        }
    }
}

/// The format with its options, none of which is for another one.
fn format(args: &Trace) -> Result<Format, &'static str> {
    match args.format {
        As::Pcapng | As::ShiViz | As::Perfetto | As::Jsonl if args.max_events.is_some() => {
            Err("--max-events is for --as dot: everything else is written as it comes")
        }
        As::ShiViz | As::Perfetto | As::Jsonl | As::Dot if args.frames.is_some() => {
            Err("--frames is for --as pcapng: nothing else has frames")
        }
        As::ShiViz => Ok(Format::ShiViz),
        As::Perfetto => Ok(Format::Perfetto),
        As::Jsonl => Ok(Format::JsonLines),
        As::Dot => Ok(Format::Dot { events_max: args.max_events.unwrap_or(EVENTS_MAX) }),
        As::Pcapng => Ok(Format::Pcapng(match args.frames {
            None | Some(Which::Sent) => Frames::Sent,
            Some(Which::Delivered) => Frames::Delivered,
        })),
    }
}

/// What is written, of which run.
struct Job {
    head: Head,
    format: Format,
}

/// A trace that is written.
struct Done {
    outcome: Outcome,
    errors: Errors,
}

/// Why there is none.
enum Stopped {
    Interrupted,
    Panicked(String),
    Failed(io::Error),
}

impl Job {
    /// Into a file that appears when it is whole.
    fn to_file(&self, plan: &Plan, path: &Path) -> Result<Done, Stopped> {
        let mut ended = None;
        let written = files::write_with(path, |file: File| {
            let result = self.write(plan, file);
            let whole = if result.is_ok() { Ok(()) } else { Err(io::ErrorKind::Other.into()) };
            ended = Some(result);
            whole
        });
        match (ended, written) {
            (Some(Ok(done)), Ok(())) => Ok(done),
            (Some(Err(stopped)), _) => Err(stopped),
            (_, Err(why)) => Err(Stopped::Failed(why)),
            (None, Ok(())) => unreachable!("a file is written by writing it"),
        }
    }

    /// Runs on a thread of its own, so that this one can end early: a run cannot be stopped, and
    /// nobody waits for one whose trace has nowhere to go.
    fn write(&self, plan: &Plan, to: impl Write + Send + 'static) -> Result<Done, Stopped> {
        let (sink, errors) = self.format.sink(&self.head, to);
        let options = RunOptions { sink: Some(sink), clocks: self.format.clocks().to_vec() };
        let (send, ended) = mpsc::channel();
        let (plan, seed) = (plan.clone(), self.head.seed);
        let worker = thread::spawn(move || {
            // If it is not received any more, it is not wanted any more.
            let _ = send.send(plan.run(Some(seed), options));
        });
        loop {
            match ended.recv_timeout(POLL) {
                Ok(outcome) => {
                    errors.first().map_err(Stopped::Failed)?;
                    return Ok(Done { outcome, errors });
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    let _ = worker.join();
                    return Err(Stopped::Panicked(fault::last()));
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    if INTERRUPTED.load(Ordering::Relaxed) {
                        return Err(Stopped::Interrupted);
                    }
                    if errors.any() {
                        errors.first().map_err(Stopped::Failed)?;
                    }
                }
            }
        }
    }
}

/// Tells what was written, and what became of the run.
fn finish(args: &Trace, loaded: &Loaded, job: &Job, done: &Done, screen: &Screen) -> Exit {
    let plan = &loaded.plan;
    let Done { outcome, errors } = done;
    let verdict = match outcome.verdict() {
        Verdict::Held => "every check held".to_owned(),
        _ => format!("the run did not hold: {}", summary::why(outcome, plan.operation)),
    };
    screen.say(&format!("{} {}; {verdict}", errors.items(), job.format.items()));
    let mut exit = Exit::Held;
    if let Some(path) = &args.out {
        let path = path.display().to_string();
        screen.say(&format!("wrote {path}"));
        if screen.json {
            let line = export::json(&job.head, job.format, &path, errors, outcome);
            if let Err(Closed(closed)) = screen.result(&line) {
                exit = closed;
            }
        }
    }
    if args.change.is_empty()
        && let Some(differs) = outputs::differs(plan, outcome)
    {
        screen.warn(&differs);
        exit = exit.max(Exit::Differs);
    }
    exit
}
