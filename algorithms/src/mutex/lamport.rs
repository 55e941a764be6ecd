//! Lamport's algorithm.
//!
//! Leslie Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
//! Communications of the ACM 21(7), 1978, "Ordering the Events Totally", rules 1 to 5.
//!
//! Everybody keeps a queue of all requests in the total order of their stamps. A node enters when
//! its own request is first and it has heard something later from everybody else, so that nothing
//! earlier can still be on its way.
//!
//! With `acks: Deferred` a node leaves out each acknowledgement that another message of its own
//! makes up for. Lamport's rule 5 asks for "any message" later than the request, so that one that
//! was sent already (a later request) or is owed anyway (the release of an earlier request, before
//! which nobody may enter) serves as well: 3(N-1) messages alone, 2(N-1) when all contend.
//!
//! Assumes FIFO links that lose, repeat and alter nothing, and nodes that do not crash.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Parameter, Params,
    Theory, Variant,
};
use serde::Deserialize;

use super::{Event, Mutex, Request, Stamp, mutants};

/// A node of Lamport's algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Lamport {
    clock: u64,
    /// Requests that are not released yet, this node's own included.
    queue: BTreeSet<Stamp>,
    phase: Phase,
    /// The time of the last message to each peer; kept for deferred acknowledgements only.
    told: BTreeMap<NodeId, u64>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Idle,
    Waiting {
        request: Stamp,
        /// From whom nothing later than the request has been heard yet.
        unheard: BTreeSet<NodeId>,
    },
    Inside,
}

/// Every message carries the sender's logical time.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum LamportMessage {
    /// "I want in": a request with this time and the sender's id (rule 1).
    Request {
        /// The request's stamp.
        time: u64,
    },
    /// "I know of your request" (rule 2).
    Ack {
        /// The sender's clock.
        time: u64,
    },
    /// "I have left" (rule 3).
    Release {
        /// The sender's clock.
        time: u64,
    },
}

impl LamportMessage {
    fn time(&self) -> u64 {
        let (LamportMessage::Request { time }
        | LamportMessage::Ack { time }
        | LamportMessage::Release { time }) = self;
        *time
    }
}

/// How requests are acknowledged.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct LamportParams {
    /// Whether an acknowledgement that another message makes up for is left out.
    pub acks: LamportAcks,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: LamportMutant,
}

/// When a request is acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum LamportAcks {
    /// Every request is, as published.
    #[default]
    Always,
    /// Not if the own earlier request is pending, nor if something later went to the requester.
    Deferred,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum LamportMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Requests of equal time are not ordered by id.
    NoTieBreak,
    /// Enters as soon as the own request is first in the own queue.
    HeadOnly,
    /// Counts later messages instead of the nodes that they come from.
    CountsMessages,
    /// Does not advance the clock past what it receives.
    OwnClock,
    /// The highest-numbered peer is not told of the release.
    ForgetsRelease,
    /// Takes any message for a later one.
    HearsAnything,
    /// Takes whatever it has sent last for something later (with deferred acknowledgements).
    WithholdsAck,
    /// Does not take its own request out of its queue at the release.
    KeepsRequest,
    /// Acknowledges a request twice.
    AcksTwice,
}

impl Node for Lamport {
    type Params = LamportParams;
    type Message = LamportMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), _cx: &mut Context<'_, Self>) -> Self {
        Lamport { clock: 0, queue: BTreeSet::new(), phase: Phase::Idle, told: BTreeMap::new() }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match request {
            Request::Acquire => self.acquire(cx),
            Request::Release => self.release(cx),
        }
    }

    fn on_message(&mut self, from: NodeId, message: LamportMessage, cx: &mut Context<'_, Self>) {
        let time = message.time();
        if cx.params().mutant != LamportMutant::OwnClock {
            self.clock = self.clock.max(time);
        }
        self.tick();
        self.hear(Stamp { time, node: from }, cx);
        match message {
            LamportMessage::Request { time } => {
                let request = Stamp { time, node: from };
                self.queue.insert(request);
                if !self.makes_up_for_ack(request, cx) {
                    self.tick();
                    self.tell(from, LamportMessage::Ack { time: self.clock }, cx);
                    if cx.params().mutant == LamportMutant::AcksTwice {
                        self.tell(from, LamportMessage::Ack { time: self.clock }, cx);
                    }
                }
            }
            LamportMessage::Ack { .. } => {}
            LamportMessage::Release { .. } => self.queue.retain(|request| request.node != from),
        }
        self.enter_if_allowed(cx);
    }

    fn waits_for(&self) -> Vec<NodeId> {
        let Phase::Waiting { request, unheard } = &self.phase else {
            return Vec::new();
        };
        let ahead = self.queue.range(..request).map(|earlier| earlier.node);
        let nodes: BTreeSet<NodeId> = unheard.iter().copied().chain(ahead).collect();
        nodes.into_iter().collect()
    }
}

