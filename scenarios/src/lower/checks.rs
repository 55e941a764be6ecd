//! What is judged: names resolved, theory looked up.

use seedbed_core::SCHEDULE;
use seedbed_core::check::Consistency;
use seedbed_node::{Duration, Theory};

use super::Findings;
use crate::diagnose::Finding;
use crate::figure::{Claim, Figure};
use crate::plan::Expect;
use crate::registry::FamilyRow;
use crate::schema::{CheckForm, Demand, ExpectForm, Expected, Text};
use crate::text::Spanned;

/// The generic check that logical clocks agree with happened-before.
pub(crate) const CLOCK_CONDITION: &str = "ClockCondition";

/// The name under which a handler's panic is expected.
pub(crate) const PANIC: &str = "Panic";

/// Causality, and other tables of one word per pair of nodes, up to so many nodes.
pub(crate) const PAIRS_UP_TO: u32 = 4_096;

/// One thing that is judged.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Check {
    /// A safety check of the family.
    Always(&'static str),
    /// A goal of the family.
    Goal(&'static str, Option<Duration>),
    /// Logical clocks agree with happened-before.
    ClockCondition,
    /// What clients were told is consistent.
    History(Consistency),
    /// A figure, once the run is over.
    AtEnd(Claim),
    /// The schedule can be followed; there is one.
    Schedule,
}

impl Check {
    /// What outcomes call it.
    pub fn name(&self) -> &str {
        match self {
            Check::Always(name) | Check::Goal(name, _) => name,
            Check::ClockCondition => CLOCK_CONDITION,
            Check::History(consistency) => consistency.name(),
            Check::AtEnd(claim) => claim.name(),
            Check::Schedule => SCHEDULE,
        }
    }
}

/// What checks may name.
pub(crate) struct Vocabulary<'a> {
    pub family: &'a FamilyRow,
    pub theory: Theory,
    pub nodes: u32,
    /// What the algorithm does not promise: judged only where a scenario asks for it.
    pub unpromised: &'static [&'static str],
    /// Whether a transport holds messages back, which hides the order of what nodes hear.
    pub held_back: bool,
}

/// The checks in the order of the scenario; without any, all of the family's.
pub(crate) fn checks(
    forms: Option<&[Spanned<CheckForm>]>,
    words: &Vocabulary<'_>,
    findings: &mut Findings,
) -> Vec<Check> {
    let Some(forms) = forms else { return words.all() };
    let mut checks = Vec::new();
    for form in forms {
        let check = words.resolve(&form.value);
        let check = check.and_then(|check| words.affordable(check));
        checks.extend(findings.take(check.map_err(|finding| finding.or_at(form.span))));
    }
    checks
}

