//! Checkers and measures of a run: feeds them observations, keeps what they find.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use seedbed_node::{Checker, Conclusion, Ending, Figures, Measure, Observation, Value};

use crate::ledger::quantiles;
use crate::outcome::{CheckOutcome, Verdict};

struct Judge<R, E> {
    name: String,
    checker: Box<dyn Checker<R, E>>,
    failed: Option<CheckOutcome>,
}

/// All checkers and measures of a run.
pub struct Judges<R, E> {
    judges: Vec<Judge<R, E>>,
    measures: Vec<Box<dyn Measure<R, E>>>,
    figures: Collected,
}

impl<R: Value, E: Value> Default for Judges<R, E> {
    fn default() -> Self {
        Judges { judges: Vec::new(), measures: Vec::new(), figures: Collected::default() }
    }
}

impl<R: Value, E: Value> Judges<R, E> {
    /// Adds a checker under a name.
    pub fn check(&mut self, name: String, checker: Box<dyn Checker<R, E>>) {
        self.judges.push(Judge { name, checker, failed: None });
    }

    /// Adds a measure.
    pub fn measure(&mut self, measure: Box<dyn Measure<R, E>>) {
        self.measures.push(measure);
    }

    /// Whether some checker needs the true vector clocks.
    pub fn need_causality(&self) -> bool {
        self.judges.iter().any(|judge| judge.checker.needs_causality())
    }

    /// Whether anybody watches.
    pub fn watching(&self) -> bool {
        !self.judges.is_empty() || !self.measures.is_empty()
    }

    /// Shows an observation to everybody; tells whether some property was broken.
    pub fn observe(&mut self, seen: &Observation<'_, R, E>) -> bool {
        let mut broken = false;
        for judge in self.judges.iter_mut().filter(|judge| judge.failed.is_none()) {
            if let Err(breach) = judge.checker.observe(seen) {
                judge.failed = Some(failure(&judge.name, breach));
                broken = true;
            }
        }
        for measure in &mut self.measures {
            measure.observe(seen, &mut self.figures);
        }
        broken
    }

    /// Hears everybody's conclusions.
    pub fn finish(mut self, ending: &Ending<'_>) -> (Vec<CheckOutcome>, BTreeMap<String, f64>) {
        let checks = self.judges.into_iter().map(|judge| conclude(judge, ending)).collect();
        for measure in &mut self.measures {
            measure.finish(ending, &mut self.figures);
        }
        (checks, self.figures.finish())
    }
}

fn conclude<R, E>(mut judge: Judge<R, E>, ending: &Ending<'_>) -> CheckOutcome {
    if let Some(failed) = judge.failed {
        return failed;
    }
    match judge.checker.finish(ending) {
        Conclusion::Held => CheckOutcome {
            name: judge.name,
            verdict: Verdict::Held,
            detail: String::new(),
            at: None,
        },
        Conclusion::Failed(breach) => failure(&judge.name, breach),
        Conclusion::Inconclusive(why) => {
            CheckOutcome { name: judge.name, verdict: Verdict::Inconclusive, detail: why, at: None }
        }
    }
}

fn failure(name: &str, breach: seedbed_node::Breach) -> CheckOutcome {
    CheckOutcome {
        name: name.to_owned(),
        verdict: Verdict::Failed,
        detail: breach.why,
        at: Some(breach.at),
    }
}

/// Figures as they come in.
#[derive(Default)]
struct Collected {
    samples: BTreeMap<&'static str, Histogram<u64>>,
    figures: BTreeMap<&'static str, f64>,
}

impl Figures for Collected {
    fn sample(&mut self, name: &'static str, value: u64) {
        self.samples
            .entry(name)
            .or_insert_with(|| Histogram::new(3).expect("three digits are within its range"))
            .record(value)
            .expect("it grows");
    }
    fn figure(&mut self, name: &'static str, value: f64) {
        self.figures.insert(name, value);
    }
}

impl Collected {
    fn finish(self) -> BTreeMap<String, f64> {
        let mut all: BTreeMap<String, f64> =
            self.figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        for (name, histogram) in self.samples {
            let Some(q) = quantiles(&histogram) else { continue };
            all.insert(format!("{name}_mean"), q.mean);
            for (suffix, value) in [("p50", q.p50), ("p95", q.p95), ("p99", q.p99), ("max", q.max)]
            {
                all.insert(format!("{name}_{suffix}"), value as f64);
            }
        }
        all
    }
}
