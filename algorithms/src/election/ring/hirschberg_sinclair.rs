//! Hirschberg and Sinclair's election: candidates look twice as far in each phase.
//!
//! Daniel S. Hirschberg and James B. Sinclair, "Decentralized Extrema-Finding in Circular
//! Configurations of Processors", Communications of the ACM 23(11), 1980.
//!
//! A candidate sends its id both ways, to a distance that doubles with each phase. Who is higher
//! answers "no"; who is lower gives up its own candidacy and passes the id on, and the last within
//! the distance answers "ok". With an "ok" from both sides the candidate goes on to the next
//! phase. Whose id comes back all the way round has won, and announces it in another lap.
//!
//! | state     | asked, leader silent   | lower id                | higher id              | own id, both ways | both answers: ok | both answers, one no | announcement   |
//! |-----------|------------------------|-------------------------|------------------------|-------------------|------------------|----------------------|----------------|
//! | Idle      | id both ways → Candidate | no; id both ways → Candidate | on or ok → Lost   | –                 | –                | –                    | on, follow     |
//! | Candidate | –                      | no                      | on or ok → Lost        | announce → Idle, follow itself | id twice as far | → Lost   | on → Idle, follow |
//! | Lost      | –                      | no                      | on or ok               | –                 | –                | –                    | on → Idle, follow |
//!
//! At most ⌈N/(2^(i−1)+1)⌉ candidates come to look 2^i far, with 4·2^i messages each. That makes
//! fewer than 8N(1+⌈log₂N⌉) messages, and N for the announcement.
//!
//! Assumes a ring that loses and repeats nothing, distinct ids, and nobody who crashes during an
//! election. Where the paper leaves it open, a higher node that was not asked becomes a candidate,
//! and the winner announces itself when its id has come back both ways: on FIFO links nothing of
//! the election is left behind the announcement; otherwise a straggler begins another.

use seedbed_node::{
    Algorithm, Assumption, Duration, Message, Mutant, Needs, NodeId, Parameter, Params, Theory,
    Wire,
};
use serde::Deserialize;

use super::{PING_TIMEOUT, Protocol, Ring, Ringside, check, ring_params};
use crate::election::{Basis, Election};
use crate::mutants::mutants;

/// Hirschberg and Sinclair's algorithm.
pub type HirschbergSinclair = Ring<HirschbergSinclairState>;

/// One of the two ways round.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub enum Direction {
    /// To the successor.
    Onward,
    /// To the predecessor.
    Back,
}

impl Direction {
    fn reversed(self) -> Self {
        match self {
            Direction::Onward => Direction::Back,
            Direction::Back => Direction::Onward,
        }
    }
}

/// A node's status.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct HirschbergSinclairState {
    /// Counts candidacies round and round, so that answers to an earlier one are not mistaken.
    candidacy: u8,
    status: Status,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Status {
    #[default]
    Idle,
    Candidate {
        /// How far it looks in this phase.
        distance: u32,
        /// How many of the two ways have not answered or come back yet.
        missing: u8,
        /// Whether somebody has answered "no".
        refused: bool,
    },
    Lost,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum HirschbergSinclairMessage {
    /// "From": "is anybody within this distance higher?"
    From {
        /// Of whom, at which distance.
        probe: Probe,
        /// Which way.
        way: Direction,
        /// How far it has come.
        hops: u32,
    },
    /// "Nobody is."
    Ok {
        /// The answered one.
        probe: Probe,
        /// Which way the answer travels.
        way: Direction,
        /// How far it still has to go.
        left: u32,
    },
    /// "I am."
    No {
        /// The answered one.
        probe: Probe,
        /// Which way the answer travels.
        way: Direction,
        /// How far it still has to go.
        left: u32,
    },
    /// "This one has won."
    Elected {
        /// Who.
        leader: NodeId,
        /// How far it has come.
        hops: u32,
    },
}

/// A question of a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Wire)]
pub struct Probe {
    /// The candidate's id.
    pub id: u32,
    /// Which of its candidacies.
    pub candidacy: u8,
    /// How far it looks.
    pub distance: u32,
}

/// Ids, acknowledgement, detection.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct HirschbergSinclairParams {
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
    pub mutant: HirschbergSinclairMutant,
}

impl Default for HirschbergSinclairParams {
    fn default() -> Self {
        HirschbergSinclairParams {
            ids: Vec::new(),
            ack_timeout: None,
            ping: None,
            ping_timeout: PING_TIMEOUT,
            mutant: HirschbergSinclairMutant::None,
        }
    }
}

ring_params!(HirschbergSinclairParams, HirschbergSinclairMutant);

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum HirschbergSinclairMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Takes two answers of the first phase for victory.
    WinsEarly,
    /// Passes lower ids on as if they were higher.
    PassesLower,
    /// Does not look any further after the first phase.
    GivesUp,
    /// Compares the wrong way round: lower ids beat higher ones.
    LowestWins,
    /// Who has lost has lost the next election too.
    StaysLost,
    /// Comes back without an election.
    SilentReturn,
}

use HirschbergSinclairMessage::{Elected, From, No, Ok as Yes};
use Status::{Candidate, Idle, Lost};

impl Protocol for HirschbergSinclairState {
    type Message = HirschbergSinclairMessage;
    type Params = HirschbergSinclairParams;

