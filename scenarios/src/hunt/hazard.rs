//! The kinds of trouble that a hunt makes, and which assumptions each of them breaks.

use std::fmt;
use std::str::FromStr;

use seedbed_core::World;
use seedbed_core::fault::{Fault, RandomKind};
use seedbed_core::network::{LinkModel, Loss};
use seedbed_node::{Assumption, Distribution, Needs};

use crate::diagnose::nearest;

/// One kind of trouble. All of it has ended by the time at which a run is expected to recover, but
/// for duplicates, overtaking and the clocks' errors, which no message is lost by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hazard {
    /// A node crashes and restarts.
    Crash,
    /// A node crashes between two effects of one handler, and restarts.
    CrashBetweenEffects,
    /// The network splits in two and heals.
    Partition,
    /// One directed link is cut and heals.
    Cut,
    /// One node is cut off and joined again.
    Isolate,
    /// The links of one node become slow and lossy for a while.
    Degrade,
    /// Messages are late for a while: all, those of one node, or those of one link.
    Delay,
    /// Messages are lost for a while: of all, of one node, or of one link.
    Loss,
    /// Links make second copies.
    Duplication,
    /// Messages overtake each other.
    Reorder,
    /// A node handles nothing for a while, and then everything that has waited.
    Pause,
    /// A node boots late.
    LateBoot,
    /// A node serves slowly; of interest only where handlers take time.
    Slow,
    /// A clock jumps.
    Clock,
    /// A clock's rate changes.
    Drift,
    /// Clocks differ from the start.
    Offset,
    /// Events of one instant happen in any order.
    Ties,
}

