//! A message's fate depends on its name and the seed, and on nothing else in the world.

use seedbed_core::fault::Fault;
use seedbed_core::network::{
    Corruption, Envelope, Fate, LinkModel, Loss, Network, NetworkConfig, Noise, Topology, Travel,
};
use seedbed_core::rng::{Keys, NameKeys};
use seedbed_core::world::{LinkSet, NodeSet};
use seedbed_node::{Distribution, Duration, Names, NodeId, Probability, Time};

use super::{message, named, send};

fn p(value: f64) -> Probability {
    Probability::new(value).expect("a probability")
}

/// Everything that can be drawn, without memory.
fn eventful() -> LinkModel {
    LinkModel {
        delay: Distribution::LogNormal { median: Duration::from_millis(12), sigma: 0.5 },
        loss: Loss::Bernoulli(p(0.2)),
        duplicate: p(0.3),
        corrupt: Corruption { chance: p(0.2), undetected: true },
        fifo: false,
        bandwidth: None,
    }
}

fn config() -> NetworkConfig {
    NetworkConfig { default: eventful(), ..NetworkConfig::default() }
}

/// The fates of messages between ada and bob, both ways, wherever their ids are.
fn fates(network: &mut Network, names: &Names) -> Vec<Fate> {
    let id = |name| names.find(name).expect("a name").0;
    let (ada, bob) = (id("ada"), id("bob"));
    let messages = (0..2_000).flat_map(|i| {
        let at = i / 3 * 1_000;
        let ordinal = (i % 3) as u32;
        let one = |from, to| Envelope { ordinal, ..message(from, to, at) };
        [one(ada, bob), one(bob, ada)]
    });
    messages.map(|message| send(network, &message)).collect()
}

fn base() -> Vec<Fate> {
    let names = Names::new(["ada", "bob", "cyd"]);
    fates(&mut named(&config(), &names), &names)
}

#[test]
fn no_two_messages_share_a_fate() {
    let names = Names::new(["ada", "bob"]);
    let corrupt = Corruption { chance: Probability::ALWAYS, undetected: true };
    let config = NetworkConfig {
        default: LinkModel { corrupt, ..LinkModel::default() },
        ..NetworkConfig::default()
    };
    let fates = fates(&mut named(&config, &names), &names);
    let mut bits: Vec<_> = fates
        .into_iter()
        .map(|fate| match fate {
            Fate::Travels(Travel { noise: Noise::Altered(bits), .. }) => bits,
            other => panic!("{other:?}"),
        })
        .collect();
    let count = bits.len();
    bits.sort_unstable();
    bits.dedup();
    assert_eq!(bits.len(), count, "directions, ordinals and instants all matter");
}

#[test]
fn more_nodes_anywhere_change_nothing() {
    for names in
        [&["ada", "bob", "cyd", "dee", "eve"][..], &["dee", "ada", "cyd", "bob"], &["bob", "ada"]]
    {
        let names = Names::new(names.iter().copied());
        assert_eq!(fates(&mut named(&config(), &names), &names), base(), "{names:?}");
    }
    let mut names = Names::new(["ada", "bob"]);
    (0..2_000).for_each(|i| {
        names.push(format!("extra{i}"));
    });
    assert_eq!(fates(&mut named(&config(), &names), &names), base(), "many nodes");
}

#[test]
fn other_links_change_nothing() {
    let names = Names::new(["ada", "bob", "cyd"]);
    let mut config = config();
    let remembering = LinkModel { fifo: true, ..LinkModel::default() };
    config.rules.push((LinkSet::one(NodeId(0), NodeId(2)), remembering));
    let mut network = named(&config, &names);
    for i in 0..10 {
        send(&mut network, &message(0, 2, i));
    }
    assert_eq!(fates(&mut network, &names), base());
}

#[test]
fn a_rule_that_says_the_same_changes_nothing_and_the_first_rule_wins() {
    let names = Names::new(["ada", "bob", "cyd"]);
    let lossy = LinkModel { loss: Loss::Bernoulli(Probability::ALWAYS), ..eventful() };
    let all = LinkSet { from: NodeSet::All, to: NodeSet::Only(vec![NodeId(0), NodeId(1)]) };
    let rules = vec![(all, eventful()), (LinkSet::ALL, lossy)];
    let config = NetworkConfig { rules, ..config() };
    let mut network = named(&config, &names);
    assert_eq!(fates(&mut network, &names), base());
    assert_eq!(send(&mut network, &message(0, 2, 1)), Fate::Lost);
}

