//! The assumption matrix: every algorithm with every assumption broken alone.
//!
//! A cell is found by exploring a small instance in which one thing more can happen, and by hunting
//! in larger runs with one kind of trouble. What it says is compared with what the algorithm
//! declares: a breach without an assumption that it does not name, or a complete exploration that
//! holds without one that it names, is a bug in the algorithm or in its declaration.

mod column;
mod smaller;

use std::num::NonZeroUsize;

use seedbed_core::Verdict;
use seedbed_core::check::Consistency;
use seedbed_node::{Assumption, Needs};

use crate::explore::{ExploreOptions, Explored};
use crate::hunt::{Hunt, Stage};
use crate::load::load;
use crate::plan::Plan;
use crate::registry::Registry;
use crate::text::Source;

pub use column::{COLUMNS, Column};

/// How much work a cell is worth.
#[derive(Clone, Copy)]
pub struct Effort<'a> {
    /// Runs of a hunt.
    pub runs: u64,
    /// States of an exploration.
    pub states_max: u64,
    /// Threads.
    pub jobs: NonZeroUsize,
    /// Whether to end now.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// One algorithm.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The algorithm.
    pub algorithm: &'static str,
    /// The scenario in which nothing is broken.
    pub scenario: String,
    /// What it assumes.
    pub needs: Needs,
    /// What becomes of it with nothing broken.
    pub whole: Found,
    /// What becomes of it in each column, in their order.
    pub cells: Vec<Cell>,
}

/// One algorithm without one assumption.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    /// The column.
    pub column: Column,
    /// What was found.
    pub found: Found,
}

/// What was found.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// It holds: every state of a small instance was visited.
    Holds {
        /// How many there are.
        states: u64,
    },
    /// Nothing bad was found.
    NoBreach {
        /// In so many states.
        states: u64,
        /// And so many runs.
        runs: u64,
    },
    /// Something bad happens, or something good never does.
    Broken(Breach),
    /// The question makes no sense, and why.
    NotApplicable(String),
}

/// How an algorithm fails.
#[derive(Clone, PartialEq, Debug)]
pub struct Breach {
    /// The check.
    pub check: String,
    /// Whether something bad happens, rather than something good never does.
    pub safety: bool,
    /// Why, in a sentence.
    pub why: String,
    /// The scenario that shows it.
    pub text: String,
    /// Whether it was found by exploring; otherwise by hunting.
    pub explored: bool,
    /// Whether it passes as soon as any one fault, node or request is taken out, as far as that
    /// was tried.
    pub minimal: bool,
}

impl Row {
    /// Fills a row from a scenario in which nothing is broken; `told` hears of each cell.
    pub fn of(
        registry: &Registry,
        plan: &Plan,
        columns: &[Column],
        effort: &Effort<'_>,
        mut told: impl FnMut(&Cell),
    ) -> Row {
        let needs = registry.algorithm(plan.algorithm).expect("a plan's row").needs;
        let whole = whole(registry, plan, effort);
        let stem = plan.name.strip_suffix("-explored").unwrap_or(&plan.name);
        let mut cells = Vec::new();
        for column in columns {
            let mut found = found(registry, plan, column, effort);
            if let Found::Broken(breach) = &mut found {
                breach.title(&format!("{stem}-{}", column.name), plan.algorithm, column);
            }
            let cell = Cell { column: *column, found };
            told(&cell);
            cells.push(cell);
        }
        let scenario = plan.name.clone();
        Row { algorithm: plan.algorithm, scenario, needs, whole, cells }
    }

    /// What contradicts what the algorithm declares, each in a sentence.
    pub fn contradictions(&self) -> Vec<String> {
        let name = self.algorithm;
        let mut all = Vec::new();
        if let Found::Broken(breach) = &self.whole {
            all.push(format!("{name} breaks {} with nothing broken: {}", breach.check, breach.why));
        }
        all.extend(self.cells.iter().filter_map(|cell| self.undeclared(cell)));
        let mut named: Vec<Assumption> = self.needs.safety.to_vec();
        named.extend(self.needs.liveness);
        let mut seen = Vec::new();
        for breaks in named {
            if !seen.contains(&breaks) && self.holds_without(breaks) {
                all.push(format!("{name} names {breaks:?} and holds without it"));
            }
            seen.push(breaks);
        }
        all
    }

