//! The end of a run, and the file.

use std::collections::BTreeSet;

use seedbed_core::{EndedBy, StopWhen};
use seedbed_node::{Assumption, Duration};

use super::surroundings::has;
use super::{Shrinker, Shrunk, Size, size};
use crate::hunt::coverage::fault_name;
use crate::hunt::draft::{fields, number, text, text_of, tuple};
use crate::hunt::print::inline;
use crate::hunt::{Hazard, cause};
use crate::lower::PANIC;
use crate::plan::{Plan, RunOptions};
use crate::text::{Kind, Source};

/// Comments are wrapped at this width.
const WIDTH: usize = 96;

impl Shrinker<'_> {
    /// The run ends soon after the failure is seen, at a round time; limits that did not matter go.
    pub(super) fn end(&mut self) {
        if !self.broke_off() {
            self.go_quiet();
        }
        if let Some(end) = self.failed_at() {
            let units =
                [1_000_000_000, 100_000_000, 10_000_000, 1_000_000].map(Duration::from_nanos);
            for unit in units {
                let steps = end.as_nanos() / unit.as_nanos() + 1;
                let mut draft = self.best.clone();
                let shorter = unit * steps;
                let now = draft.get("stop").and_then(text_of).and_then(|stop| stop.parse().ok());
                if now.is_some_and(|now: Duration| now <= shorter)
                    || (!self.broke_off() && now.is_none())
                {
                    continue;
                }
                draft.set("stop", text(shorter.to_string()));
                // A unit much longer than the run says little about when it happens.
                if steps > 1 && self.attempt(draft) {
                    break;
                }
            }
        }
        let mut draft = self.best.clone();
        if draft.remove("limits") && self.outcome.ended_by != EndedBy::EventLimit {
            self.attempt(draft);
        }
    }

    /// A goal that fails because nothing more can happen needs no deadline.
    fn go_quiet(&mut self) {
        let checks = crate::hunt::draft::items(self.best.get("checks"));
        let Some(check) = checks.first() else { return };
        let Kind::Group(group) = &check.kind else { return };
        if let (Some(("Within", _)), Some(goal)) = (check.name(), group.members.get(1)) {
            let mut draft = self.best.clone();
            let goal = tuple("Eventually", vec![goal.value.clone()]);
            draft.set("checks", crate::hunt::draft::list(vec![goal]));
            let mut quiet = draft.clone();
            // Who takes the fault away must not wait for ever: what never goes quiet keeps its end.
            if self.task.plan.world().stop.when == StopWhen::Quiet {
                quiet.remove("stop");
            }
            let _ = self.attempt(quiet) || self.attempt(draft);
        }
    }

    fn failed_at(&self) -> Option<Duration> {
        let named = self.outcome.checks.iter().find(|c| c.name == self.task.cause.check);
        let at = named.and_then(|check| check.at).unwrap_or(self.outcome.ended_at);
        Some(Duration::from_nanos(at.as_nanos()))
    }

    /// The scenario's file; `None` if it does not fail as it did: a bug that the caller tells of.
    pub(super) fn finish(mut self, before: Size, minimal: bool, runs: u32) -> Option<Shrunk> {
        let check = self.task.cause.check.clone();
        let plan = self.best.load(self.task.registry)?;
        let mut kinds: Vec<_> =
            plan.world().faults.planned.iter().map(|timed| fault_name(&timed.fault)).collect();
        kinds.dedup();
        let under = match kinds.as_slice() {
            [] => "without any fault".to_owned(),
            kinds => format!("under {}", kinds.join(", ")),
        };
        let name = format!("{}-{check}", self.task.plan.name);
        let name: String = name.chars().take(100).collect();
        self.recount_nodes();
        let draft = &mut self.best;
        for (section, value) in [
            ("schema", number(1)),
            ("name", text(&name)),
            ("about", text(format!("{check} fails {under}"))),
            ("expect", tuple("Breach", vec![text(&check)])),
        ] {
            draft.set(section, value);
        }
        let outcome = draft.load(self.task.registry)?.run(None, RunOptions::default());
        let size = size(draft, &outcome);
        let version = text(env!("CARGO_PKG_VERSION"));
        let digest = text(outcome.digest.to_string());
        draft.set("replay", fields("", [("digest", digest), ("version", version)]));
        cause::of_check(&outcome, &check, self.task.names)?;
        let reason = reason(&outcome, &check);
        let comments = self.comments(&reason, minimal, runs);
        let text = self.best.text(&comments);
        debug_assert!(
            crate::load(self.task.registry, &Source::new("it.ron", &text)).is_ok(),
            "{text}"
        );
        let broken = self.broken(&plan);
        Some(Shrunk { name, text, reason, size, before, minimal, runs, broken })
    }

    /// What the algorithm needs and does not get here.
    fn broken(&self, plan: &Plan) -> Vec<Assumption> {
        let Some(row) = self.task.registry.algorithm(plan.algorithm) else { return Vec::new() };
        let over = has(&self.best, "transport");
        let hazards = Hazard::in_world(plan.world(), self.task.plan.world());
        let broken = hazards.iter().flat_map(|hazard| hazard.breaks(over)).copied();
        let needed =
            |a: &Assumption| row.needs.safety.contains(a) || row.needs.liveness.contains(a);
        broken.filter(needed).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn comments(&self, reason: &str, minimal: bool, runs: u32) -> Vec<String> {
        let seed = self.found.as_ref().map_or("1".to_owned(), inline);
        let (name, check) = (&self.task.plan.name, &self.task.cause.check);
        let mut lines = wrapped(&format!("{check}: {reason}"));
        lines.push(String::new());
        let how = if minimal {
            "without any one of its faults, nodes or requests, the check no longer fails"
        } else {
            "it may not be the smallest: the budget for shrinking was used up"
        };
        lines.extend(wrapped(&format!(
            "Found by `seedbed hunt {name}` with seed {seed} and shrunk in {runs} runs; {how}."
        )));
        lines
    }

    /// `["n0", "n1"]` as `2`.
    fn recount_nodes(&mut self) {
        let names = self.best.nodes();
        let numbered = |(at, name): (usize, &String)| *name == format!("n{at}");
        if names.len() > 1 && names.iter().enumerate().all(numbered) {
            self.best.set("nodes", number(names.len()));
        }
    }
}

/// Why a check failed.
fn reason(outcome: &seedbed_core::Outcome, check: &str) -> String {
    let found = outcome.checks.iter().find(|c| c.name == check && check != PANIC);
    match (found, &outcome.ended_by) {
        (Some(check), _) => check.detail.clone(),
        (None, EndedBy::Panic { node, message }) => {
            format!("{node} panicked: {message}")
        }
        (None, _) => String::new(),
    }
}

/// Lines of whole words.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is always one");
        if !last.is_empty() && last.chars().count() + word.chars().count() >= WIDTH {
            lines.push(word.to_owned());
        } else {
            let gap = if last.is_empty() { "" } else { " " };
            last.push_str(gap);
            last.push_str(word);
        }
    }
    lines
}
