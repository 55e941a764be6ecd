//! Many points of a parameter space, many seeds each.
//!
//! [`Sweep::of`] takes a scenario with a section `sweep` apart into its points, each of which is the
//! scenario with some values changed, as by `--set`, and validates them all before anything runs.
//! [`Sweep::run`] runs them in parallel and hands each [`Row`] over as soon as its run is done.
//!
//! Deliberately absent: files, and everything that is kept from one process to the next. Who runs a
//! sweep says which runs are left to do.

mod chart;
mod columns;
mod design;
mod place;
mod pool;

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, Range};
use std::sync::{Arc, Mutex, PoisonError};

use seedbed_core::{Outcome, Verdict};

pub use chart::{Chart, ChartKind, Curve};
pub use columns::{Cell, Column, ColumnKind};
pub use design::Axis;
pub(crate) use design::{Choice, Combine, Design, POINTS_MAX, Piece, RUNS_MAX};

use crate::diagnose::{Finding, PROBLEMS_MAX, Problem, Problems};
use crate::load::load;
use crate::lower::Findings;
use crate::plan::{Plan, RunOptions};
use crate::registry::Registry;
use crate::text::{Node, Source, Span};

/// A validated sweep, ready to be run.
#[derive(Debug)]
pub struct Sweep {
    /// The scenario's name.
    pub name: String,
    /// The scenario's text, with everything that was changed in it.
    pub source: Source,
    registry: Registry,
    design: Arc<Design>,
    columns: Vec<Column>,
}

/// One point of the parameter space.
#[derive(Clone, PartialEq, Debug)]
pub struct Point {
    /// Its number, from 0.
    pub number: u64,
    /// The name of each axis, and what its value is called.
    pub labels: Vec<(String, String)>,
    /// What distinguishes its scenario: path and value, as for `--set`.
    pub assignments: Vec<(String, String)>,
}

/// What a run came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The run's number.
    pub run: u64,
    /// How it ended.
    pub verdict: Verdict,
    /// What it says in each column.
    pub cells: Vec<Cell>,
}

impl Sweep {
    /// The sweep that a scenario describes.
    ///
    /// # Errors
    /// If it describes none, if a value of an axis does not make sense where it is put, or if a chart
    /// shows what is no column.
    pub fn of(registry: &Registry, plan: &Plan) -> Result<Sweep, Problems> {
        let source = &plan.source;
        let Some(design) = plan.sweep.clone() else {
            let finding = Finding::nowhere(format!("{} has no section `sweep`", plan.name));
            let finding = finding.help("sweep: (axes: [(name: \"nodes\", values: [3, 5, 7])])");
            return Err(Problems::one(Problem::new(source, finding)));
        };
        let mut findings = Findings::default();
        let mut seen = BTreeSet::new();
        let mut named = BTreeSet::new();
        for point in 0..design.points() {
            match plan_of(registry, source, &design, point) {
                Ok(plan) => {
                    named.insert(plan.family);
                }
                Err(all) => {
                    for finding in all {
                        let known = !seen.insert((finding.span, finding.message.clone()));
                        if !known {
                            findings.push(at_point(finding, &design, point));
                        }
                    }
                }
            }
            if seen.len() >= PROBLEMS_MAX {
                break;
            }
        }
        let families = columns::families(registry, &named);
        let columns = columns::columns(&design, &families);
        if findings.is_empty() {
            let root = source.tree().ok();
            let place = |at: usize, field: &str| chart_place(root.as_ref(), at, field);
            columns::check(&design, &columns, &families, place, &mut findings);
        }
        if !findings.is_empty() {
            return Err(Problems::new(source, findings.into_vec()));
        }
        let (name, source, registry) = (plan.name.clone(), source.clone(), registry.clone());
        Ok(Sweep { name, source, registry, design, columns })
    }

    /// The parameters.
    pub fn axes(&self) -> &[Axis] {
        &self.design.axes
    }

    /// The seeds that every point is run with.
    pub fn seeds(&self) -> Range<u64> {
        self.design.seeds.clone()
    }

    /// The figures that are drawn of the results.
    pub fn charts(&self) -> &[Chart] {
        &self.design.charts
    }

    /// The columns of the results.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The points, in order.
    pub fn points(&self) -> impl ExactSizeIterator<Item = Point> {
        // There are few enough for any size of word.
        let count = u32::try_from(self.design.points()).expect("at most POINTS_MAX");
        (0..count).map(|number| self.point(number.into()))
    }

