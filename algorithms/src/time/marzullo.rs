//! Marzullo's intersection of intervals.
//!
//! Keith Marzullo and Susan Owicki, "Maintaining the Time in a Distributed System", PODC 1983 (and
//! ACM Operating Systems Review 19(3), 1985); the fault-tolerant rule from Marzullo's thesis
//! (Stanford, 1984) and "Tolerating Failures of Continuous-Valued Sensors", ACM Transactions on
//! Computer Systems 8(4), 1990.
//!
//! A client asks several servers. Each answer says that true time lies in an interval: what the
//! server read, plus half the round trip, give or take half the round trip and the server's own
//! error. Up to `faults` of them may be false tickers. The client takes the smallest interval that
//! holds every point that all but `faults` of the answers allow, and goes to its middle.
//!
//! The rule: with n answers, of which at most f are false, true time lies in n−f of the intervals,
//! so it lies in the result. With 2f < n the result is bounded by intervals that were given; with
//! f+1 false tickers that agree, n−f intervals may meet elsewhere, and the result may be anywhere.
//! 2k messages a round for k servers.
//!
//! Assumes at most `faults` false tickers, that the other servers' clocks are within `server_error`
//! of true time, that rates are off by no more than `drift_bound_ppb`, and that nobody else sets
//! the clock. What is absent: the servers synchronising among themselves.

use std::collections::BTreeMap;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, LocalTime, Message, Mutant, Needs, Node, NodeId,
    Parameter, Params, Theory,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::estimate::{Estimate, ROUNDING, check_drift_bound, drift_within, gap, half};
use super::steering::Steering;
use super::{ClockSync, Event, Promise, Request};

/// A client or a server.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Marzullo {
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    /// Remembers nothing.
    Server,
    Client(Client),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Client {
    /// The number of its last round; each life begins with numbers of its own.
    rounds: u32,
    /// What has come in, while a round is on.
    poll: Option<Poll>,
    steering: Steering,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Poll {
    /// When it began, on the monotonic clock.
    asked: LocalTime,
    answers: BTreeMap<NodeId, Estimate>,
}

/// What clients and servers say to each other.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum MarzulloMessage {
    /// "What time is it?"
    Request {
        /// In which of the client's rounds.
        round: u32,
    },
    /// The answer.
    Reply {
        /// In which of the client's rounds.
        round: u32,
        /// The server's clock.
        time: LocalTime,
    },
}

/// What a client waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MarzulloTimer {
    /// The next round.
    Poll,
    /// The last answers.
    Timeout,
}

/// The parameters of Marzullo's algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct MarzulloParams {
    /// Whose clocks everybody else follows.
    pub servers: Vec<NodeId>,
    /// How many of them may be false tickers.
    pub faults: u32,
    /// How far from true time the clock of any other server may be.
    pub server_error: Duration,
    /// How often clients ask; never of their own accord if nothing is given.
    pub poll: Option<Duration>,
    /// How long a client waits for answers.
    pub timeout: Duration,
    /// How far the rate of a client's clock may be off.
    #[param(unit = "ppb")]
    pub drift_bound_ppb: u32,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: MarzulloMutant,
}

impl Default for MarzulloParams {
    fn default() -> Self {
        MarzulloParams {
            servers: vec![NodeId(0), NodeId(1), NodeId(2)],
            faults: 1,
            server_error: Duration::ZERO,
            poll: Some(Duration::from_secs(16)),
            timeout: Duration::from_secs(1),
            drift_bound_ppb: 100_000,
            mutant: MarzulloMutant::None,
        }
    }
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum MarzulloMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Believes whoever answers first.
    TakesFirst,
    /// Takes the mean of all answers, and the worst of their errors for its own.
    TakesMean,
    /// Takes an answer to an earlier question for one to the present one.
    AnyRound,
    /// Waits for the last answer for ever.
    AwaitsAll,
    /// Numbers rounds from the beginning when it comes back.
    RestartsRounds,
}

