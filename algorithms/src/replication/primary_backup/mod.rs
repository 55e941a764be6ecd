//! Primary-backup replication.
//!
//! Peter A. Alsberg and John D. Day, "A Principle for Resilient Sharing of Distributed Resources",
//! ICSE 1976, in the form to which van Renesse and Schneider (OSDI 2004, section 4) compare chain
//! replication: the primary orders all requests, sends the result of each update to the backups,
//! awaits the acknowledgement of every one that has not failed, and then answers. Queries go to the
//! primary alone, and wait until all updates before them are acknowledged.
//!
//! ```text
//! fails    then                                                              outage, in delays
//! backup   the master tells the primary not to await it                      1, of updates
//! primary  the master polls the backups, which suspend; who has most         5, of both
//!          updates becomes primary; the others tell it what they have and
//!          get the rest
//! (joins)  the primary sends its copy; updates wait for it
//! ```
//!
//! With `reads: Anywhere` (the paper's weak-p/b) any server answers queries from what it has applied.
//!
//! Assumes what chain replication assumes: only servers crash, and messages arrive within
//! `timeout - heartbeat`. A live primary that is taken for dead goes on answering queries.
//!
//! Absent: elections. The master, which does not crash, appoints the primary.

mod server;

use seedbed_node::{
    Algorithm, Assumption, Duration, Mutant, Needs, Parameter, Params, Theory, Variant,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::group::Server;
use super::{Cache, Group, Replication};

pub use server::PrimaryBackupServer;

/// A member of a primary-backup group: server, master or client's node.
pub type PrimaryBackup = Group<PrimaryBackupServer>;

/// The parameters of primary-backup replication.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct PrimaryBackupParams {
    /// How many servers there are at first: nodes 0 to this; the next node is the master.
    pub servers: u32,
    /// Who answers queries.
    pub reads: PrimaryBackupReads,
    /// Whether servers recognise updates that come twice.
    pub deduplicate: bool,
    /// How often servers tell the master that they live; None: failures go unnoticed.
    pub heartbeat: Option<Duration>,
    /// How long the master waits for a heartbeat before it takes a server for failed.
    pub timeout: Duration,
    /// Whether clients' nodes remember values.
    pub cache: Cache,
    /// For how long they do, with cache: Expires.
    pub expiry: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: PrimaryBackupMutant,
}

impl Default for PrimaryBackupParams {
    fn default() -> Self {
        PrimaryBackupParams {
            servers: 3,
            reads: PrimaryBackupReads::Primary,
            deduplicate: true,
            heartbeat: Some(Duration::from_millis(50)),
            timeout: Duration::from_millis(200),
            cache: Cache::None,
            expiry: Duration::from_secs(60),
            mutant: PrimaryBackupMutant::None,
        }
    }
}

/// Who answers queries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum PrimaryBackupReads {
    /// The primary.
    #[default]
    Primary,
    /// Any server, from what it has applied: weak-p/b.
    Anywhere,
}

/// Bugs that implementations could have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum PrimaryBackupMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// The primary answers an update before the backups have it.
    AnswersUnacknowledged,
    /// The master makes the last backup primary, whatever it has.
    LeadsWithLast,
    /// The primary goes on awaiting backups that were removed.
    AwaitsRemoved,
    /// A new primary does not send backups what they lack.
    KeepsRest,
    /// A backup that has told the master what it has goes on taking updates of the old primary.
    HearsOldPrimary,
}

impl Algorithm for PrimaryBackup {
    type Family = Replication;
    const NAME: &'static str = "PrimaryBackup";
    const ABOUT: &'static str = "the primary answers when all backups have acknowledged";
    const SOURCE: &'static str =
        "Alsberg & Day, ICSE 1976; as in van Renesse & Schneider, OSDI 2004, section 4";
    const COMPLEXITY: &'static str = "update 2t, query 2";
    const UNPROMISED: &'static [&'static str] = &["NoLostUpdate"];
    const VARIANTS: &'static [Variant] = &[
        Variant {
            name: "weak",
            params: "reads: Anywhere",
            about: "any server answers queries from what it has applied: not linearizable",
        },
        Variant {
            name: "cached",
            params: "cache: Expires, expiry: \"60s\"",
            about: "clients' nodes remember values for a minute: not linearizable",
        },
    ];
    const PROBES: &'static [&'static str] = &["update repeated", "state copied"];
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard AnswersUnacknowledged "the primary answers an update before the backups have it",
        TieBreak LeadsWithLast "the master makes the last backup primary, whatever it has",
        Durability KeepsRest "a new primary does not send backups what they lack",
        Stale HearsOldPrimary "a backup takes updates of the old primary after it was polled",
        Liveness AwaitsRemoved "the primary goes on awaiting backups that were removed",
    };
    const NEEDS: Needs = Needs {
        // The base is the master: it never crashes.
        safety: &[
            Assumption::BoundedDelay,
            Assumption::NoPartition,
            Assumption::StableBase,
            Assumption::Uncorrupted,
        ],
        liveness: &[
            Assumption::Reliable,
            Assumption::Fifo,
            Assumption::BoundedDelay,
            Assumption::NoPartition,
        ],
    };

    /// An update costs the request, t-1 messages to the backups, their acknowledgements, and the
    /// answer; a query the request and the answer.
    fn theory(_nodes: u32, params: &PrimaryBackupParams) -> Theory {
        let least = if params.cache == Cache::None { 2.0 } else { 0.0 };
        Theory::Between(least, 2.0 * f64::from(params.servers))
    }

    fn check_params(params: &PrimaryBackupParams, nodes: u32) -> Result<(), String> {
        PrimaryBackupServer::settings(params).check(nodes)
    }
}
