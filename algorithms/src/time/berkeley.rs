//! The Berkeley algorithm.
//!
//! Riccardo Gusella and Stefano Zatti, "The Accuracy of the Clock Synchronization Achieved by TEMPO
//! in Berkeley UNIX 4.3BSD", IEEE Transactions on Software Engineering 15(7), 1989.
//!
//! Nobody's clock is true. A master asks everybody for the time, takes half of each round trip off,
//! and averages the differences from its own clock (its own, zero, included) over the largest set
//! of clocks that lie within `outlier` of each other. Then it tells everybody by how much to
//! correct, which no delay can spoil, and corrects itself. N-1 questions, N-1 answers and N-1
//! corrections: 3(N-1) messages a round.
//!
//! A clock ends within half its round trip of the master's, and drifts at up to 2ρ from there.
//!
//! Assumes that rates are off by no more than `drift_bound_ppb` and that nobody else sets the
//! clocks. Who does not answer within `timeout` is left out of the round. What is absent: the
//! election of a new master, and the gradual correction (clocks are stepped).

use std::collections::BTreeMap;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, LocalTime, Message, Mutant, Needs, Node, NodeId,
    Parameter, Params, Theory, Variant,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::estimate::{ROUNDING, check_drift_bound, drift_within, gap, half};
use super::{ClockSync, Event, Group, Promise, Request};

/// The master or a slave.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Berkeley {
    role: Role,
    /// The round whose common time this clock shows, with its distance from it at that time.
    joined: Option<Joined>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Master {
        /// The last round's number.
        round: u32,
        /// What has come in, while a round is on.
        poll: Option<Poll>,
    },
    Slave {
        /// The last round in which this clock was read and is not corrected yet; when it was first
        /// read, on the monotonic clock.
        told: Option<(u32, LocalTime)>,
    },
}

/// A round under way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Poll {
    /// When it began, on the monotonic clock.
    asked: LocalTime,
    answers: BTreeMap<NodeId, Difference>,
}

/// How far a clock is ahead of the master's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Difference {
    by_ns: i64,
    error: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Joined {
    round: u32,
    error: Duration,
    /// When the clock was read for it, on the monotonic clock; nothing for the master, whose clock
    /// is the common time.
    read: Option<LocalTime>,
}

/// What the master and the slaves say to each other.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum BerkeleyMessage {
    /// "What time is it with you?"
    Ask {
        /// In which round.
        round: u32,
    },
    /// The answer.
    Tell {
        /// In which round.
        round: u32,
        /// The slave's clock.
        time: LocalTime,
    },
    /// "Correct your clock."
    Adjust {
        /// In which round.
        round: u32,
        /// By so much; positive is forward.
        by_ns: i64,
        /// How far the master may have misread it.
        error: Duration,
    },
}

/// What the master waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BerkeleyTimer {
    /// The next round.
    Poll,
    /// The last answers.
    Timeout,
}

/// The parameters of the Berkeley algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct BerkeleyParams {
    /// Who asks.
    pub master: NodeId,
    /// How often; never of its own accord if nothing is given.
    pub poll: Option<Duration>,
    /// How long the master waits for answers.
    pub timeout: Duration,
    /// Only clocks that lie this close together are averaged; all if nothing is given.
    pub outlier: Option<Duration>,
    /// How far the rate of a clock may be off.
    #[param(unit = "ppb")]
    pub drift_bound_ppb: u32,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: BerkeleyMutant,
}

impl Default for BerkeleyParams {
    fn default() -> Self {
        BerkeleyParams {
            master: NodeId(0),
            poll: Some(Duration::from_secs(16)),
            timeout: Duration::from_secs(1),
            outlier: Some(Duration::from_secs(1)),
            drift_bound_ppb: 100_000,
            mutant: BerkeleyMutant::None,
        }
    }
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum BerkeleyMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Takes a slave's time as it is, however long it travelled.
    ForgetsPath,
    /// The master does not correct its own clock.
    ForgetsOwn,
    /// Slaves correct in the wrong direction.
    WrongSign,
    /// Numbers rounds from the beginning when it comes back.
    RestartsRounds,
    /// Takes an answer to an earlier question for one to the present one.
    AnyRound,
    /// Waits for the last answer for ever.
    AwaitsAll,
}

