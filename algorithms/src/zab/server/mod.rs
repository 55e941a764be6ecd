//! Zab, ZooKeeper's atomic broadcast.
//!
//! Flavio P. Junqueira, Benjamin C. Reed and Marco Serafini, "Zab: High-performance broadcast for
//! primary-backup systems", DSN 2011; with fast leader election as its phase 0, as in
//! ZooKeeper (see [`FastLeaderElection`](super::FastLeaderElection)).
//!
//! ```text
//!             +--------------------- Looking <--------------------------+
//!             |   won, for me           |  won, for another             |
//!             v                         v                               |
//!          Leading                   Following                          |
//!   1 Gathering        <- CEPOCH --- AwaitingEpoch                      |  patience over,
//!     Discovery        -- NEWEPOCH ->                                   |  connection broken,
//!                      <- ACK-E ---- AwaitingHistory                    |  epoch too old,
//!   2 Synchronisation  -- NEWLEADER ->                                  |  no quorum follows
//!                      <- ACK-LD --- AwaitingCommit                     |
//!                      -- COMMIT-LD ->                                  |
//!   3 Broadcast        -- PROPOSE -> Broadcasting                       |
//!                      <- ACK ------                                    |
//!                      -- COMMIT -->                                    |
//!             |                         |                               |
//!             +-------------------------+-------------------------------+
//! ```
//!
//! Six messages establish a follower, whether it is there from the beginning or comes late; a
//! transaction then costs 3(N-1) and N forced writes, and one message more if a follower's client
//! asks. The file of each role has its table of transitions.
//!
//! From ZooKeeper rather than the paper: a promise that was given before does not count again (so
//! that two leaders with the same epoch cannot both find a quorum); heartbeats, by which a leader
//! and its followers notice that they have lost each other.
//!
//! Assumes FIFO links that lose nothing while they last (TCP), disks that keep what was forced,
//! and for progress a majority that is up. A gap, which TCP would report as a broken connection,
//! is noticed by the numbers of proposals and by what heartbeats say of the last one.
//!
//! Absent: snapshots and truncation of the history (a new leader sends all of it, where ZooKeeper
//! sends the difference), observers, sessions, reads.

mod follower;
mod leader;
mod message;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Mutant, Needs, Node, NodeId, Parameter, Params,
    Theory, Variant,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::ballot::{Ballot, BallotMutant, Electorate, Note, Settled, State, Then};
use super::{AtomicBroadcast, Event, Request};
use follower::Follower;
use leader::Leader;
pub use message::ZabMessage;
use store::Store;
pub use store::{ZabLog, ZabRecord};

/// A server of Zab.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Zab {
    store: Store,
    /// The round of the last election that this incarnation took part in.
    round: u32,
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Looking(Looking),
    Following(Follower),
    Leading(Leader),
}

/// In an election.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Looking {
    ballot: Ballot,
    /// How long to wait for notifications before repeating one's own.
    interval: Duration,
    /// Who has decided for this server before it has itself: as connections that wait to be
    /// accepted.
    knocks: BTreeMap<NodeId, u32>,
}

/// What a message or timer leaves a role to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Onward {
    Stay,
    Look,
}

/// Alarms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ZabTimer {
    /// Nobody has been heard in an election for a while.
    Resend,
    /// finalizeWait is over.
    Finalize,
    /// The leader shows that it is there.
    Heartbeat,
    /// The leader, or a quorum of followers, has been silent for too long.
    Patience,
}

/// Times, and what may be switched off.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct ZabParams {
    /// How long a vote with a quorum waits for a better one before it has won.
    pub finalize_wait: Duration,
    /// How long a server in an election waits before it repeats its notification; doubled each time.
    pub resend: Duration,
    /// The longest such wait.
    pub resend_max: Duration,
    /// From one heartbeat of a leader to the next.
    pub heartbeat: Duration,
    /// How long a silent leader is believed to be there, and a silent follower to follow.
    pub patience: Duration,
    /// Whether transactions are on disk before they are acknowledged (ZooKeeper's `forceSync`).
    pub force_sync: bool,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: ZabMutant,
}

impl Default for ZabParams {
    /// The election's times are ZooKeeper's; heartbeats suit delays of some ten milliseconds.
    fn default() -> Self {
        ZabParams {
            finalize_wait: Duration::from_millis(200),
            resend: Duration::from_millis(200),
            resend_max: Duration::from_secs(60),
            heartbeat: Duration::from_millis(100),
            patience: Duration::from_millis(500),
            force_sync: true,
            mutant: ZabMutant::None,
        }
    }
}

