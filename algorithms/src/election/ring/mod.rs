//! What election algorithms on a ring share: neighbours, skipping the dead, detection, ids.
//!
//! The ring is the ascending order of positions; ids are a parameter, so that any order of ids on
//! the ring can be tried. With an acknowledgement time-out, a neighbour that does not acknowledge
//! in time is taken for dead and skipped, for this message only (Andrew S. Tanenbaum and Maarten
//! van Steen, "Distributed Systems", section "A ring algorithm"); without, nothing is
//! acknowledged and a dead neighbour swallows what it is sent. Acknowledgements are counted apart.
//! A rebooted node begins an election.
//!
//! What the algorithms state as their needs is without acknowledgements, where a lost message costs
//! the election but elects nobody. With them, bounded delay, reliable links and no partition become
//! matters of safety: who acknowledges late is skipped, and may be the best.
//!
//! What is absent: repair. A message that its holder's crash destroys leaves the others waiting,
//! so that nobody may crash during an election; a token whose owner has gone is dropped after a
//! lap.

mod chang_roberts;
mod hirschberg_sinclair;
mod le_lann;
mod links;
mod tanenbaum;

use seedbed_node::{Context, Duration, Message, Node, NodeId, Operation, Params, Value};

use super::upkeep::{self, Detection, Packet, UpkeepTimer};
use super::{Basis, Event, Rank, Request, ids};
use links::Links;

pub use chang_roberts::{
    ChangRoberts, ChangRobertsMessage, ChangRobertsMutant, ChangRobertsParams, ChangRobertsState,
};
pub use hirschberg_sinclair::{
    Direction, HirschbergSinclair, HirschbergSinclairMessage, HirschbergSinclairMutant,
    HirschbergSinclairParams, HirschbergSinclairState, Probe,
};
pub use le_lann::{LeLann, LeLannMessage, LeLannMutant, LeLannParams, LeLannState};
pub use tanenbaum::{
    TanenbaumRing, TanenbaumRingMessage, TanenbaumRingMutant, TanenbaumRingParams,
    TanenbaumRingState,
};

/// The part of a ring algorithm that is its own.
pub trait Protocol: Value + Default {
    /// What it says.
    type Message: Message;
    /// Its parameters.
    type Params: Params + RingParams;

    /// The node is to hold an election.
    fn initiate(&mut self, ring: &mut Ringside<'_, '_, Self>);

    /// A message has come round.
    fn receive(&mut self, message: Self::Message, ring: &mut Ringside<'_, '_, Self>);
}

/// Parameters that all ring algorithms have.
pub trait RingParams {
    /// The nodes' ids by position; none: the positions.
    fn ids(&self) -> &[u32];
    /// How long an acknowledgement may take; none: nothing is acknowledged.
    fn ack_timeout(&self) -> Option<Duration>;
    /// How often a follower pings its leader; none: never.
    fn ping(&self) -> Option<Duration>;
    /// How long the answer to a ping may take.
    fn ping_timeout(&self) -> Duration;
    /// A bug: who comes back begins no election.
    fn returns_silently(&self) -> bool;
}

/// Implements [`RingParams`] for a struct with fields of these names, and its mutants.
macro_rules! ring_params {
    ($params:ty, $mutant:ty) => {
        impl super::RingParams for $params {
            fn ids(&self) -> &[u32] {
                &self.ids
            }
            fn ack_timeout(&self) -> Option<seedbed_node::Duration> {
                self.ack_timeout
            }
            fn ping(&self) -> Option<seedbed_node::Duration> {
                self.ping
            }
            fn ping_timeout(&self) -> seedbed_node::Duration {
                self.ping_timeout
            }
            fn returns_silently(&self) -> bool {
                self.mutant == <$mutant>::SilentReturn
            }
        }
    };
}
use ring_params;

/// How long the answer to a ping may take unless a scenario says otherwise.
const PING_TIMEOUT: Duration = Duration::from_millis(100);

/// A node on a ring that elects by `P`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ring<P: Protocol> {
    protocol: P,
    /// Whom it follows.
    leader: Option<NodeId>,
    links: Links<P::Message>,
}

/// A ring node's alarms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RingTimer {
    /// A message has not been acknowledged.
    Unacknowledged(u32),
    /// For pings.
    Upkeep(UpkeepTimer),
}

impl From<UpkeepTimer> for RingTimer {
    fn from(timer: UpkeepTimer) -> Self {
        RingTimer::Upkeep(timer)
    }
}

/// A protocol's hands during one handler.
pub struct Ringside<'a, 'b, P: Protocol> {
    cx: &'a mut Context<'b, Ring<P>>,
    links: &'a mut Links<P::Message>,
    leader: &'a mut Option<NodeId>,
    operation: Option<Operation>,
}