impl Vocabulary<'_> {
    /// Every safety check and goal that the algorithm promises, as far as the world allows.
    fn all(&self) -> Vec<Check> {
        let safety = self.family.checks.iter().map(|row| Check::Always(row.name));
        let goals = self.family.goals.iter().map(|row| Check::Goal(row.name, None));
        let promised = |check: &Check| !self.unpromised.contains(&check.name());
        let wanted = |check: &Check| promised(check) && self.affordable(check.clone()).is_ok();
        // The strongest consistency implies most of the others.
        let history = self.family.history.then_some(Consistency::Linearizable);
        safety.chain(history.map(Check::History)).chain(goals).filter(wanted).collect()
    }

    fn resolve(&self, form: &CheckForm) -> Result<Check, Finding> {
        match form {
            CheckForm::Always(name) if name.value.0 == CLOCK_CONDITION => Ok(Check::ClockCondition),
            CheckForm::Always(name) => match self.consistency(name) {
                Some(consistency) => Ok(Check::History(consistency)),
                None => self.safety(name).map(Check::Always),
            },
            CheckForm::Within(deadline, goal) => {
                if deadline.value == Duration::ZERO {
                    return Err(Finding::at(deadline.span, "nothing comes about within 0s"));
                }
                Ok(Check::Goal(self.goal(goal)?, Some(deadline.value)))
            }
            CheckForm::Eventually(goal) => Ok(Check::Goal(self.goal(goal)?, None)),
            CheckForm::AtEnd(figure, demand) => self.claim(figure, demand).map(Check::AtEnd),
        }
    }

    /// The generic check of histories called so, if the family has histories.
    fn consistency(&self, name: &Text) -> Option<Consistency> {
        let called = |consistency: &&Consistency| consistency.name() == name.value.0;
        Consistency::ALL.iter().find(called).copied().filter(|_| self.family.history)
    }

    fn safety(&self, name: &Text) -> Result<&'static str, Finding> {
        let word = name.value.0.as_str();
        if let Some(row) = self.family.checks.iter().find(|row| row.name == word) {
            return Ok(row.name);
        }
        let consistencies = Consistency::ALL.iter().filter(|_| self.family.history);
        let known = self.family.checks.iter().map(|row| row.name).chain([CLOCK_CONDITION]);
        let known = known.chain(consistencies.map(|consistency| consistency.name()));
        let finding = Finding::unknown("check", word, known).or_at(name.span);
        Err(match self.family.goals.iter().find(|row| row.name == word) {
            Some(_) => finding.help(format!("`{word}` is a goal: Eventually({word})")),
            None => finding,
        })
    }

    fn goal(&self, name: &Text) -> Result<&'static str, Finding> {
        let word = name.value.0.as_str();
        if let Some(row) = self.family.goals.iter().find(|row| row.name == word) {
            return Ok(row.name);
        }
        let known = self.family.goals.iter().map(|row| row.name);
        let finding = Finding::unknown("goal", word, known).or_at(name.span);
        Err(match self.family.checks.iter().find(|row| row.name == word) {
            Some(_) => finding.help(format!("`{word}` is a safety check: Always({word})")),
            None => finding,
        })
    }

    fn claim(&self, name: &Text, demand: &Demand) -> Result<Claim, Finding> {
        let word = name.value.0.as_str();
        let figure = Figure::find(word, self.family).ok_or_else(|| {
            let known = Figure::names(self.family);
            Finding::unknown("figure", word, known.iter().map(String::as_str)).or_at(name.span)
        })?;
        match *demand {
            Demand::Equals(Spanned { value: Expected::Theory, span }) => {
                if figure != Figure::MessagesPerOperation {
                    return Err(Finding::at(span, "theory speaks of messages per operation only")
                        .help(format!("write a number, or AtEnd({}, …)", self.per_operation())));
                }
                if self.theory == Theory::Unknown {
                    return Err(Finding::at(span, "theory gives no number for this algorithm"));
                }
                Ok(Claim::theory(word, figure, self.theory))
            }
            Demand::Equals(Spanned { value: Expected::Number(x), .. }) => {
                Ok(Claim::between(word, figure, x, x))
            }
            Demand::AtLeast(x) => Ok(Claim::between(word, figure, x, f64::INFINITY)),
            Demand::AtMost(x) => Ok(Claim::between(word, figure, f64::NEG_INFINITY, x)),
            Demand::Between(low, high) if low > high => {
                Err(Finding::nowhere(format!("nothing lies between {low} and {high}")))
            }
            Demand::Between(low, high) => Ok(Claim::between(word, figure, low, high)),
        }
    }

    fn per_operation(&self) -> String {
        crate::figure::per_operation(self.family.operation)
    }

    /// Refuses what would take a word per pair of too many nodes, and what a transport hides.
    fn affordable(&self, check: Check) -> Result<Check, Finding> {
        let family = self.family;
        let causal = match &check {
            Check::Always(name) => {
                family.checks.iter().any(|r| r.name == *name && r.needs_causality)
            }
            Check::Goal(name, _) => {
                family.goals.iter().any(|r| r.name == *name && r.needs_causality)
            }
            Check::ClockCondition | Check::History(_) | Check::AtEnd(_) | Check::Schedule => false,
        };
        if causal && self.held_back {
            let name = check.name();
            let message =
                format!("`{name}` cannot be judged over a transport that keeps the order");
            let why = "messages that it holds back have arrived, but nobody has heard them";
            return Err(Finding::nowhere(message).help(why));
        }
        let counts = matches!(&check, Check::AtEnd(claim) if claim.counts_reordered());
        let pairs = causal || counts || matches!(check, Check::ClockCondition);
        if pairs && self.nodes > PAIRS_UP_TO {
            return Err(Finding::nowhere(format!(
                "this check keeps a table of all pairs of nodes: at most {PAIRS_UP_TO} nodes, not {}",
                self.nodes
            )));
        }
        Ok(check)
    }
}

/// How the run is meant to end; a breach must name one of the checks.
pub(crate) fn expectation(
    form: Option<&ExpectForm>,
    checks: &[Check],
    findings: &mut Findings,
) -> Expect {
    match form {
        None | Some(ExpectForm::Held) => Expect::Held,
        Some(ExpectForm::Inconclusive) => Expect::Inconclusive,
        Some(ExpectForm::Breach(name)) => {
            let known = checks.iter().map(Check::name).chain([PANIC]);
            if !known.clone().any(|check| check == name.value) {
                let message = format!("no check of this scenario is called `{}`", name.value);
                let mut finding = Finding::at(name.span, message);
                finding.help = Finding::unknown("check", &name.value, known).help;
                findings.push(finding);
            }
            Expect::Breach(name.value.clone())
        }
    }
}
