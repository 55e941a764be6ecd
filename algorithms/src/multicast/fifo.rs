//! FIFO multicast.
//!
//! Vassos Hadzilacos and Sam Toueg, "A Modular Approach to Fault-Tolerant Broadcasts and Related
//! Problems", Cornell TR 94-1425, 1994, section 3.2 ("FIFO Broadcast"), over plain sends.
//!
//! A sender numbers its messages; a receiver delivers each sender's in the order of the numbers,
//! and holds back what has overtaken its predecessors. N-1 messages a multicast.
//!
//! Assumes nodes that do not crash and links that alter nothing; where links lose messages, what
//! comes behind a lost one is held back for ever. Links may reorder and repeat.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Parameter, Params, Theory,
};
use serde::Deserialize;

use super::{Event, Multicast, Request, mutants};

/// A member of the group.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FifoMulticast {
    /// How many messages of each member are delivered here; of one's own, how many were sent.
    delivered: Vec<u32>,
    /// Messages that have overtaken their predecessors, by sender and sequence number.
    held: BTreeMap<(NodeId, u32), u32>,
}

/// The one kind of message.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum FifoMulticastMessage {
    /// A message of the sender's.
    Multicast {
        /// Which of the sender's messages it is, from 1.
        sequence: u32,
        /// The client's name for it.
        number: u32,
    },
}

/// FIFO multicast has nothing to set.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct FifoMulticastParams {
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: FifoMulticastMutant,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum FifoMulticastMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Delivers whatever is new on arrival.
    SkipsGaps,
    /// Delivers again what it has delivered already.
    KeepsDuplicates,
    /// Delivers only what has just arrived: what was held back waits for the next arrival.
    ForgetsHeld,
}

impl Node for FifoMulticast {
    type Params = FifoMulticastParams;
    type Message = FifoMulticastMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        FifoMulticast { delivered: cx.members().iter().map(|_| 0).collect(), held: BTreeMap::new() }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        let Request::Multicast { number } = request;
        let me = cx.me();
        let sent = &mut self.delivered[me.index()];
        *sent += 1;
        cx.broadcast(FifoMulticastMessage::Multicast { sequence: *sent, number });
        cx.emit(Event::Delivered { from: me, number });
    }

    fn on_message(
        &mut self,
        from: NodeId,
        message: FifoMulticastMessage,
        cx: &mut Context<'_, Self>,
    ) {
        let FifoMulticastMessage::Multicast { sequence, number } = message;
        let mutant = cx.params().mutant;
        let delivered = &mut self.delivered[from.index()];
        if sequence <= *delivered {
            if mutant == FifoMulticastMutant::KeepsDuplicates {
                cx.emit(Event::Delivered { from, number });
            }
            return;
        }
        if mutant == FifoMulticastMutant::SkipsGaps {
            *delivered = sequence;
            return cx.emit(Event::Delivered { from, number });
        }
        self.held.insert((from, sequence), number);
        self.release(from, cx);
    }

    fn waits_for(&self) -> Vec<NodeId> {
        let senders: BTreeSet<NodeId> = self.held.keys().map(|(from, _)| *from).collect();
        senders.into_iter().collect()
    }
}

impl FifoMulticast {
    /// Delivers the messages of `from` that are next in turn.
    fn release(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        let delivered = &mut self.delivered[from.index()];
        while let Some(next) = delivered.checked_add(1)
            && let Some(number) = self.held.remove(&(from, next))
        {
            *delivered = next;
            cx.emit(Event::Delivered { from, number });
            if cx.params().mutant == FifoMulticastMutant::ForgetsHeld {
                return;
            }
        }
    }
}

impl Algorithm for FifoMulticast {
    type Family = Multicast;
    const NAME: &'static str = "FifoMulticast";
    const ABOUT: &'static str = "each sender numbers its messages; what overtakes is held back";
    const SOURCE: &'static str = "Hadzilacos & Toueg, Cornell TR 94-1425, 1994";
    const COMPLEXITY: &'static str = "N-1";
    const MUTANTS: &'static [Mutant] = mutants::FIFO;
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::NoCrash,
            Assumption::ClosedMembership,
            Assumption::UniqueIds,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };
    const UNPROMISED: &'static [&'static str] = &["CausalOrder", "TotalOrder"];

    fn theory(nodes: u32, _params: &FifoMulticastParams) -> Theory {
        Theory::Exactly(f64::from(nodes.saturating_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Node, NodeId};

    use super::{FifoMulticast, FifoMulticastMessage as M, FifoMulticastParams};
    use crate::multicast::Request::Multicast;
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn node() -> Bench<FifoMulticast> {
        Bench::boot(1, 3, FifoMulticastParams::default()).0
    }

    #[test]
    fn a_multicast_goes_to_everybody_and_is_delivered_at_home_at_once() {
        assert_eq!(
            node().request(Multicast { number: 7 }),
            [
                "n0 <- Multicast { sequence: 1, number: 7 } for n1#0",
                "n2 <- Multicast { sequence: 1, number: 7 } for n1#0",
                "emit Delivered { from: n1, number: 7 }"
            ]
        );
    }

    #[test]
    fn what_has_overtaken_its_predecessor_is_held_back_and_then_follows_it() {
        let mut node = node();
        let second = node.message(0, operation(0), M::Multicast { sequence: 2, number: 8 });
        assert_eq!(second, NOTHING);
        assert_eq!(node.node.waits_for(), [NodeId(0)]);
        assert_eq!(
            node.message(0, operation(0), M::Multicast { sequence: 1, number: 7 }),
            ["emit Delivered { from: n0, number: 7 }", "emit Delivered { from: n0, number: 8 }"]
        );
        assert!(node.node.waits_for().is_empty());
    }

    #[test]
    fn senders_do_not_wait_for_each_other_and_copies_are_dropped() {
        let mut node = node();
        node.message(0, operation(0), M::Multicast { sequence: 2, number: 8 });
        let other = M::Multicast { sequence: 1, number: 3 };
        let delivered = node.message(2, operation(2), other.clone());
        assert_eq!(delivered, ["emit Delivered { from: n2, number: 3 }"]);
        assert_eq!(node.message(2, operation(2), other), NOTHING);
    }
}
