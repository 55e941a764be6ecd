//! Suzuki and Kasami's algorithm: a token that is sent where it is wanted.
//!
//! Ichiro Suzuki and Tadao Kasami, "A Distributed Mutual Exclusion Algorithm", ACM Transactions on
//! Computer Systems 3(4), 1985.
//!
//! Who has the token (the paper's PRIVILEGE) enters without a message. Anybody else tells everybody
//! the number of its request. The token carries, for each node, the number of the request that was
//! served last (`LN`) and a queue; each node knows the highest number it has heard of each (`RN`).
//! A request is outstanding if its number is one above the last that was served, so that a message
//! that comes late is recognised: the links may reorder. Whom a node waits for is not known to it:
//! the token may be anywhere.
//!
//! Assumes exactly one token: links that lose, repeat and alter nothing, and nodes that do not
//! crash. A rebooted node has forgotten its numbers, and its requests look as if they were served.

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Operation, Parameter,
    Params, Theory, Wire,
};
use serde::Deserialize;

use super::waiter::Waiter;
use super::{Event, Mutex, Request, mutants};

/// A node of Suzuki and Kasami's algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SuzukiKasami {
    phase: Phase,
    /// The latest request heard of, by node (`RN`), this node's own included.
    latest: Vec<Call>,
    token: Option<Privilege>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Idle,
    Waiting,
    Inside,
}

/// A request by its number, from 1; 0 is none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Call {
    number: u64,
    operation: Option<Operation>,
}

/// The token.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Wire)]
pub struct Privilege {
    /// The number of the request that was served last, by node (`LN`).
    pub served: Vec<u64>,
    /// Who is next, first come first (`Q`).
    pub queue: Vec<Waiter>,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum SuzukiKasamiMessage {
    /// To everybody: "I want the token."
    Request {
        /// How many requests the sender has made, this one included.
        number: u64,
    },
    /// The token.
    Privilege(Privilege),
}

/// Where the token starts.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct SuzukiKasamiParams {
    /// The node that has the token at its first boot; the first by default.
    pub first: NodeId,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: SuzukiKasamiMutant,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum SuzukiKasamiMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Keeps a copy of the token that it sends on.
    KeepsToken,
    /// Sends the token to who asks even from inside.
    LendsInside,
    /// Queues nobody at the release.
    ForgetsWaiters,
    /// Does not note in the token that its request has been served.
    ForgetsServed,
}

impl Node for SuzukiKasami {
    type Params = SuzukiKasamiParams;
    type Message = SuzukiKasamiMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let members = cx.members();
        let first = cx.me() == cx.params().first && cx.incarnation() == 0;
        let new = || Privilege { served: members.iter().map(|_| 0).collect(), queue: Vec::new() };
        SuzukiKasami {
            phase: Phase::Idle,
            latest: members.iter().map(|_| Call::default()).collect(),
            token: first.then(new),
        }
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
        message: SuzukiKasamiMessage,
        cx: &mut Context<'_, Self>,
    ) {
        match message {
            SuzukiKasamiMessage::Request { number } => self.hear(from, number, cx),
            SuzukiKasamiMessage::Privilege(token) => {
                self.token = Some(token);
                if self.phase == Phase::Waiting {
                    self.enter(cx);
                }
            }
        }
    }
}

impl SuzukiKasami {
    /// Procedure P1, up to the critical section.
    fn acquire(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase != Phase::Idle {
            return;
        }
        if self.token.is_some() {
            return self.enter(cx);
        }
        self.phase = Phase::Waiting;
        let own = &mut self.latest[cx.me().index()];
        *own = Call { number: own.number.saturating_add(1), operation: cx.operation() };
        cx.broadcast(SuzukiKasamiMessage::Request { number: own.number });
    }

    /// Procedure P1, after the critical section: queues all that wait, serves the first.
    fn release(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase != Phase::Inside {
            return;
        }
        self.phase = Phase::Idle;
        let Some(token) = &mut self.token else {
            return;
        };
        let me = cx.me();
        if cx.params().mutant != SuzukiKasamiMutant::ForgetsServed {
            token.served[me.index()] = self.latest[me.index()].number;
        }
        for peer in cx.peers() {
            let call = self.latest[peer.index()];
            let queued = token.queue.iter().any(|waiter| waiter.node == peer);
            if token.awaits(peer, call)
                && !queued
                && cx.params().mutant != SuzukiKasamiMutant::ForgetsWaiters
            {
                token.queue.push(Waiter { node: peer, operation: call.operation });
            }
        }
        if !token.queue.is_empty() {
            let next = token.queue.remove(0);
            self.send_token(next, cx);
        }
    }

    /// Procedure P2.
    fn hear(&mut self, from: NodeId, number: u64, cx: &mut Context<'_, Self>) {
        let latest = &mut self.latest[from.index()];
        if number > latest.number {
            *latest = Call { number, operation: cx.operation() };
        } else {
            cx.reached("outdated request");
        }
        let call = *latest;
        let lends = match self.phase {
            Phase::Idle => true,
            Phase::Inside => cx.params().mutant == SuzukiKasamiMutant::LendsInside,
            Phase::Waiting => false,
        };
        if lends && self.token.as_ref().is_some_and(|token| token.awaits(from, call)) {
            self.send_token(Waiter { node: from, operation: call.operation }, cx);
        }
    }

