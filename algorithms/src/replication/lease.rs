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

use std::collections::{BTreeMap, VecDeque, btree_map};

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, LocalTime, Message, Needs, Node, NodeId, Operation,
    Parameter, Params, Theory, Variant,
};
use serde::Deserialize;

use super::group::tell;
use super::{Event, Replication, Request};

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

/// The service of leases.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LeaseService {
    /// The token of the last grant.
    token: u64,
    /// By key: who holds the lease, with which token, and who waits for it, in order.
    leases: BTreeMap<u32, Lease>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Lease {
    holder: Operation,
    token: u64,
    waiting: VecDeque<Operation>,
}

/// The storage.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Storage {
    entries: BTreeMap<u32, Entry>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Entry {
    /// The value, and the request that wrote it: one that comes twice is recognised.
    written: Option<(u64, Operation)>,
    /// The highest token that was seen, with a write or a read under a lease.
    token: u64,
}

/// A client's node.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LeaseClient {
    writes: BTreeMap<Operation, Writing>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Writing {
    key: u32,
    value: u64,
    step: Step,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Step {
    Waiting,
    Reading(Held),
    Working(Held, Option<u64>),
    Storing(Held),
}

/// A lease in its holder's hands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Held {
    token: u64,
    /// By the holder's own clock.
    until: LocalTime,
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
                let fetched = LeaseMessage::Fetched { operation, value };
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
            (FencedLease::Client(client), LeaseMessage::Fetched { operation, value }) => {
                client.fetched(operation, value, cx);
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
            FencedLease::Client(client) if !client.writes.is_empty() => {
                let waits = client.writes.values().any(|write| write.step == Step::Waiting);
                vec![if waits { SERVICE } else { STORAGE }]
            }
            _ => Vec::new(),
        }
    }
}

impl LeaseService {
    fn acquire(&mut self, operation: Operation, key: u32, cx: &mut Cx<'_>) {
        match self.leases.get_mut(&key) {
            Some(lease) if cx.params().mutant != LeaseMutant::GrantsTwice => {
                if lease.holder != operation && !lease.waiting.contains(&operation) {
                    lease.waiting.push_back(operation);
                }
            }
            _ => self.grant(key, operation, VecDeque::new(), cx),
        }
    }

    fn grant(
        &mut self,
        key: u32,
        holder: Operation,
        waiting: VecDeque<Operation>,
        cx: &mut Cx<'_>,
    ) {
        if self.token == 0 || cx.params().mutant != LeaseMutant::SameToken {
            self.token += 1;
        }
        let token = self.token;
        self.leases.insert(key, Lease { holder, token, waiting });
        cx.set_timer(LeaseTimer::Ends(key), cx.params().term);
        tell(cx, Some(holder), holder.client, LeaseMessage::Grant { operation: holder, token });
    }

    /// A client gives a lease back, which may have passed to another.
    fn release(&mut self, operation: Operation, key: u32, cx: &mut Cx<'_>) {
        if self.leases.get(&key).is_some_and(|lease| lease.holder == operation) {
            self.pass_on(key, cx);
        }
    }

    /// The lease on a key is given back, or has ended by itself.
    fn pass_on(&mut self, key: u32, cx: &mut Cx<'_>) {
        let Some(Lease { mut waiting, .. }) = self.leases.remove(&key) else { return };
        match waiting.pop_front() {
            Some(next) => self.grant(key, next, waiting, cx),
            None => cx.cancel_timer(LeaseTimer::Ends(key)),
        }
    }
}

impl Storage {
    /// A value is read, perhaps under a lease: then whoever held it before is fenced off.
    fn fetch(&mut self, key: u32, token: u64, cx: &Cx<'_>) -> Option<u64> {
        if token > 0 && cx.params().mutant != LeaseMutant::ForgetsReads {
            let entry = self.entries.entry(key).or_default();
            entry.token = entry.token.max(token);
        }
        let written = self.entries.get(&key).and_then(|entry| entry.written);
        written.map(|(value, _)| value)
    }

