//! Clients: who asks which node for what, and when.

use crate::{Draws, Duration, KeptWorkload, NodeId, Operation, Time};

/// The clients of a run, one beside each node, as one state machine outside the system.
///
/// Clients are part of the experiment, not of the algorithm: they may read true time. A client's
/// identity is its node's. They are a value (derive `Clone` and `Hash`), because an explorer goes on
/// from one state in several ways.
pub trait Workload<R, E>: KeptWorkload<R, E> + Send + Sync {
    /// The client's node is up for the first time.
    fn on_start(&mut self, client: NodeId, cx: &mut Client<'_, R>);

    /// The node tells its client something.
    fn on_event(&mut self, client: NodeId, event: &E, cx: &mut Client<'_, R>);

    /// A wake-up that was asked for by [`Client::wake`] is due.
    fn on_wake(&mut self, client: NodeId, tag: u64, cx: &mut Client<'_, R>);

    /// The node is down: it never saw this request.
    fn on_refused(&mut self, client: NodeId, request: R, cx: &mut Client<'_, R>);

    /// The node has restarted; what it was doing for the client is lost.
    fn on_restart(&mut self, client: NodeId, cx: &mut Client<'_, R>);

    /// No client will ask for anything new: the workload is exhausted.
    fn finished(&self) -> bool;
}

/// What a client wants done. Drivers carry it out after the client's handler, in order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Action<R> {
    /// An operation begins now: its latency runs from here.
    Begin(Operation),
    /// Ask the node; counted for the operation.
    Request(Operation, R),
    /// The operation is done: its latency ends here. Messages that are attributed to it later
    /// still count for it.
    Complete(Operation),
    /// Call `on_wake` after this long in true time.
    Wake(Duration, u64),
}

/// A client's hands during one of its handlers.
#[derive(Debug)]
pub struct Client<'a, R> {
    client: NodeId,
    now: Time,
    draws: &'a mut Draws,
    begun: &'a mut u32,
    actions: &'a mut Vec<Action<R>>,
}

impl<'a, R> Client<'a, R> {
    /// For drivers: the hands of `client`, which has begun `begun` operations so far.
    pub fn new(
        client: NodeId,
        now: Time,
        draws: &'a mut Draws,
        begun: &'a mut u32,
        actions: &'a mut Vec<Action<R>>,
    ) -> Self {
        Client { client, now, draws, begun, actions }
    }

    /// True time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// This client's own stream of random numbers.
    pub fn draws(&mut self) -> &mut Draws {
        self.draws
    }

    /// Begins a new operation.
    pub fn begin(&mut self) -> Operation {
        let operation = Operation { client: self.client, number: *self.begun };
        *self.begun += 1;
        self.actions.push(Action::Begin(operation));
        operation
    }

    /// Asks the node for something, on behalf of `operation`.
    pub fn request(&mut self, operation: Operation, request: R) {
        self.actions.push(Action::Request(operation, request));
    }

    /// Marks `operation` as done.
    pub fn complete(&mut self, operation: Operation) {
        self.actions.push(Action::Complete(operation));
    }

    /// Has `on_wake` called with `tag` after this long in true time.
    pub fn wake(&mut self, after: Duration, tag: u64) {
        self.actions.push(Action::Wake(after, tag));
    }
}
