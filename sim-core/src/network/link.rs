//! One crossing of one link: the rules in their order, and what a link remembers.
//!
//! Every rule draws from a stream of its own, so that switching one feature on leaves the draws
//! of the others as they were.

use std::collections::VecDeque;

use seedbed_node::{Distribution, Draws, Duration, NodeId, Probability, Time, mix};

use super::model::{Bandwidth, Corruption, LinkModel, Loss};

/// A message as the network sees it: what names it, and how long it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// The node that sent it.
    pub origin: NodeId,
    /// The node that it is for.
    pub destination: NodeId,
    /// When it was sent.
    pub sent_at: Time,
    /// Tells messages of this instant from `origin` to `destination` apart. If it depends on those
    /// to the same destination alone, one more message elsewhere changes no fate.
    pub ordinal: u32,
    /// 0, or [`Second::lineage`] for a copy that a link made: copies travel on with fates of
    /// their own.
    pub lineage: u32,
    /// Its length on the wire.
    pub bytes: u32,
}

/// What becomes of a message on one hop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// The link is down.
    Cut,
    /// Lost on the way.
    Lost,
    /// The transmitter's queue is full.
    Overflowed,
    /// It arrives, unless the link is cut by then.
    Travels(Travel),
}

/// A message on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Travel {
    /// When it arrives at the end of the hop.
    pub arrives: Time,
    /// What happened to its contents.
    pub noise: Noise,
    /// A second copy; to be queued after the first.
    pub second: Option<Second>,
}

/// The copy that a duplicating link made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Second {
    /// When it arrives at the end of the hop.
    pub arrives: Time,
    /// What happened to its contents, independently of the first's.
    pub noise: Noise,
    /// What the copy's envelope carries from here on.
    pub lineage: u32,
}

/// What a link did to a message's contents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noise {
    /// Nothing.
    None,
    /// Altered; the receiver's checksum finds out and drops it.
    Detected,
    /// Altered unnoticed; the bits say how.
    Altered(u64),
}

impl Travel {
    /// Arrives at `at`, alone and unharmed.
    #[inline]
    pub fn clean(at: Time) -> Self {
        Travel { arrives: at, noise: Noise::None, second: None }
    }
}

/// What a link remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct LinkState {
    /// Of a FIFO link: the last arrival so far.
    last_arrival: Time,
    /// Of a bursty link: whether its chain is in the bad state.
    bad: bool,
    /// Of a link with a bandwidth: when it will have sent all that it has accepted.
    free_at: Time,
    /// The instants at which waiting messages will begin to be sent, ascending.
    begins: VecDeque<Time>,
}

/// What the degradations of one link amount to for one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Degraded {
    /// Whether one of them loses it.
    pub lost: bool,
    /// The factor of each, in thousandths, multiplied up.
    pub delay: Option<Stretch>,
}

/// A factor of delays, in billionths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stretch(pub u128);

impl Stretch {
    pub(super) const ONE: u128 = 1_000_000_000;

    fn of(self, delay: Duration) -> Duration {
        let ns = u128::from(delay.as_nanos()).saturating_mul(self.0) / Self::ONE;
        Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
    }
}

/// The streams of one message on one hop, one for each rule.
#[derive(Debug)]
pub(super) struct Chances(u64);

/// What a draw decides. The discriminant is part of every digest: only ever append.
#[derive(Clone, Copy)]
enum Rule {
    Loss = 1,
    Chain = 2,
    Delay = 3,
    Duplicate = 4,
    Corruption = 5,
    SecondDelay = 6,
    SecondCorruption = 7,
    Lineage = 8,
    Degradation = 9,
}

impl Chances {
    pub(super) fn of(key: u64) -> Self {
        Chances(key)
    }

    /// The stream for `rule`. What is added to the key is mixed, because SplitMix64 streams that
    /// start a few increments apart overlap.
    #[inline]
    fn on(&self, rule: Rule) -> Draws {
        self.nth(rule, 0)
    }

    #[inline]
    fn nth(&self, rule: Rule, nth: u32) -> Draws {
        Draws::keyed(self.0 ^ mix(u64::from(nth) << 8 | rule as u64))
    }

    /// The lineage of a copy made here of a message of lineage `of`; never 0.
    fn lineage(&self, of: u32) -> u32 {
        (self.on(Rule::Lineage).bits() as u32 ^ of) | 1
    }
}

