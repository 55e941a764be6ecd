//! The mechanism comes to the closed forms, each in its regime.

use seedbed_core::network::path::{
    Arrivals, Cache, Cost, Law, Next, Nic, Notify, Path, Preset, Ps, Stage, Trial, theory,
};
use seedbed_node::Probability;

use crate::{run, saturated, within};

const CLOSE: f64 = 0.02;

/// A wire that is never in the way.
const WIDE: Nic = Nic { bits_per_s: 100_000_000_000_000, bus_pps: None, fifo: 512, tx_ring: 4_096 };

fn one(nic: Nic, stage: Stage) -> Path {
    let (ingress, egress) = (vec![0], None);
    Path { nic, stages: vec![stage], ingress, egress, sleep: None, fixed: Ps::ZERO }
}

fn server(ns: u64) -> Stage {
    let cost = Cost::per_packet(Ps::from_nanos(ns));
    Stage { cost, ..Stage::new("server", 0, Next::Host) }
}

/// E1, at the sizes of the usual benchmarks (RFC 2544).
#[test]
fn e1_the_wire_limits_small_and_large_frames() {
    let nic = Nic { bits_per_s: 10_000_000_000, ..WIDE };
    for bytes in [64, 128, 256, 512, 1_024, 1_280, 1_518] {
        let arrivals = Arrivals::Constant { pps: 16_000_000 };
        let mut trial = Trial::new(one(nic, server(20)), arrivals, Ps::from_millis(10));
        trial.traffic.sizes = seedbed_core::network::path::Sizes::Fixed(bytes);
        let want = theory::wire_pps(1e10, f64::from(bytes));
        within(&format!("{bytes} bytes"), trial.run().expect("runs").pps(), want, CLOSE);
    }
}

/// E2: batches, copies, cores, bus.
#[test]
fn e2_batches_share_their_cost() {
    for batch in [1, 2, 4, 8, 32, 128, 256] {
        let mut stage = server(50);
        stage.cost = Cost { batch: Ps::from_nanos(400), copies: 2, byte: Ps(100), ..stage.cost };
        (stage.batch, stage.ring) = (batch, 512);
        let ns = theory::batch_ns(50.0, 0.2, 64.0, 400.0, f64::from(batch));
        let want = theory::capacity_pps(f64::MAX, f64::MAX, 1.0, ns);
        within(&format!("b = {batch}"), saturated(&one(WIDE, stage), 30_000_000, 10), want, CLOSE);
    }
}

/// E3, with Poisson arrivals: the busy share from light load to nearly all.
#[test]
fn e3_napi_cost_falls_with_load() {
    for (preset, a, i, t) in
        [(Preset::xdp(), 41.2, 289.0, 790.0), (Preset::linux_napi(), 206.7, 1_265.0, 3_570.0)]
    {
        for share in [0.02, 0.1, 0.3, 0.6, 0.8, 0.9] {
            let pps = share * 1e9 / a;
            let outcome = run(&preset.path, Arrivals::Poisson { pps: pps as u64 }, 100);
            let ns = outcome.busy_share(0) / outcome.pps() * 1e9;
            let want = theory::napi_ns(a, i, t, pps);
            within(&format!("{} at {share} of 1/a", preset.name), ns, want, CLOSE);
            let interrupts = outcome.interrupts_per_s() * i / 1e9;
            if share < 0.7 {
                // Beyond there are too few in this time to tell.
                within("interrupts", interrupts, (want - a) * pps / 1e9, CLOSE);
            }
        }
    }
}

/// E3 parts from the mechanism where arrivals are evenly spaced: a window then has a whole number of
/// packets, and none comes while few are polled.
#[test]
fn e3_is_no_law_for_even_arrivals() {
    let pps = 1_000_000;
    let outcome = run(&Preset::linux_napi().path, Arrivals::Constant { pps }, 100);
    let ns = outcome.busy_share(0) / outcome.pps() * 1e9;
    let formula = theory::napi_ns(206.7, 1_265.0, 3_570.0, pps as f64);
    assert!((ns - formula).abs() / formula > CLOSE, "{ns} for {formula}");
}

