//! Messages are forwarded along shortest paths; impossible topologies are refused.

use proptest::prelude::*;
use seedbed_core::network::{
    Bandwidth, LinkModel, Network, NetworkConfig, NetworkError, TOPOLOGY_NODES_MAX, Topology,
};
use seedbed_core::rng::{Keys, NameKeys};
use seedbed_node::{Distribution, Duration, Names, NodeId, Time};

type Edge = (u32, u32, u32);

fn build(edges: &[Edge], members: u32, nodes: u32) -> Result<Network, NetworkError> {
    let edges = edges.iter().map(|&(a, b, weight)| (NodeId(a), NodeId(b), weight)).collect();
    let config = NetworkConfig { topology: Some(Topology { edges }), ..NetworkConfig::default() };
    let keys: Vec<_> = (0..nodes.into()).collect();
    Network::new(&config, members, &NameKeys::from(&keys[..]), &Keys::of_seed(1))
}

fn path(network: &Network, from: u32, to: u32) -> Vec<u32> {
    let mut path = vec![from];
    while path[path.len() - 1] != to {
        path.push(network.next_hop(NodeId(path[path.len() - 1]), NodeId(to)).0);
        assert!(path.len() <= network.nodes() as usize, "{path:?} goes in circles");
    }
    path
}

#[test]
fn without_a_topology_everybody_is_next_to_everybody() {
    let keys: Vec<_> = (0..100_000).collect();
    let network = Network::new(
        &NetworkConfig::default(),
        100_000,
        &NameKeys::from(&keys[..]),
        &Keys::of_seed(1),
    );
    assert_eq!(network.expect("sound").next_hop(NodeId(3), NodeId(99_999)), NodeId(99_999));
}

#[test]
fn weights_decide_then_hops_then_the_lowest_id() {
    // A square with a diagonal that is dear; both ways round cost the same.
    let network = build(&[(0, 1, 1), (0, 2, 1), (1, 3, 1), (2, 3, 1), (0, 3, 5)], 4, 4);
    assert_eq!(path(&network.expect("sound"), 0, 3), [0, 1, 3]);
    let network = build(&[(0, 1, 1), (0, 2, 1), (1, 3, 1), (2, 3, 1), (0, 3, 2)], 4, 4);
    assert_eq!(path(&network.expect("sound"), 0, 3), [0, 3]);
    let network = build(&[(0, 1, 0), (1, 2, 0), (2, 0, 0), (2, 3, 0)], 4, 4);
    assert_eq!(path(&network.expect("sound"), 0, 3), [0, 2, 3]);
    let network = build(&[(0, 1, 9), (0, 2, 2), (2, 1, 2), (0, 1, 3)], 2, 3);
    assert_eq!(path(&network.expect("sound"), 0, 1), [0, 1], "the lighter of parallel edges");
}

#[test]
fn impossible_topologies_are_refused_by_name() {
    let refused =
        |edges: &[Edge], members, nodes| build(edges, members, nodes).expect_err("refused");
    let apart = refused(&[(0, 1, 1), (2, 3, 1)], 3, 4);
    assert_eq!(apart, NetworkError::Unreachable(NodeId(0), NodeId(2)));
    assert_eq!(apart.to_string(), "the topology has no path from n0 to n2");
    let missing = refused(&[(0, 7, 1)], 2, 3);
    assert_eq!(missing, NetworkError::NoSuchNode { node: NodeId(7), nodes: 3 });
    assert_eq!(refused(&[(0, 0, 1)], 1, 1), NetworkError::SelfLoop(NodeId(0)));
    let many = TOPOLOGY_NODES_MAX + 1;
    assert_eq!(refused(&[], 1, many), NetworkError::TooManyNodes(many));
    assert!(build(&[(0, 1, 1)], 2, 3).is_ok(), "a relay may be unconnected");
}

