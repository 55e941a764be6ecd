//! The ring election of the textbooks: a message collects the ids of all who are alive.
//!
//! Andrew S. Tanenbaum and Maarten van Steen, "Distributed Systems: Principles and Paradigms", 2002,
//! section "Election algorithms: a ring algorithm".
//!
//! A node that begins sends an ELECTION message with its own number in it; everybody adds its own
//! and passes it on. Whoever finds itself in the list decides for the highest and sends a
//! COORDINATOR message on a lap. If several begin, each makes its two laps; that does no harm but
//! to the count: 2n messages for each initiator, with n alive.
//!
//! | asked, leader silent   | ELECTION without the own number | ELECTION with it           | COORDINATOR without it     | COORDINATOR with it |
//! |------------------------|---------------------------------|----------------------------|----------------------------|---------------------|
//! | ELECTION [own] on, unless one is on its way | add it, pass on | follow the highest; COORDINATOR [own] on | follow; add it, pass on | drop |
//!
//! Dead neighbours are skipped where there is an acknowledgement time-out; an attempt at a dead one
//! costs a message that goes nowhere.
//!
//! Assumes a ring that loses nothing, and nobody who crashes while it has a message; whose message
//! is lost waits for ever. If the initiator itself is gone when its message comes round, the next
//! one finds itself in the list and decides.

use seedbed_node::{
    Algorithm, Assumption, Duration, Message, Mutant, Needs, NodeId, Parameter, Params, Theory,
};
use serde::Deserialize;

use super::{PING_TIMEOUT, Protocol, Ring, Ringside, check, ring_params};
use crate::election::{Basis, Election};
use crate::mutants::mutants;

/// The textbooks' ring algorithm.
pub type TanenbaumRing = Ring<TanenbaumRingState>;

/// What a node waits for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct TanenbaumRingState {
    /// Whether its own ELECTION message is on its way.
    initiated: bool,
    /// Whether an ELECTION message has passed since the last COORDINATOR.
    electing: bool,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum TanenbaumRingMessage {
    /// ELECTION: "who is alive?"
    Election {
        /// Whoever has passed it on.
        alive: Vec<NodeId>,
    },
    /// COORDINATOR: "this one leads."
    Coordinator {
        /// Who.
        leader: NodeId,
        /// Whoever has passed it on.
        informed: Vec<NodeId>,
    },
}

/// Ids, acknowledgement, detection.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct TanenbaumRingParams {
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
    pub mutant: TanenbaumRingMutant,
}

impl Default for TanenbaumRingParams {
    fn default() -> Self {
        TanenbaumRingParams {
            ids: Vec::new(),
            ack_timeout: None,
            ping: None,
            ping_timeout: PING_TIMEOUT,
            mutant: TanenbaumRingMutant::None,
        }
    }
}

ring_params!(TanenbaumRingParams, TanenbaumRingMutant);

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum TanenbaumRingMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Decides for the initiator instead of the highest.
    FirstWins,
    /// Passes an ELECTION on without its own number.
    ForgetsItself,
    /// The COORDINATOR message ends at the first who hears it.
    NoLap,
    /// Who has decided takes its ELECTION for still on its way.
    StaysInitiator,
    /// Comes back without an election.
    SilentReturn,
}

use TanenbaumRingMessage::{Coordinator, Election as Roll};

impl Protocol for TanenbaumRingState {
    type Message = TanenbaumRingMessage;
    type Params = TanenbaumRingParams;

    fn initiate(&mut self, ring: &mut Ringside<'_, '_, Self>) {
        if !self.initiated {
            self.join(ring);
            self.initiated = true;
            ring.pass(Roll { alive: vec![ring.me()] });
        }
    }

    fn receive(&mut self, message: TanenbaumRingMessage, ring: &mut Ringside<'_, '_, Self>) {
        match message {
            Roll { alive } if alive.contains(&ring.me()) => self.decide(&alive, ring),
            Roll { mut alive } => {
                self.join(ring);
                if ring.params().mutant != TanenbaumRingMutant::ForgetsItself {
                    alive.push(ring.me());
                }
                ring.pass(Roll { alive });
            }
            // It has been all round.
            Coordinator { informed, .. } if informed.contains(&ring.me()) => {}
            Coordinator { leader, mut informed } => {
                self.electing = false;
                ring.elected(leader, Basis::Told);
                if ring.params().mutant != TanenbaumRingMutant::NoLap {
                    informed.push(ring.me());
                    ring.pass(Coordinator { leader, informed });
                }
            }
        }
    }
}

impl TanenbaumRingState {
    /// Takes part. While the own message is on its way, it does anyway.
    fn join(&mut self, ring: &mut Ringside<'_, '_, Self>) {
        if !self.electing && !self.initiated {
            self.electing = true;
            ring.started();
        }
    }

    fn decide(&mut self, alive: &[NodeId], ring: &mut Ringside<'_, '_, Self>) {
        self.electing = false;
        self.initiated &= ring.params().mutant == TanenbaumRingMutant::StaysInitiator;
        let highest = alive.iter().copied().max_by_key(|node| ring.id_of(*node));
        let first_wins = ring.params().mutant == TanenbaumRingMutant::FirstWins;
        let first = alive.first().copied().filter(|_| first_wins);
        let leader = first.or(highest).unwrap_or(ring.me());
        ring.elected(leader, Basis::OverLive);
        ring.pass(Coordinator { leader, informed: vec![ring.me()] });
    }
}

impl Algorithm for TanenbaumRing {
    type Family = Election;
    const NAME: &'static str = "TanenbaumRing";
    const ABOUT: &'static str = "on a ring, a message collects the ids of all who are alive";
    const SOURCE: &'static str = "Tanenbaum & van Steen, Distributed Systems";
    const COMPLEXITY: &'static str = "2n for each initiator, n alive";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard ForgetsItself "passes an ELECTION on without its own number",
        TieBreak FirstWins "decides for the initiator instead of the highest",
        Durability SilentReturn "comes back without an election",
        Stale StaysInitiator "who has decided takes its ELECTION for still on its way",
        Liveness NoLap "the COORDINATOR message ends at the first who hears it",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::NoCrash,
            Assumption::UniqueIds,
            Assumption::ClosedMembership,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };

    /// Two laps, with everybody alive; an attempt at a dead node costs as much as a live one.
    fn theory(nodes: u32, _params: &TanenbaumRingParams) -> Theory {
        Theory::Exactly(if nodes == 1 { 0.0 } else { 2.0 * f64::from(nodes) })
    }

    fn check_params(params: &TanenbaumRingParams, nodes: u32) -> Result<(), String> {
        check(params, nodes)
    }
}
