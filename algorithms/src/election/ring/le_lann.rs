//! Le Lann's election: everybody's token makes a lap, so that everybody knows all ids.
//!
//! Gérard Le Lann, "Distributed Systems: Towards a Formal Approach", IFIP Congress 1977; named and
//! counted so in Chang and Roberts, CACM 22(5), 1979.
//!
//! A node that begins sends a token with its id round the ring, and passes all others' tokens on.
//! A node that sees a token before it has begun begins too, with its own token first. Whose token
//! comes back has seen those of all, and follows the highest: N tokens, N hops each, hence N²
//! messages and no announcement.
//!
//! | state     | asked, leader silent   | another's token                    | own token              |
//! |-----------|------------------------|------------------------------------|------------------------|
//! | Idle      | own token → Candidate  | own token, then it → Candidate     | drop                   |
//! | Candidate | –                      | remember the highest, pass on      | follow the highest → Idle |
//!
//! *Initiators only* (Gerard Tel, "Introduction to Distributed Algorithms", section 7.2.1; `join:
//! false`): who is not asked only passes tokens on, and k initiators send k·N tokens. The others
//! cannot know when all have passed; so the winner announces itself, for N more messages. Who has
//! passed a token on cannot begin any more, and a worse initiator deposes a better leader who was
//! not asked.
//!
//! Assumes FIFO links (a token that overtakes another comes back before its owner has seen that
//! one) that lose and repeat nothing, distinct ids, and nobody who crashes during an election.

use seedbed_node::{
    Algorithm, Assumption, Duration, Message, Mutant, Needs, NodeId, Parameter, Params, Theory,
    Variant,
};
use serde::Deserialize;

use super::{PING_TIMEOUT, Protocol, Ring, Ringside, check, ring_params};
use crate::election::{Basis, Election};
use crate::mutants::mutants;

/// Le Lann's algorithm.
pub type LeLann = Ring<LeLannState>;

/// What a node does in an election.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum LeLannState {
    /// Nothing: there is none.
    #[default]
    Idle,
    /// Passes tokens on without a token of its own; only with initiators only.
    Relay,
    /// Its own token is on its way.
    Candidate {
        /// The highest id seen so far, its own included.
        best: u32,
        /// Whose it is.
        owner: NodeId,
    },
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum LeLannMessage {
    /// "I am a candidate."
    Token {
        /// The id.
        id: u32,
        /// Whose it is.
        owner: NodeId,
        /// How far it has come; a token whose owner has crashed is dropped after a lap.
        hops: u32,
    },
    /// "This one has won"; only with initiators only.
    Elected {
        /// Who.
        leader: NodeId,
        /// How far it has come.
        hops: u32,
    },
}

/// Ids, acknowledgement, detection, and who is a candidate.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct LeLannParams {
    /// The nodes' ids by position; none: the positions themselves. The highest wins.
    pub ids: Vec<u32>,
    /// Whether a node that sees a token before it has begun begins too.
    pub join: bool,
    /// How long an acknowledgement may take before the neighbour is skipped; none: nothing is
    /// acknowledged.
    pub ack_timeout: Option<Duration>,
    /// How often a follower pings its leader; none: it notices nothing by itself.
    pub ping: Option<Duration>,
    /// How long the answer to a ping may take.
    pub ping_timeout: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: LeLannMutant,
}

impl Default for LeLannParams {
    fn default() -> Self {
        LeLannParams {
            ids: Vec::new(),
            join: true,
            ack_timeout: None,
            ping: None,
            ping_timeout: PING_TIMEOUT,
            mutant: LeLannMutant::None,
        }
    }
}

ring_params!(LeLannParams, LeLannMutant);

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum LeLannMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Passes the first token on before its own.
    OwnTokenLast,
    /// Follows the owner of the last token instead of the highest.
    LastWins,
    /// Does not pass lower tokens on, as if it were Chang and Roberts'.
    DropsLower,
    /// Whose token is back remains a candidate.
    StaysCandidate,
    /// Comes back without an election.
    SilentReturn,
}

