//! The first rule that contains a link decides, however links are looked up.

use proptest::prelude::*;
use seedbed_core::network::{LinkModel, Network, NetworkConfig};
use seedbed_core::rng::{Keys, NameKeys};
use seedbed_core::world::{LinkSet, NodeSet};
use seedbed_node::{Distribution, Duration, NodeId};

use super::{message, send, travel};

fn ends() -> impl Strategy<Value = NodeSet> {
    let some = prop::collection::vec(0..5u32, 0..4);
    prop_oneof![
        Just(NodeSet::All),
        some.prop_map(|ids| NodeSet::Only(ids.into_iter().map(NodeId).collect())),
    ]
}

/// A link that can be told by its delay.
fn link(ns: u64, fifo: bool) -> LinkModel {
    let delay = Distribution::Constant(Duration::from_nanos(ns));
    LinkModel { delay, fifo, ..LinkModel::default() }
}

proptest! {
    #[test]
    fn the_first_rule_decides(
        rules in prop::collection::vec((ends(), ends(), any::<bool>()), 0..6), many in any::<bool>(),
    ) {
        let rules: Vec<_> = (1..)
            .zip(rules)
            .map(|(ns, (from, to, fifo))| (LinkSet { from, to }, link(ns, fifo)))
            .collect();
        let config = NetworkConfig { default: link(99, false), rules, topology: None };
        let keys: Vec<_> = (0..if many { 1_030 } else { 5 }).collect();
        let mut network = Network::new(&config, 5, &NameKeys::from(&keys[..]), &Keys::of_seed(1)).expect("sound");
        for (from, to) in (0..5).flat_map(|a| (0..5).map(move |b| (a, b))).filter(|(a, b)| a != b) {
            let rule = config.rules.iter().find(|(on, _)| on.contains(NodeId(from), NodeId(to)));
            let expected = rule.map_or(&config.default, |(_, model)| model).delay.least();
            let arrives = travel(send(&mut network, &message(from, to, 7))).arrives;
            prop_assert_eq!(arrives.as_nanos(), 7 + expected.as_nanos());
            prop_assert_eq!(network.least_delay(NodeId(from), NodeId(to)), expected);
        }
    }
}
