//! One coordinator decides who is inside.
//!
//! The folklore algorithm, as in Andrew S. Tanenbaum and Maarten van Steen, "Distributed Systems",
//! section "Mutual exclusion: a centralized algorithm": ask the coordinator, be granted, tell it
//! when you leave. The coordinator keeps a queue in order of arrival.
//!
//! The coordinator is a member with a client of its own, whose entries cost no message. Requests
//! are granted in order of arrival. That is the order of happened-before only because nodes tell
//! each other nothing else: with other messages between them it is not (Lamport, CACM 1978).
//!
//! Assumes links that lose, repeat and alter nothing, and nodes that do not crash: the
//! coordinator remembers nothing of its queue after a restart.

use std::collections::VecDeque;

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Operation, Parameter,
    Params, Theory,
};
use serde::Deserialize;

use super::{Event, Mutex, Request, mutants};

/// A node of the centralised algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Centralised {
    phase: Phase,
    role: Role,
}

/// Where this node's client stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Idle,
    Waiting,
    Inside,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Coordinator(Desk),
    Participant { coordinator: NodeId },
}

/// What the coordinator knows.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Desk {
    holder: Option<NodeId>,
    /// Who waits, first come first, and for which operation.
    queue: VecDeque<(NodeId, Option<Operation>)>,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum CentralisedMessage {
    /// To the coordinator: "May I enter?"
    Request,
    /// From the coordinator: "Enter."
    Grant,
    /// To the coordinator: "I have left."
    Release,
}

/// Who coordinates.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct CentralisedParams {
    /// The node that decides; the first by default.
    pub coordinator: NodeId,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: CentralisedMutant,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum CentralisedMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Grants whenever nobody queues, whoever is inside.
    IgnoresHolder,
    /// Does not serve the queue at a release.
    ForgetsQueue,
    /// Grants the next two in the queue at a release.
    GrantsTwo,
}

impl Node for Centralised {
    type Params = CentralisedParams;
    type Message = CentralisedMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let coordinator = cx.params().coordinator;
        let role = if coordinator == cx.me() {
            Role::Coordinator(Desk::default())
        } else {
            Role::Participant { coordinator }
        };
        Centralised { phase: Phase::Idle, role }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        let message = match (request, self.phase) {
            (Request::Acquire, Phase::Idle) => {
                self.phase = Phase::Waiting;
                CentralisedMessage::Request
            }
            (Request::Release, Phase::Inside) => {
                self.phase = Phase::Idle;
                CentralisedMessage::Release
            }
            // A client that asks twice waits once; a rebooted node has nothing to release.
            (Request::Acquire, Phase::Waiting | Phase::Inside)
            | (Request::Release, Phase::Idle | Phase::Waiting) => return,
        };
        match self.role {
            Role::Coordinator(_) => self.coordinate(cx.me(), message, cx),
            Role::Participant { coordinator } => cx.send(coordinator, message),
        }
    }

    fn on_message(
        &mut self,
        from: NodeId,
        message: CentralisedMessage,
        cx: &mut Context<'_, Self>,
    ) {
        match message {
            CentralisedMessage::Request | CentralisedMessage::Release => {
                self.coordinate(from, message, cx);
            }
            CentralisedMessage::Grant => self.enter(cx),
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        match &self.role {
            Role::Participant { coordinator } if self.phase == Phase::Waiting => vec![*coordinator],
            Role::Coordinator(desk) if !desk.queue.is_empty() => desk.holder.into_iter().collect(),
            Role::Participant { .. } | Role::Coordinator(_) => Vec::new(),
        }
    }
}

impl Centralised {
    /// The coordinator hears from `from`, which may be itself.
    fn coordinate(
        &mut self,
        from: NodeId,
        message: CentralisedMessage,
        cx: &mut Context<'_, Self>,
    ) {
        let Role::Coordinator(desk) = &mut self.role else {
            return;
        };
        let mutant = cx.params().mutant;
        let free = match message {
            CentralisedMessage::Request => {
                let overlooked =
                    mutant == CentralisedMutant::IgnoresHolder && desk.queue.is_empty();
                desk.queue.push_back((from, cx.operation()));
                desk.holder.is_none() || overlooked
            }
            CentralisedMessage::Release if desk.holder == Some(from) => {
                desk.holder = None;
                mutant != CentralisedMutant::ForgetsQueue
            }
            CentralisedMessage::Release | CentralisedMessage::Grant => false,
        };
        if free {
            self.grant_next(cx);
            let left = message == CentralisedMessage::Release;
            if left && mutant == CentralisedMutant::GrantsTwo {
                self.grant_next(cx);
            }
        }
    }

