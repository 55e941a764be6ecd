//! The state of a run, apart from the nodes' own: queue, hosts, flights, clients, judges.
//!
//! What belongs to one concern is in a file of its own that extends [`Kernel`]: effects of handlers
//! in `effects`, messages in `post`, clients in `clients`, faults in `fault/inject`, service in
//! `station`. The event loop is in `run`.

use seedbed_node::{
    Draws, Duration, Members, Message, Names, Node, NodeId, Observation, Operation, Time, What,
    Workload, mix,
};
use slab::Slab;

use crate::causality::Causality;
use crate::counters::Counters;
use crate::fault::TimedFault;
use crate::flights::Flights;
use crate::follow::Follow;
use crate::hosts::{Hosts, Instant, Rest};
pub(crate) use crate::item::{Entry, Item, NODES_MAX};
use crate::judges::Judges;
use crate::ledger::Ledger;
use crate::network::{Envelope, FaultHandle, Network};
use crate::outcome::{EndedBy, Writes};
use crate::queue::Queue;
use crate::rng::{Keys, NameKeys, Purpose};
use crate::station::Service;
use crate::timers::Timers;
use crate::trace::{Digest, Occurrence, Record};
use crate::tracer::Tracer;
use crate::world::Stop;

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

impl Tag {
    /// The word for this at `node`.
    #[inline]
    pub fn of(self, node: NodeId) -> u64 {
        u64::from(self as u8) | u64::from(node.0) << 8
    }
}

/// A request on its way to its node.
pub(crate) struct Ask<R> {
    pub node: NodeId,
    pub operation: Operation,
    pub request: R,
}

