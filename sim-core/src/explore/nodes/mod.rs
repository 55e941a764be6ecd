//! The simulator's own nodes as a [`Model`]: the same handlers, clients and judges that a run has,
//! with every order of events in the place of delays and draws.
//!
//! A state holds names of what is large (nodes, clients, judges), and handlers are functions of what
//! they are given, so that each runs once for every different node and input that are met, however
//! many states those are met in. The exploration itself knows names only and is compiled once.
//!
//! What an instance abstracts from: instants (clients and judges are shown the start of the run),
//! delays, clocks and rates of faults; what can happen at all can happen now, within [`Bounds`]. What
//! it keeps: the order of messages on FIFO links, what a crash leaves, the streams of the clients.

mod allowed;
mod bounds;
mod machine;
mod names;
mod outside;
mod path;
mod reduce;
mod state;
mod step;
mod typed;

use std::fmt;
use std::sync::Arc;

use seedbed_node::{Checker, Members, Names, Node, NodeId, Workload};

use self::machine::{Input, Machine, Outside};
use self::outside::{Experiment, Words};
use self::state::Used;
use self::step::{Log, Outcome, Task};
use self::typed::Typed;
use super::{Model, Property};
use crate::rng::{Keys, NameKeys, Purpose};
use crate::world::World;

pub use bounds::{Bounds, Timing};
pub use path::{Line, Walked};
pub use state::State;
pub use step::Action;

/// The name of the property that no handler panics.
pub const PANIC: &str = "Panic";

/// An instance has at most so many nodes.
pub const NODES_MAX: u32 = 64;

/// An instance has at most so many checks.
pub const CHECKS_MAX: usize = 63;

/// What is judged.
pub struct Judged<R, E> {
    /// Its name.
    pub name: String,
    /// Whether it is a goal, which must come about again and again, or safety, which must hold in
    /// every state.
    pub goal: bool,
    /// The judge.
    pub checker: Box<dyn Checker<R, E>>,
}

/// A small instance of an algorithm, to be explored.
pub struct Instance {
    nodes: u32,
    names: Names,
    bounds: Bounds,
    machine: Arc<dyn Machine>,
    outside: Arc<dyn Outside>,
    /// The names of the checks, and whether they are goals.
    checks: Vec<(String, bool)>,
    kinds: Vec<&'static str>,
    /// Which links keep their order, by sender and receiver.
    ordered: Box<[bool]>,
    /// Whether ticks are counted, because nodes read clocks.
    keeps_time: bool,
}

/// Why something cannot be explored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unexplorable(pub String);

impl fmt::Display for Unexplorable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unexplorable {}

impl Instance {
    /// The instance that `world` describes: its members, their names, the order of its links, and
    /// the streams of its clients. Its delays, rates and faults are not used.
    pub fn new<N: Node>(
        world: &World,
        params: N::Params,
        workload: Box<dyn Workload<N::Request, N::Event>>,
        judged: Vec<Judged<N::Request, N::Event>>,
        bounds: Bounds,
    ) -> Result<Self, Unexplorable> {
        use seedbed_node::Message;
        let refuse = |why: String| Err(Unexplorable(why));
        if world.members > NODES_MAX {
            let nodes = world.members;
            return refuse(format!("{nodes} nodes are too many: at most {NODES_MAX}"));
        }
        if world.network.topology.is_some() {
            return refuse("messages that travel hop by hop are not explored".into());
        }
        if judged.len() > CHECKS_MAX {
            return refuse(format!("{} checks are too many: at most {CHECKS_MAX}", judged.len()));
        }
        if let Some(causal) = judged.iter().find(|judged| judged.checker.needs_causality()) {
            return refuse(format!(
                "`{}` looks at true vector clocks, which tell all histories apart",
                causal.name
            ));
        }
        if let Timing::Bounded { min, max, tick, .. } = bounds.time
            && (min > max || max == 0 || tick.as_nanos() == 0)
        {
            return refuse("messages take from `min` to `max` ticks, and `max` is not 0".into());
        }
        let members = Members(world.members);
        let words = Arc::new(Words::new());
        let machine = Typed::<N>::new(
            members,
            params,
            bounds.time,
            bounds.between_effects,
            Arc::clone(&words),
        );
        let (keys, name_keys) = (Keys::of_seed(world.seed), NameKeys::of(&world.names));
        let stream = |node| keys.draws(Purpose::Client, name_keys.get(node), 0, 0);
        let streams = members.iter().map(stream).collect();
        let checks = judged.iter().map(|judged| (judged.name.clone(), judged.goal)).collect();
        let checkers = judged.into_iter().map(|judged| judged.checker).collect();
        let outside =
            Experiment::new(world.names.clone(), bounds.time, words, workload, streams, checkers);
        let kinds = (0..N::Message::KINDS).map(N::Message::kind_name).collect();
        Ok(Instance {
            nodes: world.members,
            names: world.names.clone(),
            ordered: ordered(world),
            keeps_time: false,
            machine: Arc::new(machine),
            outside: Arc::new(outside),
            checks,
            kinds,
            bounds,
        })
    }

