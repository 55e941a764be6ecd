//! Totally ordered multicast by Lamport's timestamps and acknowledgements.
//!
//! Leslie Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
//! Communications of the ACM 21(7), 1978, "Ordering the Events Totally" (the queue of requests);
//! as a multicast in Tanenbaum & van Steen, Distributed Systems, section 6.2.1.
//!
//! A message carries its sender's logical time; everybody queues it and acknowledges it to
//! everybody. The message with the least stamp (time, ties by id) is delivered once something of
//! that time or later has been heard from everybody: nothing earlier can still be on its way.
//!
//! A multicast is N-1 messages, and each of the N-1 receivers sends N-1 acknowledgements (the
//! sender's own is the message itself): N(N-1). With `acks: Needed`, a member says nothing if it
//! has already sent everybody something later than the message: between N-1 and N(N-1).
//!
//! Assumes FIFO links that lose, repeat and alter nothing, and nodes that do not crash.

use std::collections::BTreeMap;

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Parameter, Params,
    Theory, Variant,
};
use serde::Deserialize;

use super::{Event, Multicast, Request, mutants};

/// A member of the group.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TotalOrderLamport {
    clock: u64,
    /// The stamp's time of the last message that went to everybody.
    said: u64,
    /// The latest time heard from each member; from oneself, whatever is needed.
    heard: Vec<u64>,
    /// Messages that are not delivered yet, by stamp; their numbers.
    queue: BTreeMap<(u64, NodeId), u32>,
}

/// Every message carries the sender's logical time.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum TotalOrderLamportMessage {
    /// A message of the sender's.
    Multicast {
        /// Its time; with the sender's id, its stamp.
        time: u64,
        /// The client's name for it.
        number: u32,
    },
    /// "Nothing earlier will come from me."
    Ack {
        /// The sender's clock.
        time: u64,
    },
}

/// The parameters of totally ordered multicast.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct TotalOrderLamportParams {
    /// When a message is acknowledged.
    pub acks: AckRule,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: TotalOrderLamportMutant,
}

/// When a message is acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum AckRule {
    /// Always.
    #[default]
    Always,
    /// Unless something later than the message went to everybody already.
    Needed,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum TotalOrderLamportMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Delivers what is first in the own queue without having heard from everybody.
    HeadOnly,
    /// Of two messages with equal time, delivers the own one first.
    OwnFirst,
    /// The highest-numbered peer gets no acknowledgements.
    ForgetsAck,
    /// Takes anything that it has ever heard from a member for something later.
    HearsAnything,
}

impl Node for TotalOrderLamport {
    type Params = TotalOrderLamportParams;
    type Message = TotalOrderLamportMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let me = cx.me();
        let heard = cx.members().iter().map(|id| if id == me { u64::MAX } else { 0 }).collect();
        TotalOrderLamport { clock: 0, said: 0, heard, queue: BTreeMap::new() }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        let Request::Multicast { number } = request;
        self.tick();
        self.said = self.clock;
        self.queue.insert((self.clock, cx.me()), number);
        cx.broadcast(TotalOrderLamportMessage::Multicast { time: self.clock, number });
        self.deliver(cx);
    }

    fn on_message(
        &mut self,
        from: NodeId,
        message: TotalOrderLamportMessage,
        cx: &mut Context<'_, Self>,
    ) {
        let (TotalOrderLamportMessage::Multicast { time, .. }
        | TotalOrderLamportMessage::Ack { time }) = message;
        self.clock = self.clock.max(time);
        self.tick();
        let heard = &mut self.heard[from.index()];
        *heard = (*heard).max(time);
        if let TotalOrderLamportMessage::Multicast { number, .. } = message {
            self.queue.insert((time, from), number);
            self.acknowledge((time, from), cx);
        }
        self.deliver(cx);
    }

    fn waits_for(&self) -> Vec<NodeId> {
        let Some((&(time, _), _)) = self.queue.first_key_value() else {
            return Vec::new();
        };
        let silent = |(id, heard): (u32, &u64)| (*heard < time).then_some(NodeId(id));
        (0..).zip(&self.heard).filter_map(silent).collect()
    }
}

impl TotalOrderLamport {
    /// Stays at the end of time: altered messages can lead there.
    fn tick(&mut self) {
        self.clock = self.clock.saturating_add(1);
    }

    fn acknowledge(&mut self, stamp: (u64, NodeId), cx: &mut Context<'_, Self>) {
        let served = (self.said, cx.me()) > stamp;
        if cx.params().acks == AckRule::Needed && served {
            return;
        }
        self.tick();
        self.said = self.clock;
        let mut told: Vec<NodeId> = cx.peers().collect();
        if cx.params().mutant == TotalOrderLamportMutant::ForgetsAck {
            told.pop();
        }
        for peer in told {
            cx.send(peer, TotalOrderLamportMessage::Ack { time: self.clock });
        }
    }

