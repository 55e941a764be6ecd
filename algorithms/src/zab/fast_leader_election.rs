//! ZooKeeper's fast leader election, alone.
//!
//! As in Patrick Hunt, Mahadev Konar, Flavio P. Junqueira and Benjamin Reed, "ZooKeeper: Wait-free
//! Coordination for Internet-scale Systems", USENIX ATC 2010, and described by André Medeiros,
//! "ZooKeeper's Atomic Broadcast Protocol: Theory and Practice", 2012, "Fast Leader Election". The
//! rules of the votes are in [`ballot`](super::ballot).
//!
//! ```text
//!                 boot, or a request: round + 1, vote for myself, announce
//!                                      |
//!                                      v
//!      +--- better vote: announce --- LOOKING --- won, for another ---> FOLLOWING
//!      |    silence: repeat              ^  |                            |   |
//!      +-------------------------------> |  +----- won, for me ---> LEADING |
//!                                        |                               |   |
//!                                        +--- a request, or so many look --+  |
//!                                        |    that no quorum is left          |
//!                                        +--- a request, or my leader looks --+
//! ```
//!
//! A term is a logical round. Rounds are in memory: they are what votes of one election have in
//! common, not what makes a leader the only one. Assumes, for at most one leader a round, nodes
//! that start together and do not crash, and messages that arrive within `finalize_wait`; where
//! that fails, Zab's epochs are what saves ZooKeeper, and not this.
//!
//! A leader here does nothing and followers have no connection to it: a client's request stands
//! for the connection that broke. That a leader notices when a quorum has left it, and followers
//! when their leader has, is in ZooKeeper the work of those connections too.
//!
//! Each node's history is a parameter; [`Zab`](super::Zab) votes with its own log.

use std::collections::BTreeSet;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Message, Mutant, Needs, Node, NodeId, Params,
};
use serde::Deserialize;

use super::Zxid;
use super::ballot::{Ballot, BallotMutant, Electorate, Note, Settled, State, Then, Vote};
use crate::election::{Basis, Election, Event, Rank, Request};
use crate::mutants::mutants;

/// A node of fast leader election.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FastLeaderElection {
    /// The round of the last election that this incarnation took part in.
    round: u32,
    phase: Phase,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Looking {
        ballot: Ballot,
        /// How long to wait for notifications before repeating one's own.
        interval: Duration,
    },
    Settled {
        settled: Settled,
        /// Who has begun a later round since, as a leader sees it.
        left: BTreeSet<NodeId>,
    },
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum FastLeaderElectionMessage {
    /// A vote, and what the sender does.
    Notification(Note),
}

use FastLeaderElectionMessage::Notification;

/// Alarms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FastLeaderElectionTimer {
    /// Nobody has been heard for a while.
    Resend,
    /// finalizeWait is over.
    Finalize,
}

/// Histories and times.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct FastLeaderElectionParams {
    /// The epoch that each node was last part of, in order; all 0 if empty.
    pub epochs: Vec<u32>,
    /// Each node's last transaction within its epoch, in order; all 0 if empty.
    pub zxids: Vec<u32>,
    /// How long a vote with a quorum waits for a better one before it has won.
    pub finalize_wait: Duration,
    /// How long a node waits before it repeats its notification; doubled each time.
    pub resend: Duration,
    /// The longest such wait.
    pub resend_max: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: BallotMutant,
}

impl Default for FastLeaderElectionParams {
    /// ZooKeeper's times.
    fn default() -> Self {
        FastLeaderElectionParams {
            epochs: Vec::new(),
            zxids: Vec::new(),
            finalize_wait: Duration::from_millis(200),
            resend: Duration::from_millis(200),
            resend_max: Duration::from_secs(60),
            mutant: BallotMutant::None,
        }
    }
}

impl FastLeaderElectionParams {
    /// What a vote for `node` says of it.
    fn vote(&self, node: NodeId) -> Vote {
        let at = |list: &[u32]| list.get(node.index()).copied().unwrap_or(0);
        let epoch = at(&self.epochs);
        Vote { epoch, zxid: Zxid::new(epoch, at(&self.zxids)), leader: node }
    }
}

impl Node for FastLeaderElection {
    type Params = FastLeaderElectionParams;
    type Message = FastLeaderElectionMessage;
    type Timer = FastLeaderElectionTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let Vote { epoch, zxid, leader } = cx.params().vote(cx.me());
        let rank = Rank {
            epoch: u64::from(epoch),
            zxid: u64::from(zxid.counter),
            id: u64::from(leader.0),
        };
        cx.emit(Event::Standing { rank });
        let nobody = Settled { vote: cx.params().vote(cx.me()), round: 0 };
        let mut node = FastLeaderElection { round: 0, phase: Phase::settled(nobody) };
        node.look(cx);
        node
    }

    fn on_request(&mut self, Request::Elect: Request, cx: &mut Context<'_, Self>) {
        if let Phase::Settled { .. } = self.phase {
            self.look(cx);
        }
    }

    fn on_message(
        &mut self,
        from: NodeId,
        Notification(note): FastLeaderElectionMessage,
        cx: &mut Context<'_, Self>,
    ) {
        match &mut self.phase {
            Phase::Settled { settled, left } => {
                if note.state != State::Looking {
                    return;
                }
                if settled.is_over(from, note, left, &electorate(cx)) {
                    self.look(cx);
                    return self.hear(from, note, cx);
                }
                if cx.params().mutant != BallotMutant::KeepsSilent {
                    cx.send(from, Notification(settled.note(cx.me())));
                }
            }
            Phase::Looking { .. } => self.hear(from, note, cx),
        }
    }

    fn on_timer(&mut self, timer: FastLeaderElectionTimer, cx: &mut Context<'_, Self>) {
        let Phase::Looking { ballot, interval } = &mut self.phase else { return };
        match timer {
            FastLeaderElectionTimer::Resend if cx.params().mutant == BallotMutant::SaysOnce => {}
            FastLeaderElectionTimer::Resend => {
                *interval = (*interval * 2).min(cx.params().resend_max);
                self.announce(cx);
            }
            FastLeaderElectionTimer::Finalize => {
                if let Some(settled) = ballot.finalize() {
                    self.settle(settled, cx);
                }
            }
        }
    }
}

