//! A search so plain that it can be believed: every whole state in a map, breadth first, and graphs
//! of all of it for what must happen. The explorer's answers are compared with its.

mod commuting;

use std::collections::BTreeMap;

use seedbed_core::explore::{Demand, Exploration, Model, Options, Property, Strategy, search};

use self::commuting::Commuting;

/// All that can be reached.
pub struct Graph<M: Model> {
    /// Every state, in the order of its discovery.
    pub states: Vec<M::State>,
    /// From which state, by which action, it was reached first.
    pub parents: Vec<Option<(usize, M::Action)>>,
    /// In how many actions.
    pub depths: Vec<u32>,
    /// What each state allows, and where that leads.
    pub edges: Vec<Vec<(M::Action, usize)>>,
    /// Initial states and successors, however often met.
    pub generated: u64,
    /// How many states lie outside the model's bounds; they have no edges.
    pub outside: u64,
}

/// What becomes of a property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It holds.
    Held,
    /// It does not. Of a safety property: after so many actions, and not after fewer.
    Broken(u32),
}

impl<M: Model<State: Ord>> Graph<M> {
    /// Explores `model`.
    pub fn of(model: &M) -> Self {
        Self::until(model, |_| false)
    }

    /// Explores `model` up to the first state at which to stop, the last of `states`.
    pub fn until(model: &M, stop: impl Fn(&M::State) -> bool) -> Self {
        let mut graph = Graph {
            states: Vec::new(),
            parents: Vec::new(),
            depths: Vec::new(),
            edges: Vec::new(),
            generated: 0,
            outside: 0,
        };
        let mut known = BTreeMap::new();
        for state in model.initial() {
            graph.generated += 1;
            graph.meet(state, None, &mut known);
        }
        let (mut next, mut actions) = (0, Vec::new());
        while let Some(state) = graph.states.get(next).cloned() {
            if stop(&state) {
                graph.states.truncate(next + 1);
                break;
            }
            actions.clear();
            match model.within(&state) {
                true => model.actions(&state, &mut actions),
                false => graph.outside += 1,
            }
            let mut edges = Vec::new();
            for action in &actions {
                let mut after = state.clone();
                if model.apply(&mut after, action) {
                    graph.generated += 1;
                    let by = Some((next, action.clone()));
                    edges.push((action.clone(), graph.meet(after, by, &mut known)));
                }
            }
            graph.edges.push(edges);
            next += 1;
        }
        graph
    }

    fn meet(
        &mut self,
        state: M::State,
        by: Option<(usize, M::Action)>,
        known: &mut BTreeMap<M::State, usize>,
    ) -> usize {
        *known.entry(state).or_insert_with_key(|state| {
            self.depths.push(by.as_ref().map_or(0, |(parent, _)| self.depths[*parent] + 1));
            self.parents.push(by);
            self.states.push(state.clone());
            self.states.len() - 1
        })
    }

    /// The longest of the shortest paths.
    pub fn depth(&self) -> u32 {
        self.depths.iter().copied().max().unwrap_or(0)
    }

    /// What becomes of each property, by name.
    pub fn verdicts(&self, model: &M) -> Vec<(String, Verdict)> {
        let judged = model.properties().into_iter();
        judged.map(|property| (property.name.clone(), self.verdict(model, &property))).collect()
    }

    fn verdict(&self, model: &M, property: &Property<M>) -> Verdict {
        let holds: Vec<bool> =
            self.states.iter().map(|state| (property.holds)(model, state)).collect();
        match property.demand {
            Demand::Always => {
                let first = holds.iter().position(|holds| !holds);
                first.map_or(Verdict::Held, |first| Verdict::Broken(self.depths[first]))
            }
            Demand::Sometimes if holds.contains(&true) => Verdict::Held,
            Demand::Sometimes => Verdict::Broken(0),
            // Nobody comes back from a state in which it holds: what happened before is not forgotten.
            Demand::Eventually => {
                let from = self.reached(&holds);
                self.evades(model, &holds, &from)
            }
            Demand::Recurrently => {
                let everywhere = vec![true; holds.len()];
                self.evades(model, &holds, &everywhere)
            }
        }
    }

    /// Which states are reached by a path on which the predicate never holds.
    fn reached(&self, holds: &[bool]) -> Vec<bool> {
        let mut reached = vec![false; holds.len()];
        let initial = (0..holds.len()).filter(|s| self.parents[*s].is_none() && !holds[*s]);
        let mut open: Vec<usize> = initial.collect();
        while let Some(state) = open.pop() {
            if !std::mem::replace(&mut reached[state], true) {
                open.extend(self.edges[state].iter().map(|(_, to)| *to).filter(|to| !holds[*to]));
            }
        }
        reached
    }

    /// Whether some fair path stays for ever, from some time on, where the predicate does not hold.
    fn evades(&self, model: &M, holds: &[bool], from: &[bool]) -> Verdict {
        let inside = |state: usize| from[state] && !holds[state];
        for component in self.components(&inside) {
            let is_in = |state: &usize| component.binary_search(state).is_ok();
            let cyclic = component.len() > 1
                || self.edges[component[0]].iter().any(|(_, to)| *to == component[0]);
            // Where nothing is obliged to happen, a path may end.
            let free = |s: usize| self.edges[s].iter().all(|(a, _)| model.fairness(a).is_none());
            let end = |s: usize| free(s) && model.within(&self.states[s]);
            let ends = component.iter().any(|state| end(*state));
            if ends || cyclic && self.fair(model, &component, &is_in) {
                let nearest = component.iter().map(|state| self.depths[*state]).min();
                return Verdict::Broken(nearest.unwrap_or(0));
            }
        }
        Verdict::Held
    }