use LeLannMessage::{Elected, Token};
use LeLannState::{Candidate, Idle, Relay};

impl Protocol for LeLannState {
    type Message = LeLannMessage;
    type Params = LeLannParams;

    fn initiate(&mut self, ring: &mut Ringside<'_, '_, Self>) {
        if *self == Idle {
            self.stand(ring);
        }
    }

    fn receive(&mut self, message: LeLannMessage, ring: &mut Ringside<'_, '_, Self>) {
        match message {
            Token { id, .. } if id == ring.own_id() => self.own_token(ring),
            Token { id, owner, hops } => self.others_token(id, owner, hops, ring),
            Elected { leader, hops } if leader != ring.me() => {
                *self = Idle;
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

impl LeLannState {
    /// Begins.
    fn stand(&mut self, ring: &mut Ringside<'_, '_, Self>) {
        let (id, owner) = (ring.own_id(), ring.me());
        *self = Candidate { best: id, owner };
        ring.started();
        ring.pass(Token { id, owner, hops: 1 });
    }

    fn others_token(
        &mut self,
        id: u32,
        owner: NodeId,
        hops: u32,
        ring: &mut Ringside<'_, '_, Self>,
    ) {
        let (join, mutant) = (ring.params().join, ring.params().mutant);
        let late = mutant == LeLannMutant::OwnTokenLast && *self == Idle;
        match *self {
            Idle if !join => *self = Relay,
            Idle if !late => self.stand(ring),
            Idle | Relay | Candidate { .. } => {}
        }
        if let Candidate { best, .. } = *self
            && (id > best || mutant == LeLannMutant::LastWins)
        {
            *self = Candidate { best: id, owner };
        }
        let dropped = mutant == LeLannMutant::DropsLower && id < ring.own_id();
        if hops < ring.count() && !dropped {
            ring.pass(Token { id, owner, hops: hops.saturating_add(1) });
        }
        if late && *self == Idle {
            self.stand(ring);
        }
    }

    /// All others' tokens have passed: on FIFO links, none can be behind the own one.
    fn own_token(&mut self, ring: &mut Ringside<'_, '_, Self>) {
        let Candidate { owner, .. } = *self else { return };
        if ring.params().join {
            if ring.params().mutant != LeLannMutant::StaysCandidate {
                *self = Idle;
            }
            ring.elected(owner, Basis::OverLive);
        } else if owner == ring.me() {
            *self = Idle;
            ring.elected(owner, Basis::OverCandidates);
            ring.pass(Elected { leader: owner, hops: 1 });
        }
    }
}

impl Algorithm for LeLann {
    type Family = Election;
    const NAME: &'static str = "LeLann";
    const ABOUT: &'static str = "on a ring, everybody's token makes a lap";
    const SOURCE: &'static str = "Le Lann, IFIP Congress 1977";
    const COMPLEXITY: &'static str = "N^2; initiators only: kN for k initiators, and N to announce";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard OwnTokenLast "passes the first token on before its own",
        TieBreak LastWins "follows the owner of the last token instead of the highest",
        Durability SilentReturn "comes back without an election",
        Stale StaysCandidate "whose token is back remains a candidate of what is over",
        Liveness DropsLower "does not pass lower tokens on, as if it were Chang and Roberts'",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::Fifo,
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::NoPartition,
            Assumption::UniqueIds,
            Assumption::ClosedMembership,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };

    const VARIANTS: &'static [Variant] = &[Variant {
        name: "initiators-only",
        params: "join: false",
        about: "who is not asked only passes tokens on; the winner announces itself",
    }];

    /// For a single initiator: the tokens of those who join are on its account.
    fn theory(nodes: u32, params: &LeLannParams) -> Theory {
        let n = f64::from(nodes);
        match (nodes, params.join) {
            (1, _) => Theory::Exactly(0.0),
            (_, true) => Theory::Exactly(n * n),
            (_, false) => Theory::Exactly(2.0 * n),
        }
    }

    fn check_params(params: &LeLannParams, nodes: u32) -> Result<(), String> {
        check(params, nodes)
    }
}
