//! The Network Time Protocol, one client and one server.
//!
//! David Mills, "Internet Time Synchronization: The Network Time Protocol", IEEE Transactions on
//! Communications 39(10), 1991; RFC 5905 (2010), sections 8 (on-wire protocol), 10 (clock filter),
//! 11.3 (step or slew) and 12 (clock adjustment).
//!
//! A client sends at T1, the server receives at T2 and answers at T3, the answer arrives at T4:
//! the client's clock is slow by θ = ½[(T2−T1)+(T3−T4)], known to δ/2, where the round trip
//! δ = (T4−T1)−(T3−T2). The error is exactly half the difference of the two paths' delays. Of the
//! last eight samples the one with the least δ counts. From 128 ms on the clock is stepped, below
//! that slewed by at most 500 ppm.
//!
//! Between rounds the error grows by drift: |error| <= δ/2 + ρτ, τ the age of the sample.
//!
//! | state | on | does | then |
//! |---|---|---|---|
//! | idle | poll, or a client asks | sends T1 | asking |
//! | asking | an answer to T1 | filters, corrects | idle |
//! | asking | any other answer | nothing | asking |
//! | asking | timeout | sends a new T1 | asking |
//!
//! Assumes that the server's clock is true, that rates are off by no more than `drift_bound_ppb`,
//! and that nobody else sets the clock. What is absent: several servers (see Marzullo), the
//! frequency discipline, and the wait of 15 minutes before a step. Without a frequency discipline,
//! clocks that drift fast are better off with `filter: 1`: the best of eight samples may be old.

use std::collections::VecDeque;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, LocalTime, Message, Mutant, Needs, Node, NodeId,
    Parameter, Params, Theory, Variant,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::estimate::{Estimate, ROUNDING, check_drift_bound, drift_within, gap, half, moved};
use super::steering::{Slewing, Steering};
use super::{ClockSync, Event, Promise, Request};

/// A client or the server.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ntp {
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
    /// The question that is not answered yet.
    asked: Option<Asked>,
    /// The last samples, oldest first.
    samples: VecDeque<Sample>,
    steering: Steering,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Asked {
    t1: LocalTime,
    /// The monotonic clock at T1: a correction that is under way must not enter T4−T1.
    at: LocalTime,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Sample {
    delay: Duration,
    estimate: Estimate,
}

/// What a client and the server say to each other.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum NtpMessage {
    /// "What time is it?"
    Request {
        /// When the question left, on the client's clock.
        t1: LocalTime,
    },
    /// The answer.
    Reply {
        /// The question's T1: what tells its answer from others.
        t1: LocalTime,
        /// When the question arrived, on the server's clock.
        t2: LocalTime,
        /// When the answer left, on the server's clock.
        t3: LocalTime,
    },
}

/// What a client waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NtpTimer {
    /// The next round.
    Poll,
    /// An answer.
    Timeout,
}

/// The parameters of NTP.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct NtpParams {
    /// Whose clock everybody else follows.
    pub server: NodeId,
    /// How often clients ask; never of their own accord if nothing is given.
    pub poll: Option<Duration>,
    /// How long to wait for an answer before asking again.
    pub timeout: Duration,
    /// Of how many samples the one with the least delay counts.
    pub filter: u32,
    /// Corrections from here on are made at once.
    pub step_at: Duration,
    /// Smaller corrections are spread: so much per unit of time.
    #[param(unit = "ppb")]
    pub slew_max_ppb: u32,
    /// How far the rate of a client's clock may be off.
    #[param(unit = "ppb")]
    pub drift_bound_ppb: u32,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: NtpMutant,
}