impl Phase {
    fn settled(settled: Settled) -> Self {
        Phase::Settled { settled, left: BTreeSet::new() }
    }
}

impl Settled {
    /// Whether `from`, who is looking, leaves this node nobody to follow or to lead: the leader
    /// itself looks, or too many look for a quorum to be left.
    fn is_over(
        &self,
        from: NodeId,
        note: Note,
        left: &mut BTreeSet<NodeId>,
        electorate: &Electorate,
    ) -> bool {
        let later = note.round > self.round;
        if self.vote.leader != electorate.me {
            // A leader that votes for itself in this round has not noticed yet that it has won.
            return self.vote.leader == from && (later || note.vote.leader != from);
        }
        if later {
            left.insert(from);
        }
        electorate.members.count() - (left.len() as u32) < electorate.quorum()
    }
}

impl FastLeaderElection {
    /// A new round.
    fn look(&mut self, cx: &mut Context<'_, Self>) {
        self.round += 1;
        cx.emit(Event::Started { term: Some(u64::from(self.round)) });
        let own = cx.params().vote(cx.me());
        let (ballot, then) = Ballot::open(self.round, own, &electorate(cx));
        self.phase = Phase::Looking { ballot, interval: cx.params().resend };
        self.announce(cx);
        self.proceed(then, cx);
    }

    fn announce(&mut self, cx: &mut Context<'_, Self>) {
        let Phase::Looking { ballot, interval } = &self.phase else { return };
        cx.broadcast(Notification(ballot.note()));
        cx.set_timer(FastLeaderElectionTimer::Resend, *interval);
    }

    fn hear(&mut self, from: NodeId, note: Note, cx: &mut Context<'_, Self>) {
        let Phase::Looking { ballot, .. } = &mut self.phase else { return };
        let reaction = ballot.hear(from, note, &electorate(cx));
        if reaction.answer {
            cx.send(from, Notification(ballot.note()));
        }
        if reaction.announce {
            self.announce(cx);
        }
        self.proceed(reaction.then, cx);
    }

    fn proceed(&mut self, then: Then, cx: &mut Context<'_, Self>) {
        match then {
            Then::Listen => {}
            Then::Wait => {
                cx.set_timer(FastLeaderElectionTimer::Finalize, cx.params().finalize_wait);
            }
            Then::Won(settled) => self.settle(settled, cx),
        }
    }

    fn settle(&mut self, settled: Settled, cx: &mut Context<'_, Self>) {
        let Phase::Looking { ballot, .. } = &self.phase else { return };
        cx.cancel_timer(FastLeaderElectionTimer::Resend);
        cx.cancel_timer(FastLeaderElectionTimer::Finalize);
        let Settled { vote, round } = settled;
        let won_over = ballot.won_over(vote);
        let decided = round == ballot.round() && electorate(cx).quorum() <= won_over.len() as u32;
        let basis = if decided { Basis::OverVoters(won_over) } else { Basis::Told };
        self.round = round;
        self.phase = Phase::settled(settled);
        cx.emit(Event::Elected { leader: vote.leader, term: Some(u64::from(round)), basis });
    }
}

fn electorate(cx: &Context<'_, FastLeaderElection>) -> Electorate {
    Electorate { me: cx.me(), members: cx.members(), mutant: cx.params().mutant }
}

impl Algorithm for FastLeaderElection {
    type Family = Election;
    const NAME: &'static str = "FastLeaderElection";
    const ABOUT: &'static str = "votes by (epoch, zxid, id) in rounds; a quorum elects";
    const SOURCE: &'static str = "Hunt et al., USENIX ATC 2010; Medeiros 2012";
    const COMPLEXITY: &'static str = "O(N^2)";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard IdOnly "compares candidates by their ids alone",
        Guard NoQuorum "decides as soon as one vote has arrived, without a quorum",
        TieBreak NoTieBreak "of two equal histories, neither is better",
        Stale AnyWord "believes what followers say of a leader without the leader's own word",
        Liveness SaysOnce "does not repeat its notification",
        Liveness KeepsSilent "who has settled does not answer those who look",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::BoundedDelay,
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::ClosedMembership,
            Assumption::UniqueIds,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::MajorityUp, Assumption::NoPartition],
    };
    // A leader of an earlier round does not know yet that there is another.
    const UNPROMISED: &'static [&'static str] = &["NoOverlap"];

    fn check_params(params: &FastLeaderElectionParams, nodes: u32) -> Result<(), String> {
        for (name, list) in [("epochs", &params.epochs), ("zxids", &params.zxids)] {
            let count = list.len() as u32;
            if count != 0 && count != nodes {
                return Err(format!("{name}: {count} entries for {nodes} members"));
            }
        }
        if params.resend == Duration::ZERO {
            return Err("resend: nothing can be repeated every 0s".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
