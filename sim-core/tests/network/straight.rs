//! The short way of messages that are only delayed ends where the long one does.

use seedbed_core::fault::Fault;
use seedbed_core::network::{
    Bandwidth, Corruption, Envelope, Fate, LinkModel, Loss, NetworkConfig, Topology, Travel,
};
use seedbed_core::world::{LinkSet, NodeSet};
use seedbed_node::{Distribution, Duration, Names, NodeId, Probability, Time};

use super::{message, named, send, uniform};

const MS: Duration = Duration::from_millis(1);

fn delays() -> Vec<Distribution> {
    let long = Duration::from_secs(2);
    vec![
        Distribution::Constant(Duration::ZERO),
        Distribution::Constant(MS),
        Distribution::Uniform(MS, long),
        Distribution::Exponential { mean: MS },
        Distribution::Normal { mean: MS, sd: MS },
        Distribution::LogNormal { median: MS, sigma: 0.5 },
    ]
}

/// Messages of several pairs, instants, ordinals and lineages.
fn messages() -> impl Iterator<Item = Envelope> {
    (0..2_000u32).map(|i| {
        let (from, to, at) = (i % 4, (i / 4 + 1 + i % 4) % 4, u64::from(i / 8) << (i % 40));
        Envelope { ordinal: i % 3, lineage: i % 5, bytes: i, ..message(from, to, at) }
    })
}

#[test]
fn it_ends_where_the_long_one_does() {
    for delay in delays() {
        let mut network = uniform(LinkModel { delay: delay.clone(), ..LinkModel::default() }, 4);
        for message in messages() {
            let straight = network.straight(&message, message.sent_at).expect("only delays");
            assert_eq!(send(&mut network, &message), Fate::Travels(Travel::clean(straight)));
            assert!(straight >= message.sent_at + delay.least());
        }
    }
}

#[test]
fn it_knows_the_rules_of_each_pair() {
    let slow = LinkModel { delay: Distribution::Constant(MS * 9), ..LinkModel::default() };
    let lossy = LinkModel { loss: Loss::Bernoulli(Probability::ALWAYS), ..LinkModel::default() };
    let rules = vec![
        (LinkSet::one(NodeId(0), NodeId(1)), slow),
        (LinkSet::one(NodeId(1), NodeId(2)), lossy),
    ];
    let config = NetworkConfig { rules, ..NetworkConfig::default() };
    let mut network = named(&config, &Names::numbered(4));
    for message in messages() {
        let straight = network.straight(&message, message.sent_at);
        match (send(&mut network, &message), straight) {
            (Fate::Travels(travel), Some(at)) => assert_eq!(travel, Travel::clean(at)),
            (Fate::Lost, None) => assert_eq!((message.origin.0, message.destination.0), (1, 2)),
            other => panic!("{message:?}: {other:?}"),
        }
    }
}

#[test]
fn it_is_closed_to_all_that_is_more_than_a_delay() {
    let p = Probability::new(0.1).expect("a probability");
    let default = LinkModel::default;
    let models = [
        LinkModel { loss: Loss::Bernoulli(p), ..default() },
        LinkModel { duplicate: p, ..default() },
        LinkModel { corrupt: Corruption { chance: p, undetected: false }, ..default() },
        LinkModel { fifo: true, ..default() },
        LinkModel { bandwidth: Some(Bandwidth { bits_per_s: 1, queue_max: 1 }), ..default() },
    ];
    let sent = message(0, 1, 5);
    for model in models {
        assert_eq!(uniform(model.clone(), 2).straight(&sent, Time(5)), None, "{model:?}");
    }

    let ring = Topology { edges: (0..4).map(|i| (NodeId(i), NodeId((i + 1) % 4), 1)).collect() };
    let config = NetworkConfig { topology: Some(ring), ..NetworkConfig::default() };
    let routed = named(&config, &Names::numbered(4));
    assert_eq!(routed.straight(&message(0, 2, 5), Time(5)), None);

    let mut troubled = uniform(default(), 2);
    let far_off = Fault::Isolate(NodeSet::Only(vec![]));
    let fault = troubled.strike(&far_off).expect("the network's");
    assert_eq!(troubled.straight(&sent, Time(5)), None);
    troubled.heal(fault);
    assert!(troubled.straight(&sent, Time(5)).is_some());
}
