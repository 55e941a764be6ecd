//! On random graphs: counts, shortest paths, liveness and reductions, against brute force.

use proptest::prelude::*;
use seedbed_core::Verdict;
use seedbed_core::explore::{self, Demand, Model, Options, Property, search};

use crate::naive::{check, naive, successors};

/// A graph of states with numbers. Of each action, whether it comes to anything and where that leads,
/// and its class.
#[derive(Clone, Debug)]
struct Arbitrary {
    initial: Vec<u8>,
    actions: Vec<Vec<(Option<u8>, Option<u64>)>>,
    holds: Vec<bool>,
    outside: Vec<bool>,
}

impl Model for Arbitrary {
    type State = u8;
    type Action = usize;

    fn initial(&self) -> Vec<u8> {
        self.initial.clone()
    }

    fn actions(&self, state: &u8, actions: &mut Vec<usize>) {
        let all: usize = self.actions[..*state as usize].iter().map(Vec::len).sum();
        actions.extend((0..self.actions[*state as usize].len()).map(|i| all + i));
    }

    fn apply(&self, state: &mut u8, action: &usize) -> bool {
        let (to, _) = self.actions.iter().flatten().nth(*action).expect("a known action");
        // What an action that comes to nothing leaves behind is not to matter.
        *state = to.unwrap_or(255);
        to.is_some()
    }

    fn fairness(&self, action: &usize) -> Option<u64> {
        self.actions.iter().flatten().nth(*action).expect("a known action").1
    }

    fn within(&self, state: &u8) -> bool {
        !self.outside[*state as usize]
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let demands = [Demand::Always, Demand::Sometimes, Demand::Eventually, Demand::Recurrently]
            .into_iter();
        let property = |demand| Property {
            name: format!("{demand:?}"),
            demand,
            holds: Box::new(|model: &Self, state: &u8| model.holds[*state as usize]),
        };
        demands.map(property).collect()
    }
}

fn arbitrary(bounded: bool) -> impl Strategy<Value = Arbitrary> {
    (1u8..8).prop_flat_map(move |n| {
        let action = (proptest::option::weighted(0.9, 0..n), proptest::option::of(0..3u64));
        let states = n as usize;
        (
            proptest::collection::vec(0..n, 1..3),
            proptest::collection::vec(proptest::collection::vec(action, 0..4), states),
            proptest::collection::vec(proptest::bool::weighted(0.25), states),
            proptest::collection::vec(
                proptest::bool::weighted(if bounded { 0.2 } else { 0.0 }),
                states,
            ),
        )
            .prop_map(|(initial, actions, holds, outside)| Arbitrary {
                initial,
                actions,
                holds,
                outside,
            })
    })
}

impl Arbitrary {
    fn edges(&self, state: u8) -> Vec<(u8, Option<u64>)> {
        successors(self, &state).into_iter().map(|(a, to)| (to, self.fairness(&a))).collect()
    }

    fn reachable(&self, through: impl Fn(u8) -> bool) -> Vec<u8> {
        let mut reached: Vec<u8> = self.initial.iter().copied().filter(|s| through(*s)).collect();
        let mut next = 0;
        while next < reached.len() {
            for (to, _) in self.edges(reached[next]) {
                if through(to) && !reached.contains(&to) {
                    reached.push(to);
                }
            }
            next += 1;
        }
        reached
    }

    /// Whether some fair path avoids what holds from some point on; all the time, for `Eventually`. Every
    /// set of states is tried as that which is visited again and again.
    fn breaks(&self, demand: Demand) -> bool {
        let holds = |state: u8| self.holds[state as usize];
        let reached = self.reachable(|state| demand == Demand::Recurrently || !holds(state));
        let stuck = |state: &u8| {
            !holds(*state) && self.edges(*state).iter().all(|(_, class)| class.is_none())
        };
        if reached.iter().any(stuck) {
            return true;
        }
        (1u32..1 << self.actions.len()).any(|set| {
            let set: Vec<u8> =
                (0..self.actions.len() as u8).filter(|s| set >> s & 1 == 1).collect();
            set.iter().all(|s| reached.contains(s) && !holds(*s)) && self.is_fair(&set)
        })
    }

    /// Whether a fair path visits exactly these states for ever.
    fn is_fair(&self, set: &[u8]) -> bool {
        let inside = |state: u8| self.edges(state).into_iter().filter(|(to, _)| set.contains(to));
        let reaches = |from: u8| {
            let mut reached: Vec<u8> = inside(from).map(|(to, _)| to).collect();
            reached.sort_unstable();
            reached.dedup();
            let mut next = 0;
            while next < reached.len() {
                let more: Vec<u8> = inside(reached[next]).map(|(to, _)| to).collect();
                for to in more {
                    if !reached.contains(&to) {
                        reached.push(to);
                    }
                }
                next += 1;
            }
            reached.len() == set.len()
        };
        let fair = |class: u64| {
            let allows = |s: &u8| self.edges(*s).iter().any(|(_, other)| *other == Some(class));
            let takes = |s: &u8| inside(*s).any(|(_, other)| other == Some(class));
            !set.iter().all(allows) || set.iter().any(takes)
        };
        set.iter().all(|state| reaches(*state)) && (0..3).all(fair)
    }
}

