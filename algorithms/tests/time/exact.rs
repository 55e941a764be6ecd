//! Exact errors, exact counts.

use seedbed_algorithms::time::{
    BerkeleyParams, CristianParams, LamportPhysicalParams, MarzulloParams, Neighbours, NtpParams,
    resync_every,
};
use seedbed_algorithms::{Berkeley, ClockSync, Cristian, LamportPhysical, Marzullo, Ntp};
use seedbed_core::{Outcome, StopWhen, World};
use seedbed_node::{Algorithm, Duration, NodeId, Theory};

use crate::support::{MS, clock, held, link, ms, rough, run, secs, world};

/// The estimate errs by half the difference of the two paths' delays, to the nanosecond.
#[test]
fn ntps_estimate_errs_by_exactly_half_the_asymmetry_of_the_paths() {
    for (out, back) in [
        (10 * MS, 10 * MS),
        (10 * MS, 30 * MS),
        (30 * MS, 10 * MS),
        (5 * MS + 1, 5 * MS),
        (7, 1_000_000_003),
        (0, 40 * MS),
    ] {
        let mut world = world(1, 2, 300);
        clock(&mut world, 1, -300_000_123, 0);
        link(&mut world, 1, 0, out);
        link(&mut world, 0, 1, back);
        let params = NtpParams { timeout: secs(3), ..Default::default() };
        let outcome = held::<Ntp>(&world, params, "()");
        let error = (out as i64 - back as i64).div_euclid(2) as f64;
        assert_eq!(outcome.measures["estimate_error_min_ns"], error, "{out} out, {back} back");
        assert_eq!(outcome.measures["estimate_error_max_ns"], error, "{out} out, {back} back");
        // Stepped at the first answer or slewed within minutes: the clock is off by as much.
        assert_eq!(outcome.wall_lead_ns.0.min(0), (error as i64).min(0), "{out} out, {back} back");
        assert_eq!(outcome.wall_lead_ns.1.max(0), (error as i64).max(0), "{out} out, {back} back");
    }
}

/// The asymmetry that the bound allows for is the whole round trip on one path.
#[test]
fn the_bound_of_half_the_round_trip_is_reached_when_one_path_takes_no_time() {
    let mut world = world(1, 2, 60);
    link(&mut world, 1, 0, 0);
    link(&mut world, 0, 1, 40 * MS);
    let params = NtpParams { drift_bound_ppb: 0, step_at: Duration::ZERO, ..Default::default() };
    let outcome = held::<Ntp>(&world, params, "()");
    assert_eq!(outcome.measures["error_max_ns"], 20e6);
    assert_eq!(outcome.measures["promise_max_ns"], 20e6 + 8.0, "and 8 ns for rounding");
}

/// Clocks at both ends of the drift bound, synchronised every δ/(2ρ), differ by up to δ and no more.
#[test]
fn clocks_that_are_synchronised_every_skew_over_twice_the_drift_stay_within_the_skew() {
    const DRIFT: i64 = 100_000;
    let skew = ms(2);
    let poll = resync_every(skew, DRIFT as u32);
    assert_eq!(poll, secs(10));
    let mut world = world(1, 3, 200);
    clock(&mut world, 1, 0, DRIFT);
    clock(&mut world, 2, 0, -DRIFT);
    let params = NtpParams {
        poll: Some(poll),
        filter: 1,
        step_at: Duration::ZERO,
        drift_bound_ppb: DRIFT as u32,
        ..Default::default()
    };
    let outcome = held::<Ntp>(&world, params, "(read_every: \"1ms\", readings: 199000)");
    // A round trip of 2 ms and the rounds' length by a fast and a slow clock come on top.
    let skew = outcome.measures["skew_max_ns"];
    assert!((2.0e6..2.001e6).contains(&skew), "{skew}");
}

fn on_request(nodes: u32, only: u32) -> (World, String) {
    let mut world = rough(u64::from(nodes), nodes, 1, nodes);
    world.stop.when = StopWhen::Quiet;
    let load = format!(
        "(pace: Some(Closed(think: Constant(\"100ms\"), requests_per_node: 10, \
         only: [NodeId({only})])), readings: 3)"
    );
    (world, load)
}

