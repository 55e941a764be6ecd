//! Leases, with and without fencing tokens.
//!
//! Cary G. Gray and David R. Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed
//! File Cache Consistency", SOSP 1989, section 2, for locks that end by themselves; Martin Kleppmann,
//! "How to do distributed locking", 2016 (and "Designing Data-Intensive Applications", 2017, chapter
//! 8), for the tokens that fence off a holder that does not know that its lease has ended.
//!
//! Node 0 grants leases, node 1 is the storage, the rest are clients' nodes. To write, a client's
//! node takes a lease on the key, reads the value, works for a while, and writes what it has made of
//! it. A read goes to the storage without a lease.
//!
//! ```text
//! (asked) -> Waiting -granted-> Reading -value-> Working -done-> Storing -accepted-> (answered)
//!               ^                                   | lease over     | token too old
//!               +-----------------------------------+----------------+
//! ```
//!
//! A holder looks at its clock before it writes (`rechecks`), but what it has sent may be under way
//! for long, and a process may be stopped between the look and the write. With `fencing`, a grant
//! carries a token that rises with every grant, and the storage refuses tokens lower than one that it
//! has seen. Without, updates are lost unless messages arrive within `margin`.
//!
//! Assumes that the service of leases and the storage do not crash.

mod client;
mod service;
mod storage;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Message, Mutant, Needs, Node, NodeId, Operation,
    Parameter, Params, Theory, Variant,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::group::tell;
use super::{Event, Replication, Request};

pub use client::LeaseClient;
pub use service::LeaseService;
pub use storage::Storage;

const SERVICE: NodeId = NodeId(0);
const STORAGE: NodeId = NodeId(1);

/// A member: the service of leases, the storage, or a client's node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum FencedLease {
    /// Grants leases.
    Service(LeaseService),
    /// Keeps the data.
    Storage(Storage),
    /// For the client beside it.
    Client(LeaseClient),
}

/// What members say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum LeaseMessage {
    /// May I have the lease on this key?
    Acquire {
        /// For this request.
        operation: Operation,
        /// Which.
        key: u32,
    },
    /// It is yours from now on, for a while.
    Grant {
        /// For this request.
        operation: Operation,
        /// Higher than those of all earlier grants.
        token: u64,
    },
    /// I need it no longer.
    Release {
        /// For this request.
        operation: Operation,
        /// Which.
        key: u32,
    },
    /// What is the value of this key?
    Fetch {
        /// For this request.
        operation: Operation,
        /// Which.
        key: u32,
        /// Under this token, if what is read is going to be replaced; 0 otherwise.
        token: u64,
    },
    /// This.
    Fetched {
        /// For this request.
        operation: Operation,
        /// The token of the attempt; 0 if nothing is going to be replaced.
        token: u64,
        /// The value; `None` if the key was never written.
        value: Option<u64>,
    },
    /// Let this key have this value.
    Store {
        /// For this request.
        operation: Operation,
        /// Which.
        key: u32,
        /// Under this token.
        token: u64,
        /// What the writer had read.
        read: Option<u64>,
        /// The new value.
        value: u64,
    },
    /// Whether it was accepted.
    Stored {
        /// For this request.
        operation: Operation,
        /// The token of the attempt.
        token: u64,
        /// Refused: a higher token was seen.
        accepted: bool,
    },
}

/// The timers of members.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LeaseTimer {
    /// The lease on this key ends.
    Ends(u32),
    /// The work on this request is done.
    Worked(Operation),
}

/// The parameters of leases.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct LeaseParams {
    /// How long a lease lasts.
    pub term: Duration,
    /// How much earlier its holder takes it for over: a message's time, and the clocks' drift.
    pub margin: Duration,
    /// How long a client works between reading and writing.
    pub work: Duration,
    /// Whether the storage refuses tokens lower than one that it has seen.
    pub fencing: bool,
    /// Whether a client looks at its clock once more before it writes.
    pub rechecks: bool,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: LeaseMutant,
}

impl Default for LeaseParams {
    fn default() -> Self {
        LeaseParams {
            term: Duration::from_millis(200),
            margin: Duration::from_millis(50),
            work: Duration::from_millis(20),
            fencing: true,
            rechecks: true,
            mutant: LeaseMutant::None,
        }
    }
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum LeaseMutant {
    /// None.
    #[default]
    None,
    /// Every grant carries the same token.
    SameToken,
    /// The storage takes no note of the tokens of reads.
    ForgetsReads,
    /// The service grants a lease that somebody holds.
    GrantsTwice,
    /// The storage accepts the token before the highest that it has seen.
    PreviousToken,
    /// A lease passes to who waits first, and the others are forgotten.
    ForgetsQueue,
}

type Cx<'a> = Context<'a, FencedLease>;

impl Node for FencedLease {
    type Params = LeaseParams;
    type Message = LeaseMessage;
    type Timer = LeaseTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Cx<'_>) -> Self {
        match cx.me() {
            SERVICE => FencedLease::Service(LeaseService::default()),
            STORAGE => FencedLease::Storage(Storage::default()),
            _ => FencedLease::Client(LeaseClient::default()),
        }
    }