    /// The point of this number.
    pub fn point(&self, number: u64) -> Point {
        let chosen = self.design.point(number);
        let label = |(axis, choice): &(&Axis, &Choice)| (axis.name.clone(), choice.label.clone());
        let assigned = chosen.iter().flat_map(|(axis, choice)| {
            let texts = choice.pieces.iter().map(|piece| piece.text(&self.source.text).to_owned());
            axis.paths.iter().cloned().zip(texts)
        });
        Point {
            number,
            labels: chosen.iter().map(label).collect(),
            assignments: assigned.collect(),
        }
    }

    /// How many runs there are; they are numbered from 0, by points and then by seeds.
    pub fn runs(&self) -> u64 {
        self.design.points() * self.seeds_per_point()
    }

    /// The point and the seed of a run.
    pub fn point_and_seed(&self, run: u64) -> (u64, u64) {
        let seeds = self.seeds_per_point();
        (run / seeds, self.design.seeds.start + run % seeds)
    }

    /// The number of a run, if there is one of this point and seed.
    pub fn run_of(&self, point: u64, seed: u64) -> Option<u64> {
        let there = point < self.design.points() && self.design.seeds.contains(&seed);
        there.then(|| point * self.seeds_per_point() + (seed - self.design.seeds.start))
    }

    fn seeds_per_point(&self) -> u64 {
        self.design.seeds.end - self.design.seeds.start
    }

    /// The scenario of a point.
    pub fn plan(&self, point: u64) -> Plan {
        plan_of(&self.registry, &self.source, &self.design, point)
            .expect("every point was loaded before")
    }

    /// Runs `todo` on up to `jobs` threads and hands each row to `record` as soon as the run is done,
    /// in no particular order. No run begins once `stop` says so or `record` has had enough; those
    /// under way are finished and handed over.
    pub fn run(
        &self,
        todo: &[u64],
        jobs: NonZeroUsize,
        stop: &(dyn Fn() -> bool + Sync),
        record: impl FnMut(Row) -> ControlFlow<()> + Send,
    ) {
        let plans = Plans { sweep: self, recent: Mutex::default(), kept: jobs.get() + 1 };
        let work = |run: u64| {
            let (point, seed) = self.point_and_seed(run);
            let plan = plans.of(point);
            let outcome = plan.run(Some(seed), RunOptions::default());
            self.row(run, &plan, &outcome)
        };
        pool::each(todo, jobs, stop, work, record);
    }

    fn row(&self, run: u64, plan: &Plan, outcome: &Outcome) -> Row {
        let (point, _) = self.point_and_seed(run);
        let cells = columns::cells(&self.columns, (point, &self.design), plan, outcome);
        Row { run, verdict: outcome.verdict(), cells }
    }
}

/// Plans of the points that are being run: all of them at once might be too many.
struct Plans<'a> {
    sweep: &'a Sweep,
    recent: Mutex<VecDeque<(u64, Arc<Plan>)>>,
    kept: usize,
}

impl Plans<'_> {
    fn of(&self, point: u64) -> Arc<Plan> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plan)) = recent.iter().find(|(other, _)| *other == point) {
            return Arc::clone(plan);
        }
        let plan = Arc::new(self.sweep.plan(point));
        recent.push_back((point, Arc::clone(&plan)));
        if recent.len() > self.kept {
            recent.pop_front();
        }
        plan
    }
}

/// The plan of a point, or what is wrong with it at its place in the sweep's scenario.
fn plan_of(
    registry: &Registry,
    source: &Source,
    design: &Design,
    point: u64,
) -> Result<Plan, Vec<Finding>> {
    let chosen = design.point(point);
    let (spliced, changes) = place::spliced(source, &chosen).map_err(|finding| vec![finding])?;
    load(registry, &spliced).map_err(|problems| place::findings(&problems, &changes, &chosen))
}

/// A finding that says at which point it is one.
fn at_point(finding: Finding, design: &Design, point: u64) -> Finding {
    let chosen = design.point(point);
    let named = chosen.iter().map(|(axis, choice)| format!("{} = {}", axis.name, choice.label));
    let named = named.collect::<Vec<_>>().join(", ");
    Finding { message: format!("where {named}: {}", finding.message), ..finding }
}

/// Where a chart names a column.
fn chart_place(root: Option<&Node>, at: usize, field: &str) -> Span {
    let chart = root.and_then(|root| root.field("sweep")?.field("charts")?.item(at));
    let field = chart.and_then(|chart| chart.field(field)).or(chart);
    field.map_or(Span::default(), Node::head)
}
