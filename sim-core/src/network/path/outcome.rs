//! What a trial leaves behind: plain data.

use hdrhistogram::Histogram;

use super::packet::{Exit, Left, Place};
use super::{Priority, Ps, StageCounts, Trial};
use crate::outcome::{Digest128, Quantiles};

/// The figures of one path under one load. All but `totals` are of the measured time alone.
#[derive(Clone, PartialEq, Debug)]
pub struct PathOutcome {
    /// 128 bits over every packet that left, in order.
    pub digest: Digest128,
    /// How long it was measured.
    pub length: Ps,
    /// Packets offered.
    pub offered: u64,
    /// Packets that left by the wire or to the application.
    pub delivered: u64,
    /// Their bytes, CRC included.
    pub bytes: u64,
    /// Drops by place, where there were any.
    pub drops: Vec<(Place, u64)>,
    /// Each core.
    pub cores: Vec<CoreUse>,
    /// Each stage.
    pub stages: Vec<StageCounts>,
    /// From a packet's offer to its leaving, in nanoseconds; `None` if none left.
    pub latency_ns: Option<Quantiles>,
    /// The same as a histogram, for figures.
    pub latencies: Histogram<u64>,
    /// From the first instant to the last.
    pub totals: Totals,
}

/// Every packet has one fate: `offered = left + dropped + inside`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Offered.
    pub offered: u64,
    /// Left by the wire or to the application.
    pub left: u64,
    /// Dropped anywhere.
    pub dropped: u64,
    /// On a wire, in a ring or being worked on at the end.
    pub inside: u64,
}

/// How a core spent its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CoreUse {
    /// With work, by priority: processes, soft interrupts, interrupts.
    pub busy: [Ps; Priority::COUNT],
    /// Whether it has a stage that polls, so that it never idles, work or not.
    pub polls: bool,
}

impl CoreUse {
    /// With work of any priority.
    pub fn worked(&self) -> Ps {
        self.busy.iter().copied().sum()
    }
}

impl PathOutcome {
    /// Packets out, per second.
    pub fn pps(&self) -> f64 {
        self.delivered as f64 / self.length.secs()
    }

    /// Packets offered, per second.
    pub fn offered_pps(&self) -> f64 {
        self.offered as f64 / self.length.secs()
    }

    /// Interrupts of all stages, per second.
    pub fn interrupts_per_s(&self) -> f64 {
        let all: u64 = self.stages.iter().map(|stage| stage.interrupts).sum();
        all as f64 / self.length.secs()
    }

    /// How much of its time a core had work, 0 to 1.
    pub fn busy_share(&self, core: usize) -> f64 {
        self.cores[core].worked().secs() / self.length.secs()
    }

    /// The same of all cores together, in cores.
    pub fn busy_cores(&self) -> f64 {
        (0..self.cores.len()).map(|core| self.busy_share(core)).sum()
    }

    /// Drops at a place.
    pub fn dropped(&self, place: Place) -> u64 {
        self.drops.iter().find(|(at, _)| *at == place).map_or(0, |(_, count)| *count)
    }

    /// Mean size of a stage's batches.
    pub fn mean_batch(&self, stage: usize) -> f64 {
        mean(&self.stages[stage].batches)
    }

    /// How many packets an arriving packet finds in a stage's ring, on average.
    pub fn mean_occupancy(&self, stage: usize) -> f64 {
        mean(&self.stages[stage].occupancy)
    }

    pub(super) fn new(
        trial: &Trial,
        digest: Digest128,
        tally: Tally,
        stages: Vec<StageCounts>,
        busy: &[[Ps; Priority::COUNT]],
    ) -> Self {
        let polls = |core: usize| {
            let mut here = trial.path.stages.iter().filter(|s| usize::from(s.core) == core);
            here.any(|stage| stage.notify == super::Notify::Poll)
        };
        let uses = busy.iter().enumerate();
        let drops = tally.drops.iter().enumerate().filter(|(_, count)| **count > 0);
        PathOutcome {
            digest,
            length: trial.length,
            offered: tally.offered_measured,
            delivered: tally.delivered,
            bytes: tally.bytes,
            drops: drops.map(|(place, &count)| (place_of(place), count)).collect(),
            cores: uses.map(|(core, &busy)| CoreUse { busy, polls: polls(core) }).collect(),
            stages,
            latency_ns: tally.quantiles(),
            totals: Totals {
                offered: tally.offered,
                left: tally.left,
                dropped: tally.dropped,
                inside: tally.inside + tally.leaving_late,
            },
            latencies: tally.latencies,
        }
    }
}

/// The mean index of counted indices.
fn mean(counts: &[u64]) -> f64 {
    let (mut sum, mut all) = (0u64, 0u64);
    for (index, &count) in (0..).zip(counts) {
        (sum, all) = (sum + index * count, all + count);
    }
    if all == 0 { 0.0 } else { sum as f64 / all as f64 }
}

/// Counts of a trial at work.
pub(super) struct Tally {
    pub offered: u64,
    pub offered_measured: u64,
    pub inside: u64,
    /// Memory for those that leave at one instant.
    pub leaving: Vec<Left>,
    left: u64,
    dropped: u64,
    /// Still on the wire out at the end.
    leaving_late: u64,
    delivered: u64,
    bytes: u64,
    /// Measured drops: wire, bus, transmit ring, then rings.
    drops: Vec<u64>,
    latencies: Histogram<u64>,
    /// Exact, unlike the histogram's.
    latency_sum: u128,
}

/// Places that come before rings.
const RINGS_FROM: usize = 3;

fn place_of(index: usize) -> Place {
    match index {
        0 => Place::Wire,
        1 => Place::Bus,
        2 => Place::Transmit,
        ring => Place::Ring((ring - RINGS_FROM) as u16),
    }
}

fn index_of(place: Place) -> usize {
    match place {
        Place::Wire => 0,
        Place::Bus => 1,
        Place::Transmit => 2,
        Place::Ring(stage) => RINGS_FROM + usize::from(stage),
    }
}

impl Tally {
    pub fn new(stages: usize) -> Self {
        Tally {
            offered: 0,
            offered_measured: 0,
            inside: 0,
            leaving: Vec::new(),
            left: 0,
            dropped: 0,
            leaving_late: 0,
            delivered: 0,
            bytes: 0,
            drops: vec![0; RINGS_FROM + stages],
            latencies: Histogram::new(3).expect("three digits are within its range"),
            latency_sum: 0,
        }
    }

    /// A packet has left; `in_time` is whether before the end of the trial.
    #[inline]
    pub fn account(&mut self, gone: Left, latency: Ps, measured: bool, in_time: bool) {
        match gone.exit {
            Exit::Dropped(place) => {
                self.dropped += 1;
                self.drops[index_of(place)] += u64::from(measured);
            }
            Exit::Wire | Exit::Host => {
                self.left += u64::from(in_time);
                self.leaving_late += u64::from(!in_time);
                if measured {
                    self.delivered += 1;
                    self.bytes += u64::from(gone.packet.bytes);
                    self.latency_sum += u128::from(latency.0);
                    self.latencies.record(latency.as_nanos()).expect("it grows");
                }
            }
        }
    }

    fn quantiles(&self) -> Option<Quantiles> {
        let mut quantiles = crate::ledger::quantiles(&self.latencies)?;
        quantiles.mean = self.latency_sum as f64 / self.delivered as f64 / 1e3;
        Some(quantiles)
    }
}
