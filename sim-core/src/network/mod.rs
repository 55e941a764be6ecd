//! The network: links, their features, and what becomes of a message.
//!
//! What becomes of a message on a link is a function of the message's name (the link's ends, its
//! own, the instant and ordinal of sending) and the run's seed. Only links that are FIFO, bursty or limited
//! in bandwidth remember anything. Absent on purpose: the event queue, the messages' contents, and
//! any stream of random numbers that one message could shift for another.

mod link;
mod model;
mod partition;
pub mod path;
mod rules;
mod topology;

pub use link::{Envelope, Fate, Noise, Second, Travel};
pub use model::{Bandwidth, Corruption, LinkModel, Loss, NetworkConfig, Topology};
pub use partition::{Cut, FaultHandle};
pub use topology::TOPOLOGY_NODES_MAX;

use std::fmt;

use seedbed_node::{Duration, NodeId, Probability, Time, mix};

use crate::fault::Fault;
use crate::rng::{Keys, NameKeys, Purpose};
use crate::world::LinkSet;
use link::Chances;
use partition::Troubles;
use rules::{LinkStates, Rules};
use topology::Routes;

/// All links of a run, with what they remember and the faults that are on.
#[derive(Debug)]
pub struct Network {
    keys: Keys,
    name_keys: NameKeys,
    rules: Rules,
    states: LinkStates,
    routes: Option<Routes>,
    troubles: Troubles,
}

impl Network {
    /// A network of `members` nodes followed by relays, a word of `name_keys` each.
    pub fn new(
        config: &NetworkConfig,
        members: u32,
        name_keys: &NameKeys,
        keys: &Keys,
    ) -> Result<Self, NetworkError> {
        let nodes = name_keys.count();
        assert!(members <= nodes, "{members} members among {nodes} nodes");
        config.check().map_err(NetworkError::Model)?;
        let routes = match &config.topology {
            Some(topology) => Some(Routes::new(topology, members, nodes)?),
            None => None,
        };
        Ok(Network {
            keys: keys.clone(),
            name_keys: name_keys.clone(),
            rules: Rules::new(config, nodes),
            states: LinkStates::new(config, nodes),
            routes,
            troubles: Troubles::new(nodes),
        })
    }

    /// The delay of all messages while there is no fault, if it is constant and all that happens.
    pub fn constant(&self) -> Option<Duration> {
        let link = self.rules.one().filter(|_| self.routes.is_none());
        link.and_then(|link| link.plain_delay)
    }

    /// When a message arrives that nothing but a delay happens to, on one hop from its origin to
    /// its destination; [`Network::depart`] would say the same.
    #[inline(always)]
    pub fn straight(&self, message: &Envelope, now: Time) -> Option<Time> {
        let Envelope { origin, destination, .. } = *message;
        if self.troubles.any() || self.routes.is_some() {
            return None;
        }
        let link = self.rules.link(origin, destination);
        if !link.only_delays {
            return None;
        }
        Some(match link.plain_delay {
            Some(delay) => now + delay,
            None => {
                let pair = self.name_keys.pair(origin, destination);
                let chances = Chances::of(self.fate_key_of(message, pair));
                now + link::straight_delay(&link.model, &chances)
            }
        })
    }

    /// What becomes of a message that leaves `from` for its neighbour `to` at `now`.
    #[inline]
    pub fn depart(&mut self, message: &Envelope, from: NodeId, to: NodeId, now: Time) -> Fate {
        let faulty = self.troubles.any();
        if faulty && (self.is_cut(from, to) || self.is_cut(message.origin, message.destination)) {
            return Fate::Cut;
        }
        let link = self.rules.link(from, to);
        if let Some(delay) = link.plain_delay
            && !faulty
        {
            return Fate::Travels(Travel::clean(now + delay));
        }
        let chances = Chances::of(self.fate_key(message, from, to));
        let degraded = self.troubles.degradation(from, to, &chances);
        let state = link.model.remembers().then(|| self.states.of(from, to));
        link::cross(&link.model, state, degraded, message, now, &chances)
    }