/// Bugs that implementations have had, or might have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum ZabMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// A follower acknowledges first and writes to disk afterwards.
    AcksFirst,
    /// The leader commits what it has on its own disk, without a quorum.
    CommitsAlone,
    /// The election compares ids alone, and the leader takes its own history for the best.
    OwnHistory,
    /// The leader broadcasts a value again that has its place already.
    ForgetsValues,
    /// Of two equal histories, neither is better: the election finds nobody.
    NoTieBreak,
    /// A follower that enters the broadcast does not forward what it was asked before.
    ForgetsAsked,
}

impl Node for Zab {
    type Params = ZabParams;
    type Message = ZabMessage;
    type Timer = ZabTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ZabLog;

    fn start(durable: &ZabLog, cx: &mut Context<'_, Self>) -> Self {
        let store = Store::new(durable.clone());
        let own = store.log.vote(cx.me());
        let (ballot, then) = Ballot::open(1, own, &electorate(cx));
        let looking = Looking { ballot, interval: cx.params().resend, knocks: BTreeMap::new() };
        let mut server = Zab { store, round: 1, role: Role::Looking(looking) };
        server.enter_election(then, cx);
        server
    }

    fn on_request(&mut self, Request::Broadcast(value): Request, cx: &mut Context<'_, Self>) {
        if !self.store.ask(value, cx) {
            return;
        }
        match &mut self.role {
            Role::Looking(_) => {}
            Role::Following(follower) => follower.ask(value, cx),
            Role::Leading(leader) => leader.ask(value, &mut self.store, cx),
        }
    }

    fn on_message(&mut self, from: NodeId, message: ZabMessage, cx: &mut Context<'_, Self>) {
        if let ZabMessage::Notification(note) = message {
            return self.notified(from, note, cx);
        }
        match &mut self.role {
            Role::Looking(looking) => {
                if let ZabMessage::FollowerInfo { accepted } = message {
                    looking.knocks.insert(from, accepted);
                }
            }
            Role::Following(follower) => {
                let onward = follower.hear(from, message, &mut self.store, cx);
                self.go(onward, cx);
            }
            Role::Leading(leader) => leader.hear(from, message, &mut self.store, cx),
        }
    }

    fn on_timer(&mut self, timer: ZabTimer, cx: &mut Context<'_, Self>) {
        match (timer, &mut self.role) {
            (ZabTimer::Resend, Role::Looking(looking)) => {
                looking.interval = (looking.interval * 2).min(cx.params().resend_max);
                self.announce(cx);
            }
            (ZabTimer::Finalize, Role::Looking(looking)) => {
                if let Some(settled) = looking.ballot.finalize() {
                    self.settle(settled, cx);
                }
            }
            (ZabTimer::Heartbeat, Role::Leading(leader)) => leader.beat(&self.store, cx),
            (ZabTimer::Patience, Role::Following(_)) => self.look(cx),
            (ZabTimer::Patience, Role::Leading(leader)) => {
                let onward = leader.take_stock(cx);
                self.go(onward, cx);
            }
            // Cancelled with the role that it belonged to.
            _ => {}
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        match &self.role {
            Role::Looking(_) => Vec::new(),
            Role::Following(follower) => vec![follower.leader()],
            Role::Leading(leader) => leader.waits_for(),
        }
    }
}

impl Zab {
    fn go(&mut self, onward: Onward, cx: &mut Context<'_, Self>) {
        if onward == Onward::Look {
            self.look(cx);
        }
    }

    /// Phase 0: gives up the present role, if any, and looks for a leader in a new round.
    fn look(&mut self, cx: &mut Context<'_, Self>) {
        cx.cancel_timer(ZabTimer::Heartbeat);
        cx.cancel_timer(ZabTimer::Patience);
        self.round += 1;
        let own = self.store.log.vote(cx.me());
        let (ballot, then) = Ballot::open(self.round, own, &electorate(cx));
        let looking = Looking { ballot, interval: cx.params().resend, knocks: BTreeMap::new() };
        self.role = Role::Looking(looking);
        self.enter_election(then, cx);
    }

    fn enter_election(&mut self, then: Then, cx: &mut Context<'_, Self>) {
        self.announce(cx);
        self.proceed(then, cx);
    }

