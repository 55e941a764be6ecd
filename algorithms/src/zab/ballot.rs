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
    /// Of two equal histories, neither is better.
    NoTieBreak,
    /// Does not repeat its notification.
    SaysOnce,
    /// Who has settled does not answer those who look.
    KeepsSilent,
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
            BallotMutant::NoTieBreak => (one.epoch, one.zxid) > (other.epoch, other.zxid),
            _ => one > other,
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
            _ => self.outside.get(&leader).filter(|word| word.state == State::Leading),
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
mod tests;
