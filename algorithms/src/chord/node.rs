//! Chord: a ring of identifiers on which every key belongs to the first node at or after it.
//!
//! Ion Stoica, Robert Morris, David Karger, M. Frans Kaashoek and Hari Balakrishnan, "Chord: A
//! Scalable Peer-to-peer Lookup Service for Internet Applications", SIGCOMM 2001; with Liben-Nowell
//! and Dabek, IEEE/ACM Transactions on Networking 11(1), 2003, whose section IV the published form
//! follows. The corrected form is that of Pamela Zave, "Reasoning about Identifier Spaces: How to
//! Make Chord Correct", IEEE Transactions on Software Engineering 43(12), 2017.
//!
//! Each position knows its predecessor, its next `r` successors and a finger table: for each `i`,
//! the successor of the identifier `2^i` ahead. A lookup goes to the closest finger that precedes
//! the key, again and again, until a position's successor is the key's; each such forwarding at
//! least halves the distance, and the mean is half the binary logarithm of the ring's size.
//!
//! | A position is | and becomes | when |
//! |---|---|---|
//! | out | joining | its member boots, or is asked to join |
//! | joining | a member, not yet serving | its successor has been found |
//! | a member, not yet serving | serving | its successor has sent it the keys up to its identifier |
//! | serving | out | it is asked to leave; it hands its keys to its successor first |
//! | any of these | gone | its member crashes, with all keys that are stored there |
//!
//! Who is out does not answer, like the dead: contacts with it time out. Who comes back is somebody
//! new, with another identifier (unless identifiers are `Even`).
//!
//! Assumes that messages and answers arrive within `timeout`, or the living are held for dead; that
//! no failure leaves a node without a live successor in its list; and, in the corrected form, that
//! `r+1` members, the stable base, never leave.
//!
//! Absent: replication of keys. What a crashed node held is lost.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Algorithm, Assumption, Context, Members, Mutant, Needs, Node, NodeId, Theory, Variant,
};

use super::identifiers::{Peer, Space};
use super::message::{ChordMessage, ChordTimer, Purpose, Ticket};
use super::params::{ChordParams, Placement, Routing, VARIANTS};
use super::populate::Neighbourhood;
use super::routing::Search;
use super::stabilisation::{Contact, Probe};
use super::{Event, Naming, Request};
use crate::mutants::mutants;

/// A member of the ring: one position, or several virtual nodes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Chord {
    /// In the order of their addresses.
    pub(super) positions: Vec<Position>,
}

/// One position. Who is out knows nothing.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Position {
    pub me: Peer,
    pub stage: Stage,
    pub predecessor: Option<Peer>,
    /// Nearest first, at most once around the ring; of one that is alone, itself.
    pub successors: Vec<Peer>,
    /// At distances of 2^1, 2^2, …; the finger at 2^0 is the successor.
    pub fingers: Vec<Option<Peer>>,
    /// The power of the finger that is looked up next.
    pub next_finger: u8,
    /// The identifiers of the keys that are stored here.
    pub keys: BTreeSet<u64>,
    /// Whose neighbours it has asked for, in order to stabilise.
    pub contact: Option<Contact>,
    /// The test whether the predecessor is alive.
    pub probe: Option<Probe>,
    /// Searches that wait for the next hop.
    pub searches: BTreeMap<Ticket, Search>,
}

/// What a position is to the ring.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Stage {
    /// Nothing.
    Out,
    /// On its way in.
    Joining,
    /// A part of it.
    Member {
        /// Whether it has received the keys that are its own.
        serving: bool,
    },
}

/// A node that has left more often since it booted may come back at an address that it has had.
const MOVES_MAX: u32 = 256;

/// What a handler has in its hands: the circle, and the world.
pub(super) struct Hands<'a, 'b> {
    pub space: Space,
    pub cx: &'a mut Context<'b, Chord>,
}

impl<'b> Hands<'_, 'b> {
    pub fn params(&self) -> &'b ChordParams {
        self.cx.params()
    }

    pub fn id(&self, peer: Peer) -> u64 {
        self.space.id(peer)
    }

    /// Sends as background traffic.
    pub fn tell(&mut self, to: Peer, message: ChordMessage) {
        self.cx.send_for(None, self.space.host(to), message);
    }

    /// Sends for a search: a client's is an operation, others are background.
    pub fn tell_for(&mut self, purpose: Purpose, to: Peer, message: ChordMessage) {
        let operation = match purpose {
            Purpose::Client(_) => self.cx.operation(),
            Purpose::Finger(_) | Purpose::Join => None,
        };
        self.cx.send_for(operation, self.space.host(to), message);
    }
}

