//! Transcripts of one server among three: n1, with histories of its own choice.

use seedbed_node::NodeId;

use super::ZabMessage as M;
use super::{Zab, ZabLog, ZabParams, ZabTimer};
use crate::transcript::{Bench, operation};
use crate::zab::ballot::{Note, State, Vote};
use crate::zab::{Request, Transaction, Value, Zxid};

const NOTHING: [&str; 0] = [];

fn value(client: u32) -> Value {
    Value { client: NodeId(client), number: 0 }
}

fn transaction(epoch: u32, counter: u32, client: u32) -> Transaction {
    Transaction { zxid: Zxid::new(epoch, counter), value: value(client) }
}

/// The log of n1: epoch 1 with two transactions.
fn log() -> ZabLog {
    ZabLog {
        accepted_epoch: 1,
        current_epoch: 1,
        history: vec![transaction(1, 1, 0), transaction(1, 2, 2)],
    }
}

fn booted() -> Bench<Zab> {
    Bench::recover(&log(), 1, 3, ZabParams::default(), 1).0
}

fn notification(leader: u32, zxid: Zxid, state: State) -> M {
    let vote = Vote { epoch: zxid.epoch, zxid, leader: NodeId(leader) };
    M::Notification(Note { vote, round: 1, state })
}

/// n1 follows n2, which has a longer history.
fn following() -> Bench<Zab> {
    let mut bob = booted();
    bob.message(2, None, notification(2, Zxid::new(1, 3), State::Looking));
    assert_eq!(
        bob.timer(ZabTimer::Finalize),
        [
            "cancel Resend",
            "cancel Finalize",
            "n2 <- FollowerInfo { accepted: 1 }",
            "set Patience 500ms"
        ]
    );
    bob
}

/// n1 leads; n0, with an older history, has voted for it.
fn leading() -> Bench<Zab> {
    let mut bob = booted();
    bob.message(0, None, notification(1, Zxid::new(1, 2), State::Looking));
    assert_eq!(
        bob.timer(ZabTimer::Finalize),
        ["cancel Resend", "cancel Finalize", "set Patience 500ms", "set Heartbeat 100ms"]
    );
    bob
}

/// The same, in phase 3 of epoch 2 with n0.
fn broadcasting() -> Bench<Zab> {
    let mut bob = leading();
    bob.message(0, None, M::FollowerInfo { accepted: 1 });
    bob.message(0, None, M::AckEpoch { epoch: 2, current: Some(1), history: vec![] });
    bob.message(0, None, M::AckLeader { epoch: 2, last: Zxid::new(1, 2) });
    bob
}

/// DSN 2011, phases 1 and 2 (discovery, synchronisation) of a follower.
#[test]
fn a_follower_promises_takes_over_the_history_and_delivers_it() {
    let mut bob = following();
    assert_eq!(
        bob.message(2, None, M::NewEpoch { epoch: 4 }),
        [
            "force Accept(4)",
            "n2 <- AckEpoch { epoch: 4, current: Some(1), history: [1.1=n0#0, 1.2=n2#0] }",
            "set Patience 500ms"
        ]
    );
    let history = vec![transaction(1, 1, 0)];
    assert_eq!(
        bob.message(2, None, M::NewLeader { epoch: 4, history }),
        [
            "force Adopt(4, [1.1=n0#0])",
            "n2 <- AckLeader { epoch: 4, last: 1.1 }",
            "set Patience 500ms"
        ]
    );
    assert_eq!(
        bob.message(2, None, M::CommitLeader { epoch: 4, committed: Zxid::new(1, 1) }),
        ["emit Delivered { zxid: 1.1, value: n0#0 }", "set Patience 500ms", "set Patience 500ms"]
    );
}