const STRATEGIES: [explore::Strategy; 3] = [
    explore::Strategy::BreadthFirst,
    explore::Strategy::DepthFirst,
    explore::Strategy::IterativeDeepening { step: 1 },
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn searches_agree_with_naive_search(model in arbitrary(true), threads in 1..4usize) {
        let naive = naive(&model);
        for strategy in STRATEGIES {
            let options = Options { strategy, threads, keep_going: true, ..Options::default() };
            let explored = search(&model, &options);
            prop_assert_eq!(explored.unique, naive.unique);
            if !matches!(strategy, explore::Strategy::IterativeDeepening { .. }) {
                prop_assert_eq!(explored.generated, naive.generated);
            }
            let visited = model.reachable_within();
            prop_assert_eq!(explored.complete, visited.iter().all(|s| model.within(s)));
            for (finding, nearest) in explored.findings.iter().zip(&naive.nearest).take(2) {
                prop_assert_eq!(finding.trail.is_some(), nearest.is_some());
                if let (Some(trail), Some(nearest)) = (&finding.trail, nearest) {
                    check(&model, finding);
                    let length = trail.actions.len() as u32;
                    let shortest = strategy != explore::Strategy::DepthFirst;
                    prop_assert!(length >= *nearest && (length == *nearest || !shortest));
                }
                let certain = explored.complete || nearest.is_some();
                let bad = (finding.demand == Demand::Always) == nearest.is_some();
                let verdict = match (bad, certain) {
                    (true, true) => Verdict::Failed,
                    (false, true) => Verdict::Held,
                    (_, false) => Verdict::Inconclusive,
                };
                prop_assert_eq!(finding.verdict, verdict);
            }
        }
    }

    #[test]
    fn liveness_agrees_with_brute_force(model in arbitrary(false)) {
        let explored = search(&model, &Options { keep_going: true, ..Options::default() });
        for finding in &explored.findings[2..] {
            let breaks = model.breaks(finding.demand);
            prop_assert_eq!(finding.verdict == Verdict::Failed, breaks, "{:?}", finding);
            if breaks {
                check(&model, finding);
            } else {
                prop_assert_eq!(finding.verdict, Verdict::Held);
            }
        }
    }

    #[test]
    fn a_breach_of_liveness_in_a_part_is_one_of_the_whole(model in arbitrary(false), states_max in 1u64..6) {
        let options = Options { keep_going: true, states_max, ..Options::default() };
        for finding in &search(&model, &options).findings[2..] {
            match finding.verdict {
                Verdict::Failed => check(&model, finding),
                Verdict::Held => prop_assert!(!model.breaks(finding.demand)),
                Verdict::Inconclusive => {}
            }
        }
    }
}

impl Arbitrary {
    fn reachable_within(&self) -> Vec<u8> {
        let mut reached = self.initial.clone();
        let mut next = 0;
        while next < reached.len() {
            if self.within(&reached[next]) {
                for (to, _) in self.edges(reached[next]) {
                    if !reached.contains(&to) {
                        reached.push(to);
                    }
                }
            }
            next += 1;
        }
        reached
    }
}

/// Labelled partial functions on a few states: what commutes is seen by trying.
#[derive(Clone, Debug)]
struct Labelled {
    states: u8,
    functions: Vec<Vec<Option<u8>>>,
    bad: u8,
}

impl Labelled {
    fn next(&self, state: u8, label: usize) -> Option<u8> {
        self.functions[label][state as usize]
    }
}

impl Model for Labelled {
    type State = u8;
    type Action = usize;

    fn initial(&self) -> Vec<u8> {
        vec![0]
    }

    fn actions(&self, state: &u8, actions: &mut Vec<usize>) {
        actions
            .extend((0..self.functions.len()).filter(|label| self.next(*state, *label).is_some()));
    }

    fn apply(&self, state: &mut u8, label: &usize) -> bool {
        *state = self.next(*state, *label).expect("an action that is allowed");
        true
    }

    fn independent(&self, state: &u8, a: &usize, b: &usize) -> bool {
        let then = |first: usize, second: usize| {
            self.next(*state, first).and_then(|state| self.next(state, second))
        };
        a != b && then(*a, *b).is_some() && then(*a, *b) == then(*b, *a)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("never bad", |model: &Self, state: &u8| *state != model.bad),
            Property::sometimes("bad", |model: &Self, state: &u8| *state == model.bad),
        ]
    }
}

