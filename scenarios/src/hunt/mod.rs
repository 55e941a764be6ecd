//! Hunting: many runs with faults of their own, and the smallest scenario for each way to fail.
//!
//! [`Hunt::run`] draws runs from seeds (swarm testing), runs them in parallel, groups failures by
//! their [`Cause`], makes the first of each group small and gives it as a scenario's text, which the
//! ordinary way of loading and running brings to the same failure.
//!
//! Everything works on the tree of a scenario and on plans; nothing knows a node's type.
//! Deliberately absent: files and the wall clock. Who hunts says when to stop by a closure.

mod cause;
mod coverage;
pub(crate) mod draft;
mod draw;
mod fault_text;
mod ground;
mod hazard;
mod print;
pub(crate) mod shrink;
mod single;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use seedbed_core::Verdict;
use seedbed_node::Duration;

pub use cause::Cause;
pub use coverage::{Coverage, Fates};
pub use hazard::Hazard;
pub use shrink::{Shrunk, Size};
pub use single::smallest;

use crate::batch::in_order;
use crate::plan::{Plan, RunOptions};
use crate::registry::Registry;
use coverage::{Counter, Seen};
use draw::Drawn;
use ground::Ground;

/// Seeds are below this.
const SEED_END: u64 = 1 << 53;

/// More causes than this are counted and not shrunk.
const GROUPS_MAX: usize = 24;

/// How to hunt.
#[derive(Clone, PartialEq, Debug)]
pub struct Hunt {
    /// How many runs at most.
    pub runs: u64,
    /// The seed of the first run; the others follow. The scenario's own unless given.
    pub seed: Option<u64>,
    /// How many runs at a time. Results do not depend on it.
    pub jobs: NonZeroUsize,
    /// Go on after a failure, to find other ways to fail.
    pub keep_going: bool,
    /// The kinds of trouble. `None`: those of the scenario's `Random`, or, without one, all that
    /// make sense.
    pub hazards: Option<Vec<Hazard>>,
    /// How many faults a run has at most, beside those of the scenario and lossy or slow links.
    pub fault_count: u32,
    /// How many runs shrinking one failure may take; 0 leaves failures as they are.
    pub shrink_runs: u32,
    /// Judge by the scenario's own checks and end, figures and deadlines included.
    pub as_written: bool,
    /// How long after all faults have healed everything may take.
    pub grace: Option<Duration>,
    /// Whether what runs reach is counted; it costs some of the rate.
    pub coverage: bool,
}

impl Default for Hunt {
    fn default() -> Self {
        Hunt {
            runs: 10_000,
            seed: None,
            jobs: NonZeroUsize::MIN,
            keep_going: false,
            hazards: None,
            fault_count: 5,
            shrink_runs: 4_000,
            as_written: false,
            grace: None,
            coverage: true,
        }
    }
}

/// What a hunt found.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Report {
    /// Runs that were made.
    pub runs: u64,
    /// Runs in which a check failed.
    pub failures: u64,
    /// Runs that were too short to tell, or were given up.
    pub inconclusive: u64,
    /// The seed of the first run that failed.
    pub first_failing_seed: Option<u64>,
    /// One entry a cause, in the order in which they were found.
    pub groups: Vec<Group>,
    /// What was reached.
    pub coverage: Coverage,
    /// Whether it ended before its runs were used up or it found what it looked for.
    pub stopped: bool,
}

/// The failures of one cause.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// What they have in common.
    pub cause: Cause,
    /// How many there were.
    pub count: u64,
    /// The first, counted from 0.
    pub first_run: u64,
    /// Its seed.
    pub first_seed: u64,
    /// Its reason as it was given.
    pub reason: String,
    /// The first of them made small.
    pub shrunk: Option<Shrunk>,
}

/// What is told while a hunt goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress<'a> {
    /// A run is done.
    Run {
        /// How many are.
        runs: u64,
        /// How many failed.
        failures: u64,
        /// How many different things were reached.
        reached: u64,
    },
    /// A failure is being made small.
    Shrinking {
        /// Which of how many, from 0.
        group: usize,
        /// How many there are.
        groups: usize,
        /// Its check.
        check: &'a str,
    },
}

