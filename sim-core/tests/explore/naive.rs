//! What tests compare with: a search that keeps whole states, and the replay of a path.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;

use seedbed_core::explore::{Demand, End, Finding, Model, Property, Trail};

/// Of a model, by a search that does nothing clever.
#[derive(PartialEq, Eq, Debug)]
pub struct Naive {
    pub unique: u64,
    pub generated: u64,
    pub depth: u32,
    /// For each property the distance of the nearest state that decides it.
    pub nearest: Vec<Option<u32>>,
}

/// Successors, by copies.
pub fn successors<M: Model>(model: &M, state: &M::State) -> Vec<(M::Action, M::State)> {
    let mut actions = Vec::new();
    model.actions(state, &mut actions);
    let next = actions.into_iter().filter_map(|action| {
        let mut next = state.clone();
        model.apply(&mut next, &action).then_some((action, next))
    });
    next.collect()
}

/// Searches breadth-first, states told apart by what they print.
pub fn naive<M: Model>(model: &M) -> Naive {
    let properties = model.properties();
    let mut naive =
        Naive { unique: 0, generated: 0, depth: 0, nearest: vec![None; properties.len()] };
    let mut seen = BTreeMap::new();
    let mut waiting: VecDeque<(M::State, u32)> =
        model.initial().into_iter().map(|state| (state, 0)).collect();
    while let Some((state, depth)) = waiting.pop_front() {
        naive.generated += 1;
        if seen.insert(text(&state), depth).is_some() {
            continue;
        }
        naive.unique += 1;
        naive.depth = naive.depth.max(depth);
        for (property, nearest) in properties.iter().zip(&mut naive.nearest) {
            if nearest.is_none() && decides(model, property, &state) {
                *nearest = Some(depth);
            }
        }
        if model.within(&state) {
            waiting
                .extend(successors(model, &state).into_iter().map(|(_, next)| (next, depth + 1)));
        }
    }
    naive
}

fn text(state: &impl Debug) -> String {
    format!("{state:?}")
}

fn decides<M: Model>(model: &M, property: &Property<M>, state: &M::State) -> bool {
    (property.holds)(model, state) == (property.demand == Demand::Sometimes)
}

/// Carries out a path, and checks that it shows what its property's finding says.
pub fn check<M: Model>(model: &M, finding: &Finding<M::Action>) {
    let properties = model.properties();
    let property = properties.iter().find(|p| p.name == finding.name).expect("a known property");
    let trail = finding.trail.as_ref().expect("a path");
    let states = replay(model, trail);
    let holds = |state: &M::State| (property.holds)(model, state);
    let last = states.last().expect("one at least");
    match (property.demand, trail.end) {
        (Demand::Always, End::State) => assert!(!holds(last)),
        (Demand::Sometimes, End::State) => assert!(holds(last)),
        (Demand::Eventually | Demand::Recurrently, End::Terminal) => {
            let free = |(action, _): &(_, _)| model.fairness(action).is_none();
            assert!(successors(model, last).iter().all(free), "nothing is obliged to happen");
            assert!(!holds(last));
        }
        (Demand::Eventually | Demand::Recurrently, End::Cycle(start)) => {
            assert_eq!(&states[start], last);
            assert!(start < trail.actions.len());
            assert!(states[start..].iter().all(|state| !holds(state)));
            assert_fair(model, &states[start..], &trail.actions[start..]);
        }
        (demand, end) => panic!("{demand:?} cannot be decided by {end:?}"),
    }
    if property.demand == Demand::Eventually {
        assert!(states.iter().all(|state| !holds(state)));
    }
}

fn replay<M: Model>(model: &M, trail: &Trail<M::Action>) -> Vec<M::State> {
    let mut states = vec![model.initial().swap_remove(trail.initial)];
    for action in &trail.actions {
        let state = states.last().expect("one at least");
        let next = successors(model, state).into_iter().find(|(other, _)| other == action);
        states.push(next.expect("the state allows the action").1);
    }
    states
}

/// Each class that all states of a cycle allow is taken in it.
fn assert_fair<M: Model>(model: &M, states: &[M::State], actions: &[M::Action]) {
    let allowed = |state: &M::State| -> Vec<u64> {
        let next = successors(model, state);
        next.iter().filter_map(|(action, _)| model.fairness(action)).collect()
    };
    let always = allowed(&states[0]).into_iter();
    let always = always.filter(|class| states.iter().all(|state| allowed(state).contains(class)));
    for class in always {
        assert!(
            actions.iter().any(|action| model.fairness(action) == Some(class)),
            "class {class} is always allowed and never taken"
        );
    }
}
