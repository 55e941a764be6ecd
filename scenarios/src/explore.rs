//! Exploring a plan: every order of events of a small instance, instead of one run a seed.

use std::num::NonZeroUsize;
use std::sync::Arc;

use seedbed_core::explore::nodes::{Action, Bounds, Instance, Line, PANIC, Timing, Walked};
use seedbed_core::explore::{End, Exploration, Options, Progress, Strategy, Trail, search};
use seedbed_core::fault::{Fault, Faults, TimedFault};
use seedbed_core::{CheckOutcome, EndedBy, Outcome, Recorded, Schedule, Verdict, World};
use seedbed_node::{Duration, Time};

use crate::kernel::Watch;
use crate::plan::{Expect, Plan, RunOptions};

/// How a scenario is explored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exploring {
    /// What may happen, and how often.
    pub bounds: Bounds,
    /// How states are searched.
    pub search: Search,
    /// Whether to leave out orders of events that make no difference.
    pub reduce: bool,
    /// The search is given up beyond so many states.
    pub states_max: u64,
    /// Paths are not followed beyond so many steps.
    pub depth_max: Option<u32>,
    /// How the exploration is meant to end.
    pub expect: Expect,
    /// How many states there are, if the scenario says so.
    pub unique_states: Option<u64>,
    /// Whether the scenario says what is judged. If not, consistency is left out: it tells all
    /// histories apart, and then there are as many states.
    pub says_checks: bool,
}

/// How states are searched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Search {
    /// In the order of their distance: the counterexample is a shortest one.
    BreadthFirst,
    /// Along one path as far as it goes: the least memory.
    DepthFirst,
    /// Along paths, to a depth that grows.
    Deepening,
    /// Along random paths.
    Random {
        /// How many.
        walks: u64,
        /// How long each is at most.
        depth: u32,
    },
}

impl Exploring {
    /// How an exploration differs from what the scenario expects of it, if it does.
    pub fn missed_by(&self, explored: &Explored) -> Option<String> {
        let verdict = explored.verdict();
        let met = match &self.expect {
            Expect::Held => verdict == Verdict::Held,
            Expect::Inconclusive => verdict == Verdict::Inconclusive,
            Expect::Breach(name) => {
                explored.counterexamples.iter().any(|example| example.check == *name)
            }
        };
        if !met {
            let expect = &self.expect;
            return Some(format!("expected {expect}, but the exploration: {verdict:?}"));
        }
        let unique = explored.figures.unique;
        match self.unique_states {
            // A breach cuts the search short, at a place that depends on the order.
            Some(states) if explored.figures.complete && states != unique => {
                Some(format!("expected {states} states, and there are {unique}"))
            }
            _ => None,
        }
    }
}

/// Something that a run judges and an exploration does not, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unjudged {
    /// The check.
    pub check: String,
    /// Why.
    pub why: &'static str,
}

/// What an exploration may use, and who listens. What is `None` is as the scenario says.
#[derive(Clone, Copy)]
pub struct ExploreOptions<'a> {
    /// How states are searched.
    pub search: Option<Search>,
    /// How many threads search.
    pub jobs: NonZeroUsize,
    /// The search is given up beyond so many states.
    pub states_max: Option<u64>,
    /// The search is given up beyond so many bytes for what has been seen.
    pub memory_max: Option<u64>,
    /// Paths are not followed beyond so many steps.
    pub depth_max: Option<u32>,
    /// Whether to leave out orders of events that make no difference.
    pub reduce: Option<bool>,
    /// Whether to keep whole states, so that two with one fingerprint are noticed.
    pub whole_states: bool,
    /// Whether to go on after the first breach.
    pub keep_going: bool,
    /// Whether to end now.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told now and then how far the search is.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

impl Default for ExploreOptions<'_> {
    /// As the scenario says, on one thread, to the first breach.
    fn default() -> Self {
        ExploreOptions {
            search: None,
            jobs: NonZeroUsize::MIN,
            states_max: None,
            memory_max: None,
            depth_max: None,
            reduce: None,
            whole_states: false,
            keep_going: false,
            stop: &|| false,
            progress: &|_| {},
        }
    }
}

/// What an exploration found.
#[derive(Clone, PartialEq, Debug)]
pub struct Explored {
    /// The search.
    pub search: Search,
    /// Its figures; what it says of properties is in `checks`.
    pub figures: Exploration<Action>,
    /// What became of each check, and of handlers that may panic.
    pub checks: Vec<CheckOutcome>,
    /// What a run judges and this has not.
    pub unjudged: Vec<Unjudged>,
    /// How each failed check fails, in the order of the checks.
    pub counterexamples: Vec<Counterexample>,
}

