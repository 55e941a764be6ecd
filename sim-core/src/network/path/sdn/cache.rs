//! Caches of flows: two-way exact match, least recently used, and tables with idle timeouts.

use std::collections::BTreeMap;

use seedbed_node::{Draws, Probability, mix};

use super::super::Ps;

/// The exact-match cache of Open vSwitch: a flow may be in two places, found by two parts of its
/// hash, and is inserted with a chance only, so that flows of few packets do not push out others.
#[derive(Clone, Debug)]
pub struct ExactMatch {
    places: Vec<Option<u64>>,
    insert: Probability,
}

impl ExactMatch {
    /// Open vSwitch's defaults: 8192 entries, one miss in 100 inserted.
    pub const ENTRIES: usize = 8_192;

    /// A cache with this many places.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(entries: usize, insert: Probability) -> Self {
        assert!(entries > 0, "a cache has places");
        ExactMatch { places: vec![None; entries], insert }
    }

    /// Whether the flow is in the cache.
    pub fn lookup(&self, flow: u64) -> bool {
        self.ways(flow).into_iter().any(|place| self.places[place] == Some(flow))
    }

    /// The flow's packet missed: it may be inserted, in an empty place or in a drawn one of its two.
    pub fn missed(&mut self, flow: u64, draws: &mut Draws) {
        if !self.insert.hits(draws) {
            return;
        }
        let ways = self.ways(flow);
        let empty = ways.into_iter().find(|&place| self.places[place].is_none());
        let place = empty.unwrap_or_else(|| ways[draws.below(2) as usize]);
        self.places[place] = Some(flow);
    }

    fn ways(&self, flow: u64) -> [usize; 2] {
        let (hash, places) = (mix(flow ^ 0x5EED), self.places.len() as u64);
        [hash as u32, (hash >> 32) as u32].map(|part| (u64::from(part) % places) as usize)
    }
}

/// A fully associative cache that forgets what was used least recently.
#[derive(Clone, Debug)]
pub struct Lru {
    room: usize,
    /// When each flow was used last, and the flows in that order.
    used: BTreeMap<u64, u64>,
    order: BTreeMap<u64, u64>,
    uses: u64,
}

impl Lru {
    /// A cache with room for so many flows.
    pub fn new(room: usize) -> Self {
        Lru { room, used: BTreeMap::new(), order: BTreeMap::new(), uses: 0 }
    }

    /// Uses a flow; whether it was in the cache. It is afterwards.
    pub fn use_flow(&mut self, flow: u64) -> bool {
        self.uses += 1;
        let before = self.used.insert(flow, self.uses);
        if let Some(before) = before {
            self.order.remove(&before);
        }
        self.order.insert(self.uses, flow);
        if self.used.len() > self.room
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.used.remove(&oldest);
        }
        before.is_some()
    }
}

/// A table whose entries go when they have not been used for a time, and that takes no more than
/// its limit.
#[derive(Clone, Debug)]
pub struct IdleTable {
    timeout: Ps,
    limit: usize,
    /// When each entry was used last.
    used: BTreeMap<u64, Ps>,
}

impl IdleTable {
    /// Open vSwitch's defaults: 10 s idle, 200 000 flows.
    pub const TIMEOUT: Ps = Ps::from_millis(10_000);
    /// See [`IdleTable::TIMEOUT`].
    pub const LIMIT: usize = 200_000;

    /// An empty table.
    pub fn new(timeout: Ps, limit: usize) -> Self {
        IdleTable { timeout, limit, used: BTreeMap::new() }
    }

    /// Uses an entry; whether it is there and not too old.
    pub fn use_entry(&mut self, entry: u64, now: Ps) -> bool {
        let timeout = self.timeout;
        match self.used.get_mut(&entry) {
            Some(used) if now.saturating_sub(*used) <= timeout => {
                *used = now;
                true
            }
            _ => false,
        }
    }

    /// Adds an entry, if need be in the place of those that are too old; whether there was room.
    pub fn insert(&mut self, entry: u64, now: Ps) -> bool {
        if self.used.len() >= self.limit && !self.used.contains_key(&entry) {
            self.expire(now);
            if self.used.len() >= self.limit {
                return false;
            }
        }
        self.used.insert(entry, now);
        true
    }

    /// Forgets what is too old.
    pub fn expire(&mut self, now: Ps) {
        let timeout = self.timeout;
        self.used.retain(|_, used| now.saturating_sub(*used) <= timeout);
    }

    /// How many entries it has, old ones that were not forgotten yet included.
    pub fn len(&self) -> usize {
        self.used.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.used.is_empty()
    }
}