    /// Whether nodes have read clocks. In asynchronous time there are none, and what was explored
    /// is worth nothing.
    pub fn saw_clock(&self) -> bool {
        self.machine.saw_clock()
    }

    /// The same, with the ticks that have passed as a part of the state, so that clocks show them.
    pub fn keeping_time(mut self) -> Self {
        self.keeps_time = true;
        self
    }

    /// The number by which a state says that a handler has panicked.
    fn panic_number(&self) -> u32 {
        self.checks.len() as u32 + 1
    }

    /// Every way in which the nodes that are up from the start can boot, one after another.
    fn boots(&self) -> Vec<Vec<Outcome>> {
        let mut ways = vec![Vec::new()];
        for node in self.early() {
            let longer = ways.iter().flat_map(|way: &Vec<Outcome>| {
                let state = self.boot_all(way, &mut ());
                let mut longer = Vec::new();
                self.outcomes(&state, Task { node, input: Input::Boot }, |outcome| {
                    longer.push(way.iter().copied().chain([outcome]).collect());
                });
                longer
            });
            ways = longer.collect();
        }
        ways
    }

    /// Nodes that are up from the start.
    fn early(&self) -> impl Iterator<Item = NodeId> {
        (0..self.nodes).map(NodeId).filter(|node| !self.bounds.late.contains(node))
    }

    /// The state in which as many nodes have booted as there are outcomes.
    fn boot_all(&self, outcomes: &[Outcome], log: &mut impl Log) -> State {
        let hosts = (0..self.nodes).map(|node| self.machine.unborn(NodeId(node))).collect();
        let mut state = State {
            broken: 0,
            used: Used::default(),
            now: 0,
            up: 0,
            clients: self.outside.clients(),
            judges: self.outside.judges(),
            hosts,
            urgent: Vec::new(),
            mail: Vec::new(),
            timers: Vec::new(),
            sleepers: Vec::new(),
        };
        for (node, outcome) in self.early().zip(outcomes) {
            self.boot(&mut state, node, *outcome, log);
        }
        state
    }

    /// The state in which everything begins.
    fn boot_as(&self, outcomes: &[Outcome], log: &mut impl Log) -> State {
        let mut state = self.boot_all(outcomes, log);
        self.settle(&mut state, log);
        state
    }
}

/// Which links keep their order.
fn ordered(world: &World) -> Box<[bool]> {
    let network = &world.network;
    let fifo = |from, to| {
        let rule = network.rules.iter().find(|(links, _)| links.contains(from, to));
        rule.map_or(&network.default, |(_, model)| model).fifo
    };
    let all = || (0..world.members).map(NodeId);
    all().flat_map(|from| all().map(move |to| fifo(from, to))).collect()
}

impl Model for Instance {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        self.boots().iter().map(|outcomes| self.boot_as(outcomes, &mut ())).collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.list(state, actions);
    }

    fn apply(&self, state: &mut State, action: &Action) -> bool {
        self.carry_out(state, *action, &mut ());
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let number = |place: usize| place as u32 + 1;
        let checks = self.checks.iter().enumerate().map(|(place, (name, goal))| {
            let (goal, number) = (*goal, number(place));
            let holds = move |instance: &Instance, state: &State| {
                let State { judges, clients, up, broken, .. } = *state;
                let failed = instance.outside.failed(judges, clients, up, goal);
                broken != number && failed >> (number - 1) & 1 == 0
            };
            if goal { Property::recurrently(name, holds) } else { Property::always(name, holds) }
        });
        let panic = self.panic_number();
        let no_panic =
            Property::always(PANIC, move |_: &Instance, state: &State| state.broken != panic);
        checks.chain([no_panic]).collect()
    }

    fn within(&self, state: &State) -> bool {
        match self.bounds.time {
            Timing::Bounded { ticks: Some(ticks), .. } => state.now < ticks,
            Timing::Asynchronous | Timing::Bounded { .. } => true,
        }
    }

    fn fairness(&self, action: &Action) -> Option<u64> {
        self.obliged(action)
    }

    fn independent(&self, state: &State, a: &Action, b: &Action) -> bool {
        self.commute(state, a, b)
    }
}
