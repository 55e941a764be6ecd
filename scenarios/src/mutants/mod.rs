//! Mutants: every deliberate bug of an algorithm, and which harness finds it.
//!
//! A checker is worth what it catches. An algorithm's [`Mutant`]s are bugs behind hidden
//! parameters; [`Sheet::of`] puts each into the algorithm's scenarios and tells which of the
//! [`Harness`]es kill it, and after how many runs or states. A harness may only kill what is wrong:
//! each scenario is tried without the bug first, and one in which the sound algorithm fails is left
//! out and reported.
//!
//! What is found depends on nothing but the scenarios and the [`Effort`]. Deliberately absent: the
//! wall clock. Who wants to know how long it took lends one.

mod bases;
mod explored;
mod runs;
mod sound;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use seedbed_node::{Duration, Mutant};

use crate::batch::in_order;
use crate::plan::Plan;
use crate::registry::Registry;

pub use bases::{Bases, spliced, surrounding, surroundings};
use sound::Sound;

/// How much work a mutant is worth.
#[derive(Clone, Copy)]
pub struct Effort<'a> {
    /// Runs of a hunt in each scenario.
    pub runs: u64,
    /// States of an exploration of each scenario.
    pub states_max: u64,
    /// How many mutants are tried at a time. What is found does not depend on it.
    pub jobs: NonZeroUsize,
    /// Whether to end now.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// How late it is, counted from anywhere.
    pub now: &'a (dyn Fn() -> Duration + Sync),
}

impl Effort<'_> {
    /// How long ago that was.
    fn since(&self, began: Duration) -> Duration {
        (self.now)().saturating_sub(began)
    }
}

/// A way of finding bugs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Harness {
    /// The shipped scenarios, each run with its own seed: a check fails, or a node panics.
    Run,
    /// The same runs: a figure is not what theory or the scenario says.
    Counts,
    /// Many runs with such faults as the algorithm must put up with.
    Hunt,
    /// Every order of events of a small instance.
    Explore,
}

impl Harness {
    /// All of them, in the order of tables.
    pub const ALL: [Harness; 4] = [Harness::Run, Harness::Counts, Harness::Hunt, Harness::Explore];

    /// What tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Harness::Run => "run",
            Harness::Counts => "counts",
            Harness::Hunt => "hunt",
            Harness::Explore => "explore",
        }
    }

    /// What it counts.
    pub fn unit(self) -> &'static str {
        match self {
            Harness::Run | Harness::Counts | Harness::Hunt => "run",
            Harness::Explore => "state",
        }
    }
}

/// The mutants of one algorithm.
#[derive(Clone, PartialEq, Debug)]
pub struct Sheet {
    /// The algorithm.
    pub algorithm: &'static str,
    /// One row a mutant, in the algorithm's order.
    pub rows: Vec<Row>,
    /// Where the algorithm fails without any bug, so that nothing could be tried; in sentences.
    pub unsound: Vec<String>,
    /// Whether it was ended before every mutant was tried.
    pub stopped: bool,
}

/// One mutant.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The mutant.
    pub mutant: Mutant,
    /// The scenario that was written for it, if there is one.
    pub surroundings: Option<&'static str>,
    /// What became of it under each harness, in the order of [`Harness::ALL`].
    pub trials: [Trial; 4],
    /// Whether explorations with and without reductions came to the same verdict; `None` where
    /// there was nothing to compare.
    pub reduced_agrees: Option<bool>,
}

/// A mutant under a harness.
#[derive(Clone, PartialEq, Debug)]
pub struct Trial {
    /// The harness.
    pub harness: Harness,
    /// What was found.
    pub found: Found,
    /// How long it took, by the clock that was lent.
    pub took: Duration,
}

/// What became of a mutant.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// It was found.
    Killed(Kill),
    /// It was not.
    Survived {
        /// In so many runs or states.
        tried: u64,
    },
    /// There is nothing to try, and why.
    NotApplicable(String),
}

/// How a mutant was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kill {
    /// In which scenario.
    pub scenario: String,
    /// By which check.
    pub check: String,
    /// Why it fails, in a sentence.
    pub why: String,
    /// After how many runs or states, those of scenarios tried before included.
    pub after: u64,
}

impl Row {
    /// The harnesses that kill it.
    pub fn killers(&self) -> impl Iterator<Item = Harness> {
        let killed = |trial: &&Trial| matches!(trial.found, Found::Killed(_));
        self.trials.iter().filter(killed).map(|trial| trial.harness)
    }

    /// Whether nothing kills it.
    pub fn survives(&self) -> bool {
        self.killers().next().is_none()
    }
}

impl Sheet {
    /// Tries every mutant of the algorithm that `bases` are of; `told` hears of each.
    pub fn of(
        registry: &Registry,
        bases: &Bases,
        effort: &Effort<'_>,
        mut told: impl FnMut(&Row),
    ) -> Sheet {
        let sound = Sound::of(registry, bases, effort);
        let (mut rows, mut unsound) = (Vec::new(), sound.problems.clone());
        let mutants = 0..bases.mutants.len() as u64;
        let work = |at: u64| tried(registry, bases, &bases.mutants[at as usize], &sound, effort);
        let done =
            in_order(mutants.clone(), effort.jobs, effort.stop, work, |_, (row, problems)| {
                unsound.extend(problems);
                // Half a trial says nothing.
                if (effort.stop)() {
                    return ControlFlow::Break(());
                }
                told(&row);
                rows.push(row);
                ControlFlow::Continue(())
            });
        let stopped = done < mutants.end || rows.len() < bases.mutants.len();
        Sheet { algorithm: bases.algorithm, rows, unsound, stopped }
    }

    /// What speaks against the algorithm, the scenarios or the checkers, each in a sentence.
    pub fn complaints(&self) -> Vec<String> {
        let name = self.algorithm;
        let survivors = self.rows.iter().filter(|row| row.survives());
        let survived = survivors.map(|row| {
            let Mutant { name: mutant, about, .. } = row.mutant;
            format!("{name} survives as {mutant}: {about}")
        });
        let torn = self.rows.iter().filter(|row| row.reduced_agrees == Some(false));
        let torn = torn.map(|row| {
            let mutant = row.mutant.name;
            format!("{name} as {mutant} is judged differently with reductions and without")
        });
        self.unsound.iter().cloned().chain(survived).chain(torn).collect()
    }
}

/// Tries one mutant; beside it, where its own surroundings do not hold without it.
fn tried(
    registry: &Registry,
    bases: &Bases,
    mutant: &Mutant,
    sound: &Sound,
    effort: &Effort<'_>,
) -> (Row, Vec<String>) {
    let own = surrounding(&bases.slug, mutant.name);
    let own_sound = own.map(|shipped| {
        let alone = NonZeroUsize::MIN;
        Sound::of(registry, &Bases::around(registry, shipped), &Effort { jobs: alone, ..*effort })
    });
    let all = [Some(sound), own_sound.as_ref()];
    let with = |plan: &Plan| spliced(registry, plan, mutant.params);
    let [run, counts] = runs::run(all, &with, effort);
    let hunt = runs::hunt(registry, all, &with, effort);
    let (explore, reduced_agrees) = explored::explore(all, &with, effort);
    let problems = own_sound.map_or(Vec::new(), |sound| sound.problems);
    let surroundings = own.map(|shipped| shipped.name);
    let trials = [run, counts, hunt, explore];
    (Row { mutant: *mutant, surroundings, trials, reduced_agrees }, problems)
}
