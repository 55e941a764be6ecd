//! The echo algorithm: a wave over a network that comes back and leaves a spanning tree.
//!
//! Ernest J. H. Chang, "Echo Algorithms: Depth Parallel Operations on General Graphs", IEEE TSE
//! 8(4), 1982. Published: tlaplus/Examples, `specifications/echo`, `MCEcho.cfg`, three nodes, all
//! neighbours of each other, one initiator: 75 distinct states of 116 generated, 16 levels.
//!
//! What waits for a node is a set of senders and kinds. The end is a step that changes nothing.

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

/// A network in which all are neighbours; node 0 begins.
struct Echo {
    nodes: usize,
    /// A bug: who has been reached for the first time sends the wave on to nobody else.
    mute: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Phase {
    Starts,
    Receives,
    Reports,
    Done,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Node {
    phase: Phase,
    parent: Option<usize>,
    /// As bits.
    children: u8,
    received: usize,
    /// Who has sent it the wave, and who has called it its parent, as bits.
    waves: u8,
    echoes: u8,
}

#[derive(Clone, PartialEq, Debug)]
enum Action {
    Start(usize),
    Receive { node: usize, from: usize, echo: bool },
    Complete(usize),
    Report(usize),
    Stutter,
}

impl Echo {
    fn others(&self, node: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.nodes).filter(move |other| *other != node)
    }

    fn receive(&self, nodes: &mut [Node], node: usize, from: usize, echo: bool) {
        let inbox = if echo { &mut nodes[node].echoes } else { &mut nodes[node].waves };
        *inbox &= !(1 << from);
        nodes[node].received += 1;
        if node != 0 && nodes[node].received == 1 {
            nodes[node].parent = Some(from);
            if !self.mute {
                let rest = self.others(node).filter(|other| *other != from);
                rest.for_each(|other| nodes[other].waves |= 1 << node);
            }
        }
        if echo {
            nodes[node].children |= 1 << from;
        }
    }
}

impl Model for Echo {
    type State = Vec<Node>;
    type Action = Action;

    fn initial(&self) -> Vec<Vec<Node>> {
        let (phase, parent) = (Phase::Starts, None);
        let node = Node { phase, parent, children: 0, received: 0, waves: 0, echoes: 0 };
        vec![vec![node; self.nodes]]
    }

    fn actions(&self, nodes: &Vec<Node>, actions: &mut Vec<Action>) {
        for (at, node) in nodes.iter().enumerate() {
            match node.phase {
                Phase::Starts => actions.push(Action::Start(at)),
                Phase::Receives if node.received == self.nodes - 1 => {
                    actions.push(Action::Complete(at));
                }
                Phase::Receives => {
                    for (inbox, echo) in [(node.waves, false), (node.echoes, true)] {
                        let senders = (0..self.nodes).filter(|from| inbox & 1 << from != 0);
                        let of = |from| Action::Receive { node: at, from, echo };
                        actions.extend(senders.map(of));
                    }
                }
                Phase::Reports => actions.push(Action::Report(at)),
                Phase::Done => {}
            }
        }
        if nodes.iter().all(|node| node.phase == Phase::Done) {
            actions.push(Action::Stutter);
        }
    }

    fn apply(&self, nodes: &mut Vec<Node>, action: &Action) -> bool {
        match *action {
            Action::Start(at) => {
                nodes[at].phase = Phase::Receives;
                if at == 0 {
                    self.others(0).for_each(|other| nodes[other].waves |= 1);
                }
            }
            Action::Receive { node, from, echo } => self.receive(nodes, node, from, echo),
            Action::Complete(at) => nodes[at].phase = Phase::Reports,
            Action::Report(at) => {
                nodes[at].phase = Phase::Done;
                if let Some(parent) = nodes[at].parent.filter(|_| at != 0) {
                    nodes[parent].echoes |= 1 << at;
                }
            }
            Action::Stutter => {}
        }
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let tree = |_: &Self, nodes: &Vec<Node>| {
            let child = |at: usize, of: usize| nodes[of].children & 1 << at != 0;
            let named = |at: usize| {
                (0..nodes.len()).all(|of| {
                    let parent = nodes[at].parent == Some(of);
                    let done = nodes[of].phase == Phase::Done;
                    (!child(at, of) || parent) && (!(parent && done) || child(at, of))
                })
            };
            (0..nodes.len()).all(named)
        };
        let spans = |_: &Self, nodes: &Vec<Node>| {
            let root = |at: usize| {
                let climb = |from: &usize| nodes[*from].parent;
                std::iter::successors(Some(at), climb).take(nodes.len()).last() == Some(0)
            };
            nodes.iter().any(|node| node.phase != Phase::Done) || (0..nodes.len()).all(root)
        };
        let done = |_: &Self, nodes: &Vec<Node>| nodes.iter().all(|n| n.phase == Phase::Done);
        vec![
            Property::always("children know their parents", tree),
            Property::always("the tree spans all", spans),
            Property::eventually("done", done),
        ]
    }

    fn fairness(&self, action: &Action) -> Option<u64> {
        match action {
            Action::Start(node)
            | Action::Receive { node, .. }
            | Action::Complete(node)
            | Action::Report(node) => Some(*node as u64),
            Action::Stutter => None,
        }
    }
}

#[test]
fn a_triangle_has_the_published_states() {
    let model = Echo { nodes: 3, mute: false };
    agrees(&model, Published { unique: 75, generated: 116, levels: 16 });
}

#[test]
fn a_wave_that_is_not_sent_on_does_not_end() {
    breaks(&Echo { nodes: 3, mute: true }, "done", 5);
}
