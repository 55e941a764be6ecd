//! Transcripts of Lamport's algorithm, rule by rule.

use seedbed_node::{Node, NodeId};

use super::{Lamport, LamportAcks, LamportMessage as M, LamportParams};
use crate::mutex::Request::{Acquire, Release};
use crate::transcript::{Bench, operation};

fn node(me: u32) -> Bench<Lamport> {
    Bench::boot(me, 3, LamportParams::default()).0
}

#[test]
fn rule_1_a_request_goes_to_everybody_with_one_stamp() {
    let sent = node(1).request(Acquire);
    assert_eq!(sent, ["n0 <- Request { time: 1 } for n1#0", "n2 <- Request { time: 1 } for n1#0"]);
}

#[test]
fn rule_2_a_request_is_acknowledged_later_than_it_was_made() {
    let sent = node(1).message(0, operation(0), M::Request { time: 7 });
    assert_eq!(sent, ["n0 <- Ack { time: 9 } for n0#0"]);
}

#[test]
fn rule_3_a_release_goes_to_everybody_for_the_operation_that_entered() {
    let mut ada = node(0);
    ada.request(Acquire);
    ada.message(1, operation(0), M::Ack { time: 3 });
    ada.message(2, operation(0), M::Ack { time: 3 });
    assert_eq!(
        ada.request(Release),
        ["n1 <- Release { time: 6 } for n0#0", "n2 <- Release { time: 6 } for n0#0"]
    );
}

#[test]
fn rule_4_a_release_lets_the_next_request_enter() {
    let mut bob = node(1);
    bob.message(0, operation(0), M::Request { time: 1 });
    bob.request(Acquire);
    bob.message(2, operation(1), M::Ack { time: 9 });
    bob.message(0, operation(1), M::Ack { time: 9 });
    assert_eq!(bob.node.waits_for(), [NodeId(0)], "ada's earlier request is ahead");
    assert_eq!(bob.message(0, operation(0), M::Release { time: 10 }), ["emit Granted"]);
}

#[test]
fn rule_5_needs_something_later_from_every_other_node_of_whatever_kind() {
    let mut ada = node(0);
    ada.request(Acquire);
    let nothing: [&str; 0] = [];
    assert_eq!(ada.message(1, operation(0), M::Ack { time: 3 }), nothing);
    assert_eq!(ada.message(1, operation(0), M::Ack { time: 4 }), nothing, "the same node");
    assert_eq!(ada.node.waits_for(), [NodeId(2)]);
    let heard = ada.message(2, operation(2), M::Request { time: 2 });
    assert_eq!(heard.last().map(String::as_str), Some("emit Granted"), "{heard:?}");
}

#[test]
fn requests_of_equal_time_are_ordered_by_id() {
    for (me, other, enters) in [(0, 1, true), (1, 0, false)] {
        let mut node = node(me);
        node.request(Acquire);
        node.message(2, operation(me), M::Ack { time: 5 });
        let mut heard = node.message(other, operation(other), M::Request { time: 1 });
        heard.extend(node.message(other, operation(me), M::Ack { time: 6 }));
        assert_eq!(heard.contains(&"emit Granted".into()), enters, "node {me}");
    }
}

fn deferring(me: u32) -> Bench<Lamport> {
    let params = LamportParams { acks: LamportAcks::Deferred, ..Default::default() };
    Bench::boot(me, 3, params).0
}

#[test]
fn deferred_the_release_of_an_own_earlier_request_serves_as_acknowledgement() {
    let nothing: [&str; 0] = [];
    let mut ada = deferring(0);
    ada.request(Acquire);
    assert_eq!(ada.message(1, operation(1), M::Request { time: 1 }), nothing);
    assert_eq!(ada.message(2, operation(2), M::Request { time: 2 }), ["emit Granted"]);
    let released = ada.request(Release);
    assert_eq!(released[0], "n1 <- Release { time: 4 } for n0#0", "later than both");
}

#[test]
fn deferred_an_own_later_request_serves_as_acknowledgement() {
    let nothing: [&str; 0] = [];
    let mut bob = deferring(1);
    bob.request(Acquire);
    assert_eq!(bob.message(0, operation(0), M::Request { time: 1 }), nothing);
}

#[test]
fn deferred_who_has_said_nothing_later_acknowledges() {
    let mut bob = deferring(1);
    assert_eq!(
        bob.message(0, operation(0), M::Request { time: 7 }),
        ["n0 <- Ack { time: 9 } for n0#0"]
    );
    assert_eq!(
        bob.message(0, operation(0), M::Request { time: 20 }),
        ["n0 <- Ack { time: 22 } for n0#0"],
        "what it said was earlier"
    );
}

#[test]
fn a_rebooted_node_has_nothing_to_release() {
    assert!(node(0).request(Release).is_empty());
}
