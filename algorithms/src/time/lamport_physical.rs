//! Lamport's physical clocks.
//!
//! Leslie Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
//! Communications of the ACM 21(7), 1978, "Physical Clocks".
//!
//! Clocks tick at nearly the right rate (PC1: |dC/dt − 1| < κ) and are kept close to each other
//! (PC2: |Ci − Cj| < ε) without anybody's being true: every message carries its sender's time Tm,
//! and who receives it sets its clock to max(C, Tm + μ), where μ is the least delay (IR2'). So a
//! clock is never set back, and all follow the fastest.
//!
//! If every node sends to its neighbours every τ, delays stay below μ + ξ, and d is the diameter of
//! the graph of neighbours, the paper's theorem has ε ≈ d(2κτ + ξ) from τd on, for μ + ξ ≪ τ.
//! Without that approximation, and with τ and the start measured on clocks that drift, it is
//! ε = d(2κ(τ/(1−κ) + μ + ξ) + ξ) + κμ: see [`closeness`](LamportPhysicalParams::closeness).
//! Where a signal outside of the system takes at least ε/(1−κ), nothing that it causes can have an
//! earlier reading (no anomalous behaviour: ε/(1−κ) <= μ, μ being that signal's delay).
//!
//! Assumes reliable links with delays from μ to μ + ξ, rates within κ, nodes that do not crash, and
//! that nobody else sets the clocks. What is absent: true time.

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, LocalTime, Message, Mutant, Needs, Node, NodeId,
    Parameter, Params, Theory, Variant,
};
use serde::Deserialize;

use crate::mutants::mutants;

use super::estimate::{ROUNDING, check_drift_bound, drift_within, gap, half};
use super::{ClockSync, Event, Group, Promise, Request};

/// A node with a physical clock.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LamportPhysical {
    /// When it booted, on the monotonic clock.
    booted: LocalTime,
}

/// The one kind of message.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum LamportPhysicalMessage {
    /// "By my clock, it is so late."
    Tell {
        /// The sender's clock (the paper's Tm).
        time: LocalTime,
    },
}

/// What a node waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LamportPhysicalTimer {
    /// The next message to the neighbours.
    Tell,
}

/// The parameters of physical clocks.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct LamportPhysicalParams {
    /// How often a node sends to its neighbours, on its own clock (the paper's τ).
    pub every: Duration,
    /// The least delay of a message (the paper's μ).
    pub delay_min: Duration,
    /// How much longer a message may take (the paper's ξ).
    pub delay_unpredictable: Duration,
    /// How far the rate of a clock may be off (the paper's κ).
    #[param(unit = "ppb")]
    pub drift_bound_ppb: u32,
    /// Who sends to whom.
    pub neighbours: Neighbours,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: LamportPhysicalMutant,
}

impl Default for LamportPhysicalParams {
    fn default() -> Self {
        LamportPhysicalParams {
            every: Duration::from_secs(1),
            delay_min: Duration::ZERO,
            delay_unpredictable: Duration::from_millis(20),
            drift_bound_ppb: 100_000,
            neighbours: Neighbours::All,
            mutant: LamportPhysicalMutant::None,
        }
    }
}

/// Who sends to whom.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum Neighbours {
    /// Everybody to everybody: diameter 1.
    #[default]
    All,
    /// Each to the next: diameter N-1.
    Ring,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum LamportPhysicalMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Sets the clock to Tm + μ even if that is earlier.
    SetsBack,
    /// Sets the clock to Tm, as if messages took no time.
    ForgetsDelay,
    /// Ignores what it hears from nodes with higher ids.
    LooksDown,
    /// Tells its time when it boots, and never again.
    TellsOnce,
}

impl LamportPhysicalParams {
    /// How close clocks are to each other among `nodes` members (ε), from
    /// [`settled_after`](Self::settled_after) on.
    pub fn closeness(&self, nodes: u32) -> Duration {
        let delay_max = self.delay_min + self.delay_unpredictable;
        let ppb = self.drift_bound_ppb;
        // τ/(1−κ) and the delays, in true time, which is what the drift of a clock adds up in.
        let between = self.every + drift_within(self.every, ppb) + delay_max;
        let a_hop = drift_within(between, ppb) * 2 + self.delay_unpredictable;
        a_hop * u64::from(self.diameter(nodes)) + drift_within(self.delay_min, ppb) + ROUNDING
    }

