//! A reliable transport over an unreliable network: acknowledgement, retransmission with capped
//! exponential backoff, deduplication, and order where it is asked for.
//!
//! The selective-repeat protocol of the textbooks (Andrew S. Tanenbaum, "Computer Networks",
//! section "Sliding window protocols"; the end-to-end argument is Saltzer, Reed & Clark, TOCS
//! 1984), as a node that wraps any other node by rewriting its effects. There is one stream per
//! ordered pair of nodes and one retransmission timer per stream.
//!
//! Between two nodes that do not crash, every message is delivered exactly once if the network
//! delivers infinitely many of its transmissions. A restarted node starts a new session; it may be
//! given again what its former self was given and could not acknowledge. An acknowledgement
//! follows the effects of the delivery, so that a forced write precedes it.
//!
//! What is absent: giving up (a peer that never answers is retried for ever, at the cap: such a
//! run needs a `stop`), windows and congestion control, and any defence against undetected
//! corruption. With nothing unacknowledged, no timer is armed.

mod frame;
mod streams;

use seedbed_node::{
    Context, Driver, Duration, Effect, Environment, LocalTime, Node, NodeId, Operation,
};

pub use frame::{Frame, Header};
use streams::{Arrival, Attributed, ByPeer, Incoming, Outgoing};

/// `N` behind a reliable transport.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reliable<N: Node> {
    inner: N,
    outgoing: ByPeer<Outgoing<N::Message>>,
    incoming: ByPeer<Incoming<N::Message>>,
}

/// The inner node's parameters and the transport's.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReliableParams<P> {
    /// The inner node's.
    pub inner: P,
    /// How long to wait for an acknowledgement before the first retransmission; doubled after
    /// each.
    pub retransmit: Duration,
    /// The longest wait between two retransmissions.
    pub retransmit_max: Duration,
    /// Whether messages of one pair are delivered in the order in which they were sent.
    pub fifo: bool,
}

impl<P> ReliableParams<P> {
    /// Retransmission after 50 ms, at least once a second, in no particular order.
    pub fn new(inner: P) -> Self {
        ReliableParams {
            inner,
            retransmit: Duration::from_millis(50),
            retransmit_max: Duration::from_secs(1),
            fifo: false,
        }
    }

    /// Why these parameters make no sense.
    pub fn check(&self) -> Result<(), String> {
        let (first, max) = (self.retransmit, self.retransmit_max);
        if first == Duration::ZERO {
            return Err("retransmit: 0s would retransmit without end; expected some time".into());
        }
        if max < first {
            return Err(format!("retransmit_max: {max} is shorter than retransmit, {first}"));
        }
        Ok(())
    }
}

/// The inner node's timers and the transport's own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReliableTimer<T> {
    /// The inner node's.
    Inner(T),
    /// Time to retransmit to this peer.
    Retransmit(NodeId),
}

impl<N: Node> Node for Reliable<N> {
    type Params = ReliableParams<N::Params>;
    type Message = Frame<N::Message>;
    type Timer = ReliableTimer<N::Timer>;
    type Request = N::Request;
    type Event = N::Event;
    type Durable = N::Durable;

    fn start(durable: &N::Durable, cx: &mut Context<'_, Self>) -> Self {
        let mut outgoing = ByPeer::empty();
        let inner = with_inner(cx.operation(), &mut outgoing, cx, |cx| N::start(durable, cx));
        Reliable { inner, outgoing, incoming: ByPeer::empty() }
    }

    fn on_message(&mut self, from: NodeId, frame: Self::Message, cx: &mut Context<'_, Self>) {
        let operation = cx.operation();
        match frame {
            Frame::Own(message) => self.deliver(from, (operation, message), cx),
            Frame::Data(header, message) | Frame::Again(header, message) => {
                self.on_data(from, header, (operation, message), cx);
            }
            Frame::Ack { session, below, sequence } if session == cx.incarnation() => {
                self.on_ack(from, below, sequence, cx);
            }
            // To a former self.
            Frame::Ack { .. } => {}
        }
    }

    fn on_request(&mut self, request: N::Request, cx: &mut Context<'_, Self>) {
        let inner = &mut self.inner;
        with_inner(cx.operation(), &mut self.outgoing, cx, |cx| inner.on_request(request, cx));
    }

    fn on_timer(&mut self, timer: Self::Timer, cx: &mut Context<'_, Self>) {
        match timer {
            ReliableTimer::Inner(timer) => {
                let inner = &mut self.inner;
                with_inner(cx.operation(), &mut self.outgoing, cx, |cx| inner.on_timer(timer, cx));
            }
            ReliableTimer::Retransmit(peer) => self.retransmit(peer, cx),
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        self.inner.waits_for()
    }
}

impl<N: Node> Reliable<N> {
    /// The inner node, for inspection.
    pub fn inner(&self) -> &N {
        &self.inner
    }

