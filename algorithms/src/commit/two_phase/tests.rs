//! Transcripts of two-phase commit.

use std::collections::BTreeSet;

use seedbed_node::{Algorithm, NodeId, Theory};

use super::{
    InDoubt, Presume, TwoPhaseCommit, TwoPhaseMessage as M, TwoPhaseParams, TwoPhaseTimer as Timer,
    Vote,
};
use crate::commit::stage::{Stage, T, begin, part};
use crate::commit::{Part, Record, Transaction};

type Nodes = Stage<TwoPhaseCommit>;

const NOTHING: [&str; 0] = [];

fn presuming(presume: Presume) -> TwoPhaseParams {
    TwoPhaseParams { presume, ..TwoPhaseParams::default() }
}

fn both() -> BTreeSet<NodeId> {
    BTreeSet::from([NodeId(1), NodeId(2)])
}

fn prepare(part: Part) -> M {
    M::Prepare { transaction: T, part, peers: both(), horizon: T }
}

fn vote(vote: Vote) -> M {
    M::Vote { transaction: T, vote }
}

fn ready(locks: BTreeSet<u32>) -> Record {
    Record::Ready { transaction: T, locks, peers: both(), horizon: T }
}

/// Mohan, Lindsay and Obermarck, section 2: the 2P protocol.
#[test]
fn a_commit_of_presumed_nothing() {
    let mut nodes = Nodes::booted(3, presuming(Presume::Nothing));
    assert_eq!(
        nodes.request(begin(&[part(4), part(7)], false)),
        [
            "n1 <- Prepare { transaction: T0, part: Part { keys: {4}, reads_only: false, \
             refuses: false }, peers: {n1, n2}, horizon: T0 }",
            "n2 <- Prepare { transaction: T0, part: Part { keys: {7}, reads_only: false, \
             refuses: false }, peers: {n1, n2}, horizon: T0 }",
            "set Votes(T0) 500ms",
        ]
    );
    let voted = [
        "force Ready { transaction: T0, locks: {4}, peers: {n1, n2}, horizon: T0 }",
        "emit Prepared { transaction: T0, locks: {4} }",
        "n0 <- Vote { transaction: T0, vote: Yes }",
        "set Doubt(T0) 500ms",
    ];
    assert_eq!(nodes.deliver().expect("a Prepare"), voted, "READY is forced before YES");
    nodes.deliver();
    assert_eq!(nodes.deliver().expect("a vote"), NOTHING);
    assert_eq!(
        nodes.deliver().expect("the last vote"),
        [
            "cancel Votes(T0)",
            "force Decision(T0, true, {n1, n2})",
            "emit Decided { transaction: T0, commit: true }",
            "n1 <- Decide { transaction: T0, commit: true }",
            "n2 <- Decide { transaction: T0, commit: true }",
            "set Acks(T0) 200ms",
        ],
        "COMMIT is forced before it is sent"
    );
    assert_eq!(
        nodes.deliver().expect("the decision"),
        [
            "cancel Doubt(T0)",
            "force Outcome(T0, true)",
            "emit Decided { transaction: T0, commit: true }",
            "n0 <- Ack { transaction: T0 }",
        ],
        "the outcome is forced before ACK"
    );
    nodes.deliver();
    assert_eq!(nodes.deliver().expect("an acknowledgement"), NOTHING);
    assert_eq!(nodes.deliver().expect("the last"), ["cancel Acks(T0)", "write End(T0)"]);
    assert_eq!(nodes.deliver(), None);
}

/// Section 3.1: an abort is neither forced nor acknowledged, and forgotten at once.
#[test]
fn an_abort_of_presumed_abort() {
    let mut nodes = Nodes::booted(3, presuming(Presume::Abort));
    let refusing = Part { refuses: true, ..part(7) };
    nodes.request(begin(&[part(4), refusing], false));
    nodes.deliver();
    assert_eq!(
        nodes.deliver().expect("a Prepare"),
        [
            "write Outcome(T0, false)",
            "emit Refused { transaction: T0 }",
            "n0 <- Vote { transaction: T0, vote: No }",
        ]
    );
    nodes.deliver();
    assert_eq!(
        nodes.deliver().expect("the last vote"),
        [
            "cancel Votes(T0)",
            "write Decision(T0, false, {})",
            "emit Decided { transaction: T0, commit: false }",
            "n1 <- Decide { transaction: T0, commit: false }",
        ],
        "who voted NO is not told"
    );
    assert_eq!(
        nodes.deliver().expect("the decision"),
        [
            "cancel Doubt(T0)",
            "write Outcome(T0, false)",
            "emit Decided { transaction: T0, commit: false }",
        ]
    );
    assert_eq!(nodes.deliver(), None);
    let answer = nodes.message(1, 0, M::Inquire { transaction: T });
    assert_eq!(answer, ["n1 <- Decide { transaction: T0, commit: false }"], "presumed");
}

