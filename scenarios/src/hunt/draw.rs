//! Swarm testing (Groce, Zhang, Eide, Chen, Regehr: ISSTA 2012): each run has a mix of its own of
//! the kinds of trouble, because the presence of one hides what another would show.
//!
//! A run is drawn from its seed alone, so that hunting from the seed of a failure on finds it first.

use seedbed_core::fault::{Fault, RandomFaults, TimedFault, strategy};
use seedbed_core::rng::Keys;
use seedbed_core::{LinkSet, NodeSet, Window};
use seedbed_node::{Distribution, Draws, Duration, NodeId, Probability, Time, mix};

use super::draft::{Draft, fields, number, text, tuple, word};
use super::fault_text::{self, signed};
use super::ground::{Ground, put};
use super::hazard::Hazard;

/// Faults begin and end at multiples of this many nanoseconds.
const GRAIN: u64 = 1_000;

/// A run, ready to be loaded.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub draft: Draft,
    /// The kinds of trouble that were switched on.
    pub mix: Vec<Hazard>,
}

impl Ground {
    /// The run of a seed.
    pub fn draw(&self, seed: u64) -> Drawn {
        let mut draws = Draws::keyed(mix(seed ^ 0x5EED_BED5_0000_4855));
        let mut draft = self.draft.clone();
        draft.set("seed", number(seed));
        let mix = swarm(&self.hazards, &mut draws);
        let mut faults = self.bounded(&mix, seed, &mut draws);
        faults.extend(mix.iter().flat_map(|hazard| self.timed(*hazard, &mut draws)));
        let faults = self.compatible(faults);
        let mut entries = draft.faults().to_vec();
        entries.extend(faults.iter().map(|fault| fault_text::entry(fault, &self.names)));
        draft.set_faults(entries);
        for hazard in &mix {
            self.lasting(*hazard, &mut draft, &mut draws);
        }
        Drawn { draft, mix }
    }

    /// Faults of the kinds that scenarios draw too.
    fn bounded(&self, mix: &[Hazard], seed: u64, draws: &mut Draws) -> Vec<TimedFault> {
        let kinds = mix.iter().filter_map(|hazard| hazard.random()).collect();
        let random = match &self.random {
            Some(own) => RandomFaults { kinds, ..own.clone() },
            None => {
                let halvings = 1 + draws.below(9) as u32;
                let mean = Duration::from_nanos((self.span.as_nanos() >> halvings).max(GRAIN));
                let down_max =
                    1 + draws.below(u64::from(self.members.saturating_sub(1) / 2).max(1));
                RandomFaults {
                    window: Window { from: Time::ZERO, until: self.end() },
                    count_max: 1 + draws.below(u64::from(self.fault_count)) as u32,
                    lasting: Distribution::Exponential { mean },
                    kinds,
                    down_max: down_max as u32,
                }
            }
        };
        strategy::draw(&random, self.members, &Keys::of_seed(seed))
    }

    fn end(&self) -> Time {
        Time(self.span.as_nanos())
    }

    /// Faults with a time of the other kinds.
    fn timed(&self, hazard: Hazard, draws: &mut Draws) -> Vec<TimedFault> {
        let victim = NodeId(draws.below(u64::from(self.members)) as u32);
        let when = self.window(draws);
        let once = |fault| vec![TimedFault { at: when.from, until: None, fault }];
        match hazard {
            Hazard::Delay | Hazard::Loss => (0..=draws.below(2))
                .map(|_| {
                    let (when, links) = (self.window(draws), self.links(draws));
                    let fault = worse(hazard, links, draws);
                    TimedFault { at: when.from, until: Some(when.until), fault }
                })
                .collect(),
            Hazard::Slow => {
                let permille = 2_000 << draws.below(5);
                let fault = Fault::Slow { node: victim, permille };
                vec![TimedFault { at: when.from, until: Some(when.until), fault }]
            }
            Hazard::Drift => {
                let size = [10_000, 100_000, 1_000_000, 100_000_000][draws.below(4) as usize];
                let ppb = draws.below(2 * size + 1) as i64 - size as i64;
                once(Fault::Drift { node: victim, ppb })
            }
            Hazard::LateBoot => once(Fault::LateBoot(victim)),
            Hazard::Crash
            | Hazard::CrashBetweenEffects
            | Hazard::Partition
            | Hazard::Cut
            | Hazard::Isolate
            | Hazard::Degrade
            | Hazard::Pause
            | Hazard::Clock
            | Hazard::Duplication
            | Hazard::Reorder
            | Hazard::Offset
            | Hazard::Ties => Vec::new(),
        }
    }

    /// Some time before everything has healed; in one of three cases all of it.
    fn window(&self, draws: &mut Draws) -> Window {
        let span = self.span.as_nanos();
        if draws.below(3) == 0 {
            return Window { from: Time::ZERO, until: self.end() };
        }
        let from = draws.below(span);
        let length = (span >> draws.below(8)).max(GRAIN);
        Window { from: Time(from), until: Time((from + length).min(span).max(from + 1)) }
    }

    /// All links, those from or to a node, or one.
    fn links(&self, draws: &mut Draws) -> LinkSet {
        let nodes = u64::from(self.members);
        if nodes < 2 {
            return LinkSet::ALL;
        }
        let first = draws.below(nodes);
        let second = (first + 1 + draws.below(nodes - 1)) % nodes;
        let [one, other] = [first, second].map(|node| NodeSet::one(NodeId(node as u32)));
        match draws.below(4) {
            0 => LinkSet::ALL,
            1 => LinkSet { from: one, to: NodeSet::All },
            2 => LinkSet { from: NodeSet::All, to: one },
            _ => LinkSet { from: one, to: other },
        }
    }

