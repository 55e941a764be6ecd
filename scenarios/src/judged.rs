//! A scenario's checks as the checkers that a run or an exploration is given.

use seedbed_core::Outcome;
use seedbed_core::check::{Consistency, HistoryCheck, LinearizableSoFar};
use seedbed_core::explore::nodes::Judged;
use seedbed_node::{Checker, Family};

use crate::explore::Unjudged;
use crate::lower::Check;

/// The checker of a check that watches events.
pub(crate) fn judge<F: Family>(check: &Check) -> Option<Box<dyn Checker<F::Request, F::Event>>> {
    let resolved = "resolved when loaded";
    match check {
        Check::Always(name) => {
            let row = F::checks().into_iter().find(|row| row.name == *name);
            Some((row.expect(resolved).build)())
        }
        Check::Goal(name, within) => {
            let row = F::goals().into_iter().find(|row| row.name == *name);
            Some((row.expect(resolved).build)(*within))
        }
        Check::History(consistency) => {
            let historian = F::history().expect(resolved);
            Some(Box::new(HistoryCheck::new(historian, *consistency)))
        }
        Check::ClockCondition | Check::AtEnd(_) | Check::Schedule => None,
    }
}

/// What an exploration judges, of a family.
type JudgedBy<F> = Judged<<F as Family>::Request, <F as Family>::Event>;

/// What an exploration judges, and what it does not. A goal has all the time there is.
pub(crate) fn judged<F: Family>(
    checks: &[Check],
    histories: bool,
) -> (Vec<JudgedBy<F>>, Vec<Unjudged>) {
    let (mut judged, mut unjudged) = (Vec::new(), Vec::new());
    for check in checks {
        let timeless = match check {
            Check::Goal(name, _) => Check::Goal(name, None),
            other => other.clone(),
        };
        let name = check.name().to_owned();
        let checker = match (check, F::history()) {
            (Check::History(Consistency::Linearizable), Some(historian)) => {
                Some(Box::new(LinearizableSoFar::new(historian)) as Box<dyn Checker<_, _>>)
            }
            _ => judge::<F>(&timeless),
        };
        let why = match (checker, check) {
            (Some(_), Check::History(weaker))
                if !histories && *weaker != Consistency::Linearizable =>
            {
                "it remembers whole histories; a scenario whose `checks` name it has it judged"
            }
            (Some(checker), _) if !checker.needs_causality() => {
                judged.push(Judged { name, goal: matches!(check, Check::Goal(..)), checker });
                continue;
            }
            (Some(_), _) => "it looks at true vector clocks, which tell all histories apart",
            (None, Check::Schedule) => continue,
            (None, _) => "it is a figure of one run",
        };
        unjudged.push(Unjudged { check: name, why });
    }
    (judged, unjudged)
}

/// Puts the outcomes of checks into the order of the scenario: the kernel gives that of the
/// clocks' audit last.
pub(crate) fn reorder(outcome: &mut Outcome, checks: &[Check]) {
    let judged = checks.iter().filter(|check| !matches!(check, Check::AtEnd(_)));
    let place = judged.clone().position(|check| *check == Check::ClockCondition);
    let count = judged.count();
    if let (Some(place), true) = (place, outcome.checks.len() == count) {
        // Only the verdict on the schedule stands behind it.
        let behind = usize::from(checks.contains(&Check::Schedule));
        let audit = outcome.checks.remove(count - 1 - behind);
        outcome.checks.insert(place, audit);
    }
}
