//! The options of two-phase commit, the course notes' forms included.

use seedbed_node::{Duration, Parameter, Params};
use serde::Deserialize;

/// What the coordinator answers about a transaction of which it knows nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum Presume {
    /// Abort, though it logs every decision and has it acknowledged (2P in R*).
    #[default]
    Nothing,
    /// Abort: so aborts need not be remembered.
    Abort,
    /// Commit: so commits need not be remembered.
    Commit,
}

impl Presume {
    /// Whether participants acknowledge such a decision, and force it before.
    pub(super) fn acknowledged(self, commit: bool) -> bool {
        match self {
            Presume::Nothing => true,
            Presume::Abort => commit,
            Presume::Commit => !commit,
        }
    }
}

/// What a participant in doubt does when nobody can tell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum InDoubt {
    /// Wait.
    #[default]
    Block,
    /// Abort and hope for the best ("heuristic decision").
    Abort,
}

/// The protocol's options and patience.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct TwoPhaseParams {
    /// What no information means.
    pub presume: Presume,
    /// Whether participants in doubt ask each other as well (cooperative termination).
    pub cooperative: bool,
    /// Whether participants that only read leave with their vote.
    pub read_only: bool,
    /// The course notes' form: the client coordinates, without a log, and may vanish.
    pub client_coordinates: bool,
    /// Whether prepared data stays locked until the decision; in the notes' form it does not.
    pub holds_locks: bool,
    /// What a participant in doubt does when nobody can tell.
    pub in_doubt: InDoubt,
    /// How long the coordinator waits for votes before it aborts.
    pub vote_timeout: Duration,
    /// How long a participant waits for locks before it votes NO.
    pub lock_timeout: Duration,
    /// How long a participant waits for the decision before it asks.
    pub doubt_timeout: Duration,
    /// How long both wait before they ask or tell again.
    pub resend: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: TwoPhaseMutant,
}

impl Default for TwoPhaseParams {
    fn default() -> Self {
        TwoPhaseParams {
            presume: Presume::Nothing,
            cooperative: false,
            read_only: true,
            client_coordinates: false,
            holds_locks: true,
            in_doubt: InDoubt::Block,
            vote_timeout: Duration::from_millis(500),
            lock_timeout: Duration::from_millis(200),
            doubt_timeout: Duration::from_millis(500),
            resend: Duration::from_millis(200),
            mutant: TwoPhaseMutant::None,
        }
    }
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum TwoPhaseMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// A participant votes YES before its promise is on disk.
    VotesBeforeForce,
    /// A participant writes its promise without forcing it.
    ForgetsReady,
    /// The coordinator sends a commit before it is on disk.
    CommitsBeforeForce,
    /// A participant acknowledges a decision before it is on disk.
    AcksBeforeForce,
    /// The coordinator answers the opposite of what is presumed.
    PresumesWrongly,
    /// Presumed commit without its collecting record.
    NoCollecting,
    /// The coordinator takes a NO for a YES.
    IgnoresNo,
    /// A participant that has restarted takes itself for one that has not voted, though it may
    /// have left as a reader.
    ForgetsReaders,
    /// A participant that is asked again after its outcome votes again.
    PreparesAgain,
    /// When a lock is free, all who wait for it get it.
    AdmitsAll,
    /// A participant in doubt asks for the decision once.
    AsksOnce,
}