/// What becomes of a message that enters a link at `now`.
pub(super) fn cross(
    model: &LinkModel,
    mut state: Option<&mut LinkState>,
    degraded: Degraded,
    message: &Envelope,
    now: Time,
    chances: &Chances,
) -> Fate {
    let mut leaves = now;
    if let (Some(bandwidth), Some(state)) = (model.bandwidth, state.as_deref_mut()) {
        match transmit(bandwidth, state, message.bytes, now) {
            Some(end) => leaves = end,
            None => return Fate::Overflowed,
        }
    }
    if loses(model.loss, state.as_deref_mut(), chances) || degraded.lost {
        return Fate::Lost;
    }
    let travel = |rule| leaves + delay(&model.delay, degraded.delay, &mut chances.on(rule));
    let mut arrives = travel(Rule::Delay);
    if let (true, Some(state)) = (model.fifo, state) {
        arrives = arrives.max(state.last_arrival);
        state.last_arrival = arrives;
    }
    let doubled = model.duplicate.hits(&mut chances.on(Rule::Duplicate));
    let second = doubled.then(|| Second {
        arrives: if model.fifo { arrives } else { travel(Rule::SecondDelay) },
        noise: noise(model.corrupt, &mut chances.on(Rule::SecondCorruption)),
        lineage: chances.lineage(message.lineage),
    });
    let noise = noise(model.corrupt, &mut chances.on(Rule::Corruption));
    Fate::Travels(Travel { arrives, noise, second })
}

/// The delay of a link that does nothing else.
#[inline]
pub(super) fn straight_delay(model: &LinkModel, chances: &Chances) -> Duration {
    model.delay.sample(&mut chances.on(Rule::Delay))
}

/// Queues a message for sending and gives the instant at which its last bit is out.
fn transmit(bandwidth: Bandwidth, state: &mut LinkState, bytes: u32, now: Time) -> Option<Time> {
    while state.begins.front().is_some_and(|begin| *begin <= now) {
        state.begins.pop_front();
    }
    if state.free_at > now {
        if state.begins.len() >= bandwidth.queue_max as usize {
            return None;
        }
        state.begins.push_back(state.free_at);
    }
    let begin = state.free_at.max(now);
    state.free_at = begin + bandwidth.sending_time(bytes);
    Some(state.free_at)
}

impl Bandwidth {
    /// How long the transmitter is busy with a message, rounded up to a nanosecond.
    pub fn sending_time(self, bytes: u32) -> Duration {
        const BITS_NS: u64 = 8 * 1_000_000_000;
        let rate = self.bits_per_s.max(1);
        let ns = match u64::from(bytes).checked_mul(BITS_NS) {
            Some(work) => work.div_ceil(rate),
            None => {
                let ns = (u128::from(bytes) * u128::from(BITS_NS)).div_ceil(u128::from(rate));
                u64::try_from(ns).unwrap_or(u64::MAX)
            }
        };
        Duration::from_nanos(ns)
    }
}

/// Whether the link's own loss hits; a chain takes its step first.
fn loses(loss: Loss, state: Option<&mut LinkState>, chances: &Chances) -> bool {
    match (loss, state) {
        (Loss::None, _) => false,
        (Loss::Bernoulli(p), _) => p.hits(&mut chances.on(Rule::Loss)),
        (Loss::GilbertElliott { enter, leave, good, bad }, Some(state)) => {
            let turns = if state.bad { leave } else { enter };
            state.bad ^= turns.hits(&mut chances.on(Rule::Chain));
            let p = if state.bad { bad } else { good };
            p.hits(&mut chances.on(Rule::Loss))
        }
        (Loss::GilbertElliott { .. }, None) => unreachable!("bursty links have a state"),
    }
}

#[inline]
fn delay(model: &Distribution, stretch: Option<Stretch>, draws: &mut Draws) -> Duration {
    let delay = model.sample(draws);
    stretch.map_or(delay, |stretch| stretch.of(delay))
}

fn noise(model: Corruption, draws: &mut Draws) -> Noise {
    match (model.chance.hits(draws), model.undetected) {
        (false, _) => Noise::None,
        (true, false) => Noise::Detected,
        (true, true) => Noise::Altered(draws.bits()),
    }
}

impl Degraded {
    pub(super) const NOT: Degraded = Degraded { lost: false, delay: None };

    /// With one more degradation, the `nth` on this link.
    pub(super) fn and(
        self,
        permille: u32,
        loss: Probability,
        nth: u32,
        chances: &Chances,
    ) -> Degraded {
        let before = self.delay.map_or(Stretch::ONE, |stretch| stretch.0);
        let product = before.saturating_mul(u128::from(permille)) / 1_000;
        Degraded {
            lost: self.lost || loss.hits(&mut chances.nth(Rule::Degradation, nth)),
            delay: Some(Stretch(product)),
        }
    }
}
