//! Shortest paths over a topology, and the next hop along them.

use std::sync::OnceLock;

use petgraph::algo::dijkstra;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::unionfind::UnionFind;
use petgraph::visit::EdgeRef;
use seedbed_node::NodeId;

use super::NetworkError;
use super::model::Topology;

/// A topology may have this many members and relays: the tables of next hops grow with the square.
pub const TOPOLOGY_NODES_MAX: u32 = 1 << 14;

/// Who is nobody's neighbour: the next hop where there is none.
const NOBODY: u16 = u16::MAX;

/// Next hops along shortest paths. Routes do not bend around faults.
#[derive(Debug)]
pub(super) struct Routes {
    graph: UnGraph<(), u32>,
    /// By destination: the next hop from each node, worked out when first needed.
    towards: Box<[OnceLock<Box<[u16]>>]>,
}

impl Routes {
    pub(super) fn new(topology: &Topology, members: u32, nodes: u32) -> Result<Self, NetworkError> {
        if nodes > TOPOLOGY_NODES_MAX {
            return Err(NetworkError::TooManyNodes(nodes));
        }
        let mut graph = UnGraph::with_capacity(nodes as usize, topology.edges.len());
        for _ in 0..nodes {
            graph.add_node(());
        }
        let mut parts = UnionFind::new(nodes as usize);
        for &(a, b, weight) in &topology.edges {
            if let Some(node) = [a, b].into_iter().find(|node| node.0 >= nodes) {
                return Err(NetworkError::NoSuchNode { node, nodes });
            }
            if a == b {
                return Err(NetworkError::SelfLoop(a));
            }
            graph.add_edge(index(a), index(b), weight);
            parts.union(a.index(), b.index());
        }
        match (1..members).find(|&member| !parts.equiv(0, member as usize)) {
            Some(member) => Err(NetworkError::Unreachable(NodeId(0), NodeId(member))),
            None => {
                let towards = (0..nodes).map(|_| OnceLock::new()).collect();
                Ok(Routes { graph, towards })
            }
        }
    }

    #[inline]
    pub(super) fn next_hop(&self, at: NodeId, to: NodeId) -> NodeId {
        let hops = self.towards[to.index()].get_or_init(|| self.hops_towards(to));
        match hops[at.index()] {
            NOBODY => panic!("no path from {at} to {to}: members were checked"),
            hop => NodeId(hop.into()),
        }
    }

    /// Of all neighbours on a shortest path, the one with the lowest id.
    fn hops_towards(&self, to: NodeId) -> Box<[u16]> {
        let distance = dijkstra(&self.graph, index(to), None, |edge| cost(*edge.weight()));
        let next = |at: NodeIndex| {
            if at == index(to) {
                return Some(at);
            }
            let here = distance.get(&at)?;
            let neighbours = self.graph.edges(at).filter_map(|edge| {
                let over = distance.get(&edge.target())? + cost(*edge.weight());
                (over == *here).then_some(edge.target())
            });
            neighbours.min()
        };
        let number = |node: NodeIndex| u16::try_from(node.index()).expect("ids are below 2^14");
        self.graph.node_indices().map(|at| next(at).map_or(NOBODY, number)).collect()
    }
}

/// Weight first, then the number of hops: so that paths over edges of weight 0 end, too.
fn cost(weight: u32) -> u128 {
    u128::from(weight) << 32 | 1
}

fn index(node: NodeId) -> NodeIndex {
    NodeIndex::new(node.index())
}