/// Every single round costs this many, and nothing was sent besides.
fn assert_exactly(outcome: &Outcome, each: u64) {
    let operations = &outcome.operations;
    assert_eq!((operations.count, operations.pending), (10, 0), "{:?}", outcome.checks);
    let spread = operations.messages_per.expect("rounds");
    assert_eq!((spread.min, spread.max), (each, each), "{} nodes", outcome.nodes);
    assert_eq!(outcome.messages.sent, 10 * each, "{} nodes", outcome.nodes);
}

fn most<A: Algorithm<Family = ClockSync>>(nodes: u32, params: &A::Params) -> f64 {
    match A::theory(nodes, params) {
        Theory::Exactly(x) | Theory::Between(_, x) => x,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_berkeley_round_costs_3_n_minus_1() {
    for nodes in 2..=16 {
        let (world, load) = on_request(nodes, 0);
        let params = BerkeleyParams { poll: None, ..Default::default() };
        let each = 3 * (u64::from(nodes) - 1);
        assert_exactly(&held::<Berkeley>(&world, params.clone(), &load), each);
        assert_eq!(most::<Berkeley>(nodes, &params), each as f64);
    }
}

#[test]
fn who_asks_one_server_costs_2_and_who_asks_k_costs_2k() {
    for nodes in 4..=16 {
        let (world, load) = on_request(nodes, nodes - 1);
        let params = NtpParams { poll: None, ..Default::default() };
        assert_exactly(&held::<Ntp>(&world, params, &load), 2);
        let params = CristianParams { poll: None, round_trip_max: ms(80), ..Default::default() };
        assert_exactly(&held::<Cristian>(&world, params, &load), 2);
        let servers: Vec<NodeId> = (0..nodes - 1).map(NodeId).collect();
        let each = 2 * (u64::from(nodes) - 1);
        let params = MarzulloParams { poll: None, servers, ..Default::default() };
        assert_exactly(&held::<Marzullo>(&world, params.clone(), &load), each);
        assert_eq!(most::<Marzullo>(nodes, &params), each as f64);
    }
}

/// Cristian: 2k messages for k attempts.
#[test]
fn a_round_trip_that_is_too_long_costs_another_two_messages() {
    let (world, load) = on_request(2, 1);
    let params = CristianParams {
        poll: None,
        round_trip_max: ms(30),
        retry_after: ms(100),
        attempts: 1_000,
        ..Default::default()
    };
    let outcome = held::<Cristian>(&world, params.clone(), &load);
    let spread = outcome.operations.messages_per.expect("rounds");
    assert_eq!(spread.min, 2);
    assert!(spread.max > 2 && spread.max.is_multiple_of(2), "{spread:?}");
    assert_eq!(outcome.messages.sent as f64, spread.mean * 10.0);
    assert!(outcome.measures["delay_ns_max"] < 30.1e6, "longer ones are not used");

    let never = CristianParams { round_trip_max: Duration::from_micros(10), attempts: 7, ..params };
    let outcome = run::<Cristian>(&world, never, &load);
    assert_eq!((outcome.operations.count, outcome.messages.sent), (0, 14), "out of touch");
}

#[test]
fn a_physical_clock_tells_n_minus_1_neighbours_or_1() {
    for nodes in 2..=16 {
        let (mut world, load) = on_request(nodes, 0);
        world.stop.when = StopWhen::Served;
        let tells = |neighbours| {
            let params =
                LamportPhysicalParams { neighbours, every: secs(100), ..Default::default() };
            let outcome = held::<LamportPhysical>(&world, params, &load);
            let spread = outcome.operations.messages_per.expect("rounds");
            assert_eq!(spread.min, spread.max);
            spread.max
        };
        assert_eq!(tells(Neighbours::All), u64::from(nodes) - 1);
        assert_eq!(tells(Neighbours::Ring), 1);
    }
}