/// How a check fails.
#[derive(Clone, PartialEq, Debug)]
pub struct Counterexample {
    /// The check.
    pub check: String,
    /// What happens, in words.
    pub lines: Vec<Line>,
    /// The line from which on everything repeats itself for ever.
    pub repeats_from: Option<usize>,
    /// What happens, for a run to follow.
    pub schedule: Schedule,
    /// The run that followed it, and failed the same check.
    pub outcome: Outcome,
}

impl Explored {
    /// Failed if any check is, else inconclusive if any is, else held.
    pub fn verdict(&self) -> Verdict {
        self.checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Held)
    }
}

impl Plan {
    /// Explores the scenario.
    ///
    /// # Errors
    /// Why it cannot be explored.
    pub fn explore(&self, options: &ExploreOptions<'_>) -> Result<Explored, String> {
        let explored = self.explore_until_decided(options)?;
        let unconfirmed = |check: &CheckOutcome| check.detail == UNCONFIRMED;
        let misled = explored.counterexamples.is_empty() && explored.checks.iter().any(unconfirmed);
        if misled && !options.keep_going {
            // What ended the search was nothing: the others have a right to be judged.
            return self.explore_until_decided(&ExploreOptions { keep_going: true, ..*options });
        }
        Ok(explored)
    }

    fn explore_until_decided(&self, options: &ExploreOptions<'_>) -> Result<Explored, String> {
        let (instance, unjudged) = self.instance()?;
        let searched = self.search(&instance, options);
        if !instance.saw_clock() {
            return Ok(self.explored(&instance, searched, unjudged, options));
        }
        match self.exploring.bounds.time {
            Timing::Asynchronous => Err("its nodes read their clocks, and in asynchronous time \
                there are none: write explore.time: Bounded(max: …, tick: …, ticks: …)"
                .into()),
            Timing::Bounded { ticks: None, .. } => Err("its nodes read their clocks, so that no \
                two ticks are alike: bound their number by explore.time: Bounded(ticks: …)"
                .into()),
            Timing::Bounded { .. } => {
                let instance = instance.keeping_time();
                let searched = self.search(&instance, options);
                Ok(self.explored(&instance, searched, unjudged, options))
            }
        }
    }

    fn search(&self, instance: &Instance, options: &ExploreOptions<'_>) -> Exploration<Action> {
        let exploring = &self.exploring;
        let strategy = match options.search.unwrap_or(exploring.search) {
            Search::BreadthFirst => Strategy::BreadthFirst,
            Search::DepthFirst => Strategy::DepthFirst,
            Search::Deepening => Strategy::IterativeDeepening { step: DEEPER },
            Search::Random { walks, depth } => {
                Strategy::RandomWalk { seed: self.seed, walks, steps: depth }
            }
        };
        let depth_max = options.depth_max.or(exploring.depth_max);
        let ticks = match exploring.bounds.time {
            Timing::Asynchronous => None,
            Timing::Bounded { ticks, .. } => ticks,
        };
        // Where paths are cut off, what is left out may have led to states that are not.
        let endless = depth_max.is_none() && ticks.is_none();
        let limits = Options {
            strategy,
            threads: options.jobs.get(),
            states_max: options.states_max.unwrap_or(exploring.states_max),
            memory_max: options.memory_max.unwrap_or(u64::MAX),
            depth_max: depth_max.unwrap_or(u32::MAX),
            symmetry: false,
            partial_order: options.reduce.unwrap_or(exploring.reduce) && endless,
            whole_states: options.whole_states,
            keep_going: options.keep_going,
            stop: options.stop,
            progress: options.progress,
        };
        search(instance, &limits)
    }

    fn explored(
        &self,
        instance: &Instance,
        mut figures: Exploration<Action>,
        unjudged: Vec<Unjudged>,
        options: &ExploreOptions<'_>,
    ) -> Explored {
        let incomplete = || {
            let cuts: Vec<_> = figures.cuts.iter().map(|cut| cut.why()).collect();
            format!("not every state was visited: {}", cuts.join("; "))
        };
        let (mut checks, mut counterexamples) = (Vec::new(), Vec::new());
        for finding in &figures.findings {
            let name = finding.name.clone();
            let mut check =
                CheckOutcome { name, verdict: finding.verdict, detail: String::new(), at: None };
            match (finding.verdict, &finding.trail) {
                (Verdict::Failed, Some(trail)) => {
                    match self.counterexample(instance, &finding.name, trail) {
                        Some(shown) => {
                            (check.detail, check.at) = shown.reason();
                            counterexamples.push(shown);
                        }
                        None => {
                            check.verdict = Verdict::Inconclusive;
                            check.detail = UNCONFIRMED.into();
                        }
                    }
                }
                (Verdict::Inconclusive, _) => check.detail = incomplete(),
                _ => {}
            }
            checks.push(check);
        }
        figures.findings.clear();
        let search = options.search.unwrap_or(self.exploring.search);
        Explored { search, figures, checks, unjudged, counterexamples }
    }