    /// Rounds times; leaves out what the scenario refuses: a node that is down twice at once.
    fn compatible(&self, faults: Vec<TimedFault>) -> Vec<TimedFault> {
        let late = |fault: &TimedFault| match fault.fault {
            Fault::LateBoot(node) => Some(node),
            _ => None,
        };
        let booting: Vec<NodeId> = faults.iter().filter_map(late).collect();
        let fits = |timed: &TimedFault| match &timed.fault {
            Fault::Crash { node, .. } => !booting.contains(node) && !self.outages.contains(node),
            Fault::LateBoot(node) => !self.outages.contains(node),
            _ => true,
        };
        let mut faults: Vec<_> = faults.into_iter().filter(fits).map(rounded).collect();
        faults.sort_by_key(|timed| timed.at);
        self.bearable(faults)
    }

    /// Leaves out what would make messages late beyond measure: slow links multiply.
    fn bearable(&self, faults: Vec<TimedFault>) -> Vec<TimedFault> {
        let mut kept: Vec<TimedFault> = Vec::new();
        for timed in faults {
            let Fault::Degrade { delay_permille, .. } = &timed.fault else {
                kept.push(timed);
                continue;
            };
            let meets = |other: &&TimedFault| {
                other.until.is_none_or(|until| until > timed.at)
                    && !both_ways(&other.fault, &timed.fault)
            };
            let factors = kept.iter().filter(meets).map(|other| match other.fault {
                Fault::Degrade { delay_permille, .. } => u64::from(delay_permille),
                _ => 1_000,
            });
            let product = factors.fold(u64::from(*delay_permille), |product, factor| {
                product.saturating_mul(factor) / 1_000
            });
            if product <= self.slower_permille_max {
                kept.push(timed);
            }
        }
        kept
    }

    /// What holds for a whole run.
    fn lasting(&self, hazard: Hazard, draft: &mut Draft, draws: &mut Draws) {
        let mut pick = |values: [f64; 4]| values[draws.below(4) as usize];
        match hazard {
            Hazard::Duplication => {
                put(draft, "network", "duplicate", number(pick([0.01, 0.05, 0.1, 0.3])));
            }
            Hazard::Reorder => {
                put(draft, "network", "reorder", word("true"));
                // Delays that differ overtake each other as they are: longer ones would be another
                // kind of trouble.
                if self.constant {
                    let bounds = [self.delay, self.delay * 3].map(|d| text(d.to_string()));
                    put(draft, "network", "delay", tuple("Uniform", bounds.into()));
                }
            }
            Hazard::Delay => {
                let mean = self.delay * pick([0.0, 1.0, 2.0, 5.0]) as u64;
                if mean > Duration::ZERO {
                    let mean = [("mean", text(mean.to_string()))];
                    put(draft, "network", "delay", fields("Exponential", mean));
                }
            }
            Hazard::Offset => {
                let most = (pick([1.0, 10.0, 100.0, 1000.0]) * 1e6) as i64;
                let bounds = [-most, most].map(|ns| text(signed(ns)));
                put(draft, "clocks", "offset", tuple("Uniform", bounds.into()));
            }
            Hazard::Drift => {
                let most = pick([10.0, 100.0, 1000.0, 10_000.0]);
                let bounds = [-most, most].map(number);
                put(draft, "clocks", "drift_ppm", tuple("Uniform", bounds.into()));
            }
            Hazard::Ties => draft.set("ties", word("Shuffled")),
            Hazard::Crash
            | Hazard::CrashBetweenEffects
            | Hazard::Partition
            | Hazard::Cut
            | Hazard::Isolate
            | Hazard::Degrade
            | Hazard::Loss
            | Hazard::Pause
            | Hazard::LateBoot
            | Hazard::Slow
            | Hazard::Clock => {}
        }
    }
}

/// Each kind with a chance of one half; at least one.
fn swarm(hazards: &[Hazard], draws: &mut Draws) -> Vec<Hazard> {
    let chosen: Vec<_> = hazards.iter().copied().filter(|_| draws.below(2) == 0).collect();
    match hazards {
        [] => chosen,
        _ if !chosen.is_empty() => chosen,
        _ => vec![hazards[draws.below(hazards.len() as u64) as usize]],
    }
}

fn worse(hazard: Hazard, links: LinkSet, draws: &mut Draws) -> Fault {
    let share = [0.01, 0.05, 0.2, 0.5, 1.0][draws.below(5) as usize];
    let factor = [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000][draws.below(7) as usize];
    let loss = Probability::new(share).expect("it is a share");
    match hazard {
        Hazard::Loss => Fault::Degrade { links, delay_permille: 1000, loss },
        _ => Fault::Degrade { links, delay_permille: factor, loss: Probability::NEVER },
    }
}

/// Whether two faults are about the two directions of a node's links: no message meets both.
fn both_ways(one: &Fault, other: &Fault) -> bool {
    match (one, other) {
        (Fault::Degrade { links: a, .. }, Fault::Degrade { links: b, .. }) => {
            a.from != a.to && a.from == b.to && a.to == b.from
        }
        _ => false,
    }
}

fn rounded(timed: TimedFault) -> TimedFault {
    let down = |at: Time| Time(at.as_nanos() / GRAIN * GRAIN);
    let at = down(timed.at);
    let until = timed.until.map(|until| down(until).max(at + Duration::from_nanos(GRAIN)));
    TimedFault { at, until, fault: timed.fault }
}