    /// From when on clocks are that close, after the last node has booted.
    pub fn settled_after(&self, nodes: u32) -> Duration {
        let ppb = self.drift_bound_ppb;
        let delay_max = self.delay_min + self.delay_unpredictable;
        let hop = self.every + drift_within(self.every, ppb) + delay_max;
        let hops = hop * u64::from(self.diameter(nodes));
        hops + drift_within(hops, ppb) + ROUNDING
    }

    fn diameter(&self, nodes: u32) -> u32 {
        match self.neighbours {
            Neighbours::All => 1,
            Neighbours::Ring => nodes.saturating_sub(1).max(1),
        }
    }
}

impl Node for LamportPhysical {
    type Params = LamportPhysicalParams;
    type Message = LamportPhysicalMessage;
    type Timer = LamportPhysicalTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        tell(cx);
        cx.set_timer(LamportPhysicalTimer::Tell, cx.params().every);
        LamportPhysical { booted: cx.monotonic() }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match request {
            Request::Synchronise => {
                tell(cx);
                cx.emit(Event::Synchronised { by_ns: 0 });
            }
            Request::Read => {
                let promise = self.promise(cx);
                let wall = cx.wall();
                cx.emit(Event::Reading { wall, promise });
            }
        }
    }

    /// IR2' (b): C := max(C, Tm + μ).
    fn on_message(
        &mut self,
        from: NodeId,
        message: LamportPhysicalMessage,
        cx: &mut Context<'_, Self>,
    ) {
        let LamportPhysicalMessage::Tell { time } = message;
        let mutant = cx.params().mutant;
        if mutant == LamportPhysicalMutant::LooksDown && from > cx.me() {
            return;
        }
        let least = match mutant {
            LamportPhysicalMutant::ForgetsDelay => Duration::ZERO,
            _ => cx.params().delay_min,
        };
        let by_ns = gap(time + least, cx.wall());
        if by_ns > 0 || (mutant == LamportPhysicalMutant::SetsBack && by_ns < 0) {
            cx.step_clock(by_ns);
            cx.emit(Event::Synchronised { by_ns });
        }
    }

    fn on_timer(&mut self, timer: LamportPhysicalTimer, cx: &mut Context<'_, Self>) {
        let LamportPhysicalTimer::Tell = timer;
        if cx.params().mutant == LamportPhysicalMutant::TellsOnce {
            return;
        }
        cx.set_timer(LamportPhysicalTimer::Tell, cx.params().every);
        tell(cx);
    }
}

/// IR2' (a): a message carries its sender's time.
fn tell(cx: &mut Context<'_, LamportPhysical>) {
    let time = cx.wall();
    match cx.params().neighbours {
        Neighbours::All => cx.broadcast(LamportPhysicalMessage::Tell { time }),
        Neighbours::Ring => {
            let next = cx.members().successor(cx.me());
            if next != cx.me() {
                cx.send(next, LamportPhysicalMessage::Tell { time });
            }
        }
    }
}

impl LamportPhysical {
    /// Nothing until the clocks had the time to meet.
    fn promise(&self, cx: &mut Context<'_, Self>) -> Promise {
        let (params, nodes) = (cx.params(), cx.members().count());
        if cx.monotonic().since(self.booted) < params.settled_after(nodes) {
            return Promise::default();
        }
        let close = params.closeness(nodes);
        // A reading and another differ by ε at most: each takes one half.
        let group = Group { round: 0, within: half(close) };
        let order_after = close + drift_within(close, params.drift_bound_ppb) + ROUNDING;
        Promise { group: Some(group), order_after: Some(order_after), accuracy: None }
    }
}