    /// Walks a trail and has a run follow it; `None` if that does not fail the check.
    fn counterexample(
        &self,
        instance: &Instance,
        check: &str,
        trail: &Trail<Action>,
    ) -> Option<Counterexample> {
        let cycle = match trail.end {
            End::Cycle(from) => Some(from),
            End::State | End::Terminal => None,
        };
        let Walked { schedule, lines, .. } = instance.walk(trail.initial, &trail.actions, cycle);
        let outcome = self.follow(schedule.clone(), RunOptions::default());
        let failed = |other: &CheckOutcome| other.name == check && other.verdict == Verdict::Failed;
        let confirmed = match check {
            PANIC => matches!(outcome.ended_by, EndedBy::Panic { .. }),
            _ => outcome.checks.iter().any(failed),
        };
        confirmed.then(|| Counterexample {
            check: check.to_owned(),
            lines,
            repeats_from: schedule.repeats_from.map(|step| step as usize),
            schedule,
            outcome,
        })
    }
}

/// What is said of a path that fails a check when explored and not when run.
const UNCONFIRMED: &str = "a path fails it, and the run that followed the path does not: the check \
    goes by instants, and an exploration has only one";

/// Longer than anything that is still to come in a run that has come to its end.
const A_WHILE: Duration = Duration::from_secs(3_600);

/// By how much a deepening search deepens: by one, so that counterexamples are as short as can be.
const DEEPER: u32 = 1;

impl Counterexample {
    /// Why the check fails, as the run says it, and when.
    fn reason(&self) -> (String, Option<Time>) {
        let check = self.outcome.checks.iter().find(|check| check.name == self.check);
        match (check, &self.outcome.ended_by) {
            (_, EndedBy::Panic { node, message }) => (format!("{node} panicked: {message}"), None),
            (Some(check), _) => (check.detail.clone(), check.at),
            (None, _) => (String::new(), None),
        }
    }
}

impl Plan {
    /// The instance that is explored, and what it leaves unjudged.
    ///
    /// # Errors
    /// Why the scenario cannot be explored.
    pub fn instance(&self) -> Result<(Instance, Vec<Unjudged>), String> {
        self.ready.instance(&self.world, &self.checks, &self.exploring)
    }

    /// The scenario that replays a counterexample: this one's text, with the schedule in the place
    /// of what it replaces.
    pub fn counterexample_text(&self, example: &Counterexample) -> String {
        let schedule = example.schedule.clone();
        let recorded = Recorded { faults: self.late_boots(&schedule), schedule };
        let mut source = self.scheduled(None, &recorded);
        source.unset("explore").expect("the text was loaded before");
        let quote = |text: &str| serde_json::to_string(text).expect("texts can be quoted");
        let name = quote(&format!("{}-explored", self.name));
        let about = quote(&format!("found by exploring {}: {}", self.name, example.reason().0));
        for (path, value) in [("name", &name), ("about", &about)] {
            source.set(path, value).expect("the text was loaded before");
        }
        let expect = Expect::Breach(example.check.clone());
        Plan { source, ..self.clone() }.replay_text_expecting(&example.outcome, &expect)
    }

    /// A run that follows a schedule instead of the scenario's delays, draws and faults.
    pub fn follow(&self, schedule: Schedule, options: RunOptions) -> Outcome {
        let late = self.late_boots(&schedule);
        let world = following(&self.world, schedule, late);
        let watch = Watch { sink: options.sink, ..Watch::default() };
        self.ready.run(&world, &self.checks, watch)
    }

    /// Late nodes boot when a schedule says so: their own time comes after its end.
    fn late_boots(&self, schedule: &Schedule) -> Vec<TimedFault> {
        let end = schedule.steps.last().map_or(Time::ZERO, |step| step.at) + A_WHILE;
        let late = self.world.faults.planned.iter();
        late.filter(|timed| matches!(timed.fault, Fault::LateBoot(_)))
            .map(|timed| TimedFault { at: end, ..timed.clone() })
            .collect()
    }
}

/// This world, following a schedule beside which only these faults strike.
pub(crate) fn following(world: &World, schedule: Schedule, faults: Vec<TimedFault>) -> World {
    let mut world = World::clone(world);
    world.faults = Faults { planned: faults, random: None };
    // Beside a schedule there is nothing that it replaces; so it is with the text of it, too.
    let replaced = World::new(world.seed, 0);
    (world.network, world.service) = (replaced.network, replaced.service);
    (world.ties, world.stop.when) = (replaced.ties, replaced.stop.when);
    world.schedule = Some(Arc::new(schedule));
    world
}