/// E5: misses, near and far.
#[test]
fn e5_misses_cost_more_on_the_other_socket() {
    let misses = Probability::new(0.3).expect("a probability");
    let mut stage = server(50);
    stage.cost.cache = Some(Cache { misses, miss_cost: Ps::from_nanos(80), numa_permille: 1_000 });
    let near = one(WIDE, stage);
    for (path, numa) in [(near.clone(), 1.0), (near.remote_memory(1_700), 1.7)] {
        let want = 1e9 / theory::cache_ns(50.0, 80.0, numa, 0.3);
        within(&format!("nu = {numa}"), saturated(&path, 30_000_000, 20), want, CLOSE);
    }
}

/// E7: a stage that waits for a full batch makes packets wait (b-1)/(2λ) on average; a greedy one
/// does not.
#[test]
fn e7_only_those_wait_for_a_batch_who_want_it_full() {
    for batch in [1u32, 8, 32] {
        let mut stage = server(10);
        (stage.batch, stage.fill) = (batch, Some(Ps::from_millis(10)));
        let pps = 1_000_000;
        let latency = |stage: &Stage| {
            let outcome = run(&one(WIDE, stage.clone()), Arrivals::Constant { pps }, 50);
            outcome.latency_ns.expect("packets").mean
        };
        let batch_ns = f64::from(batch) * 10.0;
        let want = theory::fill_wait_ns(f64::from(batch), pps as f64) + batch_ns;
        within(&format!("b = {batch}"), latency(&stage), want, CLOSE);
        stage.fill = None;
        within(&format!("greedy, b = {batch}"), latency(&stage), 10.0, CLOSE);
    }
}

/// Poisson arrivals in four runs: mean nanoseconds in the system, and the share that is dropped.
fn queue(stage: &Stage, pps: f64) -> (f64, f64) {
    let (mut ns, mut delivered, mut offered) = (0.0, 0u64, 0u64);
    for seed in 1..=4 {
        let arrivals = Arrivals::Poisson { pps: pps as u64 };
        let mut trial = Trial::new(one(WIDE, stage.clone()), arrivals, Ps::from_millis(500));
        trial.seed = seed;
        let outcome = trial.run().expect("runs");
        ns += outcome.latency_ns.expect("packets").mean * outcome.delivered as f64;
        (delivered, offered) = (delivered + outcome.delivered, offered + outcome.offered);
    }
    (ns / delivered as f64, 1.0 - delivered as f64 / offered as f64)
}

/// M/D/1 (Pollaczek, Khinchin) and M/M/1: one packet at a time, Poisson arrivals.
#[test]
fn queues_are_those_of_md1_and_mm1() {
    for load in [0.2, 0.5, 0.8] {
        let (service, pps) = (1_000.0, load * 1e6);
        let mut stage = Stage { ring: 4_096, ..server(1_000) };
        let want = theory::md1_ns(service, pps);
        within(&format!("M/D/1 at {load}"), queue(&stage, pps).0, want, CLOSE);
        stage.cost.law = Law::Exponential;
        let want = theory::mm1_ns(service, pps);
        within(&format!("M/M/1 at {load}"), queue(&stage, pps).0, want, CLOSE);
    }
}

/// M/M/1/K: the ring has all places but the one of the packet in service.
#[test]
fn a_short_ring_loses_what_mm1k_says() {
    for (load, k) in [(0.5, 4), (0.9, 8), (1.0, 8), (1.5, 5)] {
        let pps = load * 1e6;
        let mut stage = Stage { ring: k - 1, ..server(1_000) };
        stage.cost.law = Law::Exponential;
        let (ns, loss) = queue(&stage, pps);
        let what = format!("M/M/1/{k} at {load}");
        within(&format!("{what}, loss"), loss, theory::mm1k_loss(load, k), CLOSE);
        within(&format!("{what}, ns"), ns, theory::mm1k_ns(1_000.0, pps, k), CLOSE);
    }
}

/// A thread that sleeps pays a context switch whenever it has nothing left to do.
#[test]
fn a_woken_thread_pays_its_switch() {
    let notify = Notify::Signal { switch: Ps::from_nanos(500) };
    let path = one(WIDE, Stage { notify, ..server(1_000) });
    let outcome = run(&path, Arrivals::Constant { pps: 100_000 }, 100);
    within("seldom, busy", outcome.busy_share(0), 0.15, CLOSE);
    within("always, pps", saturated(&path, 5_000_000, 50), 1e6, CLOSE);
}
