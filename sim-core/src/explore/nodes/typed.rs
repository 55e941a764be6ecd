//! The nodes of one algorithm, behind names: the only part of an exploration that is compiled for
//! every algorithm. It runs handlers and tells what came of them.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use seedbed_node::{
    Context, Driver, Durable, Duration, Effect, Environment, LocalTime, Members, Message, Node,
    NodeId, Operation,
};

use super::bounds::Timing;
use super::machine::{Branch, Deed, Input, Machine, Shown};
use super::names::{Arena, Name, Parts, Table, both};
use super::outside::Words;

/// A node and its disk.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Host<N: Node> {
    me: NodeId,
    /// How often it has been booted.
    boots: u32,
    state: Option<N>,
    durable: N::Durable,
    lazy: Vec<<N::Durable as Durable>::Write>,
}

impl<N: Node> Host<N> {
    /// Loses its volatile state and all but a prefix of its unforced writes.
    fn crash(&mut self, writes_kept: u32) {
        self.state = None;
        for record in std::mem::take(&mut self.lazy).iter().take(writes_kept as usize) {
            self.durable.apply(record);
        }
    }
}

/// How many unforced writes a host has after these effects.
fn unforced<N: Node>(host: &Host<N>, effects: &[Effect<N>]) -> u32 {
    effects.iter().fold(host.lazy.len() as u32, |count, effect| match effect {
        Effect::Write { forced: true, .. } => 0,
        Effect::Write { forced: false, .. } => count + 1,
        _ => count,
    })
}

/// What a message says, and what for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Letter<M> {
    from: NodeId,
    message: M,
    operation: Option<Operation>,
}

/// The nodes of one algorithm.
pub(super) struct Typed<N: Node> {
    members: Members,
    params: N::Params,
    timing: Timing,
    between_effects: bool,
    words: Arc<Words<N::Request, N::Event>>,
    hosts: Parts<Host<N>>,
    letters: Parts<Letter<N::Message>>,
    timers: Parts<N::Timer>,
    reactions: Table<u32>,
    branches: Arena<Box<[Branch]>>,
    saw_clock: AtomicBool,
}

impl<N: Node> Typed<N> {
    pub fn new(
        members: Members,
        params: N::Params,
        timing: Timing,
        between_effects: bool,
        words: Arc<Words<N::Request, N::Event>>,
    ) -> Self {
        Typed {
            members,
            params,
            timing,
            between_effects,
            words,
            hosts: Parts::new(),
            letters: Parts::new(),
            timers: Parts::new(),
            reactions: Table::new(),
            branches: Arena::new(),
            saw_clock: AtomicBool::new(false),
        }
    }

    /// Runs a handler with these choices; 0 for those beyond. A panic is an answer, too.
    fn handle(&self, host: &Host<N>, input: Input, now: u32, hand: &mut Hand<N>) -> Option<N> {
        let operation = match input {
            Input::Boot => None,
            Input::Letter(letter) => self.letters.get(letter).operation,
            Input::Timer { operation, .. } => operation,
            Input::Request { operation, .. } => Some(operation),
        };
        hand.clock = LocalTime(match self.timing {
            Timing::Asynchronous => 0,
            Timing::Bounded { tick, .. } => i64::from(now).saturating_mul(tick.as_nanos() as i64),
        });
        let incarnation = if input == Input::Boot { host.boots } else { host.boots - 1 };
        let environment =
            Environment { me: host.me, members: self.members, incarnation, operation };
        let mut state = host.state.clone();
        let run = catch_unwind(AssertUnwindSafe(|| {
            let mut cx = Context::new(environment, &self.params, hand);
            match (input, &mut state) {
                (Input::Boot, _) => state = Some(N::start(&host.durable, &mut cx)),
                (Input::Letter(letter), Some(node)) => {
                    let letter = self.letters.get(letter);
                    node.on_message(letter.from, letter.message.clone(), &mut cx);
                }
                (Input::Timer { timer, .. }, Some(node)) => {
                    node.on_timer(N::Timer::clone(&self.timers.get(timer)), &mut cx);
                }
                (Input::Request { request, .. }, Some(node)) => {
                    node.on_request(self.words.request(request), &mut cx);
                }
                (_, None) => unreachable!("only nodes that are up handle anything"),
            }
            state
        }));
        run.unwrap_or_else(|panic| {
            hand.panic = Some(words_of(panic.as_ref()));
            None
        })
    }

