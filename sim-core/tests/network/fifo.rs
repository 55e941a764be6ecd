//! FIFO links: nobody overtakes; the others: somebody does.

use proptest::prelude::*;
use seedbed_core::network::{Bandwidth, Corruption, Fate, LinkModel, Loss, Network, NetworkConfig};
use seedbed_core::rng::{Keys, NameKeys};
use seedbed_core::world::LinkSet;
use seedbed_node::{Distribution, Duration, NodeId, Probability, Time};

use super::{message, send, travel, uniform};

fn p(value: f64) -> Probability {
    Probability::new(value).expect("a probability")
}

fn links() -> impl Strategy<Value = LinkModel> {
    let delay = prop_oneof![
        (0..2_000u64).prop_map(|ns| Distribution::Constant(Duration::from_nanos(ns))),
        (1..2_000u64).prop_map(|ns| Distribution::Exponential { mean: Duration::from_nanos(ns) }),
        Just(Distribution::Pareto { scale: Duration::from_nanos(5), shape: 0.7 }),
    ];
    let loss = prop_oneof![
        Just(Loss::None),
        Just(Loss::Bernoulli(p(0.3))),
        Just(Loss::GilbertElliott { enter: p(0.1), leave: p(0.3), good: p(0.0), bad: p(0.9) }),
    ];
    let bandwidth = prop::option::of((1..1_000_000_000u64, 0..5u32));
    (delay, loss, 0.0..1.0f64, 0.0..1.0f64, bandwidth).prop_map(
        |(delay, loss, duplicate, noise, bandwidth)| LinkModel {
            delay,
            loss,
            duplicate: p(duplicate),
            corrupt: Corruption { chance: p(noise), undetected: false },
            fifo: true,
            bandwidth: bandwidth.map(|(bits_per_s, queue_max)| Bandwidth { bits_per_s, queue_max }),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn fifo_links_never_let_anybody_overtake(
        link in links(), seed in any::<u64>(), many in any::<bool>(),
        sends in prop::collection::vec((0..3u32, 0..2u32, 0..3_000u64, 0..100u32), 1..200),
    ) {
        let nodes = if many { 1_100 } else { 3 };
        let keys: Vec<_> = (0..nodes).collect();
        let config = NetworkConfig { default: link, ..NetworkConfig::default() };
        let mut network = Network::new(&config, 3, &NameKeys::from(&keys[..]), &Keys::of_seed(seed)).expect("sound");
        network.degrade(&LinkSet::one(NodeId(0), NodeId(1)), 3_000, p(0.1));
        let mut last = [[Time::ZERO; 3]; 3];
        let mut now = 0;
        for (from, step, gap, bytes) in sends {
            now += gap;
            let to = (from + 1 + step) % 3;
            let mut sent = message(from, to, now);
            sent.bytes = bytes;
            let last = &mut last[from as usize][to as usize];
            if let Fate::Travels(travel) = send(&mut network, &sent) {
                prop_assert!(travel.arrives >= *last && travel.arrives >= Time(now));
                prop_assert!(travel.second.is_none_or(|second| second.arrives == travel.arrives));
                *last = travel.arrives;
            }
        }
    }
}

#[test]
fn other_links_do_reorder() {
    let delay = Distribution::Uniform(Duration::ZERO, Duration::from_millis(1));
    let mut network = uniform(LinkModel { delay, ..LinkModel::default() }, 2);
    let arrivals: Vec<_> =
        (0..1_000).map(|i| travel(send(&mut network, &message(0, 1, i))).arrives).collect();
    assert!(!arrivals.is_sorted());
}

#[test]
fn a_fifo_link_holds_a_fast_message_until_the_slow_one_before_it() {
    let delay = Distribution::Uniform(Duration::ZERO, Duration::from_millis(1));
    let arrivals = |fifo| {
        let mut network =
            uniform(LinkModel { delay: delay.clone(), fifo, ..Default::default() }, 2);
        (0..1_000).map(move |i| travel(send(&mut network, &message(0, 1, i))).arrives)
    };
    // Each arrives at the latest of its own draw and those before it, no later.
    let mut latest = Time::ZERO;
    for (free, held) in arrivals(false).zip(arrivals(true)) {
        latest = latest.max(free);
        assert_eq!(held, latest);
    }
}
