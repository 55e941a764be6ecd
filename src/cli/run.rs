//! `run`: every scenario with every seed, results in order.

use std::num::NonZeroUsize;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::Ordering;
use std::thread::available_parallelism;

use seedbed_core::{EndedBy, Outcome, Verdict};
use seedbed_node::Duration;
use seedbed_reports::json::{self, Error};
use seedbed_reports::summary::{Summary, seed_line};
use seedbed_reports::table;
use seedbed_scenarios::{Plan, Registry};

use super::args::Run;
use super::exit::Exit;
use super::load::{self, Loaded};
use super::progress::Progress;
use super::screen::{Closed, Screen};
use super::stream::{Cut, INTERRUPTED, stream};
use super::verify::{Second, is_second};
use super::{internal, outputs};

/// Seeds that did not hold are listed one a line up to this many; `-v` lists all.
const LISTED_MAX: u64 = 20;

/// Runs everything that was asked for.
pub fn run(args: Run, registry: Registry, screen: &Screen) -> Exit {
    let plans = match load::all(&registry, &args.files, &args.change, screen) {
        Ok(plans) => plans,
        Err(exit) => return exit,
    };
    if let Some(folder) = &args.out
        && let Err(why) = std::fs::create_dir_all(folder)
    {
        let message = format!("cannot write to {}: {why}", folder.display());
        return screen
            .error(Exit::Bad, &Error { kind: "usage", message: &message, ..Error::default() });
    }
    let seeds = Chosen::of(&args);
    announce(&plans, &seeds, screen);
    watch_for_interrupt();
    let second = match args.verify.then(|| Second::start(&args, &seeds)).transpose() {
        Ok(second) => second,
        Err(why) => return internal(&format!("cannot start a second process: {why}")),
    };
    let jobs = args.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into()));
    let jobs = jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let runs = plans.iter().map(|loaded| (loaded.plan.clone(), seeds.of_plan(&loaded.plan)));
    let runs = runs.collect();
    let count = seeds.per_plan() * plans.len() as u64;
    let mut session = Session {
        plans: &plans,
        args: &args,
        screen,
        per_plan: seeds.per_plan(),
        progress: Progress::new(count, screen),
        exit: Exit::Held,
        second,
        current: Current::default(),
        done: 0,
    };
    let end = stream(runs, jobs, |place, outcome| match session.receive(place, &outcome) {
        Ok(()) => ControlFlow::Continue(()),
        Err(Closed(exit)) => {
            session.exit = session.exit.max(exit);
            ControlFlow::Break(())
        }
    });
    session.finish(end, count)
}

/// Which seeds every scenario is run with.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// The scenario's own.
    Own,
    /// From the first, as many as the second says.
    These(u64, u64),
}

impl Chosen {
    fn of(args: &Run) -> Self {
        match (args.seed, args.seeds) {
            (Some(seed), _) => Chosen::These(seed, 1),
            (None, Some(seeds)) => Chosen::These(seeds.from, seeds.to - seeds.from),
            (None, None) => Chosen::Own,
        }
    }

    fn per_plan(&self) -> u64 {
        match self {
            Chosen::Own => 1,
            Chosen::These(_, count) => *count,
        }
    }

    fn of_plan(&self, plan: &Plan) -> Range<u64> {
        match self {
            Chosen::Own => plan.seed..plan.seed + 1,
            Chosen::These(from, count) => *from..from + count,
        }
    }
}

/// The seed is told before anything runs, so that a run that never ends can be repeated.
fn announce(plans: &[Loaded], seeds: &Chosen, screen: &Screen) {
    for loaded in plans {
        let name = &loaded.plan.name;
        screen.say(&match seeds {
            Chosen::Own => format!("running {name} with seed {}", loaded.plan.seed),
            Chosen::These(seed, 1) => format!("running {name} with seed {seed}"),
            Chosen::These(from, count) => {
                format!("running {name} with seeds {from}..{}", from + count)
            }
        });
    }
}

/// The first Ctrl-C asks for an orderly end, the second ends at once.
pub fn watch_for_interrupt() {
    // If some crate around us has a handler already, that one decides.
    if is_second() {
        // The first process decides; if this one ended earlier, its digests would seem to differ.
        let _ = ctrlc::set_handler(|| {});
        return;
    }
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Inconclusive.code().into());
        }
    });
}

