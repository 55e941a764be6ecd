//! Roucairol and Carvalho's algorithm: Ricart and Agrawala's, with permissions that last.
//!
//! Osvaldo S. F. Carvalho and Gérard Roucairol, "On Mutual Exclusion in Computer Networks"
//! (technical correspondence, with Ricart and Agrawala's reply), Communications of the ACM 26(2),
//! 1983.
//!
//! A permission, once received, is kept until the other asks for it: a node that enters again while
//! nobody else wants in asks nobody. For every pair of nodes at most one has the other's
//! permission. A node that waits gives its permission up to an earlier request, and asks again.
//!
//! Assumes links that lose, repeat and alter nothing (they may reorder) and nodes that do not
//! crash. As with Ricart and Agrawala's algorithm, the order of happened-before is not promised.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Operation, Parameter,
    Params, Theory,
};
use serde::Deserialize;

use super::{Event, Mutex, Request, Stamp, mutants};

/// A node of Roucairol and Carvalho's algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RoucairolCarvalho {
    /// The highest number seen in any request, own or received.
    highest: u64,
    phase: Phase,
    /// Whose permission this node does not have; the paper's `A` has that of all others.
    missing: BTreeSet<NodeId>,
    /// Who is owed a permission at the release, and for which operation.
    deferred: BTreeMap<NodeId, Option<Operation>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Idle,
    Waiting {
        /// The outstanding request.
        request: Stamp,
        /// What it was made for: a permission that is given up is asked for again.
        operation: Option<Operation>,
    },
    Inside,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum RoucairolCarvalhoMessage {
    /// "May I enter?"
    Request {
        /// The request's sequence number; the sender's id breaks ties.
        number: u64,
    },
    /// "As far as I am concerned, enter, until I ask."
    Reply,
}

/// Roucairol and Carvalho's algorithm has nothing to set.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct RoucairolCarvalhoParams {
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: RoucairolCarvalhoMutant,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum RoucairolCarvalhoMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Does not ask again for a permission that it gave up while waiting.
    ForgetsToAskAgain,
    /// Goes on using a permission that it gave up while it wanted nothing.
    KeepsPermission,
    /// Goes on using the permissions of those whose requests it deferred.
    KeepsDeferred,
    /// Requests of equal number are not ordered by id.
    NoTieBreak,
    /// Gives permissions from inside.
    RepliesInside,
}

impl Node for RoucairolCarvalho {
    type Params = RoucairolCarvalhoParams;
    type Message = RoucairolCarvalhoMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        RoucairolCarvalho {
            highest: 0,
            phase: Phase::Idle,
            missing: cx.peers().collect(),
            deferred: BTreeMap::new(),
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
        message: RoucairolCarvalhoMessage,
        cx: &mut Context<'_, Self>,
    ) {
        match message {
            RoucairolCarvalhoMessage::Request { number } => {
                self.highest = self.highest.max(number);
                if self.defers(Stamp { time: number, node: from }, cx) {
                    self.deferred.insert(from, cx.operation());
                } else {
                    self.permit(from, cx);
                }
            }
            RoucairolCarvalhoMessage::Reply => {
                self.missing.remove(&from);
                self.enter_if_allowed(cx);
            }
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        match self.phase {
            Phase::Waiting { .. } => self.missing.iter().copied().collect(),
            Phase::Idle | Phase::Inside => Vec::new(),
        }
    }
}

impl RoucairolCarvalho {
    fn acquire(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase != Phase::Idle {
            return;
        }
        // Altered requests can lead to the last number; it stays there.
        self.highest = self.highest.saturating_add(1);
        let request = Stamp { time: self.highest, node: cx.me() };
        self.phase = Phase::Waiting { request, operation: cx.operation() };
        for &peer in &self.missing {
            cx.send(peer, RoucairolCarvalhoMessage::Request { number: request.time });
        }
        self.enter_if_allowed(cx);
    }

    /// A rebooted node has nothing to release.
    fn release(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase != Phase::Inside {
            return;
        }
        self.phase = Phase::Idle;
        for (peer, operation) in std::mem::take(&mut self.deferred) {
            if cx.params().mutant != RoucairolCarvalhoMutant::KeepsDeferred {
                self.missing.insert(peer);
            }
            cx.send_for(operation, peer, RoucairolCarvalhoMessage::Reply);
        }
    }

    /// Inside, or waiting with an earlier request.
    fn defers(&self, theirs: Stamp, cx: &Context<'_, Self>) -> bool {
        let mutant = cx.params().mutant;
        let tie_break = mutant != RoucairolCarvalhoMutant::NoTieBreak;
        match self.phase {
            Phase::Idle => false,
            Phase::Inside => mutant != RoucairolCarvalhoMutant::RepliesInside,
            Phase::Waiting { request, .. } => request.before(theirs, tie_break),
        }
    }

