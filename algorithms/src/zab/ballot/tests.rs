//! One node's part in an election, notification by notification.

use seedbed_node::{Members, NodeId};

use super::{Ballot, BallotMutant, Electorate, Note, Reaction, Settled, State, Then, Vote};
use crate::zab::Zxid;

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
const C: NodeId = NodeId(2);

fn vote(epoch: u32, counter: u32, leader: NodeId) -> Vote {
    Vote { epoch, zxid: Zxid::new(epoch, counter), leader }
}

fn looking(vote: Vote, round: u32) -> Note {
    Note { vote, round, state: State::Looking }
}

fn says(vote: Vote, round: u32, state: State) -> Note {
    Note { vote, round, state }
}

fn electorate(mutant: BallotMutant) -> Electorate {
    Electorate { me: A, members: Members(5), mutant }
}

fn opened(round: u32, own: Vote) -> (Ballot, Electorate) {
    let electorate = electorate(BallotMutant::None);
    (Ballot::open(round, own, &electorate).0, electorate)
}

fn quietly(then: Then) -> Reaction {
    Reaction { announce: false, answer: false, then }
}

#[test]
fn votes_are_ordered_by_epoch_then_zxid_then_id() {
    let later_epoch = Vote { epoch: 2, zxid: Zxid::new(1, 1), leader: A };
    let longer = Vote { epoch: 1, zxid: Zxid::new(1, 9), leader: A };
    let higher_id = Vote { epoch: 1, zxid: Zxid::new(1, 2), leader: C };
    let lower_id = Vote { leader: B, ..higher_id };
    assert!(later_epoch > longer && longer > higher_id && higher_id > lower_id);
}

/// Medeiros, FLE: a notification of the same round.
#[test]
fn a_better_vote_is_adopted_and_announced_a_worse_one_is_only_counted() {
    let (mut ballot, electorate) = opened(1, vote(1, 3, A));
    let worse = ballot.hear(B, looking(vote(1, 2, B), 1), &electorate);
    assert_eq!(worse, quietly(Then::Listen));
    let better = ballot.hear(C, looking(vote(1, 4, C), 1), &electorate);
    assert_eq!(better, Reaction { announce: true, answer: false, then: Then::Listen });
    assert_eq!(ballot.note(), looking(vote(1, 4, C), 1));
}

/// Medeiros, FLE, a notification of a later round: it empties the ballot and compares with the own history.
#[test]
fn a_later_round_forgets_votes_and_starts_from_the_own_history() {
    let (mut ballot, electorate) = opened(1, vote(1, 3, A));
    ballot.hear(C, looking(vote(1, 9, C), 1), &electorate);
    let later = ballot.hear(B, looking(vote(1, 2, B), 2), &electorate);
    assert!(later.announce);
    assert_eq!(ballot.note(), looking(vote(1, 3, A), 2), "C's vote was of another round");
}

#[test]
fn who_is_behind_is_told_and_not_counted() {
    let (mut ballot, electorate) = opened(3, vote(1, 3, A));
    let behind = ballot.hear(C, looking(vote(1, 9, C), 2), &electorate);
    assert_eq!(behind, Reaction { announce: false, answer: true, then: Then::Listen });
    assert_eq!(ballot.note(), looking(vote(1, 3, A), 3));
}

/// Medeiros, FLE: votes from all, or from a quorum and nothing better within 200 ms.
#[test]
fn a_quorum_waits_for_better_votes_and_everybodys_vote_need_not() {
    let (mut ballot, electorate) = opened(1, vote(1, 9, A));
    for (voter, then) in [(1, Then::Listen), (2, Then::Wait), (3, Then::Listen)] {
        let heard = ballot.hear(NodeId(voter), looking(vote(1, 9, A), 1), &electorate);
        assert_eq!(heard, quietly(then), "{voter}");
    }
    let settled = Settled { vote: vote(1, 9, A), round: 1 };
    assert_eq!(ballot.finalize(), Some(settled));
    let last = ballot.hear(NodeId(4), looking(vote(1, 1, NodeId(4)), 1), &electorate);
    assert_eq!(last, quietly(Then::Won(settled)), "nobody is left who could do better");
}

