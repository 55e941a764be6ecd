//! One coordinator that survives a restart: it logs whom it lets in, and lends entry for a time.
//!
//! The centralised algorithm (Andrew S. Tanenbaum and Maarten van Steen, "Distributed Systems") with
//! leases as in Cary G. Gray and David R. Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism
//! for Distributed File Cache Consistency", SOSP 1989.
//!
//! The coordinator forces the holder to its log before it grants, so that after a restart it knows
//! who may be inside; its queue is lost, and it asks everybody who waits to ask again. A holder
//! renews its lease as long as its client is inside. One that crashes does not, and its lease
//! expires: nobody waits for it for ever. A restarted coordinator gives the holder in its log a
//! whole new lease. Requests are named by tickets, so that a late message is recognised.
//!
//! ```text
//!   coordinator:  REQUEST    queue it (a later ticket of the holder also gives the lease back)
//!                 RELEASE    of the holder: free
//!                 RENEW      of the holder: the lease begins anew
//!                 lease over free
//!                 restart    the holder's lease begins anew; RESTARTED to everybody
//!                 free: force the first of the queue to the log, GRANT it, its lease begins
//!   participant:  GRANT      of the own ticket: enter, RENEW every third of a lease; else RELEASE it
//!                 RESTARTED  waiting: REQUEST again; inside: RENEW
//! ```
//!
//! Renewals and what a restart costs are background; an entry costs 3 messages.
//!
//! Assumes that messages arrive within a known time, far below the lease, that they are not lost or
//! altered, that clocks run at nearly the same rate, that the log survives, and that a crashed
//! coordinator comes back. What is absent: fencing. A node that is paused or cut off for longer than
//! its lease is still inside by its own account when the next one enters.

mod desk;
#[cfg(test)]
mod tests;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Message, Mutant, Needs, Node, NodeId, Operation,
    Parameter, Params, Theory, Wire,
};
use serde::Deserialize;

use self::desk::Desk;
pub use self::desk::{LeaseLog, LeaseRecord};
use super::{Event, Mutex, Request, mutants};

/// A node of the centralised algorithm with leases.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CentralisedLease {
    phase: Phase,
    /// The last request.
    ticket: Ticket,
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Coordinator(Desk),
    Participant { coordinator: NodeId },
}

/// Where this node's client stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Idle,
    Waiting,
    Inside,
}

/// A request of one node; later ones are greater, also after a restart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub struct Ticket {
    /// How often the node had been booted before.
    pub incarnation: u32,
    /// How many requests it has made since.
    pub number: u32,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum CentralisedLeaseMessage {
    /// To the coordinator: "May I enter?"
    Request {
        /// Names the request.
        ticket: Ticket,
    },
    /// From the coordinator: "Enter, and renew your lease."
    Grant {
        /// Of this request.
        ticket: Ticket,
    },
    /// To the coordinator: "I have left, or do not want in any more."
    Release {
        /// Of this request.
        ticket: Ticket,
    },
    /// To the coordinator: "I am still inside."
    Renew {
        /// With this request.
        ticket: Ticket,
    },
    /// From the coordinator: "I have lost my queue."
    Restarted,
}

/// When a node goes on by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CentralisedLeaseTimer {
    /// At the holder: the lease wants renewing.
    Renew,
    /// At the coordinator: the lease is over.
    Expire,
}

/// Who coordinates, and for how long a lease is.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct CentralisedLeaseParams {
    /// The node that decides; the first by default.
    pub coordinator: NodeId,
    /// How long a holder that is not heard of keeps everybody out.
    pub lease: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: CentralisedLeaseMutant,
}

