//! What a source reports of its model, and the comparison with what is explored here.

use seedbed_core::explore::Model;

use crate::naive::{Graph, Verdict, agreed};

/// What TLC reports of a complete search. 0: not reported, or not comparable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Published {
    /// Distinct states.
    pub unique: u64,
    /// States generated, initial ones included.
    pub generated: u64,
    /// The depth of the search, which it counts in levels: initial states are the first.
    pub levels: u32,
}

impl Published {
    /// Only distinct states.
    pub fn unique(unique: u64) -> Self {
        Published { unique, generated: 0, levels: 0 }
    }
}

/// Explores `model` as it is published: the figures must be these, and every property hold. What
/// lies outside the model's bounds is not distinct for TLC.
pub fn agrees<M: Model<State: Ord> + 'static>(model: &M, published: Published) -> Graph<M> {
    let graph = agreed(model);
    let unique = graph.states.len() as u64 - graph.outside;
    let or = |published: u64, ours: u64| if published == 0 { 0 } else { ours };
    let within = graph.states.iter().zip(&graph.depths).filter(|(state, _)| model.within(state));
    let levels = within.map(|(_, depth)| depth + 1).max().unwrap_or(0);
    let ours = Published {
        unique,
        generated: or(published.generated, graph.generated),
        levels: or(published.levels.into(), levels.into()) as u32,
    };
    assert_eq!(ours, published, "of {} generated, {levels} levels", graph.generated);
    for (name, verdict) in graph.verdicts(model) {
        assert_eq!(verdict, Verdict::Held, "{name}");
    }
    graph
}

/// Explores a `model` of which one property does not hold: a safety property after so many actions.
pub fn breaks<M: Model<State: Ord> + 'static>(model: &M, property: &str, actions: u32) -> Graph<M> {
    let graph = agreed(model);
    let verdicts = graph.verdicts(model);
    let found = verdicts.iter().find(|(name, _)| name == property);
    assert_eq!(found.map(|(_, verdict)| *verdict), Some(Verdict::Broken(actions)), "{verdicts:?}");
    graph
}
