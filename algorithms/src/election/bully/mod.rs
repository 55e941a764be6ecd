//! The bully algorithm: whoever finds no better node alive makes itself the coordinator.
//!
//! Hector Garcia-Molina, "Elections in a Distributed Computing System", IEEE Transactions on
//! Computers C-31(1), 1982; in the message form of Andrew S. Tanenbaum and Maarten van
//! Steen, "Distributed Systems", section "Election algorithms: the bully algorithm".
//!
//! A node that holds an election sends ELECTION to all with higher ids. Whoever gets one answers
//! OK and holds an election itself. Who gets no OK within T has won and sends COORDINATOR to all
//! with lower ids; who gets one waits T′ for the COORDINATOR and then begins again. T must be at
//! least 2·Tmsg + Tproc, and T′ long enough for the best node to win. A rebooted node holds an
//! election, so that the highest one announces itself at once. Any COORDINATOR is accepted: the
//! last heard wins.
//!
//! | state      | ELECTION from below      | OK         | COORDINATOR | asked, leader silent | T or T′ over  |
//! |------------|--------------------------|------------|-------------|----------------------|---------------|
//! | Idle       | OK; ELECTION up → Asking | –          | → Idle      | ELECTION up → Asking | –             |
//! | Asking     | OK                       | → Awaiting | → Idle      | –                    | T: COORDINATOR down → Idle |
//! | Awaiting   | OK                       | –          | → Idle      | –                    | T′: ELECTION up → Asking |
//!
//! Nobody above: Asking is left at once, with COORDINATOR.
//!
//! With ids 1..N, N dead, initiator k and each node electing once: (N−k)(N−k+1)/2 ELECTION,
//! (N−k)(N−k−1)/2 OK and N−2 COORDINATOR messages, in all (N−k)²+N−2. While N is alive it wins
//! at once whenever it gets an ELECTION, and announces itself each time.
//!
//! Assumes bounded delay and links that lose nothing: a late OK elects two. Crashes are what it is
//! for; but a node that returns while another's election is ending may be forgotten again by those
//! who hear the other's COORDINATOR last. Only pings repair that.
//!
//! What is absent: Garcia-Molina's ENTER-ELECTION and SET-STATE phases, by which his nodes never
//! disagree on the coordinator; with them go his group numbers.

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Message, Mutant, Needs, Node, NodeId, Operation,
    Parameter, Params, Theory,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::upkeep::{self, Detection, Packet, UpkeepTimer};
use super::{Basis, Election, Event, Rank, Request, ids};

/// A node of the bully algorithm.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Bully {
    /// Holds no election.
    Idle {
        /// Whom it follows.
        leader: Option<NodeId>,
    },
    /// Has asked all above and waits T for an OK.
    Asking {
        /// For which operation.
        operation: Option<Operation>,
    },
    /// Has an OK and waits T′ for the COORDINATOR.
    Awaiting {
        /// For which operation.
        operation: Option<Operation>,
    },
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum BullyMessage {
    /// ELECTION: "is anybody better than I?"
    Election,
    /// OK: "I am; leave it to me."
    Ok,
    /// COORDINATOR: "I lead."
    Coordinator,
}

/// A node's alarms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BullyTimer {
    /// T is over: nobody better has answered.
    Answer,
    /// T′ is over: whoever answered has not come forward.
    Coordinator,
    /// For pings.
    Upkeep(UpkeepTimer),
}

impl From<UpkeepTimer> for BullyTimer {
    fn from(timer: UpkeepTimer) -> Self {
        BullyTimer::Upkeep(timer)
    }
}

/// Ids and time-outs.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct BullyParams {
    /// The nodes' ids by position; none: the positions themselves. The highest wins.
    pub ids: Vec<u32>,
    /// T, how long an OK may take: at least twice the longest delay and the time to handle an
    /// ELECTION.
    pub answer_timeout: Duration,
    /// T′, how long after an OK the COORDINATOR may take: at least T and two of the longest
    /// delays.
    pub coordinator_timeout: Duration,
    /// How often a follower pings its leader; none: it notices nothing by itself.
    pub ping: Option<Duration>,
    /// How long the answer to a ping may take.
    pub ping_timeout: Duration,
    /// Whether a node holds an election at its first boot too, not only when it returns.
    pub elect_at_boot: bool,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: BullyMutant,
}

