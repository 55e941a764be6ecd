//! An algorithm as a state machine.

use std::fmt::Debug;
use std::hash::Hash;

use crate::{Context, Durable, Message, NodeId};

/// What may be part of a run: comparable, hashable plain data.
///
/// `Eq + Hash` keeps nondeterminism out: a node that holds a `HashMap` or an `f64` does not compile.
pub trait Value: Clone + Eq + Hash + Debug + Send + Sync + 'static {}
impl<T: Clone + Eq + Hash + Debug + Send + Sync + 'static> Value for T {}

/// One node of an algorithm: a pure state machine. The value itself is its volatile state, which a
/// crash discards.
///
/// Handlers ask the world for things through the [`Context`]; they have no other way to affect or
/// learn anything. The same node is simulated, explored, fuzzed and run in a browser.
pub trait Node: Value {
    /// What is fixed for a run and the same for every node; read from the scenario.
    type Params: Value;
    /// What nodes say to each other.
    type Message: Message;
    /// An alarm's name. Setting the same timer again replaces it.
    type Timer: Value + Ord;
    /// What a client asks of its node. Shared by a family of algorithms.
    type Request: Value;
    /// What a node tells its client. Shared by a family of algorithms.
    type Event: Value;
    /// What survives a crash; `()` for crash-stop.
    type Durable: Durable;

    /// Boots the node, for the first time or after a crash.
    fn start(durable: &Self::Durable, cx: &mut Context<'_, Self>) -> Self;

    /// A message from `from` arrives.
    fn on_message(&mut self, from: NodeId, message: Self::Message, cx: &mut Context<'_, Self>);

    /// The client asks for something.
    ///
    /// # Panics
    /// Unless implemented: for nodes that take no requests.
    fn on_request(&mut self, request: Self::Request, cx: &mut Context<'_, Self>) {
        let _ = cx;
        panic!("this node takes no requests, and was asked for {request:?}");
    }

    /// A timer that this node set has expired.
    ///
    /// # Panics
    /// Unless implemented: for nodes that set no timers.
    fn on_timer(&mut self, timer: Self::Timer, cx: &mut Context<'_, Self>) {
        let _ = cx;
        panic!("this node does not handle timers, and set {timer:?}");
    }

    /// Whom this node is waiting for. Only ever used to explain in words why a request starved;
    /// no verdict depends on it.
    fn waits_for(&self) -> Vec<NodeId> {
        Vec::new()
    }
}
