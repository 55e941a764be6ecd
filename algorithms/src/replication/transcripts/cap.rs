//! Attiya, Bar-Noy and Dolev, JACM 1995; Gilbert and Lynch, 2002.

use seedbed_node::{NodeId, Operation};

use super::NOTHING;
use crate::replication::{CapMessage, CapParams, CapRegister, CapTimer, Choose, Request, Stamped};
use crate::transcript::Bench;

const OP: Operation = Operation { client: NodeId(0), number: 0 };

fn member(choose: Choose) -> Bench<CapRegister> {
    Bench::boot(0, 3, CapParams { choose, ..Default::default() }).0
}

fn stamped(number: u64, writer: u32, value: u64) -> Option<Stamped> {
    Some(Stamped { number, writer: NodeId(writer), value })
}

#[test]
fn a_write_asks_a_majority_for_the_latest_version_and_stores_a_later_one() {
    let mut ada = member(Choose::Consistency);
    let asked = ada.request(Request::Write { operation: OP, key: 7, value: 70 });
    assert_eq!(asked[0], "n1 <- Get { operation: n0#0, key: 7 } for n0#0");
    assert_eq!(asked[2], "set Again(n0#0) 100ms");
    let version = stamped(4, 2, 60);
    let stored = ada.message(1, Some(OP), CapMessage::Got { operation: OP, version });
    assert!(stored[0].contains("number: 5, writer: n0, value: 70"), "{stored:?}");
    let late = CapMessage::Got { operation: OP, version: stamped(9, 1, 90) };
    assert_eq!(ada.message(2, Some(OP), late), NOTHING, "of the first round");
    let written = ada.message(2, Some(OP), CapMessage::Stored { operation: OP });
    assert_eq!(written, ["cancel Again(n0#0)", "emit Written { operation: n0#0 }"]);
}

#[test]
fn a_read_stores_what_it_returns() {
    let mut ada = member(Choose::Consistency);
    ada.request(Request::Read { operation: OP, key: 7 });
    let got = CapMessage::Got { operation: OP, version: stamped(4, 2, 60) };
    let stored = ada.message(1, Some(OP), got);
    assert!(stored.iter().all(|line| !line.starts_with("emit")), "{stored:?}");
    let read = ada.message(1, Some(OP), CapMessage::Stored { operation: OP });
    assert_eq!(read[1], "emit Value { operation: n0#0, value: Some(60) }");
}

#[test]
fn who_has_not_answered_is_asked_again() {
    let mut ada = member(Choose::Consistency);
    ada.request(Request::Read { operation: OP, key: 7 });
    let again = ada.timer(CapTimer::Again(OP));
    assert_eq!(again.len(), 3, "both others, and the timer: {again:?}");
}

#[test]
fn the_available_form_answers_at_once_and_keeps_the_higher_stamp() {
    let mut ada = member(Choose::Availability);
    let written = ada.request(Request::Write { operation: OP, key: 7, value: 70 });
    assert_eq!(written[0], "emit Written { operation: n0#0 }");
    assert_eq!(written.len(), 3, "and tells both others");
    let mut spread = |version: Option<Stamped>| {
        let version = version.expect("a version");
        assert_eq!(ada.message(1, None, CapMessage::Spread { key: 7, version }), NOTHING);
        ada.request(Request::Read { operation: OP, key: 7 })
    };
    assert_eq!(spread(stamped(1, 1, 80)), ["emit Value { operation: n0#0, value: Some(80) }"]);
    assert_eq!(spread(stamped(0, 2, 90)), ["emit Value { operation: n0#0, value: Some(80) }"]);
}