    /// Whether a cell is part of a contradiction.
    pub fn contradicts(&self, cell: &Cell) -> bool {
        let breaks = cell.column.breaks;
        let needless = self.declared(breaks) != Declared::No && self.holds_without(breaks);
        let holds = matches!(cell.found, Found::Holds { .. });
        self.undeclared(cell).is_some() || holds && needless
    }

    /// Whether the algorithm says that it needs this.
    pub fn declared(&self, assumption: Assumption) -> Declared {
        if self.needs.safety.contains(&assumption) {
            Declared::Safety
        } else if self.needs.liveness.contains(&assumption) {
            Declared::Liveness
        } else {
            Declared::No
        }
    }

    /// A breach without something that the algorithm does not name.
    fn undeclared(&self, cell: &Cell) -> Option<String> {
        let Found::Broken(breach) = &cell.found else { return None };
        let Column { name: column, breaks, .. } = cell.column;
        let enough = match self.declared(breaks) {
            Declared::Safety => true,
            Declared::Liveness => !breach.safety,
            Declared::No => false,
        };
        let kind = if breach.safety { "safety" } else { "liveness" };
        let name = self.algorithm;
        (!enough).then(|| {
            format!(
                "{name} breaks {} under {column} and does not name {breaks:?} among what it needs \
                 for {kind}: {}",
                breach.check, breach.why
            )
        })
    }

    /// Whether every column that takes this away was explored completely, and nothing broke.
    fn holds_without(&self, assumption: Assumption) -> bool {
        let about = |cell: &&Cell| {
            let applies = !matches!(cell.found, Found::NotApplicable(_));
            cell.column.breaks == assumption && applies
        };
        let mut cells = self.cells.iter().filter(about).peekable();
        cells.peek().is_some() && cells.all(|cell| matches!(cell.found, Found::Holds { .. }))
    }
}

/// What an algorithm says that it needs an assumption for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Declared {
    /// For safety, and so for everything.
    Safety,
    /// For liveness only.
    Liveness,
    /// For nothing.
    No,
}

impl Breach {
    /// Names the scenario, and opens it with what it shows.
    fn title(&mut self, name: &str, algorithm: &str, column: &Column) {
        let kept: Vec<&str> = self.text.lines().skip_while(|line| line.starts_with("//")).collect();
        let found = if self.explored { "exploring" } else { "hunting" };
        let minimal = match self.minimal {
            true => "Without any one of its nodes, requests or faults, the check holds.",
            false => "Whether fewer nodes, requests or faults would do has not been settled.",
        };
        let comments = format!(
            "// {algorithm} where {}: {} breaks.\n// Found by {found}. {minimal}\n",
            column.about, self.check
        );
        let mut source = Source::new(format!("{name}.ron"), comments + &kept.join("\n") + "\n");
        // A scenario in JSON has no comments, and stays as it is.
        let changed = source.set("name", &format!("\"{name}\""));
        if changed.and_then(|()| source.unset("explore")).is_ok() {
            self.text = source.text;
        }
    }
}

/// What becomes of the scenario as it is.
fn whole(registry: &Registry, plan: &Plan, effort: &Effort<'_>) -> Found {
    let found = seek(plan, effort, &|check| !plan.is_goal(check));
    let explored = match found {
        Some((_, Some(found))) => return Found::Broken(found),
        found => found.map(|(explored, _)| explored),
    };
    let hunt = Hunt { hazards: Some(Vec::new()), ..hunt(effort) };
    combine(registry, plan, explored, Some(&hunt), effort)
}

fn hunt(effort: &Effort<'_>) -> Hunt {
    Hunt { runs: effort.runs, jobs: effort.jobs, coverage: false, ..Hunt::default() }
}

/// What becomes of it without one assumption.
fn found(registry: &Registry, plan: &Plan, column: &Column, effort: &Effort<'_>) -> Found {
    let mut explored = None;
    for changes in column.explore.iter().filter(|_| plan.says_explore) {
        let plan = match changed(registry, plan, changes) {
            Ok(plan) => plan,
            Err(why) => return Found::NotApplicable(why),
        };
        // A deep breach of safety counts for more than a shallow one of liveness.
        match seek(&plan, effort, &|check| !plan.is_goal(check)) {
            Some((_, Some(found))) => {
                return Found::Broken(smaller::smallest(registry, plan, found, effort));
            }
            Some((nothing, None)) => explored = Some(nothing),
            None => {}
        }
    }
    let base = match changed(registry, plan, column.set) {
        Ok(plan) => plan,
        Err(why) => return Found::NotApplicable(why),
    };
    let hunts = !column.hazards.is_empty() || !column.set.is_empty();
    let (hazards, grace) = (Some(column.hazards.to_vec()), column.grace);
    let hunt = Hunt { hazards, grace, ..hunt(effort) };
    if explored.is_none() && !hunts {
        return Found::NotApplicable("there is nothing to explore and no way to hunt".into());
    }
    combine(registry, &base, explored, hunts.then_some(&hunt), effort)
}

