//! Maekawa's algorithm: to enter, lock the votes of about √N nodes.
//!
//! Mamoru Maekawa, "A √N Algorithm for Mutual Exclusion in Decentralized Systems", ACM Transactions
//! on Computer Systems 3(2), 1985, sections 3 and 4; with the correction of Beverly A. Sanders, "The
//! Information Structure of Distributed Mutual Exclusion Algorithms", ACM TOCS 5(3), 1987.
//!
//! Every node has one vote and asks a quorum; any two quorums share a node, so that two nodes cannot
//! both have all the votes that they need. Votes are locked in order of arrival, not of stamps:
//! three nodes could each have a part and wait for the rest. So a request that comes too late for a
//! vote is told (FAILED), and who holds a vote that an earlier request wants is asked for it
//! (INQUIRE) and gives it back (YIELD; the paper's RELINQUISH) if it has been told of a failure.
//!
//! ```text
//!   asking side, waiting:  LOCKED   the vote is here; all here: enter
//!                          FAILED   note it, and YIELD every vote that was inquired after
//!                          INQUIRE  of a vote that is here: YIELD it if some vote has failed or was
//!                                   yielded and is not here again; otherwise answer when one fails
//!   asking side, else:     INQUIRE  ignore: the RELEASE that follows, or went before, answers it
//! ```
//!
//! As published, a request is told that it failed on arrival only. One that was first in the queue
//! and is overtaken by an earlier one then never learns of it, holds on to its votes, and everybody
//! may wait for ever: the variant `form: Published`. The correction tells it.
//!
//! A quorum of K nodes contains the asker, whose own vote costs no message: 3(K-1) uncontended.
//!
//! Assumes links that lose, repeat and alter nothing, and nodes that do not crash: a rebooted node has
//! forgotten whom it voted for. FIFO links are needed to go on, not for exclusion: an INQUIRE that
//! overtakes the LOCKED that it is about is taken for an old one, and is never answered.

mod arbiter;
pub mod plane;
mod quorum;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Operation, Parameter,
    Params, Theory, Variant,
};
use serde::Deserialize;

use self::arbiter::{Arbiter, Reply};
pub use self::quorum::quorum;
use super::{Event, Mutex, Request, Stamp, mutants};

/// A node of Maekawa's algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Maekawa {
    /// The highest number seen in any request, own or received.
    highest: u64,
    phase: Phase,
    arbiter: Arbiter,
}

/// The asking side.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Idle,
    Waiting(Votes),
    Inside,
}

/// What a waiting node has been told.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Votes {
    /// What the request is counted for.
    operation: Option<Operation>,
    /// Votes that are not locked for this node.
    missing: BTreeSet<NodeId>,
    /// Those of them that have failed or were yielded.
    failed: BTreeSet<NodeId>,
    /// Locked votes that were inquired after.
    inquired: BTreeSet<NodeId>,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum MaekawaMessage {
    /// "Lock your vote for me."
    Request {
        /// The request's number; the sender's id breaks ties.
        number: u64,
    },
    /// "My vote is locked for you."
    Locked,
    /// "An earlier request is ahead of yours."
    Failed,
    /// "Can you enter, or will you give my vote back?"
    Inquire,
    /// "Take your vote back for the time being."
    Yield,
    /// "I have left."
    Release,
}

/// Which of the two published forms.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct MaekawaParams {
    /// Whether a request is told that it failed whenever that comes about, or on arrival only.
    pub form: MaekawaForm,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: MaekawaMutant,
}

/// Who is told FAILED.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum MaekawaForm {
    /// Also a waiting request that an earlier one overtakes (Sanders 1987): free of deadlock.
    #[default]
    Corrected,
    /// A request that is not the earliest when it arrives (Maekawa 1985): may deadlock.
    Published,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum MaekawaMutant {
    /// None: the algorithm as it should be.
    #[default]
    None,
    /// Never gives a vote back before it has entered.
    NeverYields,
    /// Gives votes back from inside.
    YieldsInside,
    /// Does not ask the last of its quorum.
    SmallQuorum,
    /// Goes on counting a vote that it has given back.
    KeepsVote,
    /// Takes requests of equal number for later ones, whoever made them.
    NoTieBreak,
    /// Forgets an inquiry that it could not answer at once.
    ForgetsInquiry,
}

impl Node for Maekawa {
    type Params = MaekawaParams;
    type Message = MaekawaMessage;
    type Timer = ();
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), _cx: &mut Context<'_, Self>) -> Self {
        Maekawa { highest: 0, phase: Phase::Idle, arbiter: Arbiter::default() }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match request {
            Request::Acquire => self.acquire(cx),
            Request::Release => self.release(cx),
        }
    }

    fn on_message(&mut self, from: NodeId, message: MaekawaMessage, cx: &mut Context<'_, Self>) {
        self.hear(from, cx.operation(), message, cx);
    }

    fn waits_for(&self) -> Vec<NodeId> {
        match &self.phase {
            Phase::Waiting(votes) => votes.missing.iter().copied().collect(),
            // An arbiter that wants nothing itself waits for who has its vote.
            Phase::Idle => self.arbiter.holder().into_iter().collect(),
            Phase::Inside => Vec::new(),
        }
    }
}

impl Maekawa {
    fn asked(cx: &Context<'_, Self>) -> BTreeSet<NodeId> {
        let mut asked = quorum(cx.members(), cx.me());
        if cx.params().mutant == MaekawaMutant::SmallQuorum {
            asked.pop_last();
        }
        asked
    }

