//! Voting among coordinators that forget.
//!
//! Shi-Ding Lin, Qiao Lian, Ming Chen and Zheng Zhang, "A Practical Distributed Mutual Exclusion
//! Protocol in Dynamic Peer-to-Peer Systems", IPTPS 2004, in the form of Andrew S. Tanenbaum and
//! Maarten van Steen, "Distributed Systems", section "Mutual exclusion: a decentralized algorithm".
//!
//! The resource has n coordinators with one vote each. An attempt asks m > n/2 of them, drawn
//! anew each time; with all m votes the node enters, otherwise it hands the votes back, waits for a
//! random while (binary exponential backoff, Metcalfe & Boggs, CACM 1976) and tries again: 2m
//! messages an attempt and m at the release, 2mk+m for k attempts. Votes that a failed attempt hands
//! back (`Return`) are not in that figure: they are background here and enter the overall mean.
//!
//! ```text
//!   Idle ──wants in / ASK m──> Asking ──m votes──> Inside ──leaves / RELEASE to m──> Idle
//!                              │    ^
//!      denied, or out of time  │    │  random while over
//!      / RETURN the votes      v    │  / ASK m
//!                            BackingOff
//! ```
//!
//! A coordinator keeps its vote in memory: after a restart it has forgotten it and may vote again.
//! Of the m that voted, 2m-n must forget before somebody else can find m votes. If each of them
//! does with probability p while somebody is inside, exclusion is violated with probability
//! `sum over k from 2m-n to m of C(m,k) p^k (1-p)^(m-k)`: small, not zero.
//!
//! The variant `denied: Wait` has no backoff: who is denied keeps the votes that it has, and
//! coordinators queue whom they deny. Votes that are split then block everybody.
//!
//! Assumes that coordinators do not restart while somebody is inside. Links may reorder, repeat and
//! lose: attempts are numbered and have a time-out; but a node that crashes inside, or whose release
//! is lost, leaves its votes behind until it asks again. What is absent: the paper's leases.

mod choice;
mod params;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, VecDeque};

use seedbed_node::{
    Algorithm, Assumption, Context, Message, Mutant, Needs, Node, NodeId, Operation, Variant, Wire,
};

pub use self::choice::{COORDINATORS_MAX, violation_probability};
pub use self::params::{DecentralisedVotingMutant, DecentralisedVotingParams, OnDenial};
use super::{Event, Mutex, Request, mutants};

/// A node, which may also be a coordinator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DecentralisedVoting {
    phase: Phase,
    /// The last attempt.
    attempt: Attempt,
    /// As a coordinator: whom it has voted for.
    vote: Option<(NodeId, Attempt)>,
    /// As a coordinator without backoff: who waits for the vote, and for which operation.
    queue: VecDeque<(NodeId, Attempt, Option<Operation>)>,
}

/// The asking side.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Idle,
    Asking { task: Task, votes: BTreeSet<NodeId>, unanswered: BTreeSet<NodeId> },
    BackingOff(Task),
    Inside { votes: BTreeSet<NodeId> },
}

/// What the attempts are for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Task {
    operation: Option<Operation>,
    /// How many attempts have failed, as far as the backoff grows.
    failures: u32,
}

/// An attempt of one node; later ones are greater, also after a restart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub struct Attempt {
    /// How often the node had been booted before.
    pub incarnation: u32,
    /// How many attempts it has made since.
    pub number: u32,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum DecentralisedVotingMessage {
    /// To a coordinator: "Vote for me."
    Ask {
        /// In this attempt.
        attempt: Attempt,
    },
    /// From a coordinator: its answer.
    Vote {
        /// To this attempt.
        attempt: Attempt,
        /// Whether it votes for the one that asked.
        granted: bool,
    },
    /// To a coordinator: "The attempt failed; you are free."
    Return {
        /// This attempt.
        attempt: Attempt,
    },
    /// To a coordinator: "I have left; you are free."
    Release {
        /// The attempt that succeeded.
        attempt: Attempt,
    },
}

/// When a node goes on by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DecentralisedVotingTimer {
    /// The time for an attempt's answers is over.
    Patience,
    /// The time between two attempts is over.
    Backoff,
}

/// The greatest backoff is 2^6 - 1 units.
const DOUBLINGS_MAX: u32 = 6;

