//! The state of a run, apart from the nodes' own: queue, hosts, flights, clients, judges.
//!
//! What belongs to one concern is in a file of its own that extends [`Kernel`]: effects of handlers
//! in `effects`, messages in `post`, clients in `clients`, faults in `fault/inject`, service in
//! `station`. The event loop is in `run`.

use std::collections::VecDeque;

use seedbed_node::{
    Draws, Durable, LocalTime, Members, Message, Names, Node, NodeId, Observation, Operation, Time,
    What, Workload, mix,
};
use slab::Slab;

use crate::causality::Causality;
use crate::clock::Clock;
use crate::counters::Counters;
use crate::fault::TimedFault;
use crate::judges::Judges;
use crate::ledger::Ledger;
use crate::network::{Envelope, FaultHandle, Network};
use crate::outcome::{EndedBy, Writes};
use crate::post::Flight;
use crate::queue::Queue;
use crate::rng::{Keys, Purpose};
use crate::station::{Service, Station};
use crate::timers::{Alarm, Timers};
use crate::trace::{Digest, Occurrence, Record};
use crate::tracer::Tracer;
use crate::world::{Stop, Ties};

/// What waits in the queue.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item {
    /// A message reaches the far end of a hop.
    Arrive(u32),
    /// A message that has passed the network is to be handled.
    Deliver(u32),
    /// A client's request reaches its node.
    Request(u32),
    /// A timer is due.
    Timer(NodeId, Alarm),
    /// A client wakes.
    Wake(NodeId, u64),
    /// A service is complete.
    Served(NodeId, u32),
    /// A fault strikes.
    Fault(u32),
    /// A fault is undone.
    Undo(u32),
    /// A clock's rate wanders.
    Wander(NodeId),
    /// A node that was paused handles the next of what waited.
    Resume(NodeId),
}

/// What the digest calls the things that happen. Only ever append.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Tag {
    Deliver = 1,
    Timer = 2,
    Request = 3,
    Event = 4,
    Fault = 5,
    Undo = 6,
    Boot = 7,
    Crash = 8,
    Drop = 9,
    Refuse = 10,
    Wake = 11,
}

/// One node's surroundings.
pub(crate) struct Host<N: Node> {
    pub up: bool,
    /// The faults that keep it down, paused or slow (and how slow): each until it is undone.
    pub held_by: Vec<u32>,
    pub paused_by: Vec<u32>,
    pub slowed_by: Vec<(u32, u32)>,
    /// How often it has booted.
    pub boots: u32,
    pub clock: Clock,
    pub clock_draws: Draws,
    pub timers: Timers<N::Timer>,
    pub durable: N::Durable,
    /// Records that the next forced write makes durable.
    pub lazy: Vec<<N::Durable as Durable>::Write>,
    /// How many choices and services were drawn.
    pub choices: u64,
    pub services: u64,
    /// The ordinal, instant and destination of the last message.
    pub ordinal: u32,
    pub ordinal_at: Time,
    pub last_to: NodeId,
    /// Crash in the next handler that has more effects than this, by this fault.
    pub crash_after: Option<(u32, u32)>,
    /// What became due while paused, in order.
    pub backlog: VecDeque<Item>,
    pub station: Station,
}

impl<N: Node> Host<N> {
    #[inline]
    pub fn paused(&self) -> bool {
        !self.paused_by.is_empty()
    }

    /// How many times as long services take, in thousandths: the latest slowness decides.
    pub fn slow_permille(&self) -> u32 {
        self.slowed_by.last().map_or(1000, |&(_, permille)| permille)
    }
}

/// A request on its way to its node.
pub(crate) struct Ask<R> {
    pub node: NodeId,
    pub operation: Operation,
    pub request: R,
}

/// The handler that is running.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Active {
    pub node: NodeId,
    /// The operation of what is being handled.
    pub operation: Option<Operation>,
    /// How many more effects come true before the node crashes.
    pub effects_left: Option<u32>,
    pub cut_short: bool,
}