#[test]
fn other_faults_change_nothing() {
    let names = Names::new(["ada", "bob", "cyd"]);
    let mut network = named(&config(), &names);
    network.strike(&Fault::Isolate(NodeSet::one(NodeId(2))));
    network.degrade(&LinkSet::one(NodeId(2), NodeId(0)), 9_000, Probability::ALWAYS);
    assert_eq!(fates(&mut network, &names), base());
}

#[test]
fn a_degradation_elsewhere_changes_nothing_on_a_degraded_link() {
    let names = Names::new(["ada", "bob", "cyd"]);
    let degraded = |elsewhere: bool| {
        let mut network = named(&config(), &names);
        if elsewhere {
            network.degrade(&LinkSet::one(NodeId(2), NodeId(0)), 9_000, p(0.5));
        }
        network.degrade(&LinkSet::ALL, 2_000, p(0.5));
        fates(&mut network, &names)
    };
    assert_eq!(degraded(true), degraded(false));
    assert_ne!(degraded(true), base());
}

#[test]
fn switching_one_feature_off_leaves_the_draws_of_the_others() {
    let names = Names::new(["ada", "bob"]);
    let with = |change: fn(&mut LinkModel)| {
        let mut config = config();
        change(&mut config.default);
        fates(&mut named(&config, &names), &names)
    };
    let full = base();
    let no_loss = with(|link| link.loss = Loss::None);
    let no_copies = with(|link| link.duplicate = Probability::NEVER);
    let no_noise = with(|link| link.corrupt = Corruption::default());
    let constant = with(|link| link.delay = Distribution::Constant(Duration::from_millis(9)));
    for (at, fate) in full.iter().enumerate() {
        let Fate::Travels(travel) = fate else {
            assert!([&no_copies, &no_noise, &constant].iter().all(|fates| fates[at] == Fate::Lost));
            continue;
        };
        assert_eq!(no_loss[at], *fate);
        assert_eq!(no_copies[at], Fate::Travels(Travel { second: None, ..*travel }));
        let Fate::Travels(clean) = no_noise[at] else { panic!("loss changed") };
        assert_eq!(clean.arrives, travel.arrives);
        assert_eq!(clean.second.map(|s| s.arrives), travel.second.map(|s| s.arrives));
        let Fate::Travels(even) = constant[at] else { panic!("loss changed") };
        assert_eq!(even.noise, travel.noise);
        assert_eq!(even.second.map(|s| s.noise), travel.second.map(|s| s.noise));
    }
}

#[test]
fn the_seed_matters() {
    let keys = [1, 2, 3];
    let fates = |seed| {
        let mut network =
            Network::new(&config(), 3, &NameKeys::from(&keys[..]), &Keys::of_seed(seed))
                .expect("a sound network");
        fates(&mut network, &Names::new(["ada", "bob", "cyd"]))
    };
    assert_eq!(fates(1), fates(1));
    assert_ne!(fates(1), fates(2));
}

#[test]
fn a_copy_travels_on_with_a_fate_of_its_own() {
    let topology = Topology { edges: vec![(NodeId(0), NodeId(2), 1), (NodeId(2), NodeId(1), 1)] };
    let config = NetworkConfig {
        default: LinkModel {
            delay: Distribution::Uniform(Duration::ZERO, Duration::from_secs(1)),
            duplicate: Probability::ALWAYS,
            ..LinkModel::default()
        },
        topology: Some(topology),
        ..NetworkConfig::default()
    };
    let mut network = named(&config, &Names::new(["ada", "bob", "relay"]));
    let mut crossings = Vec::new();
    let mut arrive = |envelope: &Envelope, network: &mut Network| {
        let fate = network.depart(envelope, NodeId(2), NodeId(1), Time(0));
        let Fate::Travels(travel) = fate else { panic!("nothing is lost") };
        let second = travel.second.expect("everything is copied");
        crossings.push((envelope.lineage, travel.arrives));
        crossings.push((second.lineage, second.arrives));
    };
    let sent = message(0, 1, 0);
    let Fate::Travels(first) = network.depart(&sent, NodeId(0), NodeId(2), Time(0)) else {
        panic!("nothing is lost")
    };
    let second = first.second.expect("everything is copied");
    arrive(&sent, &mut network);
    arrive(&Envelope { lineage: second.lineage, ..sent }, &mut network);
    let mut lineages: Vec<_> = crossings.iter().map(|(lineage, _)| *lineage).collect();
    let mut arrivals: Vec<_> = crossings.iter().map(|(_, at)| *at).collect();
    lineages.sort_unstable();
    lineages.dedup();
    assert_eq!(lineages.len(), 4);
    arrivals.sort_unstable();
    arrivals.dedup();
    assert_eq!(arrivals.len(), 4, "two copies of two copies, each with its own delay");
}
