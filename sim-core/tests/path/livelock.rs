//! Receive livelock (Mogul & Ramakrishnan, USENIX 1996) and what prevents it.

use seedbed_core::network::path::{Arrivals, Place, Preset, Priority, theory};

use crate::{run, saturated, within};

const INTERRUPT_NS: f64 = 76_630.0;
const FORWARD_NS: f64 = 139_570.0;

#[test]
fn the_curve_rises_peaks_and_falls_to_zero() {
    let path = Preset::router_1996().path;
    let out = |pps| saturated(&path, pps, 10_000);
    for pps in [1_000, 2_000, 4_000, 4_500] {
        within(&format!("rising, {pps}"), out(pps), pps as f64, 0.02);
    }
    let loads = [5_000, 6_000, 8_000, 10_000, 12_000];
    let falling: Vec<f64> = loads.into_iter().map(out).collect();
    assert!(falling.is_sorted_by(|a, b| a > b), "{falling:?}");
    // E4.
    for (pps, got) in loads.into_iter().zip(&falling) {
        let want = theory::livelock_pps(INTERRUPT_NS, FORWARD_NS, pps as f64);
        within(&format!("falling, {pps}"), *got, want, 0.02);
    }
    let end = theory::livelock_from_pps(INTERRUPT_NS) as u64 + 10;
    assert_eq!(out(end), 0.0, "from {end} packets a second on, nothing comes out");
}

#[test]
fn a_poll_quota_keeps_it_flat() {
    let path = Preset::router_1996_polling(5).path;
    let peak = 1e9 / (INTERRUPT_NS + FORWARD_NS);
    for pps in [5_000, 8_000, 11_000, 14_000] {
        within(&format!("polling, {pps}"), saturated(&path, pps, 10_000), peak, 0.02);
    }
}

/// Their figures 6-3 and 6-4: with a process behind the kernel, a quota alone does not help; queue
/// state as feedback does.
#[test]
fn feedback_keeps_a_process_alive() {
    let out = |feedback, pps| saturated(&Preset::router_1996_screend(feedback).path, pps, 10_000);
    let peak = 1e9 / (INTERRUPT_NS + FORWARD_NS + 284_000.0);
    for pps in [2_500, 6_000, 12_000] {
        within(&format!("feedback, {pps}"), out(true, pps), peak, 0.02);
    }
    assert_eq!(out(false, 8_000), 0.0, "without, the process starves");
}

/// What is dropped at the adapter's ring has cost no core anything.
#[test]
fn early_drops_are_free() {
    let preset = Preset::dpdk();
    let mut costs = [50_000_000, 90_000_000].map(|pps| {
        let outcome = run(&preset.path, Arrivals::Constant { pps }, 5);
        assert!(outcome.dropped(Place::Ring(0)) > 0, "{pps} are too many");
        outcome.busy_share(0) / outcome.pps() * 1e9
    });
    costs.sort_by(f64::total_cmp);
    within("busy ns a packet", costs[0], costs[1], 0.001);
    // An interrupt-driven router pays for what it drops later.
    let outcome = run(&Preset::router_1996().path, Arrivals::Constant { pps: 9_000 }, 10_000);
    assert_eq!(outcome.dropped(Place::Ring(0)), 0);
    assert!(outcome.dropped(Place::Ring(1)) > 0);
    let interrupts = outcome.cores[0].busy[Priority::Interrupt as usize].secs();
    within("all packets, dropped ones too", interrupts, 9_000.0 * 10.0 * 76.63e-6, 0.01);
}

/// The same on a machine of today, without NAPI.
#[test]
fn linux_without_napi_livelocks() {
    let path = Preset::linux_interrupt().path;
    let peak = saturated(&path, 300_000, 200);
    within("below the peak", peak, 300_000.0, 0.01);
    assert_eq!(saturated(&path, 700_000, 200), 0.0);
    within("NAPI", saturated(&Preset::linux_napi().path, 700_000, 50), 700_000.0, 0.01);
}