/// The scenario with other values, without what it expects.
fn changed(registry: &Registry, plan: &Plan, changes: &[(&str, &str)]) -> Result<Plan, String> {
    if changes.is_empty() {
        return Ok(plan.clone());
    }
    let mut source: Source = plan.source.clone();
    let told = |problems: crate::Problems| {
        problems.iter().next().map_or_else(String::new, |problem| problem.to_string())
    };
    for (path, value) in changes {
        source.set(path, value).map_err(told)?;
    }
    load(registry, &source).map_err(told)
}

/// Explores, if the scenario says how.
fn explore(plan: &Plan, effort: &Effort<'_>, keep_going: bool) -> Option<Explored> {
    if !plan.says_explore {
        return None;
    }
    let options = ExploreOptions {
        jobs: effort.jobs,
        states_max: Some(effort.states_max),
        keep_going,
        stop: effort.stop,
        ..ExploreOptions::default()
    };
    plan.explore(&options).ok()
}

/// What an exploration without a breach and then a hunt say together.
fn combine(
    registry: &Registry,
    plan: &Plan,
    explored: Option<Explored>,
    hunt: Option<&Hunt>,
    effort: &Effort<'_>,
) -> Found {
    let states = explored.as_ref().map_or(0, |explored| explored.figures.unique);
    let mut runs = 0;
    if let Some(hunt) = hunt {
        let stop = |_: Stage| (effort.stop)();
        match hunt.run(registry, plan, &stop, |_| {}) {
            Ok(report) => {
                runs = report.runs;
                let shrunk = report.groups.first().map(|group| (group, group.shrunk.as_ref()));
                if let Some((group, Some(shrunk))) = shrunk {
                    let check = group.cause.check.clone();
                    return Found::Broken(Breach {
                        safety: is_safety(registry, plan, &check),
                        check,
                        why: shrunk.reason.clone(),
                        text: shrunk.text.clone(),
                        explored: false,
                        minimal: shrunk.minimal,
                    });
                }
            }
            Err(why) if explored.is_none() => return Found::NotApplicable(why),
            Err(_) => {}
        }
    }
    match explored {
        Some(explored) if explored.verdict() == Verdict::Held => Found::Holds { states },
        _ => Found::NoBreach { states, runs },
    }
}

/// Explores for a breach that is wanted; goes on behind others to find one.
fn seek(
    plan: &Plan,
    effort: &Effort<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Option<(Explored, Option<Breach>)> {
    let explored = explore(plan, effort, false)?;
    match breach(plan, &explored, wanted) {
        Some(found) if !wanted(&found.check) => {
            let further = explore(plan, effort, true)?;
            let deeper = breach(plan, &further, wanted).filter(|deeper| wanted(&deeper.check));
            Some((further, deeper.or(Some(found))))
        }
        found => Some((explored, found)),
    }
}

/// What an exploration breaks; what is wanted before anything else.
fn breach(plan: &Plan, explored: &Explored, wanted: &dyn Fn(&str) -> bool) -> Option<Breach> {
    let examples = || explored.counterexamples.iter();
    let example = examples().find(|example| wanted(&example.check));
    let example = example.or(examples().next())?;
    Some(Breach {
        check: example.check.clone(),
        safety: !plan.is_goal(&example.check),
        why: explored.checks.iter().find(|c| c.name == example.check)?.detail.clone(),
        text: plan.counterexample_text(example),
        explored: true,
        minimal: false,
    })
}

/// Whether a check is about something bad rather than something missing.
fn is_safety(registry: &Registry, plan: &Plan, check: &str) -> bool {
    let family = registry.family(plan.family).expect("a plan's family");
    let consistency = Consistency::ALL.iter().any(|consistency| consistency.name() == check);
    consistency || !family.goals.iter().any(|row| row.name == check)
}