impl Default for BullyParams {
    fn default() -> Self {
        BullyParams {
            ids: Vec::new(),
            answer_timeout: Duration::from_millis(100),
            coordinator_timeout: Duration::from_millis(300),
            ping: None,
            ping_timeout: Duration::from_millis(100),
            elect_at_boot: false,
            mutant: BullyMutant::None,
        }
    }
}

impl BullyParams {
    fn detection(&self) -> Detection {
        Detection { ping: self.ping, timeout: self.ping_timeout }
    }
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum BullyMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Declares itself coordinator although somebody better has answered.
    IgnoresOk,
    /// Answers OK and leaves it at that.
    OnlyAnswers,
    /// Waits for the COORDINATOR for ever.
    TrustsOk,
    /// Forgets to tell the lowest node that it leads.
    ForgetsLowest,
    /// Comes back without an election.
    SilentReturn,
    /// Compares positions instead of ids when it is asked.
    ByPosition,
    /// Answers pings although it does not lead any more.
    AnswersAnyPing,
}

impl Node for Bully {
    type Params = BullyParams;
    type Message = Packet<BullyMessage>;
    type Timer = BullyTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let params = cx.params();
        cx.emit(Event::Standing { rank: Rank::of_id(ids::id_of(&params.ids, cx.me())) });
        let elects = match cx.incarnation() {
            0 => params.elect_at_boot,
            _ => params.mutant != BullyMutant::SilentReturn,
        };
        let mut node = Bully::Idle { leader: None };
        if elects {
            node.elect(None, cx);
        }
        node
    }

    fn on_request(&mut self, Request::Elect: Request, cx: &mut Context<'_, Self>) {
        if let Bully::Idle { .. } = self {
            self.elect(cx.operation(), cx);
        }
    }

    fn on_message(&mut self, from: NodeId, packet: Self::Message, cx: &mut Context<'_, Self>) {
        match (packet, *self) {
            (Packet::Own(BullyMessage::Election), _) => self.on_election(from, cx),
            (Packet::Own(BullyMessage::Ok), Bully::Asking { operation })
                if cx.params().mutant != BullyMutant::IgnoresOk =>
            {
                *self = Bully::Awaiting { operation };
                cx.cancel_timer(BullyTimer::Answer);
                cx.set_timer(BullyTimer::Coordinator, cx.params().coordinator_timeout);
            }
            (Packet::Own(BullyMessage::Coordinator), _) => {
                self.follow(from, Basis::Told, cx);
            }
            (Packet::Ping, Bully::Idle { leader })
                if leader == Some(cx.me()) || cx.params().mutant == BullyMutant::AnswersAnyPing =>
            {
                cx.send_for(None, from, Packet::Pong);
            }
            (Packet::Pong, Bully::Idle { leader }) if leader == Some(from) => {
                upkeep::watch(leader, cx.params().detection(), cx);
            }
            // An OK or a pong that nobody waits for, and a ping to somebody who does not lead.
            (Packet::Own(BullyMessage::Ok), Bully::Idle { .. }) => cx.reached("OK too late"),
            (Packet::Own(BullyMessage::Ok) | Packet::Ping | Packet::Pong, _) => {}
            // The bully algorithm asks for no acknowledgements.
            (Packet::Numbered { .. } | Packet::Ack { .. }, _) => {}
        }
    }

    fn on_timer(&mut self, timer: BullyTimer, cx: &mut Context<'_, Self>) {
        match (timer, *self) {
            (BullyTimer::Answer, Bully::Asking { operation }) => self.win(operation, cx),
            (BullyTimer::Coordinator, Bully::Awaiting { operation })
                if cx.params().mutant != BullyMutant::TrustsOk =>
            {
                cx.reached("no coordinator after an OK");
                self.elect(operation, cx);
            }
            (BullyTimer::Upkeep(UpkeepTimer::Ping), Bully::Idle { leader: Some(leader) }) => {
                upkeep::ping(leader, cx.params().detection(), cx);
            }
            (BullyTimer::Upkeep(UpkeepTimer::Silence), Bully::Idle { .. }) => self.elect(None, cx),
            // Every change of state disarms its timers; these are left for a mutant's.
            (BullyTimer::Answer | BullyTimer::Coordinator | BullyTimer::Upkeep(_), _) => {}
        }
    }
}

