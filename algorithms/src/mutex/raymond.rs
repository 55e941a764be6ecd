//! Raymond's algorithm: a token in a tree, every node knowing in which direction it is.
//!
//! Kerry Raymond, "A Tree-Based Algorithm for Distributed Mutual Exclusion", ACM Transactions on
//! Computer Systems 7(1), 1989, sections 2 and 3.
//!
//! `HOLDER` points at the neighbour through which the privilege is reached, or at the node itself.
//! A node asks its holder for the privilege once, on behalf of itself and of the neighbours in its
//! queue, and passes it on to the first in the queue. An entry alone costs twice the distance to
//! the privilege; saturated, the privilege walks round the tree, and each of the N-1 edges carries
//! two requests and two privileges for N entries.
//!
//! ```text
//!   a client wants in ..... queue itself    ┐
//!   REQUEST from X ........ queue X         ├ then ASSIGN_PRIVILEGE, then MAKE_REQUEST
//!   PRIVILEGE ............. HOLDER := self  │
//!   a client leaves ....... USING := false  ┘
//!   ASSIGN_PRIVILEGE: HOLDER = self, not USING, queue not empty: HOLDER := first of the queue,
//!                     ASKED := false; if that is this node, enter; else send it the PRIVILEGE
//!   MAKE_REQUEST:     HOLDER ≠ self, queue not empty, not ASKED: send it a REQUEST, ASKED := true
//! ```
//!
//! Assumes exactly one privilege: links that lose, repeat and alter nothing (they may reorder), and
//! nodes that do not crash: the paper's recovery of a crashed node (section 5) is absent.

use std::collections::VecDeque;

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Parameter, Params,
    Theory, Variant,
};
use serde::Deserialize;

use super::waiter::Waiter;
use super::{Event, Mutex, Request, mutants};

/// A node of Raymond's algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Raymond {
    holder: NodeId,
    using: bool,
    asked: bool,
    /// Neighbours and this node itself, each at most once, and for which operation.
    queue: VecDeque<Waiter>,
}

/// What neighbours say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum RaymondMessage {
    /// To the holder: "Send me the privilege."
    Request,
    /// The token.
    Privilege,
}

/// The tree and where the privilege starts.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct RaymondParams {
    /// The shape of the tree.
    pub shape: RaymondShape,
    /// The node that has the privilege at its first boot; the first by default.
    pub first: NodeId,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: RaymondMutant,
}

/// A tree over the members.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum RaymondShape {
    /// Balanced and binary: the children of node i are 2i+1 and 2i+2.
    #[default]
    Binary,
    /// Everybody is a neighbour of the first node alone.
    Star,
    /// Each node is a neighbour of the next.
    Line,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum RaymondMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Goes on believing that it has the privilege that it passes on.
    KeepsPrivilege,
    /// Passes the privilege on from inside.
    LendsInside,
    /// Does not ask for the privilege back when it passes it on and others wait.
    ForgetsToAsk,
}

impl RaymondShape {
    /// The neighbour of `from` that is next on the way to `to`; `from` itself if it is there.
    pub fn next_hop(self, from: NodeId, to: NodeId) -> NodeId {
        match self {
            _ if from == to => from,
            RaymondShape::Line if from < to => NodeId(from.0 + 1),
            RaymondShape::Line => NodeId(from.0 - 1),
            RaymondShape::Star if from == NodeId(0) => to,
            RaymondShape::Star => NodeId(0),
            RaymondShape::Binary => {
                // Up from the goal: either its path meets this node from below, or passes it by.
                let mut below = to;
                while let Some(parent) = parent(below) {
                    if parent == from {
                        return below;
                    }
                    below = parent;
                }
                parent(from).expect("the root is on every way up")
            }
        }
    }

    /// How many edges lie between two nodes.
    pub fn distance(self, from: NodeId, to: NodeId) -> u32 {
        let (mut at, mut hops) = (from, 0);
        while at != to {
            at = self.next_hop(at, to);
            hops += 1;
        }
        hops
    }

