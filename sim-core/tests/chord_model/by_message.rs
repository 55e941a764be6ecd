//! Chord as published, message by message, as the simulator's nodes run it.
//!
//! Stoica et al., IEEE/ACM ToN 11(1), 2003, section IV-E, with the successor list of IV-E.3: who
//! stabilises takes its successor and that one's list for its own, and puts the successor's
//! predecessor in front if that lies in between. The list then still has the successor, who has just
//! answered, and no event that reads and writes at once can lose the ring. But an answer travels, and
//! who has sent it may be dead when it arrives.
//!
//! | Event | of node `n` |
//! |---|---|
//! | join | asks the successor of the member before its place, and takes it and its list |
//! | ask | asks its successor, whose answer is on its way; or finds it dead, and forgets it |
//! | take | the answer arrives: see above; notifies its successor |
//! | notified | takes the notifier for its predecessor if it has none, or that one is nearer |
//! | check | forgets a predecessor that is dead |
//! | fail | forgets everything; not if somebody would be left without a live successor |

use seedbed_core::explore::{Model, Property};

use crate::ring::{Id, LISTED, NODES_MAX, Ring, Set, between, shape};

/// The published protocol among so many nodes.
#[derive(Clone, Copy, Debug)]
pub struct ByMessage {
    pub nodes: Id,
    /// Who forms the ring at the start, every pointer right.
    pub founders: Set,
    /// Whether answers travel. Otherwise asking and taking are one event.
    pub answers_travel: bool,
    /// How many may fail.
    pub failures: u8,
}

pub type List = [Option<Id>; LISTED];

/// What one node knows; nothing, of one that is no member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Pointers {
    pub list: List,
    pub predecessor: Option<Id>,
    /// What is on its way to it.
    pub answer: Option<Answer>,
    /// Who has notified it.
    pub notices: Set,
}

/// What a successor says of itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Answer {
    pub from: Id,
    pub predecessor: Option<Id>,
    pub list: List,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct State {
    pub nodes: [Pointers; NODES_MAX],
    pub failed: Set,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    Join { node: Id, behind: Id },
    Ask(Id),
    Take(Id),
    Notified { node: Id, by: Id },
    Check(Id),
    Fail(Id),
}

impl Ring for State {
    fn members(&self) -> Set {
        Set::of((0..NODES_MAX as Id).filter(|id| self.of(*id).list[0].is_some()))
    }
    fn list(&self, member: Id) -> List {
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
}

/// As many of these as a list has room for.
fn list(entries: impl IntoIterator<Item = Id>) -> List {
    let mut entries = entries.into_iter();
    [(); LISTED].map(|()| entries.next())
}

/// `successor` and its list, up to where that comes around.
fn adopted(me: Id, successor: Id, its: List) -> List {
    let rest = its.into_iter().flatten().take_while(|id| ![me, successor].contains(id));
    list([successor].into_iter().chain(rest))
}

impl Model for ByMessage {
    type State = State;
    type Action = Event;

    fn initial(&self) -> Vec<State> {
        let mut state = State::default();
        let ids: Vec<Id> = self.founders.iter().collect();
        for (place, id) in ids.iter().enumerate() {
            let others = ids.iter().cycle().skip(place + 1).copied().take(ids.len() - 1);
            state.at(*id).predecessor = others.clone().last();
            state.at(*id).list = list(others);
        }
        vec![state]
    }

    fn actions(&self, state: &State, events: &mut Vec<Event>) {
        let members = state.members();
        for node in 0..self.nodes {
            if members.has(node) {
                let of = [Event::Ask, Event::Take, Event::Check, Event::Fail];
                events.extend(of.map(|event| event(node)));
                let notices = state.of(node).notices;
                events.extend(notices.iter().map(|by| Event::Notified { node, by }));
            } else if !state.failed.has(node) {
                events.extend(members.iter().map(|behind| Event::Join { node, behind }));
            }
        }
    }

    fn apply(&self, state: &mut State, event: &Event) -> bool {
        let before = *state;
        match *event {
            Event::Join { node, behind } => join(state, node, behind),
            Event::Ask(node) => self.ask(state, node),
            Event::Take(node) => take(state, node),
            Event::Notified { node, by } => notified(state, node, by),
            Event::Check(node) => check(state, node),
            Event::Fail(node) => self.fail(state, node),
        }
        *state != before
    }

    fn properties(&self) -> Vec<Property<Self>> {
        shape()
    }
}

impl ByMessage {
    fn ask(&self, state: &mut State, node: Id) {
        let Pointers { list: [Some(from), _], answer: None, .. } = *state.of(node) else { return };
        if !state.members().has(from) {
            return forget(state, node, from);
        }
        let Pointers { predecessor, list, .. } = *state.of(from);
        state.at(node).answer = Some(Answer { from, predecessor, list });
        if !self.answers_travel {
            take(state, node);
        }
    }

    fn fail(&self, state: &mut State, node: Id) {
        let before = *state;
        state.failed.put(node);
        *state.at(node) = Pointers::default();
        let strands = !state.one_live_successor() && before.one_live_successor();
        if strands || state.failed.len() > self.failures.into() || state.members().len() == 0 {
            *state = before;
        }
    }
}

fn join(state: &mut State, node: Id, behind: Id) {
    let Some(successor) = state.of(behind).list[0] else { return };
    if between(behind, node, successor) && state.members().has(successor) {
        state.at(node).list = adopted(node, successor, state.list(successor));
    }
}

fn take(state: &mut State, node: Id) {
    let Some(Answer { from, predecessor, list: its }) = state.at(node).answer.take() else {
        return;
    };
    let mut successors = adopted(node, from, its);
    if let Some(nearer) = predecessor.filter(|nearer| between(node, *nearer, from)) {
        let rest = successors.into_iter().flatten().filter(|id| *id != nearer);
        successors = list([nearer].into_iter().chain(rest));
    }
    state.at(node).list = successors;
    if let Some(successor) = successors[0].filter(|id| state.members().has(*id)) {
        state.at(successor).notices.put(node);
    }
}

fn notified(state: &mut State, node: Id, by: Id) {
    state.at(node).notices.remove(by);
    if state.of(node).predecessor.is_none_or(|known| between(known, by, node)) {
        state.at(node).predecessor = Some(by);
    }
}

fn check(state: &mut State, node: Id) {
    let members = state.members();
    if let Some(dead) = state.of(node).predecessor.filter(|id| !members.has(*id)) {
        forget(state, node, dead);
    }
}

/// Takes somebody who does not answer out of all pointers.
fn forget(state: &mut State, node: Id, dead: Id) {
    let left = state.of(node).list.into_iter().flatten().filter(|id| *id != dead);
    let left = list(left);
    let pointers = state.at(node);
    pointers.predecessor = pointers.predecessor.filter(|id| *id != dead);
    // Who has nobody left is no member of anything, but does not know.
    pointers.list = if left[0].is_some() { left } else { pointers.list };
}
