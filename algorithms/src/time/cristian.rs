//! Cristian's algorithm.
//!
//! Flaviu Cristian, "Probabilistic Clock Synchronization", Distributed Computing 3(3), 1989.
//!
//! A client asks the server and measures the round trip D on its own clock. If no message takes less
//! than `delay_min`, the server's clock, which read T, now reads between T + min and T + D − min:
//! the client takes the middle, T + D/2, and errs by no more than D/2 − min. An answer that took
//! longer than `round_trip_max` is not good enough; the client tries again, up to `attempts` times,
//! and is then out of touch. 2k messages for k attempts.
//!
//! Assumes that no message is faster than `delay_min`, that the server's clock is true, that rates
//! are off by no more than `drift_bound_ppb`, and that nobody else sets the clock. What is absent:
//! the paper's gradual correction (clocks are stepped), and several servers.

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, LocalTime, Message, Mutant, Needs, Node, NodeId,
    Parameter, Params, Theory,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::estimate::{Estimate, ROUNDING, check_drift_bound, drift_within, gap, half};
use super::steering::Steering;
use super::{ClockSync, Event, Promise, Request};

/// A client or the server.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Cristian {
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
    /// The number of its last question; each life begins with numbers of its own.
    questions: u32,
    asked: Option<Asked>,
    steering: Steering,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Asked {
    question: u32,
    /// When, on the monotonic clock.
    at: LocalTime,
    /// The how-manieth attempt of its round.
    attempt: u32,
}

/// What a client and the server say to each other.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum CristianMessage {
    /// "What time is it?"
    Request {
        /// Which of the client's questions.
        question: u32,
    },
    /// The answer.
    Reply {
        /// To which question.
        question: u32,
        /// The server's clock.
        time: LocalTime,
    },
}

/// What a client waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CristianTimer {
    /// The next round.
    Poll,
    /// The next attempt.
    Retry,
}

/// The parameters of Cristian's algorithm.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct CristianParams {
    /// Whose clock everybody else follows.
    pub server: NodeId,
    /// How often clients ask; never of their own accord if nothing is given.
    pub poll: Option<Duration>,
    /// No message takes less than this.
    pub delay_min: Duration,
    /// Round trips that are longer are not good enough (the paper's 2U).
    pub round_trip_max: Duration,
    /// From one attempt to the next (the paper's W), at least the longest round trip.
    pub retry_after: Duration,
    /// How many attempts make a round.
    pub attempts: u32,
    /// How far the rate of a client's clock may be off.
    #[param(unit = "ppb")]
    pub drift_bound_ppb: u32,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: CristianMutant,
}

impl Default for CristianParams {
    fn default() -> Self {
        CristianParams {
            server: NodeId(0),
            poll: Some(Duration::from_secs(16)),
            delay_min: Duration::ZERO,
            round_trip_max: Duration::from_millis(50),
            retry_after: Duration::from_millis(200),
            attempts: 10,
            drift_bound_ppb: 100_000,
            mutant: CristianMutant::None,
        }
    }
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum CristianMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Takes the server's time as it is, however long it travelled.
    ForgetsPath,
    /// Takes any answer for that to the last question.
    AnyAnswer,
    /// Takes two least delays off the error instead of one.
    Overconfident,
    /// Asks once and waits for the answer for ever.
    NeverRetries,
    /// Numbers questions from the beginning when it comes back.
    RestartsQuestions,
}

