//! Philosophers who hand their forks to each other.
//!
//! K. Mani Chandy and Jayadev Misra, "The Drinking Philosophers Problem", ACM TOPLAS 6(4), 1984,
//! whose hygienic solution this simplifies. Published: tlaplus/Examples,
//! `specifications/DiningPhilosophers`, `DiningPhilosophers.cfg`, five philosophers: 67 distinct
//! states of 336 generated, 29 levels; neighbours never eat together, and while every process is
//! weakly fair, nobody starves.

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

/// A table of so many.
struct Philosophers {
    seats: usize,
    /// Whether somebody may eat for ever: no weak fairness for the first one.
    first_may_stop: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum At {
    Table,
    Eating,
    Thinking,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct State {
    /// Who holds each fork, and whether it is clean. A philosopher's left fork has its number.
    forks: Vec<(usize, bool)>,
    at: Vec<At>,
    hungry: Vec<bool>,
}

impl Philosophers {
    fn right(&self, seat: usize) -> usize {
        (seat + 1) % self.seats
    }
    fn left(&self, seat: usize) -> usize {
        (seat + self.seats - 1) % self.seats
    }
}

impl Model for Philosophers {
    type State = State;
    /// Whose step.
    type Action = usize;

    fn initial(&self) -> Vec<State> {
        let forks = (0..self.seats).map(|fork| (if fork == 1 { 0 } else { fork }, false)).collect();
        vec![State { forks, at: vec![At::Table; self.seats], hungry: vec![true; self.seats] }]
    }

    fn actions(&self, _: &State, seats: &mut Vec<usize>) {
        seats.extend(0..self.seats);
    }

    fn apply(&self, state: &mut State, seat: &usize) -> bool {
        let me = *seat;
        let forks = [me, self.right(me)];
        match state.at[me] {
            At::Table => {
                let dirty = |fork: &usize| state.forks[*fork] == (me, false);
                match forks.into_iter().find(dirty) {
                    Some(fork) if fork == me => state.forks[fork] = (self.left(me), true),
                    Some(fork) => state.forks[fork] = (self.right(me), true),
                    None => {}
                }
                let ready = forks.iter().all(|fork| state.forks[*fork] == (me, true));
                state.at[me] = match (state.hungry[me], ready) {
                    (true, true) => At::Eating,
                    (true, false) => At::Table,
                    (false, _) => At::Thinking,
                };
            }
            At::Eating => {
                state.hungry[me] = false;
                forks.iter().for_each(|fork| state.forks[*fork].1 = false);
                state.at[me] = At::Table;
            }
            At::Thinking => {
                state.hungry[me] = true;
                state.at[me] = At::Table;
            }
        }
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let eating = |state: &State, seat: usize| state.at[seat] == At::Eating;
        let apart = move |model: &Self, state: &State| {
            (0..model.seats).all(|me| !(eating(state, me) && eating(state, model.right(me))))
        };
        let mut properties = vec![Property::always("neighbours do not eat together", apart)];
        properties.extend((0..self.seats).map(|seat| {
            let sated = move |_: &Self, state: &State| !state.hungry[seat];
            Property::recurrently(format!("{seat} does not starve"), sated)
        }));
        properties
    }

    fn fairness(&self, seat: &usize) -> Option<u64> {
        (*seat != 0 || !self.first_may_stop).then_some(*seat as u64)
    }
}

#[test]
fn a_table_of_five_has_the_published_states() {
    let model = Philosophers { seats: 5, first_may_stop: false };
    agrees(&model, Published { unique: 67, generated: 336, levels: 29 });
}

#[test]
fn one_who_stops_starves_the_others() {
    breaks(&Philosophers { seats: 5, first_may_stop: true }, "3 does not starve", 4);
}