/// As ZooKeeper does: the promise is on record, but another leader may have counted it.
#[test]
fn a_promise_that_was_given_before_does_not_count_again() {
    let mut bob = following();
    let answer = bob.message(2, None, M::NewEpoch { epoch: 1 });
    assert!(answer[0].contains("current: None"), "{answer:?}");
    let mut leader = leading();
    leader.message(0, None, M::FollowerInfo { accepted: 1 });
    let again = M::AckEpoch { epoch: 2, current: None, history: vec![] };
    assert_eq!(leader.message(0, None, again), NOTHING);
}

#[test]
fn an_epoch_that_is_too_old_sends_the_follower_back_to_the_election() {
    let mut bob = following();
    let effects = bob.message(2, None, M::NewEpoch { epoch: 0 });
    assert_eq!(effects[..2], ["cancel Heartbeat", "cancel Patience"]);
    assert!(effects[2].contains("round: 2, state: Looking"), "{effects:?}");
}

/// DSN 2011, phases 1 and 2 of a leader: the history that the latest epoch vouches for wins, however
/// short.
#[test]
fn a_leader_takes_over_the_best_history_of_its_quorum() {
    let mut bob = leading();
    assert_eq!(
        bob.message(0, None, M::FollowerInfo { accepted: 6 }),
        ["force Accept(7)", "n0 <- NewEpoch { epoch: 7 }"]
    );
    let history = vec![transaction(5, 1, 0)];
    assert_eq!(
        bob.message(0, None, M::AckEpoch { epoch: 7, current: Some(5), history }),
        ["force Adopt(7, [5.1=n0#0])", "n0 <- NewLeader { epoch: 7, history: [5.1=n0#0] }"]
    );
    assert_eq!(
        bob.message(0, None, M::AckLeader { epoch: 7, last: Zxid::new(5, 1) }),
        [
            "n0 <- CommitLeader { epoch: 7, committed: 5.1 }",
            "emit Delivered { zxid: 5.1, value: n0#0 }",
            "emit Established { epoch: 7 }"
        ]
    );
}

#[test]
fn who_connects_before_the_leader_knows_is_kept_waiting() {
    let mut bob = booted();
    assert_eq!(bob.message(0, None, M::FollowerInfo { accepted: 1 }), NOTHING);
    bob.message(0, None, notification(1, Zxid::new(1, 2), State::Looking));
    let effects = bob.timer(ZabTimer::Finalize);
    assert_eq!(effects[4..], ["force Accept(2)", "n0 <- NewEpoch { epoch: 2 }"]);
}

/// DSN 2011, phase 3: on disk before PROPOSE and ACK, COMMIT with a quorum.
#[test]
fn a_transaction_is_proposed_logged_acknowledged_and_committed() {
    let mut bob = broadcasting();
    let asked = Value { client: NodeId(1), number: 0 };
    assert_eq!(
        bob.request(Request::Broadcast(asked)),
        [
            "emit Broadcast { zxid: 2.1, value: n1#0 }",
            "force Append(2.1=n1#0)",
            "n0 <- Propose(2.1=n1#0) for n1#0"
        ]
    );
    assert_eq!(
        bob.message(0, operation(1), M::Ack(Zxid::new(2, 1))),
        ["n0 <- Commit(2.1) for n1#0", "emit Delivered { zxid: 2.1, value: n1#0 }"]
    );
    assert_eq!(bob.request(Request::Broadcast(asked)), NOTHING, "it has its place");
    assert_eq!(bob.message(0, None, M::Forward(asked)), NOTHING);
}

#[test]
fn a_follower_logs_before_it_acknowledges_and_leaves_when_there_is_a_gap() {
    let established = || {
        let mut bob = following();
        bob.message(2, None, M::NewEpoch { epoch: 4 });
        bob.message(2, None, M::NewLeader { epoch: 4, history: vec![] });
        bob.message(2, None, M::CommitLeader { epoch: 4, committed: Zxid::default() });
        bob
    };
    let mut bob = established();
    assert_eq!(
        bob.message(2, operation(0), M::Propose(transaction(4, 1, 0))),
        ["force Append(4.1=n0#0)", "n2 <- Ack(4.1) for n0#0", "set Patience 500ms"]
    );
    let gap = bob.message(2, operation(0), M::Propose(transaction(4, 3, 0)));
    assert_eq!(gap[0], "cancel Heartbeat", "{gap:?}");
    let mut bob = established();
    let ahead = M::Ping { last: Zxid::new(4, 1), committed: Zxid::default() };
    assert_eq!(bob.message(2, None, ahead)[0], "cancel Heartbeat", "a proposal was lost");
}