impl Node for DecentralisedVoting {
    type Params = DecentralisedVotingParams;
    type Message = DecentralisedVotingMessage;
    type Timer = DecentralisedVotingTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        DecentralisedVoting {
            phase: Phase::Idle,
            attempt: Attempt { incarnation: cx.incarnation(), number: 0 },
            vote: None,
            queue: VecDeque::new(),
        }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match (request, &self.phase) {
            (Request::Acquire, Phase::Idle) => {
                self.ask(Task { operation: cx.operation(), failures: 0 }, cx);
            }
            (Request::Release, Phase::Inside { .. }) => self.release(cx),
            // A client that asks twice waits once; a rebooted node has nothing to release.
            (Request::Acquire | Request::Release, _) => {}
        }
    }

    fn on_message(
        &mut self,
        from: NodeId,
        message: DecentralisedVotingMessage,
        cx: &mut Context<'_, Self>,
    ) {
        self.hear(from, cx.operation(), message, cx);
    }

    fn on_timer(&mut self, timer: DecentralisedVotingTimer, cx: &mut Context<'_, Self>) {
        match (timer, &self.phase) {
            (DecentralisedVotingTimer::Patience, Phase::Asking { .. }) => self.conclude(cx),
            (DecentralisedVotingTimer::Backoff, &Phase::BackingOff(task)) => self.ask(task, cx),
            // A timer that the last answer has overtaken.
            (DecentralisedVotingTimer::Patience | DecentralisedVotingTimer::Backoff, _) => {}
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        let mut nodes = match &self.phase {
            Phase::Asking { unanswered, .. } => unanswered.clone(),
            Phase::Idle | Phase::BackingOff(_) | Phase::Inside { .. } => BTreeSet::new(),
        };
        if !self.queue.is_empty() {
            nodes.extend(self.vote.map(|(node, _)| node));
        }
        nodes.into_iter().collect()
    }
}

impl DecentralisedVoting {
    /// Makes a new attempt.
    fn ask(&mut self, task: Task, cx: &mut Context<'_, Self>) {
        let (params, members) = (cx.params(), cx.members().count());
        let asked = choice::draw(params.n(members), params.m(members), cx);
        self.attempt.number = self.attempt.number.saturating_add(1);
        let (votes, unanswered) = (BTreeSet::new(), asked.clone());
        self.phase = Phase::Asking { task, votes, unanswered };
        if params.denied == OnDenial::BackOff {
            cx.set_timer(DecentralisedVotingTimer::Patience, params.patience);
        }
        let attempt = self.attempt;
        for coordinator in asked {
            let ask = DecentralisedVotingMessage::Ask { attempt };
            self.say(coordinator, task.operation, ask, cx);
        }
    }

    fn release(&mut self, cx: &mut Context<'_, Self>) {
        if let Phase::Inside { votes } = std::mem::replace(&mut self.phase, Phase::Idle) {
            let attempt = self.attempt;
            for coordinator in votes {
                let release = DecentralisedVotingMessage::Release { attempt };
                self.say(coordinator, cx.operation(), release, cx);
            }
        }
    }

    /// All have answered, or the time for that is over.
    fn conclude(&mut self, cx: &mut Context<'_, Self>) {
        cx.cancel_timer(DecentralisedVotingTimer::Patience);
        let needed = cx.params().m(cx.members().count());
        let Phase::Asking { task, votes, unanswered } =
            std::mem::replace(&mut self.phase, Phase::Idle)
        else {
            return;
        };
        let answered = cx.params().mutant == DecentralisedVotingMutant::CountsAnswers;
        if votes.len() as u32 == needed || (answered && unanswered.is_empty()) {
            self.phase = Phase::Inside { votes };
            return cx.emit(Event::Granted);
        }
        let failures = (task.failures + 1).min(DOUBLINGS_MAX);
        self.phase = Phase::BackingOff(Task { failures, ..task });
        let units = cx.choose(1 << failures);
        cx.set_timer(DecentralisedVotingTimer::Backoff, cx.params().backoff * u64::from(units));
        if cx.params().mutant == DecentralisedVotingMutant::KeepsVotes {
            return;
        }
        let attempt = self.attempt;
        for coordinator in votes.union(&unanswered) {
            self.say(*coordinator, None, DecentralisedVotingMessage::Return { attempt }, cx);
        }
    }