    fn grant_next(&mut self, cx: &mut Context<'_, Self>) {
        let Role::Coordinator(desk) = &mut self.role else {
            return;
        };
        let Some((next, operation)) = desk.queue.pop_front() else {
            return;
        };
        desk.holder = Some(next);
        if next == cx.me() {
            self.enter(cx);
        } else {
            cx.send_for(operation, next, CentralisedMessage::Grant);
        }
    }

    fn enter(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase == Phase::Waiting {
            self.phase = Phase::Inside;
            cx.emit(Event::Granted);
        }
    }
}

impl Algorithm for Centralised {
    type Family = Mutex;
    const NAME: &'static str = "Centralised";
    const ABOUT: &'static str = "one coordinator with a queue";
    const SOURCE: &'static str = "Tanenbaum & van Steen, Distributed Systems";
    const COMPLEXITY: &'static str = "3 (0 for the coordinator's own)";
    const MUTANTS: &'static [Mutant] = mutants::CENTRALISED;
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::ClosedMembership,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };

    /// 3 for a participant's entry, 0 for the coordinator's own.
    fn theory(nodes: u32, _params: &CentralisedParams) -> Theory {
        if nodes > 1 { Theory::Between(0.0, 3.0) } else { Theory::Exactly(0.0) }
    }

    fn check_params(params: &CentralisedParams, nodes: u32) -> Result<(), String> {
        if params.coordinator.0 < nodes {
            return Ok(());
        }
        Err(format!("coordinator: {} is not one of the {nodes} members", params.coordinator))
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Algorithm, Node, NodeId};

    use super::{Centralised, CentralisedMessage as M, CentralisedParams};
    use crate::mutex::Request::{Acquire, Release};
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn node(me: u32) -> Bench<Centralised> {
        Bench::boot(me, 3, CentralisedParams::default()).0
    }

    #[test]
    fn a_participant_asks_the_coordinator_enters_on_its_word_and_tells_it() {
        let mut bob = node(1);
        assert_eq!(bob.request(Acquire), ["n0 <- Request for n1#0"]);
        assert_eq!(bob.node.waits_for(), [NodeId(0)]);
        assert_eq!(bob.message(0, operation(1), M::Grant), ["emit Granted"]);
        assert_eq!(bob.message(0, operation(1), M::Grant), NOTHING, "a repeated grant is one");
        assert_eq!(bob.request(Release), ["n0 <- Release for n1#0"]);
    }

    #[test]
    fn the_coordinator_grants_in_order_of_arrival_each_for_its_own_operation() {
        let mut desk = node(0);
        assert_eq!(desk.message(2, operation(2), M::Request), ["n2 <- Grant for n2#0"]);
        assert_eq!(desk.message(1, operation(1), M::Request), NOTHING);
        assert_eq!(desk.message(2, operation(2), M::Release), ["n1 <- Grant for n1#0"]);
        assert_eq!(desk.message(2, operation(2), M::Release), NOTHING, "who is not inside");
    }

    #[test]
    fn the_coordinators_own_entries_cost_no_message() {
        let mut desk = node(0);
        assert_eq!(desk.request(Acquire), ["emit Granted"]);
        assert_eq!(desk.message(1, operation(1), M::Request), NOTHING);
        assert_eq!(desk.request(Release), ["n1 <- Grant for n1#0"]);
    }

    #[test]
    fn a_coordinator_that_is_no_member_is_refused() {
        let params = CentralisedParams { coordinator: NodeId(3), ..Default::default() };
        let why = Centralised::check_params(&params, 3).expect_err("three members: 0, 1, 2");
        assert!(why.contains("coordinator"), "{why}");
        assert_eq!(Centralised::check_params(&CentralisedParams::default(), 3), Ok(()));
    }
}
