//! The controls: what the algorithm does without any bug, in the same scenarios, with the same
//! effort. A scenario in which it fails tells nothing about a mutant.

use std::ops::ControlFlow;

use seedbed_core::Verdict;

use super::{Bases, Effort};
use crate::batch::in_order;
use crate::explore::ExploreOptions;
use crate::hunt::{Hazard, Hunt};
use crate::lower::Check;
use crate::plan::{Plan, RunOptions};
use crate::registry::Registry;

/// The scenarios in which the sound algorithm holds.
pub(super) struct Sound {
    /// What is run, and how many events it takes.
    pub run: Vec<(Plan, u64)>,
    /// What is hunted in, and how.
    pub hunt: Vec<(Plan, Hunt)>,
    /// What is explored.
    pub explore: Vec<Plan>,
    /// Where it does not hold, in sentences.
    pub problems: Vec<String>,
}

impl Sound {
    pub(super) fn of(registry: &Registry, bases: &Bases, effort: &Effort<'_>) -> Sound {
        let (run, hunt) = (Vec::new(), Vec::new());
        let mut sound = Sound { run, hunt, explore: Vec::new(), problems: Vec::new() };
        let plans = 0..bases.run.len() as u64;
        let work = |at: u64| bases.run[at as usize].run(None, RunOptions::default());
        in_order(plans, effort.jobs, effort.stop, work, |at, outcome| {
            let plan = &bases.run[at as usize];
            match outcome.verdict() {
                Verdict::Held => sound.run.push((plan.clone(), outcome.events)),
                verdict => sound.reject(plan, &format!("a run: {verdict:?}")),
            }
            ControlFlow::Continue(())
        });
        // A fixed order of events leaves nothing to hunt for.
        let free = sound.run.iter().filter(|(plan, ..)| plan.world().schedule.is_none());
        let shortest = free.min_by_key(|(_, events)| *events).map(|(plan, _)| plan.clone());
        let shortest = shortest.filter(|_| bases.small.is_empty());
        for plan in bases.small.iter().chain(&shortest) {
            sound.hunted(registry, plan, effort);
            if plan.says_explore {
                sound.explored(plan, effort);
            }
        }
        sound
    }

    fn hunted(&mut self, registry: &Registry, plan: &Plan, effort: &Effort<'_>) {
        let hazards = Some(tolerated(registry, plan));
        let hunt = Hunt {
            runs: effort.runs,
            jobs: effort.jobs,
            hazards,
            shrink_runs: 0,
            coverage: false,
            ..Hunt::default()
        };
        match hunt.run(registry, plan, &|_| (effort.stop)(), |_| {}) {
            Ok(report) => match report.groups.first() {
                None => self.hunt.push((plan.clone(), hunt)),
                Some(group) => {
                    let (seed, check) = (group.first_seed, &group.cause.check);
                    let why = format!("hunting, seed {seed}: {check}: {}", group.reason);
                    self.reject(plan, &why);
                }
            },
            Err(why) => self.reject(plan, &why),
        }
    }

    fn explored(&mut self, plan: &Plan, effort: &Effort<'_>) {
        let (jobs, stop) = (effort.jobs, effort.stop);
        let options = ExploreOptions { jobs, stop, ..ExploreOptions::default() };
        let missed = match plan.explore(&options) {
            Ok(explored) => plan.exploring.missed_by(&explored),
            Err(why) => Some(why),
        };
        match missed {
            None => self.explore.push(plan.clone()),
            Some(_) if (effort.stop)() => {}
            Some(why) => self.reject(plan, &why),
        }
    }

    fn reject(&mut self, plan: &Plan, why: &str) {
        let (algorithm, name) = (plan.algorithm, &plan.name);
        self.problems.push(format!("{algorithm} does not hold in {name} without any bug: {why}"));
    }
}

/// The trouble that the algorithm must put up with; where the scenario has no goals, nothing need
/// come about.
fn tolerated(registry: &Registry, plan: &Plan) -> Vec<Hazard> {
    let needs = registry.algorithm(plan.algorithm).expect("a plan's row").needs;
    let alive = plan.checks.iter().any(|check| matches!(check, Check::Goal(..)));
    Hazard::all_within(needs, alive, plan.over_transport)
}