    /// Makes true what a handler asked for, as far as it comes before a crash.
    fn branch(
        &self,
        host: &Host<N>,
        input: Input,
        state: Option<N>,
        hand: &Hand<N>,
        crash: Option<(u32, u32)>,
    ) -> Branch {
        let mut after = Host { state, ..host.clone() };
        after.boots += u32::from(input == Input::Boot);
        let operation = match input {
            Input::Timer { operation, .. } => operation,
            Input::Letter(letter) => self.letters.get(letter).operation,
            Input::Request { operation, .. } => Some(operation),
            Input::Boot => None,
        };
        let mut deeds = Vec::new();
        let left = crash.map_or(usize::MAX, |(after, _)| after as usize);
        for effect in hand.effects.iter().take(left) {
            deeds.extend(self.interpret(&mut after, effect, operation));
        }
        if let Some((_, writes_kept)) = crash {
            after.crash(writes_kept);
        }
        Branch {
            choices: hand.given(),
            crash_after: crash.map(|(after, _)| after),
            writes_kept: crash.map_or(0, |(_, kept)| kept),
            host: self.hosts.name(after),
            deeds,
            panic: hand.panic.clone(),
        }
    }

    /// Makes one effect true: on the disk, or as something that others notice.
    fn interpret(
        &self,
        host: &mut Host<N>,
        effect: &Effect<N>,
        operation: Option<Operation>,
    ) -> Option<Deed> {
        Some(match effect.clone() {
            Effect::Send { to, message, operation } => {
                let letter = Letter { from: host.me, message, operation };
                Deed::Send { to, letter: self.letters.name(letter) }
            }
            Effect::SetTimer { timer, after } => {
                let timer = self.timers.name(timer);
                Deed::Set { timer, operation, ticks: self.timing.ticks(after) }
            }
            Effect::CancelTimer { timer } => Deed::Cancel { timer: self.timers.name(timer) },
            Effect::Write { record, forced } => {
                host.lazy.push(record);
                if forced {
                    for record in host.lazy.drain(..) {
                        host.durable.apply(&record);
                    }
                }
                return None;
            }
            // The clock is what is explored in its place; a node that sees it is told of ticks.
            Effect::AdjustClock { .. } => {
                self.saw_clock.store(true, Ordering::Relaxed);
                return None;
            }
            Effect::Emit(event) => Deed::Emit { event: self.words.name_event(event) },
        })
    }

    fn react_anew(&self, host: Name, input: Input, now: u32) -> Box<[Branch]> {
        let host = self.hosts.get(host);
        let mut branches = Vec::new();
        let mut next = Some(Vec::new());
        while let Some(choices) = next {
            let mut hand = Hand::new(choices);
            let state = self.handle(&host, input, now, &mut hand);
            if hand.saw_clock {
                self.saw_clock.store(true, Ordering::Relaxed);
            }
            branches.push(self.branch(&host, input, state.clone(), &hand, None));
            if self.between_effects && hand.panic.is_none() {
                for after in 0..hand.effects.len() as u32 {
                    for kept in 0..=unforced(&host, &hand.effects[..after as usize]) {
                        let crash = Some((after, kept));
                        branches.push(self.branch(&host, input, state.clone(), &hand, crash));
                    }
                }
            }
            next = hand.next();
        }
        branches.into()
    }
}

impl<N: Node> Machine for Typed<N> {
    fn unborn(&self, node: NodeId) -> Name {
        let (durable, lazy) = Default::default();
        self.hosts.name(Host { me: node, boots: 0, state: None, durable, lazy })
    }