    /// Tells everybody the present vote.
    fn announce(&mut self, cx: &mut Context<'_, Self>) {
        let Role::Looking(Looking { ballot, interval, .. }) = &self.role else { return };
        let note = ZabMessage::Notification(ballot.note());
        for peer in cx.peers() {
            cx.send_for(None, peer, note.clone());
        }
        cx.set_timer(ZabTimer::Resend, *interval);
    }

    /// Somebody says for whom it votes, or whom it follows.
    fn notified(&mut self, from: NodeId, note: Note, cx: &mut Context<'_, Self>) {
        let me = cx.me();
        let settled = match &mut self.role {
            Role::Looking(looking) => {
                let reaction = looking.ballot.hear(from, note, &electorate(cx));
                if reaction.answer {
                    let note = looking.ballot.note();
                    cx.send_for(None, from, ZabMessage::Notification(note));
                }
                if reaction.announce {
                    self.announce(cx);
                }
                return self.proceed(reaction.then, cx);
            }
            Role::Following(Follower { settled, .. }) | Role::Leading(Leader { settled, .. }) => {
                *settled
            }
        };
        if note.state == State::Looking {
            cx.send_for(None, from, ZabMessage::Notification(settled.note(me)));
        }
    }

    fn proceed(&mut self, then: Then, cx: &mut Context<'_, Self>) {
        match then {
            Then::Listen => {}
            Then::Wait => cx.set_timer(ZabTimer::Finalize, cx.params().finalize_wait),
            Then::Won(settled) => self.settle(settled, cx),
        }
    }

    /// Phase 0 is over.
    fn settle(&mut self, settled: Settled, cx: &mut Context<'_, Self>) {
        let Role::Looking(looking) = &mut self.role else { return };
        let knocks = std::mem::take(&mut looking.knocks);
        cx.cancel_timer(ZabTimer::Resend);
        cx.cancel_timer(ZabTimer::Finalize);
        self.round = settled.round;
        self.role = if settled.vote.leader == cx.me() {
            Role::Leading(Leader::begin(settled, knocks, &mut self.store, cx))
        } else {
            Role::Following(Follower::begin(settled, &self.store, cx))
        };
    }
}

fn electorate(cx: &Context<'_, Zab>) -> Electorate {
    let mutant = match cx.params().mutant {
        ZabMutant::OwnHistory => BallotMutant::IdOnly,
        ZabMutant::NoTieBreak => BallotMutant::NoTieBreak,
        _ => BallotMutant::None,
    };
    Electorate { me: cx.me(), members: cx.members(), mutant }
}

impl Algorithm for Zab {
    type Family = AtomicBroadcast;
    const NAME: &'static str = "Zab";
    const ABOUT: &'static str = "primary-backup atomic broadcast with recovery, as in ZooKeeper";
    const SOURCE: &'static str = "Junqueira, Reed & Serafini, DSN 2011";
    const COMPLEXITY: &'static str =
        "3(N-1), and 1 to forward a follower's; 6 to establish each follower";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard CommitsAlone "the leader commits what it has on its own disk, without a quorum",
        Guard OwnHistory "ids alone elect, and the leader takes its own history for the best",
        TieBreak NoTieBreak "of two equal histories, neither is better",
        Durability AcksFirst "a follower acknowledges first and writes to disk afterwards",
        Stale ForgetsValues "the leader takes a request that comes again for a new one",
        Liveness ForgetsAsked "a follower does not forward what it was asked before it could",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::Fifo,
            Assumption::DurableStorage,
            Assumption::ClosedMembership,
            Assumption::UniqueIds,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::MajorityUp, Assumption::Reliable, Assumption::BoundedDelay],
    };

    const VARIANTS: &'static [Variant] = &[Variant {
        name: "unforced",
        params: "force_sync: false",
        about: "acknowledges before the disk has it (ZooKeeper's forceSync=no)",
    }];

    /// 3(N-1) where the leader's client asks, one more elsewhere.
    fn theory(nodes: u32, _params: &ZabParams) -> Theory {
        let each = 3.0 * f64::from(nodes - 1);
        if nodes == 1 { Theory::Exactly(each) } else { Theory::Between(each, each + 1.0) }
    }

    fn check_params(params: &ZabParams, _nodes: u32) -> Result<(), String> {
        let ZabParams { heartbeat, patience, resend, .. } = params;
        if *heartbeat == Duration::ZERO || *resend == Duration::ZERO {
            return Err("heartbeat and resend: nothing can be repeated every 0s".into());
        }
        if heartbeat >= patience {
            return Err(format!(
                "patience: {patience} would be over before the next heartbeat, after {heartbeat}"
            ));
        }
        Ok(())
    }
}
