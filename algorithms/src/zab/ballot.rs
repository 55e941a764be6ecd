//! Fast leader election as one node sees it: rounds, votes, and when a vote has won.
//!
//! Patrick Hunt, Mahadev Konar, Flavio P. Junqueira and Benjamin Reed, "ZooKeeper: Wait-free
//! Coordination for Internet-scale Systems", USENIX ATC 2010 (the service that it elects for);
//! André Medeiros, "ZooKeeper's Atomic Broadcast Protocol: Theory and Practice", Aalto University
//! 2012, "Fast Leader Election" (the pseudocode).
//!
//! A node that looks for a leader votes for the best node that it has heard of in its round, and
//! says so whenever that changes. Votes are ordered by (epoch, zxid, id).
//!
//! ```text
//! LOOKING, round r, vote v; a notification (w, round q, state) arrives from p:
//!   state LOOKING, q > r   r := q, forget votes, v := max(w, own), announce; then as q = r
//!   state LOOKING, q = r   v := max(v, w), announce if changed; note p's vote; then
//!                            all have voted        -> won
//!                            v has a quorum        -> wait finalizeWait for a better vote -> won
//!   state LOOKING, q < r   tell p the present vote
//!   FOLLOWING or LEADING   note p's word; then
//!                            w.leader has a quorum, and has itself said LEADING -> won
//!                            q = r, w = own vote for oneself has a quorum       -> won
//! ```
//!
//! Departures from Medeiros' pseudocode, the first two ZooKeeper's own since: statements from
//! outside the election agree if they name the same leader (rounds and zxids of long-settled nodes
//! may differ); nobody is made the leader by statements of another round than its own; who looks
//! again takes back what it said from outside; `finalizeWait` runs once from the quorum and is not
//! begun again by votes that change nothing.
//!
//! Absent: timers and sending. This is a value that its node consults; the node does both.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Members, NodeId, Parameter, Wire};
use serde::Deserialize;

use super::Zxid;

/// A vote: for a node, with what recommends it. The derived order is the algorithm's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub struct Vote {
    /// The epoch that the candidate was last part of.
    pub epoch: u32,
    /// The candidate's last transaction.
    pub zxid: Zxid,
    /// The candidate.
    pub leader: NodeId,
}

/// What a node does at present.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub enum State {
    /// It looks for a leader.
    Looking,
    /// It follows the one it votes for.
    Following,
    /// It leads.
    Leading,
}

/// What nodes tell each other of the election.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub struct Note {
    /// The sender's vote.
    pub vote: Vote,
    /// The sender's round.
    pub round: u32,
    /// What the sender does.
    pub state: State,
}

/// How an election has ended for a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Settled {
    /// The winning vote.
    pub vote: Vote,
    /// Its round.
    pub round: u32,
}

impl Settled {
    /// What `me`, who leads or follows, answers to those who are still looking.
    pub fn note(self, me: NodeId) -> Note {
        let state = if self.vote.leader == me { State::Leading } else { State::Following };
        Note { vote: self.vote, round: self.round, state }
    }
}

/// Who votes, and by which rules.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Electorate {
    /// This node.
    pub me: NodeId,
    /// All.
    pub members: Members,
    /// A deliberate bug, or none.
    pub mutant: BallotMutant,
}

/// Bugs in the election, for the algorithms that hold one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum BallotMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Compares candidates by their ids alone.
    IdOnly,
    /// Believes what followers say of a leader without the leader's own word.
    AnyWord,
    /// Decides as soon as one vote has arrived, without a quorum.
    NoQuorum,
}

impl Electorate {
    /// How many are more than half.
    pub fn quorum(&self) -> u32 {
        self.members.count() / 2 + 1
    }

    /// Whether `count` nodes are enough.
    fn enough(&self, count: u32) -> bool {
        let least = if self.mutant == BallotMutant::NoQuorum { 2 } else { self.quorum() };
        count >= least.min(self.members.count())
    }

    fn better(&self, one: Vote, other: Vote) -> bool {
        match self.mutant {
            BallotMutant::IdOnly => one.leader > other.leader,
            BallotMutant::None | BallotMutant::AnyWord | BallotMutant::NoQuorum => one > other,
        }
    }
}

/// What a notification asks of its receiver, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reaction {
    /// Tell everybody the vote, which has changed.
    pub announce: bool,
    /// Tell the sender, who is behind.
    pub answer: bool,
    /// What then.
    pub then: Then,
}

/// Whether the election is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Then {
    /// Go on listening.
    Listen,
    /// The vote has a quorum: it has won unless something better is heard within finalizeWait.
    Wait,
    /// It is over.
    Won(Settled),
}

