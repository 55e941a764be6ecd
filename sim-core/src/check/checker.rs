//! A history as a check of a run.

use std::hash::{Hash, Hasher};

use seedbed_node::{Breach, Checker, Conclusion, Ending, Historian, Observation, Step};

use super::{Budget, CONFIGURATIONS, Consistency, History, Judgement, Malformed, judge};

/// Judges, at the end of a run, what clients were told during it.
pub struct HistoryCheck<R, E> {
    historian: Box<dyn Historian<R, E>>,
    consistency: Consistency,
    history: History,
    malformed: Option<Malformed>,
    steps: Vec<Step>,
}

impl<R, E> HistoryCheck<R, E> {
    /// Judges what `historian` reads off the run.
    pub fn new(historian: Box<dyn Historian<R, E>>, consistency: Consistency) -> Self {
        let (history, malformed, steps) = Default::default();
        HistoryCheck { historian, consistency, history, malformed, steps }
    }
}

impl<R, E> Hash for HistoryCheck<R, E> {
    fn hash<H: Hasher>(&self, into: &mut H) {
        self.historian.hash(into);
        self.consistency.hash(into);
        self.history.hash(into);
        self.malformed.hash(into);
    }
}

impl<R, E> Clone for HistoryCheck<R, E> {
    fn clone(&self) -> Self {
        HistoryCheck {
            historian: self.historian.clone(),
            consistency: self.consistency,
            history: self.history.clone(),
            malformed: self.malformed.clone(),
            steps: self.steps.clone(),
        }
    }
}

impl<R: 'static, E: 'static> Checker<R, E> for HistoryCheck<R, E> {
    fn observe(&mut self, seen: &Observation<'_, R, E>) -> Result<(), Breach> {
        self.historian.observe(seen, &mut self.steps);
        for step in self.steps.drain(..) {
            if let Err(malformed) = self.history.push(step, Some(seen.at)) {
                self.malformed.get_or_insert(malformed);
            }
        }
        Ok(())
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        if let Some(malformed) = &self.malformed {
            return Conclusion::Inconclusive(format!("no history: {malformed}"));
        }
        let budget = Budget { configurations: CONFIGURATIONS, go_on: &mut || true };
        match judge(&self.history, self.consistency, ending.names, budget) {
            Judgement::Consistent => Conclusion::Held,
            Judgement::Inconsistent { why, at } => {
                Conclusion::Failed(Breach { at: at.unwrap_or(ending.at), why })
            }
            Judgement::Unknown(why) => Conclusion::Inconclusive(why),
        }
    }
}