impl Default for CentralisedLeaseParams {
    fn default() -> Self {
        CentralisedLeaseParams {
            coordinator: NodeId(0),
            lease: Duration::from_secs(1),
            mutant: CentralisedLeaseMutant::default(),
        }
    }
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum CentralisedLeaseMutant {
    /// None: the algorithm as it should be.
    #[default]
    None,
    /// A restarted coordinator believes that nobody is inside.
    IgnoresLog,
    /// Does not renew its lease.
    NeverRenews,
    /// Leases do not expire.
    NeverExpires,
    /// A restarted coordinator does not say so.
    RestartsSilently,
    /// The coordinator grants before its log is safe.
    WritesLazily,
    /// The coordinator grants to the first in the queue, whoever is inside.
    IgnoresHolder,
    /// Takes a release for the holder's whatever request it is of.
    TakesOldReleases,
    /// Enters by a grant of an earlier request.
    TakesOldGrants,
}

impl Node for CentralisedLease {
    type Params = CentralisedLeaseParams;
    type Message = CentralisedLeaseMessage;
    type Timer = CentralisedLeaseTimer;
    type Request = Request;
    type Event = Event;
    type Durable = LeaseLog;

    fn start(log: &LeaseLog, cx: &mut Context<'_, Self>) -> Self {
        let coordinator = cx.params().coordinator;
        let role = if coordinator == cx.me() {
            Role::Coordinator(Desk::open(log, cx))
        } else {
            Role::Participant { coordinator }
        };
        let ticket = Ticket { incarnation: cx.incarnation(), number: 0 };
        CentralisedLease { phase: Phase::Idle, ticket, role }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        let message = match (request, self.phase) {
            (Request::Acquire, Phase::Idle) => {
                self.phase = Phase::Waiting;
                self.ticket.number = self.ticket.number.saturating_add(1);
                CentralisedLeaseMessage::Request { ticket: self.ticket }
            }
            (Request::Release, Phase::Inside) => {
                self.phase = Phase::Idle;
                cx.cancel_timer(CentralisedLeaseTimer::Renew);
                CentralisedLeaseMessage::Release { ticket: self.ticket }
            }
            // A client that asks twice waits once; a rebooted node has nothing to release.
            (Request::Acquire, Phase::Waiting | Phase::Inside)
            | (Request::Release, Phase::Idle | Phase::Waiting) => return,
        };
        self.tell_coordinator(cx.operation(), message, cx);
    }

    fn on_message(
        &mut self,
        from: NodeId,
        message: CentralisedLeaseMessage,
        cx: &mut Context<'_, Self>,
    ) {
        self.hear(from, cx.operation(), message, cx);
    }

    fn on_timer(&mut self, timer: CentralisedLeaseTimer, cx: &mut Context<'_, Self>) {
        match timer {
            CentralisedLeaseTimer::Renew => self.renew(cx),
            CentralisedLeaseTimer::Expire => {
                if let Role::Coordinator(desk) = &mut self.role {
                    let granted = desk.expire(cx);
                    self.pass_on(granted, cx);
                }
            }
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        match &self.role {
            Role::Coordinator(desk) => desk.waits_for(),
            Role::Participant { coordinator } if self.phase == Phase::Waiting => vec![*coordinator],
            Role::Participant { .. } => Vec::new(),
        }
    }
}

/// A grant: to whom, for which operation, of which request.
type Grant = (NodeId, Option<Operation>, Ticket);

impl CentralisedLease {
    /// The coordinator needs no message to itself.
    fn tell_coordinator(
        &mut self,
        operation: Option<Operation>,
        message: CentralisedLeaseMessage,
        cx: &mut Context<'_, Self>,
    ) {
        let coordinator = cx.params().coordinator;
        if coordinator == cx.me() {
            self.hear(coordinator, operation, message, cx);
        } else {
            cx.send_for(operation, coordinator, message);
        }
    }

    fn hear(
        &mut self,
        from: NodeId,
        operation: Option<Operation>,
        message: CentralisedLeaseMessage,
        cx: &mut Context<'_, Self>,
    ) {
        use CentralisedLeaseMessage as M;
        let granted = match (message, &mut self.role) {
            (M::Grant { ticket }, _) => return self.granted(ticket, cx),
            (M::Restarted, _) => return self.restarted(cx),
            (M::Request { ticket }, Role::Coordinator(desk)) => {
                desk.request((from, operation, ticket), cx)
            }
            (M::Release { ticket }, Role::Coordinator(desk)) => desk.release((from, ticket), cx),
            (M::Renew { ticket }, Role::Coordinator(desk)) => {
                desk.renew((from, ticket), cx);
                None
            }
            // Not a coordinator: an altered address at most leads here.
            (M::Request { .. } | M::Release { .. } | M::Renew { .. }, Role::Participant { .. }) => {
                None
            }
        };
        self.pass_on(granted, cx);
    }

