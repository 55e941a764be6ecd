//! The columns: each takes one assumption away from a scenario that keeps them all.

use seedbed_node::Assumption;

use crate::hunt::Hazard;

/// One assumption broken alone, in one way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name on the command line and in tables.
    pub name: &'static str,
    /// One line: what the world does.
    pub about: &'static str,
    /// What it takes away.
    pub breaks: Assumption,
    /// What a hunt may do to runs; none where there is nothing to hunt with.
    pub hazards: &'static [Hazard],
    /// What an exploration changes in the scenario, as `--set` does; `None` where exploring cannot
    /// say it.
    pub explore: Option<&'static [(&'static str, &'static str)]>,
    /// What hunting changes in the scenario.
    pub set: &'static [(&'static str, &'static str)],
}

/// All columns.
pub const COLUMNS: &[Column] = &[
    Column {
        name: "reorder",
        about: "messages overtake each other",
        breaks: Assumption::Fifo,
        hazards: &[Hazard::Reorder],
        explore: Some(&[("network.reorder", "true")]),
        set: &[],
    },
    Column {
        name: "loss",
        about: "messages are lost",
        breaks: Assumption::Reliable,
        hazards: &[Hazard::Loss],
        explore: Some(&[("explore.losses", "1")]),
        set: &[],
    },
    Column {
        name: "duplication",
        about: "messages come twice",
        breaks: Assumption::Reliable,
        hazards: &[Hazard::Duplication],
        explore: Some(&[("explore.duplications", "1")]),
        set: &[],
    },
    Column {
        name: "crash",
        about: "a node crashes for good",
        breaks: Assumption::NoCrash,
        hazards: &[],
        explore: Some(&[("explore.crashes", "1")]),
        set: &[],
    },
    Column {
        name: "restart",
        about: "a node crashes and comes back with what it has on disk",
        breaks: Assumption::NoCrash,
        hazards: &[Hazard::Crash, Hazard::CrashBetweenEffects],
        explore: Some(&[("explore.crashes", "1"), ("explore.restarts", "1")]),
        set: &[],
    },
    Column {
        name: "delay",
        about: "messages take any time",
        breaks: Assumption::BoundedDelay,
        hazards: &[Hazard::Delay],
        explore: Some(&[("explore.time", "Asynchronous")]),
        set: &[],
    },
    Column {
        name: "partition",
        about: "the network splits and heals",
        breaks: Assumption::NoPartition,
        hazards: &[Hazard::Partition, Hazard::Cut, Hazard::Isolate],
        explore: None,
        set: &[],
    },
    Column {
        name: "drift",
        about: "clocks run at wrong rates",
        breaks: Assumption::BoundedDrift,
        hazards: &[Hazard::Drift],
        explore: None,
        set: &[],
    },
    Column {
        name: "clock-step",
        about: "somebody sets a node's clock",
        breaks: Assumption::OwnClock,
        hazards: &[Hazard::Clock],
        explore: None,
        set: &[],
    },
    Column {
        name: "late-joiner",
        about: "a node boots late",
        breaks: Assumption::ClosedMembership,
        hazards: &[Hazard::LateBoot],
        explore: None,
        set: &[],
    },
    Column {
        name: "corruption",
        about: "messages arrive altered, and no checksum notices",
        breaks: Assumption::Uncorrupted,
        hazards: &[],
        explore: None,
        set: &[("network.corrupt", "(chance: 0.05, undetected: true)")],
    },
];
