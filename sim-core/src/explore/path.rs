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
    rebuild_by(model, fingerprints, symmetry, |_, _| true)
}

/// The same, of actions that are `acceptable` for the step with this number.
pub(super) fn rebuild_by<M: Model>(
    model: &M,
    fingerprints: &[u64],
    symmetry: bool,
    acceptable: impl Fn(usize, &M::Action) -> bool,
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
    for (step, wanted) in rest.iter().enumerate() {
        actions.clear();
        model.actions(&state, &mut actions);
        let (action, next) = actions.drain(..).find_map(|action| {
            if !acceptable(step, &action) {
                return None;
            }
            let mut next = state.clone();
            (model.apply(&mut next, &action) && print(&next) == *wanted).then_some((action, next))
        })?;
        taken.push(action);
        state = next;
    }
    Some(Trail { initial, actions: taken, end: End::State })
}