/// The order in which events of one instant happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Line {
    /// As they were scheduled.
    Insertion,
    /// Drawn from a keyed stream.
    Shuffled,
    /// As a schedule says; so for all instants.
    Scheduled,
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
    pub queue: Queue<Entry>,
    pub line: Line,
    pub stop: Stop,
    pub ended: Option<EndedBy>,
    pub members: Members,
    pub names: Names,
    pub name_keys: NameKeys,
    pub keys: Keys,
    pub network: Network,
    /// The delay of every message there will be, if nothing else can happen to any.
    pub delay: Option<Duration>,
    pub flights: Flights<N::Message>,
    pub flight_count: u64,
    pub hosts: Hosts<N>,
    pub timers: Timers<N::Timer>,
    pub instant: Instant,
    pub service: Option<Service>,
    pub asks: Slab<Ask<N::Request>>,
    /// The tags of wake-ups.
    pub wakes: Slab<u64>,
    pub workload: Option<Box<dyn Workload<N::Request, N::Event>>>,
    /// The stream of each client, and how many operations it has begun; empty without a workload.
    pub clients: Vec<(Draws, u32)>,
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
    /// The schedule that the run follows, if it does.
    pub follow: Option<Box<Follow>>,
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
    #[inline(always)]
    pub fn schedule(&mut self, at: Time, item: Item) {
        self.sequence += 1;
        let order = match self.line {
            Line::Insertion => self.sequence,
            Line::Shuffled | Line::Scheduled => match self.order(at, item) {
                Some(order) => order,
                None => return,
            },
        };
        self.queue.push(at, order, item.into());
    }

    /// Where an item stands among those of its instant, unless it has to wait for a step.
    #[inline(never)]
    fn order(&mut self, at: Time, item: Item) -> Option<u64> {
        if self.line == Line::Scheduled {
            return (!self.waits_for_step(item)).then_some(self.sequence);
        }
        let (who, which) = self.tie_name(item);
        let drawn = self.keys.key(Purpose::Tie, at.as_nanos(), who, which);
        Some((drawn & !0xFFFF_FFFF) | (self.sequence & 0xFFFF_FFFF))
    }

    /// What the order of an event among its equals is drawn from: its name, so that an event more
    /// or less shuffles no others. Messages on one FIFO link share theirs and keep their order.
    fn tie_name(&self, item: Item) -> (u64, u64) {
        let name = |node: NodeId| self.name_keys.get(node);
        match item {
            Item::Arrive(_, slot) | Item::Deliver(_, slot) => {
                let (from, to) = self.flights.rare(slot).hop;
                let pair = self.name_keys.pair(from, to);
                if self.network.is_fifo(from, to) {
                    return (pair, 0);
                }
                let Envelope { sent_at, ordinal, lineage, .. } = self.flights.envelope(slot, 0);
                (
                    pair ^ mix(sent_at.as_nanos()),
                    u64::from(lineage) << 32 | u64::from(ordinal) | 1 << 63,
                )
            }
            Item::Request(node, _) => (name(node), 1),
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

    /// What a node has beyond the ordinary, to be changed.
    pub fn rest(&mut self, node: NodeId) -> &mut Rest<N> {
        self.hosts.rest_mut(node)
    }

    /// Begins the digest's entry for something that happens now.
    #[inline(always)]
    pub fn note(&mut self, tag: Tag, node: NodeId, detail: u64) {
        self.digest.words([self.now.as_nanos(), tag.of(node), detail]);
    }

    /// Hands an occurrence to whoever traces.
    #[inline]
    pub fn trace(&mut self, node: NodeId, what: Occurrence<'_>) {
        if self.tracer.listens() {
            let wall = self.hosts.clocks.of(node).wall(self.now);
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

    /// Gives a node's timers new entries after its clock has changed its rate.
    pub fn reschedule_timers(&mut self, node: NodeId) {
        let now = self.now;
        let mut due = Vec::new();
        let (clock, _) = self.hosts.clocks.of_mut(node);
        let clock = clock.clone();
        let head = &mut self.hosts.get_mut(node).timers;
        let outdated = self
            .timers
            .reschedule(head, |deadline, slot| due.push((clock.due(deadline, now), slot)));
        for (at, slot) in due {
            self.schedule(at, Item::Timer(node, slot));
        }
        self.outdate(outdated);
    }

    /// Sets something aside until the paused node goes on, or has caught up.
    pub fn stall(&mut self, node: NodeId, item: Item) {
        let rest = self.rest(node);
        rest.backlog.push_back(item);
        if !rest.paused() {
            self.schedule(self.now, Item::Resume(node));
        }
    }

    /// Has everything that was set aside handled now, in order.
    pub fn unstall(&mut self, node: NodeId) {
        for _ in 0..self.hosts.rest(node).backlog.len() {
            self.schedule(self.now, Item::Resume(node));
        }
    }

    /// An item has left the queue; tells whether it is still about something.
    #[inline]
    pub fn surface(&mut self, item: Item) -> bool {
        let stands = match item {
            Item::Timer(_, slot) => self.timers.surface(slot),
            Item::Served(node, ticket) => self.hosts.rest(node).station.stands(ticket),
            Item::Resume(node) => return self.surface_from_backlog(node),
            _ => return true,
        };
        self.outdated -= usize::from(!stands);
        stands
    }

    /// Whether the first of a backlog can be handled now; one that is out of date is dropped.
    fn surface_from_backlog(&mut self, node: NodeId) -> bool {
        let rest = self.hosts.rest_mut(node);
        match rest.backlog.front() {
            _ if rest.paused() => false,
            None => false,
            Some(Item::Timer(_, slot)) if !self.timers.stands(*slot) => {
                self.timers.forget(*slot);
                rest.backlog.pop_front();
                false
            }
            Some(_) => true,
        }
    }

    /// A number below `bound` from the node's own stream, which repeats itself after 2^32 of them.
    pub fn choose(&mut self, node: NodeId, bound: u32) -> u32 {
        let chosen = if self.follow.is_some() {
            self.scheduled_choice(bound)
        } else {
            let index = u64::from(self.hosts.next_choice(node));
            let mut draws = self.keys.draws(Purpose::Choice, self.name_keys.get(node), index, 0);
            draws.below(u64::from(bound)) as u32
        };
        if let Some(recorder) = self.tracer.recorder() {
            recorder.chose(chosen);
        }
        chosen
    }

    /// The names of message kinds, for tracing.
    pub fn kind_name(kind: usize) -> &'static str {
        N::Message::kind_name(kind)
    }
}
