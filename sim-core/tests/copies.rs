//! Copies that links make are no later messages.
#![allow(missing_docs)]

mod support;

use seedbed_core::World;
use seedbed_core::network::Topology;
use seedbed_node::{NodeId, Probability};
use support::{Do, play};

#[test]
fn copies_made_on_the_way_reorder_nothing_on_fifo_links() {
    let mut world = World::new(1, 2);
    let relay = world.names.push("relay");
    let edges = vec![(NodeId(0), relay, 1), (relay, NodeId(1), 1)];
    world.network.topology = Some(Topology { edges });
    world.network.default.fifo = true;
    world.network.default.duplicate = Probability::ALWAYS;
    world.network.default.delay =
        seedbed_node::Distribution::Constant(seedbed_node::Duration::from_millis(10));
    let script = (0..20).map(|i| (i, 0, Do::Ping(NodeId(1), i as u32))).collect();
    let (outcome, _) = play(&world, false, script);
    assert_eq!((outcome.messages.delivered, outcome.messages.duplicated), (80, 60));
    assert_eq!(outcome.messages.reordered, 0);
}