impl<P: Protocol> Node for Ring<P> {
    type Params = P::Params;
    type Message = Packet<P::Message>;
    type Timer = RingTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let own = ids::id_of(cx.params().ids(), cx.me());
        cx.emit(Event::Standing { rank: Rank::of_id(own) });
        let mut node = Ring { protocol: P::default(), leader: None, links: Links::default() };
        if cx.incarnation() > 0 && !cx.params().returns_silently() {
            node.act(None, cx, P::initiate);
        }
        node
    }

    fn on_request(&mut self, Request::Elect: Request, cx: &mut Context<'_, Self>) {
        self.act(cx.operation(), cx, P::initiate);
    }

    fn on_message(&mut self, from: NodeId, packet: Self::Message, cx: &mut Context<'_, Self>) {
        match packet {
            Packet::Own(message) => self.receive(message, cx),
            Packet::Numbered { number, message } => {
                cx.send(from, Packet::Ack { number });
                self.receive(message, cx);
            }
            Packet::Ack { number } => self.links.acknowledged(from, number, cx),
            Packet::Ping if self.leader == Some(cx.me()) => {
                cx.send_for(None, from, Packet::Pong);
            }
            Packet::Pong if self.leader == Some(from) => {
                upkeep::watch(self.leader, detection(cx.params()), cx);
            }
            // A ping to somebody who does not lead, and a pong of somebody who no longer does.
            Packet::Ping | Packet::Pong => {}
        }
    }

    fn on_timer(&mut self, timer: RingTimer, cx: &mut Context<'_, Self>) {
        match (timer, self.leader) {
            (RingTimer::Unacknowledged(number), _) => self.links.skip(number, cx),
            (RingTimer::Upkeep(UpkeepTimer::Ping), Some(leader)) => {
                upkeep::ping(leader, detection(cx.params()), cx);
            }
            (RingTimer::Upkeep(UpkeepTimer::Silence), Some(_)) => {
                self.act(None, cx, P::initiate);
            }
            // Who follows nobody has disarmed these.
            (RingTimer::Upkeep(_), None) => {}
        }
    }
}

impl<P: Protocol> Ring<P> {
    fn receive(&mut self, message: P::Message, cx: &mut Context<'_, Self>) {
        self.act(cx.operation(), cx, |protocol, ring| protocol.receive(message, ring));
    }

    fn act(
        &mut self,
        operation: Option<Operation>,
        cx: &mut Context<'_, Self>,
        act: impl FnOnce(&mut P, &mut Ringside<'_, '_, P>),
    ) {
        let Ring { protocol, leader, links } = self;
        act(protocol, &mut Ringside { cx, links, leader, operation });
    }
}

impl<'b, P: Protocol> Ringside<'_, 'b, P> {
    /// This node.
    pub fn me(&self) -> NodeId {
        self.cx.me()
    }

    /// This node's id.
    pub fn own_id(&self) -> u32 {
        self.id_of(self.me())
    }

    /// The id of `node`.
    pub fn id_of(&self, node: NodeId) -> u32 {
        ids::id_of(self.params().ids(), node)
    }

    /// How many members the ring has.
    pub fn count(&self) -> u32 {
        self.cx.members().count()
    }

    /// The protocol's parameters.
    pub fn params(&self) -> &'b P::Params {
        self.cx.params()
    }

    /// Sends to the next node on the ring that is alive.
    pub fn pass(&mut self, message: P::Message) {
        self.send(Direction::Onward, message);
    }

    /// Sends to the next node in a direction.
    pub fn send(&mut self, direction: Direction, message: P::Message) {
        self.links.send(direction, message, self.operation, self.cx);
    }

    /// The node takes part in an election from now on.
    pub fn started(&mut self) {
        *self.leader = None;
        upkeep::watch(None, detection(self.cx.params()), self.cx);
        self.cx.emit(Event::Started { term: None });
    }

    /// The node follows `leader` from now on.
    pub fn elected(&mut self, leader: NodeId, basis: Basis) {
        *self.leader = Some(leader);
        upkeep::watch(Some(leader), detection(self.cx.params()), self.cx);
        self.cx.emit(Event::Elected { leader, term: None, basis });
    }
}

fn detection(params: &impl RingParams) -> Detection {
    Detection { ping: params.ping(), timeout: params.ping_timeout() }
}

/// What is wrong with the shared parameters.
fn check(params: &impl RingParams, nodes: u32) -> Result<(), String> {
    ids::check(params.ids(), nodes)?;
    upkeep::check(detection(params))?;
    match params.ack_timeout() {
        Some(Duration::ZERO) => {
            Err("ack_timeout: 0s takes everybody for dead; expected at least two delays".into())
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