#[test]
fn a_better_vote_within_finalize_wait_ends_the_wait() {
    let (mut ballot, electorate) = opened(1, vote(1, 3, A));
    ballot.hear(B, looking(vote(1, 3, A), 1), &electorate);
    assert_eq!(ballot.hear(C, looking(vote(1, 3, A), 1), &electorate).then, Then::Wait);
    ballot.hear(NodeId(3), looking(vote(1, 4, NodeId(3)), 1), &electorate);
    assert_eq!(ballot.finalize(), None);
}

/// Medeiros, FLE, notifications from outside the election: the voted peer must be LEADING.
#[test]
fn a_late_joiner_needs_the_leaders_own_word() {
    let established = vote(4, 7, C);
    let (mut ballot, electorate) = opened(1, vote(4, 8, A));
    for follower in [B, NodeId(3), NodeId(4)] {
        let heard = ballot.hear(follower, says(established, 6, State::Following), &electorate);
        assert_eq!(heard, quietly(Then::Listen), "followers alone do not convince");
    }
    let leader = ballot.hear(C, says(established, 6, State::Leading), &electorate);
    assert_eq!(leader, quietly(Then::Won(Settled { vote: established, round: 6 })));
}

#[test]
fn a_leader_that_looks_again_has_taken_back_its_word() {
    let established = vote(4, 7, C);
    let (mut ballot, electorate) = opened(7, vote(4, 8, A));
    ballot.hear(C, says(established, 6, State::Leading), &electorate);
    ballot.hear(C, looking(established, 7), &electorate);
    for follower in [B, NodeId(3), NodeId(4)] {
        let heard = ballot.hear(follower, says(established, 6, State::Following), &electorate);
        assert_eq!(heard, quietly(Then::Listen));
    }
}

#[test]
fn the_leaders_word_without_a_quorum_is_not_enough() {
    let (mut ballot, electorate) = opened(1, vote(4, 8, A));
    let leader = ballot.hear(C, says(vote(4, 7, C), 6, State::Leading), &electorate);
    assert_eq!(leader, quietly(Then::Listen));
}

#[test]
fn the_mutant_that_takes_any_word_follows_a_leader_that_may_be_dead() {
    let electorate = electorate(BallotMutant::AnyWord);
    let mut ballot = Ballot::open(1, vote(4, 8, A), &electorate).0;
    let dead = vote(4, 7, C);
    for follower in [B, NodeId(3)] {
        ballot.hear(follower, says(dead, 6, State::Following), &electorate);
    }
    let third = ballot.hear(NodeId(4), says(dead, 6, State::Following), &electorate);
    assert_eq!(third.then, Then::Won(Settled { vote: dead, round: 6 }));
}

#[test]
fn others_make_me_the_leader_only_in_my_own_round() {
    let mine = vote(4, 8, A);
    let (mut ballot, electorate) = opened(2, mine);
    for (round, voter, then) in [
        (1, 1, Then::Listen),
        (1, 2, Then::Listen),
        (1, 3, Then::Listen),
        (2, 1, Then::Listen),
        (2, 2, Then::Won(Settled { vote: mine, round: 2 })),
    ] {
        let note = says(mine, round, State::Following);
        let heard = ballot.hear(NodeId(voter), note, &electorate);
        assert_eq!(heard, quietly(then), "{voter} in round {round}");
    }
}

#[test]
fn who_is_alone_has_won_at_once() {
    let electorate = Electorate { me: A, members: Members(1), mutant: BallotMutant::None };
    let (_, then) = Ballot::open(1, vote(0, 0, A), &electorate);
    assert_eq!(then, Then::Won(Settled { vote: vote(0, 0, A), round: 1 }));
}