    /// The greatest distance between two of `nodes` members.
    pub fn diameter(self, nodes: u32) -> u32 {
        let last = nodes.saturating_sub(1);
        match self {
            RaymondShape::Line => last,
            RaymondShape::Star => last.min(2),
            RaymondShape::Binary => {
                // The deepest node of the left half is the first of the last level.
                let depth = nodes.max(1).ilog2();
                let deepest = NodeId((1 << depth) - 1);
                let farthest = (0..nodes).map(|node| self.distance(deepest, NodeId(node))).max();
                farthest.unwrap_or(0)
            }
        }
    }
}

/// The parent in the binary tree.
fn parent(node: NodeId) -> Option<NodeId> {
    node.0.checked_sub(1).map(|before| NodeId(before / 2))
}

impl Node for Raymond {
    type Params = RaymondParams;
    type Message = RaymondMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    /// A rebooted first node does not know where the privilege is, and must not make another.
    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let RaymondParams { shape, first, .. } = *cx.params();
        let (me, again) = (cx.me(), cx.incarnation() > 0);
        let towards = if again && me == first { cx.peers().next().unwrap_or(me) } else { first };
        let holder = shape.next_hop(me, towards);
        Raymond { holder, using: false, asked: false, queue: VecDeque::new() }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        let me = cx.me();
        match request {
            Request::Acquire if !self.using && !self.is_queued(me) => self.enqueue(me, cx),
            Request::Release if self.using => self.using = false,
            // A client that asks twice waits once; a rebooted node has nothing to release.
            Request::Acquire | Request::Release => return,
        }
        self.proceed(cx);
    }

    fn on_message(&mut self, from: NodeId, message: RaymondMessage, cx: &mut Context<'_, Self>) {
        match message {
            RaymondMessage::Request => self.enqueue(from, cx),
            RaymondMessage::Privilege => self.holder = cx.me(),
        }
        self.proceed(cx);
    }

    fn waits_for(&self) -> Vec<NodeId> {
        let waits = !self.using && !self.queue.is_empty();
        if waits { vec![self.holder] } else { Vec::new() }
    }
}

impl Raymond {
    fn is_queued(&self, node: NodeId) -> bool {
        self.queue.iter().any(|waiter| waiter.node == node)
    }

    fn enqueue(&mut self, node: NodeId, cx: &Context<'_, Self>) {
        self.queue.push_back(Waiter { node, operation: cx.operation() });
    }

    fn proceed(&mut self, cx: &mut Context<'_, Self>) {
        let passed_on = self.assign_privilege(cx);
        if !(passed_on && cx.params().mutant == RaymondMutant::ForgetsToAsk) {
            self.make_request(cx);
        }
    }

    /// ASSIGN_PRIVILEGE; whether the privilege went to a neighbour.
    fn assign_privilege(&mut self, cx: &mut Context<'_, Self>) -> bool {
        let (me, mutant) = (cx.me(), cx.params().mutant);
        let using = self.using && mutant != RaymondMutant::LendsInside;
        if self.holder != me || using {
            return false;
        }
        let Some(next) = self.queue.pop_front() else {
            return false;
        };
        self.asked = false;
        if next.node == me {
            self.using = true;
            cx.emit(Event::Granted);
            return false;
        }
        if mutant != RaymondMutant::KeepsPrivilege {
            self.holder = next.node;
        }
        cx.send_for(next.operation, next.node, RaymondMessage::Privilege);
        true
    }

    /// MAKE_REQUEST, counted for who is first in the queue.
    fn make_request(&mut self, cx: &mut Context<'_, Self>) {
        let Some(first) = self.queue.front() else {
            return;
        };
        if self.holder != cx.me() && !self.asked {
            self.asked = true;
            cx.send_for(first.operation, self.holder, RaymondMessage::Request);
        }
    }
}