    fn on_request(&mut self, request: Request, cx: &mut Cx<'_>) {
        // Nobody is beside the service and the storage: a client there waits for ever.
        if let FencedLease::Client(client) = self {
            client.ask(request, cx);
        }
    }

    fn on_message(&mut self, _from: NodeId, message: LeaseMessage, cx: &mut Cx<'_>) {
        match (self, message) {
            (FencedLease::Service(service), LeaseMessage::Acquire { operation, key }) => {
                service.acquire(operation, key, cx);
            }
            (FencedLease::Service(service), LeaseMessage::Release { operation, key }) => {
                service.release(operation, key, cx);
            }
            (FencedLease::Storage(storage), LeaseMessage::Fetch { operation, key, token }) => {
                let value = storage.fetch(key, token, cx);
                let fetched = LeaseMessage::Fetched { operation, token, value };
                tell(cx, Some(operation), operation.client, fetched);
            }
            (
                FencedLease::Storage(storage),
                LeaseMessage::Store { operation, key, token, read, value },
            ) => {
                let accepted = storage.store(operation, key, token, read, value, cx);
                let stored = LeaseMessage::Stored { operation, token, accepted };
                tell(cx, Some(operation), operation.client, stored);
            }
            (FencedLease::Client(client), LeaseMessage::Grant { operation, token }) => {
                client.granted(operation, token, cx);
            }
            (FencedLease::Client(client), LeaseMessage::Fetched { operation, token, value }) => {
                client.fetched(operation, token, value, cx);
            }
            (FencedLease::Client(client), LeaseMessage::Stored { operation, token, accepted }) => {
                client.stored(operation, token, accepted, cx)
            }
            // Somebody takes this member for what it is not: an altered message.
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: LeaseTimer, cx: &mut Cx<'_>) {
        match (self, timer) {
            (FencedLease::Service(service), LeaseTimer::Ends(key)) => service.pass_on(key, cx),
            (FencedLease::Client(client), LeaseTimer::Worked(operation)) => {
                client.worked(operation, cx);
            }
            _ => unreachable!("only the service's leases end, and only clients work"),
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        match self {
            FencedLease::Client(client) => client.waits_for(),
            FencedLease::Service(_) | FencedLease::Storage(_) => Vec::new(),
        }
    }
}

impl Algorithm for FencedLease {
    type Family = Replication;
    const NAME: &'static str = "FencedLease";
    const ABOUT: &'static str =
        "clients read and write under leases; tokens fence off late writers";
    const SOURCE: &'static str = "Gray & Cheriton, SOSP 1989; Kleppmann 2016";
    const COMPLEXITY: &'static str = "write 7, read 2";
    const UNPROMISED: &'static [&'static str] = &["UpdatePropagation"];
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "unfenced",
        params: "fencing: false",
        about: "the storage trusts whoever writes: a late writer destroys an update",
    }];
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard ForgetsReads "the storage takes no note of the tokens of reads",
        Guard GrantsTwice "the service grants a lease that somebody holds",
        TieBreak SameToken "every grant carries the same token",
        Stale PreviousToken "the storage accepts the token before the highest that it has seen",
        Liveness ForgetsQueue "a lease passes to who waits first, and the others are forgotten",
    };
    const NEEDS: Needs = Needs {
        safety: &[Assumption::NoCrash, Assumption::Uncorrupted],
        // A client gives a lease back and asks for the next: what asks must not overtake.
        liveness: &[
            Assumption::Fifo,
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::NoPartition,
        ],
    };

    /// A write: acquire, grant, fetch, fetched, store, stored, release; more where a lease ends
    /// before the write is done.
    fn theory(_nodes: u32, _params: &LeaseParams) -> Theory {
        Theory::Between(2.0, 7.0)
    }

    fn check_params(params: &LeaseParams, nodes: u32) -> Result<(), String> {
        if nodes < 3 {
            return Err(format!(
                "nodes: the service, the storage and a client's node are more than {nodes} members"
            ));
        }
        if params.margin >= params.term {
            return Err("margin: expected less than term, or no lease is ever valid".into());
        }
        Ok(())
    }
}
