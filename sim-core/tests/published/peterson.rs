//! Peterson's lock for two.
//!
//! G. L. Peterson, "Myths about the Mutual Exclusion Problem", Information Processing Letters 12(3),
//! 1981. Published: tlaplus/Examples, `specifications/locks_auxiliary_vars`, `Peterson.cfg`: 42
//! distinct states of 77 generated, 11 levels; safe, with the invariant of its proof. That nobody
//! starves is checked here besides: processes need not want to enter, but must not stop on the way.

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

/// Two processes.
pub struct Peterson {
    /// A bug: each gives way before it says that it wants to enter.
    gives_way_first: bool,
}

/// The one that has a version for Spin.
pub fn peterson(gives_way_first: bool) -> Peterson {
    Peterson { gives_way_first }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum At {
    Idle,
    Wants,
    GivesWay,
    Waits,
    Critical,
    Leaves,
}

use At::{Critical, GivesWay, Idle, Leaves, Waits, Wants};

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct State {
    at: [At; 2],
    wants: [bool; 2],
    turn: usize,
}

impl Model for Peterson {
    type State = State;
    /// Whose step.
    type Action = (usize, At);

    fn initial(&self) -> Vec<State> {
        vec![State { at: [Idle; 2], wants: [false; 2], turn: 0 }]
    }

    fn actions(&self, state: &State, steps: &mut Vec<(usize, At)>) {
        for me in 0..2 {
            let waits = state.at[me] == Waits && state.wants[1 - me] && state.turn != me;
            steps.extend((!waits).then_some((me, state.at[me])));
        }
    }

    fn apply(&self, state: &mut State, (me, at): &(usize, At)) -> bool {
        let me = *me;
        let first = if self.gives_way_first { GivesWay } else { Wants };
        let second = if self.gives_way_first { Wants } else { GivesWay };
        match at {
            Wants => state.wants[me] = true,
            GivesWay => state.turn = 1 - me,
            Leaves => state.wants[me] = false,
            Idle | Waits | Critical => {}
        }
        state.at[me] = match *at {
            Idle => first,
            step if step == first => second,
            Wants | GivesWay => Waits,
            Waits => Critical,
            Critical => Leaves,
            Leaves => Idle,
        };
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let inside = |at: At| matches!(at, Critical | Leaves);
        let exclusive = move |_: &Self, state: &State| !state.at.iter().all(|at| inside(*at));
        let mut properties = vec![Property::always("mutual exclusion", exclusive)];
        if !self.gives_way_first {
            properties.push(Property::always("invariant", move |_, state: &State| {
                (0..2).all(|me| {
                    let wants = !matches!(state.at[me], Idle | Wants);
                    let other = state.at[1 - me];
                    let right = state.turn == me || matches!(other, Idle | Wants | GivesWay);
                    state.wants[me] == wants && (!inside(state.at[me]) || right)
                })
            }));
        }
        properties.extend((0..2).map(|me| {
            let idle = move |_: &Self, state: &State| matches!(state.at[me], Idle | Critical);
            Property::recurrently(format!("{me} does not starve"), idle)
        }));
        properties
    }

    fn fairness(&self, (me, at): &(usize, At)) -> Option<u64> {
        (*at != Idle).then_some(*me as u64)
    }
}

#[test]
fn two_processes_have_the_published_states() {
    let model = Peterson { gives_way_first: false };
    agrees(&model, Published { unique: 42, generated: 77, levels: 11 });
}

#[test]
fn giving_way_first_lets_both_in() {
    breaks(&Peterson { gives_way_first: true }, "mutual exclusion", 8);
}
