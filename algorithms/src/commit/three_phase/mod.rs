//! Three-phase commit: nobody commits before everybody knows that all have voted YES.
//!
//! Dale Skeen, "Nonblocking commit protocols", SIGMOD 1981; Dale Skeen and Michael Stonebraker, "A
//! formal model of crash recovery in a distributed system", IEEE TSE SE-9(3), 1983. The termination
//! protocol is in the form of Bernstein, Hadzilacos and Goodman, 1987, section 7.5.
//!
//! Two-phase commit blocks because a participant in READY cannot tell whether another has committed
//! or aborted. The third phase puts a state between: while somebody is in READY nobody is in COMMIT,
//! and while somebody is in PRECOMMIT nobody is in ABORT. So those who are up can decide by what
//! they know together, without those who are down.
//!
//! # The coordinator
//! ```text
//! state      on                         forces / sends                     next state
//! (none)     Begin                      nothing / Prepare to all           WAIT
//! WAIT       the last vote, all YES     Precommitting / Precommit to all   PRECOMMIT
//! WAIT       the last vote, some NO     Decision abort / Abort to the YES  ABORT
//! WAIT       timeout                    the same, also to who is missing   ABORT
//! PRECOMMIT  all know it, or timeout    Decision commit / Commit to all    COMMIT
//! COMMIT, ABORT  all acknowledged       (End, lazily)                      (none)
//! restart    Precommitting, undecided   nothing / asks all                 (recovering)
//! restart    Decision without End       / the decision again               COMMIT, ABORT
//! ```
//!
//! # A participant
//! ```text
//! state      on                        forces / sends               next state
//! (none)     Prepare                   Ready / YES                  READY
//! (none)     Prepare, cannot do it     Outcome abort / NO           ABORT
//! (none)     a peer asks               Outcome abort / its state    ABORT
//! READY      Precommit                 Precommitted / Ack           PRECOMMIT
//! READY      Abort                     Outcome abort / Ack          ABORT
//! PRECOMMIT  Commit                    Outcome commit / Ack         COMMIT
//! READY, PRECOMMIT  its turn has come  nothing / stands in          the same (see `termination`)
//! READY, PRECOMMIT  a stand-in asks    nothing / its state          the same
//! restart    Ready without Outcome     nothing / asks all           (recovering)
//! ```
//!
//! # What it costs
//! A commit 6N messages and 3N+2 forced records (Ready, Precommitted, Outcome at each participant;
//! Precommitting, Decision at the coordinator), one lazy. An abort with k NO: 2N+2(N-k) messages,
//! 2(N-k)+k+1 forced, one lazy: as two-phase commit does.
//!
//! # Assumes
//! That messages arrive within a known time and the network does not split: silence means a crash.
//! Otherwise two groups may stand in for the coordinator and decide differently. At least one
//! participant that knows stays up: after a crash of all, who restarts waits for the others.
//!
//! # Absent
//! Waiting for locks (a participant that finds one held votes NO), read-only votes, and Skeen's
//! quorums (1982), which survive a partition and block in it.

mod coordinator;
mod participant;
mod termination;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Message, Mutant, Needs, Node, NodeId, Parameter,
    Params, Theory, Wire,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::{COORDINATOR, Commitment, Event, Log, Part, Request, Transaction};
use coordinator::Coordinator;
use participant::Participant;

type Cx<'a> = Context<'a, ThreePhaseCommit>;

/// A node of three-phase commit.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ThreePhaseCommit {
    me: NodeId,
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Coordinator(Coordinator),
    Participant(Participant),
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum ThreePhaseMessage {
    /// To a participant: "Can you commit this?"
    Prepare {
        /// The transaction.
        transaction: Transaction,
        /// What it wants of this participant.
        part: Part,
        /// All participants.
        peers: BTreeSet<NodeId>,
        /// Older transactions are closed at the coordinator.
        horizon: Transaction,
    },
    /// To the coordinator: the answer.
    Vote {
        /// The transaction.
        transaction: Transaction,
        /// Whether it can.
        yes: bool,
    },
    /// To a participant: "All have voted YES."
    Precommit {
        /// The transaction.
        transaction: Transaction,
    },
    /// "I know that all have voted YES."
    PrecommitAck {
        /// The transaction.
        transaction: Transaction,
    },
    /// The decision.
    Decide {
        /// The transaction.
        transaction: Transaction,
        /// To commit; otherwise to abort.
        commit: bool,
    },
    /// To the coordinator: "Done; I shall not ask again."
    Ack {
        /// The transaction.
        transaction: Transaction,
    },
    /// From a node that has restarted: "What was decided?"
    Inquire {
        /// The transaction.
        transaction: Transaction,
    },
    /// From who stands in for the coordinator: "How far are you?"
    Poll {
        /// The transaction.
        transaction: Transaction,
    },
    /// To who stands in: the answer.
    State {
        /// The transaction.
        transaction: Transaction,
        /// How far.
        report: Report,
    },
}