impl Node for Marzullo {
    type Params = MarzulloParams;
    type Message = MarzulloMessage;
    type Timer = MarzulloTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let params = cx.params();
        if params.servers.contains(&cx.me()) {
            return Marzullo { role: Role::Server };
        }
        // Answers to questions of an earlier life must not be taken for answers to those of this one.
        let again = params.mutant == MarzulloMutant::RestartsRounds;
        let rounds = if again { 0 } else { cx.incarnation() << 16 };
        let mut client = Client { rounds, ..Client::default() };
        if let Some(poll) = params.poll {
            cx.set_timer(MarzulloTimer::Poll, poll);
            client.ask(cx);
        }
        Marzullo { role: Role::Client(client) }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match (&mut self.role, request) {
            (Role::Client(client), Request::Synchronise) => client.ask(cx),
            (Role::Client(client), Request::Read) => {
                let promise = client.steering.promise(cx.params().drift_bound_ppb, cx);
                let wall = cx.wall();
                cx.emit(Event::Reading { wall, promise });
            }
            // A reference: whatever it reads is the time.
            (Role::Server, Request::Synchronise) => cx.emit(Event::Synchronised { by_ns: 0 }),
            (Role::Server, Request::Read) => {
                let wall = cx.wall();
                cx.emit(Event::Reading { wall, promise: Promise::default() });
            }
        }
    }

    fn on_message(&mut self, from: NodeId, message: MarzulloMessage, cx: &mut Context<'_, Self>) {
        match (&mut self.role, message) {
            (Role::Server, MarzulloMessage::Request { round }) => {
                let time = cx.wall();
                cx.send(from, MarzulloMessage::Reply { round, time });
            }
            (Role::Client(client), MarzulloMessage::Reply { round, time }) => {
                client.hear(from, round, time, cx);
            }
            // Altered messages can go astray.
            (Role::Server, MarzulloMessage::Reply { .. })
            | (Role::Client(_), MarzulloMessage::Request { .. }) => {}
        }
    }

    fn on_timer(&mut self, timer: MarzulloTimer, cx: &mut Context<'_, Self>) {
        let Role::Client(client) = &mut self.role else {
            return;
        };
        match (timer, cx.params().poll) {
            (MarzulloTimer::Poll, Some(poll)) => {
                cx.set_timer(MarzulloTimer::Poll, poll);
                if client.poll.is_none() {
                    client.ask(cx);
                }
            }
            (MarzulloTimer::Poll, None) => {}
            (MarzulloTimer::Timeout, _) if cx.params().mutant == MarzulloMutant::AwaitsAll => {}
            (MarzulloTimer::Timeout, _) => client.conclude(cx),
        }
    }
}

impl Client {
    fn ask(&mut self, cx: &mut Context<'_, Marzullo>) {
        let params = cx.params();
        self.rounds = self.rounds.wrapping_add(1);
        self.poll = Some(Poll { asked: cx.monotonic(), answers: BTreeMap::new() });
        for &server in &params.servers {
            cx.send(server, MarzulloMessage::Request { round: self.rounds });
        }
        cx.set_timer(MarzulloTimer::Timeout, params.timeout);
    }

    fn hear(&mut self, from: NodeId, round: u32, time: LocalTime, cx: &mut Context<'_, Marzullo>) {
        let params = cx.params();
        let loose = params.mutant == MarzulloMutant::AnyRound;
        let Some(poll) = self.poll.as_mut().filter(|_| loose || round == self.rounds) else {
            return;
        };
        let now = cx.monotonic();
        let delay = now.since(poll.asked);
        let believed = time + Duration::from_nanos(delay.as_nanos() / 2);
        let error = half(delay)
            + params.server_error
            + drift_within(delay, params.drift_bound_ppb)
            + ROUNDING;
        let estimate = Estimate { lead_ns: gap(believed, now), error, taken: now };
        poll.answers.entry(from).or_insert(estimate);
        let enough = match params.mutant {
            MarzulloMutant::TakesFirst => 1,
            _ => params.servers.len() as u32,
        };
        if poll.answers.len() as u32 == enough {
            self.conclude(cx);
        }
    }

    /// Everybody has answered, or has had the time to.
    fn conclude(&mut self, cx: &mut Context<'_, Marzullo>) {
        let params = cx.params();
        let Some(Poll { asked, answers }) = self.poll.take() else {
            return;
        };
        cx.cancel_timer(MarzulloTimer::Timeout);
        let now = cx.monotonic();
        let interval = |estimate: &Estimate| {
            Interval::around(estimate.lead_ns, estimate.bound(now, params.drift_bound_ppb))
        };
        let intervals: Vec<Interval> = answers.values().map(interval).collect();
        let result = match params.mutant {
            MarzulloMutant::TakesFirst => intervals.first().copied(),
            MarzulloMutant::TakesMean => mean(&intervals),
            _ => intersect(&intervals, params.faults),
        };
        let Some((lead_ns, error)) = result.map(Interval::middle) else {
            return cx.emit(Event::OutOfTouch);
        };
        let estimate = Estimate { lead_ns, error, taken: now };
        let wall = cx.wall();
        let offset_ns = gap(super::estimate::moved(now, lead_ns), wall);
        cx.emit(Event::Measured { wall, offset_ns, delay: now.since(asked), error });
        let by_ns = self.steering.follow(estimate, None, cx);
        cx.emit(Event::Synchronised { by_ns });
    }
}

