//! A master and a slave in transcript form, and the average.

use seedbed_node::{Duration, LocalTime};

use super::{Berkeley, BerkeleyMessage as M, BerkeleyParams, BerkeleyTimer, average};
use crate::time::Request::Synchronise;
use crate::transcript::{Bench, operation};

const NOTHING: [&str; 0] = [];

fn node(me: u32) -> Bench<Berkeley> {
    let params = BerkeleyParams { poll: None, drift_bound_ppb: 0, ..Default::default() };
    Bench::boot(me, 3, params).0
}

fn tell(round: u32, time: i64) -> M {
    M::Tell { round, time: LocalTime(time) }
}

/// The example of the textbooks: 3:00, 3:25 and 2:50 meet at 3:05.
#[test]
fn the_master_averages_itself_in_and_sends_everybody_a_difference() {
    const MINUTE: i64 = 60_000_000_000;
    let mut master = Bench::<Berkeley>::boot(
        0,
        3,
        BerkeleyParams { poll: None, outlier: None, ..Default::default() },
    )
    .0;
    master.at(180 * MINUTE);
    assert_eq!(
        master.request(Synchronise),
        ["n1 <- Ask { round: 1 } for n0#0", "n2 <- Ask { round: 1 } for n0#0", "set Timeout 1s"]
    );
    assert_eq!(master.message(1, operation(0), tell(1, 205 * MINUTE)), NOTHING);
    assert_eq!(
        master.message(2, operation(0), tell(1, 170 * MINUTE)),
        [
            "cancel Timeout",
            "n1 <- Adjust { round: 1, by_ns: -1200000000000, error: 0s } for n0#0",
            "n2 <- Adjust { round: 1, by_ns: 900000000000, error: 0s } for n0#0",
            "adjust 300000000000 over 0s",
            "emit Synchronised { by_ns: 300000000000 }"
        ]
    );
}

#[test]
fn half_the_round_trip_is_taken_off_and_is_how_far_the_reading_may_be_off() {
    let mut master = node(0);
    master.request(Synchronise);
    master.at(100);
    master.message(1, operation(0), tell(1, 50));
    let done = master.message(2, operation(0), tell(1, 80));
    assert_eq!(done[1], "n1 <- Adjust { round: 1, by_ns: 10, error: 50ns } for n0#0");
    assert_eq!(done[2], "n2 <- Adjust { round: 1, by_ns: -20, error: 50ns } for n0#0");
}

#[test]
fn who_does_not_answer_in_time_is_left_out() {
    let mut master = node(0);
    master.request(Synchronise);
    master.message(1, operation(0), tell(1, 8));
    let done = master.timer(BerkeleyTimer::Timeout);
    assert_eq!(done[1], "n1 <- Adjust { round: 1, by_ns: -4, error: 0s }");
    assert_eq!(master.message(2, operation(0), tell(1, 6)), NOTHING, "too late");
    master.request(Synchronise);
    assert_eq!(master.message(2, operation(0), tell(1, 6)), NOTHING, "of the last round");
}

#[test]
fn a_slave_tells_its_time_and_is_corrected_once() {
    let mut slave = node(1);
    slave.at(70);
    assert_eq!(
        slave.message(0, operation(0), M::Ask { round: 1 }),
        ["n0 <- Tell { round: 1, time: 70ns } for n0#0"]
    );
    let adjust = |round| M::Adjust { round, by_ns: -5, error: Duration::ZERO };
    assert_eq!(slave.message(0, operation(0), adjust(2)), NOTHING, "of another reading");
    let done = slave.message(0, operation(0), adjust(1));
    assert_eq!(done, ["adjust -5 over 0s", "emit Synchronised { by_ns: -5 }"]);
    assert_eq!(slave.message(0, operation(0), adjust(1)), NOTHING, "a copy");
}

#[test]
fn clocks_that_are_far_from_most_are_corrected_but_not_averaged() {
    let near = Some(Duration::from_nanos(10));
    assert_eq!(average(vec![0, 6, 3, 9_000], near), 3);
    assert_eq!(average(vec![0, 6, 3, 9_000], None), 2_252);
    assert_eq!(average(vec![0, 100], near), 0, "the earliest of equally large sets");
    assert_eq!(average(vec![-3, 0], near), -2, "rounded down");
}
