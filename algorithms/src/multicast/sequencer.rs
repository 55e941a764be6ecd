//! Totally ordered multicast by a fixed sequencer.
//!
//! Frans Kaashoek, Andrew Tanenbaum, Susan Flynn Hummel and Henri Bal, "An Efficient Reliable
//! Broadcast Protocol", ACM Operating Systems Review 23(4), 1989; its two forms are named as in
//! Xavier Défago, André Schiper and Péter Urbán, "Total Order Broadcast and Multicast Algorithms:
//! Taxonomy and Survey", ACM Computing Surveys 36(4), 2004, section 4.1.
//!
//! One member gives every message its position in the one order of all; everybody delivers by
//! position and holds back what came too early.
//!
//! | form | who sends what | messages |
//! |---|---|---|
//! | `UnicastBroadcast` | the sender to the sequencer, the sequencer everything to everybody | N; N-1 if the sequencer sends |
//! | `BroadcastBroadcast` | the sender to everybody, the sequencer the position to everybody | 2(N-1); N-1 if the sequencer sends |
//!
//! Assumes links that lose, repeat and alter nothing, and nodes that do not crash, the sequencer
//! above all. Links may reorder, but then messages of one sender may be given positions in another
//! order than they were sent: the order is total, and neither FIFO nor causal.

use std::collections::BTreeMap;

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Parameter, Params,
    Theory, Variant,
};
use serde::Deserialize;

use super::{Event, Multicast, Request, mutants};

/// A member of the group.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Sequencer {
    role: Role,
    /// How many messages are delivered here.
    delivered: u32,
    /// What has a position beyond those, by position.
    placed: BTreeMap<u32, (NodeId, Named)>,
    /// Messages that have no position yet, by sender and ordinal; their numbers.
    unplaced: BTreeMap<(NodeId, u32), u32>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    /// Gives positions.
    Sequencer {
        /// How many are given.
        given: u32,
    },
    /// Asks for them.
    Member {
        /// How many messages it has sent.
        sent: u32,
    },
}

/// What is known of a message that has a position.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Named {
    /// The message itself.
    Number(u32),
    /// Which of its sender's it is; the message comes from the sender.
    Ordinal(u32),
}

/// What members say to each other.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum SequencerMessage {
    /// To the sequencer: "a position for this, please".
    Submit {
        /// The client's name for the message.
        number: u32,
    },
    /// From the sequencer: a message with its position.
    Placed {
        /// The position, from 1.
        position: u32,
        /// Whose message.
        from: NodeId,
        /// The client's name for it.
        number: u32,
    },
    /// From a sender to everybody: a message that the sequencer will place.
    Data {
        /// Which of the sender's messages it is, from 1.
        ordinal: u32,
        /// The client's name for it.
        number: u32,
    },
    /// From the sequencer: the position of a message that came from its sender.
    Position {
        /// The position, from 1.
        position: u32,
        /// Whose message.
        from: NodeId,
        /// Which of its sender's.
        ordinal: u32,
    },
}

/// The parameters of the sequencer.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct SequencerParams {
    /// Who gives the positions.
    pub sequencer: NodeId,
    /// Who broadcasts what.
    pub form: SequencerForm,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: SequencerMutant,
}

/// Who broadcasts what.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum SequencerForm {
    /// The sender tells the sequencer, which broadcasts the message with its position.
    #[default]
    UnicastBroadcast,
    /// The sender broadcasts the message, the sequencer its position.
    BroadcastBroadcast,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum SequencerMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Delivers on arrival, whatever the position.
    IgnoresPosition,
    /// Delivers its own messages at once.
    OwnAtOnce,
    /// The sequencer gives its own messages no position of their own.
    SharesPosition,
    /// Takes whatever has come of a sender for what was given a position (form BroadcastBroadcast).
    AnyOrdinal,
}