impl Node for Berkeley {
    type Params = BerkeleyParams;
    type Message = BerkeleyMessage;
    type Timer = BerkeleyTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let params = cx.params();
        if cx.me() != params.master {
            return Berkeley { role: Role::Slave { told: None }, joined: None };
        }
        // Rounds of an earlier life must not be taken for rounds of this one.
        let again = params.mutant == BerkeleyMutant::RestartsRounds;
        let round = if again { 0 } else { cx.incarnation() << 16 };
        let mut master = Berkeley { role: Role::Master { round, poll: None }, joined: None };
        if let Some(poll) = params.poll {
            cx.set_timer(BerkeleyTimer::Poll, poll);
            master.begin(cx);
        }
        master
    }

    /// A slave that is asked to synchronise is served by the master's next round.
    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match request {
            Request::Synchronise => self.begin(cx),
            Request::Read => {
                let group = self.group(cx);
                let wall = cx.wall();
                cx.emit(Event::Reading { wall, promise: Promise { group, ..Promise::default() } });
            }
        }
    }

    fn on_message(&mut self, from: NodeId, message: BerkeleyMessage, cx: &mut Context<'_, Self>) {
        match message {
            BerkeleyMessage::Ask { round } => self.tell(from, round, cx),
            BerkeleyMessage::Tell { round, time } => self.hear(from, round, time, cx),
            BerkeleyMessage::Adjust { round, by_ns, error } => {
                self.adjust(round, by_ns, error, cx);
            }
        }
    }

    fn on_timer(&mut self, timer: BerkeleyTimer, cx: &mut Context<'_, Self>) {
        match (timer, cx.params().poll) {
            (BerkeleyTimer::Poll, Some(poll)) => {
                cx.set_timer(BerkeleyTimer::Poll, poll);
                if matches!(self.role, Role::Master { poll: None, .. }) {
                    self.begin(cx);
                }
            }
            (BerkeleyTimer::Poll, None) => {}
            (BerkeleyTimer::Timeout, _) if cx.params().mutant == BerkeleyMutant::AwaitsAll => {}
            (BerkeleyTimer::Timeout, _) => self.conclude(cx),
        }
    }
}

/// The master's part.
impl Berkeley {
    fn begin(&mut self, cx: &mut Context<'_, Self>) {
        let Role::Master { round, poll } = &mut self.role else {
            return;
        };
        *round = round.wrapping_add(1);
        *poll = Some(Poll { asked: cx.monotonic(), answers: BTreeMap::new() });
        cx.broadcast(BerkeleyMessage::Ask { round: *round });
        cx.set_timer(BerkeleyTimer::Timeout, cx.params().timeout);
        if cx.members().count() == 1 {
            self.conclude(cx);
        }
    }

    fn hear(&mut self, from: NodeId, of: u32, time: LocalTime, cx: &mut Context<'_, Self>) {
        let params = cx.params();
        let Role::Master { round, poll: Some(poll) } = &mut self.role else {
            return;
        };
        if of != *round && params.mutant != BerkeleyMutant::AnyRound {
            return;
        }
        let delay = cx.monotonic().since(poll.asked);
        let halved = match params.mutant {
            BerkeleyMutant::ForgetsPath => Duration::ZERO,
            _ => Duration::from_nanos(delay.as_nanos() / 2),
        };
        let by_ns = gap(time + halved, cx.wall());
        let error = half(delay) + drift_within(delay, params.drift_bound_ppb);
        poll.answers.entry(from).or_insert(Difference { by_ns, error });
        if poll.answers.len() as u32 == cx.members().count() - 1 {
            self.conclude(cx);
        }
    }

    /// Everybody has answered, or has had the time to.
    fn conclude(&mut self, cx: &mut Context<'_, Self>) {
        let params = cx.params();
        let Role::Master { round, poll } = &mut self.role else {
            return;
        };
        let Some(Poll { answers, .. }) = poll.take() else {
            return;
        };
        let round = *round;
        cx.cancel_timer(BerkeleyTimer::Timeout);
        let differences = answers.values().map(|difference| difference.by_ns).chain([0]);
        let common = average(differences.collect(), params.outlier);
        for (slave, Difference { by_ns, error }) in answers {
            let by_ns = common.saturating_sub(by_ns);
            cx.send(slave, BerkeleyMessage::Adjust { round, by_ns, error });
        }
        if common != 0 && params.mutant != BerkeleyMutant::ForgetsOwn {
            cx.step_clock(common);
        }
        self.joined = Some(Joined { round, error: Duration::ZERO, read: None });
        cx.emit(Event::Synchronised { by_ns: common });
    }
}

