//! A client and a server in transcript form, by section of RFC 5905.

use seedbed_node::{Algorithm, Duration, LocalTime, NodeId};

use super::{Ntp, NtpMessage as M, NtpParams, NtpTimer};
use crate::time::Request::Synchronise;
use crate::transcript::{Bench, operation};

const NOTHING: [&str; 0] = [];

fn params() -> NtpParams {
    NtpParams { poll: None, drift_bound_ppb: 0, ..Default::default() }
}

/// Node 1 of 2, a client that asks when it is told to.
fn client() -> Bench<Ntp> {
    Bench::boot(1, 2, params()).0
}

fn reply(t1: i64, t2: i64, t3: i64) -> M {
    M::Reply { t1: LocalTime(t1), t2: LocalTime(t2), t3: LocalTime(t3) }
}

#[test]
fn a_client_polls_from_the_start_and_a_server_answers_with_its_own_time() {
    let (_, booted) = Bench::<Ntp>::boot(1, 2, NtpParams::default());
    assert_eq!(booted, ["set Poll 16s", "n0 <- Request { t1: 0s }", "set Timeout 1s"]);
    let (mut server, booted) = Bench::<Ntp>::boot(0, 2, NtpParams::default());
    assert_eq!(booted, NOTHING);
    server.at(77);
    assert_eq!(
        server.message(1, operation(1), M::Request { t1: LocalTime(5) }),
        ["n1 <- Reply { t1: 5ns, t2: 77ns, t3: 77ns } for n1#0"]
    );
}

/// RFC 5905, section 8: θ and δ from the four timestamps.
#[test]
fn the_offset_is_half_the_sum_of_both_differences_and_known_to_half_the_round_trip() {
    let mut client = client();
    client.at(1_000);
    assert_eq!(
        client.request(Synchronise),
        ["n0 <- Request { t1: 1us } for n1#0", "set Timeout 1s"]
    );
    client.at(1_100);
    // 30 on the way there, 20 at the server, 50 back; the client is 500 slow.
    assert_eq!(
        client.message(0, operation(1), reply(1_000, 1_530, 1_550)),
        [
            "cancel Timeout",
            "emit Measured { wall: 1.1us, offset_ns: 490, delay: 80ns, error: 44ns }",
            "adjust 490 over 980us",
            "emit Synchronised { by_ns: 490 }"
        ]
    );
}

/// RFC 5905, section 8: "bogus" packets do not carry the last T1.
#[test]
fn an_answer_to_another_question_is_dropped_and_a_missing_one_asked_for_again() {
    let mut client = client();
    client.at(1_000).request(Synchronise);
    client.at(2_000);
    let again = client.timer(NtpTimer::Timeout);
    assert_eq!(again, ["n0 <- Request { t1: 2us }", "set Timeout 1s"]);
    assert_eq!(client.message(0, operation(1), reply(1_000, 5, 5)), NOTHING);
    assert_eq!(client.message(0, operation(1), reply(2_000, 2_000, 2_000)).len(), 4);
    assert_eq!(client.message(0, operation(1), reply(2_000, 2_000, 2_000)), NOTHING, "a copy");
}

/// RFC 5905, section 10: the sample with the least delay stands for the last eight.
#[test]
fn of_eight_samples_the_one_with_the_least_delay_counts() {
    let mut client = client();
    let mut sample = |at: i64, delay: i64, offset: i64| {
        client.at(at).request(Synchronise);
        client.at(at + delay);
        let server = at + delay / 2 + offset;
        let done = client.message(0, operation(1), reply(at, server, server));
        done.last().expect("an event").clone()
    };
    assert_eq!(sample(0, 10, 700), "emit Synchronised { by_ns: 700 }");
    for round in 1..8 {
        let done = sample(round * 1_000, 500, 900);
        assert_eq!(done, "emit Synchronised { by_ns: 700 }", "round {round}");
    }
    let ninth = sample(8_000, 500, 900);
    assert_eq!(ninth, "emit Synchronised { by_ns: 900 }", "the first is forgotten");
}

/// RFC 5905, section 11.3: STEPT, 128 ms.
#[test]
fn from_128_ms_on_the_clock_is_stepped_and_below_slewed_by_500_ppm() {
    let corrected = |offset: i64| {
        let mut client = client();
        client.request(Synchronise);
        let done = client.message(0, operation(1), reply(0, offset, offset));
        done[2].clone()
    };
    assert_eq!(corrected(127_999_999), "adjust 127999999 over 255.999998s");
    assert_eq!(corrected(128_000_000), "adjust 128000000 over 0s");
    assert_eq!(corrected(-128_000_000), "adjust -128000000 over 0s");
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    for (params, field) in [
        (NtpParams { server: NodeId(9), ..params() }, "server"),
        (NtpParams { poll: Some(Duration::ZERO), ..params() }, "poll"),
        (NtpParams { slew_max_ppb: 0, ..params() }, "slew_max_ppb"),
        (NtpParams { drift_bound_ppb: 1_000_000_000, ..params() }, "drift_bound_ppb"),
    ] {
        let why = Ntp::check_params(&params, 2).expect_err(field);
        assert!(why.starts_with(field), "{why}");
    }
}