/// DSN 2011, phase 3 (broadcast) of a leader: a follower that comes late is sent NEWEPOCH and NEWLEADER with all that
/// was proposed so far; its ACK-LD may complete a quorum for it.
#[test]
fn a_late_follower_is_brought_up_to_date() {
    let mut bob = broadcasting();
    bob.request(Request::Broadcast(value(1)));
    let epoch = M::FollowerInfo { accepted: 0 };
    assert_eq!(bob.message(2, None, epoch), ["n2 <- NewEpoch { epoch: 2 }"]);
    assert_eq!(
        bob.message(2, None, M::AckEpoch { epoch: 2, current: Some(0), history: vec![] }),
        ["n2 <- NewLeader { epoch: 2, history: [1.1=n0#0, 1.2=n2#0, 2.1=n1#0] }"]
    );
    assert_eq!(
        bob.message(2, None, M::AckLeader { epoch: 2, last: Zxid::new(2, 1) }),
        [
            "n0 <- Commit(2.1)",
            "emit Delivered { zxid: 2.1, value: n1#0 }",
            "n2 <- CommitLeader { epoch: 2, committed: 2.1 }"
        ]
    );
}

#[test]
fn a_leader_that_no_quorum_follows_looks_again() {
    let mut bob = broadcasting();
    assert_eq!(bob.timer(ZabTimer::Patience), ["set Patience 500ms"], "n0 was heard");
    assert_eq!(bob.timer(ZabTimer::Patience)[0], "cancel Heartbeat", "and not since");
}

#[test]
fn who_has_settled_says_so_to_who_looks() {
    let mut bob = broadcasting();
    let asked = notification(2, Zxid::new(1, 9), State::Looking);
    let answer = bob.message(2, None, asked);
    assert!(answer[0].contains("leader: n1 }, round: 1, state: Leading"), "{answer:?}");
}

/// Why FIFO links are assumed: a NEWLEADER that was overtaken on its way, by two connections that
/// began later, takes a committed transaction off the follower's disk.
#[test]
fn a_history_that_was_overtaken_on_its_way_undoes_what_was_committed() {
    let mut bob = following();
    let join = |bob: &mut Bench<Zab>| {
        bob.timer(ZabTimer::Patience);
        let (vote, round) = (Zxid::new(1, 3), 1);
        for (from, state) in [(0, State::Following), (2, State::Leading)] {
            let vote = Vote { epoch: 1, zxid: vote, leader: NodeId(2) };
            bob.message(from, None, M::Notification(Note { vote, round, state }));
        }
        bob.message(2, None, M::NewEpoch { epoch: 4 })
    };
    bob.message(2, None, M::NewEpoch { epoch: 4 });
    let overtaken = M::NewLeader { epoch: 4, history: vec![transaction(1, 1, 0)] };

    join(&mut bob);
    let history = vec![transaction(1, 1, 0), transaction(4, 1, 2)];
    bob.message(2, None, M::NewLeader { epoch: 4, history });
    let effects = bob.message(2, None, M::CommitLeader { epoch: 4, committed: Zxid::new(4, 1) });
    assert!(effects.contains(&"emit Delivered { zxid: 4.1, value: n2#0 }".into()), "{effects:?}");

    join(&mut bob);
    assert_eq!(bob.message(2, None, overtaken)[0], "force Adopt(4, [1.1=n0#0])");
}
