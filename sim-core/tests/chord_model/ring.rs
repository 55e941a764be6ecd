//! The shape of a ring: who follows whom, and what must be true of that.
//!
//! Pamela Zave, "Using Lightweight Modeling to Understand Chord", ACM SIGCOMM CCR 42(2), 2012, and
//! "Reasoning about Identifier Spaces: How to Make Chord Correct", IEEE TSE 43(12), 2017, section
//! IV. Nodes are their own identifiers: 0, 1, 2, … clockwise.

use std::fmt;

use seedbed_core::explore::{Model, Property};

/// Successor lists have two entries.
pub const LISTED: usize = 2;
/// No model here has more nodes.
pub const NODES_MAX: usize = 6;

/// A node.
pub type Id = u8;

/// Whether `b` lies strictly between, clockwise from `a` to `c`; between one and itself lie all others.
pub fn between(a: Id, b: Id, c: Id) -> bool {
    if a < c { a < b && b < c } else { a < b || b < c }
}

/// Some nodes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Set(pub u8);

impl Set {
    pub fn of(ids: impl IntoIterator<Item = Id>) -> Self {
        Set(ids.into_iter().fold(0, |bits, id| bits | 1 << id))
    }
    pub fn has(self, id: Id) -> bool {
        self.0 & 1 << id != 0
    }
    pub fn put(&mut self, id: Id) {
        self.0 |= 1 << id;
    }
    pub fn remove(&mut self, id: Id) {
        self.0 &= !(1 << id);
    }
    pub fn iter(self) -> impl Iterator<Item = Id> {
        (0..NODES_MAX as Id).filter(move |id| self.has(*id))
    }
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Members and their successor lists, whatever else a state has.
pub trait Ring {
    /// Who is a member and alive.
    fn members(&self) -> Set;
    /// A member's successors, nearest first.
    fn list(&self, member: Id) -> [Option<Id>; LISTED];

    /// A member's first live successor.
    fn first_live(&self, member: Id) -> Option<Id> {
        let live = self.members();
        self.list(member).into_iter().flatten().find(|id| live.has(*id))
    }

    /// Where first live successors lead from `from`, which is there only if they come back to it.
    fn ahead(&self, from: Id) -> Set {
        let (mut met, mut at) = (Set::default(), from);
        while let Some(next) = self.first_live(at).filter(|next| !met.has(*next)) {
            met.put(next);
            at = next;
        }
        met
    }

    /// Who comes back to itself.
    fn ring(&self) -> Set {
        Set::of(self.members().iter().filter(|id| self.ahead(*id).has(*id)))
    }

    fn one_live_successor(&self) -> bool {
        self.members().iter().all(|id| self.first_live(id).is_some())
    }

    fn at_least_one_ring(&self) -> bool {
        self.ring().len() > 0
    }

    fn at_most_one_ring(&self) -> bool {
        let ring = self.ring();
        ring.iter().next().is_none_or(|first| ring == self.ahead(first))
    }

    fn ordered_ring(&self) -> bool {
        let ring = self.ring();
        ring.iter().all(|id| {
            let next = self.first_live(id).unwrap_or(id);
            !ring.iter().any(|other| other != id && other != next && between(id, other, next))
        })
    }

    fn connected_appendages(&self) -> bool {
        let ring = self.ring();
        self.members().iter().all(|id| self.ahead(id).0 & ring.0 != 0)
    }

    /// Members that no member's list leads past: if they are more than a list is long, no list can
    /// lead past all of them.
    fn principals(&self) -> Set {
        let members = self.members();
        let mut principals = members;
        for member in members.iter() {
            let mut from = member;
            for to in self.list(member).into_iter().flatten() {
                for id in members.iter().filter(|id| between(from, *id, to)) {
                    principals.remove(id);
                }
                from = to;
            }
        }
        principals
    }
}

/// What must be true of the ring at all times.
pub fn shape<M: Model<State: Ring>>() -> Vec<Property<M>> {
    vec![
        Property::always("at least one ring", |_, state: &M::State| state.at_least_one_ring()),
        Property::always("at most one ring", |_, state: &M::State| state.at_most_one_ring()),
        Property::always("ordered ring", |_, state: &M::State| state.ordered_ring()),
        Property::always("connected appendages", |_, state: &M::State| {
            state.connected_appendages()
        }),
        Property::always("one live successor", |_, state: &M::State| state.one_live_successor()),
    ]
}
