//! A switch that looks a packet up in one cache after the other, and what that costs.

use seedbed_node::{Draws, Probability, mix};

use super::super::Ps;
use super::cache::{ExactMatch, IdleTable};
use crate::rng::{Keys, Purpose};

/// How a switch is built.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Shape {
    /// Places of the exact-match cache; 0: there is none.
    pub exact_entries: usize,
    /// The chance that a miss is inserted into it.
    pub exact_insert: Probability,
    /// Subtables of the megaflow cache: one for each mask of its rules.
    pub subtables: u32,
    /// Flows that one megaflow covers.
    pub flows_per_megaflow: u32,
    /// After which idle time a megaflow goes.
    pub idle_timeout: Ps,
    /// Megaflows that it holds at most.
    pub flow_limit: usize,
    /// Lookups a packet: 2 where tunnels or recirculation need a second.
    pub lookups: u32,
}

impl Default for Shape {
    /// Open vSwitch's defaults, with one subtable and a megaflow for each flow.
    fn default() -> Self {
        Shape {
            exact_entries: ExactMatch::ENTRIES,
            exact_insert: Probability::new(0.01).expect("a probability"),
            subtables: 1,
            flows_per_megaflow: 1,
            idle_timeout: IdleTable::TIMEOUT,
            flow_limit: IdleTable::LIMIT,
            lookups: 1,
        }
    }
}

/// What steps cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prices {
    /// Every packet, its lookup in the exact-match cache included.
    pub base: Ps,
    /// A subtable that is looked into.
    pub subtable: Ps,
    /// An upcall to the slow path.
    pub upcall: Ps,
}

impl Prices {
    /// Open vSwitch: base and subtable as in its commit data (with two lookups a packet); nobody
    /// has published an upcall that we could read, so 50 µs is assumed.
    pub const OPEN_VSWITCH: Prices =
        Prices { base: Ps(322_700), subtable: Ps(73_400), upcall: Ps(50_000_000) };
}

/// Who knew what to do with a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The exact-match cache.
    Exact,
    /// A megaflow.
    Megaflow,
    /// The slow path.
    Upcall,
}

/// What a switch has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SwitchCounts {
    /// Packets.
    pub packets: u64,
    /// Of those, found in the exact-match cache.
    pub exact_hits: u64,
    /// Of those, found among the megaflows.
    pub megaflow_hits: u64,
    /// Of those, sent to the slow path.
    pub upcalls: u64,
    /// Subtables looked into.
    pub subtables: u64,
    /// Megaflows that there was no room for.
    pub refused: u64,
    /// Time that all packets took.
    pub time: Ps,
}

impl SwitchCounts {
    /// The share of packets that the exact-match cache knew.
    pub fn exact_ratio(&self) -> f64 {
        self.exact_hits as f64 / self.packets as f64
    }

    /// Mean nanoseconds a packet.
    pub fn mean_ns(&self) -> f64 {
        self.time.nanos() / self.packets as f64
    }
}

/// Wildcard rules by subtable: a lookup tries one after the other until one matches.
#[derive(Clone, Debug)]
pub struct Megaflows {
    tables: Vec<IdleTable>,
    per_megaflow: u64,
    limit: usize,
}

impl Megaflows {
    /// No rules yet.
    pub fn new(shape: &Shape) -> Self {
        let table = IdleTable::new(shape.idle_timeout, usize::MAX);
        Megaflows {
            tables: vec![table; shape.subtables.max(1) as usize],
            per_megaflow: u64::from(shape.flows_per_megaflow.max(1)),
            limit: shape.flow_limit,
        }
    }

    /// Whether a rule matches, and how many subtables were looked into.
    pub fn lookup(&mut self, flow: u64, now: Ps) -> (bool, u32) {
        let rule = flow / self.per_megaflow;
        let place = self.table_of(rule);
        // Rules do not overlap: no other subtable has one for this flow.
        if self.tables[place].use_entry(rule, now) {
            (true, place as u32 + 1)
        } else {
            (false, self.tables.len() as u32)
        }
    }

    /// The slow path adds the rule for a flow; whether there was room.
    pub fn insert(&mut self, flow: u64, now: Ps) -> bool {
        if self.len() >= self.limit {
            self.tables.iter_mut().for_each(|table| table.expire(now));
        }
        let rule = flow / self.per_megaflow;
        let place = self.table_of(rule);
        self.len() < self.limit && self.tables[place].insert(rule, now)
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.tables.iter().map(IdleTable::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn table_of(&self, rule: u64) -> usize {
        (mix(rule) % self.tables.len() as u64) as usize
    }
}

/// A switch with both caches.
#[derive(Clone, Debug)]
pub struct Switch {
    shape: Shape,
    prices: Prices,
    exact: Option<ExactMatch>,
    megaflows: Megaflows,
    keys: Keys,
    counts: SwitchCounts,
}

impl Switch {
    /// A switch that knows nothing yet.
    pub fn new(shape: Shape, prices: Prices, keys: &Keys) -> Self {
        let entries = shape.exact_entries;
        Switch {
            exact: (entries > 0).then(|| ExactMatch::new(entries, shape.exact_insert)),
            megaflows: Megaflows::new(&shape),
            keys: keys.clone(),
            counts: SwitchCounts::default(),
            shape,
            prices,
        }
    }

    /// A packet of a flow comes: who knows it, and how long the switch is busy. What the slow path
    /// decides is cached by the time it is over.
    pub fn packet(&mut self, number: u64, flow: u64, now: Ps) -> (Answer, Ps) {
        let mut draws = self.keys.draws(Purpose::Path, number, flow, 0);
        let (answer, looked_into) = self.look_up(flow, now, &mut draws);
        let subtables = u64::from(looked_into) * u64::from(self.shape.lookups);
        let mut time = self.prices.base + self.prices.subtable * subtables;
        let counts = &mut self.counts;
        counts.packets += 1;
        counts.subtables += subtables;
        match answer {
            Answer::Exact => counts.exact_hits += 1,
            Answer::Megaflow => counts.megaflow_hits += 1,
            Answer::Upcall => {
                counts.upcalls += 1;
                time += self.prices.upcall;
                counts.refused += u64::from(!self.megaflows.insert(flow, now));
            }
        }
        self.counts.time += time;
        (answer, time)
    }

    /// What it has done.
    pub fn counts(&self) -> SwitchCounts {
        self.counts
    }

    /// What it has done so far no longer counts; it keeps what it knows.
    pub fn forget_counts(&mut self) {
        self.counts = SwitchCounts::default();
    }

    fn look_up(&mut self, flow: u64, now: Ps, draws: &mut Draws) -> (Answer, u32) {
        if self.exact.as_ref().is_some_and(|exact| exact.lookup(flow)) {
            return (Answer::Exact, 0);
        }
        let (known, looked_into) = self.megaflows.lookup(flow, now);
        if let Some(exact) = &mut self.exact {
            exact.missed(flow, draws);
        }
        (if known { Answer::Megaflow } else { Answer::Upcall }, looked_into)
    }
}
