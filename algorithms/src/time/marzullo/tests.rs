//! The rule on numbers, and a client's round in transcript form.

use seedbed_node::{Algorithm, LocalTime, NodeId};

use super::{Interval, Marzullo, MarzulloMessage as M, MarzulloParams, MarzulloTimer, intersect};
use crate::time::Request::Synchronise;
use crate::transcript::{Bench, operation};

const NOTHING: [&str; 0] = [];

fn intervals(ends: &[(i64, i64)]) -> Vec<Interval> {
    ends.iter().map(|&(low, high)| Interval { low, high }).collect()
}

fn result(ends: &[(i64, i64)], faults: u32) -> Option<(i64, i64)> {
    intersect(&intervals(ends), faults).map(|interval| (interval.low, interval.high))
}

/// PODC 1983: without faults, the intersection of all.
#[test]
fn without_faults_it_is_the_intersection_of_all() {
    assert_eq!(result(&[(8, 12), (11, 13), (10, 12)], 0), Some((11, 12)));
    assert_eq!(result(&[(8, 12), (13, 14)], 0), None, "somebody must be wrong");
}

/// TOCS 1990: every point that n−f intervals allow.
#[test]
fn with_f_faults_it_spans_all_points_in_n_minus_f_intervals() {
    assert_eq!(result(&[(8, 12), (11, 13), (14, 15)], 1), Some((11, 12)));
    assert_eq!(result(&[(0, 4), (3, 9), (8, 12)], 1), Some((3, 9)), "either end may be false");
    assert_eq!(result(&[(0, 1), (2, 3), (4, 5)], 1), None, "no two agree: more than one is false");
}

#[test]
fn f_plus_1_that_agree_drag_the_result_away() {
    let truth = 10;
    let two_liars = [(9, 11), (8, 12), (10, 13), (100, 101), (100, 102)];
    let (low, high) = result(&two_liars, 2).expect("three agree");
    assert!(low <= truth && truth <= high);
    let three_liars = [(9, 11), (8, 12), (100, 103), (100, 101), (100, 102)];
    assert_eq!(result(&three_liars, 2), Some((100, 101)));
}

/// For all sizes: true time lies in the result as long as no more than f intervals miss it.
#[test]
fn the_truth_is_in_the_result_whatever_f_intervals_say() {
    let truth = 0i64;
    for count in 1..=9u32 {
        let faults = (count - 1) / 2;
        for seed in 0..200i64 {
            let noise = |k: i64| (seed * 7_919 + k * 104_729).rem_euclid(17);
            let honest = (0..i64::from(count - faults)).map(|k| (truth - noise(k), noise(-k)));
            let lies = (0..i64::from(faults)).map(|k| {
                let from = noise(k + 50) * 3 - 25;
                (from, from + noise(k + 90))
            });
            let all: Vec<_> = honest.chain(lies).collect();
            let (low, high) = result(&all, faults).expect("the truth is such a point");
            assert!(low <= truth && truth <= high, "{all:?}");
        }
    }
}

fn client() -> Bench<Marzullo> {
    let params = MarzulloParams { poll: None, drift_bound_ppb: 0, ..Default::default() };
    Bench::boot(3, 4, params).0
}

fn reply(round: u32, time: i64) -> M {
    M::Reply { round, time: LocalTime(time) }
}

#[test]
fn a_client_asks_all_servers_and_goes_to_the_middle_of_what_enough_allow() {
    let mut client = client();
    let asked = client.request(Synchronise);
    assert_eq!(asked[2], "n2 <- Request { round: 1 } for n3#0");
    client.at(100);
    client.message(0, operation(3), reply(1, 1_050));
    client.message(2, operation(3), reply(1, 9_000));
    // 1_050 + 50 and 1_060 + 50, each give or take 54: less the 100 of the own clock.
    assert_eq!(
        client.message(1, operation(3), reply(1, 1_060)),
        [
            "cancel Timeout",
            "emit Measured { wall: 100ns, offset_ns: 1005, delay: 100ns, error: 49ns }",
            "adjust 1005 over 0s",
            "emit Synchronised { by_ns: 1005 }"
        ]
    );
}

#[test]
fn two_answers_of_three_may_not_outvote_a_false_ticker_and_end_in_no_result() {
    let mut client = client();
    client.request(Synchronise);
    client.message(0, operation(3), reply(1, 50));
    client.message(0, operation(3), reply(1, 70));
    client.message(1, operation(3), reply(1, 50));
    let done = client.timer(MarzulloTimer::Timeout);
    assert_eq!(done, ["cancel Timeout", "emit OutOfTouch"], "one answer counts once");
    assert_eq!(client.message(2, operation(3), reply(1, 50)), NOTHING, "too late");
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    let ids = |ids: &[u32]| ids.iter().map(|&id| NodeId(id)).collect::<Vec<_>>();
    for (servers, faults, field) in
        [(&[0, 1, 9][..], 1, "servers"), (&[0, 1, 1], 1, "servers"), (&[0, 1, 2], 2, "faults")]
    {
        let params = MarzulloParams { servers: ids(servers), faults, ..Default::default() };
        let why = Marzullo::check_params(&params, 5).expect_err(field);
        assert!(why.starts_with(field), "{why}");
    }
    assert_eq!(Marzullo::check_params(&MarzulloParams::default(), 4), Ok(()));
}
