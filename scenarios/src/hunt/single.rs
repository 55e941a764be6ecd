//! One failure alone: the scenario of a seed, and the smallest form of a scenario that fails.

use super::draft::Draft;
use super::ground::{Ground, list_nodes, without_random};
use super::shrink::{self, Shrunk};
use super::{Hunt, cause, fault_text};
use crate::plan::{Plan, RunOptions};
use crate::registry::Registry;

impl Hunt {
    /// The scenario that a hunt draws from a seed, as text.
    ///
    /// # Errors
    /// Why there is nothing to hunt in this scenario.
    pub fn drawn(&self, registry: &Registry, plan: &Plan, seed: u64) -> Result<String, String> {
        let ground = Ground::of(registry, plan, self)?;
        Ok(ground.draw(seed).draft.text(&[]))
    }
}

/// The smallest form of a scenario that fails, found within so many runs; `None` if it does not
/// fail. Faults that the scenario draws are those of its seed.
pub fn smallest(registry: &Registry, plan: &Plan, runs: u32) -> Option<Shrunk> {
    let outcome = plan.run(None, RunOptions::default());
    let (cause, _) = cause::of(&outcome, plan.names())?;
    let mut draft = Draft::of(&plan.source).ok()?;
    for section in ["expect", "replay", "record"] {
        draft.remove(section);
    }
    if plan.world().faults.random.is_some() {
        without_random(&mut draft);
        let drawn = outcome.faults.iter().filter(|f| !plan.world().faults.planned.contains(f));
        let drawn = drawn.map(|fault| fault_text::entry(fault, plan.names()));
        let entries = draft.faults().iter().cloned().chain(drawn).collect();
        draft.set_faults(entries);
    }
    list_nodes(&mut draft, plan);
    let task = shrink::Task { registry, plan, names: plan.names(), cause: &cause };
    shrink::shrink(&task, draft, runs, &|| false)
}
