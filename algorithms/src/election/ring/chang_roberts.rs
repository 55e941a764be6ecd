//! Chang and Roberts' election: a ring on which only the highest id survives a lap.
//!
//! Ernest Chang and Rosemary Roberts, "An Improved Algorithm for Decentralized Extrema-Finding in
//! Circular Configurations of Processes", Communications of the ACM 22(5), 1979.
//!
//! A node that begins sends its id on. A higher id is passed on; a lower one is discarded by who
//! takes part already, and replaced by its own by who does not. Whose id comes back has won, and
//! announces it in another lap.
//!
//! | state          | asked, leader silent     | higher id        | lower id                 | own id              | announcement   |
//! |----------------|--------------------------|------------------|--------------------------|---------------------|----------------|
//! | NonParticipant | own id on → Participant  | on → Participant | own id on → Participant  | drop                | on, follow     |
//! | Participant    | –                        | on               | drop                     | announce → NonParticipant, follow itself | on → NonParticipant, follow |
//!
//! Messages when all begin, without the announcement's N: 2N−1 if the ids ascend along the ring,
//! N(N+1)/2 if they descend, N·H_N on average over all orders, whatever the delays. A single
//! initiator at distance d before the highest: d + N, and N for the announcement.
//!
//! Assumes a ring that loses and repeats nothing, distinct ids, and nobody who crashes during an
//! election. On FIFO links an election ends with its announcement; otherwise a token that the
//! announcement overtakes begins another.

use seedbed_node::{
    Algorithm, Assumption, Duration, Message, Mutant, Needs, NodeId, Parameter, Params, Theory,
};
use serde::Deserialize;

use super::{PING_TIMEOUT, Protocol, Ring, Ringside, check, ring_params};
use crate::election::{Basis, Election};
use crate::mutants::mutants;

/// Chang and Roberts' algorithm.
pub type ChangRoberts = Ring<ChangRobertsState>;

/// Whether a node takes part in an election.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ChangRobertsState {
    /// It does not.
    #[default]
    NonParticipant,
    /// It has sent an id on, its own or a higher one.
    Participant,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum ChangRobertsMessage {
    /// "Nobody behind me has a higher id."
    Election {
        /// The id.
        id: u32,
        /// How far it has come; the paper, which knows no crashes, does without.
        hops: u32,
    },
    /// "This one has won."
    Elected {
        /// Who.
        leader: NodeId,
        /// How far it has come.
        hops: u32,
    },
}

/// Ids, acknowledgement, detection.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct ChangRobertsParams {
    /// The nodes' ids by position; none: the positions themselves. The highest wins.
    pub ids: Vec<u32>,
    /// How long an acknowledgement may take before the neighbour is skipped; none: nothing is
    /// acknowledged.
    pub ack_timeout: Option<Duration>,
    /// How often a follower pings its leader; none: it notices nothing by itself.
    pub ping: Option<Duration>,
    /// How long the answer to a ping may take.
    pub ping_timeout: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: ChangRobertsMutant,
}

impl Default for ChangRobertsParams {
    fn default() -> Self {
        ChangRobertsParams {
            ids: Vec::new(),
            ack_timeout: None,
            ping: None,
            ping_timeout: PING_TIMEOUT,
            mutant: ChangRobertsMutant::None,
        }
    }
}

ring_params!(ChangRobertsParams, ChangRobertsMutant);

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum ChangRobertsMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Passes lower ids on as well.
    PassesAll,
    /// Who does not take part passes lower ids on instead of its own.
    NoSubstitution,
    /// The winner tells nobody.
    NoAnnouncement,
    /// Who hears the announcement still takes part.
    StaysParticipant,
    /// Compares the wrong way round: the lowest id survives.
    LowestWins,
    /// Comes back without an election.
    SilentReturn,
}

use ChangRobertsMessage::{Elected, Election as Candidacy};
use ChangRobertsState::{NonParticipant, Participant};