    fn pass_on(&mut self, granted: Option<Grant>, cx: &mut Context<'_, Self>) {
        match granted {
            Some((node, _, ticket)) if node == cx.me() => self.granted(ticket, cx),
            Some((node, operation, ticket)) => {
                cx.send_for(operation, node, CentralisedLeaseMessage::Grant { ticket });
            }
            None => {}
        }
    }

    fn granted(&mut self, ticket: Ticket, cx: &mut Context<'_, Self>) {
        let trusts = cx.params().mutant == CentralisedLeaseMutant::TakesOldGrants;
        if ticket != self.ticket && !trusts || self.phase == Phase::Idle {
            // Of a request before a crash, or one that has been served.
            let decline = CentralisedLeaseMessage::Release { ticket };
            return self.tell_coordinator(None, decline, cx);
        }
        if self.phase == Phase::Waiting {
            self.phase = Phase::Inside;
            self.plan_renewal(cx);
            cx.emit(Event::Granted);
        }
    }

    /// The coordinator's own lease lasts as long as the coordinator.
    fn plan_renewal(&mut self, cx: &mut Context<'_, Self>) {
        let CentralisedLeaseParams { lease, mutant, .. } = cx.params();
        let participates = matches!(self.role, Role::Participant { .. });
        if participates && *mutant != CentralisedLeaseMutant::NeverRenews {
            let third = Duration::from_nanos(lease.as_nanos() / 3);
            cx.set_timer(CentralisedLeaseTimer::Renew, third);
        }
    }

    fn renew(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase == Phase::Inside {
            let renew = CentralisedLeaseMessage::Renew { ticket: self.ticket };
            self.tell_coordinator(None, renew, cx);
            self.plan_renewal(cx);
        }
    }

    fn restarted(&mut self, cx: &mut Context<'_, Self>) {
        match self.phase {
            Phase::Idle => {}
            Phase::Waiting => {
                cx.reached("asked a new coordinator again");
                let again = CentralisedLeaseMessage::Request { ticket: self.ticket };
                self.tell_coordinator(None, again, cx);
            }
            Phase::Inside => {
                cx.reached("told a new coordinator of its lease");
                self.renew(cx);
            }
        }
    }
}

impl Algorithm for CentralisedLease {
    type Family = Mutex;
    const NAME: &'static str = "CentralisedLease";
    const ABOUT: &'static str = "one coordinator with a log and leases, which survives a restart";
    const SOURCE: &'static str = "Tanenbaum & van Steen; Gray & Cheriton, SOSP 1989";
    const COMPLEXITY: &'static str = "3 (0 for the coordinator's own), renewals apart";
    const MUTANTS: &'static [Mutant] = mutants::CENTRALISED_LEASE;
    const UNPROMISED: &'static [&'static str] = &["RequestOrder"];
    const PROBES: &'static [&'static str] =
        &["asked a new coordinator again", "told a new coordinator of its lease"];
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::BoundedDelay,
            Assumption::Reliable,
            Assumption::NoPartition,
            Assumption::BoundedDrift,
            Assumption::DurableStorage,
            Assumption::ClosedMembership,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoPartition],
    };

    /// 3 for a participant's entry, 0 for the coordinator's own; what a restart costs is
    /// background.
    fn theory(nodes: u32, _params: &CentralisedLeaseParams) -> Theory {
        if nodes > 1 { Theory::Between(0.0, 3.0) } else { Theory::Exactly(0.0) }
    }

    fn check_params(params: &CentralisedLeaseParams, nodes: u32) -> Result<(), String> {
        if params.coordinator.0 >= nodes {
            let stranger = params.coordinator;
            return Err(format!("coordinator: {stranger} is not one of the {nodes} members"));
        }
        if params.lease < Duration::from_micros(1) {
            return Err("lease: expected at least 1us, of which a third can pass".into());
        }
        Ok(())
    }
}
