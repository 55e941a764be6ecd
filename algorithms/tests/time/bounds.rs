//! What nodes promise holds, for many seeds, and is not promised wider than theory has it.

use seedbed_algorithms::time::{
    BerkeleyParams, CristianParams, LamportPhysicalParams, MarzulloParams, Neighbours, NtpParams,
    drift_within,
};
use seedbed_algorithms::{Berkeley, Cristian, LamportPhysical, Marzullo, Ntp};
use seedbed_core::World;
use seedbed_core::clock::{Spread, Wander};
use seedbed_core::network::Loss;
use seedbed_node::{Duration, NodeId, Probability};

use crate::support::{clock, held, ms, rough, secs};

const SEEDS: u64 = 60;
const LOAD: &str = "(read_every: \"250ms\", readings: 1100)";

/// Messages are lost and repeated, and rates wander within the bound.
fn rougher(seed: u64, nodes: u32, true_nodes: u32) -> World {
    let mut world = rough(seed, nodes, 300, true_nodes);
    world.network.default.loss = Loss::Bernoulli(Probability::new(0.1).expect("in 0..=1"));
    world.network.default.duplicate = Probability::new(0.1).expect("in 0..=1");
    world.clocks.default.drift_ppb = Spread::Uniform(-60_000, 60_000);
    world.clocks.default.wander =
        Some(Wander { every: secs(1), step_ppb: 20_000, bound_ppb: 40_000 });
    world
}

#[test]
fn ntps_clients_stay_within_half_the_round_trip_and_rho_tau() {
    for seed in 0..SEEDS {
        held::<Ntp>(&rough(seed, 4, 300, 1), NtpParams::default(), LOAD);
        let outcome = held::<Ntp>(&rougher(seed, 4, 1), NtpParams::default(), LOAD);
        assert!(outcome.measures["promise_max_ns"] < 128e6 + 120e6, "{:?}", outcome.measures);
    }
}

/// Unfiltered and always stepped, so that τ is at most a poll and a round trip.
#[test]
fn ntps_promise_is_delta_half_and_rho_tau_and_no_more() {
    let mut params = NtpParams { filter: 1, step_at: Duration::ZERO, ..Default::default() };
    for poll in [4, 16, 64] {
        params.poll = Some(secs(poll));
        let mut world = rough(7, 2, 600, 1);
        world.network.default.delay = seedbed_node::Distribution::Constant(ms(10));
        // The fastest clock that the bound allows polls the most often by true time.
        clock(&mut world, 1, 77_000_000, 100_000);
        let outcome = held::<Ntp>(&world, params.clone(), LOAD);
        let tau = secs(poll) + ms(20);
        let theory = (ms(10) + drift_within(tau, 100_000)).as_nanos() as f64;
        let promise = outcome.measures["promise_max_ns"];
        assert!(promise < theory + 4_100.0, "{promise} against {theory}");
        let error = outcome.measures["error_max_ns"];
        let drift = poll as f64 * 1e9 * 100e-6;
        assert!(error > 0.9 * drift && error < 1.1 * drift, "{error} against {drift}");
    }
}

/// Where drift is slow against the spread of delays; a sample of two minutes ago is as good as new.
#[test]
fn the_filter_keeps_the_error_below_that_of_every_sample() {
    let (mut filtered, mut unfiltered) = (0.0, 0.0);
    for seed in 0..20 {
        let mut world = rough(seed, 2, 300, 1);
        world.clocks.default.drift_ppb = Spread::Uniform(-5_000, 5_000);
        let params = NtpParams { step_at: Duration::ZERO, ..Default::default() };
        filtered += held::<Ntp>(&world, params.clone(), LOAD).measures["error_ns_mean"];
        let params = NtpParams { filter: 1, ..params };
        unfiltered += held::<Ntp>(&world, params, LOAD).measures["error_ns_mean"];
    }
    assert!(filtered < 0.8 * unfiltered, "{filtered} against {unfiltered}");
}

#[test]
fn cristians_clients_stay_within_half_the_round_trip_less_the_least_delay() {
    let params = CristianParams { delay_min: ms(1), ..Default::default() };
    for seed in 0..SEEDS {
        held::<Cristian>(&rough(seed, 4, 300, 1), params.clone(), LOAD);
        let outcome = held::<Cristian>(&rougher(seed, 4, 1), params.clone(), LOAD);
        let worst = (ms(25) + ms(1)).as_nanos() as f64;
        let estimate = outcome.measures["estimate_error_max_ns"];
        assert!(estimate < worst, "{estimate}");
    }
}

#[test]
fn berkeleys_clocks_stay_together_though_nobodys_is_true() {
    for seed in 0..SEEDS {
        held::<Berkeley>(&rough(seed, 5, 300, 0), BerkeleyParams::default(), LOAD);
        let outcome = held::<Berkeley>(&rougher(seed, 5, 0), BerkeleyParams::default(), LOAD);
        assert!(outcome.operations.count == 0 && outcome.messages.sent > 200);
    }
}

#[test]
fn marzullos_clients_are_right_whichever_f_servers_lie() {
    let servers = (0..5).map(NodeId).collect();
    let params = MarzulloParams { servers, faults: 2, ..Default::default() };
    for seed in 0..SEEDS {
        let mut world = rough(seed, 7, 300, 5);
        let (first, second) = (seed as u32 % 5, (seed as u32 + 1 + seed as u32 / 5 % 4) % 5);
        clock(&mut world, first, 3_600_000_000_000, 0);
        clock(&mut world, second, (seed as i64 - 30) * 2_000_000, 0);
        let outcome = held::<Marzullo>(&world, params.clone(), LOAD);
        assert!(outcome.measures["promise_max_ns"] < 45e6, "{:?}", outcome.measures);
    }
}

#[test]
fn physical_clocks_are_within_epsilon_and_never_go_back() {
    for neighbours in [Neighbours::All, Neighbours::Ring] {
        let params = LamportPhysicalParams {
            delay_min: ms(1),
            delay_unpredictable: ms(39),
            neighbours,
            ..Default::default()
        };
        let mut widest = 0.0f64;
        for seed in 0..SEEDS {
            let load = "(read_every: \"10ms\", readings: 3000)";
            let outcome = held::<LamportPhysical>(&rough(seed, 4, 30, 0), params.clone(), load);
            widest = widest.max(outcome.measures["skew_ns_p50"]);
        }
        let epsilon = params.closeness(4).as_nanos() as f64;
        assert!(widest < epsilon && widest > epsilon / 20.0, "{widest} of {epsilon}");
    }
}
