//! A replicated register that chooses under a partition: consistency or availability.
//!
//! Seth Gilbert and Nancy Lynch, "Brewer's Conjecture and the Feasibility of Consistent, Available,
//! Partition-Tolerant Web Services", ACM SIGACT News 33(2), 2002: no algorithm answers every request
//! and is linearizable in every run of a network that loses messages. This one has either.
//!
//! Every member holds a copy and serves the client beside it.
//! - `choose: Consistency`: Hagit Attiya, Amotz Bar-Noy and Danny Dolev, "Sharing Memory Robustly in
//!   Message-Passing Systems", JACM 42(1), 1995, in its form for several writers. Both reads and
//!   writes ask a majority for the latest version and store one at a majority. The minority side of
//!   a partition answers nothing until it has healed.
//! - `choose: Availability`: a member answers at once from its own copy and tells the others, which
//!   keep the version with the higher stamp. Copies agree some time after a partition has healed.
//!
//! ```text
//! (asked) -> Asking a majority -> Storing at a majority -> (answered)
//! ```
//!
//! Assumes that members do not crash and restart (a majority may stop): copies are not on disk.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Message, Mutant, Needs, Node, NodeId, Operation,
    Parameter, Params, Theory, Variant, Wire,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::group::tell;
use super::{Event, Replication, Request};

/// A member: a copy, and the client beside it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CapRegister {
    copy: BTreeMap<u32, Stamped>,
    /// The own client's requests that are under way.
    phases: BTreeMap<Operation, Phase>,
}

/// A version: the higher stamp is the later one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub struct Stamped {
    /// Above all that the writer had seen.
    pub number: u64,
    /// The writer, which breaks ties.
    pub writer: NodeId,
    /// What it wrote.
    pub value: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Phase {
    request: Request,
    step: Step,
    /// Who has answered in this step, oneself included.
    answered: BTreeSet<NodeId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Step {
    /// What is the latest version? So far, this.
    Asking(Option<Stamped>),
    /// Store this version; `None`: the key was never written, and there is nothing to store.
    Storing(Option<Stamped>),
}

/// What members say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum CapMessage {
    /// What is your version of this key?
    Get {
        /// For this request.
        operation: Operation,
        /// Which key.
        key: u32,
    },
    /// This.
    Got {
        /// For this request.
        operation: Operation,
        /// The version; `None` if the key was never written here.
        version: Option<Stamped>,
    },
    /// Store this version unless you have a later one.
    Put {
        /// For this request.
        operation: Operation,
        /// Which key.
        key: u32,
        /// The version; `None` where there is nothing to store.
        version: Option<Stamped>,
    },
    /// Done.
    Stored {
        /// For this request.
        operation: Operation,
    },
    /// Available: this was written.
    Spread {
        /// Which key.
        key: u32,
        /// The version.
        version: Stamped,
    },
    /// Available: this is everything that I have.
    Gossip {
        /// The copy.
        copy: BTreeMap<u32, Stamped>,
    },
}

/// The timers of a member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CapTimer {
    /// Consistent: not enough answers have come for this request.
    Again(Operation),
    /// Available: the time for gossip.
    Gossip,
}

/// The parameters of the register.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct CapParams {
    /// What to keep under a partition.
    pub choose: Choose,
    /// Consistent: how long a member waits before it asks again.
    pub retransmit: Duration,
    /// Available: how often a member sends its copy to another, at random; None: never.
    pub gossip: Option<Duration>,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: CapMutant,
}

impl Default for CapParams {
    fn default() -> Self {
        CapParams {
            choose: Choose::Consistency,
            retransmit: Duration::from_millis(100),
            gossip: None,
            mutant: CapMutant::None,
        }
    }
}

/// What to keep under a partition.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum Choose {
    /// Answers are linearizable, or do not come.
    #[default]
    Consistency,
    /// Answers come at once, whatever others have written.
    Availability,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum CapMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Half of an even number of members passes for a majority.
    HalfIsEnough,
    /// A read does not store what it has read: a later read may return an older value.
    ReadsWithoutStoring,
    /// Of two versions with the same number, the one that came first stays.
    IgnoresWriter,
    /// Takes an answer to the first question for one to the second.
    CountsLateAnswer,
    /// Does not ask again.
    AsksOnce,
}