/// Everything but the nodes and their parameters.
pub(crate) struct Kernel<N: Node> {
    pub now: Time,
    /// The time of the last event; a wandering clock is none.
    pub ended_at: Time,
    pub events: u64,
    pub sequence: u64,
    pub queue: Queue<Item>,
    pub ties: Ties,
    pub stop: Stop,
    pub ended: Option<EndedBy>,
    pub members: Members,
    pub names: Names,
    pub name_keys: Vec<u64>,
    pub keys: Keys,
    pub network: Network,
    pub flights: Slab<Flight<N::Message>>,
    pub flight_count: u64,
    pub hosts: Vec<Host<N>>,
    pub service: Option<Service>,
    pub asks: Slab<Ask<N::Request>>,
    pub workload: Option<Box<dyn Workload<N::Request, N::Event>>>,
    pub client_draws: Vec<Draws>,
    pub client_begun: Vec<u32>,
    pub actions: Vec<seedbed_node::Action<N::Request>>,
    pub ledger: Ledger,
    pub judges: Judges<N::Request, N::Event>,
    pub counters: Counters,
    pub writes: Writes,
    pub timers_fired: u64,
    pub faults: Vec<TimedFault>,
    pub handles: Vec<Option<FaultHandle>>,
    pub digest: Digest,
    pub tracer: Tracer,
    pub causality: Option<Causality>,
    pub active: Option<Active>,
    /// How many entries of the queue are wandering clocks, which keep no run going.
    pub wandering: usize,
    /// How often a clock has wandered.
    pub wanders: u64,
    /// How many entries of the queue are timers that were disarmed or reset since, and services
    /// that a crash has ended.
    pub outdated: usize,
}

impl<N: Node> Kernel<N> {
    /// Puts an item into the queue, behind those of the same instant.
    #[inline]
    pub fn schedule(&mut self, at: Time, item: Item) {
        self.sequence += 1;
        let order = match self.ties {
            Ties::Insertion => self.sequence,
            Ties::Shuffled => {
                let (who, which) = self.tie_name(item);
                let drawn = self.keys.key(Purpose::Tie, at.as_nanos(), who, which);
                (drawn & !0xFFFF_FFFF) | (self.sequence & 0xFFFF_FFFF)
            }
        };
        self.queue.push(at, order, item);
    }

    /// What the order of an event among its equals is drawn from: its name, so that an event more
    /// or less shuffles no others. Messages on one FIFO link share theirs and keep their order.
    fn tie_name(&self, item: Item) -> (u64, u64) {
        let name = |node: NodeId| self.name_keys[node.index()];
        match item {
            Item::Arrive(slot) | Item::Deliver(slot) => {
                let flight = &self.flights[slot as usize];
                let (from, to) = flight.hop;
                let pair = mix(mix(name(from)) ^ name(to));
                if self.network.is_fifo(from, to) {
                    return (pair, 0);
                }
                let Envelope { sent_at, ordinal, lineage, .. } = flight.envelope;
                (
                    pair ^ mix(sent_at.as_nanos()),
                    u64::from(lineage) << 32 | u64::from(ordinal) | 1 << 63,
                )
            }
            Item::Request(slot) => (name(self.asks[slot as usize].node), 1),
            Item::Timer(node, _) => (name(node), 2),
            Item::Wake(node, _) => (name(node), 3),
            Item::Served(node, _) => (name(node), 4),
            Item::Wander(node) => (name(node), 5),
            Item::Resume(node) => (name(node), 8),
            // One name for both, so that no fault is undone before it strikes.
            Item::Fault(index) | Item::Undo(index) => (u64::from(index), 6),
        }
    }

    /// Nothing more can happen.
    #[inline]
    pub fn idle(&self) -> bool {
        self.queue.len() == self.wandering + self.outdated
    }

    /// Whether the workload is exhausted, everything served and the last request handled.
    pub fn served(&self) -> bool {
        self.ledger.pending_count() == 0
            && self.asks.is_empty()
            && self.workload.as_ref().is_none_or(|workload| workload.finished())
    }

