//! Two-phase commit: all vote, one decides.
//!
//! Jim Gray, "Notes on data base operating systems", 1978, section 5.8.3; Butler Lampson and Howard
//! Sturgis, "Crash recovery in a distributed data storage system", Xerox PARC, 1976/79. The
//! presumptions are those of C. Mohan, Bruce Lindsay and Ron Obermarck, "Transaction management in
//! the R* distributed database management system", TODS 11(4), 1986 (2P, PA, PC); cooperative
//! termination is that of Philip Bernstein, Vassos Hadzilacos and Nathan Goodman, "Concurrency
//! control and recovery in database systems", 1987, section 7.4.
//!
//! # The coordinator
//! ```text
//! state    on                              forces / sends                          next state
//! (none)   Begin                           PrC: Collecting / Prepare to all        WAIT
//! WAIT     the last vote, all YES or READ  Decision commit / Commit to the YES     COMMIT
//! WAIT     the last vote, some NO          Decision abort (*) / Abort to the YES   ABORT
//! WAIT     timeout                         the same, also to who has not voted     ABORT
//! WAIT     a participant asks              nothing: it will be told                WAIT
//! COMMIT   all have acknowledged           (End, lazily)                           (none)
//! ABORT    all have acknowledged           (End, lazily)                           (none)
//! COMMIT, ABORT  timeout; a participant asks    / the decision again               the same
//! (none)   a participant asks              / what is presumed                      (none)
//! restart  PrC: Collecting without Decision     decides to abort                   ABORT
//! restart  Decision without End                 / the decision again               COMMIT, ABORT
//! ```
//! (*) forced by PrN only. PrA does not have aborts acknowledged and forgets them at once, as PrC
//! does commits: from WAIT straight to (none). Nothing known means abort in PrN and PrA, and commit
//! in PrC, which therefore must know every transaction that it has not decided (Collecting).
//!
//! # A participant
//! ```text
//! state   on                      forces / sends                               next state
//! (none)  Prepare, locks free     Ready / YES                                  READY
//! (none)  Prepare, it only reads  nothing / READ                               (left)
//! (none)  Prepare, cannot do it   Outcome abort (PrA: lazily) / NO             ABORT
//! (none)  Prepare, locks held                                                  INIT
//! INIT    locks free              Ready / YES                                  READY
//! INIT    timeout                 Outcome abort (PrA: lazily) / NO             ABORT
//! INIT, (none)  a peer asks       Outcome abort / NO, and Abort to the peer    ABORT
//! READY   Commit                  Outcome commit (PrC: lazily) / Ack (PrC: no) COMMIT
//! READY   Abort                   Outcome abort (PrA: lazily) / Ack (PrA: no)  ABORT
//! READY   timeout                 nothing / asks the coordinator (and peers)   READY: blocked
//! READY   a peer asks             nothing                                      READY
//! COMMIT, ABORT  a peer asks      / the decision                               the same
//! restart Ready without Outcome   / asks the coordinator (and peers)           READY
//! ```
//!
//! # What it costs
//! N participants, of which y vote YES, k NO and the others READ; "lazy" are records that are
//! written and not forced. Each cell is: messages; forced; lazy.
//! ```text
//!       commit, y > 0          commit, all READ   abort
//! PrN   2N+2y; 2y+1; 1         2N; 0; 0           2N+2y; 2y+k+1; 1
//! PrA   2N+2y; 2y+1; 1         2N; 0; 0           2N+y;  y;      y+k+1
//! PrC   2N+y;  y+2;  y         2N; 1; 1           2N+2y; 2y+k+1; 2
//! ```
//! With y = N: PrN 4N and 2N+1; PrA the same, and 3N and N for an abort; PrC 3N and N+2.
//!
//! # Assumes
//! Logs that survive crashes. Messages may be lost, repeated, late or out of order. Who is in doubt
//! stays so while its coordinator is down: that is what blocking means, and no protocol with two
//! phases is without it (Skeen, SIGMOD 1981).
//!
//! # Absent
//! Work before the commitment; deadlock detection (who waits too long for a lock votes NO); trees of
//! coordinators; the choice of a presumption for each transaction.

