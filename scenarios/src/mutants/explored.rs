//! Mutants in every order of events, with reductions and without: both must say the same.

use std::num::NonZeroUsize;

use seedbed_core::Verdict;

use super::runs::{With, refused};
use super::sound::Sound;
use super::{Effort, Found, Harness, Kill, Trial};
use crate::explore::{ExploreOptions, Explored};
use crate::plan::Plan;

/// Explores until it is killed; beside the trial, whether reductions made no difference. Figures
/// and time are those without reductions.
pub(super) fn explore(
    all: [Option<&Sound>; 2],
    with: &With<'_>,
    effort: &Effort<'_>,
) -> (Trial, Option<bool>) {
    let (mut took, mut tried) = (seedbed_node::Duration::ZERO, 0);
    let mut agrees = None;
    let mut found = Found::NotApplicable("nothing to explore".into());
    for plan in all.into_iter().flatten().flat_map(|sound| &sound.explore) {
        let plan = match with(plan) {
            Ok(plan) => plan,
            Err(problems) => {
                found = refused(&problems);
                continue;
            }
        };
        let began = (effort.now)();
        let whole = searched(&plan, false, effort);
        took = took + effort.since(began);
        let whole = match whole {
            Ok(whole) => whole,
            Err(why) => {
                found = Found::NotApplicable(why);
                continue;
            }
        };
        let reduced = searched(&plan, true, effort).map(|reduced| reduced.verdict());
        agrees = both(agrees, same(whole.verdict(), reduced.unwrap_or(Verdict::Inconclusive)));
        tried += whole.figures.unique;
        found = Found::Survived { tried };
        if let Some(example) = whole.counterexamples.first() {
            let check = example.check.clone();
            let why = whole.checks.iter().find(|c| c.name == check);
            let why = why.map_or_else(String::new, |check| check.detail.clone());
            found = Found::Killed(Kill { scenario: plan.name, check, why, after: tried });
            break;
        }
    }
    (Trial { harness: Harness::Explore, found, took }, agrees)
}

/// One thread: how many states are seen before a breach must not depend on their number.
fn searched(plan: &Plan, reduce: bool, effort: &Effort<'_>) -> Result<Explored, String> {
    plan.explore(&ExploreOptions {
        jobs: NonZeroUsize::MIN,
        states_max: Some(effort.states_max),
        reduce: Some(reduce),
        stop: effort.stop,
        ..ExploreOptions::default()
    })
}

/// Whether two verdicts are the same; nothing follows from one that was cut short.
fn same(one: Verdict, other: Verdict) -> Option<bool> {
    let decided = one != Verdict::Inconclusive && other != Verdict::Inconclusive;
    decided.then_some(one == other)
}

fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one && other),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_disagreement_is_enough_and_nothing_follows_from_what_was_cut_short() {
        use Verdict::{Failed, Held, Inconclusive};
        assert_eq!((same(Held, Held), same(Held, Failed)), (Some(true), Some(false)));
        assert_eq!(same(Held, Inconclusive), None);
        assert_eq!(both(Some(true), Some(false)), Some(false));
        assert_eq!(both(None, Some(true)), Some(true));
        assert_eq!(both(None, None), None);
    }
}
