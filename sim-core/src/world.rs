//! What a run is made of, apart from the algorithm: plain data, nothing resolved by chance yet.

use std::sync::Arc;

use seedbed_node::{Duration, Names, NodeId, Time};

use crate::clock::ClockConfig;
use crate::fault::{Faults, TimedFault};
use crate::network::NetworkConfig;
use crate::schedule::Schedule;
use crate::service::ServiceConfig;

/// Everything about a run but the algorithm, its clients and its judges.
#[derive(Clone, PartialEq, Debug)]
pub struct World {
    /// The one seed.
    pub seed: u64,
    /// Names of the members, then of the network's relays.
    pub names: Names,
    /// How many of the names are members; the rest only forward messages.
    pub members: u32,
    /// When to stop.
    pub stop: Stop,
    /// In which order events of equal time happen.
    pub ties: Ties,
    /// The links between nodes.
    pub network: NetworkConfig,
    /// The nodes' clocks.
    pub clocks: ClockConfig,
    /// How long handlers take; `None`: no time at all.
    pub service: Option<ServiceConfig>,
    /// What goes wrong, and when.
    pub faults: Faults,
    /// The exact order of what happens, in the place of the network's doings and of faults other
    /// than those of clocks and late boots.
    pub schedule: Option<Arc<Schedule>>,
    /// Keep the true vector clocks even if no checker needs them.
    pub causality: bool,
    /// Whether deliveries that were overtaken are counted: costs a word for each pair of nodes that
    /// talk. By default up to 256 nodes, whose words stay in cache.
    pub count_reordered: bool,
    /// Whether the digest is computed; without it, every run's is that of nothing.
    pub digest: bool,
}

/// Larger worlds do not count overtaking unless asked to.
const COUNT_REORDERED_UP_TO: u32 = 256;

impl World {
    /// `nodes` members on perfect clocks over a network with constant delay, nothing going wrong.
    pub fn new(seed: u64, nodes: u32) -> Self {
        World::named(seed, Names::numbered(nodes))
    }

    /// The same for named members.
    pub fn named(seed: u64, names: Names) -> Self {
        World {
            seed,
            members: names.count(),
            count_reordered: names.count() <= COUNT_REORDERED_UP_TO,
            names,
            stop: Stop::default(),
            ties: Ties::Insertion,
            network: NetworkConfig::default(),
            clocks: ClockConfig::default(),
            service: None,
            faults: Faults::default(),
            schedule: None,
            causality: false,
            digest: true,
        }
    }

    /// Adds a fault at `at`, undone at `until`.
    pub fn fault(mut self, fault: TimedFault) -> Self {
        self.faults.planned.push(fault);
        self
    }

    /// All members.
    pub fn member_ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.members).map(NodeId)
    }
}

/// When a run ends, unless a breach ends it first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stop {
    /// What ends it.
    pub when: StopWhen,
    /// The run is given up, without a verdict, after this many events. The steps of wandering
    /// clocks count for that.
    pub events_max: u64,
}

impl Default for Stop {
    fn default() -> Self {
        Stop { when: StopWhen::Quiet, events_max: 100_000_000 }
    }
}

/// What ends a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopWhen {
    /// The workload is exhausted, no message is in flight and no timer is armed.
    Quiet,
    /// The workload is exhausted and every operation is complete: for algorithms that are never
    /// quiet, such as a circulating token.
    Served,
    /// This instant; events of the instant itself still happen.
    At(Time),
}

/// The order of events with equal times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ties {
    /// As they were scheduled.
    #[default]
    Insertion,
    /// Drawn from a keyed stream.
    Shuffled,
}

/// A set of nodes: of a link's ends, or of a fault's victims.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NodeSet {
    /// Every node, relays included.
    All,
    /// These.
    Only(Vec<NodeId>),
}

impl NodeSet {
    /// Whether `node` belongs.
    pub fn contains(&self, node: NodeId) -> bool {
        match self {
            NodeSet::All => true,
            NodeSet::Only(nodes) => nodes.contains(&node),
        }
    }

    /// Just `node`.
    pub fn one(node: NodeId) -> Self {
        NodeSet::Only(vec![node])
    }
}

/// Directed links by their two ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkSet {
    /// The sending ends.
    pub from: NodeSet,
    /// The receiving ends.
    pub to: NodeSet,
}

impl LinkSet {
    /// Every link.
    pub const ALL: LinkSet = LinkSet { from: NodeSet::All, to: NodeSet::All };

    /// The one link from `from` to `to`.
    pub fn one(from: NodeId, to: NodeId) -> Self {
        LinkSet { from: NodeSet::one(from), to: NodeSet::one(to) }
    }

    /// Whether the link `from` → `to` belongs.
    pub fn contains(&self, from: NodeId, to: NodeId) -> bool {
        self.from.contains(from) && self.to.contains(to)
    }
}

/// A length of time that a fault or a rule lasts, with both ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// From here.
    pub from: Time,
    /// Until here.
    pub until: Time,
}

impl Window {
    /// How long it is.
    pub fn length(self) -> Duration {
        self.until.since(self.from)
    }
}