    /// Whether a path that visits all of a component again and again neglects nobody: each class
    /// is taken on it, or is not allowed in one of its states.
    fn fair(&self, model: &M, component: &[usize], is_in: &impl Fn(&usize) -> bool) -> bool {
        let classes = |state: usize| {
            let edges = self.edges[state].iter();
            edges.filter_map(|(action, to)| Some((model.fairness(action)?, *to)))
        };
        let mut neglected: Vec<u64> = classes(component[0]).map(|(class, _)| class).collect();
        for state in component {
            let allowed: Vec<(u64, usize)> = classes(*state).collect();
            neglected.retain(|class| {
                let mut here = allowed.iter().filter(|(other, _)| other == class).peekable();
                here.peek().is_some() && !here.any(|(_, to)| is_in(to))
            });
        }
        neglected.is_empty()
    }

    /// The strongly connected components of what is inside, each sorted (Tarjan 1972, with a stack
    /// of its own instead of recursion).
    fn components(&self, inside: &dyn Fn(usize) -> bool) -> Vec<Vec<usize>> {
        const UNSEEN: usize = usize::MAX;
        let count = self.states.len();
        let (mut index, mut low) = (vec![UNSEEN; count], vec![0; count]);
        let mut on_stack = vec![false; count];
        let (mut stack, mut clock, mut components) = (Vec::new(), 0, Vec::new());
        for root in (0..count).filter(|state| inside(*state)) {
            let mut calls = if index[root] == UNSEEN { vec![(root, 0)] } else { Vec::new() };
            while let Some((state, edge)) = calls.pop() {
                if edge == 0 {
                    (index[state], low[state]) = (clock, clock);
                    clock += 1;
                    stack.push(state);
                    on_stack[state] = true;
                }
                if let Some((_, to)) = self.edges[state].get(edge) {
                    calls.push((state, edge + 1));
                    if !inside(*to) {
                        continue;
                    }
                    if index[*to] == UNSEEN {
                        calls.push((*to, 0));
                    } else if on_stack[*to] {
                        low[state] = low[state].min(index[*to]);
                    }
                    continue;
                }
                if let Some((caller, _)) = calls.last() {
                    low[*caller] = low[*caller].min(low[state]);
                }
                if low[state] == index[state] {
                    let at = stack.iter().rposition(|s| *s == state).unwrap_or(0);
                    let mut component = stack.split_off(at);
                    component.iter().for_each(|state| on_stack[*state] = false);
                    component.sort_unstable();
                    components.push(component);
                }
            }
        }
        components
    }
}

/// Explores `model` with this search and with the explorer, in all its ways, and asserts that they
/// agree: on states, on what is generated, on depth, on verdicts and the length of counterexamples.
/// With partial-order reduction, less is generated, and nothing else differs.
pub fn agreed<M: Model<State: Ord> + 'static>(model: &M) -> Graph<M> {
    let graph = Graph::of(model);
    let verdicts = graph.verdicts(model);
    let ways = [
        (Strategy::BreadthFirst, 1),
        (Strategy::BreadthFirst, 2),
        (Strategy::DepthFirst, 1),
        (Strategy::DepthFirst, 2),
    ];
    for (strategy, threads) in ways {
        let options = Options { strategy, threads, keep_going: true, ..Options::default() };
        graph.compare(&search(model, &options), &verdicts, strategy);
    }
    // Trying all pairs of actions in all states takes long. Beyond a bound nothing is expanded, and what
    // was left out in favour of that is not visited at all.
    if graph.states.len() <= TRIED_MAX && graph.outside == 0 {
        let options = Options {
            strategy: Strategy::DepthFirst,
            partial_order: true,
            keep_going: true,
            ..Options::default()
        };
        let explored = search(&Commuting(model), &options);
        assert!(explored.partial_order, "reduced");
        graph.compare(&explored, &verdicts, options.strategy);
    }
    graph
}

/// The most states of a model of which partial-order reduction is tried.
const TRIED_MAX: usize = 5000;

impl<M: Model<State: Ord>> Graph<M> {
    fn compare(
        &self,
        explored: &Exploration<M::Action>,
        verdicts: &[(String, Verdict)],
        strategy: Strategy,
    ) {
        let breadth_first = strategy == Strategy::BreadthFirst;
        assert_eq!(explored.unique, self.states.len() as u64, "unique states");
        match explored.partial_order {
            true => assert!(explored.generated <= self.generated, "generated states"),
            false => assert_eq!(explored.generated, self.generated, "generated states"),
        }
        assert_eq!(explored.complete, self.outside == 0, "complete unless bounded");
        if breadth_first {
            assert_eq!(explored.depth, self.depth(), "depth");
        }
        for (finding, (name, naive)) in explored.findings.iter().zip(verdicts) {
            assert_eq!(finding.name, *name);
            match naive {
                Verdict::Held if explored.complete => {
                    assert_eq!(finding.verdict, seedbed_core::Verdict::Held, "{name}");
                }
                Verdict::Held => {
                    assert_ne!(finding.verdict, seedbed_core::Verdict::Failed, "{name}");
                }
                Verdict::Broken(actions) => {
                    assert_eq!(finding.verdict, seedbed_core::Verdict::Failed, "{name}");
                    let trail = finding.trail.as_ref().expect("a counterexample");
                    if finding.demand == Demand::Always && breadth_first {
                        assert_eq!(trail.actions.len() as u32, *actions, "{name}: the shortest");
                    }
                }
            }
        }
    }
}