/// How far a participant is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub enum Report {
    /// It has aborted.
    Aborted,
    /// It has voted YES.
    Ready,
    /// It knows that all have voted YES.
    Precommitted,
    /// It has committed.
    Committed,
}

/// What a node waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ThreePhaseTimer {
    /// The coordinator: votes.
    Votes(Transaction),
    /// The coordinator: that all know that all have voted YES.
    Precommits(Transaction),
    /// The coordinator: acknowledgements, or what the others have decided.
    Acks(Transaction),
    /// A participant: the next step of whoever leads.
    Doubt(Transaction),
}

/// The protocol's patience. All of it rests on `round_trip`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct ThreePhaseParams {
    /// The longest time from a message to its answer.
    pub round_trip: Duration,
    /// How long the coordinator waits for votes before it aborts.
    pub vote_timeout: Duration,
    /// How long a decision waits for acknowledgements, and a restarted node for answers, before it
    /// is told, or asks, again.
    pub resend: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: ThreePhaseMutant,
}

impl Default for ThreePhaseParams {
    fn default() -> Self {
        ThreePhaseParams {
            round_trip: Duration::from_millis(100),
            vote_timeout: Duration::from_millis(200),
            resend: Duration::from_millis(200),
            mutant: ThreePhaseMutant::None,
        }
    }
}

impl ThreePhaseParams {
    /// How long one who stands in may take: it asks, announces, decides.
    fn turn(&self) -> Duration {
        self.round_trip * 4
    }

    /// How long a participant that has voted YES waits before it stands in for the coordinator:
    /// longer than the coordinator can take, and by a turn for each of lower rank.
    fn patience(&self, peers: &BTreeSet<NodeId>, me: NodeId) -> Duration {
        let together = self.mutant == ThreePhaseMutant::AllStandIn;
        let turns = if together { 0 } else { rank(me, peers) };
        self.vote_timeout + self.round_trip * 3 + self.turn() * turns
    }

    /// How often a restarted node asks while the others may still be deciding.
    fn asks(&self, peers: &BTreeSet<NodeId>) -> u64 {
        let longest = self.vote_timeout + self.round_trip * 3 + self.turn() * peers.len() as u64;
        longest.as_nanos() / self.resend.as_nanos() + 1
    }
}

/// How many participants come before `node`.
fn rank(node: NodeId, peers: &BTreeSet<NodeId>) -> u64 {
    peers.range(..node).count() as u64
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum ThreePhaseMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// A participant votes YES before its promise is on disk.
    VotesBeforeForce,
    /// The coordinator commits without telling first that all have voted YES.
    CommitsAtOnce,
    /// Who stands in takes PRECOMMIT for READY.
    IgnoresPrecommitted,
    /// All participants stand in for the coordinator at once, and none withdraws.
    AllStandIn,
    /// Who has restarted goes on with the state from before its crash.
    TakesPartAgain,
    /// Nobody stands in for the coordinator.
    NeverStandsIn,
}

impl Node for ThreePhaseCommit {
    type Params = ThreePhaseParams;
    type Message = ThreePhaseMessage;
    type Timer = ThreePhaseTimer;
    type Request = Request;
    type Event = Event;
    type Durable = Log;

    fn start(log: &Log, cx: &mut Cx<'_>) -> Self {
        let role = if cx.me() == COORDINATOR {
            Role::Coordinator(Coordinator::start(log, cx))
        } else {
            Role::Participant(Participant::start(log, cx))
        };
        ThreePhaseCommit { me: cx.me(), role }
    }

    fn on_request(&mut self, request: Request, cx: &mut Cx<'_>) {
        let Request::Begin { transaction, work, withdrawn } = request;
        if let Role::Coordinator(coordinator) = &mut self.role {
            coordinator.begin(transaction, work, withdrawn, cx);
        }
    }

    fn on_message(&mut self, from: NodeId, message: ThreePhaseMessage, cx: &mut Cx<'_>) {
        match &mut self.role {
            Role::Coordinator(it) => coordinate(it, from, message, cx),
            Role::Participant(it) => participate(it, from, message, cx),
        }
    }