    fn on_data(
        &mut self,
        from: NodeId,
        header: Header,
        message: Attributed<N::Message>,
        cx: &mut Context<'_, Self>,
    ) {
        let Header { session, sequence, .. } = header;
        let stream = self.incoming.get_or_insert(from, Incoming::new(session));
        let arrival = stream.arrive(header, message, cx.params().fifo);
        let below = stream.floor;
        let (deliveries, settled) = match arrival {
            Arrival::Stale => return,
            Arrival::Settled(deliveries) => (deliveries, true),
            Arrival::Held(deliveries) => (deliveries, false),
        };
        for delivery in deliveries {
            self.deliver(from, delivery, cx);
        }
        if settled {
            cx.send(from, Frame::Ack { session, below, sequence });
        }
    }

    fn deliver(
        &mut self,
        from: NodeId,
        (operation, message): Attributed<N::Message>,
        cx: &mut Context<'_, Self>,
    ) {
        let inner = &mut self.inner;
        with_inner(operation, &mut self.outgoing, cx, |cx| inner.on_message(from, message, cx));
    }

    /// Progress at the lowest position restarts the timer and the backoff. An acknowledgement
    /// beyond a gap does not, or steady traffic would put off the retransmission of what is lost.
    fn on_ack(&mut self, peer: NodeId, below: u64, sequence: u64, cx: &mut Context<'_, Self>) {
        let Some(stream) = self.outgoing.get_mut(peer) else {
            return;
        };
        let before = stream.base();
        stream.acknowledge(below, sequence);
        if stream.base() == before {
            return;
        }
        stream.patience = cx.params().retransmit;
        if stream.is_idle() {
            cx.cancel_timer(ReliableTimer::Retransmit(peer));
        } else {
            cx.set_timer(ReliableTimer::Retransmit(peer), stream.patience);
        }
    }

    fn retransmit(&mut self, peer: NodeId, cx: &mut Context<'_, Self>) {
        let max = cx.params().retransmit_max;
        let session = cx.incarnation();
        let Some(stream) = self.outgoing.get_mut(peer).filter(|stream| !stream.is_idle()) else {
            return;
        };
        for (header, (operation, message)) in stream.again(session) {
            cx.send_for(*operation, peer, Frame::Again(header, message.clone()));
        }
        stream.patience = (stream.patience * 2).min(max);
        cx.set_timer(ReliableTimer::Retransmit(peer), stream.patience);
    }
}

/// Runs a handler of the inner node with a context whose effects are rewritten.
fn with_inner<N: Node, T>(
    operation: Option<Operation>,
    outgoing: &mut ByPeer<Outgoing<N::Message>>,
    cx: &mut Context<'_, Reliable<N>>,
    handler: impl FnOnce(&mut Context<'_, N>) -> T,
) -> T {
    let environment = Environment { operation, ..cx.environment() };
    let params = &cx.params().inner;
    let mut rewrite = Rewrite { outer: cx, outgoing };
    handler(&mut Context::new(environment, params, &mut rewrite))
}

/// The inner node's world: the outer context, with messages put into envelopes.
struct Rewrite<'a, 'c, N: Node> {
    outer: &'a mut Context<'c, Reliable<N>>,
    outgoing: &'a mut ByPeer<Outgoing<N::Message>>,
}

impl<N: Node> Rewrite<'_, '_, N> {
    fn send(&mut self, to: NodeId, message: N::Message, operation: Option<Operation>) {
        if to == self.outer.me() {
            return self.outer.send_for(operation, to, Frame::Own(message));
        }
        let patience = self.outer.params().retransmit;
        let stream = self.outgoing.get_or_insert(to, Outgoing::new(patience));
        let was_idle = stream.is_idle();
        let header = stream.push(self.outer.incarnation(), (operation, message.clone()));
        self.outer.send_for(operation, to, Frame::Data(header, message));
        if was_idle {
            self.outer.set_timer(ReliableTimer::Retransmit(to), patience);
        }
    }
}

impl<N: Node> Driver<N> for Rewrite<'_, '_, N> {
    fn effect(&mut self, effect: Effect<N>) {
        match effect {
            Effect::Send { to, message, operation } => self.send(to, message, operation),
            Effect::SetTimer { timer, after } => {
                self.outer.set_timer(ReliableTimer::Inner(timer), after);
            }
            Effect::CancelTimer { timer } => self.outer.cancel_timer(ReliableTimer::Inner(timer)),
            Effect::Write { record, forced } => {
                self.outer.effect(Effect::Write { record, forced });
            }
            Effect::AdjustClock { by, over } => {
                self.outer.effect(Effect::AdjustClock { by, over });
            }
            Effect::Emit(event) => self.outer.emit(event),
        }
    }

    fn wall(&mut self) -> LocalTime {
        self.outer.wall()
    }

    fn monotonic(&mut self) -> LocalTime {
        self.outer.monotonic()
    }

    fn choose(&mut self, bound: u32) -> u32 {
        self.outer.choose(bound)
    }

    fn reached(&mut self, probe: &'static str) {
        self.outer.reached(probe);
    }
}

#[cfg(test)]
mod tests;
