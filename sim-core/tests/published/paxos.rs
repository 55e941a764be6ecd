//! Paxos: a ballot's value is one that no smaller ballot can contradict.
//!
//! Leslie Lamport, "The Part-Time Parliament", ACM TOCS 16(2), 1998; "Paxos Made Simple", 2001.
//! Published: tlaplus/Examples, `specifications/PaxosHowToWinATuringAward`, `MCPaxosTiny.cfg`, three
//! acceptors, majorities as quorums, two values, two ballots: 3,921 distinct states of 23,563
//! generated, 17 levels.
//!
//! Messages are a set of all that were ever sent. As there, ways to propose are counted by quorum
//! and by whose vote decided the value.

use std::collections::BTreeSet;

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

const ACCEPTORS: u8 = 3;
const VALUES: u8 = 2;
const QUORUMS: [[u8; 2]; 3] = [[0, 1], [0, 2], [1, 2]];

/// Three acceptors and so many ballots.
struct Paxos {
    ballots: u8,
    /// A bug: whoever proposes does not ask what the acceptors have voted for.
    deaf: bool,
}

/// A ballot and a value.
type Vote = Option<(u8, u8)>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Message {
    Prepare(u8),
    Promise { acceptor: u8, ballot: u8, vote: Vote },
    Propose { ballot: u8, value: u8 },
    Accepted { acceptor: u8, ballot: u8, value: u8 },
}

use Message::{Accepted, Prepare, Promise, Propose};

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
struct State {
    /// The largest ballot each acceptor takes part in, and what it has voted for.
    ballots: [Option<u8>; 3],
    votes: [Vote; 3],
    sent: BTreeSet<Message>,
}

#[derive(Clone, PartialEq, Debug)]
enum Action {
    Prepare(u8),
    Promise(u8, u8),
    /// By whose vote; nobody's, if nobody of the quorum has voted.
    Propose {
        ballot: u8,
        value: u8,
        quorum: usize,
        by: Option<u8>,
    },
    Accept {
        acceptor: u8,
        ballot: u8,
        value: u8,
    },
}

impl Paxos {
    fn proposals(&self, state: &State, ballot: u8, actions: &mut Vec<Action>) {
        let made = |m: &Message| matches!(m, Propose { ballot: other, .. } if *other == ballot);
        if state.sent.iter().any(made) {
            return;
        }
        let promise = |of: u8| {
            state.sent.iter().find_map(|message| match *message {
                Promise { acceptor, ballot: its, vote } if (acceptor, its) == (of, ballot) => {
                    Some((of, vote.filter(|_| !self.deaf)))
                }
                _ => None,
            })
        };
        for (quorum, acceptors) in QUORUMS.iter().enumerate() {
            let promises: Vec<_> = acceptors.iter().filter_map(|of| promise(*of)).collect();
            if promises.len() < acceptors.len() {
                continue;
            }
            let largest = promises.iter().filter_map(|(_, vote)| *vote).map(|(b, _)| b).max();
            let free = (0..VALUES).filter(|_| largest.is_none());
            actions.extend(free.map(|value| Action::Propose { ballot, value, quorum, by: None }));
            actions.extend(promises.iter().filter_map(|(by, vote)| {
                let (_, value) = vote.filter(|(its, _)| Some(*its) == largest)?;
                Some(Action::Propose { ballot, value, quorum, by: Some(*by) })
            }));
        }
    }
}

impl Model for Paxos {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for ballot in 0..self.ballots {
            actions.push(Action::Prepare(ballot));
            self.proposals(state, ballot, actions);
        }
        for acceptor in 0..ACCEPTORS {
            let known = state.ballots[usize::from(acceptor)];
            actions.extend(state.sent.iter().filter_map(|message| match *message {
                Prepare(ballot) if Some(ballot) > known => Some(Action::Promise(acceptor, ballot)),
                Propose { ballot, value } if Some(ballot) >= known => {
                    Some(Action::Accept { acceptor, ballot, value })
                }
                _ => None,
            }));
        }
    }

    fn apply(&self, state: &mut State, action: &Action) -> bool {
        let message = match *action {
            Action::Prepare(ballot) => Prepare(ballot),
            Action::Promise(acceptor, ballot) => {
                state.ballots[usize::from(acceptor)] = Some(ballot);
                Promise { acceptor, ballot, vote: state.votes[usize::from(acceptor)] }
            }
            Action::Propose { ballot, value, .. } => Propose { ballot, value },
            Action::Accept { acceptor, ballot, value } => {
                state.ballots[usize::from(acceptor)] = Some(ballot);
                state.votes[usize::from(acceptor)] = Some((ballot, value));
                Accepted { acceptor, ballot, value }
            }
        };
        state.sent.insert(message);
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let agreement = |model: &Self, state: &State| {
            let chosen = |value: u8| {
                (0..model.ballots).any(|ballot| {
                    let voted =
                        |of: &u8| state.sent.contains(&Accepted { acceptor: *of, ballot, value });
                    QUORUMS.iter().any(|quorum| quorum.iter().all(voted))
                })
            };
            (0..VALUES).filter(|value| chosen(*value)).count() <= 1
        };
        vec![Property::always("agreement", agreement)]
    }
}

#[test]
fn two_ballots_have_the_published_states() {
    let model = Paxos { ballots: 2, deaf: false };
    agrees(&model, Published { unique: 3921, generated: 23_563, levels: 17 });
}

#[test]
fn proposing_without_asking_for_votes_chooses_twice() {
    // Two ballots, each with a message to prepare, two promises, a proposal and two votes.
    breaks(&Paxos { ballots: 2, deaf: true }, "agreement", 12);
}
