//! Chord as published, in atomic events.
//!
//! Ion Stoica et al., "Chord: A Scalable Peer-to-peer Lookup Protocol for Internet Applications",
//! IEEE/ACM ToN 11(1), 2003, section IV-E, read as Pamela Zave's model of the full protocol reads it
//! ("Using Lightweight Modeling to Understand Chord", ACM SIGCOMM CCR 42(2), 2012, with the Alloy
//! text that belongs to it): a network begins with one node; each event reads and writes at once
//! what it needs; notifying is an event of its own, some time after the stabilising that caused it.
//!
//! | Event | of node `n`, with successor `s` |
//! |---|---|
//! | join | finds the member before its place, and takes that one's successor for its own |
//! | stabilise | takes `s`'s predecessor for its successor if that lies in between; notifies its successor |
//! | notified | takes the notifier for its predecessor if it has none, or that one is nearer |
//! | fail | forgets everything; not if somebody would be left without a live successor |
//! | flush | forgets a predecessor that is dead |
//! | update | replaces a dead successor by the second of its list |
//! | reconcile | takes `s`'s successor for the second of its list |
//!
//! Absent: fingers, keys, and messages that take time.

use seedbed_core::explore::{Model, Property};

use crate::ring::{Id, LISTED, NODES_MAX, Ring, Set, between, shape};

/// The published protocol among so many nodes.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    pub nodes: Id,
    /// Who forms the ring at the start, every pointer right; in the papers, one.
    pub founders: Set,
    /// Whether a node joins only with a successor that is alive: the first of the fixes without
    /// which Zave's analysis got nowhere.
    pub join_asks: bool,
    /// Whether a node stabilises only to a successor that is alive: the second one.
    pub stabilise_asks: bool,
}

/// Successors and predecessor of one node; nobody's, of one that is no member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Pointers {
    pub list: [Option<Id>; LISTED],
    pub predecessor: Option<Id>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct State {
    pub nodes: [Pointers; NODES_MAX],
    /// Who is still to hear of whom that has stabilised.
    pub notices: [Set; NODES_MAX],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    Join { node: Id, behind: Id },
    Stabilise(Id),
    Notified { node: Id, by: Id },
    Fail(Id),
    Flush(Id),
    Update(Id),
    Reconcile(Id),
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
}

impl Model for Published {
    type State = State;
    type Action = Event;

    fn initial(&self) -> Vec<State> {
        let mut state = State::default();
        let ids: Vec<Id> = self.founders.iter().collect();
        let ahead = |place: usize, by: usize| Some(ids[(place + by) % ids.len()]);
        for (place, id) in ids.iter().enumerate() {
            state.at(*id).list[0] = ahead(place, 1);
            if ids.len() > 1 {
                state.at(*id).list[1] = ahead(place, 2);
                state.at(*id).predecessor = ahead(place, ids.len() - 1);
            }
        }
        vec![state]
    }

    fn actions(&self, state: &State, events: &mut Vec<Event>) {
        let members = state.members();
        for node in 0..self.nodes {
            if members.has(node) {
                let of = [Event::Stabilise, Event::Fail, Event::Flush, Event::Update];
                events.extend(of.map(|event| event(node)));
                events.push(Event::Reconcile(node));
            } else {
                events.extend(members.iter().map(|behind| Event::Join { node, behind }));
            }
            let notices = state.notices[usize::from(node)];
            events.extend(notices.iter().map(|by| Event::Notified { node, by }));
        }
    }

    fn apply(&self, state: &mut State, event: &Event) -> bool {
        let before = *state;
        match *event {
            Event::Join { node, behind } => self.join(state, node, behind),
            Event::Stabilise(node) => self.stabilise(state, node),
            Event::Notified { node, by } => notified(state, node, by),
            Event::Fail(node) => fail(state, node),
            Event::Flush(node) => flush(state, node),
            Event::Update(node) => update(state, node),
            Event::Reconcile(node) => reconcile(state, node),
        }
        *state != before
    }

    fn properties(&self) -> Vec<Property<Self>> {
        shape()
    }
}

impl Published {
    fn join(&self, state: &mut State, node: Id, behind: Id) {
        let Some(successor) = state.of(behind).list[0] else { return };
        let place = between(behind, node, successor);
        if place && (!self.join_asks || state.members().has(successor)) {
            state.at(node).list[0] = Some(successor);
        }
    }

    fn stabilise(&self, state: &mut State, node: Id) {
        let Some(successor) = state.of(node).list[0] else { return };
        let members = state.members();
        if !members.has(successor) {
            return;
        }
        let nearer = state.of(successor).predecessor.filter(|nearer| {
            between(node, *nearer, successor) && (!self.stabilise_asks || members.has(*nearer))
        });
        let successor = nearer.unwrap_or(successor);
        state.at(node).list[0] = Some(successor);
        state.notices[usize::from(successor)].put(node);
    }
}

fn notified(state: &mut State, node: Id, by: Id) {
    state.notices[usize::from(node)].remove(by);
    let known = state.of(node).predecessor;
    if state.members().has(node) && known.is_none_or(|known| between(known, by, node)) {
        state.at(node).predecessor = Some(by);
    }
}

fn fail(state: &mut State, node: Id) {
    let before = *state;
    *state.at(node) = Pointers::default();
    if !state.one_live_successor() && before.one_live_successor() || state.members().len() == 0 {
        *state = before;
    }
}

fn flush(state: &mut State, node: Id) {
    let members = state.members();
    let alive = |predecessor: &Id| members.has(*predecessor);
    state.at(node).predecessor = state.of(node).predecessor.filter(alive);
}

fn update(state: &mut State, node: Id) {
    if let [Some(successor), Some(second)] = state.of(node).list
        && !state.members().has(successor)
    {
        state.at(node).list = [Some(second), None];
    }
}

fn reconcile(state: &mut State, node: Id) {
    let Some(successor) = state.of(node).list[0] else { return };
    let second = state.of(successor).list[0];
    // A successor that is its own successor has nothing to tell, except to itself.
    if second.is_some() && (second != Some(successor) || successor == node) {
        state.at(node).list[1] = second;
    }
}
