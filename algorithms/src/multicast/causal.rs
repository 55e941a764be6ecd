//! Causal multicast by vector times.
//!
//! Kenneth Birman, André Schiper and Pat Stephenson, "Lightweight Causal and Atomic Group
//! Multicast", ACM Transactions on Computer Systems 9(3), 1991, section 5.1 (the CBCAST protocol
//! of one group).
//!
//! Every member counts the multicasts of each member that it has delivered, and nothing else. A
//! message carries its sender's counts, itself included. A receiver delivers a message of `i` once
//! it is the next of `i` and everything that `i` had delivered before is delivered here:
//! `m[i] = V[i]+1` and `m[k] <= V[k]` for all other `k`. Until then it is held back. N-1 messages a
//! multicast; links need not be FIFO.
//!
//! The variant `Notes` is the condition as some course notes have it, `m[k] <= V[k]+1`: it lets a
//! message overtake one that its sender had already delivered.
//!
//! Assumes nodes that do not crash and links that alter nothing; where links lose messages, what
//! depends on a lost one is held back for ever.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Parameter, Params,
    Theory, Variant,
};
use serde::Deserialize;

use super::{Event, Multicast, Request, mutants};

/// A member of the group.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CausalMulticast {
    /// How many multicasts of each member are delivered here.
    vector: Vec<u32>,
    /// Messages that came too early, by sender and the sender's own count.
    held: BTreeMap<(NodeId, u32), Held>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Held {
    vector: Vec<u32>,
    number: u32,
}

/// The one kind of message.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum CausalMulticastMessage {
    /// A message of the sender's.
    Multicast {
        /// The sender's counts, this message included.
        vector: Vec<u32>,
        /// The client's name for it.
        number: u32,
    },
}

/// The parameters of causal multicast.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct CausalMulticastParams {
    /// Which condition lets a message be delivered.
    pub variant: CausalMulticastVariant,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: CausalMulticastMutant,
}

/// Forms of the condition for delivery.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum CausalMulticastVariant {
    /// `m[k] <= V[k]` for all but the sender.
    #[default]
    Published,
    /// `m[k] <= V[k]+1`, as in some course notes.
    Notes,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum CausalMulticastMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Looks at the sender's own count alone.
    SenderOnly,
    /// Counts deliveries among its own multicasts, as a clock of all events would.
    CountsDeliveries,
    /// Looks once at what was held back, and not again when that has let more through.
    LooksOnce,
    /// Delivers again what it has delivered already.
    KeepsDuplicates,
}

impl Node for CausalMulticast {
    type Params = CausalMulticastParams;
    type Message = CausalMulticastMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        CausalMulticast { vector: cx.members().iter().map(|_| 0).collect(), held: BTreeMap::new() }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        let Request::Multicast { number } = request;
        let me = cx.me();
        self.vector[me.index()] += 1;
        cx.broadcast(CausalMulticastMessage::Multicast { vector: self.vector.clone(), number });
        cx.emit(Event::Delivered { from: me, number });
    }

    fn on_message(
        &mut self,
        from: NodeId,
        message: CausalMulticastMessage,
        cx: &mut Context<'_, Self>,
    ) {
        let CausalMulticastMessage::Multicast { vector, number } = message;
        let count = vector[from.index()];
        if count <= self.vector[from.index()] {
            if cx.params().mutant == CausalMulticastMutant::KeepsDuplicates {
                cx.emit(Event::Delivered { from, number });
            }
            return;
        }
        self.held.insert((from, count), Held { vector, number });
        while self.deliver_next(cx) {
            if cx.params().mutant == CausalMulticastMutant::LooksOnce {
                return;
            }
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        let lacking = |((from, count), held): (&(NodeId, u32), &Held)| {
            let behind = |(k, (theirs, ours)): (u32, (&u32, &u32))| {
                let needed = if k == from.0 { count.saturating_sub(1) } else { *theirs };
                (needed > *ours).then_some(NodeId(k))
            };
            (0..).zip(held.vector.iter().zip(&self.vector)).filter_map(behind).collect::<Vec<_>>()
        };
        let nodes: BTreeSet<NodeId> = self.held.iter().flat_map(lacking).collect();
        nodes.into_iter().collect()
    }
}

