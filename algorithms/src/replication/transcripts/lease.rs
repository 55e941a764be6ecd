//! Gray and Cheriton, SOSP 1989; Kleppmann, "How to do distributed locking", 2016.

use seedbed_node::{NodeId, Operation};

use super::NOTHING;
use crate::replication::{FencedLease, LeaseMessage as M, LeaseParams, LeaseTimer, Request};
use crate::transcript::Bench;

const ADA: Operation = Operation { client: NodeId(2), number: 0 };
const BOB: Operation = Operation { client: NodeId(3), number: 0 };

fn node(me: u32) -> Bench<FencedLease> {
    Bench::boot(me, 4, LeaseParams::default()).0
}

#[test]
fn one_holds_the_lease_and_the_next_gets_it_with_a_higher_token() {
    let mut service = node(0);
    let granted = service.message(2, Some(ADA), M::Acquire { operation: ADA, key: 7 });
    assert_eq!(
        granted,
        ["set Ends(7) 200ms", "n2 <- Grant { operation: n2#0, token: 1 } for n2#0"]
    );
    assert_eq!(service.message(3, Some(BOB), M::Acquire { operation: BOB, key: 7 }), NOTHING);
    let expired = service.timer(LeaseTimer::Ends(7));
    assert_eq!(expired[1], "n3 <- Grant { operation: n3#0, token: 2 } for n3#0");
    let late = service.message(2, Some(ADA), M::Release { operation: ADA, key: 7 });
    assert_eq!(late, NOTHING, "the lease is another's");
}

#[test]
fn a_client_reads_works_and_writes_under_its_token() {
    let mut ada = node(2);
    ada.request(Request::Write { operation: ADA, key: 7, value: 70 });
    let fetch = ada.message(0, Some(ADA), M::Grant { operation: ADA, token: 5 });
    assert_eq!(fetch, ["n1 <- Fetch { operation: n2#0, key: 7, token: 5 } for n2#0"]);
    let fetched = |token, value| M::Fetched { operation: ADA, token, value: Some(value) };
    let late = ada.message(1, Some(ADA), fetched(4, 50));
    assert_eq!(late, NOTHING, "that was asked under an earlier lease");
    let works = ada.message(1, Some(ADA), fetched(5, 60));
    assert_eq!(works, ["set Worked(n2#0) 20ms"]);
    let store = ada.timer(LeaseTimer::Worked(ADA));
    assert!(store[0].contains("token: 5, read: Some(60), value: 70"), "{store:?}");
}

#[test]
fn a_client_whose_lease_is_over_by_its_own_clock_starts_over() {
    let mut ada = node(2);
    ada.request(Request::Write { operation: ADA, key: 7, value: 70 });
    ada.message(0, Some(ADA), M::Grant { operation: ADA, token: 5 });
    ada.message(1, Some(ADA), M::Fetched { operation: ADA, token: 5, value: Some(60) });
    let over = ada.at(150_000_000).timer(LeaseTimer::Worked(ADA));
    assert!(over[1].starts_with("n0 <- Acquire"), "{over:?}");
}

#[test]
fn the_storage_refuses_tokens_below_one_that_it_has_seen_even_with_a_read() {
    let mut storage = node(1);
    storage.message(3, Some(BOB), M::Fetch { operation: BOB, key: 7, token: 2 });
    let store = |operation, token| M::Store { operation, key: 7, token, read: None, value: 70 };
    let refused = storage.message(2, Some(ADA), store(ADA, 1));
    assert_eq!(refused, ["n2 <- Stored { operation: n2#0, token: 1, accepted: false } for n2#0"]);
    let accepted = storage.message(3, Some(BOB), store(BOB, 2));
    assert_eq!(accepted[0], "emit Renewed { operation: n3#0, key: 7, read: None, value: 70 }");
    let again = storage.message(3, Some(BOB), store(BOB, 2));
    assert_eq!(again.len(), 1, "accepted once: {again:?}");
}
