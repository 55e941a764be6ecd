//! Transaction commit, and two-phase commit, which implements it.
//!
//! Jim Gray and Leslie Lamport, "Consensus on Transaction Commit", ACM TODS 31(1), 2006, sections 2
//! and 3. Published: tlaplus/Examples, `specifications/transaction_commit`, `TCommit.cfg` and
//! `TwoPhase.cfg`, three resource managers each: 34 distinct states of 94 generated, 7 levels; and 288
//! of 1,146, 11 levels. `TwoPhase.tla` also reports 50,816 states of six.
//!
//! Messages are never lost or taken away: a set of all that were ever sent.

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

/// What a resource manager has come to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Manager {
    Working,
    Prepared,
    Committed,
    Aborted,
}

use Manager::{Aborted, Committed, Prepared, Working};

/// No manager has aborted where another has committed.
fn consistent(managers: &[Manager]) -> bool {
    !(managers.contains(&Aborted) && managers.contains(&Committed))
}

/// The problem: managers decide by looking at each other.
struct TransactionCommit {
    managers: usize,
}

#[derive(Clone, PartialEq, Debug)]
enum Decision {
    Prepare(usize),
    Commit(usize),
    Abort(usize),
}

impl Model for TransactionCommit {
    type State = Vec<Manager>;
    type Action = Decision;

    fn initial(&self) -> Vec<Vec<Manager>> {
        vec![vec![Working; self.managers]]
    }

    fn actions(&self, managers: &Vec<Manager>, decisions: &mut Vec<Decision>) {
        let can_commit = managers.iter().all(|m| matches!(m, Prepared | Committed));
        let none_committed = !managers.contains(&Committed);
        for (at, manager) in managers.iter().enumerate() {
            if *manager == Working {
                decisions.push(Decision::Prepare(at));
            }
            if *manager == Prepared && can_commit {
                decisions.push(Decision::Commit(at));
            }
            if matches!(manager, Working | Prepared) && none_committed {
                decisions.push(Decision::Abort(at));
            }
        }
    }

    fn apply(&self, managers: &mut Vec<Manager>, decision: &Decision) -> bool {
        match *decision {
            Decision::Prepare(at) => managers[at] = Prepared,
            Decision::Commit(at) => managers[at] = Committed,
            Decision::Abort(at) => managers[at] = Aborted,
        }
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let holds = |_: &Self, managers: &Vec<Manager>| consistent(managers);
        vec![Property::always("consistent", holds)]
    }
}

/// A transaction manager asks nobody and decides for all.
pub struct TwoPhase {
    managers: usize,
    /// A bug: the transaction manager commits as soon as anybody has prepared.
    hasty: bool,
}

/// The one that has a version for Spin.
pub fn two_phase(hasty: bool) -> TwoPhase {
    TwoPhase { managers: 3, hasty }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct State {
    managers: Vec<Manager>,
    /// Whether the transaction manager has decided, and what.
    decided: Option<bool>,
    /// Of whom it has received that they are prepared, as bits; who has sent that.
    received: u8,
    sent: u8,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    Commit,
    Abort,
    Receive(usize),
    Prepare(usize),
    ChooseToAbort(usize),
    HearCommit(usize),
    HearAbort(usize),
}

impl Model for TwoPhase {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        let managers = vec![Working; self.managers];
        vec![State { managers, decided: None, received: 0, sent: 0 }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let all = (1u8 << self.managers) - 1;
        let enough = if self.hasty { state.received != 0 } else { state.received == all };
        match state.decided {
            None if enough => actions.extend([Action::Commit, Action::Abort]),
            None => actions.push(Action::Abort),
            Some(_) => {}
        }
        for (at, manager) in state.managers.iter().enumerate() {
            if state.decided.is_none() && state.sent & 1 << at != 0 {
                actions.push(Action::Receive(at));
            }
            if *manager == Working {
                actions.extend([Action::Prepare(at), Action::ChooseToAbort(at)]);
            }
            match state.decided {
                Some(true) => actions.push(Action::HearCommit(at)),
                Some(false) => actions.push(Action::HearAbort(at)),
                None => {}
            }
        }
    }

    fn apply(&self, state: &mut State, action: &Action) -> bool {
        match *action {
            Action::Commit => state.decided = Some(true),
            Action::Abort => state.decided = Some(false),
            Action::Receive(at) => state.received |= 1 << at,
            Action::Prepare(at) => {
                state.managers[at] = Prepared;
                state.sent |= 1 << at;
            }
            Action::ChooseToAbort(at) | Action::HearAbort(at) => state.managers[at] = Aborted,
            Action::HearCommit(at) => state.managers[at] = Committed,
        }
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let holds = |_: &Self, state: &State| consistent(&state.managers);
        vec![Property::always("consistent", holds)]
    }
}

#[test]
fn transaction_commit_has_the_published_states() {
    agrees(&TransactionCommit { managers: 3 }, Published { unique: 34, generated: 94, levels: 7 });
}

#[test]
fn two_phase_commit_has_the_published_states() {
    let model = TwoPhase { managers: 3, hasty: false };
    agrees(&model, Published { unique: 288, generated: 1146, levels: 11 });
}

#[test]
fn two_phase_commit_of_six_has_the_published_states() {
    let six = agrees(&TwoPhase { managers: 6, hasty: false }, Published::unique(50_816));
    assert_eq!(six.depth(), 19);
}

#[test]
fn committing_before_all_are_prepared_is_inconsistent() {
    // One prepares, is received, the manager commits; another aborts; the first hears of it.
    breaks(&TwoPhase { managers: 3, hasty: true }, "consistent", 5);
}
