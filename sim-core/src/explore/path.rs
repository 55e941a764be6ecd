//! From the fingerprints of a path to its actions.

use super::fingerprint::fingerprint;
use super::model::Model;
use super::outcome::{End, Trail};

/// The first path, in the order of initial states and actions, whose states have these fingerprints.
/// With symmetry, those of their representatives: what comes out is a path of real states all the
/// same. `None` only if fingerprints collided, or if a model's symmetry is none.
pub(super) fn rebuild<M: Model>(
    model: &M,
    fingerprints: &[u64],
    symmetry: bool,
) -> Option<Trail<M::Action>> {
    let print = |state: &M::State| match symmetry {
        false => fingerprint(state),
        true => {
            let mut representative = state.clone();
            model.canonical(&mut representative);
            fingerprint(&representative)
        }
    };
    let (first, rest) = fingerprints.split_first()?;
    let (initial, mut state) =
        model.initial().into_iter().enumerate().find(|(_, state)| print(state) == *first)?;
    let mut taken = Vec::with_capacity(rest.len());
    let mut actions = Vec::new();
    for wanted in rest {
        actions.clear();
        model.actions(&state, &mut actions);
        let (action, next) = actions.drain(..).find_map(|action| {
            let mut next = state.clone();
            (model.apply(&mut next, &action) && print(&next) == *wanted).then_some((action, next))
        })?;
        taken.push(action);
        state = next;
    }
    Some(Trail { initial, actions: taken, end: End::State })
}