/// What has been seen of the plan whose results are arriving.
#[derive(Default)]
struct Current {
    summary: Summary,
    listed: u64,
    replays: outputs::Replays,
}

/// Whether the scenario is a counterexample and this is the run that it pins.
fn replays(plan: &Plan, outcome: &Outcome) -> bool {
    plan.replay.as_ref().is_some_and(|replay| replay.digest == outcome.digest)
}

/// Whether this is a counterexample's own seed: its file exists, and is not to be overwritten by
/// a run that went another way.
fn retries(plan: &Plan, outcome: &Outcome) -> bool {
    plan.replay.is_some() && outcome.seed == plan.seed
}

/// What lets an inconclusive run go on for longer, if its length is what it lacked.
fn longer(outcome: &Outcome) -> Option<String> {
    match outcome.ended_by {
        EndedBy::Time => {
            let twice = Duration::from_nanos(outcome.ended_at.as_nanos()) * 2;
            Some(format!("--until {twice}"))
        }
        EndedBy::EventLimit => {
            let tenfold = outcome.events.max(1).saturating_mul(10);
            Some(format!("--set limits.events_max={tenfold}"))
        }
        EndedBy::Quiet
        | EndedBy::Served
        | EndedBy::Breach
        | EndedBy::Panic { .. }
        | EndedBy::ScheduleOver
        | EndedBy::ScheduleRepeats
        | EndedBy::ScheduleBroken => None,
    }
}

/// Everything about a `run` in progress.
struct Session<'a> {
    plans: &'a [Loaded],
    args: &'a Run,
    screen: &'a Screen,
    per_plan: u64,
    progress: Progress,
    exit: Exit,
    second: Option<Second>,
    current: Current,
    done: u64,
}