impl Algorithm for LamportPhysical {
    type Family = ClockSync;
    const NAME: &'static str = "LamportPhysical";
    const ABOUT: &'static str = "messages carry time; who is behind goes forward, nobody back";
    const SOURCE: &'static str = "Lamport, CACM 21(7), 1978, Physical Clocks";
    const COMPLEXITY: &'static str = "N-1 (1 on a ring)";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard SetsBack "sets the clock to Tm + μ even if that is earlier",
        Guard ForgetsDelay "sets the clock to Tm, as if messages took no time",
        TieBreak LooksDown "ignores what it hears from nodes with higher ids",
        Liveness TellsOnce "tells its time when it boots, and never again",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::BoundedDelay,
            Assumption::BoundedDrift,
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::NoPartition,
            Assumption::OwnClock,
            Assumption::Uncorrupted,
        ],
        liveness: &[],
    };
    const UNPROMISED: &'static [&'static str] = &["WithinBound", "EstimateBound"];
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "ring",
        params: "neighbours: Ring",
        about: "each tells the next alone: N messages every τ, and ε grows with N-1 hops",
    }];

    fn theory(nodes: u32, params: &LamportPhysicalParams) -> Theory {
        let others = nodes.saturating_sub(1);
        match params.neighbours {
            Neighbours::All => Theory::Exactly(f64::from(others)),
            Neighbours::Ring => Theory::Exactly(f64::from(others.min(1))),
        }
    }

    fn check_params(params: &LamportPhysicalParams, _nodes: u32) -> Result<(), String> {
        if params.every == Duration::ZERO {
            return Err("every: 0s would send without end".into());
        }
        check_drift_bound(params.drift_bound_ppb)
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Duration, LocalTime};

    use super::{
        LamportPhysical, LamportPhysicalMessage as M, LamportPhysicalParams, LamportPhysicalTimer,
        Neighbours,
    };
    use crate::time::Request::Read;
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn params() -> LamportPhysicalParams {
        LamportPhysicalParams { delay_min: Duration::from_nanos(10), ..Default::default() }
    }

    fn tell(time: i64) -> M {
        M::Tell { time: LocalTime(time) }
    }

    #[test]
    fn ir2_a_every_node_tells_its_neighbours_its_time_every_tau() {
        let (mut ada, booted) = Bench::<LamportPhysical>::boot(0, 3, params());
        assert_eq!(booted, ["n1 <- Tell { time: 0s }", "n2 <- Tell { time: 0s }", "set Tell 1s"]);
        ada.at(7);
        assert_eq!(ada.timer(LamportPhysicalTimer::Tell)[1], "n1 <- Tell { time: 7ns }");
        let ring = LamportPhysicalParams { neighbours: Neighbours::Ring, ..params() };
        let (_, booted) = Bench::<LamportPhysical>::boot(2, 3, ring);
        assert_eq!(booted, ["n0 <- Tell { time: 0s }", "set Tell 1s"]);
    }

    #[test]
    fn ir2_b_a_clock_that_is_behind_goes_to_tm_plus_mu_and_one_that_is_ahead_stays() {
        let (mut ada, _) = Bench::<LamportPhysical>::boot(0, 3, params());
        ada.at(100);
        assert_eq!(
            ada.message(1, operation(1), tell(150)),
            ["adjust 60 over 0s", "emit Synchronised { by_ns: 60 }"]
        );
        assert_eq!(ada.message(1, operation(1), tell(90)), NOTHING, "just right");
        assert_eq!(ada.message(1, operation(1), tell(20)), NOTHING, "never set back");
    }

    /// The theorem: ε ≈ d(2κτ + ξ).
    #[test]
    fn closeness_is_the_papers_but_for_what_it_neglects() {
        let params = LamportPhysicalParams {
            every: Duration::from_secs(10),
            delay_min: Duration::ZERO,
            delay_unpredictable: Duration::from_millis(5),
            drift_bound_ppb: 50_000,
            ..Default::default()
        };
        let paper = 2 * 500_000 + 5_000_000;
        let exact = params.closeness(4).as_nanos();
        assert!(paper < exact && exact < paper + paper / 1_000, "{exact}");
        let ring = LamportPhysicalParams { neighbours: Neighbours::Ring, ..params };
        let exact = ring.closeness(4).as_nanos();
        assert!(3 * paper < exact && exact < 3 * paper + 3 * paper / 1_000, "{exact}");
    }

    #[test]
    fn nothing_is_promised_before_the_clocks_had_the_time_to_meet() {
        let (mut ada, _) = Bench::<LamportPhysical>::boot(0, 3, params());
        ada.at(1_000_000_000);
        assert!(ada.request(Read)[0].contains("group: None"));
        ada.at(1_100_000_000);
        assert!(ada.request(Read)[0].contains("group: Some"));
    }
}
