//! Micro-benchmarks of the kernel's parts: `cargo bench --bench kernel`. Whole runs are timed by
//! `examples/workloads`.
//!
//! Compare ratios of one invocation; absolute figures belong to one machine at one hour.
#![allow(missing_docs)]

use divan::{Bencher, black_box, counter::ItemsCount};
use seedbed_core::network::{Envelope, LinkModel, Loss, Network, NetworkConfig};
use seedbed_core::queue::Queue;
use seedbed_core::rng::{Keys, NameKeys, Purpose};
use seedbed_core::trace::Digest;
use seedbed_node::{Distribution, Draws, Duration, Names, NodeId, Probability, Time};

fn main() {
    divan::main();
}

/// One pop and one push with `pending` events waiting, exponential gaps.
#[divan::bench(args = [30, 100, 10_000, 100_000, 800_000])]
fn queue_hold(bencher: Bencher<'_, '_>, pending: u64) {
    let gap = Distribution::Exponential { mean: Duration::from_secs(1) };
    let mut draws = Draws::keyed(1);
    let mut queue = Queue::default();
    for sequence in 0..pending {
        queue.push(Time::ZERO + gap.sample(&mut draws), sequence, [sequence as u32, 0]);
    }
    let mut sequence = pending;
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        let (now, _, item) = queue.pop().expect("held constant");
        queue.push(now + gap.sample(&mut draws), sequence, item);
        sequence += 1;
    });
}

/// The same when every event is due equally long after the present, as with links of one constant
/// delay.
#[divan::bench(args = [30, 100, 10_000, 100_000, 800_000])]
fn queue_in_order(bencher: Bencher<'_, '_>, pending: u64) {
    let mut queue = Queue::default();
    for sequence in 0..pending {
        queue.push(Time(sequence), sequence, [sequence as u32, 0]);
    }
    let mut sequence = pending;
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        let (now, _, item) = queue.pop().expect("held constant");
        queue.push(now + Duration::from_nanos(pending), sequence, item);
        sequence += 1;
    });
}

#[divan::bench]
fn keyed_draw(bencher: Bencher<'_, '_>) {
    let keys = Keys::of_seed(1);
    let mut instant = 0;
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        instant += 1;
        black_box(keys.draws(Purpose::Fate, 7, instant, 0).bits())
    });
}

#[divan::bench]
fn digest_of_eight_words(bencher: Bencher<'_, '_>) {
    let mut digest = Digest::default();
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        for word in 0..8 {
            digest.words([black_box(word)]);
        }
    });
}

/// The fate of one message: on a plain link, and on one with every stateless feature.
#[divan::bench(args = ["plain", "lossy", "fifo"])]
fn fate(bencher: Bencher<'_, '_>, kind: &str) {
    let mut model = LinkModel::default();
    if kind != "plain" {
        model.delay = Distribution::Exponential { mean: Duration::from_millis(10) };
        model.loss = Loss::Bernoulli(Probability::new(0.1).expect("in range"));
        model.duplicate = Probability::new(0.1).expect("in range");
        model.fifo = kind == "fifo";
    }
    let names = NameKeys::of(&Names::numbered(100));
    let config = NetworkConfig { default: model, ..NetworkConfig::default() };
    let mut network = Network::new(&config, 100, &names, &Keys::of_seed(1)).expect("valid");
    let mut instant = 0u64;
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        instant += 1;
        let (from, to) = (NodeId((instant % 100) as u32), NodeId((instant / 7 % 99) as u32));
        let envelope = Envelope {
            origin: from,
            destination: to,
            sent_at: Time(instant),
            ordinal: 0,
            lineage: 0,
            bytes: 32,
        };
        black_box(network.depart(&envelope, from, to, Time(instant)))
    });
}
