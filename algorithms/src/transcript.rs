//! For unit tests: drives one node by hand and shows what it did as lines of text.

use seedbed_node::{
    Context, Effect, Environment, LocalTime, Members, Node, NodeId, Operation, Recorder,
};

/// A node under test, with everything around it.
pub struct Bench<N: Node> {
    /// The node.
    pub node: N,
    me: NodeId,
    members: Members,
    params: N::Params,
    incarnation: u32,
    clock: LocalTime,
}

/// The first operation of `client`.
pub fn operation(client: u32) -> Option<Operation> {
    Some(Operation { client: NodeId(client), number: 0 })
}

impl<N: Node> Bench<N> {
    /// Boots node `me` of `members`; what booting does is shown beside it.
    pub fn boot(me: u32, members: u32, params: N::Params) -> (Self, Vec<String>) {
        Self::reboot(me, members, params, 0)
    }

    /// The same for a later incarnation.
    pub fn reboot(
        me: u32,
        members: u32,
        params: N::Params,
        incarnation: u32,
    ) -> (Self, Vec<String>) {
        Self::recover(&N::Durable::default(), me, members, params, incarnation)
    }

    /// The same from what an earlier incarnation left on disk.
    pub fn recover(
        durable: &N::Durable,
        me: u32,
        members: u32,
        params: N::Params,
        incarnation: u32,
    ) -> (Self, Vec<String>) {
        let (me, members) = (NodeId(me), Members(members));
        let environment = Environment { me, members, incarnation, operation: None };
        let mut recorder = Recorder::default();
        let node = N::start(durable, &mut Context::new(environment, &params, &mut recorder));
        let clock = LocalTime(0);
        (Bench { node, me, members, params, incarnation, clock }, shown(&recorder.effects))
    }

    /// Sets what both clocks read from now on, in nanoseconds.
    pub fn at(&mut self, clock_ns: i64) -> &mut Self {
        self.clock = LocalTime(clock_ns);
        self
    }

    fn handle(
        &mut self,
        operation: Option<Operation>,
        handler: impl FnOnce(&mut N, &mut Context<'_, N>),
    ) -> Vec<String> {
        let (me, members, incarnation) = (self.me, self.members, self.incarnation);
        let environment = Environment { me, members, incarnation, operation };
        let mut recorder = Recorder::default();
        recorder.clock = self.clock;
        handler(&mut self.node, &mut Context::new(environment, &self.params, &mut recorder));
        shown(&recorder.effects)
    }

    /// The client's request, for its first operation.
    pub fn request(&mut self, request: N::Request) -> Vec<String> {
        let operation = operation(self.me.0);
        self.handle(operation, |node, cx| node.on_request(request, cx))
    }

    /// A message that is counted for `operation`.
    pub fn message(
        &mut self,
        from: u32,
        operation: Option<Operation>,
        message: N::Message,
    ) -> Vec<String> {
        self.handle(operation, |node, cx| node.on_message(NodeId(from), message, cx))
    }

    /// A timer.
    pub fn timer(&mut self, timer: N::Timer) -> Vec<String> {
        self.handle(None, |node, cx| node.on_timer(timer, cx))
    }
}

fn shown<N: Node>(effects: &[Effect<N>]) -> Vec<String> {
    let line = |effect: &Effect<N>| match effect {
        Effect::Send { to, message, operation: Some(operation) } => {
            format!("{to} <- {message:?} for {operation:?}")
        }
        Effect::Send { to, message, operation: None } => format!("{to} <- {message:?}"),
        Effect::SetTimer { timer, after } => format!("set {timer:?} {after}"),
        Effect::CancelTimer { timer } => format!("cancel {timer:?}"),
        Effect::Write { record, forced: true } => format!("force {record:?}"),
        Effect::Write { record, forced: false } => format!("write {record:?}"),
        Effect::AdjustClock { by, over } => format!("adjust {by} over {over}"),
        Effect::Emit(event) => format!("emit {event:?}"),
    };
    effects.iter().map(line).collect()
}
