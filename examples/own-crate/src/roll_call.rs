//! The algorithm: one node asks all others, and is done when everybody has answered.
//!
//! A node is a pure state machine. It reacts to messages, to its client's requests and to timers,
//! and asks the world for things through `cx`; it has no other way to affect or learn anything.

use std::collections::BTreeSet;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Message, Needs, Node, NodeId, Params, Theory,
};
use serde::Deserialize;

use crate::assembly::{Assembly, Event, Request};

/// A node's volatile state: the roll call it is making, if any. A crash discards it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RollCall {
    round: u32,
    missing: BTreeSet<NodeId>,
}

/// What nodes say to each other. Each variant is a kind of message with its own counters.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum Say {
    Call { round: u32 },
    Here { round: u32 },
}

/// The alarms that a node can set. Setting one again replaces it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Timer {
    AskAgain,
}

/// What a scenario can choose: `algorithm: RollCall(patience: "200ms")`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long to wait before asking those again who have not answered.
    patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { patience: Duration::from_millis(100) }
    }
}

impl Node for RollCall {
    type Params = Settings;
    type Message = Say;
    type Timer = Timer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start(_durable: &(), _cx: &mut Context<'_, Self>) -> Self {
        RollCall { round: 0, missing: BTreeSet::new() }
    }

    fn on_request(&mut self, Request::CallTheRoll: Request, cx: &mut Context<'_, Self>) {
        self.round += 1;
        self.missing = cx.peers().collect();
        self.ask(cx);
    }

    fn on_message(&mut self, from: NodeId, message: Say, cx: &mut Context<'_, Self>) {
        match message {
            Say::Call { round } => {
                cx.emit(Event::Answered { to: from });
                cx.send(from, Say::Here { round });
            }
            // An answer to an earlier round may still be on its way: it says nothing about this one.
            Say::Here { round } if round == self.round => {
                if self.missing.remove(&from) && self.missing.is_empty() {
                    cx.cancel_timer(Timer::AskAgain);
                    cx.emit(Event::AllHere);
                }
            }
            Say::Here { .. } => {}
        }
    }

    fn on_timer(&mut self, Timer::AskAgain: Timer, cx: &mut Context<'_, Self>) {
        self.ask(cx);
    }
}

impl RollCall {
    fn ask(&mut self, cx: &mut Context<'_, Self>) {
        for &node in &self.missing {
            cx.send(node, Say::Call { round: self.round });
        }
        cx.set_timer(Timer::AskAgain, cx.params().patience);
    }
}

impl Algorithm for RollCall {
    type Family = Assembly;
    const NAME: &'static str = "RollCall";
    const ABOUT: &'static str = "Asks everybody, again and again, until everybody has answered";
    const SOURCE: &'static str = "yours";
    const COMPLEXITY: &'static str = "2(N-1)";
    const NEEDS: Needs = Needs { safety: &[], liveness: &[Assumption::NoCrash] };

    fn theory(nodes: u32, _params: &Settings) -> Theory {
        Theory::Exactly(2.0 * f64::from(nodes - 1))
    }
}
