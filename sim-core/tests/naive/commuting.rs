//! Which actions commute, by trying: what partial-order reduction may rely on in any model.

use seedbed_core::explore::{Model, Property};

/// A model that knows which of its actions are independent, because it tries them in both orders.
pub struct Commuting<'a, M>(pub &'a M);

impl<M: Model + 'static> Commuting<'_, M> {
    /// Where an action leads, if it is allowed.
    fn after(&self, state: &M::State, action: &M::Action) -> Option<M::State> {
        let mut allowed = Vec::new();
        self.0.actions(state, &mut allowed);
        let mut after = state.clone();
        (allowed.contains(action) && self.0.apply(&mut after, action)).then_some(after)
    }

    /// What the properties say of a state.
    fn said(&self, state: &M::State) -> Vec<bool> {
        self.0.properties().iter().map(|property| (property.holds)(self.0, state)).collect()
    }
}

impl<M: Model + 'static> Model for Commuting<'_, M> {
    type State = M::State;
    type Action = M::Action;

    fn initial(&self) -> Vec<M::State> {
        self.0.initial()
    }

    fn actions(&self, state: &M::State, actions: &mut Vec<M::Action>) {
        self.0.actions(state, actions);
    }

    fn apply(&self, state: &mut M::State, action: &M::Action) -> bool {
        self.0.apply(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let through = |property: Property<M>| {
            let holds = property.holds;
            let holds = Box::new(move |model: &Self, state: &M::State| holds(model.0, state));
            Property { name: property.name, demand: property.demand, holds }
        };
        self.0.properties().into_iter().map(through).collect()
    }

    fn within(&self, state: &M::State) -> bool {
        self.0.within(state)
    }

    fn fairness(&self, action: &M::Action) -> Option<u64> {
        self.0.fairness(action)
    }

    fn independent(&self, state: &M::State, a: &M::Action, b: &M::Action) -> bool {
        let (Some(with_a), Some(with_b)) = (self.after(state, a), self.after(state, b)) else {
            return false;
        };
        let (ab, ba) = (self.after(&with_a, b), self.after(&with_b, a));
        let [said, said_a, said_b, said_ab] =
            [Some(state), Some(&with_a), Some(&with_b), ab.as_ref()]
                .map(|s| s.map(|s| self.said(s)));
        let a_is_silent = said_a == said && said_ab == said_b;
        let b_is_silent = said_b == said && said_ab == said_a;
        a != b && ab.is_some() && ab == ba && (a_is_silent || b_is_silent)
    }
}
