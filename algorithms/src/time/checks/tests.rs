//! Every checker says yes, no and why.

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, LocalTime, Names, NodeId, Observation,
    Operation, Time, What,
};

use super::{EstimateBound, MutuallyClose, NeverBackwards, NoAnomaly, Synchronised, WithinBound};
use crate::time::{Event, Group, Promise, Request};

const ADA: NodeId = NodeId(0);
const BOB: NodeId = NodeId(1);

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

fn show(
    checker: &mut dyn Checker<Request, Event>,
    seconds: u64,
    what: What<'_, Request, Event>,
) -> Result<(), Breach> {
    let names = Names::new(["ada", "bob"]);
    checker.observe(&Observation { at: at(seconds), what, causality: None, names: &names })
}

fn tell(
    checker: &mut dyn Checker<Request, Event>,
    seconds: u64,
    node: NodeId,
    event: Event,
) -> Result<(), Breach> {
    show(checker, seconds, What::Event { node, event: &event })
}

fn reading(ms: i64, promise: Promise) -> Event {
    Event::Reading { wall: LocalTime(ms * 1_000_000), promise }
}

fn accurate(ms: u64) -> Promise {
    Promise { accuracy: Some(Duration::from_millis(ms)), ..Promise::default() }
}

fn grouped(round: u32, ms: u64) -> Promise {
    let group = Some(Group { round, within: Duration::from_millis(ms) });
    Promise { group, ..Promise::default() }
}

fn failed(at_s: u64, why: &str) -> Result<(), Breach> {
    Err(Breach { at: at(at_s), why: why.into() })
}

#[test]
fn a_reading_is_held_to_its_promise_against_true_time() {
    let mut checker = WithinBound;
    assert_eq!(tell(&mut checker, 5, ADA, reading(5_010, accurate(10))), Ok(()));
    assert_eq!(tell(&mut checker, 5, ADA, reading(4_990, accurate(10))), Ok(()));
    assert_eq!(tell(&mut checker, 5, ADA, reading(9_000, Promise::default())), Ok(()));
    assert_eq!(
        tell(&mut checker, 5, ADA, reading(4_989, accurate(10))),
        failed(5, "ada's clock read 4.989s at 5s: 11ms off, while it promised to be within 10ms")
    );
}

#[test]
fn an_estimate_is_the_clock_and_its_offset() {
    let estimate = |offset_ns| Event::Measured {
        wall: LocalTime(3_000_000_000),
        offset_ns,
        delay: Duration::ZERO,
        error: Duration::from_millis(10),
    };
    assert_eq!(tell(&mut EstimateBound, 5, ADA, estimate(2_010_000_000)), Ok(()));
    assert_eq!(
        tell(&mut EstimateBound, 5, ADA, estimate(1_989_000_000)),
        failed(5, "ada's estimate of 5s was 11ms off, while it said 10ms at most")
    );
}

#[test]
fn readings_of_one_instant_and_one_round_are_compared() {
    let mut checker = MutuallyClose::default();
    assert_eq!(tell(&mut checker, 5, ADA, reading(100, grouped(1, 4))), Ok(()));
    assert_eq!(tell(&mut checker, 5, BOB, reading(110, grouped(1, 6))), Ok(()));
    assert_eq!(tell(&mut checker, 6, BOB, reading(999, grouped(1, 4))), Ok(()), "later");
    assert_eq!(tell(&mut checker, 6, ADA, reading(100, grouped(2, 4))), Ok(()), "another round");
    assert_eq!(
        tell(&mut checker, 6, ADA, reading(988, grouped(1, 6))),
        failed(
            6,
            "at 6s ada's clock read 988ms and bob's 999ms: 11ms apart, while they promised 10ms \
             at most"
        )
    );
}

#[test]
fn a_clock_never_goes_back_but_may_stand() {
    let mut checker = NeverBackwards::default();
    let plain = |ms| reading(ms, Promise::default());
    assert_eq!(tell(&mut checker, 5, ADA, plain(100)), Ok(()));
    assert_eq!(tell(&mut checker, 6, ADA, plain(100)), Ok(()));
    assert_eq!(tell(&mut checker, 7, BOB, plain(50)), Ok(()), "another clock");
    assert_eq!(
        tell(&mut checker, 8, ADA, plain(99)),
        failed(8, "ada's clock read 99ms at 8s, after it had read 100ms at 6s")
    );
}

#[test]
fn an_effect_is_not_read_earlier_than_its_cause_of_long_enough_ago() {
    let promise = Promise { order_after: Some(Duration::from_secs(2)), ..Promise::default() };
    let mut checker = NoAnomaly::default();
    assert_eq!(tell(&mut checker, 5, ADA, reading(100, promise)), Ok(()));
    assert_eq!(tell(&mut checker, 6, BOB, reading(90, promise)), Ok(()), "too soon to tell");
    assert_eq!(
        tell(&mut checker, 7, BOB, reading(100, promise)),
        failed(7, "bob's clock read 100ms at 7s, no later than ada's, which had read 100ms at 5s")
    );
}

fn ask(checker: &mut Synchronised, seconds: u64, node: NodeId) {
    let operation = Operation { client: node, number: 0 };
    let request = Request::Synchronise;
    let what = What::Request { node, operation, request: &request };
    show(checker, seconds, what).expect("liveness is judged at the end");
}

/// The end at 100 s.
fn conclude(checker: &mut Synchronised, quiet: bool, down: &[NodeId]) -> Conclusion {
    let names = Names::new(["ada", "bob"]);
    let waits_for = [vec![], vec![]];
    let ending =
        Ending { at: at(100), quiet, down, pending: &[], waits_for: &waits_for, names: &names };
    checker.finish(&ending)
}

#[test]
fn who_asks_is_served_in_time_or_excused() {
    let asked = |within: Option<u64>| {
        let mut checker = Synchronised::new(within.map(Duration::from_secs));
        ask(&mut checker, 5, BOB);
        checker
    };
    let breach = |at_s, why: &str| Conclusion::Failed(Breach { at: at(at_s), why: why.into() });
    let never = "bob asked at 5s and was not synchronised by 100s";
    assert_eq!(conclude(&mut asked(None), true, &[]), breach(100, never));
    assert!(matches!(conclude(&mut asked(None), false, &[]), Conclusion::Inconclusive(_)));
    assert_eq!(conclude(&mut asked(None), true, &[BOB]), Conclusion::Held);
    let missed = "bob asked at 5s and was not synchronised by 15s";
    assert_eq!(conclude(&mut asked(Some(10)), false, &[]), breach(15, missed));

    let mut late = asked(Some(10));
    tell(&mut late, 20, BOB, Event::Synchronised { by_ns: 3 }).expect("judged at the end");
    let why = "bob asked at 5s and was synchronised only at 20s; 10s were allowed";
    assert_eq!(conclude(&mut late, true, &[]), breach(15, why));

    let mut crashed = asked(None);
    show(&mut crashed, 7, What::Crash { node: BOB }).expect("judged at the end");
    assert_eq!(conclude(&mut crashed, true, &[]), Conclusion::Held);
}