/// Processes that take steps on variables modulo three: the transitions of a product, with cycles.
#[derive(Clone, Debug)]
struct Processes(Vec<Vec<Instruction>>);

#[derive(Clone, Copy, Debug)]
struct Instruction {
    variable: usize,
    /// The step waits until the variable has this value.
    awaits: Option<u8>,
    adds: u8,
    goes_to: usize,
}

impl Model for Processes {
    /// Positions, then variables.
    type State = (Vec<usize>, [u8; 3]);
    type Action = usize;

    fn initial(&self) -> Vec<Self::State> {
        vec![(vec![0; self.0.len()], [0; 3])]
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<usize>) {
        let ready = |process: &usize| {
            let step = self.0[*process][state.0[*process]];
            step.awaits.is_none_or(|value| state.1[step.variable] == value)
        };
        actions.extend((0..self.0.len()).filter(ready));
    }

    fn apply(&self, state: &mut Self::State, process: &usize) -> bool {
        let step = self.0[*process][state.0[*process]];
        state.1[step.variable] = (state.1[step.variable] + step.adds) % 3;
        state.0[*process] = step.goes_to % self.0[*process].len();
        true
    }

    fn independent(&self, state: &Self::State, a: &usize, b: &usize) -> bool {
        let variable = |process: usize| self.0[process][state.0[process]].variable;
        a != b && variable(*a) != variable(*b)
    }

    /// For processes with one program.
    fn canonical(&self, state: &mut Self::State) {
        state.0.sort_unstable();
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("never all two", |_, state: &Self::State| state.1 != [2; 3])]
    }
}

fn processes() -> impl Strategy<Value = Processes> {
    proptest::collection::vec(program(), 1..4).prop_map(Processes)
}

fn alike() -> impl Strategy<Value = Processes> {
    (program(), 2..4usize).prop_map(|(program, n)| Processes(vec![program; n]))
}

fn program() -> impl Strategy<Value = Vec<Instruction>> {
    let instruction = (0..3usize, proptest::option::weighted(0.3, 0..3u8), 0..3u8, 0..4usize);
    let instruction = instruction.prop_map(|(variable, awaits, adds, goes_to)| Instruction {
        variable,
        awaits,
        adds,
        goes_to,
    });
    proptest::collection::vec(instruction, 1..4)
}

fn labelled() -> impl Strategy<Value = Labelled> {
    (2u8..7).prop_flat_map(|states| {
        let function =
            proptest::collection::vec(proptest::option::weighted(0.6, 0..states), states as usize);
        let functions = proptest::collection::vec(function, 1..5);
        (functions, 0..states).prop_map(move |(functions, bad)| Labelled { states, functions, bad })
    })
}

fn sleep_sets_agree<M: Model>(model: &M) -> Result<(u64, u64), TestCaseError> {
    let plain =
        Options { strategy: explore::Strategy::DepthFirst, keep_going: true, ..Options::default() };
    let reduced = search(model, &Options { partial_order: true, ..plain });
    let plain = search(model, &plain);
    prop_assert_eq!(reduced.unique, plain.unique);
    prop_assert!(reduced.generated <= plain.generated);
    for (plain, reduced) in plain.findings.iter().zip(&reduced.findings) {
        prop_assert_eq!(plain.verdict, reduced.verdict);
        if reduced.trail.is_some() {
            check(model, reduced);
        }
    }
    Ok((reduced.generated, plain.generated))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn sleep_sets_keep_the_states_of_labelled_graphs(model in labelled()) {
        prop_assert!(model.states > model.bad);
        sleep_sets_agree(&model)?;
    }

    #[test]
    fn sleep_sets_keep_the_states_of_processes(model in processes()) {
        sleep_sets_agree(&model)?;
    }

    #[test]
    fn symmetry_keeps_the_verdict_and_the_distance(model in alike(), threads in 1..3usize) {
        let plain = Options { threads, keep_going: true, ..Options::default() };
        let symmetric = search(&model, &Options { symmetry: true, ..plain });
        let plain = search(&model, &plain);
        prop_assert!(symmetric.complete && symmetric.unique <= plain.unique);
        prop_assert_eq!(symmetric.depth, plain.depth);
        for (plain, symmetric) in plain.findings.iter().zip(&symmetric.findings) {
            prop_assert_eq!(plain.verdict, symmetric.verdict);
            let length = |trail: &explore::Trail<usize>| trail.actions.len();
            prop_assert_eq!(plain.trail.as_ref().map(length), symmetric.trail.as_ref().map(length));
            if symmetric.trail.is_some() {
                check(&model, symmetric);
            }
        }
    }
}
