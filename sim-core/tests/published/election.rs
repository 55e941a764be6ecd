//! Chang and Roberts' election on a ring.
//!
//! Ernest Chang and Rosemary Roberts, "An Improved Algorithm for Decentralized Extrema-finding in
//! Circular Configurations of Processes", CACM 22(5), 1979. Published: tlaplus/Examples,
//! `specifications/chang_roberts`, `MCChangRoberts.cfg`, three nodes whose identifiers ascend, any of
//! which begin: 137 distinct states of 227 generated, 10 levels; safe and live.
//!
//! Who is waiting for a node is a set: messages overtake each other.

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

/// A ring of nodes with these identifiers; the least wins.
struct ChangRoberts {
    ids: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Standing {
    Candidate,
    Lost,
    Won,
}

use Standing::{Candidate, Lost, Won};

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Node {
    begins: bool,
    started: bool,
    standing: Standing,
    /// The identifiers that wait for it, as bits.
    inbox: u8,
}

#[derive(Clone, PartialEq, Debug)]
enum Action {
    Start(usize),
    Receive(usize, u8),
}

impl Model for ChangRoberts {
    type State = Vec<Node>;
    type Action = Action;

    fn initial(&self) -> Vec<Vec<Node>> {
        let node = |begins: bool| {
            let standing = if begins { Candidate } else { Lost };
            Node { begins, started: false, standing, inbox: 0 }
        };
        let count = self.ids.len();
        let who = |set: u32| (0..count).map(|at| node(set & 1 << at != 0)).collect();
        (0..1u32 << count).map(who).collect()
    }

    fn actions(&self, nodes: &Vec<Node>, actions: &mut Vec<Action>) {
        for (at, node) in nodes.iter().enumerate() {
            match node.started {
                false => actions.push(Action::Start(at)),
                true => {
                    let waiting = (0..8).filter(|id| node.inbox & 1 << id != 0);
                    actions.extend(waiting.map(|id| Action::Receive(at, id)));
                }
            }
        }
    }

    fn apply(&self, nodes: &mut Vec<Node>, action: &Action) -> bool {
        let next = |at: usize| (at + 1) % self.ids.len();
        match *action {
            Action::Start(at) => {
                nodes[at].started = true;
                if nodes[at].begins {
                    nodes[next(at)].inbox |= 1 << self.ids[at];
                }
            }
            Action::Receive(at, id) => {
                nodes[at].inbox &= !(1 << id);
                let own = self.ids[at];
                if nodes[at].standing == Lost || id < own {
                    nodes[at].standing = Lost;
                    nodes[next(at)].inbox |= 1 << id;
                } else if id == own {
                    nodes[at].standing = Won;
                }
            }
        }
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let correct = |model: &Self, nodes: &Vec<Node>| {
            let winners = (0..nodes.len()).filter(|at| nodes[*at].standing == Won);
            winners.into_iter().all(|won| {
                let mut others = (0..nodes.len()).filter(|at| *at != won);
                nodes[won].begins
                    && others.all(|at| {
                        let smaller = model.ids[at] > model.ids[won];
                        nodes[at].standing == Lost && (!nodes[at].begins || smaller)
                    })
            })
        };
        let elected = |_: &Self, nodes: &Vec<Node>| {
            nodes.iter().all(|node| !node.begins) || nodes.iter().any(|node| node.standing == Won)
        };
        vec![Property::always("correct", correct), Property::eventually("elected", elected)]
    }

    fn fairness(&self, action: &Action) -> Option<u64> {
        match action {
            Action::Start(at) | Action::Receive(at, _) => Some(*at as u64),
        }
    }
}

#[test]
fn a_ring_of_three_has_the_published_states() {
    let model = ChangRoberts { ids: vec![1, 2, 3] };
    agrees(&model, Published { unique: 137, generated: 227, levels: 10 });
}

#[test]
fn equal_identifiers_elect_two() {
    breaks(&ChangRoberts { ids: vec![1, 1, 2] }, "correct", 3);
}