/// A node's part in one election.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ballot {
    round: u32,
    /// What this node would vote for if it heard of nobody.
    own: Vote,
    vote: Vote,
    /// The votes of the round, this node's included.
    votes: BTreeMap<NodeId, Vote>,
    /// What those who are out of the election say.
    outside: BTreeMap<NodeId, Note>,
    /// Whether the vote has a quorum and finalizeWait is running.
    settling: bool,
}

impl Ballot {
    /// A new election, in which this node is for itself. A node that is alone has won.
    pub fn open(round: u32, own: Vote, electorate: &Electorate) -> (Self, Then) {
        let mut ballot = Ballot {
            round,
            own,
            vote: own,
            votes: BTreeMap::new(),
            outside: BTreeMap::new(),
            settling: false,
        };
        ballot.votes.insert(electorate.me, own);
        let then = ballot.count(electorate);
        (ballot, then)
    }

    /// The round.
    pub fn round(&self) -> u32 {
        self.round
    }

    /// What this node says to others.
    pub fn note(&self) -> Note {
        Note { vote: self.vote, round: self.round, state: State::Looking }
    }

    /// Those who have not voted for anybody better than `vote`: whom it has won over.
    pub fn won_over(&self, vote: Vote) -> BTreeSet<NodeId> {
        let supporters = self.votes.iter().filter(|(_, other)| **other <= vote);
        supporters.map(|(node, _)| *node).collect()
    }

    /// Another node has spoken.
    pub fn hear(&mut self, from: NodeId, note: Note, electorate: &Electorate) -> Reaction {
        if note.state == State::Looking {
            // It takes back what it said as a leader or follower.
            self.outside.remove(&from);
        }
        match note.state {
            State::Looking if note.round < self.round => {
                Reaction { announce: false, answer: true, then: Then::Listen }
            }
            State::Looking => {
                let announce = self.consider(note, electorate);
                self.votes.insert(from, note.vote);
                Reaction { announce, answer: false, then: self.count(electorate) }
            }
            State::Following | State::Leading => {
                let then = self.hear_from_outside(from, note, electorate);
                Reaction { announce: false, answer: false, then }
            }
        }
    }

    /// finalizeWait is over.
    pub fn finalize(&self) -> Option<Settled> {
        self.settling.then_some(Settled { vote: self.vote, round: self.round })
    }

    /// Takes up a vote of this round or a later one; tells whether the own vote or round changed.
    fn consider(&mut self, note: Note, electorate: &Electorate) -> bool {
        let later = note.round > self.round;
        if later {
            self.round = note.round;
            self.votes.clear();
            self.vote = self.own;
        }
        let better = electorate.better(note.vote, self.vote);
        if better {
            self.vote = note.vote;
        }
        if later || better {
            self.settling = false;
            self.votes.insert(electorate.me, self.vote);
        }
        later || better
    }

    /// Whether the own vote has won among those who are looking.
    fn count(&mut self, electorate: &Electorate) -> Then {
        if self.votes.len() as u32 == electorate.members.count() {
            return Then::Won(Settled { vote: self.vote, round: self.round });
        }
        let has_quorum = electorate.enough(supporters(&self.votes, self.vote));
        if has_quorum && !self.settling {
            self.settling = true;
            return Then::Wait;
        }
        Then::Listen
    }

    /// Somebody leads or follows already.
    fn hear_from_outside(&mut self, from: NodeId, note: Note, electorate: &Electorate) -> Then {
        self.outside.insert(from, note);
        if note.round == self.round {
            self.votes.insert(from, note.vote);
        }
        let of_this_round = electorate.enough(supporters(&self.votes, note.vote));
        let leader = note.vote.leader;
        if leader == electorate.me {
            let chosen = note.round == self.round && note.vote == self.own && of_this_round;
            return if chosen { won(note) } else { Then::Listen };
        }
        let word = match electorate.mutant {
            BallotMutant::AnyWord => Some(&note),
            BallotMutant::None | BallotMutant::IdOnly | BallotMutant::NoQuorum => {
                self.outside.get(&leader).filter(|word| word.state == State::Leading)
            }
        };
        let agreeing = self.outside.values().filter(|other| other.vote.leader == leader).count();
        match word {
            Some(word) if of_this_round || electorate.enough(agreeing as u32) => won(*word),
            Some(_) | None => Then::Listen,
        }
    }
}

fn won(note: Note) -> Then {
    Then::Won(Settled { vote: note.vote, round: note.round })
}

fn supporters(votes: &BTreeMap<NodeId, Vote>, vote: Vote) -> u32 {
    votes.values().filter(|other| **other == vote).count() as u32
}

#[cfg(test)]
mod tests {
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
}
