//! Transcripts of the centralised algorithm with leases: three nodes, the first coordinates.

use seedbed_node::{Algorithm, Durable, Duration, Node, NodeId};

use super::{
    CentralisedLease, CentralisedLeaseMessage as M, CentralisedLeaseParams,
    CentralisedLeaseTimer as T, LeaseLog, LeaseRecord, Ticket,
};
use crate::mutex::Request::{Acquire, Release};
use crate::transcript::{Bench, operation};

const NOTHING: [&str; 0] = [];

fn ticket(number: u32) -> Ticket {
    Ticket { incarnation: 0, number }
}

fn node(me: u32) -> Bench<CentralisedLease> {
    Bench::boot(me, 3, CentralisedLeaseParams::default()).0
}

/// The lines without the tickets' numbers.
fn said(lines: Vec<String>) -> Vec<String> {
    let short = |line: String| match line.split_once(" { ticket") {
        Some((start, rest)) => {
            let operation = rest.split_once(" for ").map_or("", |(_, operation)| operation);
            format!("{start} {operation}").trim_end().to_owned()
        }
        None => line.split_once(", Ticket").map_or(line.clone(), |(start, _)| start.to_owned()),
    };
    lines.into_iter().map(short).collect()
}

fn ask(number: u32) -> M {
    M::Request { ticket: ticket(number) }
}

#[test]
fn the_holder_is_on_disk_before_it_is_told_and_its_lease_begins() {
    assert_eq!(
        said(node(0).message(1, operation(1), ask(1))),
        ["force Granted(n1", "set Expire 1s", "n1 <- Grant n1#0"]
    );
}

#[test]
fn a_participant_asks_renews_while_it_is_inside_and_releases() {
    let mut bob = node(1);
    assert_eq!(said(bob.request(Acquire)), ["n0 <- Request n1#0"]);
    let granted = bob.message(0, operation(1), M::Grant { ticket: ticket(1) });
    assert_eq!(granted, ["set Renew 333.333333ms", "emit Granted"]);
    assert_eq!(said(bob.timer(T::Renew)), ["n0 <- Renew", "set Renew 333.333333ms"]);
    assert_eq!(said(bob.request(Release)), ["cancel Renew", "n0 <- Release n1#0"]);
    assert_eq!(said(bob.timer(T::Renew)), NOTHING);
}

#[test]
fn a_lease_that_is_not_renewed_is_given_to_the_next() {
    let mut desk = node(0);
    desk.message(1, operation(1), ask(1));
    assert_eq!(desk.message(2, operation(2), ask(1)), NOTHING);
    assert_eq!(desk.node.waits_for(), [NodeId(1)]);
    assert_eq!(desk.message(1, None, M::Renew { ticket: ticket(1) }), ["set Expire 1s"]);
    assert_eq!(
        said(desk.timer(T::Expire)),
        ["cancel Expire", "write Free", "force Granted(n2", "set Expire 1s", "n2 <- Grant n2#0"]
    );
    assert_eq!(desk.message(1, None, M::Renew { ticket: ticket(1) }), NOTHING, "too late");
    assert_eq!(desk.message(1, operation(1), M::Release { ticket: ticket(1) }), NOTHING);
}

#[test]
fn a_restarted_coordinator_knows_the_holder_and_asks_who_waits() {
    let mut log = LeaseLog::default();
    log.apply(&LeaseRecord::Granted(NodeId(1), ticket(1)));
    let params = CentralisedLeaseParams::default();
    let (mut desk, booted) = Bench::<CentralisedLease>::recover(&log, 0, 3, params, 1);
    assert_eq!(booted, ["set Expire 1s", "n1 <- Restarted", "n2 <- Restarted"]);
    assert_eq!(desk.message(2, None, ask(1)), NOTHING, "somebody is inside");
    let left = said(desk.message(1, operation(1), M::Release { ticket: ticket(1) }));
    assert_eq!(left.last().map(String::as_str), Some("n2 <- Grant"), "{left:?}");
}

#[test]
fn a_restart_ends_the_coordinators_own_critical_section() {
    let mut log = LeaseLog::default();
    log.apply(&LeaseRecord::Granted(NodeId(0), ticket(1)));
    let params = CentralisedLeaseParams::default();
    let (_, booted) = Bench::<CentralisedLease>::recover(&log, 0, 3, params, 1);
    assert_eq!(booted[..2], ["cancel Expire", "write Free"]);
}

#[test]
fn who_waits_asks_again_after_a_restart_and_who_is_inside_renews() {
    let mut bob = node(1);
    assert_eq!(bob.message(0, None, M::Restarted), NOTHING);
    bob.request(Acquire);
    assert_eq!(said(bob.message(0, None, M::Restarted)), ["n0 <- Request"]);
    bob.message(0, operation(1), M::Grant { ticket: ticket(1) });
    let renewed = said(bob.message(0, None, M::Restarted));
    assert_eq!(renewed[0], "n0 <- Renew");
}

#[test]
fn a_grant_that_was_sent_before_the_restart_is_repeated_and_enters_once() {
    let mut desk = node(0);
    desk.message(1, operation(1), ask(1));
    assert_eq!(said(desk.message(1, operation(1), ask(1))), ["n1 <- Grant n1#0"]);
    let mut bob = node(1);
    bob.request(Acquire);
    bob.message(0, operation(1), M::Grant { ticket: ticket(1) });
    assert_eq!(bob.message(0, operation(1), M::Grant { ticket: ticket(1) }), NOTHING);
    bob.request(Release);
    let late = said(bob.message(0, operation(1), M::Grant { ticket: ticket(1) }));
    assert_eq!(late, ["n0 <- Release"], "of a request that has been served");
}

#[test]
fn a_holder_that_asks_again_after_a_crash_has_left() {
    let mut desk = node(0);
    desk.message(1, operation(1), ask(1));
    let ticket = Ticket { incarnation: 1, number: 1 };
    let again = said(desk.message(1, operation(1), M::Request { ticket }));
    assert_eq!(again.last().map(String::as_str), Some("n1 <- Grant n1#0"), "{again:?}");
}

#[test]
fn the_coordinators_own_entries_cost_no_message_and_need_no_lease() {
    let mut desk = node(0);
    assert_eq!(said(desk.request(Acquire)), ["force Granted(n0", "emit Granted"]);
    assert_eq!(desk.request(Release)[..2], ["cancel Renew", "cancel Expire"]);
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    let coordinator = NodeId(3);
    let params = CentralisedLeaseParams { coordinator, ..Default::default() };
    assert!(CentralisedLease::check_params(&params, 3).is_err());
    let params = CentralisedLeaseParams { lease: Duration::ZERO, ..Default::default() };
    assert!(CentralisedLease::check_params(&params, 3).is_err());
    assert_eq!(CentralisedLease::check_params(&CentralisedLeaseParams::default(), 3), Ok(()));
}