    fn initiate(&mut self, ring: &mut Ringside<'_, '_, Self>) {
        if self.status == Idle {
            ring.started();
            self.candidacy = self.candidacy.wrapping_add(1);
            self.look(1, ring);
        }
    }

    fn receive(&mut self, message: HirschbergSinclairMessage, ring: &mut Ringside<'_, '_, Self>) {
        match message {
            From { probe, way, hops } => self.on_from(probe, way, hops, ring),
            Yes { probe, .. } | No { probe, .. } if probe.id == ring.own_id() => {
                self.on_answer(probe, matches!(message, No { .. }), ring);
            }
            Yes { probe, way, left } if left > 1 => {
                ring.send(way, Yes { probe, way, left: left - 1 });
            }
            No { probe, way, left } if left > 1 => {
                ring.send(way, No { probe, way, left: left - 1 });
            }
            // An answer whose candidate has gone.
            Yes { .. } | No { .. } => {}
            Elected { leader, hops } if leader != ring.me() => {
                if ring.params().mutant != HirschbergSinclairMutant::StaysLost {
                    self.status = Idle;
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

impl HirschbergSinclairState {
    /// Begins a phase.
    fn look(&mut self, distance: u32, ring: &mut Ringside<'_, '_, Self>) {
        self.status = Candidate { distance, missing: 2, refused: false };
        let probe = Probe { id: ring.own_id(), candidacy: self.candidacy, distance };
        for way in [Direction::Onward, Direction::Back] {
            ring.send(way, From { probe, way, hops: 1 });
        }
    }

    fn on_from(
        &mut self,
        probe: Probe,
        way: Direction,
        hops: u32,
        ring: &mut Ringside<'_, '_, Self>,
    ) {
        let (own, back) = (ring.own_id(), way.reversed());
        if probe.id == own {
            return self.came_round(probe, ring);
        }
        let beaten = match ring.params().mutant {
            HirschbergSinclairMutant::PassesLower => false,
            HirschbergSinclairMutant::LowestWins => probe.id > own,
            _ => probe.id < own,
        };
        if beaten {
            ring.send(back, No { probe, way: back, left: hops });
            return self.initiate(ring);
        }
        if self.status == Idle {
            ring.started();
        }
        self.status = Lost;
        if hops < probe.distance {
            ring.send(way, From { probe, way, hops: hops.saturating_add(1) });
        } else {
            ring.send(back, Yes { probe, way: back, left: hops });
        }
    }

    /// Whether a question or its answer is of the present phase.
    fn is_current(self, probe: Probe) -> bool {
        let asked = matches!(self.status, Candidate { distance, .. } if distance == probe.distance);
        asked && probe.candidacy == self.candidacy
    }

    fn came_round(&mut self, probe: Probe, ring: &mut Ringside<'_, '_, Self>) {
        let Candidate { distance, missing, refused } = self.status else { return };
        if !self.is_current(probe) {
            return;
        }
        self.status = Candidate { distance, missing: missing.saturating_sub(1), refused };
        if missing <= 1 {
            self.win(ring);
        }
    }

    fn on_answer(&mut self, probe: Probe, no: bool, ring: &mut Ringside<'_, '_, Self>) {
        let Candidate { distance, missing, refused } = self.status else { return };
        if !self.is_current(probe) {
            return;
        }
        let refused = refused || no;
        self.status = Candidate { distance, missing: missing.saturating_sub(1), refused };
        if missing > 1 {
            return;
        }
        match ring.params().mutant {
            _ if refused => self.status = Lost,
            HirschbergSinclairMutant::WinsEarly => self.win(ring),
            HirschbergSinclairMutant::GivesUp => self.status = Lost,
            _ => self.look(distance.saturating_mul(2), ring),
        }
    }

    fn win(&mut self, ring: &mut Ringside<'_, '_, Self>) {
        self.status = Idle;
        ring.elected(ring.me(), Basis::OverLive);
        ring.pass(Elected { leader: ring.me(), hops: 1 });
    }
}

impl Algorithm for HirschbergSinclair {
    type Family = Election;
    const NAME: &'static str = "HirschbergSinclair";
    const ABOUT: &'static str = "on a ring, candidates look twice as far in each phase";
    const SOURCE: &'static str = "Hirschberg & Sinclair, CACM 23(11), 1980";
    const COMPLEXITY: &'static str = "O(N log N): below 8N(1+ceil(log2 N)), and N to announce";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard WinsEarly "takes two answers of the first phase for victory",
        Guard PassesLower "passes lower ids on as if they were higher",
        TieBreak LowestWins "compares the wrong way round: lower ids beat higher ones",
        Durability SilentReturn "comes back without an election",
        Stale StaysLost "who has lost has lost the next election too",
        Liveness GivesUp "does not look any further after the first phase",
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

    /// For a single initiator: at least the winner's last phase and the announcement.
    fn theory(nodes: u32, _params: &HirschbergSinclairParams) -> Theory {
        let n = f64::from(nodes);
        let log = f64::from(nodes.max(1).next_power_of_two().trailing_zeros());
        if nodes == 1 {
            Theory::Exactly(0.0)
        } else {
            Theory::Between(3.0 * n, 8.0 * n * (1.0 + log) + n)
        }
    }

    fn check_params(params: &HirschbergSinclairParams, nodes: u32) -> Result<(), String> {
        check(params, nodes)
    }
}
