//! What a crash of the coordinator after the votes does, and who may end it.

use seedbed_algorithms::TwoPhaseCommit;
use seedbed_algorithms::commit::{InDoubt, TwoPhaseParams};
use seedbed_core::{Outcome, World};
use seedbed_node::Duration;

use super::support::{PRESUMPTIONS, at, breached, check, crash, ms, presuming, run, until};

const LOAD: &str = "(pace: Closed(think: Constant(\"100ms\"), requests_per_node: 1), \
                    keys: Uniform(count: 9), keys_per_participant: 2)";

/// The coordinator crashes in the handler of the last vote, after so many effects.
fn crashed(params: TwoPhaseParams, nodes: u32, effects: u32, back: Option<Duration>) -> Outcome {
    let armed = at(Duration::from_micros(101_500));
    let fault = crash(0, armed, back.map(at), Some(effects));
    let world = until(World::new(4, nodes), Duration::from_secs(30)).fault(fault);
    run::<TwoPhaseCommit>(&world, params, LOAD)
}

#[test]
fn everybody_is_blocked_and_the_report_says_with_which_locks_since_when() {
    for presume in PRESUMPTIONS {
        for cooperative in [false, true] {
            let params = TwoPhaseParams { cooperative, ..presuming(presume) };
            let outcome = crashed(params, 4, 1, None);
            let why = &check(&outcome, "Decided").detail;
            assert!(
                why.contains("n1 has been in doubt about T0 since 101ms, holding key"),
                "{why}"
            );
            assert!(why.contains("n3 has been in doubt about T0"), "{why}");
            assert!(why.ends_with("; n0 is down"), "{why}");
            assert_eq!(outcome.measures["blocked"], 3.0);
            assert_eq!(outcome.measures["in_doubt_at_end"], 3.0);
            assert!(outcome.measures["locks_held_at_end"] >= 3.0);
            // From the second silence (after 700 ms) to the end.
            let blocked = outcome.measures["blocked_ns_mean"];
            assert!((29.1e9..29.3e9).contains(&blocked), "{blocked}");
            assert!(!breached(&outcome, "Agreement"));
        }
    }
}

#[test]
fn a_restart_of_the_coordinator_ends_it() {
    for presume in PRESUMPTIONS {
        let outcome = crashed(presuming(presume), 4, 1, Some(Duration::from_secs(10)));
        assert!(!breached(&outcome, "Decided"), "{:?}", outcome.checks);
        assert_eq!(outcome.measures["in_doubt_at_end"], 0.0);
        let doubt = outcome.measures["in_doubt_ns_max"];
        assert!((9.8e9..10.3e9).contains(&doubt), "{doubt}");
    }
}

/// One COMMIT has left: who has it tells the others, if they may ask.
#[test]
fn peers_end_it_where_one_of_them_knows() {
    for presume in PRESUMPTIONS {
        for cooperative in [false, true] {
            let params = TwoPhaseParams { cooperative, ..presuming(presume) };
            let outcome = crashed(params, 4, 4, None);
            let left = if cooperative { 0.0 } else { 2.0 };
            assert_eq!(outcome.measures["in_doubt_at_end"], left, "{presume:?} {cooperative}");
            assert!(!breached(&outcome, "Agreement"));
        }
    }
}

/// X/Open's "heuristic decision": nobody is blocked, and somebody is wrong.
#[test]
fn who_does_not_wait_disagrees() {
    let params = TwoPhaseParams { in_doubt: InDoubt::Abort, ..TwoPhaseParams::default() };
    let outcome = crashed(params, 4, 4, Some(Duration::from_secs(10)));
    let why = &check(&outcome, "Agreement").detail;
    assert!(breached(&outcome, "Agreement") && why.contains("aborted T0"), "{why}");
}

/// The notes' form: what the client has decided it forgets in a crash, and presumes an abort.
#[test]
fn a_client_that_coordinates_disagrees_with_itself() {
    let params = TwoPhaseParams { client_coordinates: true, ..TwoPhaseParams::default() };
    let outcome = crashed(params, 4, 3, Some(Duration::from_secs(10)));
    assert!(breached(&outcome, "Agreement"), "{:?}", outcome.checks);
    let vanished = TwoPhaseParams { client_coordinates: true, ..TwoPhaseParams::default() };
    let outcome = crashed(vanished, 4, 0, None);
    assert_eq!(outcome.measures["in_doubt_at_end"], 3.0);
}

/// The notes' form: prepared data does not block.
#[test]
fn without_locks_transactions_are_not_isolated() {
    let load = "(pace: Open(every: Constant(\"1ms\"), requests_per_node: 20, at_once: 9), \
                keys: Uniform(count: 2))";
    for holds_locks in [true, false] {
        let params = TwoPhaseParams { holds_locks, ..TwoPhaseParams::default() };
        let outcome = run::<TwoPhaseCommit>(&World::new(1, 4), params, load);
        assert_eq!(breached(&outcome, "LocksExclusive"), !holds_locks, "{:?}", outcome.checks);
    }
}

/// Blocking has a price: transactions that want the same keys are refused meanwhile.
#[test]
fn what_a_blocked_transaction_locks_is_refused_to_others() {
    let load = "(pace: Closed(think: Constant(\"300ms\"), requests_per_node: 30), \
                keys: Uniform(count: 1))";
    let outage = |outage: bool| {
        let mut world = until(World::new(1, 3), Duration::from_secs(60));
        if outage {
            // The coordinator restarts at once and goes on; a cut keeps the decision from one.
            use seedbed_core::LinkSet;
            use seedbed_core::fault::{Fault, TimedFault};
            use seedbed_node::NodeId;
            let cut = Fault::Cut(LinkSet::one(NodeId(0), NodeId(2)));
            let from = at(Duration::from_micros(905_500));
            world = world.fault(TimedFault { at: from, until: Some(from + ms(4000)), fault: cut });
        }
        run::<TwoPhaseCommit>(&world, TwoPhaseParams::default(), load)
    };
    let (fair, foul) = (outage(false), outage(true));
    assert_eq!(fair.measures["aborted"], 0.0);
    assert!(foul.measures["aborted"] >= 3.0, "{:?}", foul.measures);
    assert!(foul.measures["in_doubt_ns_max"] > 3e9);
    assert_eq!(foul.measures["in_doubt_at_end"], 0.0);
}
