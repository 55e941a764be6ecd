//! How a node speaks to the world: the [`Context`] in its hands, the [`Driver`] behind it.

use crate::{Draws, Durable, Duration, LocalTime, Members, Node, NodeId, Operation};

/// What a handler asks of the world, in order. The driver decides what comes true.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Effect<N: Node> {
    /// Send a message.
    Send {
        /// The destination. Oneself is allowed: the next event, uncounted.
        to: NodeId,
        /// What to say.
        message: N::Message,
        /// The operation that the message is counted for; `None` is background traffic.
        operation: Option<Operation>,
    },
    /// Have `on_timer` called once the monotonic clock has advanced by `after`.
    SetTimer {
        /// Its name; an armed timer of the same name is replaced.
        timer: N::Timer,
        /// How long, on this node's monotonic clock.
        after: Duration,
    },
    /// Disarm a timer; nothing happens if it is not armed.
    CancelTimer {
        /// Its name.
        timer: N::Timer,
    },
    /// Append a record to the durable log.
    Write {
        /// The record.
        record: <N::Durable as Durable>::Write,
        /// Whether it must be durable before any later effect.
        forced: bool,
    },
    /// Correct this node's wall clock. The monotonic clock and timers do not move.
    AdjustClock {
        /// How far, in nanoseconds; positive is forward.
        by: i64,
        /// Zero steps at once; otherwise the correction is spread (slewed) over this long.
        over: Duration,
    },
    /// Tell the client something.
    Emit(N::Event),
}

/// The world behind a [`Context`]: answers what a node may ask and interprets its effects.
///
/// Absent on purpose: true time, other nodes, the network's state.
pub trait Driver<N: Node> {
    /// Takes one effect, in the order in which the handler asked.
    fn effect(&mut self, effect: Effect<N>);
    /// Takes [`Effect::Send`], the most frequent one; a driver may have a shorter way for it.
    #[inline]
    fn send(&mut self, to: NodeId, message: N::Message, operation: Option<Operation>) {
        self.effect(Effect::Send { to, message, operation });
    }
    /// This node's wall clock: offset, drift, steps and slews.
    fn wall(&mut self) -> LocalTime;
    /// This node's monotonic clock: drift only.
    fn monotonic(&mut self) -> LocalTime;
    /// A number below `bound`: drawn when simulating, enumerated when exploring.
    fn choose(&mut self, bound: u32) -> u32;
    /// A rare path of the algorithm was taken: of interest only to who collects coverage.
    #[inline]
    fn reached(&mut self, probe: &'static str) {
        let _ = probe;
    }
}

/// What is fixed for one activation of a handler.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Environment {
    /// This node.
    pub me: NodeId,
    /// The membership.
    pub members: Members,
    /// How often this node had been booted before, from 0 (as an operating system's boot counter).
    pub incarnation: u32,
    /// The operation of the message, request or timer that is being handled.
    pub operation: Option<Operation>,
}

/// A node's window on the world, valid during one handler.
pub struct Context<'a, N: Node> {
    environment: Environment,
    params: &'a N::Params,
    driver: &'a mut dyn Driver<N>,
}

impl<'a, N: Node> Context<'a, N> {
    /// For drivers: a window for one activation.
    #[inline]
    pub fn new(
        environment: Environment,
        params: &'a N::Params,
        driver: &'a mut dyn Driver<N>,
    ) -> Self {
        Context { environment, params, driver }
    }

    /// For wrappers that hand the inner node a context of its own.
    #[inline]
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// This node's id.
    #[inline]
    pub fn me(&self) -> NodeId {
        self.environment.me
    }

    /// All members, this node included, in ascending order.
    #[inline]
    pub fn members(&self) -> Members {
        self.environment.members
    }

    /// All members but this node, in ascending order.
    #[inline]
    pub fn peers(&self) -> impl DoubleEndedIterator<Item = NodeId> + Clone + use<N> {
        let me = self.environment.me;
        self.environment.members.iter().filter(move |&node| node != me)
    }

