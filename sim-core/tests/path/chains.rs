//! Chains of network functions: E6 in its three ways.

use seedbed_core::network::path::{Arrivals, Chain, Chaining, Cost, Nic, Place, Ps, Trial, theory};

use crate::{saturated, within};

const NIC: Nic = Nic { bits_per_s: 100_000_000_000, bus_pps: None, fifo: 512, tx_ring: 4_096 };

fn chain(functions_ns: &[u64], how: Chaining) -> Chain {
    let cost = |&ns: &u64| Cost::per_packet(Ps::from_nanos(ns));
    let functions = functions_ns.iter().map(cost).collect();
    let receive = Cost::per_packet(Ps::from_nanos(20));
    Chain { nic: NIC, receive, functions, how, rx_ring: 512, ring: 1_024, batch: 32 }
}

fn ns(chain: &Chain) -> f64 {
    1e9 / saturated(&chain.path(), 60_000_000, 10)
}

#[test]
fn through_a_switch_every_function_costs_its_core() {
    let (first, hop) = (Ps::from_nanos(49), Ps::from_nanos(107));
    for k in 1..=6 {
        let got = ns(&chain(&vec![60; k], Chaining::ViaSwitch { first, hop }));
        let want = theory::via_switch_ns(49.0, 107.0, k as f64);
        within(&format!("{k} functions"), got, want, 0.02);
    }
}

#[test]
fn direct_chains_are_as_fast_as_their_slowest_function() {
    let how = Chaining::Direct { hop: Ps::from_nanos(25) };
    for k in 1..=6 {
        within(&format!("{k} alike"), ns(&chain(&vec![60; k], how)), 85.0, 0.02);
    }
    let want = theory::direct_ns(&[75.0, 145.0, 105.0]);
    within("unlike", ns(&chain(&[50, 120, 80], how)), want, 0.02);
}

#[test]
fn on_one_core_functions_add_up() {
    let how = Chaining::SharedCore { hop: Ps::from_nanos(25) };
    for k in 1..=6usize {
        let mut chain = chain(&vec![60; k], how);
        chain.receive = Cost::default();
        let want = theory::shared_core_ns(&vec![60.0; k], 25.0);
        within(&format!("{k} functions"), ns(&chain), want, 0.02);
    }
}

/// Copies instead of shared memory: each function touches every byte.
#[test]
fn copies_cost_large_packets() {
    let mut chain = chain(&[60, 60], Chaining::Direct { hop: Ps::ZERO });
    for function in &mut chain.functions {
        (function.copies, function.byte) = (1, Ps(100));
    }
    let arrivals = Arrivals::Constant { pps: 8_000_000 };
    let mut trial = Trial::new(chain.path(), arrivals, Ps::from_millis(10));
    trial.traffic.sizes = seedbed_core::network::path::Sizes::Fixed(1_500);
    let outcome = trial.run().expect("runs");
    within("a copy of 1500 bytes", outcome.pps(), 1e9 / 210.0, 0.02);
    assert!(outcome.dropped(Place::Ring(1)) > 0, "before the slow function");
}