#[test]
fn impossible_links_are_refused() {
    let bad = [
        LinkModel {
            bandwidth: Some(Bandwidth { bits_per_s: 0, queue_max: 1 }),
            ..LinkModel::default()
        },
        LinkModel {
            delay: Distribution::Uniform(Duration::from_nanos(2), Duration::from_nanos(1)),
            ..LinkModel::default()
        },
    ];
    for link in bad {
        assert!(link.check().is_err());
        let rules = vec![(seedbed_core::LinkSet::ALL, link)];
        let config = NetworkConfig { rules, ..NetworkConfig::default() };
        assert!(config.check().is_err());
        let network = Network::new(&config, 1, &NameKeys::from(&[1, 2][..]), &Keys::of_seed(1));
        assert!(matches!(network, Err(NetworkError::Model(_))));
    }
}

/// The least (weight, hops) between all pairs (Floyd, CACM 1962).
fn shortest(edges: &[Edge], nodes: usize) -> Vec<Vec<(u64, u64)>> {
    const FAR: (u64, u64) = (1 << 40, 0);
    let mut best = vec![vec![FAR; nodes]; nodes];
    for (node, row) in best.iter_mut().enumerate() {
        row[node] = (0, 0);
    }
    for &(a, b, weight) in edges {
        for (a, b) in [(a as usize, b as usize), (b as usize, a as usize)] {
            best[a][b] = best[a][b].min((weight.into(), 1));
        }
    }
    for via in 0..nodes {
        for a in 0..nodes {
            for b in 0..nodes {
                let (left, right) = (best[a][via], best[via][b]);
                best[a][b] = best[a][b].min((left.0 + right.0, left.1 + right.1));
            }
        }
    }
    best
}

proptest! {
    #[test]
    fn routes_are_shortest(
        parents in prop::collection::vec((any::<prop::sample::Index>(), 0..5u32), 1..12),
        more in prop::collection::vec((0..12u32, 0..12u32, 0..9u32), 0..20),
    ) {
        let nodes = parents.len() as u32 + 1;
        let tree = (1..nodes).zip(&parents);
        let tree = tree.map(|(node, (at, weight))| (node, at.index(node as usize) as u32, *weight));
        let more = more.into_iter().map(|(a, b, weight)| (a % nodes, b % nodes, weight));
        let edges: Vec<_> = tree.chain(more.filter(|(a, b, _)| a != b)).collect();
        let network = build(&edges, nodes, nodes).expect("a connected topology");
        let best = shortest(&edges, nodes as usize);
        for (from, to) in (0..nodes).flat_map(|a| (0..nodes).map(move |b| (a, b))) {
            let path = path(&network, from, to);
            let weight = path.windows(2).map(|hop| best_edge(&edges, hop[0], hop[1])).sum();
            prop_assert_eq!((weight, path.len() as u64 - 1), best[from as usize][to as usize]);
        }
    }
}

fn best_edge(edges: &[Edge], a: u32, b: u32) -> u64 {
    let between = edges.iter().filter(|e| (e.0, e.1) == (a, b) || (e.0, e.1) == (b, a));
    between.map(|edge| u64::from(edge.2)).min().expect("a hop follows an edge")
}

#[test]
fn messages_that_share_a_hop_and_an_instant_have_fates_of_their_own() {
    let delay = Distribution::Uniform(Duration::ZERO, Duration::from_secs(1));
    let link = LinkModel { delay, ..LinkModel::default() };
    let hub = 4;
    let edges = (0..hub).map(|member| (NodeId(member), NodeId(hub), 1)).collect();
    let topology = Some(Topology { edges });
    let config = NetworkConfig { default: link, topology, ..NetworkConfig::default() };
    let mut network = crate::named(&config, &Names::numbered(hub + 1));
    let mut arrival = |origin, destination, from, to| {
        let message = crate::message(origin, destination, 7);
        crate::travel(network.depart(&message, NodeId(from), NodeId(to), Time(7))).arrives
    };
    let broadcast = [1, 2, 3].map(|to| arrival(0, to, 0, hub));
    let answers = [0, 1, 2].map(|from| arrival(from, 3, hub, 3));
    for [a, b, c] in [broadcast, answers] {
        assert!(a != b && b != c && a != c, "{a}, {b}, {c}");
    }
}
