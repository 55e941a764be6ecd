//! Makes a failing scenario small: delta debugging (Zeller & Hildebrandt, TSE 2002) over its parts,
//! then simpler values for what is left.
//!
//! What is tried is a scenario; it is kept if the same check fails for the same cause. The order of
//! trials is fixed, and their number bounded, so that the result is always the same. In the end
//! every single fault, node and request is taken out once more, and then any failure of the check
//! counts, whatever its reason: if none is left, the result is *locally minimal*, and says so.
//!
//! A request is taken out by lowering the number of requests of each client, by taking away a
//! client, or by taking an entry out of a script.

mod faults;
mod finish;
mod load;
mod nodes;
mod seeds;
mod surroundings;
mod times;

pub(crate) use load::with_fewer_requests;
pub(crate) use nodes::without_node;

use std::collections::BTreeSet;

use seedbed_core::{EndedBy, Outcome};
use seedbed_node::{Assumption, Names};

use super::cause::{self, Cause};
use super::draft::{Draft, fields, number};
use super::print::inline;
use crate::plan::{Plan, RunOptions};
use crate::registry::Registry;
use crate::text::Node;

/// Rounds after which nobody expects another to change anything.
const ROUNDS_MAX: usize = 8;

/// A failure made small.
#[derive(Clone, PartialEq, Debug)]
pub struct Shrunk {
    /// The scenario's name: the original's, and the check.
    pub name: String,
    /// The scenario's text; running it fails the same check for `reason`.
    pub text: String,
    /// Why it fails.
    pub reason: String,
    /// How large it is.
    pub size: Size,
    /// How large the failing run was.
    pub before: Size,
    /// Whether it passes as soon as any one fault, node or request is taken out; otherwise the
    /// budget ended before that was known.
    pub minimal: bool,
    /// How many runs it took.
    pub runs: u32,
    /// What the algorithm says that it needs and this scenario does not give it. Nothing: the
    /// failure contradicts what the algorithm promises.
    pub broken: Vec<Assumption>,
}

/// The size of a failing run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Size {
    /// Nodes.
    pub nodes: u32,
    /// Operations that were begun.
    pub requests: u64,
    /// Faults.
    pub faults: u32,
    /// Events until the run ended.
    pub events: u64,
}

/// What is to be made small.
pub(crate) struct Task<'a> {
    pub registry: &'a Registry,
    /// The plan that was hunted in.
    pub plan: &'a Plan,
    pub names: &'a Names,
    pub cause: &'a Cause,
}

/// The state of a search for something smaller.
struct Shrinker<'a> {
    task: &'a Task<'a>,
    stop: &'a dyn Fn() -> bool,
    /// The seed of the run that failed.
    found: Option<Node>,
    /// The smallest so far, and how its run ended.
    best: Draft,
    outcome: Outcome,
    /// The reason that must stay; `None`: any will do.
    reason: Option<String>,
    /// What did not fail, as text.
    refuted: BTreeSet<String>,
    left: u32,
    /// Whether something was not tried for lack of runs.
    exhausted: bool,
}

/// Makes a failing scenario small within so many runs. `None` if it does not fail: then something
/// is not as deterministic as it must be, or no run was allowed.
pub(crate) fn shrink(
    task: &Task<'_>,
    draft: Draft,
    budget: u32,
    stop: &dyn Fn() -> bool,
) -> Option<Shrunk> {
    let plan = draft.load(task.registry)?;
    let outcome = plan.run(None, RunOptions::default());
    let found = cause::of_check(&outcome, &task.cause.check, task.names)?;
    let before = size(&draft, &outcome);
    let mut draft = draft;
    if outcome.ended_by != EndedBy::EventLimit {
        // What is smaller takes no longer: a token that runs in circles need not run for ever.
        let events = before.events.saturating_mul(2).saturating_add(10_000);
        draft.set("limits", fields("", [("events_max", number(events))]));
    }
    let mut shrinker = Shrinker {
        task,
        stop,
        found: draft.get("seed").cloned(),
        best: draft,
        outcome,
        reason: Some(found.reason),
        refuted: BTreeSet::new(),
        left: budget,
        exhausted: false,
    };
    shrinker.focus();
    shrinker.simplify();
    if shrinker.reseed() {
        shrinker.simplify();
    }
    let minimal = shrinker.prove();
    shrinker.end();
    let runs = budget - shrinker.left;
    shrinker.finish(before, minimal, runs)
}