    /// Where a message for `to` goes from `at`: to itself, unless a topology lacks the link.
    #[inline]
    pub fn next_hop(&self, at: NodeId, to: NodeId) -> NodeId {
        match &self.routes {
            None => to,
            Some(routes) => routes.next_hop(at, to),
        }
    }

    /// Whether a fault cuts what travels from `from` to `to`: for arrivals, too.
    #[inline]
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.troubles.any() && self.troubles.cut(from, to)
    }

    /// Whether any link is cut or degraded.
    #[inline]
    pub fn faulty(&self) -> bool {
        self.troubles.any()
    }

    /// Applies `fault`, if it is one of the network's.
    pub fn strike(&mut self, fault: &Fault) -> Option<FaultHandle> {
        if let Fault::Degrade { links, delay_permille, loss } = fault {
            return Some(self.degrade(links, *delay_permille, *loss));
        }
        Cut::of(fault, self.nodes()).map(|cut| self.cut(cut))
    }

    /// Cuts links until healed.
    pub fn cut(&mut self, cut: Cut) -> FaultHandle {
        self.troubles.cut_off(cut)
    }

    /// Makes links worse until healed: delays in thousandths of the ordinary, and more loss.
    pub fn degrade(
        &mut self,
        links: &LinkSet,
        delay_permille: u32,
        loss: Probability,
    ) -> FaultHandle {
        self.troubles.degrade(links, delay_permille, loss)
    }

    /// Undoes a fault; healing twice does nothing.
    pub fn heal(&mut self, fault: FaultHandle) {
        self.troubles.heal(fault);
    }

    /// Members and relays.
    pub fn nodes(&self) -> u32 {
        self.name_keys.count()
    }

    /// Whether messages on this link never overtake each other.
    #[inline]
    pub fn is_fifo(&self, from: NodeId, to: NodeId) -> bool {
        self.rules.link(from, to).model.fifo
    }

    /// No message from `from` to its neighbour `to` takes less than this, faults aside.
    pub fn least_delay(&self, from: NodeId, to: NodeId) -> Duration {
        self.rules.link(from, to).model.delay.least()
    }

    /// The key of a message's fate on one hop. On a hop of several, messages of other pairs have the
    /// same instant and ordinal; the message's own ends tell them apart.
    #[inline]
    fn fate_key(&self, message: &Envelope, from: NodeId, to: NodeId) -> u64 {
        let mut pair = self.name_keys.pair(from, to);
        let Envelope { origin, destination, .. } = *message;
        if (from, to) != (origin, destination) {
            pair = mix(pair) ^ self.name_keys.pair(origin, destination);
        }
        self.fate_key_of(message, pair)
    }

    #[inline(always)]
    fn fate_key_of(&self, message: &Envelope, pair: u64) -> u64 {
        let which = u64::from(message.lineage) << 32 | u64::from(message.ordinal);
        self.keys.key(Purpose::Fate, pair, message.sent_at.0, which)
    }
}

/// Why a network cannot be built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NetworkError {
    /// A link's parameters make no sense; the text says which.
    Model(String),
    /// An edge of the topology names a node that does not exist.
    NoSuchNode {
        /// The node.
        node: NodeId,
        /// How many nodes there are.
        nodes: u32,
    },
    /// An edge of the topology joins a node to itself.
    SelfLoop(NodeId),
    /// Two members have no path between them.
    Unreachable(NodeId, NodeId),
    /// More nodes than a topology can have.
    TooManyNodes(u32),
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NetworkError::Model(why) => f.write_str(why),
            NetworkError::NoSuchNode { node, nodes } => {
                write!(f, "an edge of the topology names {node}, but there are {nodes} nodes")
            }
            NetworkError::SelfLoop(node) => {
                write!(f, "an edge of the topology joins {node} to itself")
            }
            NetworkError::Unreachable(from, to) => {
                write!(f, "the topology has no path from {from} to {to}")
            }
            NetworkError::TooManyNodes(nodes) => {
                write!(f, "a topology of {nodes} nodes: at most {TOPOLOGY_NODES_MAX} can be routed")
            }
        }
    }
}

impl std::error::Error for NetworkError {}