impl Node for Sequencer {
    type Params = SequencerParams;
    type Message = SequencerMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let sequencer = cx.me() == cx.params().sequencer;
        Sequencer {
            role: if sequencer { Role::Sequencer { given: 0 } } else { Role::Member { sent: 0 } },
            delivered: 0,
            placed: BTreeMap::new(),
            unplaced: BTreeMap::new(),
        }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        let Request::Multicast { number } = request;
        let (me, params) = (cx.me(), cx.params());
        match (&mut self.role, params.form) {
            (Role::Sequencer { .. }, _) => self.place(me, number, cx),
            (Role::Member { .. }, SequencerForm::UnicastBroadcast) => {
                cx.send(params.sequencer, SequencerMessage::Submit { number });
            }
            (Role::Member { sent }, SequencerForm::BroadcastBroadcast) => {
                *sent += 1;
                cx.broadcast(SequencerMessage::Data { ordinal: *sent, number });
                self.unplaced.insert((me, *sent), number);
                self.deliver(cx);
            }
        }
        if params.mutant == SequencerMutant::OwnAtOnce && me != params.sequencer {
            cx.emit(Event::Delivered { from: me, number });
        }
    }

    fn on_message(&mut self, from: NodeId, message: SequencerMessage, cx: &mut Context<'_, Self>) {
        match message {
            SequencerMessage::Submit { number } => self.place(from, number, cx),
            SequencerMessage::Data { ordinal, number } => {
                self.unplaced.insert((from, ordinal), number);
                if let Some(position) = self.next_position() {
                    cx.broadcast(SequencerMessage::Position { position, from, ordinal });
                    self.placed.insert(position, (from, Named::Ordinal(ordinal)));
                }
                self.deliver(cx);
            }
            SequencerMessage::Placed { position, from, number } => {
                self.accept(position, from, Named::Number(number), cx);
            }
            SequencerMessage::Position { position, from, ordinal } => {
                self.accept(position, from, Named::Ordinal(ordinal), cx);
            }
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        let next = self.placed.first_key_value();
        let absent = next.filter(|(position, _)| **position == self.delivered.saturating_add(1));
        absent.map(|(_, (from, _))| *from).into_iter().collect()
    }
}

impl Sequencer {
    /// A position, if this is the sequencer.
    fn next_position(&mut self) -> Option<u32> {
        let Role::Sequencer { given } = &mut self.role else {
            return None;
        };
        *given += 1;
        Some(*given)
    }

    /// The sequencer sends everybody a message with its position.
    fn place(&mut self, from: NodeId, number: u32, cx: &mut Context<'_, Self>) {
        let shared = cx.params().mutant == SequencerMutant::SharesPosition && from == cx.me();
        let Some(position) = self.next_position() else {
            return;
        };
        cx.broadcast(SequencerMessage::Placed { position, from, number });
        self.placed.insert(position, (from, Named::Number(number)));
        self.deliver(cx);
        if let (true, Role::Sequencer { given }) = (shared, &mut self.role) {
            *given -= 1;
        }
    }

    fn accept(&mut self, position: u32, from: NodeId, named: Named, cx: &mut Context<'_, Self>) {
        if cx.params().mutant == SequencerMutant::IgnoresPosition {
            if let Some(number) = self.number(from, named, cx) {
                self.emit(from, number, cx);
            }
            return;
        }
        if position > self.delivered {
            self.placed.insert(position, (from, named));
            self.deliver(cx);
        }
    }

    /// The message itself, if it is here; it is forgotten then.
    fn number(&mut self, from: NodeId, named: Named, cx: &Context<'_, Self>) -> Option<u32> {
        match named {
            Named::Ordinal(_) if cx.params().mutant == SequencerMutant::AnyOrdinal => {
                let key = *self.unplaced.range((from, 0)..=(from, u32::MAX)).next()?.0;
                self.unplaced.remove(&key)
            }
            Named::Number(number) => Some(number),
            Named::Ordinal(ordinal) => self.unplaced.remove(&(from, ordinal)),
        }
    }

    /// Delivers what is next in the order of positions.
    fn deliver(&mut self, cx: &mut Context<'_, Self>) {
        while let Some(next) = self.delivered.checked_add(1)
            && let Some(&(from, named)) = self.placed.get(&next)
            && let Some(number) = self.number(from, named, cx)
        {
            self.placed.remove(&next);
            self.delivered = next;
            self.emit(from, number, cx);
        }
    }

    fn emit(&self, from: NodeId, number: u32, cx: &mut Context<'_, Self>) {
        let early = cx.params().mutant == SequencerMutant::OwnAtOnce;
        if !(early && from == cx.me() && matches!(self.role, Role::Member { .. })) {
            cx.emit(Event::Delivered { from, number });
        }
    }
}