/// The slaves' part.
impl Berkeley {
    fn tell(&mut self, master: NodeId, round: u32, cx: &mut Context<'_, Self>) {
        let Role::Slave { told } = &mut self.role else {
            return;
        };
        if told.is_none_or(|(last, _)| last != round) {
            *told = Some((round, cx.monotonic()));
        }
        let time = cx.wall();
        cx.send(master, BerkeleyMessage::Tell { round, time });
    }

    /// A correction is good once, and only for the last reading.
    fn adjust(&mut self, of: u32, by_ns: i64, error: Duration, cx: &mut Context<'_, Self>) {
        let Role::Slave { told } = &mut self.role else {
            return;
        };
        let Some((round, read)) = told.take_if(|(round, _)| *round == of) else {
            return;
        };
        let by_ns = match cx.params().mutant {
            BerkeleyMutant::WrongSign => by_ns.saturating_neg(),
            _ => by_ns,
        };
        if by_ns != 0 {
            cx.step_clock(by_ns);
        }
        self.joined = Some(Joined { round, error, read: Some(read) });
        cx.emit(Event::Synchronised { by_ns });
    }
}

impl Berkeley {
    /// How far this clock can be from the master's: what the master may have misread, and what both
    /// have drifted since.
    fn group(&self, cx: &mut Context<'_, Self>) -> Option<Group> {
        let Joined { round, error, read } = self.joined?;
        let age = read.map_or(Duration::ZERO, |read| cx.monotonic().since(read));
        let drift = drift_within(age, cx.params().drift_bound_ppb) * 2;
        Some(Group { round, within: error + drift + ROUNDING })
    }
}

/// The mean of the largest set of differences that lie within `outlier` of each other; of the
/// earliest of several.
fn average(mut differences: Vec<i64>, outlier: Option<Duration>) -> i64 {
    differences.sort_unstable();
    let width = outlier.map_or(u64::MAX, Duration::as_nanos);
    let within = |from: i64, to: i64| to.abs_diff(from) <= width;
    let set = |&from: &i64| -> Vec<i64> {
        differences.iter().copied().filter(|&to| to >= from && within(from, to)).collect()
    };
    let largest = differences.iter().rev().map(set).max_by_key(Vec::len).unwrap_or_default();
    let count = (largest.len() as i128).max(1);
    let sum: i128 = largest.into_iter().map(i128::from).sum();
    sum.div_euclid(count) as i64
}

impl Algorithm for Berkeley {
    type Family = ClockSync;
    const NAME: &'static str = "Berkeley";
    const ABOUT: &'static str = "a master averages all clocks and tells each its correction";
    const SOURCE: &'static str = "Gusella & Zatti, IEEE TSE 15(7), 1989";
    const COMPLEXITY: &'static str = "3(N-1) for the master's round";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard ForgetsPath "takes a slave's time as it is, however long it travelled",
        Guard ForgetsOwn "the master does not correct its own clock",
        Guard WrongSign "slaves correct in the wrong direction",
        Durability RestartsRounds "numbers rounds from the beginning when it comes back",
        Stale AnyRound "takes an answer to an earlier question for one to the present one",
        Liveness AwaitsAll "the master waits for the last answer for ever",
    };
    const NEEDS: Needs = Needs {
        safety: &[Assumption::BoundedDrift, Assumption::OwnClock, Assumption::Uncorrupted],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };
    const UNPROMISED: &'static [&'static str] =
        &["WithinBound", "EstimateBound", "NeverBackwards", "NoAnomaly"];
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "plain-average",
        params: "outlier: None",
        about: "averages all clocks: one that is far off drags everybody along",
    }];

    /// The master's own; a slave's operation costs nothing, it waits for the next round.
    fn theory(nodes: u32, _params: &BerkeleyParams) -> Theory {
        Theory::Between(0.0, 3.0 * f64::from(nodes.saturating_sub(1)))
    }

    fn check_params(params: &BerkeleyParams, nodes: u32) -> Result<(), String> {
        if params.master.0 >= nodes {
            return Err(format!("master: {} is not one of the {nodes} members", params.master));
        }
        if params.poll.is_some_and(|poll| poll <= params.timeout) {
            return Err("poll: expected longer than timeout, or rounds would overlap".into());
        }
        check_drift_bound(params.drift_bound_ppb)
    }
}

#[cfg(test)]
mod tests;