    /// A node that is its own coordinator needs no message for that.
    fn say(
        &mut self,
        to: NodeId,
        operation: Option<Operation>,
        message: DecentralisedVotingMessage,
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
        message: DecentralisedVotingMessage,
        cx: &mut Context<'_, Self>,
    ) {
        match message {
            DecentralisedVotingMessage::Ask { attempt } => {
                self.asked(from, attempt, operation, cx);
            }
            DecentralisedVotingMessage::Vote { attempt, granted } => {
                self.answered(from, attempt, granted, cx);
            }
            DecentralisedVotingMessage::Return { attempt }
            | DecentralisedVotingMessage::Release { attempt } => {
                self.freed((from, attempt), cx);
            }
        }
    }

    /// As a coordinator: one vote at a time; an attempt replaces earlier ones of the same node.
    fn asked(
        &mut self,
        from: NodeId,
        attempt: Attempt,
        operation: Option<Operation>,
        cx: &mut Context<'_, Self>,
    ) {
        let params = cx.params();
        let free = match self.vote {
            None => true,
            Some((voted, earlier)) if voted == from => earlier <= attempt,
            Some(_) => params.mutant == DecentralisedVotingMutant::VotesAgain,
        };
        if free {
            self.vote = Some((from, attempt));
        } else if params.denied == OnDenial::Wait {
            self.queue.retain(|(waiting, ..)| *waiting != from);
            return self.queue.push_back((from, attempt, operation));
        }
        let vote = DecentralisedVotingMessage::Vote { attempt, granted: free };
        self.say(from, operation, vote, cx);
    }

    /// As a coordinator: the vote is back, if it was that one.
    fn freed(&mut self, vote: (NodeId, Attempt), cx: &mut Context<'_, Self>) {
        if self.vote != Some(vote) {
            return;
        }
        self.vote = None;
        if cx.params().mutant == DecentralisedVotingMutant::ForgetsQueue {
            return;
        }
        if let Some((next, attempt, operation)) = self.queue.pop_front() {
            self.asked(next, attempt, operation, cx);
        }
    }

    fn answered(
        &mut self,
        from: NodeId,
        attempt: Attempt,
        granted: bool,
        cx: &mut Context<'_, Self>,
    ) {
        let trusts = cx.params().mutant == DecentralisedVotingMutant::TakesOldVotes;
        let current = attempt == self.attempt || trusts;
        if let Phase::Asking { votes, unanswered, .. } = &mut self.phase
            && current
            && unanswered.remove(&from)
        {
            if granted {
                votes.insert(from);
            }
            if unanswered.is_empty() {
                self.conclude(cx);
            }
            return;
        }
        let known = match &self.phase {
            Phase::Asking { votes, .. } | Phase::Inside { votes } => votes.contains(&from),
            Phase::Idle | Phase::BackingOff(_) => false,
        };
        // A copy of a vote that is in use changes nothing. One that comes too late is handed back.
        if granted && !(current && known) {
            self.say(from, None, DecentralisedVotingMessage::Return { attempt }, cx);
        }
    }
}

impl Algorithm for DecentralisedVoting {
    type Family = Mutex;
    const NAME: &'static str = "DecentralisedVoting";
    const ABOUT: &'static str = "a majority of coordinators that may forget their votes";
    const SOURCE: &'static str = "Lin, Lian, Chen & Zhang, IPTPS 2004; Tanenbaum & van Steen";
    const COMPLEXITY: &'static str = "2mk+m for k attempts";
    const MUTANTS: &'static [Mutant] = mutants::DECENTRALISED_VOTING;
    const UNPROMISED: &'static [&'static str] = &["RequestOrder"];
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "no-backoff",
        params: "denied: Wait",
        about: "who is denied keeps its votes and waits: split votes block for ever",
    }];
    const NEEDS: Needs = Needs {
        safety: &[Assumption::NoCrash, Assumption::ClosedMembership, Assumption::Uncorrupted],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };

    fn check_params(params: &DecentralisedVotingParams, nodes: u32) -> Result<(), String> {
        let (n, m) = (params.n(nodes), params.m(nodes));
        if n == 0 || n > nodes.min(COORDINATORS_MAX) {
            return Err(format!(
                "coordinators: {n} of {nodes} members; expected 1 to {}",
                nodes.min(COORDINATORS_MAX)
            ));
        }
        let majority = params.mutant != DecentralisedVotingMutant::HalfIsEnough;
        if m > n || (majority && m <= n / 2) {
            return Err(format!(
                "majority: {m} of {n} coordinators; expected {} to {n}",
                n / 2 + 1
            ));
        }
        Ok(())
    }
}
