//! Mutants in runs: of shipped scenarios, and of hunts.

use std::num::NonZeroUsize;
use std::sync::Arc;

use seedbed_core::{CheckOutcome, EndedBy, Outcome, Verdict};

use super::sound::Sound;
use super::{Effort, Found, Harness, Kill, Trial};
use crate::diagnose::Problems;
use crate::hunt::Hunt;
use crate::lower::{Check, PANIC};
use crate::plan::{Plan, RunOptions};
use crate::registry::Registry;

/// Puts the mutant into a scenario.
pub(super) type With<'a> = dyn Fn(&Plan) -> Result<Plan, Problems> + 'a;

/// Why a mutant cannot be tried.
pub(super) fn refused(problems: &Problems) -> Found {
    Found::NotApplicable(problems.first().data().message)
}

/// One run each, until both harnesses have killed it or there is nothing more to run.
pub(super) fn run(all: [Option<&Sound>; 2], with: &With<'_>, effort: &Effort<'_>) -> [Trial; 2] {
    let began = (effort.now)();
    let mut tried = 0;
    let mut kills: [Option<Trial>; 2] = [None, None];
    let harnesses = [Harness::Run, Harness::Counts];
    let mut refusal = Found::NotApplicable("no scenario of it holds".into());
    for (plan, events) in all.into_iter().flatten().flat_map(|sound| &sound.run) {
        if kills.iter().all(Option::is_some) || (effort.stop)() {
            break;
        }
        let mut plan = match with(plan) {
            Ok(plan) => plan,
            Err(problems) => {
                refusal = refused(&problems);
                continue;
            }
        };
        // Enough to show that it never ends.
        let events_max = events.saturating_mul(20).max(200_000);
        let stop = &mut Arc::make_mut(&mut plan.world).stop;
        stop.events_max = stop.events_max.min(events_max);
        plan.without_digest();
        tried += 1;
        let outcome = plan.run(None, RunOptions::default());
        let found = [broken(&plan, &outcome), miscounted(&plan, &outcome)];
        for ((kill, found), harness) in kills.iter_mut().zip(found).zip(harnesses) {
            let (None, Some((check, why))) = (kill.as_ref(), found) else { continue };
            let took = effort.since(began);
            let found = Kill { scenario: plan.name.clone(), check, why, after: tried };
            *kill = Some(Trial { harness, found: Found::Killed(found), took });
        }
    }
    let took = effort.since(began);
    let [run, counts] = kills;
    let rest = |harness| {
        let found = if tried == 0 { refusal.clone() } else { Found::Survived { tried } };
        Trial { harness, found, took }
    };
    [run.unwrap_or_else(|| rest(Harness::Run)), counts.unwrap_or_else(|| rest(Harness::Counts))]
}

fn is_claim(plan: &Plan, name: &str) -> bool {
    let claims = |check: &Check| matches!(check, Check::AtEnd(_)) && check.name() == name;
    plan.checks.iter().any(claims)
}

/// What fails beside figures.
fn broken(plan: &Plan, outcome: &Outcome) -> Option<(String, String)> {
    if let EndedBy::Panic { node, message } = &outcome.ended_by {
        return Some((PANIC.to_owned(), format!("{node} panicked: {message}")));
    }
    failed(outcome, |name| !is_claim(plan, name))
}

/// The figure that is wrong; none where a run was broken off, which gets no figure right.
fn miscounted(plan: &Plan, outcome: &Outcome) -> Option<(String, String)> {
    match outcome.ended_by {
        EndedBy::Breach | EndedBy::EventLimit | EndedBy::Panic { .. } => None,
        _ => failed(outcome, |name| is_claim(plan, name)),
    }
}

fn failed(outcome: &Outcome, wanted: impl Fn(&str) -> bool) -> Option<(String, String)> {
    let fails = |c: &&CheckOutcome| c.verdict == Verdict::Failed && wanted(&c.name);
    let check = outcome.checks.iter().find(fails)?;
    Some((check.name.clone(), check.detail.clone()))
}

/// Hunts with the trouble that the sound algorithm has survived.
pub(super) fn hunt(
    registry: &Registry,
    all: [Option<&Sound>; 2],
    with: &With<'_>,
    effort: &Effort<'_>,
) -> Trial {
    let began = (effort.now)();
    let mut tried = 0;
    let mut found = Found::NotApplicable("nothing to hunt in".into());
    for (plan, hunt) in all.into_iter().flatten().flat_map(|sound| &sound.hunt) {
        let plan = match with(plan) {
            Ok(plan) => plan,
            Err(problems) => {
                found = refused(&problems);
                continue;
            }
        };
        let hunt = Hunt { jobs: NonZeroUsize::MIN, ..hunt.clone() };
        let report = match hunt.run(registry, &plan, &|_| (effort.stop)(), |_| {}) {
            Ok(report) => report,
            Err(why) => {
                found = Found::NotApplicable(why);
                continue;
            }
        };
        tried += report.runs;
        found = Found::Survived { tried };
        if let Some(group) = report.groups.into_iter().next() {
            let (check, why) = (group.cause.check, group.reason);
            found = Found::Killed(Kill { scenario: plan.name, check, why, after: tried });
            break;
        }
    }
    Trial { harness: Harness::Hunt, found, took: effort.since(began) }
}
