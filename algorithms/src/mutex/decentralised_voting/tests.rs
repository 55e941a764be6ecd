//! Transcripts of voting among three coordinators, which are all the members.

use seedbed_node::{Algorithm, Node, NodeId};

use super::{
    Attempt, DecentralisedVoting, DecentralisedVotingMessage as M, DecentralisedVotingParams,
    DecentralisedVotingTimer as T, OnDenial,
};
use crate::mutex::Request::{Acquire, Release};
use crate::transcript::{Bench, operation};

const NOTHING: [&str; 0] = [];

fn attempt(number: u32) -> Attempt {
    Attempt { incarnation: 0, number }
}

fn ask(number: u32) -> M {
    M::Ask { attempt: attempt(number) }
}

fn vote(number: u32, granted: bool) -> M {
    M::Vote { attempt: attempt(number), granted }
}

/// All three must vote: nothing depends on which are drawn.
fn unanimous(me: u32, denied: OnDenial) -> Bench<DecentralisedVoting> {
    let params = DecentralisedVotingParams { majority: Some(3), denied, ..Default::default() };
    Bench::boot(me, 3, params).0
}

/// The lines that are no timers, without the numbers of attempts.
fn said(lines: Vec<String>) -> Vec<String> {
    let messages =
        lines.into_iter().filter(|line| !line.contains("set ") && !line.contains("cancel "));
    let short = |line: String| {
        let (start, rest) = line.split_once(" {").unwrap_or((&line, ""));
        let granted = if rest.contains("granted: true") { "!" } else { "" };
        let operation = rest.split_once(" for ").map_or("", |(_, operation)| operation);
        format!("{start}{granted} {operation}").trim_end().to_owned()
    };
    messages.map(short).collect()
}

#[test]
fn a_node_asks_enters_with_all_votes_and_releases_them() {
    let mut ada = unanimous(0, OnDenial::BackOff);
    assert_eq!(said(ada.request(Acquire)), ["n1 <- Ask n0#0", "n2 <- Ask n0#0"]);
    assert_eq!(said(ada.message(1, operation(0), vote(1, true))), NOTHING);
    assert_eq!(ada.node.waits_for(), [NodeId(2)]);
    assert_eq!(said(ada.message(2, operation(0), vote(1, true))), ["emit Granted"]);
    assert_eq!(said(ada.request(Release)), ["n1 <- Release n0#0", "n2 <- Release n0#0"]);
}

#[test]
fn a_denied_node_hands_its_votes_back_as_background_and_tries_again() {
    let mut ada = unanimous(0, OnDenial::BackOff);
    ada.request(Acquire);
    ada.message(1, operation(0), vote(1, true));
    assert_eq!(said(ada.message(2, operation(0), vote(1, false))), ["n1 <- Return"]);
    assert_eq!(said(ada.timer(T::Backoff)), ["n1 <- Ask n0#0", "n2 <- Ask n0#0"]);
}

#[test]
fn who_does_not_answer_in_time_is_told_that_the_attempt_is_over() {
    let mut ada = unanimous(0, OnDenial::BackOff);
    ada.request(Acquire);
    ada.message(1, operation(0), vote(1, true));
    assert_eq!(said(ada.timer(T::Patience)), ["n1 <- Return", "n2 <- Return"]);
    assert_eq!(said(ada.message(2, operation(0), vote(1, true))), ["n2 <- Return"], "too late");
}

#[test]
fn a_coordinator_has_one_vote_and_gets_it_back() {
    let mut desk = unanimous(2, OnDenial::BackOff);
    assert_eq!(said(desk.message(0, operation(0), ask(1))), ["n0 <- Vote! n0#0"]);
    assert_eq!(said(desk.message(1, operation(1), ask(1))), ["n1 <- Vote n1#0"]);
    desk.message(1, operation(1), M::Return { attempt: attempt(1) });
    assert_eq!(said(desk.message(1, operation(1), ask(2))), ["n1 <- Vote n1#0"], "still ada's");
    desk.message(0, operation(0), M::Release { attempt: attempt(1) });
    assert_eq!(said(desk.message(1, operation(1), ask(3))), ["n1 <- Vote! n1#0"]);
}

#[test]
fn messages_of_earlier_attempts_change_nothing() {
    let mut desk = unanimous(2, OnDenial::BackOff);
    desk.message(0, operation(0), ask(2));
    assert_eq!(said(desk.message(0, operation(0), ask(1))), ["n0 <- Vote n0#0"]);
    desk.message(0, operation(0), M::Return { attempt: attempt(1) });
    assert_eq!(said(desk.message(1, operation(1), ask(1))), ["n1 <- Vote n1#0"], "still ada's");
}

#[test]
fn a_vote_that_comes_twice_counts_once_and_is_kept() {
    let mut ada = unanimous(0, OnDenial::BackOff);
    ada.request(Acquire);
    ada.message(1, operation(0), vote(1, true));
    assert_eq!(said(ada.message(1, operation(0), vote(1, true))), NOTHING);
    ada.message(2, operation(0), vote(1, true));
    assert_eq!(said(ada.message(2, operation(0), vote(1, true))), NOTHING, "inside with it");
    ada.request(Release);
    assert_eq!(said(ada.message(2, operation(0), vote(1, true))), ["n2 <- Return"]);
}

#[test]
fn a_rebooted_coordinator_has_forgotten_its_vote() {
    let params = DecentralisedVotingParams { majority: Some(3), ..Default::default() };
    let (mut desk, _) = Bench::<DecentralisedVoting>::reboot(2, 3, params, 1);
    assert_eq!(said(desk.message(1, operation(1), ask(1))), ["n1 <- Vote! n1#0"]);
}

#[test]
fn without_backoff_the_next_in_the_queue_gets_the_vote() {
    let mut desk = unanimous(2, OnDenial::Wait);
    desk.message(0, operation(0), ask(1));
    assert_eq!(said(desk.message(1, operation(1), ask(1))), NOTHING);
    assert_eq!(desk.node.waits_for(), [NodeId(0)]);
    let release = M::Release { attempt: attempt(1) };
    assert_eq!(said(desk.message(0, operation(0), release)), ["n1 <- Vote! n1#0"]);
}

#[test]
fn numbers_that_make_no_majority_are_refused() {
    let refused = |coordinators, majority, nodes, word: &str| {
        let params = DecentralisedVotingParams { coordinators, majority, ..Default::default() };
        let why = DecentralisedVoting::check_params(&params, nodes).expect_err("no majority");
        assert!(why.contains(word), "{why}");
    };
    refused(Some(4), None, 3, "coordinators");
    refused(Some(33), None, 40, "coordinators");
    refused(Some(4), Some(2), 5, "majority");
    refused(Some(4), Some(5), 5, "majority");
    let default = DecentralisedVotingParams::default();
    assert_eq!(DecentralisedVoting::check_params(&default, 100), Ok(()));
}
