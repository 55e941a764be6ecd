//! The columns: each takes one assumption away from a scenario that keeps them all.

use std::str::FromStr;

use seedbed_node::{Assumption, Duration};

use crate::diagnose::nearest;
use crate::hunt::Hazard;

/// One assumption broken alone, in one way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name on the command line and in tables.
    pub name: &'static str,
    /// The same in as little room as a narrow table has.
    pub short: &'static str,
    /// One line: what the world does.
    pub about: &'static str,
    /// What it takes away.
    pub breaks: Assumption,
    /// What a hunt may do to runs; none where there is nothing to hunt with.
    pub hazards: &'static [Hazard],
    /// What an exploration changes in the scenario, as `--set` does; `None` where exploring cannot
    /// say it.
    pub explore: Option<&'static [(&'static str, &'static str)]>,
    /// How long a hunt waits beyond the faults before it calls something missing; as usual if
    /// `None`.
    pub grace: Option<Duration>,
    /// What hunting changes in the scenario.
    pub set: &'static [(&'static str, &'static str)],
}

impl FromStr for Column {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = COLUMNS.iter().find(|column| column.name == text || column.short == text);
        found.copied().ok_or_else(|| {
            let names: Vec<_> = COLUMNS.iter().map(|column| column.name).collect();
            match nearest(text, names.iter().copied()) {
                Some(near) => format!("there is no such column; did you mean `{near}`?"),
                None => format!("the columns are {}", names.join(", ")),
            }
        })
    }
}

/// All columns.
pub const COLUMNS: &[Column] = &[
    Column {
        name: "reorder",
        short: "reorder",
        about: "messages overtake each other",
        breaks: Assumption::Fifo,
        hazards: &[Hazard::Reorder],
        explore: Some(&[("network.reorder", "true")]),
        grace: None,
        set: &[],
    },
    Column {
        name: "loss",
        short: "loss",
        about: "messages are lost",
        breaks: Assumption::Reliable,
        hazards: &[Hazard::Loss],
        explore: Some(&[("explore.losses", "1")]),
        grace: None,
        set: &[],
    },
    Column {
        name: "duplication",
        short: "dup",
        about: "messages come twice",
        breaks: Assumption::Reliable,
        hazards: &[Hazard::Duplication],
        explore: Some(&[("explore.duplications", "1")]),
        grace: None,
        set: &[],
    },
    Column {
        name: "crash",
        short: "crash",
        about: "a node crashes for good",
        breaks: Assumption::NoCrash,
        hazards: &[],
        explore: Some(&[("explore.crashes", "1")]),
        grace: None,
        set: &[],
    },
    Column {
        name: "restart",
        short: "restart",
        about: "a node crashes and comes back with what it has on disk",
        breaks: Assumption::NoCrash,
        hazards: &[Hazard::Crash, Hazard::CrashBetweenEffects],
        explore: Some(&[("explore.crashes", "1"), ("explore.restarts", "1")]),
        grace: None,
        set: &[],
    },
    Column {
        name: "delay",
        short: "delay",
        about: "messages take any time",
        breaks: Assumption::BoundedDelay,
        hazards: &[Hazard::Delay],
        explore: Some(&[("explore.time", "Asynchronous")]),
        // What takes any time is not missing because it is late.
        grace: Some(Duration::from_secs(3_600)),
        set: &[],
    },
    Column {
        name: "partition",
        short: "part",
        about: "the network splits and heals",
        breaks: Assumption::NoPartition,
        hazards: &[Hazard::Partition, Hazard::Cut, Hazard::Isolate],
        explore: None,
        grace: None,
        set: &[],
    },
    Column {
        name: "drift",
        short: "drift",
        about: "clocks run at wrong rates",
        breaks: Assumption::BoundedDrift,
        hazards: &[Hazard::Drift],
        explore: None,
        grace: None,
        set: &[],
    },
    Column {
        name: "clock-step",
        short: "step",
        about: "somebody sets a node's clock",
        breaks: Assumption::OwnClock,
        hazards: &[Hazard::Clock],
        explore: None,
        grace: None,
        set: &[],
    },
    Column {
        name: "late-joiner",
        short: "late",
        about: "a node boots late",
        breaks: Assumption::ClosedMembership,
        hazards: &[Hazard::LateBoot],
        explore: None,
        grace: None,
        set: &[],
    },
    Column {
        name: "corruption",
        short: "corrupt",
        about: "messages arrive altered, and no checksum notices",
        breaks: Assumption::Uncorrupted,
        hazards: &[],
        explore: None,
        grace: None,
        set: &[("network.corrupt", "(chance: 0.05, undetected: true)")],
    },
];