impl Lamport {
    /// Stays at the end of time: altered messages can lead there.
    fn tick(&mut self) {
        self.clock = self.clock.saturating_add(1);
    }

    /// Rule 1. One event, hence one stamp for all copies.
    fn acquire(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase != Phase::Idle {
            return;
        }
        self.tick();
        let request = Stamp { time: self.clock, node: cx.me() };
        self.queue.insert(request);
        self.phase = Phase::Waiting { request, unheard: cx.peers().collect() };
        for peer in cx.peers() {
            self.tell(peer, LamportMessage::Request { time: request.time }, cx);
        }
        self.enter_if_allowed(cx);
    }

    /// Rule 3. A rebooted node has nothing to release.
    fn release(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase != Phase::Inside {
            return;
        }
        self.phase = Phase::Idle;
        let me = cx.me();
        if cx.params().mutant != LamportMutant::KeepsRequest {
            self.queue.retain(|request| request.node != me);
        }
        self.tick();
        let mut told: Vec<NodeId> = cx.peers().collect();
        if cx.params().mutant == LamportMutant::ForgetsRelease {
            told.pop();
        }
        for peer in told {
            self.tell(peer, LamportMessage::Release { time: self.clock }, cx);
        }
    }

    fn tell(&mut self, peer: NodeId, message: LamportMessage, cx: &mut Context<'_, Self>) {
        if cx.params().acks == LamportAcks::Deferred {
            self.told.insert(peer, message.time());
        }
        cx.send(peer, message);
    }

    /// Whether a message later than `request` has gone to the requester, or is bound to before
    /// the requester may enter: the release of the own earlier request.
    fn makes_up_for_ack(&self, request: Stamp, cx: &Context<'_, Self>) -> bool {
        let LamportParams { acks: LamportAcks::Deferred, mutant } = *cx.params() else {
            return false;
        };
        let me = cx.me();
        let owes_release = self.queue.range(..request).any(|earlier| earlier.node == me);
        let told_later = self.told.get(&request.node).is_some_and(|&time| {
            Stamp { time, node: me } > request || mutant == LamportMutant::WithholdsAck
        });
        owes_release || told_later
    }

    /// Any message that is later than the own request tells that nothing earlier is on its way.
    fn hear(&mut self, heard: Stamp, cx: &Context<'_, Self>) {
        let mutant = cx.params().mutant;
        if let Phase::Waiting { request, unheard } = &mut self.phase
            && (heard > *request || mutant == LamportMutant::HearsAnything)
        {
            if mutant == LamportMutant::CountsMessages {
                unheard.pop_first();
            } else {
                unheard.remove(&heard.node);
            }
        }
    }

    /// Rule 5: the own request is first, and something later has come from everybody else.
    fn enter_if_allowed(&mut self, cx: &mut Context<'_, Self>) {
        let mutant = cx.params().mutant;
        let Phase::Waiting { request, unheard } = &self.phase else {
            return;
        };
        let tie_break = mutant != LamportMutant::NoTieBreak;
        let first = !self.queue.iter().any(|other| other.before(*request, tie_break));
        if first && (unheard.is_empty() || mutant == LamportMutant::HeadOnly) {
            self.phase = Phase::Inside;
            cx.emit(Event::Granted);
        }
    }
}

impl Algorithm for Lamport {
    type Family = Mutex;
    const NAME: &'static str = "Lamport";
    const ABOUT: &'static str = "everybody queues every request by logical time";
    const SOURCE: &'static str = "Lamport, CACM 21(7), 1978";
    const COMPLEXITY: &'static str = "3(N-1); acks deferred: 2(N-1) when all contend";
    const MUTANTS: &'static [Mutant] = mutants::LAMPORT;
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "deferred-acks",
        params: "acks: Deferred",
        about: "no acknowledgement where another message makes up for it",
    }];
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::Fifo,
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::ClosedMembership,
            Assumption::UniqueIds,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };

    /// 3(N-1); with deferred acknowledgements as few as 2(N-1).
    fn theory(nodes: u32, params: &LamportParams) -> Theory {
        let peers = f64::from(nodes.saturating_sub(1));
        match params.acks {
            LamportAcks::Always => Theory::Exactly(3.0 * peers),
            LamportAcks::Deferred => Theory::Between(2.0 * peers, 3.0 * peers),
        }
    }
}