mod coordinator;
mod params;
mod participant;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Message, Mutant, Needs, Node, NodeId, Theory,
    Variant, Wire,
};

use super::{COORDINATOR, Commitment, Event, Log, Part, Request, Transaction};
use crate::mutants::mutants;
use coordinator::Coordinator;
use participant::Participant;

pub use params::{InDoubt, Presume, TwoPhaseMutant, TwoPhaseParams};

type Cx<'a> = Context<'a, TwoPhaseCommit>;

/// A node of two-phase commit.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TwoPhaseCommit {
    me: NodeId,
    cooperative: bool,
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Coordinator(Coordinator),
    Participant(Participant),
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum TwoPhaseMessage {
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
        /// Yes, no, or never mind.
        vote: Vote,
    },
    /// The decision: from the coordinator, or from a peer that was asked.
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
    /// From a participant in doubt: "What was decided?"
    Inquire {
        /// The transaction.
        transaction: Transaction,
    },
}

/// A participant's vote.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Wire)]
pub enum Vote {
    /// I can commit, and shall do as I am told.
    Yes,
    /// I cannot, and have aborted.
    No,
    /// I only read; do without me.
    Read,
}

/// What a node waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TwoPhaseTimer {
    /// The coordinator: votes.
    Votes(Transaction),
    /// The coordinator: acknowledgements.
    Acks(Transaction),
    /// A participant: locks.
    Locks(Transaction),
    /// A participant: the decision.
    Doubt(Transaction),
}

impl Node for TwoPhaseCommit {
    type Params = TwoPhaseParams;
    type Message = TwoPhaseMessage;
    type Timer = TwoPhaseTimer;
    type Request = Request;
    type Event = Event;
    type Durable = Log;

    fn start(log: &Log, cx: &mut Cx<'_>) -> Self {
        let role = if cx.me() == COORDINATOR {
            Role::Coordinator(Coordinator::start(log, cx))
        } else {
            Role::Participant(Participant::start(log, cx))
        };
        TwoPhaseCommit { me: cx.me(), cooperative: cx.params().cooperative, role }
    }

    fn on_request(&mut self, request: Request, cx: &mut Cx<'_>) {
        let Request::Begin { transaction, work, withdrawn } = request;
        if let Role::Coordinator(coordinator) = &mut self.role {
            coordinator.begin(transaction, work, withdrawn, cx);
        }
    }

    fn on_message(&mut self, from: NodeId, message: TwoPhaseMessage, cx: &mut Cx<'_>) {
        use TwoPhaseMessage::{Ack, Decide, Inquire, Prepare, Vote};
        match (&mut self.role, message) {
            (Role::Coordinator(it), Vote { transaction, vote }) => {
                it.vote(from, transaction, vote, cx);
            }
            (Role::Coordinator(it), Ack { transaction }) => it.acknowledged(from, transaction, cx),
            (Role::Coordinator(it), Inquire { transaction }) => it.asked(from, transaction, cx),
            (Role::Participant(it), Prepare { transaction, part, peers, horizon }) => {
                it.prepare(transaction, part, peers, horizon, cx);
            }
            (Role::Participant(it), Decide { transaction, commit }) => {
                it.decided(transaction, commit, cx);
            }
            (Role::Participant(it), Inquire { transaction }) => it.asked(from, transaction, cx),
            // For the other role: sent by nobody, unless the network alters messages.
            (Role::Coordinator(_), Prepare { .. } | Decide { .. })
            | (Role::Participant(_), Vote { .. } | Ack { .. }) => {}
        }
    }

