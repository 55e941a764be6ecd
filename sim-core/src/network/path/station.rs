//! A stage at work: its ring, its batch, and what the batch costs.

use std::collections::VecDeque;

use seedbed_node::Draws;

use super::machine::{Agenda, HostEvent};
use super::model::{Cost, Law, Notify, Stage};
use super::{Packet, Ps};
use crate::rng::{Keys, Purpose};

/// Whether a stage is at work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    /// The next packet sets it going.
    Asleep,
    /// An interrupt is on its way.
    Pending,
    /// It has a job, waiting or running.
    Working,
}

/// A stage with what it holds.
#[derive(Clone, Debug)]
pub(super) struct Station {
    pub model: Stage,
    /// Nothing but the number of packets decides the cost of a batch.
    pub plain: bool,
    pub ring: VecDeque<Packet>,
    pub hand: Vec<Packet>,
    pub status: Status,
    /// Its last batch was full.
    pub full: bool,
    /// It was blocked, so that waking it costs a context switch.
    pub blocked: bool,
    /// It has waited for its batch long enough.
    pub flush: bool,
    pub waiting: bool,
    pub fill_number: u32,
    /// Stages that watch this one's ring.
    pub watchers: Vec<u16>,
    pub statistics: StageCounts,
}

/// What a stage has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageCounts {
    /// How many batches had so many packets.
    pub batches: Vec<u64>,
    /// How many arriving packets found so many in the ring.
    pub occupancy: Vec<u64>,
    /// Interrupts taken.
    pub interrupts: u64,
}

impl Station {
    pub fn new(model: &Stage) -> Self {
        let Cost { cache, law, .. } = model.cost;
        Station {
            plain: cache.is_none() && law == Law::Constant && model.cost.touch(1) == Ps::ZERO,
            ring: VecDeque::new(),
            hand: Vec::new(),
            status: Status::Asleep,
            full: false,
            blocked: false,
            flush: false,
            waiting: false,
            fill_number: 0,
            watchers: Vec::new(),
            statistics: StageCounts::for_stage(model),
            model: model.clone(),
        }
    }

    /// Whether its batch waits for no more packets.
    #[inline]
    pub fn is_filled(&self) -> bool {
        let full = self.ring.len() >= self.model.batch as usize;
        self.model.fill.is_none() || self.flush || full
    }

    pub fn wait_to_fill(&mut self, stage: u16, now: Ps, agenda: &mut impl Agenda) {
        if let (Some(patience), false) = (self.model.fill, self.waiting) {
            self.waiting = true;
            self.fill_number = self.fill_number.wrapping_add(1);
            agenda.add(now + patience, HostEvent::Filled(stage, self.fill_number));
        }
    }

    /// Takes a batch from the ring into the hand.
    pub fn take_batch(&mut self, room: usize) -> usize {
        let taken = self.ring.len().min(self.model.batch as usize).min(room);
        if taken == 0 {
            return 0;
        }
        self.hand.extend(self.ring.drain(..taken));
        self.full = taken == self.model.batch as usize;
        (self.flush, self.waiting) = (false, false);
        self.statistics.batches[taken] += 1;
        taken
    }

    /// What the batch in the hand costs.
    #[inline]
    pub fn cost(&mut self, keys: &Keys, name: u64, stage: u16) -> Ps {
        let cost = &self.model.cost;
        let mut total = cost.batch + cost.packet * self.hand.len() as u64;
        if !self.plain {
            total = cost.batch;
            for packet in &self.hand {
                let mut draws = keys.draws(Purpose::Path, name, packet.number, u64::from(stage));
                total += cost.of_packet(packet.bytes, &mut draws);
            }
        }
        match self.model.notify {
            Notify::Signal { switch } if std::mem::take(&mut self.blocked) => total + switch,
            _ => total,
        }
    }
}

impl Cost {
    /// What one packet costs.
    fn of_packet(&self, bytes: u32, draws: &mut Draws) -> Ps {
        let mut cost = self.packet + self.touch(bytes);
        if let Some(cache) = self.cache
            && cache.misses.hits(draws)
        {
            cost += cache.miss_cost.permille(cache.numa_permille);
        }
        match self.law {
            Law::Constant => cost,
            Law::Exponential => Ps((-libm::log(draws.unit()) * cost.0 as f64) as u64),
        }
    }
}

impl StageCounts {
    pub(super) fn for_stage(stage: &Stage) -> Self {
        StageCounts {
            batches: vec![0; stage.batch as usize + 1],
            occupancy: vec![0; stage.ring as usize],
            interrupts: 0,
        }
    }
}