    fn on_timer(&mut self, timer: ThreePhaseTimer, cx: &mut Cx<'_>) {
        use ThreePhaseTimer::{Acks, Doubt, Precommits, Votes};
        match (&mut self.role, timer) {
            (Role::Coordinator(it), Votes(transaction)) => it.votes_overdue(transaction, cx),
            (Role::Coordinator(it), Precommits(transaction)) => {
                it.precommits_overdue(transaction, cx);
            }
            (Role::Coordinator(it), Acks(transaction)) => it.overdue(transaction, cx),
            (Role::Participant(it), Doubt(transaction)) => it.overdue(transaction, cx),
            (Role::Coordinator(_), Doubt(_))
            | (Role::Participant(_), Votes(_) | Precommits(_) | Acks(_)) => {
                unreachable!("a role sets its own timers")
            }
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        match &self.role {
            Role::Coordinator(it) => it.waits_for(),
            Role::Participant(it) => it.waits_for(self.me),
        }
    }
}

fn coordinate(it: &mut Coordinator, from: NodeId, message: ThreePhaseMessage, cx: &mut Cx<'_>) {
    use ThreePhaseMessage as M;
    match message {
        M::Vote { transaction, yes } => it.vote(from, transaction, yes, cx),
        M::PrecommitAck { transaction } => it.precommitted(from, transaction, cx),
        M::Ack { transaction } => it.acknowledged(from, transaction, cx),
        M::Inquire { transaction } => it.asked(from, transaction, cx),
        M::Decide { transaction, commit } => it.told(transaction, commit, cx),
        // For participants: sent by nobody, unless the network alters messages.
        M::Prepare { .. } | M::Precommit { .. } | M::Poll { .. } | M::State { .. } => {}
    }
}

fn participate(it: &mut Participant, from: NodeId, message: ThreePhaseMessage, cx: &mut Cx<'_>) {
    use ThreePhaseMessage as M;
    match message {
        M::Prepare { transaction, part, peers, horizon } => {
            it.prepare(transaction, part, peers, horizon, cx);
        }
        M::Precommit { transaction } => it.precommit(from, transaction, cx),
        M::PrecommitAck { transaction } => it.moved(from, transaction, cx),
        M::Decide { transaction, commit } => it.decided(from, transaction, commit, cx),
        M::Inquire { transaction } => it.asked(from, transaction, cx),
        M::Poll { transaction } => it.polled(from, transaction, cx),
        M::State { transaction, report } => it.reported(from, transaction, report),
        // For the coordinator: sent by nobody, unless the network alters messages.
        M::Vote { .. } | M::Ack { .. } => {}
    }
}

impl Algorithm for ThreePhaseCommit {
    type Family = Commitment;
    const NAME: &'static str = "ThreePhaseCommit";
    const ABOUT: &'static str = "those who are up decide without a crashed coordinator";
    const SOURCE: &'static str = "Skeen, SIGMOD 1981; Skeen & Stonebraker, IEEE TSE 1983";
    const COMPLEXITY: &'static str = "6N";
    const PROBES: &'static [&'static str] = &["asked by a node that has restarted"];
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard CommitsAtOnce "the coordinator commits before all know that all have voted YES",
        Guard IgnoresPrecommitted "who stands in takes PRECOMMIT for READY",
        TieBreak AllStandIn "all participants stand in at once, and none withdraws",
        Durability VotesBeforeForce "a participant votes YES before its promise is on disk",
        Stale TakesPartAgain "who has restarted goes on with the state from before its crash",
        Liveness NeverStandsIn "nobody stands in for the coordinator",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::BoundedDelay,
            Assumption::BoundedDrift,
            Assumption::Reliable,
            Assumption::NoPartition,
            Assumption::DurableStorage,
            Assumption::ClosedMembership,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::BoundedDelay, Assumption::Reliable, Assumption::NoPartition],
    };

    /// A commit in which all others take part: 6N.
    fn theory(nodes: u32, _params: &ThreePhaseParams) -> Theory {
        Theory::Exactly(6.0 * f64::from(nodes.saturating_sub(1)))
    }

    fn check_params(params: &ThreePhaseParams, _nodes: u32) -> Result<(), String> {
        if params.resend == Duration::ZERO || params.round_trip == Duration::ZERO {
            return Err("resend, round_trip: 0s is no time to answer".into());
        }
        if params.vote_timeout < params.round_trip {
            return Err("vote_timeout: shorter than round_trip; no vote would be in time".into());
        }
        Ok(())
    }
}