impl Algorithm for Raymond {
    type Family = Mutex;
    const NAME: &'static str = "Raymond";
    const ABOUT: &'static str = "a token in a tree whose edges point at it";
    const SOURCE: &'static str = "Raymond, ACM TOCS 7(1), 1989";
    const COMPLEXITY: &'static str = "0..2·diameter: ~log N light, 4(N-1)/N saturated";
    const MUTANTS: &'static [Mutant] = mutants::RAYMOND;
    const UNPROMISED: &'static [&'static str] = &["RequestOrder"];
    const VARIANTS: &'static [Variant] = &[
        Variant { name: "star", params: "shape: Star", about: "one hub, everybody else a leaf" },
        Variant { name: "line", params: "shape: Line", about: "each node next to the following" },
    ];
    const NEEDS: Needs = Needs {
        safety: &[Assumption::Reliable, Assumption::ClosedMembership],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };

    /// A request goes along a simple path, and the privilege comes back along it.
    fn theory(nodes: u32, params: &RaymondParams) -> Theory {
        Theory::Between(0.0, 2.0 * f64::from(params.shape.diameter(nodes)))
    }

    fn check_params(params: &RaymondParams, nodes: u32) -> Result<(), String> {
        if params.first.0 < nodes {
            return Ok(());
        }
        Err(format!("first: {} is not one of the {nodes} members", params.first))
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Algorithm, Node, NodeId, Theory};

    use super::RaymondShape::{Binary, Line, Star};
    use super::{Raymond, RaymondMessage as M, RaymondParams};
    use crate::mutex::Request::{Acquire, Release};
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    /// In the binary tree of seven: 0 above 1 and 2, 1 above 3 and 4, 2 above 5 and 6.
    fn node(me: u32) -> Bench<Raymond> {
        Bench::boot(me, 7, RaymondParams::default()).0
    }

    #[test]
    fn section_3_a_request_goes_towards_the_holder_once() {
        let mut bob = node(1);
        assert_eq!(bob.message(3, operation(3), M::Request), ["n0 <- Request for n3#0"]);
        assert_eq!(bob.message(4, operation(4), M::Request), NOTHING, "already asked");
        assert_eq!(bob.request(Acquire), NOTHING);
        assert_eq!(bob.node.waits_for(), [NodeId(0)]);
    }

    #[test]
    fn section_3_the_privilege_goes_to_the_first_in_the_queue_and_is_asked_back_for_the_next() {
        let mut bob = node(1);
        bob.message(3, operation(3), M::Request);
        bob.request(Acquire);
        assert_eq!(
            bob.message(0, operation(3), M::Privilege),
            ["n3 <- Privilege for n3#0", "n3 <- Request for n1#0"]
        );
        assert_eq!(bob.message(3, operation(1), M::Privilege), ["emit Granted"]);
        assert_eq!(bob.message(0, operation(5), M::Request), NOTHING, "inside");
        assert_eq!(bob.request(Release), ["n0 <- Privilege for n5#0"]);
    }

    #[test]
    fn section_3_who_holds_the_idle_privilege_enters_without_a_message() {
        let mut root = node(0);
        assert_eq!(root.request(Acquire), ["emit Granted"]);
        assert_eq!(root.request(Release), NOTHING);
    }

    #[test]
    fn a_rebooted_first_node_makes_no_other_privilege() {
        let (mut root, _) = Bench::<Raymond>::reboot(0, 7, RaymondParams::default(), 1);
        assert_eq!(root.request(Acquire), ["n1 <- Request for n0#0"]);
    }

    #[test]
    fn the_shapes_are_trees_with_the_diameters_of_theirs() {
        for shape in [Binary, Star, Line] {
            for nodes in 1..=20 {
                let ids = || (0..nodes).map(NodeId);
                let pairs = || ids().flat_map(|a| ids().map(move |b| (a, b)));
                let edges = pairs().filter(|&(a, b)| shape.distance(a, b) == 1).count();
                assert_eq!(edges as u32, 2 * (nodes - 1), "{shape:?} {nodes}, both ways");
                let farthest = pairs().map(|(a, b)| shape.distance(a, b)).max();
                assert_eq!(Some(shape.diameter(nodes)), farthest, "{shape:?} {nodes}");
            }
        }
        let params = RaymondParams::default();
        assert_eq!(Raymond::theory(7, &params), Theory::Between(0.0, 8.0));
        let params = RaymondParams { first: NodeId(7), ..params };
        assert!(Raymond::check_params(&params, 7).is_err());
    }
}