/// Section 3.2: the collecting record is forced before any PREPARE, a commit is not acknowledged.
#[test]
fn a_commit_of_presumed_commit() {
    let mut nodes = Nodes::booted(2, presuming(Presume::Commit));
    let begun = nodes.request(begin(&[part(4)], false));
    assert_eq!(begun[0], "force Collecting(T0, {n1})");
    nodes.deliver();
    assert_eq!(
        nodes.deliver().expect("the vote"),
        [
            "cancel Votes(T0)",
            "force Decision(T0, true, {})",
            "emit Decided { transaction: T0, commit: true }",
            "n1 <- Decide { transaction: T0, commit: true }",
        ]
    );
    let told = nodes.deliver().expect("the decision");
    assert_eq!(
        told[1..],
        ["write Outcome(T0, true)", "emit Decided { transaction: T0, commit: true }"]
    );
    let answer = nodes.message(1, 0, M::Inquire { transaction: T });
    assert_eq!(answer, ["n1 <- Decide { transaction: T0, commit: true }"], "presumed");
}

/// Section 2: what a coordinator makes of its log.
#[test]
fn a_coordinator_recovers_from_every_state_of_its_log() {
    let restarted = |presume, records: &[Record]| {
        let mut nodes = Nodes::new(3, presuming(presume));
        records.iter().for_each(|record| nodes.log(0, record));
        nodes.boot(0)
    };
    for presume in [Presume::Nothing, Presume::Abort, Presume::Commit] {
        assert_eq!(restarted(presume, &[]), NOTHING);
    }
    let collecting = Record::Collecting(T, both());
    assert_eq!(
        restarted(Presume::Commit, std::slice::from_ref(&collecting)),
        [
            "write Decision(T0, false, {n1, n2})",
            "emit Decided { transaction: T0, commit: false }",
            "n1 <- Decide { transaction: T0, commit: false }",
            "n2 <- Decide { transaction: T0, commit: false }",
            "set Acks(T0) 200ms",
        ],
        "collecting and no decision: abort"
    );
    let closed = [collecting, Record::Decision(T, true, BTreeSet::new())];
    assert_eq!(restarted(Presume::Commit, &closed), NOTHING);
    for commit in [true, false] {
        let decided = Record::Decision(T, commit, both());
        let again = restarted(Presume::Nothing, std::slice::from_ref(&decided));
        assert_eq!(again[1], format!("n1 <- Decide {{ transaction: T0, commit: {commit} }}"));
        assert_eq!(restarted(Presume::Nothing, &[decided, Record::End(T)]), NOTHING);
    }
}

#[test]
fn a_participant_in_doubt_asks_at_its_restart_and_keeps_its_locks() {
    let mut nodes = Nodes::new(3, presuming(Presume::Nothing));
    nodes.log(1, &ready(BTreeSet::from([4])));
    let asked = ["n0 <- Inquire { transaction: T0 }", "set Doubt(T0) 200ms"];
    assert_eq!(nodes.boot(1), asked);
    let other =
        M::Prepare { transaction: Transaction(1), part: part(4), peers: both(), horizon: T };
    assert_eq!(nodes.message(0, 1, other), ["set Locks(T1) 200ms"], "INIT: key 4 is locked");
    let refused = nodes.timer(1, Timer::Locks(Transaction(1)));
    assert_eq!(refused[2], "n0 <- Vote { transaction: T1, vote: No }");
}

#[test]
fn whoever_waits_for_a_lock_votes_when_it_is_free() {
    let mut nodes = Nodes::booted(3, presuming(Presume::Abort));
    nodes.message(0, 1, prepare(part(4)));
    let second = Transaction(1);
    let waiting = M::Prepare { transaction: second, part: part(4), peers: both(), horizon: T };
    nodes.message(0, 1, waiting);
    let told = nodes.message(0, 1, M::Decide { transaction: T, commit: false });
    assert_eq!(
        told[3..6],
        [
            "cancel Locks(T1)",
            "force Ready { transaction: T1, locks: {4}, peers: {n1, n2}, horizon: T0 }",
            "emit Prepared { transaction: T1, locks: {4} }",
        ]
    );
}

