//! Flow caches and controllers against their formulas.

use seedbed_core::network::path::sdn::{
    Answer, Controllers, ExactMatch, IdleTable, Lru, Prices, Shape, Switch,
};
use seedbed_core::network::path::{Arrivals, Flows, Generator, Ps, Sizes, Traffic, theory};
use seedbed_core::rng::{Keys, Purpose};
use seedbed_node::{Draws, Probability};

use crate::within;

const CLOSE: f64 = 0.02;

/// Instants and flows of so many packets.
fn packets(arrivals: Arrivals, flows: Flows, count: u64) -> impl Iterator<Item = (u64, Ps, u64)> {
    let traffic = Traffic { arrivals, sizes: Sizes::Fixed(64), flows };
    let mut generator = Generator::new(&traffic, &Keys::of_seed(3));
    (0..count).map(move |_| {
        let time = generator.next_time().expect("open arrivals");
        let (number, _, flow) = generator.next_packet();
        (number, time, u64::from(flow))
    })
}

/// The share of hits of the second half.
fn hits(flows: Flows, count: u64, mut hit: impl FnMut(u64, Ps) -> bool) -> f64 {
    let (mut hits, mut all) = (0u64, 0u64);
    for (number, time, flow) in packets(Arrivals::Poisson { pps: 1_000 }, flows, count) {
        let known = hit(flow, time);
        if number >= count / 2 {
            (hits, all) = (hits + u64::from(known), all + 1);
        }
    }
    hits as f64 / all as f64
}

#[test]
fn lru_under_uniform_flows() {
    for room in [10, 100, 300, 900, 1_000] {
        let mut cache = Lru::new(room);
        let got = hits(Flows::Uniform(1_000), 200_000, |flow, _| cache.use_flow(flow));
        let want = theory::lru_uniform(room as f64, 1_000.0);
        within(&format!("room for {room}"), got, want, if room < 50 { 0.05 } else { CLOSE });
    }
}

#[test]
fn lru_under_zipf_is_ches() {
    for (exponent, room) in [(0.7, 100), (0.9, 50), (1.1, 200), (1.3, 20)] {
        let mut cache = Lru::new(room);
        let flows = Flows::Zipf { count: 2_000, exponent };
        let got = hits(flows, 200_000, |flow, _| cache.use_flow(flow));
        let want = theory::lru_che(&theory::zipf(2_000, exponent), room as f64);
        within(&format!("exponent {exponent}, room for {room}"), got, want, CLOSE);
    }
}

#[test]
fn idle_timeouts_keep_what_comes_often() {
    // 1000 packets a second over 500 flows: two a second each.
    for timeout_ms in [100, 300, 500, 1_500] {
        let mut table = IdleTable::new(Ps::from_millis(timeout_ms), 10_000);
        let got = hits(Flows::Uniform(500), 200_000, |flow, now| {
            let known = table.use_entry(flow, now);
            known || !table.insert(flow, now)
        });
        let want = theory::idle_timeout(2.0, timeout_ms as f64 * 1e6);
        within(&format!("{timeout_ms} ms"), got, want, CLOSE);
    }
}

/// Two ways are not full association: flows that could all fit push each other out, so that fewer
/// hit than under LRU, and more than half.
#[test]
fn two_ways_are_not_lru() {
    let always = Probability::ALWAYS;
    let mut cache = ExactMatch::new(1_000, always);
    let mut draws = Draws::keyed(1);
    let got = hits(Flows::Uniform(1_000), 100_000, |flow, _| {
        let known = cache.lookup(flow);
        if !known {
            cache.missed(flow, &mut draws);
        }
        known
    });
    println!("{got}");
    assert!((0.5..0.95).contains(&got), "{got}");
}

