//! What termination detection must do when messages take time.
//!
//! Stephan Merz's abstract specification for Edsger W. Dijkstra, "Shmuel Safra's Version of
//! Termination Detection", EWD 998, 1987. Published: tlaplus/Examples, `specifications/ewd998`,
//! `AsyncTerminationDetection.cfg`, four nodes, at most three messages waiting for each: 4,097
//! distinct states of 53,271 generated, 14 levels; detection is right, and comes.
//!
//! What lies beyond the bound of three is generated and not counted.

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

/// So many nodes.
struct Termination {
    nodes: usize,
    /// A bug: messages on their way are forgotten.
    forgetful: bool,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct State {
    active: Vec<bool>,
    pending: Vec<u8>,
    detected: bool,
}

#[derive(Clone, PartialEq, Debug)]
enum Action {
    Rest(usize),
    /// Rests, and it is noticed at once that all do.
    RestDetected(usize),
    Send(usize, usize),
    Receive(usize),
    Detect,
}

impl State {
    fn terminated(&self) -> bool {
        !self.active.contains(&true) && self.pending.iter().all(|count| *count == 0)
    }
}

impl Termination {
    fn terminated(&self, state: &State) -> bool {
        state.terminated() || self.forgetful && !state.active.contains(&true)
    }
}

impl Model for Termination {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        let bits = |set: u32| (0..self.nodes).map(|at| set & 1 << at != 0).collect::<Vec<bool>>();
        let state = |set: u32, detected: bool| State {
            active: bits(set),
            pending: vec![0; self.nodes],
            detected,
        };
        let undetected = (0..1u32 << self.nodes).map(|set| state(set, false));
        undetected.chain([state(0, true)]).collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for node in 0..self.nodes {
            if state.pending[node] > 0 {
                actions.push(Action::Receive(node));
            }
            if state.active[node] {
                actions.extend([Action::Rest(node), Action::RestDetected(node)]);
                actions.extend((0..self.nodes).map(|to| Action::Send(node, to)));
            }
        }
        if self.terminated(state) {
            actions.push(Action::Detect);
        }
    }

    fn apply(&self, state: &mut State, action: &Action) -> bool {
        match *action {
            Action::Rest(node) => state.active[node] = false,
            Action::RestDetected(node) => {
                state.active[node] = false;
                // If it makes no difference, it is the other action.
                let terminated = self.terminated(state);
                return std::mem::replace(&mut state.detected, terminated) != terminated;
            }
            Action::Send(_, to) => state.pending[to] += 1,
            Action::Receive(node) => {
                state.pending[node] -= 1;
                state.active[node] = true;
            }
            Action::Detect => state.detected = true,
        }
        true
    }

    fn within(&self, state: &State) -> bool {
        state.pending.iter().all(|count| *count <= 3)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let safe = |_: &Self, state: &State| !state.detected || state.terminated();
        vec![Property::always("detection is right", safe)]
    }
}

#[test]
fn four_nodes_have_the_published_states() {
    let model = Termination { nodes: 4, forgetful: false };
    agrees(&model, Published { unique: 4097, generated: 53_271, levels: 14 });
}

#[test]
fn a_message_on_its_way_can_wake() {
    breaks(&Termination { nodes: 4, forgetful: true }, "detection is right", 2);
}
