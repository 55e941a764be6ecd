//! Transcripts of n0 among three.

use seedbed_node::{Algorithm, NodeId};

use super::FastLeaderElectionTimer::{Finalize, Resend};
use super::Notification;
use super::{FastLeaderElection, FastLeaderElectionParams};
use crate::transcript::{Bench, operation};
use crate::zab::Zxid;
use crate::zab::ballot::{Note, State, Vote};

const NOTHING: [&str; 0] = [];

fn params() -> FastLeaderElectionParams {
    FastLeaderElectionParams { epochs: vec![1, 1, 1], zxids: vec![4, 6, 5], ..Default::default() }
}

fn note(leader: u32, round: u32, state: State) -> super::FastLeaderElectionMessage {
    let leader = NodeId(leader);
    let zxid = Zxid::new(1, params().zxids[leader.index()]);
    Notification(Note { vote: Vote { epoch: 1, zxid, leader }, round, state })
}

fn said(to: u32, zxid: &str, leader: u32, round: u32, state: &str) -> String {
    format!(
        "n{to} <- Notification(Note {{ vote: Vote {{ epoch: 1, zxid: {zxid}, leader: \
         n{leader} }}, round: {round}, state: {state} }})"
    )
}

fn booted() -> Bench<FastLeaderElection> {
    let (node, effects) = Bench::boot(0, 3, params());
    assert_eq!(
        effects,
        [
            "emit Standing { rank: Rank { epoch: 1, zxid: 4, id: 0 } }".to_owned(),
            "emit Started { term: Some(1) }".to_owned(),
            said(1, "1.4", 0, 1, "Looking"),
            said(2, "1.4", 0, 1, "Looking"),
            "set Resend 200ms".to_owned(),
        ]
    );
    node
}

#[test]
fn a_node_votes_for_itself_then_for_better_ones_and_waits_once_there_is_a_quorum() {
    let mut ada = booted();
    assert_eq!(
        ada.message(2, None, note(2, 1, State::Looking)),
        [
            said(1, "1.5", 2, 1, "Looking"),
            said(2, "1.5", 2, 1, "Looking"),
            "set Resend 200ms".to_owned(),
            "set Finalize 200ms".to_owned(),
        ]
    );
    assert_eq!(
        ada.timer(Finalize),
        [
            "cancel Resend",
            "cancel Finalize",
            "emit Elected { leader: n2, term: Some(1), basis: OverVoters({n0, n2}) }"
        ]
    );
}

#[test]
fn silence_is_answered_by_repeating_less_and_less_often() {
    let mut ada = booted();
    for wait in ["400ms", "800ms", "1.6s"] {
        assert_eq!(ada.timer(Resend)[2], format!("set Resend {wait}"));
    }
}

#[test]
fn who_has_settled_answers_and_a_request_begins_another_round() {
    let mut ada = booted();
    ada.message(1, None, note(1, 1, State::Looking));
    ada.timer(Finalize);
    assert_eq!(
        ada.message(2, None, note(2, 1, State::Looking)),
        [said(2, "1.6", 1, 1, "Following")]
    );
    assert_eq!(ada.message(2, None, note(1, 1, State::Following)), NOTHING);
    let again = ada.request(crate::election::Request::Elect);
    assert_eq!(again[0], "emit Started { term: Some(2) }");
}

/// Medeiros, FLE: notifications from outside the election.
#[test]
fn a_late_joiner_follows_on_the_leaders_own_word() {
    let mut ada = booted();
    assert_eq!(ada.message(2, None, note(1, 9, State::Following)), NOTHING);
    assert_eq!(
        ada.message(1, operation(1), note(1, 9, State::Leading)).last().expect("it settles"),
        "emit Elected { leader: n1, term: Some(9), basis: Told }"
    );
}

#[test]
fn a_follower_whose_leader_looks_again_looks_too() {
    let mut ada = booted();
    ada.message(1, None, note(1, 1, State::Looking));
    ada.timer(Finalize);
    let effects = ada.message(1, None, note(1, 2, State::Looking));
    assert_eq!(effects[0], "emit Started { term: Some(2) }");
    assert!(effects.contains(&said(2, "1.6", 1, 2, "Looking")), "{effects:?}");
}

#[test]
fn a_history_for_each_node_or_none() {
    let params = FastLeaderElectionParams { zxids: vec![1, 2], ..Default::default() };
    let why = FastLeaderElection::check_params(&params, 3).expect_err("two of three");
    assert!(why.contains("zxids"), "{why}");
    assert_eq!(FastLeaderElection::check_params(&params, 2), Ok(()));
}
