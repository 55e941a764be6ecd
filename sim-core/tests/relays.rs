//! Networks whose nodes are not all members.
#![allow(missing_docs)]

mod support;

use seedbed_core::World;
use seedbed_core::network::Topology;
use seedbed_node::{Distribution, Duration, NodeId};
use support::{Do, play};

/// Two members on either side of a relay.
fn across() -> World {
    let mut world = World::new(1, 2);
    let relay = world.names.push("relay");
    let edges = vec![(NodeId(0), relay, 1), (relay, NodeId(1), 1)];
    world.network.topology = Some(Topology { edges });
    world.network.default.delay =
        Distribution::Uniform(Duration::from_millis(1), Duration::from_secs(1));
    world
}

#[test]
fn more_messages_than_the_heap_takes_pass_a_relay() {
    // One more than the queue's heap takes is enough for events to be shown ahead.
    for crowd in [60, 70, 1_000] {
        let script = (0..crowd).map(|i| (0, 0, Do::Ping(NodeId(1), i))).collect();
        let (outcome, _) = play(&across(), true, script);
        assert_eq!(outcome.messages.delivered, 2 * u64::from(crowd));
        assert_eq!(outcome.hops, 4 * u64::from(crowd));
    }
}
