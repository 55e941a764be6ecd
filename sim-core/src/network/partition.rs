//! Network faults that are on: cut and degraded links.

use seedbed_node::{NodeId, Probability};

use super::link::{Chances, Degraded};
use crate::fault::Fault;
use crate::world::{LinkSet, NodeSet};

/// Names a fault that is on, so that it can be healed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FaultHandle(u64);

/// Links to be cut, resolved to one entry a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut(Shape);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Shape {
    /// The group of each node, from 1; nodes in group 0 keep their links.
    Groups(Box<[u32]>),
    /// One direction.
    OneWay(Ends),
    /// All links of these nodes.
    Around(Box<[bool]>),
}

/// Directed links by whether a node is at their sending or receiving end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Ends {
    from: Box<[bool]>,
    to: Box<[bool]>,
}

impl Ends {
    pub(super) fn of(links: &LinkSet, nodes: u32) -> Self {
        Ends { from: membership(&links.from, nodes), to: membership(&links.to, nodes) }
    }

    #[inline]
    pub(super) fn contain(&self, from: NodeId, to: NodeId) -> bool {
        self.from[from.index()] && self.to[to.index()]
    }

    pub(super) fn senders(&self) -> impl Iterator<Item = usize> {
        members(&self.from)
    }

    pub(super) fn receivers(&self) -> impl Iterator<Item = usize> {
        members(&self.to)
    }
}

fn membership(set: &NodeSet, nodes: u32) -> Box<[bool]> {
    let mut belongs = vec![*set == NodeSet::All; nodes as usize];
    if let NodeSet::Only(list) = set {
        for node in list {
            if let Some(entry) = belongs.get_mut(node.index()) {
                *entry = true;
            }
        }
    }
    belongs.into()
}

fn members(belongs: &[bool]) -> impl Iterator<Item = usize> {
    belongs.iter().enumerate().filter_map(|(node, belongs)| belongs.then_some(node))
}

impl Cut {
    /// The links that `fault` cuts in a network of `nodes`; `None` if it cuts none by its kind.
    /// Nodes that do not exist are passed over.
    pub fn of(fault: &Fault, nodes: u32) -> Option<Self> {
        match fault {
            Fault::Partition(groups) => Some(Cut(Shape::Groups(numbered(groups, nodes)))),
            Fault::Cut(links) => Some(Cut(Shape::OneWay(Ends::of(links, nodes)))),
            Fault::Isolate(set) => Some(Cut(Shape::Around(membership(set, nodes)))),
            Fault::Degrade { .. }
            | Fault::Crash { .. }
            | Fault::Pause(_)
            | Fault::Slow { .. }
            | Fault::LateBoot(_)
            | Fault::ClockStep { .. }
            | Fault::Drift { .. } => None,
        }
    }

    #[inline]
    fn severs(&self, from: NodeId, to: NodeId) -> bool {
        match &self.0 {
            Shape::Groups(group) => {
                let (a, b) = (group[from.index()], group[to.index()]);
                a != b && a != 0 && b != 0
            }
            Shape::OneWay(ends) => ends.contain(from, to),
            Shape::Around(inside) => inside[from.index()] || inside[to.index()],
        }
    }
}

fn numbered(groups: &[Vec<NodeId>], nodes: u32) -> Box<[u32]> {
    let mut group_of = vec![0; nodes as usize];
    for (number, group) in (1..).zip(groups) {
        for node in group {
            if let Some(entry) = group_of.get_mut(node.index()) {
                *entry = number;
            }
        }
    }
    group_of.into()
}

#[derive(Debug)]
enum Trouble {
    Cut(Cut),
    Degraded { links: Ends, delay_permille: u32, loss: Probability },
}

/// The faults that are on, in the order in which they struck.
#[derive(Debug)]
pub(super) struct Troubles {
    nodes: u32,
    next: u64,
    on: Vec<(FaultHandle, Trouble)>,
}

impl Troubles {
    pub(super) fn new(nodes: u32) -> Self {
        Troubles { nodes, next: 0, on: Vec::new() }
    }

    #[inline]
    pub(super) fn any(&self) -> bool {
        !self.on.is_empty()
    }

    #[inline]
    pub(super) fn cut(&self, from: NodeId, to: NodeId) -> bool {
        self.on
            .iter()
            .any(|(_, trouble)| matches!(trouble, Trouble::Cut(cut) if cut.severs(from, to)))
    }

    /// The degradations of a link are counted by themselves, so that a fault elsewhere does not
    /// change what they draw.
    #[inline]
    pub(super) fn degradation(&self, from: NodeId, to: NodeId, chances: &Chances) -> Degraded {
        let mut total = Degraded::NOT;
        let mut nth = 0;
        for (_, trouble) in &self.on {
            if let Trouble::Degraded { links, delay_permille, loss } = trouble
                && links.contain(from, to)
            {
                total = total.and(*delay_permille, *loss, nth, chances);
                nth += 1;
            }
        }
        total
    }

    pub(super) fn cut_off(&mut self, cut: Cut) -> FaultHandle {
        self.add(Trouble::Cut(cut))
    }

    pub(super) fn degrade(
        &mut self,
        links: &LinkSet,
        delay_permille: u32,
        loss: Probability,
    ) -> FaultHandle {
        let links = Ends::of(links, self.nodes);
        self.add(Trouble::Degraded { links, delay_permille, loss })
    }

    pub(super) fn heal(&mut self, fault: FaultHandle) {
        self.on.retain(|(handle, _)| *handle != fault);
    }

    fn add(&mut self, trouble: Trouble) -> FaultHandle {
        let handle = FaultHandle(self.next);
        self.next += 1;
        self.on.push((handle, trouble));
        handle
    }
}
