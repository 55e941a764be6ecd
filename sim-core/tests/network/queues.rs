//! A link with a bandwidth is a queue, and behaves like the textbook's.

use seedbed_core::network::{Bandwidth, Fate, LinkModel};
use seedbed_node::{Distribution, Draws, Duration, Time};

use super::{message, send, travel, uniform};

/// A transmitter that takes a nanosecond for a byte.
const BYTE_A_NS: u64 = 8_000_000_000;
const SERVICE_NS: f64 = 1e6;

fn link(queue_max: u32) -> LinkModel {
    LinkModel {
        delay: Distribution::Constant(Duration::ZERO),
        bandwidth: Some(Bandwidth { bits_per_s: BYTE_A_NS, queue_max }),
        ..LinkModel::default()
    }
}

/// Poisson arrivals and exponential sizes: the mean sojourn time in mean services, and the share
/// of arrivals that were turned away.
fn m_m_1(load: f64, queue_max: u32, arrivals: u64) -> (f64, f64) {
    let mut network = uniform(link(queue_max), 2);
    let mut draws = Draws::keyed(1);
    let gaps = Distribution::Exponential { mean: Duration::from_nanos((SERVICE_NS / load) as u64) };
    let sizes = Distribution::Exponential { mean: Duration::from_nanos(SERVICE_NS as u64) };
    let (mut now, mut sojourn, mut refused) = (Time::ZERO, 0.0, 0);
    for _ in 0..arrivals {
        now = now + gaps.sample(&mut draws);
        let mut sent = message(0, 1, now.0);
        sent.bytes = sizes.sample(&mut draws).as_nanos() as u32;
        match send(&mut network, &sent) {
            Fate::Overflowed => refused += 1,
            fate => sojourn += travel(fate).arrives.since(now).as_nanos() as f64,
        }
    }
    (sojourn / (arrivals - refused) as f64 / SERVICE_NS, refused as f64 / arrivals as f64)
}

fn assert_near(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 0.02, "{found}, expected {expected}");
}

#[test]
fn m_m_1_has_its_mean_sojourn_time() {
    for (load, arrivals) in [(0.3, 500_000), (0.5, 1_000_000), (0.8, 3_000_000)] {
        let (sojourn, refused) = m_m_1(load, u32::MAX, arrivals);
        assert_near(sojourn, 1.0 / (1.0 - load));
        assert_eq!(refused, 0.0);
    }
}

#[test]
fn m_m_1_k_turns_away_its_share() {
    for (load, places) in [(0.8, 5), (1.5, 3), (0.5, 1)] {
        let mut weights = vec![1.0];
        for n in 0..places {
            weights.push(weights[n] * load);
        }
        let total: f64 = weights.iter().sum();
        let (sojourn, refused) = m_m_1(load, places as u32 - 1, 1_000_000);
        assert_near(refused, weights[places] / total);
        // Little's law.
        let inside: f64 = (0..).zip(&weights).map(|(n, w)| f64::from(n) * w).sum::<f64>() / total;
        assert_near(sojourn, inside / (load * (1.0 - weights[places] / total)));
    }
}

#[test]
fn a_full_queue_drops_the_tail_and_frees_a_place_as_each_is_sent() {
    let mut network = uniform(link(2), 2);
    let mut arrivals = |at| match send(&mut network, &message(0, 1, at)) {
        Fate::Overflowed => None,
        fate => Some(travel(fate).arrives.0),
    };
    // One is being sent, two wait; each takes 100 ns.
    assert_eq!([0, 0, 0, 0].map(&mut arrivals), [Some(100), Some(200), Some(300), None]);
    assert_eq!([99, 99].map(&mut arrivals), [None, None]);
    assert_eq!([100, 100].map(&mut arrivals), [Some(400), None]);
    assert_eq!([1_000, 1_050].map(&mut arrivals), [Some(1_100), Some(1_200)]);
}

#[test]
fn links_have_transmitters_of_their_own() {
    let mut network = uniform(link(0), 3);
    for (from, to) in [(0, 1), (0, 2), (1, 0)] {
        let sent = message(from, to, 0);
        assert_eq!(travel(send(&mut network, &sent)).arrives, Time(100));
        assert_eq!(send(&mut network, &sent), Fate::Overflowed);
    }
}

#[test]
fn sending_takes_as_long_as_the_bits_do() {
    let time =
        |bits_per_s, bytes| Bandwidth { bits_per_s, queue_max: 0 }.sending_time(bytes).as_nanos();
    assert_eq!(time(1_000_000, 1_500), 12_000_000);
    assert_eq!(time(100_000_000_000, 1), 1, "rounded up");
    assert_eq!(time(8, u32::MAX), u64::from(u32::MAX) * 1_000_000_000);
    assert_eq!(time(1, u32::MAX), u64::MAX, "1089 years");
    assert_eq!(time(7, 0), 0);
}