impl Node for Chord {
    type Params = ChordParams;
    type Message = ChordMessage;
    type Timer = ChordTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let space = Space::new(cx.params(), cx.members());
        let generation = cx.incarnation().saturating_mul(MOVES_MAX);
        let positions = space.of(cx.me()).map(|peer| Position::out(space.later(peer, generation)));
        let mut node = Chord { positions: positions.collect() };
        let founders = cx.params().founders(cx.members());
        let founder = cx.me().0 < founders && cx.incarnation() == 0;
        for position in &mut node.positions {
            position.watched(space, cx, |position, hands| {
                if founder {
                    position.found(NodeId(founders), hands);
                } else {
                    position.join(hands);
                }
            });
        }
        node
    }

    fn on_message(&mut self, _from: NodeId, message: ChordMessage, cx: &mut Context<'_, Self>) {
        let space = Space::new(cx.params(), cx.members());
        if let Some(position) = self.at(message.to()) {
            position.watched(space, cx, |position, hands| position.hear(message, hands));
        }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        let space = Space::new(cx.params(), cx.members());
        let one = self.positions.iter_mut().take(1);
        let several = match request {
            Request::Lookup { lookup, key } => {
                // A lookup starts at the first of the virtual nodes.
                return one.for_each(|position| {
                    position.watched(space, cx, |position, hands| {
                        position.seek(Purpose::Client(lookup), hands.space.key(key), hands);
                    });
                });
            }
            Request::Join => Position::join,
            Request::Leave => Position::leave,
        };
        for position in &mut self.positions {
            position.watched(space, cx, several);
        }
    }

    fn on_timer(&mut self, timer: ChordTimer, cx: &mut Context<'_, Self>) {
        let space = Space::new(cx.params(), cx.members());
        if let Some(position) = self.at(timer.of()) {
            position.watched(space, cx, |position, hands| position.alarm(timer, hands));
        }
    }
}

impl Chord {
    fn at(&mut self, peer: Peer) -> Option<&mut Position> {
        self.positions.iter_mut().find(|position| position.me == peer)
    }
}

/// What a position shows to whoever watches it.
#[derive(PartialEq, Eq)]
struct Shown {
    serving: bool,
    predecessor: Option<Peer>,
    successors: Vec<Peer>,
    pointers: u32,
    keys: u32,
}

impl Position {
    /// A position that is no part of the ring.
    pub fn out(me: Peer) -> Self {
        Position {
            me,
            stage: Stage::Out,
            predecessor: None,
            successors: Vec::new(),
            fingers: Vec::new(),
            next_finger: 1,
            keys: BTreeSet::new(),
            contact: None,
            probe: None,
            searches: BTreeMap::new(),
        }
    }

    /// Runs a handler and shows what it has changed.
    fn watched(
        &mut self,
        space: Space,
        cx: &mut Context<'_, Chord>,
        handler: impl FnOnce(&mut Self, &mut Hands<'_, '_>),
    ) {
        let before = self.shown();
        let mut hands = Hands { space, cx };
        handler(self, &mut hands);
        let Some(shown) = self.shown().filter(|shown| before.as_ref() != Some(shown)) else {
            return;
        };
        cx.emit(Event::Pointers {
            position: space.id(self.me),
            predecessor: shown.predecessor.map(|peer| space.id(peer)),
            successors: shown.successors.iter().map(|peer| space.id(*peer)).collect(),
            pointers: shown.pointers,
            keys: shown.keys,
            serving: shown.serving,
        });
    }

    fn shown(&self) -> Option<Shown> {
        let Stage::Member { serving } = self.stage else { return None };
        Some(Shown {
            serving,
            predecessor: self.predecessor,
            successors: self.successors.clone(),
            pointers: self.pointers(),
            keys: self.keys.len() as u32,
        })
    }

    /// How many pointers it keeps; equal fingers, which are neighbours in the table, are one.
    fn pointers(&self) -> u32 {
        let mut last = self.successors.first().copied();
        let mut distinct = 0;
        for finger in self.fingers.iter().flatten() {
            distinct += u32::from(last != Some(*finger));
            last = Some(*finger);
        }
        distinct + self.successors.len() as u32 + u32::from(self.predecessor.is_some())
    }

    fn hear(&mut self, message: ChordMessage, hands: &mut Hands<'_, '_>) {
        use ChordMessage::*;
        match (message, self.stage) {
            (_, Stage::Out) => {}
            (Owner { quest, owner, held, successors }, _) => {
                self.found_owner(quest, owner, held, &successors, hands);
            }
            (Refer { from, ticket, next, last, .. }, _) => {
                self.referred(from, ticket, next, last, hands);
            }
            (Taken { from, ticket, .. }, _) => self.taken(from, ticket, hands),
            // Who is not in the ring yet answers nobody.
            (_, Stage::Joining) => {}
            (Seek { from, quest, last, .. }, Stage::Member { .. }) => {
                self.sought(from, quest, last, hands);
            }
            (Ask { quest, last, dead, .. }, Stage::Member { .. }) => {
                self.asked(quest, last, dead, hands);
            }
            (AskNeighbours { from, .. }, Stage::Member { .. }) => self.tell_neighbours(from, hands),
            (Neighbours { from, predecessor, successors, .. }, Stage::Member { .. }) => {
                self.neighbours(from, predecessor, &successors, hands);
            }
            (Notify { from, needs_keys, .. }, Stage::Member { .. }) => {
                self.notified(from, needs_keys, hands);
            }
            (Ping { from, .. }, Stage::Member { .. }) => {
                hands.tell(from, Pong { to: from, from: self.me });
            }
            (Pong { from, .. }, Stage::Member { .. }) => self.alive(from, hands),
            (Keys { from, keys, .. }, Stage::Member { .. }) => self.store(from, keys, hands),
            (Kept { from, .. }, Stage::Member { .. }) => self.hand_over(from, hands),
            (Leaving { from, predecessor, successors, .. }, Stage::Member { .. }) => {
                self.deserted(from, predecessor, &successors, hands);
            }
        }
    }