/// Section 2: INIT and WAIT time out into an abort, READY does not.
#[test]
fn timeouts() {
    let mut nodes = Nodes::booted(3, presuming(Presume::Nothing));
    nodes.request(begin(&[part(4), part(7)], false));
    nodes.deliver();
    nodes.lose();
    nodes.message(1, 0, vote(Vote::Yes));
    let overdue = nodes.timer(0, Timer::Votes(T));
    assert_eq!(overdue[0], "force Decision(T0, false, {n1, n2})");
    nodes.lose();
    let asked = ["n0 <- Inquire { transaction: T0 }", "set Doubt(T0) 200ms"];
    assert_eq!(nodes.timer(1, Timer::Doubt(T)), asked);
    let blocked = nodes.timer(1, Timer::Doubt(T));
    assert_eq!(blocked[0], "emit Blocked { transaction: T0 }");
    assert_eq!(blocked[1..], asked);
    assert_eq!(nodes.timer(1, Timer::Doubt(T)), asked, "it says so once");
}

#[test]
fn late_and_repeated_messages_change_nothing() {
    let mut nodes = Nodes::booted(3, presuming(Presume::Nothing));
    nodes.message(0, 1, prepare(part(4)));
    let yes = ["n0 <- Vote { transaction: T0, vote: Yes }"];
    assert_eq!(nodes.message(0, 1, prepare(part(4))), yes, "the promise is not made twice");
    nodes.message(0, 1, M::Decide { transaction: T, commit: true });
    let again = nodes.message(0, 1, M::Decide { transaction: T, commit: true });
    assert_eq!(again, ["n0 <- Ack { transaction: T0 }"]);
    assert_eq!(nodes.message(0, 1, prepare(part(4))), NOTHING, "it is committed");
    // An abort that overtakes the question: the answer must be NO.
    nodes.message(0, 2, M::Decide { transaction: T, commit: false });
    let no = ["n0 <- Vote { transaction: T0, vote: No }"];
    assert_eq!(nodes.message(0, 2, prepare(part(4))), no);
    assert_eq!(nodes.message(2, 0, vote(Vote::Yes)), NOTHING, "of what is not open");
}

#[test]
fn what_is_older_than_the_horizon_is_refused_and_nothing_is_known_of_it() {
    let params = TwoPhaseParams { cooperative: true, ..TwoPhaseParams::default() };
    let mut nodes = Nodes::booted(3, params);
    let newer = Transaction(5);
    let message = M::Prepare { transaction: newer, part: part(4), peers: both(), horizon: newer };
    nodes.message(0, 1, message);
    assert_eq!(nodes.message(2, 1, M::Inquire { transaction: T }), NOTHING);
    let late = nodes.message(0, 1, prepare(part(7)));
    assert_eq!(late[2], "n0 <- Vote { transaction: T0, vote: No }");
}

/// A reader writes nothing when it leaves: after a restart it cannot tell that it has voted.
#[test]
fn a_reader_that_has_restarted_does_not_abort_for_others() {
    let params = TwoPhaseParams { cooperative: true, ..TwoPhaseParams::default() };
    let mut nodes = Nodes::booted(3, params);
    let reader = Part { reads_only: true, ..part(4) };
    let left = nodes.message(0, 1, prepare(reader));
    assert_eq!(
        left,
        ["emit Left { transaction: T0 }", "n0 <- Vote { transaction: T0, vote: Read }"]
    );
    assert_eq!(nodes.message(2, 1, M::Inquire { transaction: T }), NOTHING);
    nodes.crash(1);
    nodes.boot(1);
    assert_eq!(nodes.message(2, 1, M::Inquire { transaction: T }), NOTHING);
}

#[test]
fn the_notes_forms() {
    let mut client =
        Nodes::booted(2, TwoPhaseParams { client_coordinates: true, ..TwoPhaseParams::default() });
    client.request(begin(&[part(4)], false));
    let decided = client.message(1, 0, vote(Vote::Yes));
    assert!(decided.iter().all(|line| !line.starts_with("force")), "{decided:?}");

    let mut open = Nodes::booted(3, TwoPhaseParams { holds_locks: false, ..Default::default() });
    open.message(0, 1, prepare(part(4)));
    let second = Transaction(1);
    let other = M::Prepare { transaction: second, part: part(4), peers: both(), horizon: T };
    assert!(open.message(0, 1, other)[0].starts_with("force Ready"), "key 4 is not locked");

    let mut hasty =
        Nodes::booted(3, TwoPhaseParams { in_doubt: InDoubt::Abort, ..Default::default() });
    hasty.message(0, 1, prepare(part(4)));
    hasty.timer(1, Timer::Doubt(T));
    assert_eq!(hasty.timer(1, Timer::Doubt(T))[0], "force Outcome(T0, false)");
}

#[test]
fn theory_is_of_a_commit_of_all() {
    for (presume, each) in [(Presume::Nothing, 4.0), (Presume::Abort, 4.0), (Presume::Commit, 3.0)]
    {
        let theory = TwoPhaseCommit::theory(6, &presuming(presume));
        assert_eq!(theory, Theory::Exactly(5.0 * each));
    }
}
