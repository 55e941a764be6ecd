//! The whole graph of a model, in numbers: what liveness is judged on.
//!
//! States are numbered in breadth-first order. Of a state remains its fingerprint and what liveness
//! properties say of it; of an action, where it leads and its class of fairness.

use std::collections::{BTreeMap, VecDeque};

use super::fingerprint::fingerprint;
use super::model::{Model, Property};
use super::options::{Options, Progress};
use super::outcome::Cut;
use super::table::Table;

/// A graph of states.
#[derive(Default)]
pub(super) struct Graph {
    /// Initial states.
    pub(super) initial: Vec<u32>,
    /// The fingerprint of each state.
    pub(super) prints: Vec<u64>,
    /// For each property, of each state whether it holds there.
    pub(super) holds: Vec<Vec<bool>>,
    /// Classes of fairness by number.
    pub(super) classes: Vec<Option<u64>>,
    /// The edges of all states that were expanded, one after the other.
    pub(super) edges: Vec<Edge>,
    /// Of each state, whether it was expanded, and where its edges end.
    ends: Vec<(bool, usize)>,
    /// Why something is missing.
    pub(super) cuts: Vec<Cut>,
}

/// An action: where it leads, and the number of its class.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Edge {
    pub(super) to: u32,
    pub(super) class: u32,
}

/// The number of the class of actions that nothing obliges to happen.
pub(super) const FREE: u32 = 0;

impl Graph {
    /// How many states there are.
    pub(super) fn len(&self) -> usize {
        self.prints.len()
    }

    /// Which edges are those of a state.
    pub(super) fn out(&self, state: u32) -> std::ops::Range<usize> {
        let state = state as usize;
        let end = |state: usize| self.ends.get(state).map_or(self.edges.len(), |(_, end)| *end);
        (if state == 0 { 0 } else { end(state - 1) })..end(state)
    }

    /// Whether a path may end in a state, because nothing is obliged to happen there.
    pub(super) fn terminal(&self, state: u32) -> bool {
        self.ends.get(state as usize).is_some_and(|(expanded, _)| *expanded)
            && self.edges[self.out(state)].iter().all(|edge| edge.class == FREE)
    }

    /// The classes that a state allows, in order.
    pub(super) fn allowed(&self, state: u32) -> Vec<u32> {
        let classes = self.edges[self.out(state)].iter().map(|edge| edge.class);
        let mut classes: Vec<u32> = classes.filter(|class| *class != FREE).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    fn bytes(&self) -> u64 {
        let state = size_of::<u64>() + size_of::<(bool, usize)>() + self.holds.len();
        (self.len() * state + self.edges.len() * size_of::<Edge>()) as u64
    }
}

/// Builds the graph, as far as the options let it.
pub(super) fn build<M: Model>(
    model: &M,
    properties: &[&Property<M>],
    options: &Options<'_>,
) -> Graph {
    Builder {
        model,
        properties,
        options,
        graph: Graph {
            holds: vec![Vec::new(); properties.len()],
            classes: vec![None],
            ..Graph::default()
        },
        table: Table::new(),
        numbers: BTreeMap::new(),
        waiting: VecDeque::new(),
    }
    .build()
}

struct Builder<'a, M: Model> {
    model: &'a M,
    properties: &'a [&'a Property<M>],
    options: &'a Options<'a>,
    graph: Graph,
    table: Table<u32>,
    numbers: BTreeMap<u64, u32>,
    /// States to expand, in the order of their numbers, with their depths.
    waiting: VecDeque<(M::State, u32)>,
}

impl<M: Model> Builder<'_, M> {
    fn build(mut self) -> Graph {
        for state in self.model.initial() {
            let number = self.number(fingerprint(&state), &state, 0);
            let Some(number) = number else {
                self.cut(Cut::States);
                break;
            };
            if !self.graph.initial.contains(&number) {
                self.graph.initial.push(number);
            }
        }
        let mut actions = Vec::new();
        while let Some((state, depth)) = self.waiting.pop_front() {
            let start = self.graph.edges.len();
            let inside = self.inside(&state, depth);
            if inside && !self.expand(&state, depth, &mut actions) {
                self.cut(Cut::States);
                self.graph.edges.truncate(start);
                break;
            }
            self.graph.edges[start..].sort_unstable();
            self.graph.ends.push((inside, self.graph.edges.len()));
            if self.graph.ends.len().is_multiple_of(1024) && self.poll(depth) {
                break;
            }
        }
        self.graph
    }

    /// The number of a state, which may be new. `None`: there are to be no more.
    fn number(&mut self, print: u64, state: &M::State, depth: u32) -> Option<u32> {
        let new = self.graph.len() as u32;
        if u64::from(new) >= self.options.states_max.min(u64::from(u32::MAX)) {
            let (_, number) = *self.table.range(print, print).first()?;
            return Some(number);
        }
        let mut number = new;
        if !self.table.visit(print, new, |known| number = *known) {
            return Some(number);
        }
        self.graph.prints.push(print);
        for (property, holds) in self.properties.iter().zip(&mut self.graph.holds) {
            holds.push((property.holds)(self.model, state));
        }
        self.waiting.push_back((state.clone(), depth));
        Some(number)
    }

    /// Whether a state is to be expanded.
    fn inside(&mut self, state: &M::State, depth: u32) -> bool {
        if !self.model.within(state) {
            self.cut(Cut::Outside);
            return false;
        }
        if depth == self.options.depth_max {
            self.cut(Cut::Depth);
            return false;
        }
        true
    }

    /// Adds the edges of a state. `false`: not all of them.
    fn expand(&mut self, state: &M::State, depth: u32, actions: &mut Vec<M::Action>) -> bool {
        actions.clear();
        self.model.actions(state, actions);
        let mut scratch = state.clone();
        for action in actions.iter() {
            if !self.model.apply(&mut scratch, action) {
                scratch.clone_from(state);
                continue;
            }
            let number = self.number(fingerprint(&scratch), &scratch, depth + 1);
            let Some(to) = number else { return false };
            let class = self.class(action);
            self.graph.edges.push(Edge { to, class });
            self.model.restore(&mut scratch, state, action);
        }
        true
    }

    /// The number of an action's class.
    fn class(&mut self, action: &M::Action) -> u32 {
        let Some(class) = self.model.fairness(action) else { return FREE };
        *self.numbers.entry(class).or_insert_with(|| {
            self.graph.classes.push(Some(class));
            self.graph.classes.len() as u32 - 1
        })
    }

    /// Whether to stop.
    fn poll(&mut self, depth: u32) -> bool {
        let waiting = self.waiting.len();
        let bytes =
            self.graph.bytes() + self.table.bytes() + (waiting * size_of::<M::State>()) as u64;
        let (stopped, full) = ((self.options.stop)(), bytes > self.options.memory_max);
        if stopped {
            self.cut(Cut::Stopped);
        }
        if full {
            self.cut(Cut::Memory);
        }
        let unique = self.graph.len() as u64;
        (self.options.progress)(Progress { unique, frontier: waiting as u64, depth });
        stopped || full
    }

    fn cut(&mut self, cut: Cut) {
        if !self.graph.cuts.contains(&cut) {
            self.graph.cuts.push(cut);
        }
    }
}
