//! Chord as Pamela Zave has corrected it, in atomic events, and with any of its repairs undone.
//!
//! Pamela Zave, "Reasoning about Identifier Spaces: How to Make Chord Correct", IEEE TSE 43(12),
//! 2017, with the Alloy text of August 2016 that belongs to it; the stable base as in its first
//! form, "How to Make Chord Correct", arXiv:1502.06461, 2015.
//!
//! | Event | of node `n` |
//! |---|---|
//! | join | asks the member before its place, and takes that one's list for its own, and that one for its predecessor |
//! | stabilise, first step | asks its successor: takes it and its list; if the successor's predecessor lies in between, the second step follows; else it notifies the successor. A dead one is dropped, and the list filled up with the identifier after its last |
//! | second step | asks that predecessor: takes it and its list if it answers; notifies its successor |
//! | rectify | notified: takes the notifier for its predecessor if it is nearer, or the old one is dead |
//! | fail | forgets everything; not if somebody would be left without a live successor, and not a member of the base |
//!
//! A notice waits until its node rectifies; several may wait, which is more than Zave's model allows.

use seedbed_core::explore::{Model, Property};

use crate::ring::{Id, LISTED, NODES_MAX, Ring, Set, between, shape};

/// The corrected protocol among so many nodes.
#[derive(Clone, Debug)]
pub struct Corrected {
    pub nodes: Id,
    /// The base: the members of the ring at the start, each alternative one initial state.
    pub bases: Vec<Set>,
    /// Whether who has failed may come back, with the same identifier.
    pub rejoin: bool,
    /// The repair that is undone.
    pub undone: Option<Repair>,
}

/// What the corrected protocol has, and the published one has not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Repair {
    /// The members of the base, one more than a list is long, never fail.
    StableBase,
    /// Who joins has a whole list, from a member that answers; otherwise, the name of a successor,
    /// dead or alive.
    JoinAsks,
    /// Nobody is adopted before it has answered; otherwise, the second step asks nobody, and the
    /// successor's predecessor takes the successor's place in the list.
    AdoptAsks,
    /// A list is replaced as a whole, by the list of who is adopted; otherwise, only its first entry
    /// is, in one step, and the rest when the node stabilises again.
    TwoSteps,
    /// A notified node finds out whether its predecessor is alive; otherwise, only a nearer one
    /// replaces it.
    RectifyAsks,
    /// A list from which a dead entry is dropped is filled up; otherwise, it stays short.
    FillUp,
}

/// What one node knows; nothing, of one that is no member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Pointers {
    pub list: [Option<Id>; LISTED],
    pub predecessor: Option<Id>,
    /// Whom it asks next: between its first and its second step.
    pub candidate: Option<Id>,
    /// Who has notified it.
    pub notices: Set,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct State {
    pub nodes: [Pointers; NODES_MAX],
    /// Who formed the ring.
    pub base: Set,
    /// Who has failed and does not come back.
    pub gone: Set,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    Join { node: Id, behind: Id },
    Stabilise(Id),
    SecondStep(Id),
    Rectify { node: Id, by: Id },
    Fail(Id),
}

impl Ring for State {
    fn members(&self) -> Set {
        Set::of((0..NODES_MAX as Id).filter(|id| self.of(*id).list[0].is_some()))
    }
    fn list(&self, member: Id) -> [Option<Id>; LISTED] {
        self.of(member).list
    }
}

impl State {
    pub fn of(&self, id: Id) -> &Pointers {
        &self.nodes[usize::from(id)]
    }
    fn at(&mut self, id: Id) -> &mut Pointers {
        &mut self.nodes[usize::from(id)]
    }
    fn notify(&mut self, node: Id) {
        if let Some(successor) = self.of(node).list[0]
            && self.members().has(successor)
        {
            self.at(successor).notices.put(node);
        }
    }

    /// Whether every pointer is right.
    pub fn ideal(&self) -> bool {
        let members = self.members();
        members.iter().all(|id| {
            let next = |from: Id| {
                let nearer = |a: Id, b: Id| if between(from, a, b) { a } else { b };
                members.iter().reduce(nearer).unwrap_or(from)
            };
            let successor = next(id);
            self.of(id).list == [Some(successor), Some(next(successor))]
                && self.of(successor).predecessor == Some(id)
        })
    }
}

impl Model for Corrected {
    type State = State;
    type Action = Event;

    /// The base alone, every pointer right.
    fn initial(&self) -> Vec<State> {
        let ideal = |base: &Set| {
            let mut state = State { base: *base, ..State::default() };
            let ids: Vec<Id> = base.iter().collect();
            let ahead = |place: usize, by: usize| Some(ids[(place + by) % ids.len()]);
            for (place, id) in ids.iter().enumerate() {
                state.at(*id).list = [ahead(place, 1), ahead(place, 2)];
                state.at(*id).predecessor = ahead(place, ids.len() - 1);
            }
            state
        };
        self.bases.iter().map(ideal).collect()
    }