impl Session<'_> {
    /// Takes one outcome, in order.
    fn receive(&mut self, place: usize, outcome: &Outcome) -> Result<(), Closed> {
        let loaded = &self.plans[place];
        self.done += 1;
        self.judge(loaded, outcome);
        self.keep(loaded, outcome);
        self.print(loaded, outcome)?;
        self.progress.advance(self.exit);
        if self.done.is_multiple_of(self.per_plan) {
            self.current = Current::default();
        }
        Ok(())
    }

    /// What the outcome means for the exit code.
    fn judge(&mut self, loaded: &Loaded, outcome: &Outcome) {
        let plan = &loaded.plan;
        let exit = match (self.args.as_expected, outcome.verdict()) {
            (true, _) if plan.expect.met_by(outcome) => Exit::Held,
            (true, Verdict::Held) => Exit::Failed,
            (_, verdict) => Exit::from(verdict),
        };
        self.exit = self.exit.max(exit);
        if self.args.as_expected && exit != Exit::Held {
            let why = seedbed_reports::summary::why(outcome, plan.operation);
            self.warn(&format!(
                "{}, seed {}: expected {}, but: {why}",
                &plan.name, outcome.seed, plan.expect
            ));
        }
        if self.args.change.is_empty()
            && let Some(differs) = outputs::differs(plan, outcome)
        {
            self.exit = self.exit.max(Exit::Differs);
            self.warn(&differs);
        }
        if let Some(second) = &mut self.second
            && let Err(why) = second.compare(&plan.name, outcome)
        {
            self.exit = self.exit.max(Exit::Differs);
            self.warn(&why);
        }
    }

    /// Writes the files that this outcome calls for.
    fn keep(&mut self, loaded: &Loaded, outcome: &Outcome) {
        if is_second() {
            return;
        }
        let expected = self.args.as_expected && loaded.plan.expect.met_by(outcome);
        let known = expected || retries(&loaded.plan, outcome);
        let written = if outcome.verdict() == Verdict::Failed && !known {
            self.current.replays.write(loaded, outcome)
        } else {
            Ok(Vec::new())
        };
        let written = written.and_then(|paths| {
            if let Some(folder) = &self.args.out {
                let many = self.per_plan > 1 || self.plans.len() > 1;
                outputs::write_out(folder, loaded, outcome, many)?;
            }
            Ok(paths)
        });
        match written {
            Ok(paths) if self.screen.quiet => drop(paths),
            Ok(paths) => {
                for path in paths {
                    self.warn(&format!("wrote {path}"));
                }
            }
            Err(why) => {
                let error = Error { kind: "usage", message: &why, ..Error::default() };
                let exit = self.progress.suspend(|| self.screen.error(Exit::Bad, &error));
                self.exit = self.exit.max(exit);
            }
        }
    }

    fn print(&mut self, loaded: &Loaded, outcome: &Outcome) -> Result<(), Closed> {
        let plan = &loaded.plan;
        let run = outputs::named(plan, outcome);
        if self.screen.json {
            return self.result(&(json::line(&run) + "\n"));
        }
        if self.per_plan == 1 {
            let next = self.next(loaded, outcome);
            let gap = if self.done > 1 { "\n" } else { "" };
            return self
                .result(&format!("{gap}{}", table::outcome(&run, &next, self.screen.style)));
        }
        self.current.summary.add(outcome, plan.operation);
        let held = outcome.verdict() == Verdict::Held;
        if self.screen.verbose || !held && self.current.listed < LISTED_MAX {
            self.current.listed += u64::from(!held);
            self.result(&seed_line(&run, self.screen.verbose, self.screen.style))?;
        }
        if self.done.is_multiple_of(self.per_plan) { self.summarise(loaded) } else { Ok(()) }
    }

    fn summarise(&mut self, loaded: &Loaded) -> Result<(), Closed> {
        let plan = &loaded.plan;
        let next = match self.current.replays.first() {
            Some(path) => format!("{} run {path}", super::invocation()),
            None => String::new(),
        };
        let text = self.current.summary.render(
            &plan.name,
            plan.algorithm,
            plan.operation,
            &next,
            self.screen.style,
        );
        let unlisted = self.current.summary.not_held() - self.current.listed;
        if unlisted > 0 {
            self.result(&format!("  … and {unlisted} more: -v lists every seed\n"))?;
        }
        self.result(&text)
    }

    /// The command to type next.
    fn next(&self, loaded: &Loaded, outcome: &Outcome) -> String {
        let (program, typed) = (super::invocation(), &loaded.typed);
        if replays(&loaded.plan, outcome) && !loaded.plan.record.trace {
            return format!("{program} run {typed} --set record.trace=true --out trace");
        }
        match (outcome.verdict(), self.current.replays.first()) {
            (_, Some(path)) => format!("{program} run {path}"),
            (Verdict::Held, None) => format!("{program} run {typed} --seeds 0..100"),
            (Verdict::Inconclusive, None) => match longer(outcome) {
                Some(flag) => format!("{program} run {typed} {flag}"),
                None => String::new(),
            },
            (Verdict::Failed, None) => String::new(), // a replay, traced already or changed
        }
    }

    /// Reports how it all ended.
    fn finish(mut self, end: Result<(), Cut>, count: u64) -> Exit {
        self.progress.clear();
        match end {
            Ok(()) => {}
            Err(Cut::Stopped) => return self.exit,
            Err(Cut::Panicked(what)) => return internal(&what),
            Err(Cut::Interrupted) => {
                // The plan under way, which has had no summary yet.
                let place = usize::try_from(self.done / self.per_plan).unwrap_or(usize::MAX);
                if self.current.summary.runs() > 0
                    && let Some(loaded) = self.plans.get(place)
                {
                    // Interrupted and closed: nobody is left to be told.
                    let _ = self.summarise(loaded);
                }
                self.screen.warn(&format!("interrupted after {} of {count} runs", self.done));
                return self.exit.max(Exit::Inconclusive);
            }
        }
        if let Some(second) = self.second.take() {
            match second.finish() {
                Ok(equal) if self.exit != Exit::Differs => {
                    self.screen.say(&format!("verified: {equal} in a fresh process"));
                }
                Ok(_) => {}
                Err(why) => {
                    self.screen.warn(&why);
                    self.exit = self.exit.max(Exit::Differs);
                }
            }
        }
        self.exit
    }

    fn result(&self, text: &str) -> Result<(), Closed> {
        self.progress.suspend(|| self.screen.result(text))
    }

    fn warn(&self, text: &str) {
        self.progress.suspend(|| self.screen.warn(text));
    }
}
