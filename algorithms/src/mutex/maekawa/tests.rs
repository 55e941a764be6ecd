//! Transcripts of Maekawa's algorithm in the plane of order 2: seven nodes, quorums of three. The
//! quorum of node i is i, i+1 and i+3.

use seedbed_node::{Node, NodeId};

use super::{Maekawa, MaekawaForm, MaekawaMessage as M, MaekawaParams};
use crate::mutex::Request::{Acquire, Release};
use crate::transcript::{Bench, operation};

const NOTHING: [&str; 0] = [];

fn node(me: u32) -> Bench<Maekawa> {
    Bench::boot(me, 7, MaekawaParams::default()).0
}

#[test]
fn section_3_a_node_locks_its_quorum_its_own_vote_without_a_message() {
    let mut ada = node(0);
    assert_eq!(
        ada.request(Acquire),
        ["n1 <- Request { number: 1 } for n0#0", "n3 <- Request { number: 1 } for n0#0"]
    );
    assert_eq!(ada.message(1, operation(0), M::Locked), NOTHING);
    assert_eq!(ada.node.waits_for(), [NodeId(3)]);
    assert_eq!(ada.message(3, operation(0), M::Locked), ["emit Granted"]);
    assert_eq!(ada.request(Release), ["n1 <- Release for n0#0", "n3 <- Release for n0#0"]);
}

#[test]
fn section_3_a_locked_vote_fails_a_later_request_and_goes_to_it_at_the_release() {
    let mut judge = node(1);
    assert_eq!(judge.message(0, operation(0), M::Request { number: 3 }), ["n0 <- Locked for n0#0"]);
    assert_eq!(judge.message(5, operation(5), M::Request { number: 4 }), ["n5 <- Failed for n5#0"]);
    assert_eq!(judge.message(0, operation(0), M::Release), ["n5 <- Locked for n5#0"]);
    assert_eq!(judge.message(5, operation(5), M::Release), NOTHING);
}

#[test]
fn section_3_an_earlier_request_inquires_once_and_gets_the_vote_that_is_yielded() {
    let mut judge = node(1);
    judge.message(5, operation(5), M::Request { number: 9 });
    let inquires = judge.message(0, operation(0), M::Request { number: 3 });
    assert_eq!(inquires, ["n5 <- Inquire for n0#0"]);
    assert_eq!(judge.message(5, operation(0), M::Yield), ["n0 <- Locked for n0#0"]);
    assert_eq!(judge.message(0, operation(0), M::Release), ["n5 <- Locked for n5#0"]);
}

#[test]
fn sanders_a_request_that_was_first_and_is_overtaken_is_told_that_it_failed() {
    for (form, told) in [(MaekawaForm::Corrected, true), (MaekawaForm::Published, false)] {
        let params = MaekawaParams { form, ..Default::default() };
        let mut judge = Bench::<Maekawa>::boot(1, 7, params).0;
        judge.message(5, operation(5), M::Request { number: 9 });
        judge.message(0, operation(0), M::Request { number: 5 });
        let second = judge.message(1, operation(1), M::Request { number: 3 });
        assert_eq!(second.contains(&"n0 <- Failed for n0#0".into()), told, "{second:?}");
        assert!(!second.iter().any(|line| line.contains("Inquire")), "sent already: {second:?}");
    }
}

#[test]
fn who_has_failed_somewhere_yields_what_is_inquired_after_at_once() {
    let mut ada = node(0);
    ada.request(Acquire);
    ada.message(1, operation(0), M::Locked);
    assert_eq!(ada.message(3, operation(0), M::Failed), NOTHING);
    assert_eq!(ada.message(1, operation(5), M::Inquire), ["n1 <- Yield for n5#0"]);
    assert_eq!(ada.node.waits_for(), [NodeId(1), NodeId(3)]);
}

#[test]
fn who_may_still_succeed_answers_an_inquiry_when_it_fails() {
    let mut ada = node(0);
    ada.request(Acquire);
    ada.message(1, operation(0), M::Locked);
    assert_eq!(ada.message(1, operation(5), M::Inquire), NOTHING);
    assert_eq!(ada.message(3, operation(0), M::Failed), ["n1 <- Yield for n0#0"]);
}

#[test]
fn who_is_inside_or_has_left_answers_no_inquiry() {
    let mut ada = node(0);
    ada.request(Acquire);
    ada.message(1, operation(0), M::Locked);
    ada.message(3, operation(0), M::Locked);
    assert_eq!(ada.message(1, operation(5), M::Inquire), NOTHING);
    ada.request(Release);
    assert_eq!(ada.message(1, operation(5), M::Inquire), NOTHING);
    ada.request(Acquire);
    assert_eq!(ada.message(1, operation(5), M::Inquire), NOTHING, "about the entry before");
}

#[test]
fn the_own_vote_can_be_inquired_after_without_a_message() {
    let mut ada = node(0);
    ada.message(6, operation(6), M::Request { number: 4 });
    ada.message(6, operation(6), M::Release);
    ada.request(Acquire);
    ada.message(1, operation(0), M::Failed);
    let earlier = ada.message(6, operation(6), M::Request { number: 2 });
    assert_eq!(earlier, ["n6 <- Locked for n6#0"], "the own vote is yielded");
}
