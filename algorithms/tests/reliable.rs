//! The reliable transport delivers every message exactly once, in order if asked to, on whatever
//! network lets something through.

use proptest::prelude::*;
use seedbed_algorithms::{Reliable, ReliableParams};
use seedbed_core::network::{LinkModel, Loss};
use seedbed_core::{EndedBy, Simulation, World};
use seedbed_node::{
    Breach, Checker, Context, Distribution, Duration, Message, Node, NodeId, Observation,
    Probability, What,
};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

/// Sends so many numbered messages to every peer at its boot, and tells what it gets.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Talker;

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
struct Numbered(u32);

/// Who sent what.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Got(NodeId, u32);

impl Node for Talker {
    type Params = u32;
    type Message = Numbered;
    type Timer = u32;
    type Request = ();
    type Event = Got;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        for number in 0..*cx.params() {
            cx.set_timer(number, Duration::from_millis(u64::from(number) * 3));
        }
        Talker
    }
    fn on_message(&mut self, from: NodeId, message: Numbered, cx: &mut Context<'_, Self>) {
        cx.emit(Got(from, message.0));
    }
    fn on_timer(&mut self, number: u32, cx: &mut Context<'_, Self>) {
        cx.broadcast(Numbered(number));
    }
}

/// What each node got from each other, in order of arrival.
type Received = Arc<Mutex<BTreeMap<(NodeId, NodeId), Vec<u32>>>>;

#[derive(Clone)]
struct Collector(Received);

impl Hash for Collector {
    fn hash<H: Hasher>(&self, into: &mut H) {
        self.0.lock().expect("no panic held it").hash(into);
    }
}

impl Checker<(), Got> for Collector {
    fn observe(&mut self, seen: &Observation<'_, (), Got>) -> Result<(), Breach> {
        if let What::Event { node, event: Got(from, number) } = seen.what {
            let mut received = self.0.lock().expect("no panic held it");
            received.entry((*from, node)).or_default().push(*number);
        }
        Ok(())
    }
}

fn received(world: &World, fifo: bool, messages: u32) -> BTreeMap<(NodeId, NodeId), Vec<u32>> {
    let params = ReliableParams { fifo, ..ReliableParams::new(messages) };
    let received = Received::default();
    let mut simulation =
        Simulation::<Reliable<Talker>>::new(world, params).expect("a sensible world");
    simulation.check("Collector", Box::new(Collector(received.clone())));
    let outcome = simulation.run();
    assert_eq!(outcome.ended_by, EndedBy::Quiet, "with all acknowledged, no timer is armed");
    received.lock().expect("no panic held it").clone()
}

fn probability(percent: u32) -> Probability {
    Probability::new(f64::from(percent) / 100.0).expect("a percentage")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..Default::default() })]

    #[test]
    fn exactly_once_and_in_order_if_asked(
        seed in 0u64..1 << 53,
        nodes in 2u32..5,
        messages in 1u32..30,
        loss in 0u32..60,
        duplicate in 0u32..50,
        spread_ms in 0u64..200,
        fifo in any::<bool>(),
    ) {
        let mut world = World::new(seed, nodes);
        world.network.default = LinkModel {
            delay: Distribution::Uniform(Duration::ZERO, Duration::from_millis(spread_ms)),
            loss: Loss::Bernoulli(probability(loss)),
            duplicate: probability(duplicate),
            ..LinkModel::default()
        };
        let received = received(&world, fifo, messages);
        prop_assert_eq!(received.len() as u32, nodes * (nodes - 1));
        for (pair, mut numbers) in received {
            if !fifo {
                numbers.sort_unstable();
            }
            prop_assert_eq!(numbers, (0..messages).collect::<Vec<_>>(), "{:?}", pair);
        }
    }
}

#[test]
fn without_fifo_some_network_shows_another_order() {
    let mut world = World::new(1, 2);
    world.network.default.delay = Distribution::Uniform(Duration::ZERO, Duration::from_millis(100));
    let received = received(&world, false, 20);
    assert!(received.values().any(|numbers| !numbers.is_sorted()), "{received:?}");
}
