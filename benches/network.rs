//! Micro-benchmarks of what becomes of a message on a link, one feature at a time:
//! `cargo bench --bench network`. Throughput is in messages.
//!
//! Compare ratios of one invocation; absolute figures belong to one machine at one hour.
#![allow(missing_docs)]

use divan::{Bencher, black_box, counter::ItemsCount};
use seedbed_core::network::{
    Bandwidth, Corruption, Envelope, LinkModel, Loss, Network, NetworkConfig, Topology,
};
use seedbed_core::rng::{Keys, NameKeys};
use seedbed_node::{Distribution, Duration, Names, NodeId, Probability, Time};

fn main() {
    divan::main();
}

const NODES: u32 = 100;

/// `plain` only delays, by a constant; every other link has the one feature that it is named for
/// besides a delay drawn uniformly.
const LINKS: [&str; 12] = [
    "plain",
    "uniform delay",
    "exponential delay",
    "normal delay",
    "loss",
    "bursty loss",
    "duplicates",
    "detected corruption",
    "undetected corruption",
    "fifo",
    "bandwidth",
    "everything",
];

fn link(name: &str) -> LinkModel {
    let (millisecond, tenth) = (Duration::from_millis(1), probability(0.1));
    let mut link = LinkModel {
        delay: Distribution::Uniform(millisecond, Duration::from_millis(3)),
        ..LinkModel::default()
    };
    let bursty = Loss::GilbertElliott {
        enter: probability(0.01),
        leave: tenth,
        good: Probability::NEVER,
        bad: probability(0.5),
    };
    let bandwidth = Some(Bandwidth { bits_per_s: 1_000_000_000, queue_max: 100 });
    match name {
        "plain" => link = LinkModel::default(),
        "uniform delay" => {}
        "exponential delay" => link.delay = Distribution::Exponential { mean: millisecond },
        "normal delay" => {
            link.delay = Distribution::Normal { mean: millisecond * 10, sd: millisecond };
        }
        "loss" => link.loss = Loss::Bernoulli(tenth),
        "bursty loss" => link.loss = bursty,
        "duplicates" => link.duplicate = tenth,
        "detected corruption" => link.corrupt = Corruption { chance: tenth, undetected: false },
        "undetected corruption" => link.corrupt = Corruption { chance: tenth, undetected: true },
        "fifo" => link.fifo = true,
        "bandwidth" => link.bandwidth = bandwidth,
        "everything" => {
            let corrupt = Corruption { chance: tenth, undetected: true };
            (link.loss, link.duplicate, link.corrupt) = (bursty, tenth, corrupt);
            (link.fifo, link.bandwidth) = (true, bandwidth);
        }
        other => unreachable!("{other} is not listed"),
    }
    link
}

fn probability(p: f64) -> Probability {
    Probability::new(p).expect("in range")
}

fn network(config: &NetworkConfig) -> Network {
    let keys = NameKeys::of(&Names::numbered(NODES));
    Network::new(config, NODES, &keys, &Keys::of_seed(1)).expect("a valid network")
}

/// Message `ordinal` of a run in which everybody broadcasts, every microsecond one message.
#[inline]
fn envelope(ordinal: u64) -> Envelope {
    let (from, skip) = (ordinal / 99 % 100, 1 + ordinal % 99);
    Envelope {
        origin: NodeId(from as u32),
        destination: NodeId(((from + skip) % 100) as u32),
        sent_at: Time(ordinal * 1_000),
        ordinal: 0,
        lineage: 0,
        bytes: 32,
    }
}

#[divan::bench(args = LINKS, sample_size = 1_000)]
fn fate(bencher: Bencher<'_, '_>, name: &str) {
    let mut network = network(&NetworkConfig { default: link(name), ..NetworkConfig::default() });
    depart(bencher, &mut network);
}

/// On a link without features, while a fault somewhere makes links worse, or cuts some.
#[divan::bench(args = ["degraded", "isolated"], sample_size = 1_000)]
fn fate_under_fault(bencher: Bencher<'_, '_>, fault: &str) {
    use seedbed_core::fault::Fault;
    use seedbed_core::world::{LinkSet, NodeSet};
    let mut network = network(&NetworkConfig::default());
    let fault = if fault == "degraded" {
        Fault::Degrade { links: LinkSet::ALL, delay_permille: 2_000, loss: probability(0.1) }
    } else {
        Fault::Isolate(NodeSet::one(NodeId(7)))
    };
    network.strike(&fault).expect("a fault of the network");
    depart(bencher, &mut network);
}

fn depart(bencher: Bencher<'_, '_>, network: &mut Network) {
    each(bencher, |ordinal| {
        let message = envelope(ordinal);
        network.depart(&message, message.origin, message.destination, message.sent_at)
    });
}

/// Where a message goes next in a ring of 100 nodes.
#[divan::bench(sample_size = 1_000)]
fn next_hop(bencher: Bencher<'_, '_>) {
    let edges = (0..NODES).map(|i| (NodeId(i), NodeId((i + 1) % NODES), 1)).collect();
    let topology = Some(Topology { edges });
    let network = network(&NetworkConfig { topology, ..NetworkConfig::default() });
    each(bencher, |ordinal| {
        let message = envelope(ordinal);
        network.next_hop(message.origin, message.destination)
    });
}

/// Times `of` for message after message, once every link has had one: some state is made lazily.
fn each<T>(bencher: Bencher<'_, '_>, mut of: impl FnMut(u64) -> T) {
    let links = u64::from(NODES * (NODES - 1));
    (0..links).for_each(|ordinal| drop(black_box(of(ordinal))));
    let mut ordinal = links;
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        ordinal += 1;
        black_box(of(ordinal))
    });
}