    /// Lets `peer` go first, and asks for its permission again if that was relied on.
    fn permit(&mut self, peer: NodeId, cx: &mut Context<'_, Self>) {
        let mutant = cx.params().mutant;
        cx.send(peer, RoucairolCarvalhoMessage::Reply);
        if self.phase == Phase::Idle && mutant == RoucairolCarvalhoMutant::KeepsPermission {
            return;
        }
        let had = self.missing.insert(peer);
        if let Phase::Waiting { request, operation } = self.phase
            && had
            && mutant != RoucairolCarvalhoMutant::ForgetsToAskAgain
        {
            let again = RoucairolCarvalhoMessage::Request { number: request.time };
            cx.send_for(operation, peer, again);
        }
    }

    fn enter_if_allowed(&mut self, cx: &mut Context<'_, Self>) {
        if matches!(self.phase, Phase::Waiting { .. }) && self.missing.is_empty() {
            self.phase = Phase::Inside;
            cx.emit(Event::Granted);
        }
    }
}

impl Algorithm for RoucairolCarvalho {
    type Family = Mutex;
    const NAME: &'static str = "RoucairolCarvalho";
    const ABOUT: &'static str = "Ricart-Agrawala with permissions that last until asked for";
    const SOURCE: &'static str = "Carvalho & Roucairol, CACM 26(2), 1983";
    const COMPLEXITY: &'static str = "0..2(N-1)";
    const MUTANTS: &'static [Mutant] = mutants::ROUCAIROL_CARVALHO;
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

    /// Two for every permission that is asked for.
    fn theory(nodes: u32, _params: &RoucairolCarvalhoParams) -> Theory {
        Theory::Between(0.0, 2.0 * f64::from(nodes.saturating_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Node, NodeId};

    use super::{RoucairolCarvalho, RoucairolCarvalhoMessage as M, RoucairolCarvalhoParams};
    use crate::mutex::Request::{Acquire, Release};
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn node(me: u32) -> Bench<RoucairolCarvalho> {
        Bench::boot(me, 3, RoucairolCarvalhoParams::default()).0
    }

    /// Node `me` after an entry of its own: it has everybody's permission.
    fn permitted(me: u32) -> Bench<RoucairolCarvalho> {
        let mut node = node(me);
        node.request(Acquire);
        for peer in (0..3).filter(|&peer| peer != me) {
            node.message(peer, operation(me), M::Reply);
        }
        assert_eq!(node.request(Release), NOTHING);
        node
    }

    #[test]
    fn a_first_entry_asks_everybody_and_the_next_nobody() {
        let mut ada = node(0);
        assert_eq!(
            ada.request(Acquire),
            ["n1 <- Request { number: 1 } for n0#0", "n2 <- Request { number: 1 } for n0#0"]
        );
        assert_eq!(ada.message(1, operation(0), M::Reply), NOTHING);
        assert_eq!(ada.node.waits_for(), [NodeId(2)]);
        assert_eq!(ada.message(2, operation(0), M::Reply), ["emit Granted"]);
        assert_eq!(ada.request(Release), NOTHING);
        assert_eq!(ada.request(Acquire), ["emit Granted"]);
    }

    #[test]
    fn a_permission_is_given_up_to_who_asks_and_then_asked_for() {
        let mut ada = permitted(0);
        let asked = ada.message(1, operation(1), M::Request { number: 5 });
        assert_eq!(asked, ["n1 <- Reply for n1#0"]);
        assert_eq!(ada.request(Acquire), ["n1 <- Request { number: 6 } for n0#0"]);
    }

    #[test]
    fn who_waits_gives_way_to_an_earlier_request_and_asks_again_for_its_own_operation() {
        let mut bob = permitted(1);
        bob.message(2, operation(2), M::Request { number: 4 });
        bob.request(Acquire);
        assert_eq!(
            bob.message(0, operation(0), M::Request { number: 5 }),
            ["n0 <- Reply for n0#0", "n0 <- Request { number: 5 } for n1#0"]
        );
        assert_eq!(bob.node.waits_for(), [NodeId(0), NodeId(2)]);
    }

    #[test]
    fn who_waits_defers_a_later_request_to_its_release() {
        let mut bob = permitted(1);
        bob.message(2, operation(2), M::Request { number: 4 });
        bob.request(Acquire);
        assert_eq!(bob.message(0, operation(0), M::Request { number: 6 }), NOTHING);
        assert_eq!(bob.message(2, operation(1), M::Reply), ["emit Granted"]);
        assert_eq!(bob.request(Release), ["n0 <- Reply for n0#0"]);
        assert_eq!(bob.request(Acquire), ["n0 <- Request { number: 7 } for n1#0"]);
    }
}