    fn on_timer(&mut self, timer: TwoPhaseTimer, cx: &mut Cx<'_>) {
        use TwoPhaseTimer::{Acks, Doubt, Locks, Votes};
        match (&mut self.role, timer) {
            (Role::Coordinator(it), Votes(transaction)) => it.votes_overdue(transaction, cx),
            (Role::Coordinator(it), Acks(transaction)) => it.acks_overdue(transaction, cx),
            (Role::Participant(it), Locks(transaction)) => it.locks_overdue(transaction, cx),
            (Role::Participant(it), Doubt(transaction)) => it.decision_overdue(transaction, cx),
            (Role::Coordinator(_), Locks(_) | Doubt(_))
            | (Role::Participant(_), Votes(_) | Acks(_)) => {
                unreachable!("a role sets its own timers")
            }
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        match &self.role {
            Role::Coordinator(it) => it.waits_for(),
            Role::Participant(it) => it.waits_for(self.cooperative, self.me),
        }
    }
}

impl Algorithm for TwoPhaseCommit {
    type Family = Commitment;
    const NAME: &'static str = "TwoPhaseCommit";
    const ABOUT: &'static str = "all vote, the coordinator decides; a crash of it blocks";
    const SOURCE: &'static str = "Gray 1978; Lampson & Sturgis 1976; \
                                  Mohan, Lindsay & Obermarck, TODS 1986";
    const COMPLEXITY: &'static str = "4N; presumed commit 3N; presumed abort 3N to abort";
    const PROBES: &'static [&'static str] =
        &["blocked", "recovered in doubt", "aborted for a peer in doubt"];
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard IgnoresNo "the coordinator takes a NO for a YES",
        Guard PresumesWrongly "the coordinator answers the opposite of what is presumed",
        TieBreak AdmitsAll "when a lock is free, all who wait for it get it",
        Durability VotesBeforeForce "a participant votes YES before its promise is on disk",
        Durability ForgetsReady "a participant writes its promise without forcing it",
        Durability CommitsBeforeForce "the coordinator sends a commit before it is on disk",
        Durability AcksBeforeForce "a participant acknowledges a decision before it is on disk",
        Durability NoCollecting "presumed commit without its collecting record",
        Durability ForgetsReaders "who restarts forgets that it may have left as a reader",
        Stale PreparesAgain "a question that comes twice is taken for a new one",
        Liveness AsksOnce "a participant in doubt asks for the decision once",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::DurableStorage,
            Assumption::ClosedMembership,
            Assumption::Uncorrupted,
        ],
        liveness: &[
            Assumption::NoCrash,
            Assumption::Reliable,
            Assumption::NoPartition,
            Assumption::BoundedDelay,
        ],
    };
    const UNPROMISED: &'static [&'static str] = &["NonBlocking"];
    const VARIANTS: &'static [Variant] = &[
        Variant {
            name: "presumed-nothing",
            params: "presume: Nothing",
            about: "every decision is logged and acknowledged",
        },
        Variant {
            name: "presumed-abort",
            params: "presume: Abort",
            about: "aborts are forgotten at once; no information means abort",
        },
        Variant {
            name: "presumed-commit",
            params: "presume: Commit",
            about: "commits are forgotten at once; no information means commit",
        },
        Variant {
            name: "cooperative",
            params: "cooperative: true",
            about: "participants in doubt ask each other",
        },
        Variant {
            name: "client-coordinates",
            params: "client_coordinates: true",
            about: "the notes' form: a coordinator without a log, which may vanish; it disagrees",
        },
        Variant {
            name: "no-locks",
            params: "holds_locks: false",
            about: "the notes' form: prepared data does not block; transactions are not isolated",
        },
        Variant {
            name: "heuristic-abort",
            params: "in_doubt: Abort",
            about: "who is in doubt too long aborts, and may be alone with it",
        },
    ];

    /// A commit in which all others take part and vote YES: 4N, or 3N under presumed commit.
    fn theory(nodes: u32, params: &TwoPhaseParams) -> Theory {
        let participants = f64::from(nodes.saturating_sub(1));
        Theory::Exactly(match params.presume {
            Presume::Nothing | Presume::Abort => 4.0 * participants,
            Presume::Commit => 3.0 * participants,
        })
    }

    fn check_params(params: &TwoPhaseParams, _nodes: u32) -> Result<(), String> {
        if params.resend == Duration::ZERO {
            return Err("resend: 0s would ask again without end; expected some time".into());
        }
        Ok(())
    }
}