impl Node for CapRegister {
    type Params = CapParams;
    type Message = CapMessage;
    type Timer = CapTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        if let (Choose::Availability, Some(every)) = (cx.params().choose, cx.params().gossip) {
            cx.set_timer(CapTimer::Gossip, every);
        }
        CapRegister { copy: BTreeMap::new(), phases: BTreeMap::new() }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match cx.params().choose {
            Choose::Availability => self.answer_at_once(request, cx),
            Choose::Consistency => {
                let (operation, key) = (request.operation(), request.key());
                // A client that repeats itself is being served already.
                if !self.phases.contains_key(&operation) {
                    let step = Step::Asking(self.copy.get(&key).copied());
                    self.begin(Phase { request, step, answered: BTreeSet::new() }, cx);
                }
            }
        }
    }

    fn on_message(&mut self, from: NodeId, message: CapMessage, cx: &mut Context<'_, Self>) {
        match message {
            CapMessage::Get { operation, key } => {
                let version = self.copy.get(&key).copied();
                cx.send(from, CapMessage::Got { operation, version });
            }
            CapMessage::Got { operation, version } => {
                let late = cx.params().mutant == CapMutant::CountsLateAnswer;
                if let Some(phase) = self.phases.get_mut(&operation)
                    && (late || matches!(phase.step, Step::Asking(_)))
                {
                    if let Step::Asking(latest) = &mut phase.step {
                        *latest = (*latest).max(version);
                    }
                    phase.answered.insert(from);
                    self.go_on_if_enough(operation, cx);
                }
            }
            CapMessage::Put { operation, key, version } => {
                self.store(key, version, cx.params().mutant);
                cx.send(from, CapMessage::Stored { operation });
            }
            CapMessage::Stored { operation } => {
                if let Some(phase) = self.phases.get_mut(&operation)
                    && matches!(phase.step, Step::Storing(_))
                {
                    phase.answered.insert(from);
                    self.go_on_if_enough(operation, cx);
                }
            }
            CapMessage::Spread { key, version } => {
                self.store(key, Some(version), cx.params().mutant)
            }
            CapMessage::Gossip { copy } => {
                let mutant = cx.params().mutant;
                copy.into_iter().for_each(|(key, version)| self.store(key, Some(version), mutant));
            }
        }
    }

    fn on_timer(&mut self, timer: CapTimer, cx: &mut Context<'_, Self>) {
        match timer {
            CapTimer::Again(_) if cx.params().mutant == CapMutant::AsksOnce => {}
            CapTimer::Again(operation) => self.ask_the_missing(operation, cx),
            CapTimer::Gossip => {
                if let Some(every) = cx.params().gossip {
                    cx.set_timer(CapTimer::Gossip, every);
                }
                let others = cx.members().count() - 1;
                if others > 0 {
                    let chosen = cx.choose(others);
                    let to = NodeId(chosen + u32::from(chosen >= cx.me().0));
                    tell(cx, None, to, CapMessage::Gossip { copy: self.copy.clone() });
                }
            }
        }
    }
}

impl CapRegister {
    fn store(&mut self, key: u32, version: Option<Stamped>, mutant: CapMutant) {
        let stored = self.copy.get(&key).copied();
        let tied = stored.map(|stored| stored.number) == version.map(|version| version.number);
        let first_stays = mutant == CapMutant::IgnoresWriter && tied;
        let latest = if first_stays { stored } else { stored.max(version) };
        if let Some(latest) = latest {
            self.copy.insert(key, latest);
        }
    }

    /// A version above `latest`.
    fn above(latest: Option<Stamped>, value: u64, cx: &Context<'_, Self>) -> Stamped {
        let number = latest.map_or(0, |version| version.number).saturating_add(1);
        Stamped { number, writer: cx.me(), value }
    }

    fn answer_at_once(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match request {
            Request::Read { operation, key } => {
                let value = self.copy.get(&key).map(|version| version.value);
                cx.emit(Event::Value { operation, value });
            }
            Request::Write { operation, key, value } => {
                let version = Self::above(self.copy.get(&key).copied(), value, cx);
                self.store(key, Some(version), cx.params().mutant);
                cx.emit(Event::Written { operation });
                cx.broadcast(CapMessage::Spread { key, version });
            }
        }
    }