impl Hazard {
    /// All of them.
    pub const ALL: [Hazard; 17] = [
        Hazard::Crash,
        Hazard::CrashBetweenEffects,
        Hazard::Partition,
        Hazard::Cut,
        Hazard::Isolate,
        Hazard::Degrade,
        Hazard::Delay,
        Hazard::Loss,
        Hazard::Duplication,
        Hazard::Reorder,
        Hazard::Pause,
        Hazard::LateBoot,
        Hazard::Slow,
        Hazard::Clock,
        Hazard::Drift,
        Hazard::Offset,
        Hazard::Ties,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Hazard::Crash => "crash",
            Hazard::CrashBetweenEffects => "crash-between-effects",
            Hazard::Partition => "partition",
            Hazard::Cut => "cut",
            Hazard::Isolate => "isolate",
            Hazard::Degrade => "degrade",
            Hazard::Delay => "delay",
            Hazard::Loss => "loss",
            Hazard::Duplication => "duplication",
            Hazard::Reorder => "reorder",
            Hazard::Pause => "pause",
            Hazard::LateBoot => "late-boot",
            Hazard::Slow => "slow",
            Hazard::Clock => "clock",
            Hazard::Drift => "drift",
            Hazard::Offset => "offset",
            Hazard::Ties => "ties",
        }
    }

    /// What an algorithm must not rely on where this may happen. Over a transport that
    /// retransmits, what is lost is only late, and what comes twice is heard once.
    pub fn breaks(self, over_transport: bool) -> &'static [Assumption] {
        use Assumption::{
            BoundedDelay, BoundedDrift, ClosedMembership, Fifo, MajorityUp, NoCrash, NoPartition,
            OwnClock, Reliable, StableBase, TrueSource,
        };
        const LOST: &[Assumption] = &[Reliable, BoundedDelay, MajorityUp, NoPartition, StableBase];
        const LATE: &[Assumption] = &[BoundedDelay, MajorityUp, NoPartition, StableBase];
        match self {
            Hazard::Crash | Hazard::CrashBetweenEffects => &[NoCrash, MajorityUp, StableBase],
            Hazard::Partition | Hazard::Cut | Hazard::Isolate if over_transport => LATE,
            Hazard::Partition | Hazard::Cut | Hazard::Isolate => LOST,
            Hazard::Degrade | Hazard::Loss if over_transport => &[BoundedDelay],
            Hazard::Degrade | Hazard::Loss => &[Reliable, BoundedDelay],
            Hazard::Delay | Hazard::Slow => &[BoundedDelay],
            Hazard::Duplication if over_transport => &[],
            Hazard::Duplication => &[Reliable],
            Hazard::Reorder => &[Fifo],
            Hazard::Pause => &[BoundedDelay, MajorityUp, StableBase],
            Hazard::LateBoot => &[NoCrash, BoundedDelay, ClosedMembership, MajorityUp, StableBase],
            Hazard::Clock => &[OwnClock, BoundedDrift, TrueSource],
            Hazard::Drift => &[BoundedDrift, TrueSource],
            Hazard::Offset => &[TrueSource],
            Hazard::Ties => &[],
        }
    }

    /// Whether an algorithm that needs `assumptions` must put up with this.
    pub fn allowed_by(self, assumptions: &[Assumption], over_transport: bool) -> bool {
        self.breaks(over_transport).iter().all(|broken| !assumptions.contains(broken))
    }

    /// What an algorithm must put up with without anything bad or, `alive`, anything missing.
    pub fn all_within(needs: Needs, alive: bool, over_transport: bool) -> Vec<Hazard> {
        let alive = if alive { needs.liveness } else { &[] };
        let fine = |hazard: &Hazard| {
            hazard.allowed_by(needs.safety, over_transport)
                && hazard.allowed_by(alive, over_transport)
        };
        Hazard::ALL.into_iter().filter(fine).collect()
    }

    /// The trouble in a world, as far as it is not what `usual` has of clocks and delays.
    pub(crate) fn in_world(world: &World, usual: &World) -> Vec<Hazard> {
        let planned = world.faults.planned.iter().map(|timed| Hazard::of_fault(&timed.fault));
        let mut hazards: Vec<Hazard> = planned.collect();
        let (links, before) = (&world.network, &usual.network);
        let all = || links.rules.iter().map(|(_, link)| link).chain([&links.default]);
        let mut add = |hazard, present: bool| hazards.extend(present.then_some(hazard));
        add(Hazard::Loss, all().any(|link| link.loss != Loss::None));
        add(Hazard::Duplication, all().any(|link| link.duplicate.possible()));
        let constant = |link: &LinkModel| matches!(link.delay, Distribution::Constant(_));
        add(Hazard::Reorder, all().any(|link| !link.fifo && !constant(link)));
        add(Hazard::Delay, links.default.delay != before.default.delay);
        add(Hazard::Offset, world.clocks != usual.clocks);
        add(Hazard::Drift, world.clocks != usual.clocks);
        hazards.sort_unstable();
        hazards.dedup();
        hazards
    }

    /// The kind that a fault is of.
    fn of_fault(fault: &Fault) -> Hazard {
        match fault {
            Fault::Partition(_) => Hazard::Partition,
            Fault::Cut(_) => Hazard::Cut,
            Fault::Isolate(_) => Hazard::Isolate,
            Fault::Degrade { loss, .. } if loss.possible() => Hazard::Degrade,
            Fault::Degrade { .. } => Hazard::Delay,
            Fault::Crash { after_effects: None, .. } => Hazard::Crash,
            Fault::Crash { after_effects: Some(_), .. } => Hazard::CrashBetweenEffects,
            Fault::Pause(_) => Hazard::Pause,
            Fault::Slow { .. } => Hazard::Slow,
            Fault::LateBoot(_) => Hazard::LateBoot,
            Fault::ClockStep { .. } => Hazard::Clock,
            Fault::Drift { .. } => Hazard::Drift,
        }
    }

    /// As faults drawn within bounds know it.
    pub(crate) fn random(self) -> Option<RandomKind> {
        Some(match self {
            Hazard::Crash => RandomKind::Crash,
            Hazard::CrashBetweenEffects => RandomKind::CrashBetweenEffects,
            Hazard::Partition => RandomKind::Partition,
            Hazard::Cut => RandomKind::Cut,
            Hazard::Isolate => RandomKind::Isolate,
            Hazard::Degrade => RandomKind::Degrade,
            Hazard::Pause => RandomKind::Pause,
            Hazard::Clock => RandomKind::ClockStep,
            Hazard::Delay
            | Hazard::Loss
            | Hazard::Duplication
            | Hazard::Reorder
            | Hazard::LateBoot
            | Hazard::Slow
            | Hazard::Drift
            | Hazard::Offset
            | Hazard::Ties => return None,
        })
    }

    /// The one that faults drawn within bounds call so.
    pub(crate) fn of_random(kind: RandomKind) -> Hazard {
        let same = |hazard: &Hazard| hazard.random() == Some(kind);
        Hazard::ALL.into_iter().find(same).expect("every kind is one of them")
    }
}

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Hazard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.trim();
        let found = Hazard::ALL.into_iter().find(|hazard| hazard.name() == name);
        found.ok_or_else(|| {
            let names = Hazard::ALL.map(Hazard::name);
            match nearest(name, names) {
                Some(near) => format!("there is no fault kind `{name}`; did you mean `{near}`?"),
                None => format!("there is no fault kind `{name}`: {}", names.join(", ")),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hazard_is_found_by_its_name() {
        for hazard in Hazard::ALL {
            assert_eq!(hazard.name().parse(), Ok(hazard));
        }
        assert!("crsh".parse::<Hazard>().unwrap_err().contains("`crash`"));
    }

    #[test]
    fn a_transport_makes_up_for_loss_but_not_for_lateness() {
        let needs = Needs { safety: &[Assumption::Reliable], liveness: &[] };
        let bare = Hazard::all_within(needs, true, false);
        let over = Hazard::all_within(needs, true, true);
        assert!(!bare.contains(&Hazard::Loss) && over.contains(&Hazard::Loss));
        let timely = Needs { safety: &[Assumption::BoundedDelay], liveness: &[] };
        assert!(!Hazard::all_within(timely, true, true).contains(&Hazard::Loss));
    }
}
