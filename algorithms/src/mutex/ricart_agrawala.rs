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
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Operation, Parameter,
    Params, Theory,
};
use serde::Deserialize;

use super::{Event, Mutex, Request, Stamp, mutants};

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
    /// Agrees to every request, even from inside.
    RepliesInside,
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
        // Altered requests can lead to the last number; it stays there.
        self.highest = self.highest.saturating_add(1);
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
            Phase::Inside => mutant != RicartAgrawalaMutant::RepliesInside,
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
    const MUTANTS: &'static [Mutant] = mutants::RICART_AGRAWALA;
    const UNPROMISED: &'static [&'static str] = &["RequestOrder"];
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

#[cfg(test)]
mod tests {
    use seedbed_node::{Node, NodeId};

    use super::{RicartAgrawala, RicartAgrawalaMessage as M, RicartAgrawalaParams};
    use crate::mutex::Request::{Acquire, Release};
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn node(me: u32) -> Bench<RicartAgrawala> {
        Bench::boot(me, 3, RicartAgrawalaParams::default()).0
    }

    #[test]
    fn section_2_a_node_enters_when_all_others_have_replied() {
        let mut ada = node(0);
        assert_eq!(
            ada.request(Acquire),
            ["n1 <- Request { number: 1 } for n0#0", "n2 <- Request { number: 1 } for n0#0"]
        );
        assert_eq!(ada.message(1, operation(0), M::Reply), NOTHING);
        assert_eq!(ada.message(1, operation(0), M::Reply), NOTHING, "the same node again");
        assert_eq!(ada.node.waits_for(), [NodeId(2)]);
        assert_eq!(ada.message(2, operation(0), M::Reply), ["emit Granted"]);
    }

    #[test]
    fn section_2_who_wants_nothing_replies_at_once() {
        let sent = node(0).message(1, operation(1), M::Request { number: 4 });
        assert_eq!(sent, ["n1 <- Reply for n1#0"]);
    }

    #[test]
    fn section_2_a_new_request_is_numbered_above_all_that_were_seen() {
        let mut ada = node(0);
        ada.message(1, operation(1), M::Request { number: 41 });
        assert_eq!(ada.request(Acquire)[0], "n1 <- Request { number: 42 } for n0#0");
    }

    #[test]
    fn section_2_replies_deferred_while_inside_are_sent_at_the_release_for_their_operations() {
        let mut ada = node(0);
        ada.request(Acquire);
        ada.message(1, operation(0), M::Reply);
        ada.message(2, operation(0), M::Reply);
        assert_eq!(ada.message(2, operation(2), M::Request { number: 2 }), NOTHING);
        assert_eq!(ada.message(1, operation(1), M::Request { number: 2 }), NOTHING);
        assert_eq!(ada.request(Release), ["n1 <- Reply for n1#0", "n2 <- Reply for n2#0"]);
    }

    #[test]
    fn section_2_the_outstanding_request_is_compared_not_the_highest_number() {
        let mut ada = node(0);
        ada.request(Acquire);
        ada.message(1, operation(1), M::Request { number: 9 });
        let later_than_own = ada.message(2, operation(2), M::Request { number: 5 });
        assert_eq!(later_than_own, NOTHING, "5 is below the highest, 9, but above the own 1");
    }

    #[test]
    fn section_2_ties_are_broken_by_id() {
        let equal = M::Request { number: 1 };
        let mut bob = node(1);
        bob.request(Acquire);
        assert_eq!(bob.message(0, operation(0), equal.clone()), ["n0 <- Reply for n0#0"]);
        assert_eq!(bob.message(2, operation(2), equal), NOTHING);
    }
}
