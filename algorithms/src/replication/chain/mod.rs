//! Chain replication.
//!
//! Robbert van Renesse and Fred B. Schneider, "Chain Replication for Supporting High Throughput and
//! Availability", OSDI 2004, sections 2 and 3. `reads: Clean` is CRAQ: Jeff Terrace and Michael J.
//! Freedman, "Object Storage on CRAQ", USENIX ATC 2009, section 2.3.
//!
//! Updates enter at the head and travel down the chain; the tail answers them, and all queries. So
//! whatever a server has applied, everybody before it has applied: the *Update Propagation
//! Invariant*, `Hist_j` is a prefix of `Hist_i` for i <= j. What was forwarded and is not yet
//! acknowledged by the tail is kept (`Sent`), so that it can be sent again when the chain is mended:
//!
//! ```text
//! fails    the master tells            and then                                  outage, in delays
//! head     everybody                   the next server is the head               2, of updates
//! middle   everybody, successor first  the successor tells what it has (by way   4, of updates
//!                                      of the master), its new predecessor
//!                                      sends the rest of Sent, and only then
//!                                      new updates
//! tail     everybody                   the tail before answers what is in Sent   2, of both
//! (joins)  everybody                   the tail before sends its copy            of queries
//! ```
//!
//! With CRAQ any server answers a query whose key has no unacknowledged update (it is *clean*), and
//! asks the tail which version is committed otherwise. With `reads: Anywhere` (the paper's
//! weak-chain, section 5) any server answers from what it has applied.
//!
//! Assumes that only servers crash, and that messages arrive within `timeout - heartbeat`: a live
//! tail that is taken for dead goes on answering queries, with old values. Servers check that
//! updates come in order, so that overtaking and loss harm progress only.
//!
//! Absent: a chain for each object (one chain serves all keys), and transferring the copy to a
//! joining server before it becomes the tail (it becomes the tail at once, and its queries wait).

mod server;

use seedbed_node::{
    Algorithm, Assumption, Duration, Mutant, Needs, Parameter, Params, Theory, Variant,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::group::Server;
use super::{Cache, Group, Replication};

pub use server::ChainServer;

/// A member of a chain: server, master or client's node.
pub type ChainReplication = Group<ChainServer>;

/// The parameters of chain replication.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct ChainParams {
    /// How many servers there are at first: nodes 0 to this; the next node is the master.
    pub servers: u32,
    /// Who answers queries.
    pub reads: Reads,
    /// Whether the tail's acknowledgements travel back; without, a mended chain transfers copies.
    pub acks: bool,
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
    pub mutant: ChainMutant,
}

impl Default for ChainParams {
    fn default() -> Self {
        ChainParams {
            servers: 3,
            reads: Reads::Tail,
            acks: true,
            deduplicate: true,
            heartbeat: Some(Duration::from_millis(50)),
            timeout: Duration::from_millis(200),
            cache: Cache::None,
            expiry: Duration::from_secs(60),
            mutant: ChainMutant::None,
        }
    }
}

/// Who answers queries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum Reads {
    /// The tail.
    #[default]
    Tail,
    /// Any server, from what it has applied: weak-chain.
    Anywhere,
    /// Any server, with the word of the tail where an update is under way: CRAQ.
    Clean,
}

/// Bugs that implementations could have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum ChainMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// The head answers an update, before the tail has applied it.
    HeadAnswers,
    /// Sent is not sent again when the chain is mended.
    ForgetsSent,
    /// The master does not tell clients' nodes of new configurations.
    ForgetsClients,
    /// A server applies what comes, whether or not something is missing before.
    AppliesOutOfOrder,
    /// A server that becomes the tail does not answer what is in Sent.
    TailOwesNothing,
    /// CRAQ: a server trusts its own last version, committed or not.
    TrustsDirty,
    /// A server answers queries from what it has applied though it is not the tail any more.
    AnswersAsOldTail,
}

impl Algorithm for ChainReplication {
    type Family = Replication;
    const NAME: &'static str = "ChainReplication";
    const ABOUT: &'static str = "updates travel from head to tail, and the tail answers";
    const SOURCE: &'static str =
        "van Renesse & Schneider, OSDI 2004; CRAQ: Terrace & Freedman, USENIX ATC 2009";
    const COMPLEXITY: &'static str = "update 2t (t+1 without acks), query 2";
    const UNPROMISED: &'static [&'static str] = &["NoLostUpdate"];
    const VARIANTS: &'static [Variant] = &[
        Variant {
            name: "craq",
            params: "reads: Clean",
            about: "any server answers queries, with the word of the tail where needed",
        },
        Variant {
            name: "weak",
            params: "reads: Anywhere",
            about: "any server answers queries from what it has applied: not linearizable",
        },
        Variant {
            name: "unacknowledged",
            params: "acks: false",
            about: "t+1 messages an update; a mended chain transfers whole copies",
        },
        Variant {
            name: "cached",
            params: "cache: Expires, expiry: \"60s\"",
            about: "clients' nodes remember values for a minute: not linearizable",
        },
        Variant {
            name: "cached-forever",
            params: "cache: Forever",
            about: "clients' nodes never ask twice: reads never converge",
        },
    ];
    const PROBES: &'static [&'static str] =
        &["state copied", "Sent suffix resent", "update repeated"];
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard HeadAnswers "the head answers an update, before the tail has applied it",
        Guard AppliesOutOfOrder "a server applies what comes, though something may be missing",
        Guard TrustsDirty "CRAQ: a server trusts its own last version, committed or not",
        Durability ForgetsSent "Sent is not sent again when the chain is mended",
        Stale ForgetsClients "the master does not tell clients' nodes of new configurations",
        Stale AnswersAsOldTail "who is not the tail any more answers queries all the same",
        Liveness TailOwesNothing "a server that becomes the tail does not answer what is in Sent",
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

    /// An update costs the request, t-1 messages down the chain, as many back, and the answer; a
    /// query the request and the answer, and with CRAQ the question to the tail and its answer.
    fn theory(_nodes: u32, params: &ChainParams) -> Theory {
        let t = f64::from(params.servers);
        let update = if params.acks { 2.0 * t } else { t + 1.0 };
        let query_max = if params.reads == Reads::Clean && params.servers > 1 { 4.0 } else { 2.0 };
        let least = if params.cache == Cache::None { 2.0 } else { 0.0 };
        Theory::Between(least, update.max(query_max))
    }

    fn check_params(params: &ChainParams, nodes: u32) -> Result<(), String> {
        ChainServer::settings(params).check(nodes)
    }
}
