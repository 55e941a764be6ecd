//! Liveness under weak fairness, by search for fair cycles.
//!
//! A path that breaks `Recurrently` or `Eventually` ends where nothing is obliged to happen, or goes
//! round in a strongly connected component (Tarjan, SIAM Journal on Computing 1972) of the states where
//! the predicate is false; for `Eventually` they are false on the way there, too. Such a component has
//! a fair path exactly if each class of actions that all its states allow is taken inside it
//! (Lichtenstein & Pnueli, POPL 1985; as in TLC). A part of a component that fails this fails it too,
//! so no smaller parts need be looked at. All of this holds for a part of a model's graph, so that a
//! breach that is found in one is a breach; only that there is none needs the whole graph.

use std::collections::VecDeque;

use super::graph::{Graph, build};
use super::model::{Demand, Model, Property};
use super::options::Options;
use super::outcome::{Cut, End, Trail};
use super::path::rebuild_by;

/// What became of the liveness properties: of each, by its index, a breach or none; and why the answer
/// is not for the whole model.
pub(super) struct Judged<A> {
    /// How many states the graph has.
    pub(super) states: u64,
    pub(super) breaches: Vec<(usize, Option<Option<Trail<A>>>)>,
    pub(super) cuts: Vec<Cut>,
}

/// Judges those of `properties` that are about liveness.
pub(super) fn judge<M: Model>(
    model: &M,
    properties: &[Property<M>],
    options: &Options<'_>,
) -> Judged<M::Action> {
    let live = |p: &Property<M>| matches!(p.demand, Demand::Eventually | Demand::Recurrently);
    let indices: Vec<usize> = (0..properties.len()).filter(|i| live(&properties[*i])).collect();
    if indices.is_empty() {
        return Judged { states: 0, breaches: Vec::new(), cuts: Vec::new() };
    }
    let live: Vec<&Property<M>> = indices.iter().map(|i| &properties[*i]).collect();
    let graph = build(model, &live, options);
    let breach = |(number, index): (usize, usize)| {
        let lasso = breach(&graph, &graph.holds[number], live[number].demand);
        (index, lasso.map(|lasso| trail(model, &graph, &lasso)))
    };
    let breaches = indices.into_iter().enumerate().map(breach).collect();
    Judged { states: graph.len() as u64, breaches, cuts: graph.cuts.clone() }
}

/// A path in a graph that ends or goes round.
#[derive(PartialEq, Eq, Debug)]
struct Lasso {
    initial: u32,
    /// Edges, by number.
    edges: Vec<usize>,
    end: End,
}

/// The actions of a lasso.
fn trail<M: Model>(model: &M, graph: &Graph, lasso: &Lasso) -> Option<Trail<M::Action>> {
    let edges: Vec<_> = lasso.edges.iter().map(|edge| graph.edges[*edge]).collect();
    let states = std::iter::once(lasso.initial).chain(edges.iter().map(|edge| edge.to));
    let prints: Vec<u64> = states.map(|state| graph.prints[state as usize]).collect();
    let same_class = |step: usize, action: &M::Action| {
        graph.classes[edges[step].class as usize] == model.fairness(action)
    };
    let trail = rebuild_by(model, &prints, false, same_class)?;
    Some(Trail { end: lasso.end, ..trail })
}

/// The breach nearest to an initial state.
fn breach(graph: &Graph, holds: &[bool], demand: Demand) -> Option<Lasso> {
    let components = Components::of(graph, holds);
    let on_the_way = |state: u32| demand == Demand::Recurrently || !holds[state as usize];
    let bad =
        |state: u32| !holds[state as usize] && (graph.terminal(state) || components.fair(state));
    let starts = graph.initial.iter().copied().filter(|state| on_the_way(*state));
    let mut way = walk(graph, starts, on_the_way, |step| match step {
        Step::At(state) => bad(state),
        Step::Over(_) => false,
    })?;
    let Some(cycle) = components.cycle(graph, way.end) else {
        return Some(Lasso { initial: way.start, edges: way.edges, end: End::Terminal });
    };
    let end = End::Cycle(way.edges.len());
    way.edges.extend(cycle);
    Some(Lasso { initial: way.start, edges: way.edges, end })
}

/// The strongly connected components of the states where a predicate is false.
struct Components {
    /// Of each state the number of its component.
    of: Vec<u32>,
    /// Of each component, whether a fair path can stay in it for ever.
    fair: Vec<bool>,
}

/// The component of a state that has none.
const NONE: u32 = u32::MAX;

impl Components {
    fn of(graph: &Graph, holds: &[bool]) -> Self {
        let mut tarjan = Tarjan {
            graph,
            holds,
            index: vec![0; graph.len()],
            low: vec![0; graph.len()],
            next_index: 1,
            stack: Vec::new(),
            components: Components { of: vec![NONE; graph.len()], fair: Vec::new() },
        };
        for (state, holds) in holds.iter().enumerate() {
            if !holds && tarjan.index[state] == 0 {
                tarjan.visit(state as u32);
            }
        }
        tarjan.components
    }

    fn fair(&self, state: u32) -> bool {
        self.fair.get(self.of[state as usize] as usize) == Some(&true)
    }

    fn same(&self, a: u32, b: u32) -> bool {
        self.of[a as usize] == self.of[b as usize]
    }