/// The size of a run.
fn size(draft: &Draft, outcome: &Outcome) -> Size {
    Size {
        nodes: outcome.nodes,
        requests: requests(outcome),
        faults: draft.faults().len() as u32,
        events: outcome.events,
    }
}

/// How many operations were begun.
fn requests(outcome: &Outcome) -> u64 {
    outcome.operations.count + outcome.operations.pending
}

impl Shrinker<'_> {
    /// Keeps `candidate` if it still fails.
    fn attempt(&mut self, candidate: Draft) -> bool {
        self.attempt_if(candidate, |_, _| true)
    }

    /// Keeps `candidate` if it still fails and its outcome compares well with the former one.
    fn attempt_if(
        &mut self,
        candidate: Draft,
        better: impl FnOnce(&Outcome, &Outcome) -> bool,
    ) -> bool {
        let text = inline(&candidate.root);
        if candidate == self.best || self.refuted.contains(&text) {
            return false;
        }
        if self.left == 0 || (self.stop)() {
            self.exhausted = true;
            return false;
        }
        let Some(mut plan) = candidate.load(self.task.registry) else {
            self.refuted.insert(text);
            return false;
        };
        self.left -= 1;
        plan.without_digest();
        let outcome = plan.run(None, RunOptions::default());
        let found = cause::of_check(&outcome, &self.task.cause.check, self.task.names);
        let same = |found: &Cause| self.reason.as_ref().is_none_or(|r| *r == found.reason);
        if found.as_ref().is_some_and(same) && better(&self.outcome, &outcome) {
            self.best = candidate;
            self.outcome = outcome;
            return true;
        }
        self.refuted.insert(text);
        false
    }

    /// Whether another trial is allowed.
    fn goes_on(&self) -> bool {
        self.left > 0 && !(self.stop)()
    }

    /// Everything in turn until nothing changes any more.
    fn simplify(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let before = self.best.clone();
            self.fewer_faults();
            self.fewer_nodes();
            self.fewer_requests();
            self.sooner();
            self.fewer_faults();
            self.plainer_surroundings();
            self.simpler_faults();
            self.rounder_times();
            if self.best == before || !self.goes_on() {
                break;
            }
        }
    }

    /// Takes out every single fault, node and request once more, and lets any failure of the check
    /// count; tells whether nothing could be left out.
    fn prove(&mut self) -> bool {
        for _ in 0..ROUNDS_MAX {
            self.reason = None;
            self.refuted.clear();
            let before = self.best.clone();
            self.each_fault();
            self.each_node();
            self.each_request();
            if self.best == before {
                return !self.exhausted;
            }
            // Less is left, perhaps for another reason: what remains is made simple for that one.
            let found = cause::of_check(&self.outcome, &self.task.cause.check, self.task.names);
            self.reason = found.map(|cause| cause.reason);
            self.refuted.clear();
            self.simplify();
        }
        false
    }

    /// Delta debugging: takes out ever smaller runs of `count` parts.
    fn without_parts(
        &mut self,
        count: impl Fn(&Draft) -> usize,
        without: impl Fn(&Draft, std::ops::Range<usize>) -> Draft,
    ) {
        let mut chunk = count(&self.best).div_ceil(2).max(1);
        loop {
            let mut end = count(&self.best);
            while end > 0 {
                let start = end.saturating_sub(chunk);
                self.attempt(without(&self.best, start..end));
                end = start.min(count(&self.best));
            }
            if chunk == 1 {
                return;
            }
            chunk = chunk.div_ceil(2);
        }
    }

    /// Whether the run was ended by the breach itself.
    fn broke_off(&self) -> bool {
        matches!(self.outcome.ended_by, EndedBy::Breach | EndedBy::Panic { .. })
    }
}