impl Bully {
    /// Holds an election, on behalf of `operation`.
    fn elect(&mut self, operation: Option<Operation>, cx: &mut Context<'_, Self>) {
        *self = Bully::Asking { operation };
        cx.emit(Event::Started { term: None });
        upkeep::watch(None, cx.params().detection(), cx);
        let (params, me) = (cx.params(), cx.me());
        let own = ids::id_of(&params.ids, me);
        let mut alone = true;
        for peer in cx.peers().filter(|peer| ids::id_of(&params.ids, *peer) > own) {
            cx.send_for(operation, peer, Packet::Own(BullyMessage::Election));
            alone = false;
        }
        if alone {
            self.win(operation, cx);
        } else {
            cx.set_timer(BullyTimer::Answer, params.answer_timeout);
        }
    }

    fn on_election(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        let params = cx.params();
        let above = match params.mutant {
            BullyMutant::ByPosition => from >= cx.me(),
            _ => ids::id_of(&params.ids, from) >= ids::id_of(&params.ids, cx.me()),
        };
        if above {
            return;
        }
        cx.send(from, Packet::Own(BullyMessage::Ok));
        if matches!(self, Bully::Idle { .. }) && params.mutant != BullyMutant::OnlyAnswers {
            self.elect(cx.operation(), cx);
        }
    }

    /// Nobody above is alive.
    fn win(&mut self, operation: Option<Operation>, cx: &mut Context<'_, Self>) {
        let (params, me) = (cx.params(), cx.me());
        let own = ids::id_of(&params.ids, me);
        let below = cx.peers().filter(|peer| ids::id_of(&params.ids, *peer) < own);
        let lowest = below.clone().min_by_key(|peer| ids::id_of(&params.ids, *peer));
        let spared = lowest.filter(|_| params.mutant == BullyMutant::ForgetsLowest);
        for peer in below.filter(|peer| Some(*peer) != spared) {
            cx.send_for(operation, peer, Packet::Own(BullyMessage::Coordinator));
        }
        self.follow(me, Basis::OverLive, cx);
    }

    fn follow(&mut self, leader: NodeId, basis: Basis, cx: &mut Context<'_, Self>) {
        *self = Bully::Idle { leader: Some(leader) };
        cx.cancel_timer(BullyTimer::Answer);
        cx.cancel_timer(BullyTimer::Coordinator);
        upkeep::watch(Some(leader), cx.params().detection(), cx);
        cx.emit(Event::Elected { leader, term: None, basis });
    }
}

impl Algorithm for Bully {
    type Family = Election;
    const NAME: &'static str = "Bully";
    const ABOUT: &'static str = "whoever finds no better node alive makes itself the leader";
    const SOURCE: &'static str = "Garcia-Molina, IEEE ToC 31(1), 1982; Tanenbaum & van Steen";
    const COMPLEXITY: &'static str = "(N-k)^2 + N-2 for initiator k with N dead: N-1 .. N^2-N-1";
    const PROBES: &'static [&'static str] = &["no coordinator after an OK", "OK too late"];
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard IgnoresOk "declares itself coordinator although somebody better has answered",
        TieBreak ByPosition "compares positions instead of ids when it is asked",
        Durability SilentReturn "comes back without an election",
        Stale AnswersAnyPing "answers pings although it does not lead any more",
        Liveness OnlyAnswers "answers OK and leaves it at that",
        Liveness TrustsOk "waits for the COORDINATOR for ever",
        Liveness ForgetsLowest "forgets to tell the lowest node that it leads",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::BoundedDelay,
            Assumption::BoundedDrift,
            Assumption::Reliable,
            Assumption::NoPartition,
            Assumption::NoCrash,
            Assumption::UniqueIds,
            Assumption::ClosedMembership,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::BoundedDelay, Assumption::Reliable, Assumption::NoPartition],
    };
    /// A node that returns and is the highest deposes a leader who does not know it yet.
    const UNPROMISED: &'static [&'static str] = &["NoOverlap"];

    /// With the highest dead and nobody electing twice: from the second highest to the lowest as
    /// the initiator. Alive, the highest announces itself anew for each ELECTION that it gets.
    fn theory(nodes: u32, _params: &BullyParams) -> Theory {
        let n = f64::from(nodes);
        match nodes {
            1 => Theory::Exactly(0.0),
            _ => Theory::Between(n - 1.0, n * n - n - 1.0),
        }
    }

    fn check_params(params: &BullyParams, nodes: u32) -> Result<(), String> {
        ids::check(&params.ids, nodes)?;
        upkeep::check(params.detection())?;
        if params.answer_timeout == Duration::ZERO {
            return Err("answer_timeout: 0s hears no answer; expected at least two delays".into());
        }
        if params.coordinator_timeout == Duration::ZERO {
            return Err(
                "coordinator_timeout: 0s would elect without end; expected some time".into()
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
