//! The clients of a naming service: they look keys up, and some have their nodes come and go.
//!
//! Leaving and joining on request count as operations, complete at once or when the ring has taken
//! the node in; their messages are background. Nodes that crash, or boot late, are the business of
//! a scenario's faults.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use seedbed_node::{Client, Distribution, Draws, Duration, NodeId, Operation, Time, Workload};
use serde::Deserialize;

use super::{Event, Request};
use crate::clients::{Clients, Demand, Heard, Keys, Pace, Popularity, Retry};

/// The `workload:` section of a scenario.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Load {
    /// When lookups arise.
    pub pace: Pace,
    /// What a client does that hears nothing; it waits for ever.
    pub retry: Option<Retry>,
    /// Which keys are looked up.
    pub keys: Keys,
    /// Whether each client looks up all keys in their order, again and again, instead.
    pub in_turn: bool,
    /// Nodes that come and go at random.
    pub churn: Option<Churn>,
    /// Nodes that come or go at a given time.
    pub moves: Vec<Move>,
}

/// Nodes that leave and join again, each by itself.
#[derive(Clone, PartialEq, Hash, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Churn {
    /// How long a node stays.
    pub session: Distribution,
    /// How long it is away.
    pub absence: Distribution,
    /// So many nodes, the first ones, stay for ever.
    pub stay: u32,
    /// Nobody leaves after this, and whoever is away comes back.
    pub until: Duration,
}

/// One node comes or goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// When, in true time.
    pub at: Duration,
    /// Who.
    pub node: NodeId,
    /// Which.
    pub what: Turn,
}

/// What a node does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
pub enum Turn {
    /// It joins.
    Join,
    /// It leaves.
    Leave,
}

impl Turn {
    fn request(self) -> Request {
        match self {
            Turn::Join => Request::Join,
            Turn::Leave => Request::Leave,
        }
    }
}

/// All clients of a run.
#[derive(Clone, Hash, Debug)]
pub(super) struct Users {
    lookups: Clients<Request, Lookups>,
    churn: Option<Churn>,
    /// What is still to be done, by client, in order of time.
    moves: BTreeMap<NodeId, VecDeque<Move>>,
    /// Who has been asked to leave or join, and has not yet.
    moving: BTreeMap<NodeId, (Operation, Turn)>,
}

/// Wake-ups of the lookups are below this.
const OWN: u64 = 1 << 63;
/// A node's session ends; its absence does.
const GO: u64 = OWN;
const COME: u64 = OWN + 1;
/// The next of the client's moves.
const MOVE: u64 = OWN + 2;

impl Users {
    /// The clients of `nodes` members, or why the load makes no sense.
    pub(super) fn new(load: &Load, nodes: u32) -> Result<Self, String> {
        let popularity = Popularity::new(&load.keys).map_err(|why| format!("keys: {why}"))?;
        let demand = Lookups { popularity, in_turn: load.in_turn };
        let lookups = Clients::new(&load.pace, load.retry, nodes, demand)?;
        if let Some(churn) = &load.churn {
            for (name, pause) in [("session", &churn.session), ("absence", &churn.absence)] {
                pause.check().map_err(|why| format!("churn: {name}: {why}"))?;
            }
        }
        if let Some(stranger) = load.moves.iter().find(|step| step.node.0 >= nodes) {
            let node = stranger.node;
            return Err(format!("moves: {node} is not one of the {nodes} members"));
        }
        let mut sorted = load.moves.clone();
        sorted.sort_by_key(|step| step.at);
        let mut moves: BTreeMap<NodeId, VecDeque<Move>> = BTreeMap::new();
        for step in sorted {
            moves.entry(step.node).or_default().push_back(step);
        }
        let (churn, moving) = (load.churn.clone(), BTreeMap::new());
        Ok(Users { lookups, churn, moves, moving })
    }

    fn turn(&mut self, client: NodeId, turn: Turn, cx: &mut Client<'_, Request>) {
        // A node that has not finished its last move makes no other.
        if let Entry::Vacant(place) = self.moving.entry(client) {
            let operation = cx.begin();
            place.insert((operation, turn));
            cx.request(operation, turn.request());
        }
    }

    fn settle(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        if let Some((operation, _)) = self.moving.remove(&client) {
            cx.complete(operation);
        }
    }

    fn expect_move(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        if let Some(next) = self.moves.get(&client).and_then(VecDeque::front) {
            let due = Time::ZERO + next.at;
            cx.wake(due.since(cx.now()), MOVE);
        }
    }

    /// The client's node leaves after a while, if that is still wanted.
    fn expect_leave(&self, client: NodeId, cx: &mut Client<'_, Request>) {
        if let Some(churn) = self.churn.as_ref().filter(|churn| client.0 >= churn.stay) {
            let session = churn.session.sample(cx.draws());
            if cx.now() + session < Time::ZERO + churn.until {
                cx.wake(session, GO);
            }
        }
    }
}

impl Workload<Request, Event> for Users {
    fn on_start(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        self.lookups.on_start(client, cx);
        self.expect_leave(client, cx);
        self.expect_move(client, cx);
    }

    fn on_event(&mut self, client: NodeId, event: &Event, cx: &mut Client<'_, Request>) {
        let turn = self.moving.get(&client).map(|(_, turn)| *turn);
        match (event, turn) {
            (Event::Left { .. }, Some(Turn::Leave)) | (Event::Joined { .. }, Some(Turn::Join)) => {
                self.settle(client, cx);
            }
            _ => {}
        }
        self.lookups.on_event(client, event, cx);
    }

    fn on_wake(&mut self, client: NodeId, tag: u64, cx: &mut Client<'_, Request>) {
        match tag {
            GO => {
                self.turn(client, Turn::Leave, cx);
                if let Some(churn) = &self.churn {
                    let absence = churn.absence.sample(cx.draws());
                    cx.wake(absence, COME);
                }
            }
            COME => {
                self.turn(client, Turn::Join, cx);
                self.expect_leave(client, cx);
            }
            MOVE => {
                if let Some(next) = self.moves.get_mut(&client).and_then(VecDeque::pop_front) {
                    self.turn(client, next.what, cx);
                    self.expect_move(client, cx);
                }
            }
            _ => self.lookups.on_wake(client, tag, cx),
        }
    }

    fn on_refused(&mut self, client: NodeId, request: Request, cx: &mut Client<'_, Request>) {
        match request {
            Request::Lookup { .. } => self.lookups.on_refused(client, request, cx),
            // Who is down is out already, and joins when it boots.
            Request::Join | Request::Leave => self.settle(client, cx),
        }
    }

    fn on_restart(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        self.settle(client, cx);
        self.lookups.on_restart(client, cx);
    }

    fn finished(&self) -> bool {
        self.lookups.finished() && self.moves.values().all(VecDeque::is_empty)
    }
}

/// What is looked up.
#[derive(Clone, Hash, Debug)]
struct Lookups {
    popularity: Popularity,
    in_turn: bool,
}

impl Demand<Request, Event> for Lookups {
    fn request(&mut self, operation: Operation, _now: Time, draws: &mut Draws) -> Request {
        let lookup = operation.number;
        let key = match self.in_turn {
            true => lookup % self.popularity.count(),
            false => self.popularity.draw(draws),
        };
        Request::Lookup { lookup, key: key.into() }
    }

    fn hear(&mut self, client: NodeId, event: &Event) -> Heard {
        match event {
            Event::Found { lookup, .. } => Heard::DoneFor(Operation { client, number: *lookup }),
            Event::Joined { .. } | Event::Left { .. } | Event::Pointers { .. } => Heard::Nothing,
        }
    }
}
