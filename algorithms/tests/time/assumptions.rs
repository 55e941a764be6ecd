//! What breaks when the world breaks an assumption.

use seedbed_algorithms::time::{
    BerkeleyParams, CristianParams, LamportPhysicalParams, MarzulloParams, NtpParams,
};
use seedbed_algorithms::{Berkeley, Cristian, LamportPhysical, Marzullo, Ntp};
use seedbed_core::World;
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_node::{NodeId, Time};

use crate::support::{breached, check, clock, held, ms, rough, run, secs};

const LOAD: &str = "(read_every: \"250ms\", readings: 1100)";

/// A clock runs at twice the rate error that the parameters allow.
fn too_fast(nodes: u32, true_nodes: u32) -> World {
    let mut world = rough(1, nodes, 300, true_nodes);
    clock(&mut world, nodes - 1, 0, 2_000_000);
    world
}

fn step(mut world: World, node: u32, by_ns: i64) -> World {
    let at = Time::ZERO + secs(100);
    let fault = Fault::ClockStep { node: NodeId(node), by_ns };
    world.faults.planned.push(TimedFault { at, until: None, fault });
    world
}

#[test]
fn a_clock_that_drifts_more_than_it_may_leaves_every_bound() {
    let ntp = run::<Ntp>(&too_fast(3, 1), NtpParams::default(), LOAD);
    let why = &check(&ntp, "WithinBound").detail;
    assert!(breached(&ntp, "WithinBound") && why.contains("promised to be within"), "{why}");
    let cristian = run::<Cristian>(&too_fast(3, 1), CristianParams::default(), LOAD);
    assert!(breached(&cristian, "WithinBound"));
    let marzullo = run::<Marzullo>(&too_fast(4, 3), MarzulloParams::default(), LOAD);
    assert!(breached(&marzullo, "WithinBound"));
    let berkeley = run::<Berkeley>(&too_fast(4, 0), BerkeleyParams::default(), LOAD);
    let why = &check(&berkeley, "MutuallyClose").detail;
    assert!(breached(&berkeley, "MutuallyClose") && why.contains("apart"), "{why}");
}

#[test]
fn somebody_who_sets_the_clock_by_hand_breaks_the_promise_until_the_next_round() {
    let world = step(rough(1, 3, 300, 1), 2, 400_000_000);
    let outcome = run::<Ntp>(&world, NtpParams::default(), LOAD);
    assert!(breached(&outcome, "WithinBound"), "{:?}", outcome.checks);
    let back = step(rough(1, 3, 150, 0), 2, -400_000_000);
    let params = LamportPhysicalParams { delay_unpredictable: ms(40), ..Default::default() };
    let outcome = run::<LamportPhysical>(&back, params, LOAD);
    assert!(breached(&outcome, "NeverBackwards"), "{:?}", outcome.checks);
}

#[test]
fn cristian_on_links_that_are_faster_than_believed_errs_by_more_than_it_says() {
    let slow = CristianParams { delay_min: ms(15), ..Default::default() };
    let outcome = run::<Cristian>(&rough(1, 3, 300, 1), slow, LOAD);
    let why = &check(&outcome, "EstimateBound").detail;
    assert!(breached(&outcome, "EstimateBound") && why.contains("while it said"), "{why}");
}

#[test]
fn physical_clocks_on_links_that_are_slower_than_believed_are_further_apart() {
    let hasty =
        LamportPhysicalParams { delay_unpredictable: ms(1), every: ms(200), ..Default::default() };
    let outcome = run::<LamportPhysical>(&rough(1, 4, 60, 0), hasty, LOAD);
    assert!(breached(&outcome, "MutuallyClose"), "{:?}", outcome.checks);
}

#[test]
fn a_server_whose_clock_is_wrong_misleads_ntp_and_not_marzullo() {
    let mut world = rough(1, 4, 300, 3);
    clock(&mut world, 0, 2_000_000_000, 0);
    let ntp = run::<Ntp>(&world, NtpParams::default(), LOAD);
    assert!(breached(&ntp, "EstimateBound"), "{:?}", ntp.checks);
    held::<Marzullo>(&world, MarzulloParams::default(), LOAD);
}

/// The rule: n servers, at most f of them false, 2f < n.
#[test]
fn f_plus_1_false_tickers_that_agree_mislead_marzullo_and_f_do_not() {
    for (servers, faults) in [(1, 0), (3, 1), (5, 2), (7, 3), (7, 2)] {
        let lying = |liars: u32| {
            let mut world = rough(3, servers + 1, 120, servers);
            for liar in 0..liars {
                clock(&mut world, liar, 10_000_000_000, 0);
            }
            let params = MarzulloParams {
                servers: (0..servers).map(NodeId).collect(),
                faults,
                ..Default::default()
            };
            run::<Marzullo>(&world, params, LOAD)
        };
        let fine = lying(faults);
        assert!(!breached(&fine, "WithinBound") && !breached(&fine, "EstimateBound"));
        assert!(fine.measures["estimate_error_max_ns"] < 45e6, "{:?}", fine.measures);
        // Of 7 servers with 2 allowed for, 3 liars outvote nobody: no 5 agree, and none believes.
        let outvoted = 2 * faults + 1 == servers;
        let misled = lying(faults + 1);
        assert_eq!(breached(&misled, "EstimateBound"), outvoted, "{:?}", misled.checks);
        assert_eq!(misled.measures.contains_key("estimate_error_max_ns"), outvoted);
    }
}

#[test]
fn one_clock_that_is_far_off_drags_a_plain_average_along_and_not_the_algorithms() {
    let mut world = rough(1, 5, 60, 4);
    world.clocks.rules.clear();
    world.clocks.default = Default::default();
    clock(&mut world, 4, 100_000_000_000, 0);
    let lead = |outlier| {
        let params = BerkeleyParams { outlier, ..Default::default() };
        held::<Berkeley>(&world, params, LOAD).wall_lead_ns.1
    };
    let plain = lead(None);
    assert!((19_900_000_000..20_100_000_000).contains(&plain), "a fifth of 100 s: {plain}");
    let robust = lead(Some(secs(1)));
    assert!(robust.abs() < 40_000_000, "{robust}");
}

#[test]
fn without_an_answer_nothing_is_promised() {
    let mut world = rough(1, 2, 60, 1);
    let fault = Fault::Crash { node: NodeId(0), after_effects: None };
    world.faults.planned.push(TimedFault { at: Time::ZERO, until: None, fault });
    let load = "(pace: Some(Closed(think: Constant(\"1s\"), only: [NodeId(1)])))";
    let outcome = run::<Ntp>(&world, NtpParams::default(), load);
    assert!(!outcome.measures.contains_key("promise_max_ns"));
    assert_eq!((outcome.operations.count, outcome.operations.pending), (0, 1));
    let cristian = CristianParams { attempts: 3, ..Default::default() };
    assert_eq!(run::<Cristian>(&world, cristian, load).operations.count, 0);
}
