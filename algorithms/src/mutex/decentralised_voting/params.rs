//! What can be set: how many coordinators and votes, and what to do without the votes.

use seedbed_node::{Duration, Parameter, Params};
use serde::Deserialize;

use super::COORDINATORS_MAX;

/// Who coordinates, how many votes are needed, and what to do without them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct DecentralisedVotingParams {
    /// How many coordinators there are (n): the first n members; by default all, 32 at most.
    pub coordinators: Option<u32>,
    /// How many votes an entry needs (m); by default the least majority.
    pub majority: Option<u32>,
    /// What a node does that did not get all votes.
    pub denied: OnDenial,
    /// The unit of the backoff: after k failures 0 to 2^k - 1 of it, at most 63.
    pub backoff: Duration,
    /// How long to wait for an attempt's answers.
    pub patience: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: DecentralisedVotingMutant,
}

impl Default for DecentralisedVotingParams {
    fn default() -> Self {
        DecentralisedVotingParams {
            coordinators: None,
            majority: None,
            denied: OnDenial::default(),
            backoff: Duration::from_millis(20),
            patience: Duration::from_secs(1),
            mutant: DecentralisedVotingMutant::default(),
        }
    }
}

/// What to do without all the votes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum OnDenial {
    /// Hand the votes back and try again after a random while.
    #[default]
    BackOff,
    /// Keep them and wait for the others: split votes block for ever.
    Wait,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum DecentralisedVotingMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Enters when all have answered, whatever they said.
    CountsAnswers,
    /// Coordinators vote for everybody who asks.
    VotesAgain,
    /// Asks half of the coordinators, not more.
    HalfIsEnough,
    /// Coordinators forget their queue at a release (without backoff).
    ForgetsQueue,
    /// Counts votes of earlier attempts, which it has handed back.
    TakesOldVotes,
    /// Does not hand back the votes of an attempt that failed.
    KeepsVotes,
}

impl DecentralisedVotingParams {
    /// How many coordinators there are among so many members.
    pub(super) fn n(&self, members: u32) -> u32 {
        self.coordinators.unwrap_or(members.min(COORDINATORS_MAX))
    }

    /// How many votes an attempt asks for.
    pub(super) fn m(&self, members: u32) -> u32 {
        let n = self.n(members);
        match self.mutant {
            DecentralisedVotingMutant::HalfIsEnough => (n / 2).max(1),
            _ => self.majority.unwrap_or(n / 2 + 1),
        }
    }
}