impl Default for NtpParams {
    fn default() -> Self {
        NtpParams {
            server: NodeId(0),
            poll: Some(Duration::from_secs(16)),
            timeout: Duration::from_secs(1),
            filter: 8,
            step_at: Duration::from_millis(128),
            slew_max_ppb: 500_000,
            drift_bound_ppb: 100_000,
            mutant: NtpMutant::None,
        }
    }
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum NtpMutant {
    /// None: the protocol as published.
    #[default]
    None,
    /// Takes the server's time as it is, however long it travelled.
    ForgetsPath,
    /// Corrects in the wrong direction.
    WrongSign,
    /// Takes any answer for that to the last question.
    AnyAnswer,
    /// Promises as if clocks did not drift.
    Ageless,
    /// Of samples with the same delay, follows the oldest.
    OldestOfEquals,
    /// Who comes back does not end what it was slewing before.
    ForgetsSlew,
    /// Asks once and waits for the answer for ever.
    AsksOnce,
}

impl Node for Ntp {
    type Params = NtpParams;
    type Message = NtpMessage;
    type Timer = NtpTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        if cx.me() == cx.params().server {
            return Ntp { role: Role::Server };
        }
        let mut client = Client::default();
        if let Some(poll) = cx.params().poll {
            cx.set_timer(NtpTimer::Poll, poll);
            client.ask(cx);
        }
        Ntp { role: Role::Client(client) }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match (&mut self.role, request) {
            (Role::Client(client), Request::Synchronise) => client.ask(cx),
            (Role::Client(client), Request::Read) => {
                let ageless = cx.params().mutant == NtpMutant::Ageless;
                let drift = if ageless { 0 } else { cx.params().drift_bound_ppb };
                let promise = client.steering.promise(drift, cx);
                let wall = cx.wall();
                cx.emit(Event::Reading { wall, promise });
            }
            // The reference: whatever it reads is the time.
            (Role::Server, Request::Synchronise) => cx.emit(Event::Synchronised { by_ns: 0 }),
            (Role::Server, Request::Read) => {
                let wall = cx.wall();
                cx.emit(Event::Reading { wall, promise: Promise::default() });
            }
        }
    }

    fn on_message(&mut self, from: NodeId, message: NtpMessage, cx: &mut Context<'_, Self>) {
        match (&mut self.role, message) {
            (Role::Server, NtpMessage::Request { t1 }) => {
                let t2 = cx.wall();
                let t3 = cx.wall();
                cx.send(from, NtpMessage::Reply { t1, t2, t3 });
            }
            (Role::Client(client), NtpMessage::Reply { t1, t2, t3 }) => {
                client.hear(t1, t2, t3, cx);
            }
            // Altered messages can go astray.
            (Role::Server, NtpMessage::Reply { .. })
            | (Role::Client(_), NtpMessage::Request { .. }) => {}
        }
    }

    fn on_timer(&mut self, timer: NtpTimer, cx: &mut Context<'_, Self>) {
        let Role::Client(client) = &mut self.role else {
            return;
        };
        match (timer, cx.params().poll) {
            (NtpTimer::Poll, Some(poll)) => {
                cx.set_timer(NtpTimer::Poll, poll);
                if client.asked.is_none() {
                    client.ask(cx);
                }
            }
            (NtpTimer::Poll, None) => {}
            (NtpTimer::Timeout, _) if cx.params().mutant == NtpMutant::AsksOnce => {}
            (NtpTimer::Timeout, _) => client.ask(cx),
        }
    }
}

impl Client {
    /// Asks the server, and again if no answer comes.
    fn ask(&mut self, cx: &mut Context<'_, Ntp>) {
        let params = cx.params();
        let asked = Asked { t1: cx.wall(), at: cx.monotonic() };
        self.asked = Some(asked);
        cx.send(params.server, NtpMessage::Request { t1: asked.t1 });
        cx.set_timer(NtpTimer::Timeout, params.timeout);
    }