    /// What is fixed for the run.
    #[inline]
    pub fn params(&self) -> &'a N::Params {
        self.params
    }

    /// How often this node had been booted before, from 0.
    #[inline]
    pub fn incarnation(&self) -> u32 {
        self.environment.incarnation
    }

    /// The operation of what is being handled.
    #[inline]
    pub fn operation(&self) -> Option<Operation> {
        self.environment.operation
    }

    /// This node's wall clock: offset, drift, steps and slews.
    #[inline]
    pub fn wall(&mut self) -> LocalTime {
        self.driver.wall()
    }

    /// This node's monotonic clock: drift only. Its epoch is the start of the run.
    #[inline]
    pub fn monotonic(&mut self) -> LocalTime {
        self.driver.monotonic()
    }

    /// A number below `bound`, from this node's own stream when simulating, each in turn when
    /// exploring.
    ///
    /// # Panics
    /// If `bound` is 0.
    #[inline]
    pub fn choose(&mut self, bound: u32) -> u32 {
        assert!(bound > 0, "choose needs at least one alternative");
        self.driver.choose(bound)
    }

    /// Sends `message` to `to`, counted for the operation that is being handled, if any.
    #[inline]
    pub fn send(&mut self, to: NodeId, message: N::Message) {
        self.driver.send(to, message, self.environment.operation);
    }

    /// Sends `message` to `to`, counted for `operation`: for replies that were deferred past the
    /// handler that they answer.
    #[inline]
    pub fn send_for(&mut self, operation: Option<Operation>, to: NodeId, message: N::Message) {
        self.driver.send(to, message, operation);
    }

    /// Sends `message` to every peer, in ascending order.
    pub fn broadcast(&mut self, message: N::Message) {
        for peer in self.peers() {
            self.send(peer, message.clone());
        }
    }

    /// Has `on_timer(timer)` called once the monotonic clock has advanced by `after`. An armed
    /// timer of the same name is replaced.
    #[inline]
    pub fn set_timer(&mut self, timer: N::Timer, after: Duration) {
        self.driver.effect(Effect::SetTimer { timer, after });
    }

    /// Disarms `timer`, if armed.
    #[inline]
    pub fn cancel_timer(&mut self, timer: N::Timer) {
        self.driver.effect(Effect::CancelTimer { timer });
    }

    /// Appends a record lazily: durable at the next forced write; a crash keeps a prefix.
    #[inline]
    pub fn write(&mut self, record: <N::Durable as Durable>::Write) {
        self.driver.effect(Effect::Write { record, forced: false });
    }

    /// Appends a record that is durable before any later effect.
    #[inline]
    pub fn force(&mut self, record: <N::Durable as Durable>::Write) {
        self.driver.effect(Effect::Write { record, forced: true });
    }

    /// Steps this node's wall clock by `by` nanoseconds.
    #[inline]
    pub fn step_clock(&mut self, by: i64) {
        self.driver.effect(Effect::AdjustClock { by, over: Duration::ZERO });
    }

    /// Slews this node's wall clock by `by` nanoseconds, spread over `over`.
    #[inline]
    pub fn slew_clock(&mut self, by: i64, over: Duration) {
        self.driver.effect(Effect::AdjustClock { by, over });
    }

    /// Tells the client something.
    #[inline]
    pub fn emit(&mut self, event: N::Event) {
        self.driver.effect(Effect::Emit(event));
    }

    /// Notes that a rare path was taken: `probe` is one of
    /// [`Algorithm::PROBES`](crate::Algorithm::PROBES). Nothing comes of it but a count in the
    /// coverage of a hunt.
    #[inline]
    pub fn reached(&mut self, probe: &'static str) {
        self.driver.reached(probe);
    }

    /// Passes an effect on as it is: for wrappers.
    #[inline]
    pub fn effect(&mut self, effect: Effect<N>) {
        self.driver.effect(effect);
    }
}

/// A driver that keeps what a handler asked for: for unit tests of a node.
#[derive(Debug)]
pub struct Recorder<N: Node> {
    /// The effects, in order.
    pub effects: Vec<Effect<N>>,
    /// What `wall` and `monotonic` answer.
    pub clock: LocalTime,
    draws: Draws,
}

impl<N: Node> Default for Recorder<N> {
    fn default() -> Self {
        Recorder { effects: Vec::new(), clock: LocalTime(0), draws: Draws::keyed(0) }
    }
}

impl<N: Node> Recorder<N> {
    /// Runs `handler` with a context for `me` among `members` and returns the effects it had.
    pub fn record(
        &mut self,
        me: NodeId,
        members: Members,
        params: &N::Params,
        handler: impl FnOnce(&mut Context<'_, N>),
    ) -> Vec<Effect<N>> {
        let environment = Environment { me, members, incarnation: 0, operation: None };
        handler(&mut Context::new(environment, params, self));
        std::mem::take(&mut self.effects)
    }
}

impl<N: Node> Driver<N> for Recorder<N> {
    fn effect(&mut self, effect: Effect<N>) {
        self.effects.push(effect);
    }
    fn wall(&mut self) -> LocalTime {
        self.clock
    }
    fn monotonic(&mut self) -> LocalTime {
        self.clock
    }
    fn choose(&mut self, bound: u32) -> u32 {
        self.draws.below(u64::from(bound)) as u32
    }
}