/// From one number to another, both included.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Interval {
    /// The least.
    pub low: i64,
    /// The greatest.
    pub high: i64,
}

impl Interval {
    fn around(middle: i64, error: Duration) -> Self {
        let error = i64::try_from(error.as_nanos()).unwrap_or(i64::MAX);
        Interval { low: middle.saturating_sub(error), high: middle.saturating_add(error) }
    }

    /// The middle, rounded down, and how far it is from the ends at most.
    fn middle(self) -> (i64, Duration) {
        let middle = (i128::from(self.low) + i128::from(self.high)).div_euclid(2) as i64;
        (middle, Duration::from_nanos(self.high.abs_diff(middle)))
    }
}

/// The smallest interval with every point that lies in all but `faults` of these. `None` if there
/// is no such point, or if half of the intervals or more may be false.
pub fn intersect(intervals: &[Interval], faults: u32) -> Option<Interval> {
    let count = intervals.len() as u32;
    if count <= faults.saturating_mul(2) {
        return None;
    }
    let needed = count - faults;
    let allowed = |point: i64| {
        let covering = intervals.iter().filter(|i| i.low <= point && point <= i.high);
        covering.count() as u32 >= needed
    };
    // The result begins where some interval begins, and ends where some interval ends.
    let low = intervals.iter().map(|i| i.low).filter(|&point| allowed(point)).min()?;
    let high = intervals.iter().map(|i| i.high).filter(|&point| allowed(point)).max()?;
    Some(Interval { low, high })
}

/// What the mutant takes for the truth.
fn mean(intervals: &[Interval]) -> Option<Interval> {
    let count = intervals.len() as i128;
    let sum: i128 = intervals.iter().map(|i| i128::from(i.middle().0)).sum();
    let error = intervals.iter().map(|i| i.middle().1).max()?;
    Some(Interval::around(sum.div_euclid(count) as i64, error))
}

impl Algorithm for Marzullo {
    type Family = ClockSync;
    const NAME: &'static str = "Marzullo";
    const ABOUT: &'static str =
        "asks several servers and goes where enough of their intervals meet";
    const SOURCE: &'static str = "Marzullo & Owicki, PODC 1983; Marzullo, TOCS 8(4), 1990";
    const COMPLEXITY: &'static str = "2k for k servers (0 for a server's own)";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard TakesFirst "believes whoever answers first",
        Guard TakesMean "takes the mean of all answers, and the worst of their errors",
        Durability RestartsRounds "numbers rounds from the beginning when it comes back",
        Stale AnyRound "takes an answer to an earlier question for one to the present one",
        Liveness AwaitsAll "waits for the last answer for ever",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::BoundedDrift,
            Assumption::TrueSource,
            Assumption::OwnClock,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };
    const UNPROMISED: &'static [&'static str] = &["MutuallyClose", "NeverBackwards", "NoAnomaly"];

    fn theory(nodes: u32, params: &MarzulloParams) -> Theory {
        let servers = params.servers.len() as u32;
        if nodes > servers {
            Theory::Between(0.0, 2.0 * f64::from(servers))
        } else {
            Theory::Exactly(0.0)
        }
    }

    fn check_params(params: &MarzulloParams, nodes: u32) -> Result<(), String> {
        if let Some(stranger) = params.servers.iter().find(|server| server.0 >= nodes) {
            return Err(format!("servers: {stranger} is not one of the {nodes} members"));
        }
        let mut distinct = params.servers.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < params.servers.len() {
            return Err("servers: one of them is listed twice".into());
        }
        let servers = params.servers.len() as u32;
        if servers <= params.faults.saturating_mul(2) {
            return Err(format!(
                "faults: {} of {servers} servers; expected less than half, or no rule could tell",
                params.faults
            ));
        }
        if params.poll.is_some_and(|poll| poll <= params.timeout) {
            return Err("poll: expected longer than timeout, or rounds would overlap".into());
        }
        check_drift_bound(params.drift_bound_ppb)
    }
}

#[cfg(test)]
mod tests;