    fn hear(&mut self, t1: LocalTime, t2: LocalTime, t3: LocalTime, cx: &mut Context<'_, Ntp>) {
        let params = cx.params();
        let loose = params.mutant == NtpMutant::AnyAnswer;
        let Some(asked) = self.asked.filter(|asked| loose || asked.t1 == t1) else {
            return;
        };
        let (t4, now) = (cx.wall(), cx.monotonic());
        let elapsed = now.since(asked.at);
        // What the clock would have read at T1, had it run then as it does now.
        let t1 = t4 - elapsed;
        let (out, back) = (gap(t2, t1), gap(t3, t4));
        let offset_ns = match params.mutant {
            NtpMutant::ForgetsPath => back,
            _ => ((i128::from(out) + i128::from(back)).div_euclid(2)) as i64,
        };
        let delay = elapsed.saturating_sub(t3.since(t2));
        let error = half(delay) + drift_within(elapsed, params.drift_bound_ppb) + ROUNDING;
        self.asked = None;
        cx.cancel_timer(NtpTimer::Timeout);
        cx.emit(Event::Measured { wall: t4, offset_ns, delay, error });
        let signed = match params.mutant {
            NtpMutant::WrongSign => offset_ns.saturating_neg(),
            _ => offset_ns,
        };
        let estimate = Estimate { lead_ns: gap(moved(t4, signed), now), error, taken: now };
        self.filter(Sample { delay, estimate }, cx);
    }

    /// Follows the sample with the least delay, the newest of equals.
    fn filter(&mut self, sample: Sample, cx: &mut Context<'_, Ntp>) {
        let params = cx.params();
        self.samples.push_back(sample);
        while self.samples.len() as u32 > params.filter.max(1) {
            self.samples.pop_front();
        }
        let best = match params.mutant {
            NtpMutant::OldestOfEquals => self.samples.iter().min_by_key(|sample| sample.delay),
            _ => self.samples.iter().rev().min_by_key(|sample| sample.delay),
        };
        let best = best.expect("one was just added").estimate;
        let slewing = Slewing {
            step_at: params.step_at,
            max_ppb: params.slew_max_ppb,
            leaves_rest: params.mutant == NtpMutant::ForgetsSlew,
        };
        let by_ns = self.steering.follow(best, Some(slewing), cx);
        cx.emit(Event::Synchronised { by_ns });
    }
}

impl Algorithm for Ntp {
    type Family = ClockSync;
    const NAME: &'static str = "Ntp";
    const ABOUT: &'static str = "asks a server, halves the round trip, filters, steps or slews";
    const SOURCE: &'static str = "Mills, IEEE Trans. Comm. 39(10), 1991; RFC 5905, 2010";
    const COMPLEXITY: &'static str = "2 (0 for the server's own)";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard ForgetsPath "takes the server's time as it is, however long it travelled",
        Guard WrongSign "corrects in the wrong direction",
        TieBreak OldestOfEquals "of samples with the same delay, follows the oldest",
        Durability ForgetsSlew "who comes back does not end what it was slewing before",
        Stale AnyAnswer "takes any answer for that to the last question",
        Stale Ageless "promises as if clocks did not drift",
        Liveness AsksOnce "asks once and waits for the answer for ever",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::BoundedDrift,
            Assumption::TrueSource,
            Assumption::OwnClock,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::NoCrash, Assumption::NoPartition],
    };
    const UNPROMISED: &'static [&'static str] = &["MutuallyClose", "NeverBackwards", "NoAnomaly"];
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "unfiltered",
        params: "filter: 1",
        about: "follows every sample, however long its round trip was",
    }];

    /// 2 for a client that loses no message.
    fn theory(nodes: u32, _params: &NtpParams) -> Theory {
        if nodes > 1 { Theory::Between(0.0, 2.0) } else { Theory::Exactly(0.0) }
    }

    fn check_params(params: &NtpParams, nodes: u32) -> Result<(), String> {
        if params.server.0 >= nodes {
            return Err(format!("server: {} is not one of the {nodes} members", params.server));
        }
        if params.poll == Some(Duration::ZERO) || params.timeout == Duration::ZERO {
            let name = if params.timeout == Duration::ZERO { "timeout" } else { "poll" };
            return Err(format!("{name}: 0s would ask without end"));
        }
        if params.slew_max_ppb == 0 || params.slew_max_ppb >= 1_000_000_000 {
            return Err("slew_max_ppb: expected from 1 to less than 1e9".into());
        }
        check_drift_bound(params.drift_bound_ppb)
    }
}

#[cfg(test)]
mod tests;
