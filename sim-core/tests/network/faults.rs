//! Cut and degraded links.

use seedbed_core::fault::Fault;
use seedbed_core::network::{Fate, LinkModel, Loss, Network, NetworkConfig, Topology};
use seedbed_core::world::{LinkSet, NodeSet};
use seedbed_node::{Names, NodeId, Probability, Time};

use super::{message, named, send, travel, uniform};

const MS: u64 = 1_000_000;

/// The ordered pairs among four nodes that are cut.
fn cut_pairs(network: &Network) -> Vec<(u32, u32)> {
    let pairs = (0..4).flat_map(|a| (0..4).map(move |b| (a, b))).filter(|(a, b)| a != b);
    pairs.filter(|(a, b)| network.is_cut(NodeId(*a), NodeId(*b))).collect()
}

fn nodes(ids: &[u32]) -> Vec<NodeId> {
    ids.iter().copied().map(NodeId).collect()
}

fn only(ids: &[u32]) -> NodeSet {
    NodeSet::Only(nodes(ids))
}

#[test]
fn each_fault_cuts_its_links_and_no_others() {
    let cases = [
        (Fault::Partition(vec![nodes(&[0, 1]), nodes(&[3])]), vec![(0, 3), (1, 3), (3, 0), (3, 1)]),
        (
            Fault::Partition(vec![nodes(&[0]), nodes(&[1]), nodes(&[2])]),
            vec![(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)],
        ),
        (Fault::Cut(LinkSet::one(NodeId(2), NodeId(0))), vec![(2, 0)]),
        (Fault::Cut(LinkSet { from: NodeSet::All, to: only(&[1]) }), vec![(0, 1), (2, 1), (3, 1)]),
        (Fault::Isolate(only(&[2])), vec![(0, 2), (1, 2), (2, 0), (2, 1), (2, 3), (3, 2)]),
        (Fault::Isolate(only(&[9])), vec![]),
    ];
    for (fault, expected) in cases {
        let mut network = uniform(LinkModel::default(), 4);
        assert!(!network.faulty());
        let handle = network.strike(&fault).expect("a fault of the network");
        assert!(network.faulty());
        assert_eq!(cut_pairs(&network), expected, "{fault:?}");
        for (from, to) in (0..4).flat_map(|a| (0..4).map(move |b| (a, b))).filter(|(a, b)| a != b) {
            let fate = send(&mut network, &message(from, to, 7));
            assert_eq!(fate == Fate::Cut, expected.contains(&(from, to)), "{fault:?}");
        }
        network.heal(handle);
        assert!(!network.faulty());
        assert_eq!(cut_pairs(&network), []);
    }
    let crash = Fault::Crash { node: NodeId(0), after_effects: None };
    assert_eq!(uniform(LinkModel::default(), 4).strike(&crash), None);
}

#[test]
fn overlapping_faults_heal_one_by_one() {
    let mut network = uniform(LinkModel::default(), 4);
    let isolate = network.strike(&Fault::Isolate(only(&[1]))).expect("a fault");
    let cut = network.strike(&Fault::Cut(LinkSet::one(NodeId(0), NodeId(1)))).expect("a fault");
    network.heal(isolate);
    assert_eq!(cut_pairs(&network), [(0, 1)]);
    network.heal(isolate);
    network.strike(&Fault::Isolate(only(&[3])));
    network.heal(cut);
    network.heal(cut);
    assert_eq!(cut_pairs(&network).len(), 6, "healing twice heals nothing else");
}

#[test]
fn a_partition_holds_through_a_relay_that_both_sides_reach() {
    let topology = Topology { edges: vec![(NodeId(0), NodeId(2), 1), (NodeId(2), NodeId(1), 1)] };
    let config = NetworkConfig { topology: Some(topology), ..NetworkConfig::default() };
    let mut network = named(&config, &Names::new(["ada", "bob", "relay"]));
    network.strike(&Fault::Partition(vec![nodes(&[0]), nodes(&[1])]));
    let sent = message(0, 1, 5);
    assert_eq!(network.depart(&sent, NodeId(0), NodeId(2), Time(5)), Fate::Cut);
    let between = message(0, 2, 5);
    assert!(matches!(network.depart(&between, NodeId(0), NodeId(2), Time(5)), Fate::Travels(_)));
}

#[test]
fn degradation_stretches_delays_adds_loss_and_spares_other_links() {
    let mut network = uniform(LinkModel::default(), 3);
    let from_0 = LinkSet { from: only(&[0]), to: NodeSet::All };
    let handle = network.degrade(&from_0, 2_500, Probability::new(0.25).expect("a probability"));
    let slow = network.degrade(&LinkSet::ALL, 3_000, Probability::NEVER);
    let (mut lost, count) = (0, 100_000);
    for i in 0..count {
        match send(&mut network, &message(0, 1, i)) {
            Fate::Lost => lost += 1,
            fate => assert_eq!(travel(fate).arrives, Time(i + 15 * MS / 2)),
        }
    }
    let share = f64::from(lost) / count as f64;
    assert!((share - 0.25).abs() < 0.0055, "{share}");
    assert_eq!(travel(send(&mut network, &message(1, 0, 0))).arrives, Time(3 * MS));
    network.heal(slow);
    assert_eq!(travel(send(&mut network, &message(1, 0, 0))).arrives, Time(MS));
    network.heal(handle);
    assert_eq!(travel(send(&mut network, &message(0, 1, 0))).arrives, Time(MS));
}

#[test]
fn two_degradations_lose_independently() {
    let mut network = uniform(LinkModel::default(), 2);
    let half = Probability::new(0.5).expect("a probability");
    network.degrade(&LinkSet::ALL, 1_000, half);
    network.degrade(&LinkSet::ALL, 1_000, half);
    let lost = (0..100_000).filter(|i| send(&mut network, &message(0, 1, *i)) == Fate::Lost);
    let share = lost.count() as f64 / 1e5;
    assert!((share - 0.75).abs() < 0.0055, "{share}");
}

#[test]
fn a_degradation_loses_independently_of_the_link() {
    let half = Probability::new(0.5).expect("a probability");
    let link = LinkModel { loss: Loss::Bernoulli(half), ..LinkModel::default() };
    let mut network = uniform(link, 2);
    network.degrade(&LinkSet::ALL, 1_000, half);
    let lost = (0..100_000).filter(|i| send(&mut network, &message(0, 1, *i)) == Fate::Lost);
    let share = lost.count() as f64 / 1e5;
    assert!((share - 0.75).abs() < 0.0055, "{share}");
}
