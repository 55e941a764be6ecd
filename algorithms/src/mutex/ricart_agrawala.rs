//! Ricart and Agrawala's algorithm.
//!
//! Glenn Ricart and Ashok K. Agrawala, "An Optimal Algorithm for Mutual Exclusion in Computer
//! Networks", Communications of the ACM 24(1), 1981, section 2.
//!
//! A node asks everybody and enters when all have replied. A reply is deferred by who is inside or
//! has an earlier request outstanding; so a reply is both an acknowledgement and a release.
//!
//! Assumes links that lose, repeat and alter nothing (they may reorder) and nodes that do not
//! crash. Replies carry no sequence number, so that requests are *not* promised to be granted in
//! the order of happened-before.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Needs, Node, NodeId, Operation, Parameter, Params,
    Theory,
};
use serde::Deserialize;

use super::{Event, Mutex, Request, Stamp};

/// A node of Ricart and Agrawala's algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RicartAgrawala {
    /// The paper's `Highest_Sequence_Number`: seen in any request, own or received.
    highest: u64,
    phase: Phase,
    /// Who is owed a reply at the release, and for which operation (`Reply_Deferred`).
    deferred: BTreeMap<NodeId, Option<Operation>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Idle,
    Waiting {
        /// The outstanding request (`Our_Sequence_Number`).
        request: Stamp,
        /// Who has not replied yet (`Outstanding_Reply_Count`).
        missing: BTreeSet<NodeId>,
    },
    Inside,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum RicartAgrawalaMessage {
    /// "May I enter?"
    Request {
        /// The request's sequence number; the sender's id breaks ties.
        number: u64,
    },
    /// "As far as I am concerned, enter."
    Reply,
}

/// Ricart and Agrawala's algorithm has nothing to set.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct RicartAgrawalaParams {
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: RicartAgrawalaMutant,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum RicartAgrawalaMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Requests of equal number are not ordered by id.
    NoTieBreak,
    /// Compares with the highest number seen instead of the outstanding request's.
    CurrentClock,
    /// Enters with one reply missing.
    EntersEarly,
    /// Sends no deferred reply at the release.
    ForgetsDeferred,
    /// Numbers its requests without regard to those that it has received.
    OwnNumbers,
}

impl Node for RicartAgrawala {
    type Params = RicartAgrawalaParams;
    type Message = RicartAgrawalaMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), _cx: &mut Context<'_, Self>) -> Self {
        RicartAgrawala { highest: 0, phase: Phase::Idle, deferred: BTreeMap::new() }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match request {
            Request::Acquire => self.acquire(cx),
            Request::Release => self.release(cx),
        }
    }

    fn on_message(
        &mut self,
        from: NodeId,
        message: RicartAgrawalaMessage,
        cx: &mut Context<'_, Self>,
    ) {
        match message {
            RicartAgrawalaMessage::Request { number } => {
                if cx.params().mutant != RicartAgrawalaMutant::OwnNumbers {
                    self.highest = self.highest.max(number);
                }
                if self.defers(Stamp { time: number, node: from }, cx) {
                    self.deferred.insert(from, cx.operation());
                } else {
                    cx.send(from, RicartAgrawalaMessage::Reply);
                }
            }
            RicartAgrawalaMessage::Reply => {
                if let Phase::Waiting { missing, .. } = &mut self.phase {
                    missing.remove(&from);
                }
                self.enter_if_allowed(cx);
            }
        }
    }

    fn on_timer(&mut self, (): (), _cx: &mut Context<'_, Self>) {}

    fn waits_for(&self) -> Vec<NodeId> {
        match &self.phase {
            Phase::Waiting { missing, .. } => missing.iter().copied().collect(),
            Phase::Idle | Phase::Inside => Vec::new(),
        }
    }
}

impl RicartAgrawala {
    fn acquire(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase != Phase::Idle {
            return;
        }
        self.highest += 1;
        let request = Stamp { time: self.highest, node: cx.me() };
        self.phase = Phase::Waiting { request, missing: cx.peers().collect() };
        cx.broadcast(RicartAgrawalaMessage::Request { number: request.time });
        self.enter_if_allowed(cx);
    }

    /// A rebooted node has nothing to release.
    fn release(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase != Phase::Inside {
            return;
        }
        self.phase = Phase::Idle;
        let owed = std::mem::take(&mut self.deferred);
        if cx.params().mutant != RicartAgrawalaMutant::ForgetsDeferred {
            for (peer, operation) in owed {
                cx.send_for(operation, peer, RicartAgrawalaMessage::Reply);
            }
        }
    }

    /// `Defer_it`: inside, or waiting with an earlier request. What counts is the outstanding
    /// request's number, not the highest seen since.
    fn defers(&self, theirs: Stamp, cx: &Context<'_, Self>) -> bool {
        let mutant = cx.params().mutant;
        match &self.phase {
            Phase::Idle => false,
            Phase::Inside => true,
            Phase::Waiting { request, .. } => {
                let own = match mutant {
                    RicartAgrawalaMutant::CurrentClock => {
                        Stamp { time: self.highest, node: request.node }
                    }
                    _ => *request,
                };
                own.before(theirs, mutant != RicartAgrawalaMutant::NoTieBreak)
            }
        }
    }

    fn enter_if_allowed(&mut self, cx: &mut Context<'_, Self>) {
        let Phase::Waiting { missing, .. } = &self.phase else {
            return;
        };
        let early = cx.params().mutant == RicartAgrawalaMutant::EntersEarly && missing.len() == 1;
        if missing.is_empty() || early {
            self.phase = Phase::Inside;
            cx.emit(Event::Granted);
        }
    }
}

impl Algorithm for RicartAgrawala {
    type Family = Mutex;
    const NAME: &'static str = "RicartAgrawala";
    const ABOUT: &'static str = "everybody must agree; a deferred reply is the release";
    const SOURCE: &'static str = "Ricart & Agrawala, CACM 24(1), 1981";
    const COMPLEXITY: &'static str = "2(N-1)";
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::ClosedMembership,
            Assumption::UniqueIds,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };

    fn theory(nodes: u32, _params: &RicartAgrawalaParams) -> Theory {
        Theory::Exactly(2.0 * f64::from(nodes.saturating_sub(1)))
    }
}