/// One run of a hunt, judged.
struct Tried {
    verdict: Verdict,
    failure: Option<(Cause, String)>,
    mix: Vec<Hazard>,
    seen: Option<Seen>,
}

impl Hunt {
    /// Hunts in a scenario until something is found, the runs are used up, or `stop` says so;
    /// `stop` is asked from several threads. What was found by then is shrunk unless `stop` goes
    /// on saying so.
    ///
    /// # Errors
    /// Why there is nothing to hunt in this scenario.
    pub fn run(
        &self,
        registry: &Registry,
        plan: &Plan,
        stop: &(dyn Fn(Stage) -> bool + Sync),
        mut progress: impl FnMut(Progress<'_>),
    ) -> Result<Report, String> {
        let ground = Ground::of(registry, plan, self)?;
        let row = registry.algorithm(plan.algorithm);
        let mut report = Report::default();
        if self.coverage {
            let probes = row.map_or(&[][..], |row| row.probes);
            report.coverage = Coverage::of(&plan.ready.kinds(), probes);
        }
        let first = self.seed.unwrap_or(plan.seed);
        let wanted = first.saturating_add(self.runs).min(SEED_END);
        let stopped = AtomicBool::new(false);
        let enough = || {
            let stop = stop(Stage::Search);
            stopped.fetch_or(stop, Ordering::Relaxed);
            stop
        };
        let work = |seed| self.attempt(registry, &ground, seed);
        let names = plan.names();
        report.runs = in_order(first..wanted, self.jobs, &enough, work, |seed, tried| {
            report.add(seed, seed - first, tried);
            let Report { failures, coverage, .. } = &report;
            let reached = coverage.growth.last().map_or(0, |(_, reached)| *reached);
            let runs = seed - first + 1;
            progress(Progress::Run { runs, failures: *failures, reached });
            match report.failures > 0 && !self.keep_going {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        let found = report.failures > 0 && !self.keep_going;
        report.stopped = stopped.into_inner() && !found && report.runs < wanted - first;
        let groups = report.groups.len();
        for (place, group) in report.groups.iter_mut().enumerate().take(GROUPS_MAX) {
            let check = &group.cause.check;
            progress(Progress::Shrinking { group: place, groups, check });
            let Drawn { draft, .. } = ground.draw(group.first_seed);
            let task = shrink::Task { registry, plan, names, cause: &group.cause };
            let stop = || stop(Stage::Shrink);
            group.shrunk = shrink::shrink(&task, draft, self.shrink_runs, &stop);
        }
        Ok(report)
    }

    /// Draws and judges the run of a seed.
    fn attempt(&self, registry: &Registry, ground: &Ground, seed: u64) -> Tried {
        let Drawn { draft, mix } = ground.draw(seed);
        let mut plan = draft.load(registry).unwrap_or_else(|| {
            // Every draw must make sense: this is where one that does not is seen.
            let text = draft.text(&[]);
            panic!("the scenario drawn from seed {seed} does not load:\n{text}")
        });
        plan.without_digest();
        let counter = Counter::default();
        let options = match self.coverage {
            true => RunOptions { sink: Some(Box::new(counter.clone())), ..RunOptions::default() },
            false => RunOptions::default(),
        };
        let outcome = plan.run(None, options);
        let failure = cause::of(&outcome, plan.names());
        Tried {
            verdict: outcome.verdict(),
            failure,
            mix,
            seen: self.coverage.then(|| counter.take()),
        }
    }
}

/// What a hunt is doing when it asks whether to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Looking for failures.
    Search,
    /// Making failures small.
    Shrink,
}

impl Report {
    fn add(&mut self, seed: u64, run: u64, tried: Tried) {
        let failed = tried.failure.is_some();
        self.failures += u64::from(failed);
        self.inconclusive += u64::from(tried.verdict == Verdict::Inconclusive);
        if let Some(seen) = tried.seen {
            self.coverage.add(seen, &tried.mix, failed, run + 1);
        }
        let Some((cause, reason)) = tried.failure else { return };
        self.first_failing_seed = self.first_failing_seed.or(Some(seed));
        match self.groups.iter_mut().find(|group| group.cause == cause) {
            Some(group) => group.count += 1,
            None => self.groups.push(Group {
                cause,
                count: 1,
                first_run: run,
                first_seed: seed,
                reason,
                shrunk: None,
            }),
        }
    }
}