    /// Whether a write is accepted.
    fn store(
        &mut self,
        operation: Operation,
        key: u32,
        token: u64,
        read: Option<u64>,
        value: u64,
        cx: &mut Cx<'_>,
    ) -> bool {
        let entry = self.entries.entry(key).or_default();
        if entry.written.is_some_and(|(_, by)| by == operation) {
            return true;
        }
        if cx.params().fencing && token < entry.token {
            return false;
        }
        *entry = Entry { written: Some((value, operation)), token: entry.token.max(token) };
        cx.emit(Event::Renewed { operation, key, read, value });
        true
    }
}

impl LeaseClient {
    fn ask(&mut self, request: Request, cx: &mut Cx<'_>) {
        match request {
            Request::Read { operation, key } => {
                tell(
                    cx,
                    Some(operation),
                    STORAGE,
                    LeaseMessage::Fetch { operation, key, token: 0 },
                );
            }
            Request::Write { operation, key, value } => {
                // A client that repeats itself is being served already.
                if let btree_map::Entry::Vacant(vacant) = self.writes.entry(operation) {
                    vacant.insert(Writing { key, value, step: Step::Waiting });
                    tell(cx, Some(operation), SERVICE, LeaseMessage::Acquire { operation, key });
                }
            }
        }
    }

    fn granted(&mut self, operation: Operation, token: u64, cx: &mut Cx<'_>) {
        let LeaseParams { term, margin, .. } = *cx.params();
        let until = cx.monotonic() + term.saturating_sub(margin);
        if let Some(write) = self.writes.get_mut(&operation)
            && write.step == Step::Waiting
        {
            write.step = Step::Reading(Held { token, until });
            let key = write.key;
            tell(cx, Some(operation), STORAGE, LeaseMessage::Fetch { operation, key, token });
        }
    }

    fn fetched(&mut self, operation: Operation, value: Option<u64>, cx: &mut Cx<'_>) {
        match self.writes.get_mut(&operation) {
            None => cx.emit(Event::Value { operation, value }),
            Some(write) => {
                if let Step::Reading(held) = write.step {
                    write.step = Step::Working(held, value);
                    cx.set_timer(LeaseTimer::Worked(operation), cx.params().work);
                }
            }
        }
    }

    fn worked(&mut self, operation: Operation, cx: &mut Cx<'_>) {
        let rechecks = cx.params().rechecks;
        let Some(write) = self.writes.get_mut(&operation) else { return };
        let Step::Working(held, read) = write.step else { return };
        if rechecks && cx.monotonic() >= held.until {
            return self.start_over(operation, cx);
        }
        write.step = Step::Storing(held);
        let (Writing { key, value, .. }, token) = (*write, held.token);
        let store = LeaseMessage::Store { operation, key, token, read, value };
        tell(cx, Some(operation), STORAGE, store);
    }

    fn stored(&mut self, operation: Operation, token: u64, accepted: bool, cx: &mut Cx<'_>) {
        let Some(&Writing { key, step: Step::Storing(held), .. }) = self.writes.get(&operation)
        else {
            return;
        };
        if held.token != token {
            return;
        }
        if !accepted {
            return self.start_over(operation, cx);
        }
        self.writes.remove(&operation);
        cx.emit(Event::Written { operation });
        tell(cx, Some(operation), SERVICE, LeaseMessage::Release { operation, key });
    }

    /// The lease was over: asks for another.
    fn start_over(&mut self, operation: Operation, cx: &mut Cx<'_>) {
        let Some(write) = self.writes.get_mut(&operation) else { return };
        write.step = Step::Waiting;
        let key = write.key;
        // Not to be taken for the holder that waits for nothing.
        tell(cx, Some(operation), SERVICE, LeaseMessage::Release { operation, key });
        tell(cx, Some(operation), SERVICE, LeaseMessage::Acquire { operation, key });
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
    const NEEDS: Needs = Needs {
        safety: &[Assumption::NoCrash, Assumption::Uncorrupted],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
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