    fn alarm(&mut self, timer: ChordTimer, hands: &mut Hands<'_, '_>) {
        match timer {
            ChordTimer::Stabilize(_) => self.stabilize_again(hands),
            ChordTimer::FixFingers(_) => self.fix_next_finger(hands),
            ChordTimer::Neighbours(_) => self.no_neighbours(hands),
            ChordTimer::Probe(_) => self.no_pong(hands),
            ChordTimer::Contact(_, ticket) => self.no_answer(ticket, hands),
            ChordTimer::Join(_) => self.join_again(hands),
        }
    }

    /// Becomes a part of the ring of the first so many members, in which every pointer is right.
    fn found(&mut self, founders: NodeId, hands: &mut Hands<'_, '_>) {
        let (space, params) = (hands.space, hands.params());
        let all = (0..founders.0).map(NodeId).flat_map(|member| space.of(member));
        let Neighbourhood { predecessor, successors, fingers } =
            Neighbourhood::of(self.me, all, space, params);
        let from = predecessor.map_or(space.id(self.me), |peer| space.id(peer));
        let here = |key: &u64| space.half_open(from, *key, space.id(self.me));
        let keys = (0..u64::from(params.keys)).map(|name| space.key(name)).filter(here).collect();
        let stage = Stage::Member { serving: true };
        let out = Position::out(self.me);
        *self = Position { stage, predecessor, successors, fingers, keys, ..out };
        self.begin_upkeep(hands);
    }

    /// Takes somebody who does not answer out of all pointers.
    pub fn forget(&mut self, dead: Peer) {
        self.predecessor = self.predecessor.filter(|peer| *peer != dead);
        self.successors.retain(|peer| *peer != dead);
        for finger in &mut self.fingers {
            *finger = finger.filter(|peer| *peer != dead);
        }
    }
}

impl Algorithm for Chord {
    type Family = Naming;
    const NAME: &'static str = "Chord";
    const ABOUT: &'static str = "a ring with fingers: each step halves the distance to the key";
    const SOURCE: &'static str =
        "Stoica et al., SIGCOMM 2001 and IEEE/ACM ToN 11(1), 2003; Zave, IEEE TSE 43(12), 2017";
    const COMPLEXITY: &'static str = "(1/2)log2(N) forwardings; log2(N)+3 messages on average";
    const PROBES: &'static [&'static str] = &["hop timed out", "successor timed out"];
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::Reliable,
            Assumption::BoundedDelay,
            Assumption::NoPartition,
            Assumption::StableBase,
            Assumption::UniqueIds,
            Assumption::Uncorrupted,
        ],
        liveness: &[
            Assumption::Reliable,
            Assumption::BoundedDelay,
            Assumption::NoPartition,
            Assumption::BoundedDrift,
        ],
    };
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard NoIntervalTest "stabilising adopts the successor's predecessor wherever it lies",
        Guard SkipsSuccessor "the successor's list replaces the own one without the successor",
        Guard StopsShort "a lookup ends at the first finger that it is passed to",
        Guard JoinsAnywhere "who joins points to whom it has asked, not to its successor",
        Guard ListsGrow "lists of successors are not shortened",
        TieBreak ClosedInterval "a finger at the key itself passes for one that precedes it",
        Durability LosesKeys "keys are forgotten before the new predecessor has them",
        Stale KeepsDead "a successor that does not answer stays in the list",
        Liveness NoNotify "stabilising notifies nobody",
        Cost FarFingers "fingers are looked up twice as far away as they should be",
    };
    const VARIANTS: &'static [Variant] = VARIANTS;

    /// Of a fully populated ring of `2^k` at rest: `k/2` forwardings on average, each a contact and
    /// its answer, and the last step. Recursive, the owner's answer is one message more.
    fn theory(nodes: u32, params: &ChordParams) -> Theory {
        let positions = f64::from(nodes) * f64::from(params.virtuals);
        if params.virtuals > 1 || params.identifiers != Placement::Even || params.lists_route {
            return Theory::Unknown;
        }
        let exact = nodes.is_power_of_two() && nodes.ilog2() == u32::from(params.bits);
        let doublings = f64::from(nodes.max(1).ilog2());
        match params.lookup {
            _ if !exact => Theory::Unknown,
            // Nobody asks itself: the answer to a key of one's own takes no message.
            Routing::Recursive => Theory::Mean(doublings + 3.0 - 1.0 / positions),
            Routing::Iterative => Theory::Mean(doublings + 2.0 - 2.0 / positions),
        }
    }

    fn check_params(params: &ChordParams, nodes: u32) -> Result<(), String> {
        params.check(Members(nodes))
    }
}
