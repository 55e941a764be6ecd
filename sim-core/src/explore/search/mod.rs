//! The search: what all strategies share, and the choice among them.

mod breadth;
mod control;
mod crew;
mod depth;
mod met;
mod sleep;
mod walk;

use self::control::{Control, Whole};
use super::fingerprint::{collision_probability, fingerprint};
use super::liveness;
use super::model::{Demand, Model, Property};
use super::options::{Options, Strategy};
use super::outcome::{Cut, Exploration, Finding};
use super::path::rebuild;
use crate::Verdict;

/// Explores `model`.
///
/// # Panics
/// If the model does, or if `threads` is 0.
pub fn search<M: Model>(model: &M, options: &Options<'_>) -> Exploration<M::Action> {
    assert!(options.threads > 0, "a search needs a thread");
    let search = Search {
        model,
        options,
        properties: model.properties(),
        control: Control::new(options),
        whole: options.whole_states.then(Whole::new),
    };
    let partial_order =
        options.partial_order && options.strategy == Strategy::DepthFirst && !options.symmetry;
    let visited = match options.strategy {
        Strategy::BreadthFirst => breadth::run(&search),
        Strategy::DepthFirst if partial_order => sleep::run(&search),
        Strategy::DepthFirst => depth::run(&search),
        Strategy::IterativeDeepening { step } => depth::deepening(&search, step),
        Strategy::RandomWalk { seed, walks, steps } => walk::run(&search, seed, walks, steps),
    };
    Exploration { partial_order, ..search.outcome(visited) }
}

/// No fingerprint.
const NONE: u64 = 0;

/// What a search works on.
struct Search<'a, M: Model> {
    model: &'a M,
    options: &'a Options<'a>,
    properties: Vec<Property<M>>,
    control: Control<'a>,
    whole: Option<Whole<M::State>>,
}

/// What a strategy comes back with.
#[derive(Default)]
struct Visited {
    counts: Counts,
    table_bytes: u64,
    /// For each property: the fingerprints of a path that decides it.
    found: Vec<Option<Vec<u64>>>,
}

/// What is counted.
#[derive(Clone, Copy, Default)]
struct Counts {
    unique: u64,
    generated: u64,
    depth: u32,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.unique += other.unique;
        self.generated += other.generated;
        self.depth = self.depth.max(other.depth);
    }
}

impl<M: Model> Search<'_, M> {
    /// Replaces a state by its representative, if symmetry is used.
    #[inline]
    fn represent(&self, state: &mut M::State) {
        if self.options.symmetry {
            self.model.canonical(state);
        }
    }

    /// Turns `state`, which came of `action` in `before`, back into that.
    #[inline]
    fn restore(&self, state: &mut M::State, before: &M::State, action: &M::Action) {
        match self.options.symmetry {
            // What is restored after an action need not fit its representative.
            true => state.clone_from(before),
            false => self.model.restore(state, before, action),
        }
    }

    /// Initial states, or their representatives, with fingerprints.
    fn initial(&self) -> Vec<(u64, M::State)> {
        let states = self.model.initial().into_iter().map(|mut state| {
            self.represent(&mut state);
            (fingerprint(&state), state)
        });
        states.collect()
    }

    /// Whether `state` alone decides a property.
    #[inline]
    fn decides(&self, property: usize, state: &M::State) -> bool {
        let property = &self.properties[property];
        match property.demand {
            Demand::Always => !(property.holds)(self.model, state),
            Demand::Sometimes => (property.holds)(self.model, state),
            Demand::Eventually | Demand::Recurrently => false,
        }
    }

    /// The properties that single states can decide and have not decided yet.
    fn open(&self, found: &[Option<Vec<u64>>]) -> Vec<usize> {
        let of_states =
            |i: &usize| matches!(self.properties[*i].demand, Demand::Always | Demand::Sometimes);
        (0..self.properties.len()).filter(of_states).filter(|i| found[*i].is_none()).collect()
    }

    /// Whether nobody wants to know more.
    fn enough(&self, found: &[Option<Vec<u64>>]) -> bool {
        let broken =
            |(i, p): (usize, &Property<M>)| p.demand == Demand::Always && found[i].is_some();
        !self.options.keep_going
            && !self.properties.is_empty()
            && (self.properties.iter().enumerate().any(broken) || found.iter().all(Option::is_some))
    }

    /// Compares with the whole state that was kept for the fingerprint, if whole states are kept.
    #[inline]
    fn compare(&self, print: u64, state: &M::State) {
        if self.whole.as_ref().is_some_and(|whole| !whole.agrees(print, state)) {
            self.control.cut(Cut::Collision);
        }
    }

    /// The result: paths from fingerprints, verdicts from what was cut.
    fn outcome(self, visited: Visited) -> Exploration<M::Action> {
        let mut cuts = self.control.cuts();
        let complete = cuts.is_empty();
        let mut findings: Vec<_> = (0..self.properties.len())
            .map(|property| self.finding(property, visited.found[property].as_deref(), complete))
            .collect();
        let mut states = visited.counts.unique;
        if !cuts.iter().any(|cut| matches!(cut, Cut::Decided | Cut::Stopped | Cut::Random)) {
            let judged = liveness::judge(self.model, &self.properties, self.options);
            for (property, breach) in judged.breaches {
                findings[property].verdict = match &breach {
                    Some(_) => Verdict::Failed,
                    None if judged.cuts.is_empty() => Verdict::Held,
                    None => Verdict::Inconclusive,
                };
                findings[property].trail = breach.flatten();
            }
            states = states.max(judged.states);
            cuts.extend(judged.cuts);
            cuts.sort_unstable();
            cuts.dedup();
        }
        Exploration {
            unique: visited.counts.unique,
            generated: visited.counts.generated,
            depth: visited.counts.depth,
            complete,
            findings,
            cuts,
            collision_probability: collision_probability(states),
            table_bytes: visited.table_bytes,
            symmetry: self.options.symmetry,
            partial_order: false,
        }
    }

    /// What became of a property, if liveness is not judged.
    fn finding(
        &self,
        property: usize,
        found: Option<&[u64]>,
        complete: bool,
    ) -> Finding<M::Action> {
        let property = &self.properties[property];
        let verdict = match (property.demand, found.is_some()) {
            (Demand::Always, true) => Verdict::Failed,
            (Demand::Sometimes, true) => Verdict::Held,
            (Demand::Eventually | Demand::Recurrently, _) => Verdict::Inconclusive,
            _ if !complete => Verdict::Inconclusive,
            (Demand::Sometimes, false) => Verdict::Failed,
            (Demand::Always, false) => Verdict::Held,
        };
        let trail = found.and_then(|found| rebuild(self.model, found, self.options.symmetry));
        Finding { name: property.name.clone(), demand: property.demand, verdict, trail }
    }
}