    /// Whether a fair path can stay in a component that has just been found.
    fn is_fair(&self, graph: &Graph, members: &[u32]) -> bool {
        let inside = |state: u32| {
            let edges = graph.edges[graph.out(state)].iter();
            edges.filter(move |edge| self.same(state, edge.to))
        };
        if members.len() == 1 && inside(members[0]).next().is_none() {
            return false;
        }
        let mut obliged = graph.allowed(members[0]);
        for member in &members[1..] {
            if obliged.is_empty() {
                return true;
            }
            let allowed = graph.allowed(*member);
            obliged.retain(|class| allowed.binary_search(class).is_ok());
        }
        let taken = |class: u32| members.iter().any(|s| inside(*s).any(|edge| edge.class == class));
        obliged.into_iter().all(taken)
    }

    /// A fair cycle through `state`, if its component has one: for each class that the state allows it
    /// takes an action of the class, or comes by a state that allows none.
    fn cycle(&self, graph: &Graph, state: u32) -> Option<Vec<usize>> {
        if !self.fair(state) {
            return None;
        }
        let inside = |other: u32| self.same(state, other);
        let mut cycle = Vec::new();
        let mut here = state;
        for class in graph.allowed(state) {
            let free = |other: u32| graph.allowed(other).binary_search(&class).is_err();
            let taken = |edge: usize| graph.edges[edge].class == class;
            let passed = |edge: &usize| taken(*edge) || free(graph.edges[*edge].to);
            if cycle.iter().any(passed) {
                continue;
            }
            let way = walk(graph, [here].into_iter(), inside, |step| match step {
                Step::At(other) => free(other),
                Step::Over(edge) => taken(edge),
            })?;
            cycle.extend(way.edges);
            here = way.end;
        }
        if here != state || cycle.is_empty() {
            let home = |step| matches!(step, Step::Over(edge) if graph.edges[edge].to == state);
            cycle.extend(walk(graph, [here].into_iter(), inside, home)?.edges);
        }
        Some(cycle)
    }
}

/// Tarjan's algorithm with a stack of its own: paths are longer than a thread's stack.
struct Tarjan<'a> {
    graph: &'a Graph,
    holds: &'a [bool],
    /// In which order states were met; 0: not yet.
    index: Vec<u32>,
    low: Vec<u32>,
    next_index: u32,
    stack: Vec<u32>,
    components: Components,
}

impl Tarjan<'_> {
    fn visit(&mut self, root: u32) {
        let mut calls = vec![(root, self.enter(root))];
        while let Some((state, edges)) = calls.last_mut() {
            let state = *state;
            let Some(edge) = edges.next() else {
                calls.pop();
                self.leave(state);
                if let Some((parent, _)) = calls.last() {
                    let low = self.low[state as usize].min(self.low[*parent as usize]);
                    self.low[*parent as usize] = low;
                }
                continue;
            };
            let to = self.graph.edges[edge].to as usize;
            if self.holds[to] {
                continue;
            }
            if self.index[to] == 0 {
                let edges = self.enter(to as u32);
                calls.push((to as u32, edges));
            } else if self.components.of[to] == NONE {
                self.low[state as usize] = self.low[state as usize].min(self.index[to]);
            }
        }
    }

    fn enter(&mut self, state: u32) -> std::ops::Range<usize> {
        self.index[state as usize] = self.next_index;
        self.low[state as usize] = self.next_index;
        self.next_index += 1;
        self.stack.push(state);
        self.graph.out(state)
    }

    /// If `state` is the first of its component, all of that is on the stack from there on.
    fn leave(&mut self, state: u32) {
        if self.low[state as usize] != self.index[state as usize] {
            return;
        }
        let start = self.stack.iter().rposition(|other| *other == state).expect("it was pushed");
        let number = self.components.fair.len() as u32;
        for member in &self.stack[start..] {
            self.components.of[*member as usize] = number;
        }
        let fair = self.components.is_fair(self.graph, &self.stack[start..]);
        self.components.fair.push(fair);
        self.stack.truncate(start);
    }
}

/// Where a walk looks for what it wants.
enum Step {
    /// In a state.
    At(u32),
    /// On the way over an edge.
    Over(usize),
}

/// A walk from a state to another.
struct Way {
    start: u32,
    edges: Vec<usize>,
    end: u32,
}

/// The shortest walk from one of `starts` through states that are `allowed` to what is `wanted`.
fn walk(
    graph: &Graph,
    starts: impl Iterator<Item = u32>,
    allowed: impl Fn(u32) -> bool,
    wanted: impl Fn(Step) -> bool,
) -> Option<Way> {
    // Of each state that was reached, the state and the edge before.
    let mut before: Vec<Option<(u32, usize)>> = vec![None; graph.len()];
    let mut waiting: VecDeque<u32> = starts.collect();
    for start in &waiting {
        before[*start as usize] = Some((NONE, 0));
    }
    while let Some(state) = waiting.pop_front() {
        if wanted(Step::At(state)) {
            return Some(back(&before, state, None, state));
        }
        for edge in graph.out(state) {
            let to = graph.edges[edge].to;
            if !allowed(to) {
                continue;
            }
            if wanted(Step::Over(edge)) {
                return Some(back(&before, state, Some(edge), to));
            }
            if before[to as usize].is_none() {
                before[to as usize] = Some((state, edge));
                waiting.push_back(to);
            }
        }
    }
    None
}

fn back(before: &[Option<(u32, usize)>], from: u32, last: Option<usize>, end: u32) -> Way {
    let mut edges: Vec<usize> = last.into_iter().collect();
    let mut start = from;
    while let Some((earlier, edge)) = before[start as usize]
        && earlier != NONE
    {
        edges.push(edge);
        start = earlier;
    }
    edges.reverse();
    Way { start, edges, end }
}
