//! The network against theory and against its promises.

mod delays;
mod faults;
mod fifo;
mod independence;
mod lookup;
mod losses;
mod queues;
mod routes;
mod straight;

use seedbed_core::network::{Envelope, Fate, LinkModel, Network, NetworkConfig, Travel};
use seedbed_core::rng::{Keys, NameKeys};
use seedbed_node::{Names, NodeId, Time};

const SEED: u64 = 42;

/// A network of members with these names.
fn named(config: &NetworkConfig, names: &Names) -> Network {
    Network::new(config, names.count(), &NameKeys::of(names), &Keys::of_seed(SEED))
        .expect("a sound network")
}

/// A network of `nodes` members whose links are all alike.
fn uniform(link: LinkModel, nodes: u32) -> Network {
    let config = NetworkConfig { default: link, ..NetworkConfig::default() };
    named(&config, &Names::numbered(nodes))
}

/// The first message of its instant.
fn message(from: u32, to: u32, at: u64) -> Envelope {
    Envelope {
        origin: NodeId(from),
        destination: NodeId(to),
        sent_at: Time(at),
        ordinal: 0,
        lineage: 0,
        bytes: 100,
    }
}

/// Sends a message over its direct link at once.
fn send(network: &mut Network, envelope: &Envelope) -> Fate {
    network.depart(envelope, envelope.origin, envelope.destination, envelope.sent_at)
}

fn travel(fate: Fate) -> Travel {
    match fate {
        Fate::Travels(travel) => travel,
        other => panic!("{other:?}"),
    }
}