    fn send_token(&mut self, to: Waiter, cx: &mut Context<'_, Self>) {
        let sent = match cx.params().mutant {
            SuzukiKasamiMutant::KeepsToken => self.token.clone(),
            _ => self.token.take(),
        };
        if let Some(token) = sent {
            cx.send_for(to.operation, to.node, SuzukiKasamiMessage::Privilege(token));
        }
    }

    fn enter(&mut self, cx: &mut Context<'_, Self>) {
        self.phase = Phase::Inside;
        cx.emit(Event::Granted);
    }
}

impl Privilege {
    /// Whether `call` of `node` is outstanding: `RN[j] = LN[j] + 1`.
    fn awaits(&self, node: NodeId, call: Call) -> bool {
        self.served[node.index()].checked_add(1) == Some(call.number)
    }
}

impl Algorithm for SuzukiKasami {
    type Family = Mutex;
    const NAME: &'static str = "SuzukiKasami";
    const ABOUT: &'static str = "a token that is broadcast for, with a queue that it carries";
    const SOURCE: &'static str = "Suzuki & Kasami, ACM TOCS 3(4), 1985";
    const COMPLEXITY: &'static str = "0 or N";
    const MUTANTS: &'static [Mutant] = mutants::SUZUKI_KASAMI;
    const UNPROMISED: &'static [&'static str] = &["RequestOrder"];
    const PROBES: &'static [&'static str] = &["outdated request"];
    const NEEDS: Needs = Needs {
        safety: &[Assumption::Reliable, Assumption::ClosedMembership],
        liveness: &[
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::NoPartition,
            Assumption::Uncorrupted,
        ],
    };

    /// 0 with the token; otherwise N-1 requests and the token.
    fn theory(nodes: u32, _params: &SuzukiKasamiParams) -> Theory {
        Theory::Between(0.0, if nodes > 1 { f64::from(nodes) } else { 0.0 })
    }

    fn check_params(params: &SuzukiKasamiParams, nodes: u32) -> Result<(), String> {
        if params.first.0 < nodes {
            return Ok(());
        }
        Err(format!("first: {} is not one of the {nodes} members", params.first))
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Algorithm, NodeId};

    use super::{Privilege, SuzukiKasami, SuzukiKasamiMessage as M, SuzukiKasamiParams, Waiter};
    use crate::mutex::Request::{Acquire, Release};
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn node(me: u32) -> Bench<SuzukiKasami> {
        Bench::boot(me, 3, SuzukiKasamiParams::default()).0
    }

    fn waiter(node: u32) -> Waiter {
        Waiter { node: NodeId(node), operation: operation(node) }
    }

    #[test]
    fn p1_who_has_the_token_enters_without_a_message() {
        let mut ada = node(0);
        for _ in 0..2 {
            assert_eq!(ada.request(Acquire), ["emit Granted"]);
            assert_eq!(ada.request(Release), NOTHING);
        }
    }

    #[test]
    fn p1_who_has_no_token_tells_everybody_the_number_of_its_request() {
        let mut bob = node(1);
        assert_eq!(
            bob.request(Acquire),
            ["n0 <- Request { number: 1 } for n1#0", "n2 <- Request { number: 1 } for n1#0"]
        );
        let token = Privilege { served: vec![0; 3], queue: Vec::new() };
        assert_eq!(bob.message(0, operation(1), M::Privilege(token)), ["emit Granted"]);
    }

    #[test]
    fn p2_an_idle_token_goes_to_who_asks_and_is_gone() {
        let mut ada = node(0);
        let sent = ada.message(2, operation(2), M::Request { number: 1 });
        assert_eq!(sent, ["n2 <- Privilege(Privilege { served: [0, 0, 0], queue: [] }) for n2#0"]);
        assert_eq!(ada.message(1, operation(1), M::Request { number: 1 }), NOTHING);
    }

    #[test]
    fn p2_a_request_that_was_served_is_recognised_by_its_number() {
        let mut ada = node(0);
        let token = Privilege { served: vec![0, 0, 4], queue: Vec::new() };
        ada.message(1, None, M::Privilege(token));
        assert_eq!(ada.message(2, operation(2), M::Request { number: 4 }), NOTHING);
        assert_eq!(ada.message(2, operation(2), M::Request { number: 5 }).len(), 1);
    }

    #[test]
    fn p1_the_release_queues_all_that_wait_and_the_first_gets_the_token_for_its_operation() {
        let mut bob = node(1);
        bob.request(Acquire);
        bob.message(2, operation(2), M::Request { number: 1 });
        bob.message(0, operation(0), M::Request { number: 1 });
        let token = Privilege { served: vec![0; 3], queue: vec![waiter(2)] };
        bob.message(0, operation(1), M::Privilege(token));
        let queue = vec![waiter(0)];
        let token = M::Privilege(Privilege { served: vec![0, 1, 0], queue });
        assert_eq!(bob.request(Release), [format!("n2 <- {token:?} for n2#0")]);
    }

    #[test]
    fn the_token_starts_once_at_a_member() {
        let params = SuzukiKasamiParams::default();
        let (mut rebooted, _) = Bench::<SuzukiKasami>::reboot(0, 3, params, 1);
        assert_eq!(rebooted.request(Acquire).len(), 2, "a reboot makes no other");
        let params = SuzukiKasamiParams { first: NodeId(3), ..Default::default() };
        let why = SuzukiKasami::check_params(&params, 3).expect_err("three members: 0, 1, 2");
        assert!(why.contains("first"), "{why}");
    }
}
