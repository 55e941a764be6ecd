//! What is known of a run before it begins: the first line of a trace, and what exports open with.

use seedbed_core::trace::ClockKind;
use seedbed_node::Names;
use seedbed_scenarios::Plan;
use serde::Serialize;

use crate::json::text;

/// The version of the lines of a trace, which the first line names.
pub const SCHEMA: u32 = 1;

/// What is known of a run before it begins.
#[derive(Clone, Debug)]
pub struct Head {
    /// The scenario's name.
    pub scenario: String,
    /// The algorithm's name.
    pub algorithm: &'static str,
    /// The seed.
    pub seed: u64,
    /// How many nodes take part in the algorithm.
    pub members: u32,
    /// The names of nodes, then of relays, by id.
    pub names: Names,
    /// The logical clocks that stamp records.
    pub clocks: Vec<ClockKind>,
}

#[derive(Serialize)]
struct Object<'a> {
    schema: u32,
    what: &'static str,
    version: &'static str,
    scenario: &'a str,
    algorithm: &'a str,
    seed: u64,
    nodes: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<Vec<&'a str>>,
    clocks: Vec<&'static str>,
}

impl Head {
    /// Of a run of `plan` with `seed`, stamped with the clocks that the scenario records and
    /// with `also`.
    pub fn of(plan: &Plan, seed: Option<u64>, also: &[ClockKind]) -> Self {
        let mut clocks = plan.record.clocks.clone();
        for kind in also {
            if !clocks.contains(kind) {
                clocks.push(*kind);
            }
        }
        Head {
            scenario: plan.name.clone(),
            algorithm: plan.algorithm,
            seed: seed.unwrap_or(plan.seed),
            members: plan.nodes(),
            names: plan.names().clone(),
            clocks,
        }
    }

    /// The first line of a trace, with its line break.
    pub(super) fn line(&self) -> String {
        let written = || self.names.iter().collect();
        let key = |kind: &ClockKind| match kind {
            ClockKind::Lamport | ClockKind::LamportNotes => "lamport",
            ClockKind::Vector => "vector",
            ClockKind::Hlc => "hlc",
        };
        text(&Object {
            schema: SCHEMA,
            what: "run",
            version: env!("CARGO_PKG_VERSION"),
            scenario: &self.scenario,
            algorithm: self.algorithm,
            seed: self.seed,
            nodes: self.members,
            names: (!self.names.are_numbered()).then(written),
            clocks: self.clocks.iter().map(key).collect(),
        }) + "\n"
    }
}
