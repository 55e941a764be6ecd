//! Termination detection on a ring, by a token that is stained by who has been woken behind it.
//!
//! Edsger W. Dijkstra, W. H. J. Feijen and A. J. M. van Gasteren, "Derivation of a Termination
//! Detection Algorithm for Distributed Computations", Information Processing Letters 16(5), 1983
//! (EWD 840). Published: tlaplus/Examples, `specifications/ewd840`, `EWD840.cfg`, three nodes: 302
//! distinct states of 2,001 generated; safe, with Dijkstra's invariant; live while the token's moves
//! are weakly fair. That the token stays black is published as wrong. `EWD840_json.cfg`, four nodes:
//! 1,566 of 15,986, 12 levels.
//!
//! As there, a move of the token is generated once for each reason that allows it. Of the ring of three
//! 10 levels are reported; the farthest state is in the ninth here. TLC's depth is approximate when
//! several workers search; all other figures of depth agree.

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

/// A ring of so many nodes, which begin in any state.
struct Ewd840 {
    nodes: usize,
    /// A bug: who wakes a node that the token has already passed is not stained.
    stainless: bool,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct State {
    active: Vec<bool>,
    black: Vec<bool>,
    token: usize,
    token_black: bool,
}

#[derive(Clone, PartialEq, Debug)]
enum Action {
    Probe,
    Pass(usize),
    Wake(usize, usize),
    Rest(usize),
}

impl State {
    fn terminated(&self) -> bool {
        !self.active.contains(&true)
    }
    fn detected(&self) -> bool {
        self.token == 0 && !self.token_black && !self.black[0] && !self.active[0]
    }
}

impl Model for Ewd840 {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        let count = self.nodes;
        let bits = |set: u32| (0..count).map(|at| set & 1 << at != 0).collect::<Vec<bool>>();
        let all = || 0..1u32 << count;
        let colours = all().flat_map(|active| all().map(move |black| (active, black)));
        let places = colours.flat_map(|pair| (0..count).map(move |token| (pair, token)));
        let state = |((active, black), token)| State {
            active: bits(active),
            black: bits(black),
            token,
            token_black: true,
        };
        places.map(state).collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let at = state.token;
        let rests = at != 0 && !state.active[at];
        let reasons =
            [state.token_black, state.black[at], rests].into_iter().filter(|holds| *holds);
        actions.extend(reasons.map(|_| if at == 0 { Action::Probe } else { Action::Pass(at) }));
        for node in (0..self.nodes).filter(|node| state.active[*node]) {
            let others = (0..self.nodes).filter(|other| *other != node);
            actions.extend(others.map(|other| Action::Wake(node, other)));
            actions.push(Action::Rest(node));
        }
    }

    fn apply(&self, state: &mut State, action: &Action) -> bool {
        match *action {
            Action::Probe => {
                state.token = self.nodes - 1;
                state.token_black = false;
                state.black[0] = false;
            }
            Action::Pass(node) => {
                state.token = node - 1;
                state.token_black |= state.black[node];
                state.black[node] = false;
            }
            Action::Wake(node, other) => {
                state.active[other] = true;
                state.black[node] |= other > node && !self.stainless;
            }
            Action::Rest(node) => state.active[node] = false,
        }
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let safe = |_: &Self, state: &State| !state.detected() || state.terminated();
        let invariant = |_: &Self, state: &State| {
            let behind = state.active.iter().skip(state.token + 1).all(|active| !active);
            behind || state.black.iter().take(state.token + 1).any(|b| *b) || state.token_black
        };
        // Nobody wakes up once all rest, and nothing moves once that is detected: that it is detected
        // again and again, unless somebody is active, is that termination leads to its detection.
        let live = |_: &Self, state: &State| !state.terminated() || state.detected();
        vec![
            Property::always("detection is right", safe),
            Property::always("Dijkstra's invariant", invariant),
            Property::recurrently("termination is detected", live),
            Property::sometimes("the token is white", |_, state: &State| !state.token_black),
        ]
    }

    fn fairness(&self, action: &Action) -> Option<u64> {
        matches!(action, Action::Probe | Action::Pass(_)).then_some(0)
    }
}

#[test]
fn a_ring_of_three_has_the_published_states() {
    let model = Ewd840 { nodes: 3, stainless: false };
    agrees(&model, Published { unique: 302, generated: 2001, levels: 0 });
}

#[test]
fn a_ring_of_four_has_the_published_states() {
    let model = Ewd840 { nodes: 4, stainless: false };
    agrees(&model, Published { unique: 1566, generated: 15_986, levels: 12 });
}

#[test]
fn a_token_that_nobody_stains_detects_too_much() {
    breaks(&Ewd840 { nodes: 3, stainless: true }, "detection is right", 5);
}
