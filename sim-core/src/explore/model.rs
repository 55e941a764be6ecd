//! What can be explored: a transition system, and what must hold in it.

use std::fmt::Debug;
use std::hash::Hash;

/// A transition system: initial states, actions, and what each leads to.
///
/// A protocol that is written as a specification (as one would in TLA+) is a model of its own; an
/// instance of the simulator's nodes is another. Both are searched by the same code.
pub trait Model: Sync + Sized {
    /// A state. What is not in it does not exist: states that are equal have the same future.
    type State: Clone + Eq + Hash + Debug + Send + Sync;
    /// What can happen. Small: the search makes and drops many.
    type Action: Clone + PartialEq + Debug + Send + Sync;

    /// Where it begins.
    fn initial(&self) -> Vec<Self::State>;

    /// Appends every action that `state` allows, always in the same order.
    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>);

    /// Carries out an action that `state` allows. `false`: it turns out that nothing comes of it, and
    /// there is no such successor; `state` may then be anything.
    fn apply(&self, state: &mut Self::State, action: &Self::Action) -> bool;

    /// Undoes [`apply`](Self::apply): turns `state`, which came of `action` in `before`, back into
    /// `before`. Most successors have been seen already, and a state that is mended where the action
    /// changed it costs less than a copy. What it leaves must equal `before`; copying always does.
    fn restore(&self, state: &mut Self::State, before: &Self::State, action: &Self::Action) {
        let _ = action;
        state.clone_from(before);
    }

    /// What must hold.
    fn properties(&self) -> Vec<Property<Self>>;

    /// Whether to go on from `state`: a bound on what would not end. A state outside is judged and
    /// counted; its successors are not. A search that met one is not complete.
    fn within(&self, state: &Self::State) -> bool {
        let _ = state;
        true
    }

    /// The class of an action that must not be left out for ever: a path that, from some point on,
    /// always allows some action of a class without ever taking one is not fair (weak fairness) and
    /// breaks no property. `None`: nothing obliges it to happen (a fault, a client's whim), and a path
    /// may end where nothing else is allowed. By default all actions are of one class: something
    /// happens as long as anything can.
    fn fairness(&self, action: &Self::Action) -> Option<u64> {
        let _ = action;
        Some(0)
    }

    /// Whether two actions that `state` allows commute in it: neither forbids the other, and both
    /// orders lead to the same state. Saying `false` is always right. An action is the same value
    /// before and after one that is independent of it. Only a search that is asked for partial-order
    /// reduction calls it; that leaves out no states, so what properties look at does not matter.
    fn independent(&self, state: &Self::State, a: &Self::Action, b: &Self::Action) -> bool {
        let _ = (state, a, b);
        false
    }

    /// Turns `state` into the one that represents all states that differ from it only by names that
    /// do not matter. Only a search that is asked for symmetry calls it.
    fn canonical(&self, state: &mut Self::State) {
        let _ = state;
    }
}

/// Something that must hold.
pub struct Property<M: Model> {
    /// Its name, such as `agreement`.
    pub name: String,
    /// What it demands of [`holds`](Self::holds).
    pub demand: Demand,
    /// A predicate of states.
    pub holds: Predicate<M>,
}

/// A predicate of states.
pub type Predicate<M> = Box<dyn Fn(&M, &<M as Model>::State) -> bool + Send + Sync>;

/// What a property demands of a predicate of states.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Demand {
    /// It holds in every state that can be reached: a safety property.
    Always,
    /// It holds in some state that can be reached.
    Sometimes,
    /// On every fair path that goes on as long as anything is obliged to happen, it holds at some time.
    Eventually,
    /// On every fair path that goes on as long as anything is obliged to happen, it holds again and
    /// again; at its end, if it has one.
    Recurrently,
}

impl<M: Model> Property<M> {
    /// `holds` in every state that can be reached.
    pub fn always(
        name: impl Into<String>,
        holds: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        Property { name: name.into(), demand: Demand::Always, holds: Box::new(holds) }
    }

    /// `holds` in some state that can be reached.
    pub fn sometimes(
        name: impl Into<String>,
        holds: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        Property { name: name.into(), demand: Demand::Sometimes, holds: Box::new(holds) }
    }

    /// `holds` at some time on every fair path.
    pub fn eventually(
        name: impl Into<String>,
        holds: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        Property { name: name.into(), demand: Demand::Eventually, holds: Box::new(holds) }
    }

    /// `holds` again and again on every fair path.
    pub fn recurrently(
        name: impl Into<String>,
        holds: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        Property { name: name.into(), demand: Demand::Recurrently, holds: Box::new(holds) }
    }
}