/// `t = t_E + (1-h)·L·n·t_sub + p_up·t_up`, with Open vSwitch's prices and two lookups.
#[test]
fn a_switch_costs_what_its_steps_cost() {
    let shape = Shape { exact_entries: 256, subtables: 8, lookups: 2, ..Shape::default() };
    let mut switch = Switch::new(shape, Prices::OPEN_VSWITCH, &Keys::of_seed(5));
    let flows = Flows::Zipf { count: 2_000, exponent: 1.0 };
    for (number, time, flow) in packets(Arrivals::Poisson { pps: 100_000 }, flows, 100_000) {
        if number == 50_000 {
            switch.forget_counts();
        }
        switch.packet(number, flow, time);
    }
    let counts = switch.counts();
    let all = counts.packets as f64;
    assert_eq!(counts.exact_hits + counts.megaflow_hits + counts.upcalls, counts.packets);
    let missed = all - counts.exact_hits as f64;
    let subtables = counts.subtables as f64 / 2.0 / missed;
    assert!((1.0..8.0).contains(&subtables), "{subtables} of 8 a lookup");
    let (exact, upcalls) = (counts.exact_ratio(), counts.upcalls as f64 / all);
    let want = theory::switch_ns(322.7, exact, 2.0, subtables, 73.4, upcalls, 50_000.0);
    within("ns a packet", counts.mean_ns(), want, 1e-6);
}

#[test]
fn the_slow_path_answers_once_for_a_megaflow() {
    let shape = Shape { exact_entries: 0, flows_per_megaflow: 16, ..Shape::default() };
    let mut switch = Switch::new(shape, Prices::OPEN_VSWITCH, &Keys::of_seed(5));
    let answers: Vec<Answer> =
        (0..64).map(|flow| switch.packet(flow, flow, Ps::from_micros(flow)).0).collect();
    assert_eq!(answers.iter().filter(|a| **a == Answer::Upcall).count(), 4);
    let late = Ps::from_millis(20_000);
    assert_eq!(switch.packet(64, 0, late).0, Answer::Upcall, "idle for too long");
}

#[test]
fn a_full_table_refuses() {
    let shape = Shape { exact_entries: 0, flow_limit: 10, ..Shape::default() };
    let mut switch = Switch::new(shape, Prices::OPEN_VSWITCH, &Keys::of_seed(5));
    for flow in 0..30 {
        switch.packet(flow, flow, Ps::from_micros(flow));
    }
    assert_eq!(switch.counts().refused, 20);
}

/// Mean time of packet-ins, and the share that is dropped.
fn controllers(count: usize, buffer: Option<usize>, pps: u64, mean: Ps) -> (f64, f64) {
    let mut controllers = Controllers::new(count, buffer);
    let keys = Keys::of_seed(9);
    let (mut sum, mut served, all) = (0.0, 0u64, 600_000);
    for (number, now, _) in packets(Arrivals::Poisson { pps }, Flows::One, all) {
        let mut draws = keys.draws(Purpose::Service, number, 0, 0);
        let service = Ps((-libm::log(draws.unit()) * mean.0 as f64) as u64);
        if let Some(done) = controllers.packet_in(now, service) {
            (sum, served) = (sum + (done.saturating_sub(now)).nanos(), served + 1);
        }
    }
    assert_eq!(served + controllers.dropped(), all);
    (sum / served as f64, controllers.dropped() as f64 / all as f64)
}

#[test]
fn controllers_are_mm1_and_mmc() {
    let mean = Ps::from_micros(100);
    for load in [0.3, 0.6, 0.8] {
        let (got, dropped) = controllers(1, None, (load * 1e4) as u64, mean);
        within(&format!("M/M/1 at {load}"), got, theory::mm1_ns(1e5, load * 1e4), CLOSE);
        assert_eq!(dropped, 0.0);
        for servers in [2u32, 4] {
            let pps = load * 1e4 * f64::from(servers);
            let (got, _) = controllers(servers as usize, None, pps as u64, mean);
            let want = theory::mmc_ns(1e5, pps, servers);
            within(&format!("M/M/{servers} at {load}"), got, want, CLOSE);
        }
    }
}

#[test]
fn a_finite_buffer_drops_what_mm1k_says_and_an_infinite_one_diverges() {
    let mean = Ps::from_micros(100);
    let (got, dropped) = controllers(1, Some(7), 12_000, mean);
    within("loss", dropped, theory::mm1k_loss(1.2, 8), CLOSE);
    within("ns", got, theory::mm1k_ns(1e5, 12_000.0, 8), CLOSE);
    let mut endless = Controllers::new(1, None);
    let mut waiting = Vec::new();
    for (number, now, _) in packets(Arrivals::Poisson { pps: 12_000 }, Flows::One, 40_000) {
        endless.packet_in(now, mean);
        if number % 10_000 == 9_999 {
            waiting.push(endless.waiting());
        }
    }
    assert!(waiting.is_sorted_by(|a, b| a + 500 < *b), "it grows and grows: {waiting:?}");
}