impl Algorithm for Sequencer {
    type Family = Multicast;
    const NAME: &'static str = "Sequencer";
    const ABOUT: &'static str = "one member gives every message its position";
    const SOURCE: &'static str =
        "Kaashoek et al., OSR 23(4), 1989; Défago et al., CSUR 36(4), 2004";
    const COMPLEXITY: &'static str = "N (UB) or 2(N-1) (BB); N-1 from the sequencer itself";
    const MUTANTS: &'static [Mutant] = mutants::SEQUENCER;
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::ClosedMembership,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };
    const UNPROMISED: &'static [&'static str] = &["FifoOrder", "CausalOrder"];
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "broadcast-broadcast",
        params: "form: BroadcastBroadcast",
        about: "the sender broadcasts the message, the sequencer only its position: 2(N-1) messages",
    }];

    /// A member's multicast costs the most, the sequencer's own the least.
    fn theory(nodes: u32, params: &SequencerParams) -> Theory {
        let others = f64::from(nodes.saturating_sub(1));
        match params.form {
            _ if nodes < 2 => Theory::Exactly(0.0),
            SequencerForm::UnicastBroadcast => Theory::Between(others, others + 1.0),
            SequencerForm::BroadcastBroadcast => Theory::Between(others, 2.0 * others),
        }
    }

    fn check_params(params: &SequencerParams, nodes: u32) -> Result<(), String> {
        if params.sequencer.0 < nodes {
            return Ok(());
        }
        Err(format!("sequencer: {} is not one of the {nodes} members", params.sequencer))
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Algorithm, NodeId};

    use super::{Sequencer, SequencerForm, SequencerMessage as M, SequencerParams};
    use crate::multicast::Request::Multicast;
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn node(me: u32, form: SequencerForm) -> Bench<Sequencer> {
        Bench::boot(me, 3, SequencerParams { form, ..Default::default() }).0
    }

    #[test]
    fn a_member_asks_for_a_position_and_delivers_at_it() {
        let mut bob = node(1, SequencerForm::UnicastBroadcast);
        assert_eq!(bob.request(Multicast { number: 5 }), ["n0 <- Submit { number: 5 } for n1#0"]);
        let own = M::Placed { position: 2, from: NodeId(1), number: 5 };
        assert_eq!(bob.message(0, operation(1), own.clone()), NOTHING, "position 1 is missing");
        let first = M::Placed { position: 1, from: NodeId(2), number: 9 };
        assert_eq!(
            bob.message(0, operation(2), first),
            ["emit Delivered { from: n2, number: 9 }", "emit Delivered { from: n1, number: 5 }"]
        );
        assert_eq!(bob.message(0, operation(1), own), NOTHING, "a copy");
    }

    #[test]
    fn the_sequencer_places_in_order_of_arrival_and_tells_everybody() {
        let mut ada = node(0, SequencerForm::UnicastBroadcast);
        assert_eq!(
            ada.message(1, operation(1), M::Submit { number: 5 }),
            [
                "n1 <- Placed { position: 1, from: n1, number: 5 } for n1#0",
                "n2 <- Placed { position: 1, from: n1, number: 5 } for n1#0",
                "emit Delivered { from: n1, number: 5 }"
            ]
        );
        let own = ada.request(Multicast { number: 1 });
        assert_eq!(own[0], "n1 <- Placed { position: 2, from: n0, number: 1 } for n0#0");
    }

    #[test]
    fn in_the_other_form_the_message_comes_from_its_sender_and_the_position_from_the_sequencer() {
        let mut cyd = node(2, SequencerForm::BroadcastBroadcast);
        let position = M::Position { position: 1, from: NodeId(1), ordinal: 1 };
        assert_eq!(cyd.message(0, operation(1), position), NOTHING, "of what?");
        assert_eq!(
            cyd.message(1, operation(1), M::Data { ordinal: 1, number: 5 }),
            ["emit Delivered { from: n1, number: 5 }"]
        );
        let mut ada = node(0, SequencerForm::BroadcastBroadcast);
        let placed = ada.message(1, operation(1), M::Data { ordinal: 1, number: 5 });
        assert_eq!(placed[0], "n1 <- Position { position: 1, from: n1, ordinal: 1 } for n1#0");
        assert_eq!(placed.len(), 3, "{placed:?}");
    }

    #[test]
    fn a_sequencer_that_is_no_member_is_refused() {
        let params = SequencerParams { sequencer: NodeId(3), ..Default::default() };
        let why = Sequencer::check_params(&params, 3).expect_err("three members: 0, 1, 2");
        assert!(why.starts_with("sequencer: "), "{why}");
    }
}