    fn acquire(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase != Phase::Idle {
            return;
        }
        // Altered requests can lead to the last number; it stays there.
        self.highest = self.highest.saturating_add(1);
        let (number, operation) = (self.highest, cx.operation());
        let asked = Self::asked(cx);
        self.phase = Phase::Waiting(Votes {
            operation,
            missing: asked.clone(),
            failed: BTreeSet::new(),
            inquired: BTreeSet::new(),
        });
        for node in asked {
            self.say(node, operation, MaekawaMessage::Request { number }, cx);
        }
    }

    /// A rebooted node has nothing to release.
    fn release(&mut self, cx: &mut Context<'_, Self>) {
        if self.phase == Phase::Inside {
            self.phase = Phase::Idle;
            for node in Self::asked(cx) {
                self.say(node, cx.operation(), MaekawaMessage::Release, cx);
            }
        }
    }

    /// The own vote is asked for like any other, without a message.
    fn say(
        &mut self,
        to: NodeId,
        operation: Option<Operation>,
        message: MaekawaMessage,
        cx: &mut Context<'_, Self>,
    ) {
        if to == cx.me() {
            self.hear(to, operation, message, cx);
        } else {
            cx.send_for(operation, to, message);
        }
    }

    fn hear(
        &mut self,
        from: NodeId,
        operation: Option<Operation>,
        message: MaekawaMessage,
        cx: &mut Context<'_, Self>,
    ) {
        let replies = match message {
            MaekawaMessage::Request { number } => {
                self.highest = self.highest.max(number);
                let request = Stamp { time: number, node: from };
                self.arbiter.request(request, operation, cx.params())
            }
            MaekawaMessage::Release => self.arbiter.release(from),
            MaekawaMessage::Yield => self.arbiter.take_back(from),
            MaekawaMessage::Locked => return self.locked(from, cx),
            MaekawaMessage::Failed => self.failed(from, operation, cx),
            MaekawaMessage::Inquire => self.inquired(from, operation, cx),
        };
        for (to, operation, message) in replies {
            self.say(to, operation, message, cx);
        }
    }

    fn locked(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        let Phase::Waiting(votes) = &mut self.phase else {
            return;
        };
        votes.missing.remove(&from);
        votes.failed.remove(&from);
        if votes.missing.is_empty() {
            self.phase = Phase::Inside;
            cx.emit(Event::Granted);
        }
    }

    fn failed(
        &mut self,
        from: NodeId,
        operation: Option<Operation>,
        cx: &Context<'_, Self>,
    ) -> Vec<Reply> {
        let Phase::Waiting(votes) = &mut self.phase else {
            return Vec::new();
        };
        votes.failed.insert(from);
        let inquired = std::mem::take(&mut votes.inquired);
        inquired.into_iter().map(|node| votes.give_back(node, operation, cx)).collect()
    }

    fn inquired(
        &mut self,
        from: NodeId,
        operation: Option<Operation>,
        cx: &Context<'_, Self>,
    ) -> Vec<Reply> {
        let mutant = cx.params().mutant;
        match &mut self.phase {
            Phase::Waiting(_) if mutant == MaekawaMutant::NeverYields => Vec::new(),
            Phase::Waiting(votes) if !votes.missing.contains(&from) => {
                if votes.failed.is_empty() {
                    if mutant != MaekawaMutant::ForgetsInquiry {
                        votes.inquired.insert(from);
                    }
                    Vec::new()
                } else {
                    vec![votes.give_back(from, operation, cx)]
                }
            }
            Phase::Inside if mutant == MaekawaMutant::YieldsInside => {
                vec![(from, operation, MaekawaMessage::Yield)]
            }
            // A vote that is not here is about a request that has been served.
            Phase::Waiting(_) | Phase::Idle | Phase::Inside => Vec::new(),
        }
    }
}

impl Votes {
    /// Gives the vote of `node` back, counted for who wants it.
    fn give_back(
        &mut self,
        node: NodeId,
        operation: Option<Operation>,
        cx: &Context<'_, Maekawa>,
    ) -> Reply {
        if cx.params().mutant != MaekawaMutant::KeepsVote {
            self.missing.insert(node);
        }
        self.failed.insert(node);
        (node, operation, MaekawaMessage::Yield)
    }
}

impl Algorithm for Maekawa {
    type Family = Mutex;
    const NAME: &'static str = "Maekawa";
    const ABOUT: &'static str = "quorums of about √N nodes, any two of which share one";
    const SOURCE: &'static str = "Maekawa, ACM TOCS 3(2), 1985; Sanders, ACM TOCS 5(3), 1987";
    const COMPLEXITY: &'static str = "3(K-1) uncontended, mean up to 5(K-1); K ~ √N";
    const MUTANTS: &'static [Mutant] = mutants::MAEKAWA;
    const UNPROMISED: &'static [&'static str] = &["RequestOrder"];
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "published",
        params: "form: Published",
        about: "a request learns on arrival only that it failed: may deadlock (1985)",
    }];
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::ClosedMembership,
            Assumption::UniqueIds,
            Assumption::Uncorrupted,
        ],
        liveness: &[
            Assumption::Fifo,
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::NoPartition,
        ],
    };

    fn theory(nodes: u32, _params: &MaekawaParams) -> Theory {
        match plane::line(nodes) {
            Some(line) => {
                let asked = line.len() as f64 - 1.0;
                Theory::MeanBetween(3.0 * asked, 5.0 * asked)
            }
            // Rows and columns of a grid are not all of one size.
            None => Theory::Unknown,
        }
    }
}