impl Protocol for ChangRobertsState {
    type Message = ChangRobertsMessage;
    type Params = ChangRobertsParams;

    fn initiate(&mut self, ring: &mut Ringside<'_, '_, Self>) {
        if *self == NonParticipant {
            self.join(ring);
            ring.pass(Candidacy { id: ring.own_id(), hops: 1 });
        }
    }

    fn receive(&mut self, message: ChangRobertsMessage, ring: &mut Ringside<'_, '_, Self>) {
        match message {
            Candidacy { id, hops } => self.on_candidacy(id, hops, ring),
            Elected { leader, hops } if leader != ring.me() => {
                if ring.params().mutant != ChangRobertsMutant::StaysParticipant {
                    *self = NonParticipant;
                }
                ring.elected(leader, Basis::Told);
                if hops < ring.count() {
                    ring.pass(Elected { leader, hops: hops.saturating_add(1) });
                }
            }
            // The own announcement is back.
            Elected { .. } => {}
        }
    }
}

impl ChangRobertsState {
    fn join(&mut self, ring: &mut Ringside<'_, '_, Self>) {
        if *self == NonParticipant {
            *self = Participant;
            ring.started();
        }
    }

    fn on_candidacy(&mut self, id: u32, hops: u32, ring: &mut Ringside<'_, '_, Self>) {
        let (own, mutant) = (ring.own_id(), ring.params().mutant);
        let takes_part = *self == Participant;
        if id == own {
            // An id that comes back to a node which no longer takes part is of a former self.
            if takes_part {
                self.win(ring);
            }
            return;
        }
        let higher = if mutant == ChangRobertsMutant::LowestWins { id < own } else { id > own };
        let passes = higher
            || mutant == ChangRobertsMutant::PassesAll
            || (mutant == ChangRobertsMutant::NoSubstitution && !takes_part);
        self.join(ring);
        if passes && hops < ring.count() {
            ring.pass(Candidacy { id, hops: hops.saturating_add(1) });
        } else if !passes && !takes_part {
            ring.pass(Candidacy { id: own, hops: 1 });
        }
    }

    fn win(&mut self, ring: &mut Ringside<'_, '_, Self>) {
        *self = NonParticipant;
        ring.elected(ring.me(), Basis::OverLive);
        if ring.params().mutant != ChangRobertsMutant::NoAnnouncement {
            ring.pass(Elected { leader: ring.me(), hops: 1 });
        }
    }
}

impl Algorithm for ChangRoberts {
    type Family = Election;
    const NAME: &'static str = "ChangRoberts";
    const ABOUT: &'static str = "on a ring, only the highest id survives a lap";
    const SOURCE: &'static str = "Chang & Roberts, CACM 22(5), 1979";
    const COMPLEXITY: &'static str =
        "all begin: 2N-1 .. N(N+1)/2, mean N*H_N, and N to announce; one begins: 2N .. 3N-1";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard PassesAll "passes lower ids on as well",
        Guard NoSubstitution "who does not take part passes lower ids on instead of its own",
        TieBreak LowestWins "compares the wrong way round: the lowest id survives",
        Durability SilentReturn "comes back without an election",
        Stale StaysParticipant "who hears the announcement still takes part in what is over",
        Liveness NoAnnouncement "the winner tells nobody",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::NoCrash,
            Assumption::UniqueIds,
            Assumption::ClosedMembership,
            Assumption::Uncorrupted,
        ],
        liveness: &[
            Assumption::Reliable,
            Assumption::Fifo,
            Assumption::NoCrash,
            Assumption::NoPartition,
        ],
    };

    /// For a single initiator, announcement included.
    fn theory(nodes: u32, _params: &ChangRobertsParams) -> Theory {
        let n = f64::from(nodes);
        if nodes == 1 { Theory::Exactly(0.0) } else { Theory::Between(2.0 * n, 3.0 * n - 1.0) }
    }

    fn check_params(params: &ChangRobertsParams, nodes: u32) -> Result<(), String> {
        check(params, nodes)
    }
}