    /// Begins a step: one's own copy answers first.
    fn begin(&mut self, mut phase: Phase, cx: &mut Context<'_, Self>) {
        let operation = phase.request.operation();
        if let Step::Storing(version) = phase.step {
            self.store(phase.request.key(), version, cx.params().mutant);
        }
        phase.answered = BTreeSet::from([cx.me()]);
        self.phases.insert(operation, phase);
        self.ask_the_missing(operation, cx);
        self.go_on_if_enough(operation, cx);
    }

    fn ask_the_missing(&mut self, operation: Operation, cx: &mut Context<'_, Self>) {
        let Some(Phase { request, step, answered }) = self.phases.get(&operation) else { return };
        let key = request.key();
        let message = match *step {
            Step::Asking(_) => CapMessage::Get { operation, key },
            Step::Storing(version) => CapMessage::Put { operation, key, version },
        };
        for peer in cx.peers().filter(|peer| !answered.contains(peer)) {
            cx.send_for(Some(operation), peer, message.clone());
        }
        cx.set_timer(CapTimer::Again(operation), cx.params().retransmit);
    }

    fn go_on_if_enough(&mut self, operation: Operation, cx: &mut Context<'_, Self>) {
        let mutant = cx.params().mutant;
        let members = cx.members().count();
        let majority = match mutant {
            CapMutant::HalfIsEnough => members.div_ceil(2),
            _ => members / 2 + 1,
        };
        let enough = |phase: &Phase| phase.answered.len() as u32 >= majority;
        if !self.phases.get(&operation).is_some_and(enough) {
            return;
        }
        let Some(phase) = self.phases.remove(&operation) else { return };
        let Phase { request, step, .. } = phase;
        match (step, request) {
            (Step::Asking(latest), Request::Write { value, .. }) => {
                let step = Step::Storing(Some(Self::above(latest, value, cx)));
                self.begin(Phase { request, step, answered: BTreeSet::new() }, cx);
            }
            (Step::Asking(latest), Request::Read { .. })
                if mutant != CapMutant::ReadsWithoutStoring =>
            {
                let step = Step::Storing(latest);
                self.begin(Phase { request, step, answered: BTreeSet::new() }, cx);
            }
            (Step::Asking(version) | Step::Storing(version), Request::Read { .. }) => {
                cx.cancel_timer(CapTimer::Again(operation));
                let value = version.map(|version| version.value);
                cx.emit(Event::Value { operation, value });
            }
            (Step::Storing(_), Request::Write { .. }) => {
                cx.cancel_timer(CapTimer::Again(operation));
                cx.emit(Event::Written { operation });
            }
        }
    }
}

impl Algorithm for CapRegister {
    type Family = Replication;
    const NAME: &'static str = "CapRegister";
    const ABOUT: &'static str = "chooses consistency or availability under a partition";
    const SOURCE: &'static str =
        "Gilbert & Lynch, SIGACT News 33(2), 2002; Attiya, Bar-Noy & Dolev, JACM 42(1), 1995";
    const COMPLEXITY: &'static str = "4(N-1); available: write N-1, read 0";
    const UNPROMISED: &'static [&'static str] = &["UpdatePropagation", "NoLostUpdate"];
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "available",
        params: "choose: Availability, gossip: \"500ms\"",
        about: "answers at once from its own copy: eventually consistent, not linearizable",
    }];
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard HalfIsEnough "half of an even number of members passes for a majority",
        Guard ReadsWithoutStoring "a read does not store what it has read",
        TieBreak IgnoresWriter "of two versions with the same number, the first to come stays",
        Stale CountsLateAnswer "takes an answer to the first question for one to the second",
        Liveness AsksOnce "does not ask again",
    };
    const NEEDS: Needs = Needs {
        safety: &[Assumption::NoCrash, Assumption::ClosedMembership, Assumption::Uncorrupted],
        liveness: &[Assumption::MajorityUp, Assumption::NoPartition],
    };

    /// Two rounds to everybody and back; none or one way for the available form.
    fn theory(nodes: u32, params: &CapParams) -> Theory {
        let others = f64::from(nodes.saturating_sub(1));
        match params.choose {
            Choose::Consistency => Theory::Exactly(4.0 * others),
            Choose::Availability => Theory::Between(0.0, others),
        }
    }

    fn check_params(params: &CapParams, _nodes: u32) -> Result<(), String> {
        match params.retransmit == Duration::ZERO || params.gossip == Some(Duration::ZERO) {
            true => Err("retransmit and gossip: expected more than 0s".into()),
            false => Ok(()),
        }
    }
}