    fn actions(&self, state: &State, events: &mut Vec<Event>) {
        let members = state.members();
        for node in 0..self.nodes {
            if members.has(node) {
                let steps = [Event::Stabilise, Event::SecondStep, Event::Fail];
                events.extend(steps.map(|event| event(node)));
                let notices = state.of(node).notices;
                events.extend(notices.iter().map(|by| Event::Rectify { node, by }));
            } else if !state.gone.has(node) {
                events.extend(members.iter().map(|behind| Event::Join { node, behind }));
            }
        }
    }

    fn apply(&self, state: &mut State, event: &Event) -> bool {
        let before = *state;
        match *event {
            Event::Join { node, behind } => self.join(state, node, behind),
            Event::Stabilise(node) => self.stabilise(state, node),
            Event::SecondStep(node) => self.second_step(state, node),
            Event::Rectify { node, by } => self.rectify(state, node, by),
            Event::Fail(node) => self.fail(state, node),
        }
        *state != before
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = shape();
        properties.push(Property::always("enough principals", |_, state: &State| {
            state.principals().len() > LISTED as u32
        }));
        properties.push(Property::recurrently("ideal", |_, state: &State| state.ideal()));
        properties
    }

    /// Every member goes on stabilising and rectifying; nobody need join or fail.
    fn fairness(&self, event: &Event) -> Option<u64> {
        match event {
            Event::Join { .. } | Event::Fail(_) => None,
            Event::Stabilise(node) | Event::SecondStep(node) => Some(u64::from(*node)),
            Event::Rectify { node, by } => Some(u64::from(*node) * 8 + u64::from(*by) + 8),
        }
    }
}

impl Corrected {
    fn has(&self, repair: Repair) -> bool {
        self.undone != Some(repair)
    }

    fn join(&self, state: &mut State, node: Id, behind: Id) {
        let [Some(successor), _] = state.of(behind).list else { return };
        if !between(behind, node, successor) {
            return;
        }
        *state.at(node) = match self.has(Repair::JoinAsks) {
            true => Pointers {
                list: state.of(behind).list,
                predecessor: Some(behind),
                ..Pointers::default()
            },
            false => Pointers { list: [Some(successor), None], ..Pointers::default() },
        };
    }

    fn stabilise(&self, state: &mut State, node: Id) {
        let Pointers { list: [Some(successor), second], candidate: None, .. } = *state.of(node)
        else {
            return;
        };
        let members = state.members();
        if !members.has(successor) {
            let last = second.unwrap_or(successor);
            let fill = Some((last + 1) % self.nodes).filter(|_| self.has(Repair::FillUp));
            match second {
                Some(second) => state.at(node).list = [Some(second), fill],
                None => return,
            }
            return state.notify(node);
        }
        let answer = *state.of(successor);
        state.at(node).list = [Some(successor), answer.list[0]];
        let nearer = answer.predecessor.filter(|nearer| between(node, *nearer, successor));
        match nearer {
            None => state.notify(node),
            Some(nearer) if !self.has(Repair::AdoptAsks) => {
                state.at(node).list[0] = Some(nearer);
                state.notify(node);
            }
            Some(nearer) if !self.has(Repair::TwoSteps) => {
                if members.has(nearer) {
                    state.at(node).list[0] = Some(nearer);
                }
                state.notify(node);
            }
            Some(nearer) => state.at(node).candidate = Some(nearer),
        }
    }

    fn second_step(&self, state: &mut State, node: Id) {
        let Some(candidate) = state.at(node).candidate.take() else { return };
        if state.members().has(candidate) {
            state.at(node).list = [Some(candidate), state.of(candidate).list[0]];
        }
        state.notify(node);
    }

    fn rectify(&self, state: &mut State, node: Id, by: Id) {
        state.at(node).notices.remove(by);
        let members = state.members();
        let worse = state.of(node).predecessor.is_none_or(|old| {
            between(old, by, node) || self.has(Repair::RectifyAsks) && !members.has(old)
        });
        if worse {
            state.at(node).predecessor = Some(by);
        }
    }

    fn fail(&self, state: &mut State, node: Id) {
        if self.has(Repair::StableBase) && state.base.has(node) {
            return;
        }
        let before = *state;
        *state.at(node) = Pointers::default();
        if !self.rejoin {
            state.gone.put(node);
        }
        let strands = !state.one_live_successor() && before.one_live_successor();
        if strands || state.members().len() == 0 {
            *state = before;
        }
    }
}