impl Node for Cristian {
    type Params = CristianParams;
    type Message = CristianMessage;
    type Timer = CristianTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        if cx.me() == cx.params().server {
            return Cristian { role: Role::Server };
        }
        // Answers to questions of an earlier life must not be taken for answers to those of this one.
        let again = cx.params().mutant == CristianMutant::RestartsQuestions;
        let questions = if again { 0 } else { cx.incarnation() << 16 };
        let mut client = Client { questions, ..Client::default() };
        if let Some(poll) = cx.params().poll {
            cx.set_timer(CristianTimer::Poll, poll);
            client.ask(1, cx);
        }
        Cristian { role: Role::Client(client) }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match (&mut self.role, request) {
            (Role::Client(client), Request::Synchronise) => client.ask(1, cx),
            (Role::Client(client), Request::Read) => {
                let promise = client.steering.promise(cx.params().drift_bound_ppb, cx);
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

    fn on_message(&mut self, from: NodeId, message: CristianMessage, cx: &mut Context<'_, Self>) {
        match (&mut self.role, message) {
            (Role::Server, CristianMessage::Request { question }) => {
                let time = cx.wall();
                cx.send(from, CristianMessage::Reply { question, time });
            }
            (Role::Client(client), CristianMessage::Reply { question, time }) => {
                client.hear(question, time, cx);
            }
            // Altered messages can go astray.
            (Role::Server, CristianMessage::Reply { .. })
            | (Role::Client(_), CristianMessage::Request { .. }) => {}
        }
    }

    fn on_timer(&mut self, timer: CristianTimer, cx: &mut Context<'_, Self>) {
        let Role::Client(client) = &mut self.role else {
            return;
        };
        match (timer, cx.params().poll, client.asked) {
            (CristianTimer::Poll, Some(poll), asked) => {
                cx.set_timer(CristianTimer::Poll, poll);
                if asked.is_none() {
                    client.ask(1, cx);
                }
            }
            (CristianTimer::Retry, ..) if cx.params().mutant == CristianMutant::NeverRetries => {}
            (CristianTimer::Retry, _, Some(Asked { attempt, .. })) => {
                if attempt < cx.params().attempts {
                    client.ask(attempt + 1, cx);
                } else {
                    client.asked = None;
                    cx.emit(Event::OutOfTouch);
                }
            }
            (CristianTimer::Poll, None, _) | (CristianTimer::Retry, _, None) => {}
        }
    }
}

impl Client {
    fn ask(&mut self, attempt: u32, cx: &mut Context<'_, Cristian>) {
        let params = cx.params();
        self.questions = self.questions.wrapping_add(1);
        let question = self.questions;
        self.asked = Some(Asked { question, at: cx.monotonic(), attempt });
        cx.send(params.server, CristianMessage::Request { question });
        cx.set_timer(CristianTimer::Retry, params.retry_after);
    }

    fn hear(&mut self, question: u32, time: LocalTime, cx: &mut Context<'_, Cristian>) {
        let params = cx.params();
        let loose = params.mutant == CristianMutant::AnyAnswer;
        let Some(asked) = self.asked.filter(|asked| loose || asked.question == question) else {
            return;
        };
        let now = cx.monotonic();
        let delay = now.since(asked.at);
        if delay > params.round_trip_max {
            // The next attempt is due in a while.
            return;
        }
        let halved = match params.mutant {
            CristianMutant::ForgetsPath => Duration::ZERO,
            _ => Duration::from_nanos(delay.as_nanos() / 2),
        };
        let known = match params.mutant {
            CristianMutant::Overconfident => params.delay_min * 2,
            _ => params.delay_min,
        };
        let error = half(delay).saturating_sub(known)
            + drift_within(delay, params.drift_bound_ppb)
            + ROUNDING;
        let believed = time + halved;
        let wall = cx.wall();
        self.asked = None;
        cx.cancel_timer(CristianTimer::Retry);
        cx.emit(Event::Measured { wall, offset_ns: gap(believed, wall), delay, error });
        let estimate = Estimate { lead_ns: gap(believed, now), error, taken: now };
        let by_ns = self.steering.follow(estimate, None, cx);
        cx.emit(Event::Synchronised { by_ns });
    }
}

impl Algorithm for Cristian {
    type Family = ClockSync;
    const NAME: &'static str = "Cristian";
    const ABOUT: &'static str = "asks a server until a round trip is short enough";
    const SOURCE: &'static str = "Cristian, Distributed Computing 3(3), 1989";
    const COMPLEXITY: &'static str = "2k for k attempts (0 for the server's own)";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard ForgetsPath "takes the server's time as it is, however long it travelled",
        Guard Overconfident "takes two least delays off the error instead of one",
        Durability RestartsQuestions "numbers questions from the beginning when it comes back",
        Stale AnyAnswer "takes any answer for that to the last question",
        Liveness NeverRetries "asks once and waits for the answer for ever",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::BoundedDelay,
            Assumption::BoundedDrift,
            Assumption::TrueSource,
            Assumption::OwnClock,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };
    const UNPROMISED: &'static [&'static str] = &["MutuallyClose", "NeverBackwards", "NoAnomaly"];

    fn theory(nodes: u32, params: &CristianParams) -> Theory {
        if nodes > 1 {
            Theory::Between(0.0, 2.0 * f64::from(params.attempts))
        } else {
            Theory::Exactly(0.0)
        }
    }

    fn check_params(params: &CristianParams, nodes: u32) -> Result<(), String> {
        if params.server.0 >= nodes {
            return Err(format!("server: {} is not one of the {nodes} members", params.server));
        }
        if params.poll == Some(Duration::ZERO) {
            return Err("poll: 0s would ask without end".into());
        }
        if params.attempts == 0 {
            return Err("attempts: 0 asks never; expected at least 1".into());
        }
        if params.retry_after < params.round_trip_max {
            return Err(format!(
                "retry_after: {} gives up on answers that round_trip_max, {}, still allows",
                params.retry_after, params.round_trip_max
            ));
        }
        if params.delay_min * 2 > params.round_trip_max {
            return Err("delay_min: two of them exceed round_trip_max; no answer would do".into());
        }
        check_drift_bound(params.drift_bound_ppb)
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Algorithm, Duration, LocalTime};

    use super::{Cristian, CristianMessage as M, CristianParams, CristianTimer};
    use crate::time::Request::Synchronise;
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn params() -> CristianParams {
        CristianParams {
            poll: None,
            delay_min: Duration::from_nanos(20),
            round_trip_max: Duration::from_nanos(200),
            retry_after: Duration::from_nanos(300),
            attempts: 2,
            drift_bound_ppb: 0,
            ..Default::default()
        }
    }

    fn client() -> Bench<Cristian> {
        Bench::boot(1, 2, params()).0
    }

    fn reply(question: u32, time: i64) -> M {
        M::Reply { question, time: LocalTime(time) }
    }

    /// The paper's reading: T + D/2, give or take D/2 − min.
    #[test]
    fn the_middle_of_what_is_possible_errs_by_half_the_round_trip_less_the_least_delay() {
        let mut client = client();
        client.at(1_000);
        let asked = client.request(Synchronise);
        assert_eq!(asked, ["n0 <- Request { question: 1 } for n1#0", "set Retry 300ns"]);
        client.at(1_100);
        assert_eq!(
            client.message(0, operation(1), reply(1, 5_000)),
            [
                "cancel Retry",
                "emit Measured { wall: 1.1us, offset_ns: 3950, delay: 100ns, error: 34ns }",
                "adjust 3950 over 0s",
                "emit Synchronised { by_ns: 3950 }"
            ]
        );
    }

    /// Unsuccessful attempts, and giving up after the last: out of touch.
    #[test]
    fn a_round_trip_that_is_too_long_is_tried_again_until_the_attempts_are_used_up() {
        let mut client = client();
        client.request(Synchronise);
        assert_eq!(client.at(201).message(0, operation(1), reply(1, 9)), NOTHING, "too long");
        client.at(300);
        let again = client.timer(CristianTimer::Retry);
        assert_eq!(again, ["n0 <- Request { question: 2 }", "set Retry 300ns"]);
        assert_eq!(client.message(0, operation(1), reply(1, 9)), NOTHING, "to the first question");
        assert_eq!(client.at(600).timer(CristianTimer::Retry), ["emit OutOfTouch"]);
        assert_eq!(client.message(0, operation(1), reply(2, 9)), NOTHING, "it has given up");
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        let long = Duration::from_secs(1);
        for (params, field) in [
            (CristianParams { attempts: 0, ..params() }, "attempts"),
            (CristianParams { round_trip_max: long, ..params() }, "retry_after"),
            (CristianParams { delay_min: long, ..params() }, "delay_min"),
            (CristianParams { poll: Some(Duration::ZERO), ..params() }, "poll"),
        ] {
            let why = Cristian::check_params(&params, 2).expect_err(field);
            assert!(why.starts_with(field), "{why}");
        }
        assert_eq!(Cristian::check_params(&CristianParams::default(), 2), Ok(()));
    }
}