    /// Delivers from the head of the queue while nothing earlier can still come.
    fn deliver(&mut self, cx: &mut Context<'_, Self>) {
        let mutant = cx.params().mutant;
        let me = cx.me();
        while let Some((&(time, first), _)) = self.queue.first_key_value() {
            let needed = if mutant == TotalOrderLamportMutant::HearsAnything { 1 } else { time };
            let settled = cx.peers().all(|peer| self.heard[peer.index()] >= needed);
            if !settled && mutant != TotalOrderLamportMutant::HeadOnly {
                return;
            }
            let own_too = self.queue.contains_key(&(time, me));
            let own_first = mutant == TotalOrderLamportMutant::OwnFirst && own_too;
            let from = if own_first { me } else { first };
            let number = self.queue.remove(&(time, from)).expect("just found");
            cx.emit(Event::Delivered { from, number });
        }
    }
}

impl Algorithm for TotalOrderLamport {
    type Family = Multicast;
    const NAME: &'static str = "TotalOrderLamport";
    const ABOUT: &'static str = "everybody queues by logical time and acknowledges to everybody";
    const SOURCE: &'static str = "Lamport, CACM 21(7), 1978";
    const COMPLEXITY: &'static str = "N(N-1)";
    const MUTANTS: &'static [Mutant] = mutants::TOTAL_ORDER;
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
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "needed-acks",
        params: "acks: Needed",
        about: "no acknowledgement from who has already sent everybody something later",
    }];

    fn theory(nodes: u32, params: &TotalOrderLamportParams) -> Theory {
        let others = f64::from(nodes.saturating_sub(1));
        match params.acks {
            AckRule::Always => Theory::Exactly(f64::from(nodes) * others),
            AckRule::Needed => Theory::Between(others, f64::from(nodes) * others),
        }
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Node, NodeId};

    use super::{
        AckRule, TotalOrderLamport, TotalOrderLamportMessage as M, TotalOrderLamportParams,
    };
    use crate::multicast::Request::Multicast;
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn node(me: u32, acks: AckRule) -> Bench<TotalOrderLamport> {
        Bench::boot(me, 3, TotalOrderLamportParams { acks, ..Default::default() }).0
    }

    #[test]
    fn a_multicast_waits_at_home_until_everybody_has_acknowledged_it() {
        let mut ada = node(0, AckRule::Always);
        assert_eq!(
            ada.request(Multicast { number: 5 }),
            [
                "n1 <- Multicast { time: 1, number: 5 } for n0#0",
                "n2 <- Multicast { time: 1, number: 5 } for n0#0"
            ]
        );
        assert_eq!(ada.node.waits_for(), [NodeId(1), NodeId(2)]);
        assert_eq!(ada.message(1, operation(0), M::Ack { time: 3 }), NOTHING);
        assert_eq!(ada.node.waits_for(), [NodeId(2)]);
        let delivered = ada.message(2, operation(0), M::Ack { time: 3 });
        assert_eq!(delivered, ["emit Delivered { from: n0, number: 5 }"]);
    }

    #[test]
    fn a_receiver_acknowledges_to_everybody_and_the_message_speaks_for_its_sender() {
        let mut bob = node(1, AckRule::Always);
        assert_eq!(
            bob.message(0, operation(0), M::Multicast { time: 4, number: 5 }),
            ["n0 <- Ack { time: 6 } for n0#0", "n2 <- Ack { time: 6 } for n0#0"]
        );
        assert_eq!(bob.node.waits_for(), [NodeId(2)], "ada has spoken");
        let delivered = bob.message(2, operation(0), M::Ack { time: 7 });
        assert_eq!(delivered, ["emit Delivered { from: n0, number: 5 }"]);
    }

    #[test]
    fn messages_of_equal_time_are_delivered_in_the_order_of_ids() {
        let mut cyd = node(2, AckRule::Always);
        cyd.request(Multicast { number: 9 });
        cyd.message(1, operation(1), M::Multicast { time: 1, number: 8 });
        let delivered = cyd.message(0, operation(0), M::Multicast { time: 1, number: 7 });
        let events: Vec<_> = delivered.iter().filter(|line| line.starts_with("emit")).collect();
        assert_eq!(
            events,
            [
                "emit Delivered { from: n0, number: 7 }",
                "emit Delivered { from: n1, number: 8 }",
                "emit Delivered { from: n2, number: 9 }"
            ]
        );
    }

    #[test]
    fn who_has_said_something_later_need_not_acknowledge() {
        let mut bob = node(1, AckRule::Needed);
        bob.request(Multicast { number: 9 });
        let ada = M::Multicast { time: 1, number: 7 };
        assert_eq!(bob.message(0, operation(0), ada), NOTHING, "(1, n1) comes after (1, n0)");
        let cyd = M::Multicast { time: 1, number: 8 };
        let acks = bob.message(2, operation(2), cyd);
        assert_eq!(acks[0], "n0 <- Ack { time: 4 } for n2#0", "(1, n1) comes before (1, n2)");
    }
}