    pub fn host(&mut self, node: NodeId) -> &mut Host<N> {
        &mut self.hosts[node.index()]
    }

    /// Begins the digest's entry for something that happens now.
    #[inline]
    pub fn note(&mut self, tag: Tag, node: NodeId, detail: u64) {
        self.digest.word(self.now.as_nanos());
        self.digest.word(u64::from(tag as u8) | u64::from(node.0) << 8);
        self.digest.word(detail);
    }

    /// Hands an occurrence to whoever traces.
    #[inline]
    pub fn trace(&mut self, node: NodeId, what: Occurrence<'_>) {
        if self.tracer.listens() {
            let wall = match self.hosts.get(node.index()) {
                Some(host) => host.clock.wall(self.now),
                None => LocalTime(self.now.as_nanos() as i64),
            };
            let record =
                Record { at: self.now, event: self.events, node, wall, what, stamps: None };
            self.tracer.record(record);
        }
    }

    /// Shows something to checkers and measures; for requests and events of `node`, with its true
    /// vector clock.
    #[inline]
    pub fn observe(&mut self, what: What<'_, N::Request, N::Event>, node: Option<NodeId>) {
        let causality = match (node, &mut self.causality) {
            (Some(node), Some(causality)) => Some(causality.tick(node)),
            _ => None,
        };
        if self.judges.watching() {
            let seen = Observation { at: self.now, what, causality, names: &self.names };
            if self.judges.observe(&seen) && self.ended.is_none() {
                self.ended = Some(EndedBy::Breach);
            }
        }
    }

    /// Gives a node's timers new alarms after its clock has changed its rate.
    pub fn reschedule_timers(&mut self, node: NodeId) {
        let now = self.now;
        let host = &mut self.hosts[node.index()];
        let mut due = Vec::new();
        let clock = &host.clock;
        host.timers.reschedule(|deadline, alarm| due.push((clock.due(deadline, now), alarm)));
        self.outdated += due.len();
        for (at, alarm) in due {
            self.schedule(at, Item::Timer(node, alarm));
        }
    }

    /// Sets something aside until the paused node goes on, or has caught up.
    pub fn stall(&mut self, node: NodeId, item: Item) {
        let host = self.host(node);
        host.backlog.push_back(item);
        if !host.paused() {
            self.schedule(self.now, Item::Resume(node));
        }
    }

    /// Has everything that was set aside handled now, in order.
    pub fn unstall(&mut self, node: NodeId) {
        for _ in 0..self.host(node).backlog.len() {
            self.schedule(self.now, Item::Resume(node));
        }
    }

    /// An item has left the queue; tells whether it is still about something.
    pub fn surface(&mut self, item: Item) -> bool {
        let stands = match item {
            Item::Timer(node, alarm) => self.host(node).timers.surface(alarm),
            Item::Served(node, ticket) => self.host(node).station.stands(ticket),
            Item::Resume(node) => return self.surface_from_backlog(node),
            _ => return true,
        };
        self.outdated -= usize::from(!stands);
        stands
    }

    /// Whether the first of a backlog can be handled now; one that is out of date is dropped.
    fn surface_from_backlog(&mut self, node: NodeId) -> bool {
        let host = self.host(node);
        let stands = match host.backlog.front() {
            _ if host.paused() => return false,
            None => return false,
            Some(Item::Timer(_, alarm)) => host.timers.stands(*alarm),
            Some(_) => true,
        };
        if !stands {
            host.backlog.pop_front();
        }
        stands
    }

    /// A number below `bound` from the node's own stream.
    pub fn choose(&mut self, node: NodeId, bound: u32) -> u32 {
        let index = self.hosts[node.index()].choices;
        self.hosts[node.index()].choices += 1;
        let name = self.name_keys[node.index()];
        self.keys.draws(Purpose::Choice, name, index, 0).below(u64::from(bound)) as u32
    }

    /// The names of message kinds, for tracing.
    pub fn kind_name(kind: usize) -> &'static str {
        N::Message::kind_name(kind)
    }
}