    fn react(&self, host: Name, input: Input, now: u32) -> u32 {
        let what = match input {
            Input::Boot => 1,
            Input::Letter(letter) => both(letter, 2),
            Input::Timer { timer, operation } => both(both(timer, 3), name_of(operation)),
            Input::Request { operation, request } => {
                both(both(request, 4), name_of(Some(operation)))
            }
        };
        let key = both(both(host, what), u64::from(now));
        self.reactions.find_or(key, || self.branches.keep(self.react_anew(host, input, now)))
    }

    fn branches(&self, reaction: u32) -> &[Branch] {
        self.branches.get(reaction)
    }

    fn crash(&self, host: Name, writes_kept: u32) -> Name {
        let mut host = Host::clone(&self.hosts.get(host));
        host.crash(writes_kept);
        self.hosts.name(host)
    }

    fn unforced(&self, host: Name) -> u32 {
        self.hosts.get(host).lazy.len() as u32
    }

    fn booted(&self, host: Name) -> bool {
        self.hosts.get(host).boots > 0
    }

    fn kind(&self, letter: Name) -> u32 {
        self.letters.get(letter).message.kind() as u32
    }

    fn timer(&self, timer: Name) -> String {
        format!("{:?}", self.timers.get(timer))
    }

    fn show(&self, what: Shown) -> String {
        match what {
            Shown::Host(host) => match &self.hosts.get(host).state {
                Some(node) => format!("{node:?}"),
                None => "down".into(),
            },
            Shown::Letter(letter) => format!("{:?}", self.letters.get(letter).message),
            Shown::Event(event) => self.words.show_event(event),
            Shown::Request(request) => self.words.show_request(request),
        }
    }

    fn saw_clock(&self) -> bool {
        self.saw_clock.load(Ordering::Relaxed)
    }
}

fn name_of(operation: Option<Operation>) -> Name {
    operation.map_or(u64::MAX, |op| u64::from(op.client.0) << 32 | u64::from(op.number))
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".into())
}

/// The world in the hands of one handler: keeps what it asks for, and gives it the choices that are
/// this time's turn.
struct Hand<N: Node> {
    effects: Vec<Effect<N>>,
    choices: Vec<u32>,
    /// Among how many each choice was.
    bounds: Vec<u32>,
    clock: LocalTime,
    saw_clock: bool,
    panic: Option<String>,
}

impl<N: Node> Hand<N> {
    fn new(choices: Vec<u32>) -> Self {
        let (effects, bounds) = Default::default();
        Hand { effects, choices, bounds, clock: LocalTime(0), saw_clock: false, panic: None }
    }

    /// The choices that were made.
    fn given(&self) -> Vec<u32> {
        self.choices.iter().copied().chain(std::iter::repeat(0)).take(self.bounds.len()).collect()
    }

    /// The choices whose turn comes next.
    fn next(&self) -> Option<Vec<u32>> {
        let mut choices = self.given();
        while let Some(last) = choices.pop() {
            if last + 1 < self.bounds[choices.len()] {
                choices.push(last + 1);
                return Some(choices);
            }
        }
        None
    }
}

impl<N: Node> Driver<N> for Hand<N> {
    fn effect(&mut self, effect: Effect<N>) {
        self.effects.push(effect);
    }
    fn wall(&mut self) -> LocalTime {
        self.saw_clock = true;
        self.clock
    }
    fn monotonic(&mut self) -> LocalTime {
        self.saw_clock = true;
        self.clock
    }
    fn choose(&mut self, bound: u32) -> u32 {
        let place = self.bounds.len();
        self.bounds.push(bound);
        self.choices.get(place).copied().unwrap_or(0)
    }
}

impl Timing {
    /// A length of time in ticks, rounded up.
    pub(super) fn ticks(self, time: Duration) -> u32 {
        match self {
            Timing::Asynchronous => 0,
            Timing::Bounded { tick, .. } => {
                u32::try_from(time.as_nanos().div_ceil(tick.as_nanos().max(1))).unwrap_or(u32::MAX)
            }
        }
    }
}