impl CausalMulticast {
    /// Delivers one of the held messages, if any may be.
    fn deliver_next(&mut self, cx: &mut Context<'_, Self>) -> bool {
        let params = cx.params();
        let ready =
            self.held.iter().find(|((from, _), held)| self.may_deliver(*from, held, params));
        let Some((&(from, count), _)) = ready else {
            return false;
        };
        let held = self.held.remove(&(from, count)).expect("just found");
        self.vector[from.index()] = count;
        if params.mutant == CausalMulticastMutant::CountsDeliveries {
            self.vector[cx.me().index()] += 1;
        }
        cx.emit(Event::Delivered { from, number: held.number });
        true
    }

    fn may_deliver(&self, from: NodeId, held: &Held, params: &CausalMulticastParams) -> bool {
        let slack = u32::from(params.variant == CausalMulticastVariant::Notes);
        let sender_only = params.mutant == CausalMulticastMutant::SenderOnly;
        (0..).zip(held.vector.iter().zip(&self.vector)).all(|(k, (theirs, ours))| {
            if k == from.0 {
                *theirs == ours.saturating_add(1)
            } else {
                sender_only || *theirs <= ours.saturating_add(slack)
            }
        })
    }
}

impl Algorithm for CausalMulticast {
    type Family = Multicast;
    const NAME: &'static str = "CausalMulticast";
    const ABOUT: &'static str = "messages carry counts of what their sender had delivered";
    const SOURCE: &'static str = "Birman, Schiper & Stephenson, TOCS 9(3), 1991";
    const COMPLEXITY: &'static str = "N-1";
    const MUTANTS: &'static [Mutant] = mutants::CAUSAL;
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::NoCrash,
            Assumption::ClosedMembership,
            Assumption::UniqueIds,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };
    const UNPROMISED: &'static [&'static str] = &["TotalOrder"];
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "notes",
        params: "variant: Notes",
        about: "delivers if m[k] <= V[k]+1: a message may overtake one that it depends on",
    }];

    fn theory(nodes: u32, _params: &CausalMulticastParams) -> Theory {
        Theory::Exactly(f64::from(nodes.saturating_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Node, NodeId};

    use super::{
        CausalMulticast, CausalMulticastMessage, CausalMulticastParams, CausalMulticastVariant,
    };
    use crate::multicast::Request::Multicast;
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn node(variant: CausalMulticastVariant) -> Bench<CausalMulticast> {
        Bench::boot(2, 3, CausalMulticastParams { variant, ..Default::default() }).0
    }

    fn hear(bench: &mut Bench<CausalMulticast>, from: u32, vector: [u32; 3]) -> Vec<String> {
        let message = CausalMulticastMessage::Multicast { vector: vector.into(), number: 7 };
        bench.message(from, operation(from), message)
    }

    /// Section 5.1, step 1: before sending, the sender increments its own entry.
    #[test]
    fn a_message_carries_the_counts_of_what_its_sender_has_delivered_and_itself() {
        let mut node = node(CausalMulticastVariant::Published);
        hear(&mut node, 0, [1, 0, 0]);
        let sent = node.request(Multicast { number: 3 });
        assert_eq!(sent[0], "n0 <- Multicast { vector: [1, 0, 1], number: 3 } for n2#0");
        assert_eq!(sent[2], "emit Delivered { from: n2, number: 3 }");
    }

    /// Section 5.1, step 2: delayed until all that its sender had delivered is delivered here.
    #[test]
    fn an_answer_waits_for_what_it_answers() {
        let mut node = node(CausalMulticastVariant::Published);
        assert_eq!(hear(&mut node, 1, [1, 1, 0]), NOTHING);
        assert_eq!(node.node.waits_for(), [NodeId(0)], "its first message is missing");
        assert_eq!(
            hear(&mut node, 0, [1, 0, 0]),
            ["emit Delivered { from: n0, number: 7 }", "emit Delivered { from: n1, number: 7 }"]
        );
    }

    #[test]
    fn messages_of_one_sender_keep_their_order_and_copies_are_dropped() {
        let mut node = node(CausalMulticastVariant::Published);
        assert_eq!(hear(&mut node, 1, [0, 2, 0]), NOTHING);
        assert_eq!(node.node.waits_for(), [NodeId(1)]);
        assert_eq!(hear(&mut node, 1, [0, 1, 0]).len(), 2);
        assert_eq!(hear(&mut node, 1, [0, 2, 0]), NOTHING);
    }

    #[test]
    fn the_notes_variant_delivers_the_answer_first() {
        let mut node = node(CausalMulticastVariant::Notes);
        assert_eq!(hear(&mut node, 1, [1, 1, 0]), ["emit Delivered { from: n1, number: 7 }"]);
        assert_eq!(hear(&mut node, 0, [1, 0, 0]), ["emit Delivered { from: n0, number: 7 }"]);
    }
}
