//! Exhaustive exploration of two-phase commit, as Gray & Lamport specify it ("Consensus on Transaction
//! Commit", ACM TODS 2006, module `TwoPhase`), with ordinary states: vectors and a set of messages.

use std::collections::BTreeSet;

use seedbed_core::explore::{Model, Property};

/// The specification for so many resource managers.
pub struct TwoPhase {
    pub managers: usize,
}

/// A resource manager.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Manager {
    Working,
    Prepared,
    Committed,
    Aborted,
}

/// The transaction manager.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Coordinator {
    Init,
    Committed,
    Aborted,
}

/// A message. Messages are never consumed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Wire {
    Prepared(usize),
    Commit,
    Abort,
}

/// A state.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State {
    managers: Vec<Manager>,
    coordinator: Coordinator,
    heard: Vec<bool>,
    network: BTreeSet<Wire>,
}

/// What can happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    HearPrepared(usize),
    Decide { commit: bool },
    Prepare(usize),
    GiveUp(usize),
    Obey(usize, bool),
}

impl Model for TwoPhase {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        vec![State {
            managers: vec![Manager::Working; self.managers],
            coordinator: Coordinator::Init,
            heard: vec![false; self.managers],
            network: BTreeSet::new(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let open = state.coordinator == Coordinator::Init;
        if open {
            if state.heard.iter().all(|heard| *heard) {
                actions.push(Action::Decide { commit: true });
            }
            actions.push(Action::Decide { commit: false });
        }
        let commit = state.network.contains(&Wire::Commit);
        let abort = state.network.contains(&Wire::Abort);
        for i in 0..self.managers {
            if open && state.network.contains(&Wire::Prepared(i)) {
                actions.push(Action::HearPrepared(i));
            }
            if state.managers[i] == Manager::Working {
                actions.extend([Action::Prepare(i), Action::GiveUp(i)]);
            }
            if commit {
                actions.push(Action::Obey(i, true));
            }
            if abort {
                actions.push(Action::Obey(i, false));
            }
        }
    }

    fn apply(&self, state: &mut State, action: &Action) -> bool {
        match *action {
            Action::HearPrepared(i) => state.heard[i] = true,
            Action::Decide { commit } => {
                let (decided, wire) = decision(commit);
                state.coordinator = decided;
                state.network.insert(wire);
            }
            Action::Prepare(i) => {
                state.managers[i] = Manager::Prepared;
                state.network.insert(Wire::Prepared(i));
            }
            Action::GiveUp(i) => state.managers[i] = Manager::Aborted,
            Action::Obey(i, true) => state.managers[i] = Manager::Committed,
            Action::Obey(i, false) => state.managers[i] = Manager::Aborted,
        }
        true
    }

    fn restore(&self, state: &mut State, before: &State, action: &Action) {
        match *action {
            Action::HearPrepared(i) => state.heard[i] = before.heard[i],
            Action::Decide { commit } => {
                state.coordinator = before.coordinator;
                state.network.remove(&decision(commit).1);
            }
            Action::Prepare(i) => {
                state.managers[i] = before.managers[i];
                state.network.remove(&Wire::Prepared(i));
            }
            Action::GiveUp(i) | Action::Obey(i, _) => state.managers[i] = before.managers[i],
        }
    }

    /// Actions of different managers, but for those that the coordinator takes part in.
    fn independent(&self, _: &State, a: &Action, b: &Action) -> bool {
        let manager = |action: &Action| match *action {
            Action::Prepare(i) | Action::GiveUp(i) | Action::Obey(i, _) => Some(i),
            Action::HearPrepared(_) | Action::Decide { .. } => None,
        };
        match (a, b) {
            (Action::HearPrepared(a), Action::HearPrepared(b)) => a != b,
            (Action::HearPrepared(_), Action::Decide { .. }) => false,
            (Action::Decide { .. }, Action::HearPrepared(_) | Action::Decide { .. }) => false,
            (Action::HearPrepared(a), b) | (b, Action::HearPrepared(a)) => manager(b) != Some(*a),
            _ => manager(a) != manager(b),
        }
    }

    /// Managers are interchangeable: their order is made that of their states.
    fn canonical(&self, state: &mut State) {
        let prepared = |i| state.network.contains(&Wire::Prepared(i));
        let mut all: Vec<_> = (0..self.managers)
            .map(|i| (state.managers[i] as u8, state.heard[i], prepared(i), state.managers[i]))
            .collect();
        all.sort_unstable_by_key(|(order, heard, prepared, _)| (*order, *heard, *prepared));
        state.network.retain(|wire| !matches!(wire, Wire::Prepared(_)));
        for (i, (_, heard, prepared, manager)) in all.into_iter().enumerate() {
            state.managers[i] = manager;
            state.heard[i] = heard;
            if prepared {
                state.network.insert(Wire::Prepared(i));
            }
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let all = |state: &State, what| state.managers.iter().all(|manager| *manager == what);
        vec![
            Property::sometimes("all abort", move |_, state| all(state, Manager::Aborted)),
            Property::sometimes("all commit", move |_, state| all(state, Manager::Committed)),
            Property::always("agree", |_, state: &State| {
                let some = |what| state.managers.contains(&what);
                !(some(Manager::Aborted) && some(Manager::Committed))
            }),
        ]
    }
}

/// What a decision makes of the coordinator, and the message that tells it. Neither was there before.
fn decision(commit: bool) -> (Coordinator, Wire) {
    match commit {
        true => (Coordinator::Committed, Wire::Commit),
        false => (Coordinator::Aborted, Wire::Abort),
    }
}
