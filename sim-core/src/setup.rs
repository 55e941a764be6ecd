//! Setting a run up: whether its world makes sense, and a kernel in which nothing has happened.

use std::fmt;

use seedbed_node::{Duration, Members, Message, Node, NodeId, Time};
use slab::Slab;

use crate::causality::Causality;
use crate::counters::Counters;
use crate::fault::{Fault, TimedFault, strategy};
use crate::flights::Flights;
use crate::follow::{self, Follow};
use crate::hosts::{Host, HostClocks, Hosts, Instant};
use crate::judges::Judges;
use crate::kernel::{Ask, Entry, Item, Kernel, Line, NODES_MAX};
use crate::ledger::Ledger;
use crate::network::Network;
use crate::outcome::Writes;
use crate::queue::Queue;
use crate::rng::{Keys, NameKeys};
use crate::service::ServiceConfig;
use crate::station::Service;
use crate::timers::Timers;
use crate::trace::Digest;
use crate::tracer::Tracer;
use crate::world::{Ties, World};

/// Why a world cannot be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetupError(String);

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SetupError {}

/// What one run leaves to the next: containers without contents.
pub(crate) struct Memory<N: Node> {
    queue: Queue<Entry>,
    flights: Flights<N::Message>,
    hosts: Vec<Host>,
    timers: Option<Timers<N::Timer>>,
    counters: Option<Counters>,
    asks: Slab<Ask<N::Request>>,
    wakes: Slab<u64>,
}

impl<N: Node> Default for Memory<N> {
    fn default() -> Self {
        Memory {
            queue: Queue::default(),
            flights: Flights::default(),
            hosts: Vec::new(),
            timers: None,
            counters: None,
            asks: Slab::new(),
            wakes: Slab::new(),
        }
    }
}

impl<N: Node> Kernel<N> {
    /// Gives up the memory of a run that is over or was never begun.
    pub fn memory(&mut self) -> Memory<N> {
        let mut memory = Memory {
            queue: std::mem::take(&mut self.queue),
            flights: std::mem::take(&mut self.flights),
            hosts: self.hosts.take_memory(),
            timers: Some(std::mem::replace(&mut self.timers, Timers::new(false))),
            counters: Some(std::mem::take(&mut self.counters)),
            asks: std::mem::take(&mut self.asks),
            wakes: std::mem::take(&mut self.wakes),
        };
        memory.queue.clear();
        memory.flights.clear();
        memory.asks.clear();
        memory.wakes.clear();
        memory
    }

    /// A kernel in which nothing has happened.
    pub fn new(world: &World, memory: Memory<N>) -> Result<Self, SetupError> {
        let refuse = |why: &str| Err(SetupError(why.into()));
        let nodes = world.names.count();
        if world.members == 0 {
            return refuse("a run needs at least one node");
        }
        if world.members > nodes {
            return refuse("every member needs a name");
        }
        if nodes >= NODES_MAX {
            return refuse("a run has fewer than 2^28 nodes");
        }
        let keys = Keys::of_seed(world.seed);
        let name_keys = NameKeys::of(&world.names);
        check_names(world, &name_keys)?;
        let network = Network::new(&world.network, world.members, &name_keys, &keys)
            .map_err(|e| SetupError(e.to_string()))?;
        world.clocks.check().map_err(SetupError)?;
        world.service.iter().try_for_each(ServiceConfig::check).map_err(SetupError)?;
        if let Some(schedule) = &world.schedule {
            follow::check(world).map_err(SetupError)?;
            let kinds = N::Message::KINDS as u32;
            schedule.check(world.members, kinds).map_err(SetupError)?;
        }
        let faults = plan(world, &keys)?;
        // Only an order drawn by names, or a fault, asks for more than a constant delay.
        let ordinary =
            world.ties == Ties::Insertion && !faults.iter().any(|timed| timed.fault.of_network());
        // Beside a schedule nobody asks when a message arrives.
        let delay = match &world.schedule {
            Some(_) => Some(Duration::ZERO),
            None => network.constant().filter(|_| ordinary),
        };
        let line = match (&world.schedule, world.ties) {
            (Some(_), _) => Line::Scheduled,
            (None, Ties::Shuffled) => Line::Shuffled,
            (None, Ties::Insertion) => Line::Insertion,
        };
        let clocks = HostClocks::new(&world.clocks, world.members, &name_keys, &keys);
        let rates_change = clocks.wander()
            || faults.iter().any(|timed| matches!(timed.fault, Fault::Drift { .. }));
        let timers = match memory.timers {
            Some(timers) => timers.renewed(rates_change),
            None => Timers::new(rates_change),
        };
        let counters =
            Counters::new::<N::Message>(world.members, world.count_reordered, memory.counters);
        let mut kernel = Kernel {
            now: Time::ZERO,
            ended_at: Time::ZERO,
            events: 0,
            sequence: 0,
            queue: memory.queue,
            line,
            stop: world.stop,
            ended: None,
            members: Members(world.members),
            names: world.names.clone(),
            network,
            delay,
            flights: memory.flights,
            flight_count: 0,
            hosts: Hosts::new(world.members, clocks, memory.hosts),
            timers,
            instant: Instant::default(),
            service: world.service.as_ref().map(Service::new::<N::Message>),
            asks: memory.asks,
            wakes: memory.wakes,
            workload: None,
            clients: Vec::new(),
            actions: Vec::new(),
            ledger: Ledger::new::<N::Message>(),
            judges: Judges::default(),
            counters,
            writes: Writes::default(),
            timers_fired: 0,
            handles: vec![None; faults.len()],
            faults,
            digest: if world.digest { Digest::default() } else { Digest::off() },
            tracer: Tracer::default(),
            causality: world.causality.then(|| Causality::new(world.members)),
            active: None,
            follow: world.schedule.as_ref().map(|schedule| Box::new(Follow::new(schedule))),
            wandering: 0,
            wanders: 0,
            outdated: 0,
            name_keys,
            keys,
        };
        kernel.schedule_plan();
        Ok(kernel)
    }
}

/// All faults of the run in order of time, the random ones drawn.
fn plan(world: &World, keys: &Keys) -> Result<Vec<TimedFault>, SetupError> {
    let mut faults = world.faults.planned.clone();
    if let Some(random) = &world.faults.random {
        random.lasting.check().map_err(|why| SetupError(format!("random faults: {why}")))?;
        faults.extend(strategy::draw(random, world.members, keys));
    }
    faults.sort_by_key(|timed| timed.at);
    for timed in &faults {
        check_fault(world, timed)?;
    }
    Ok(faults)
}

/// Names differ, and their keys with them: draws are keyed by names. Numbers differ anyway.
fn check_names(world: &World, name_keys: &NameKeys) -> Result<(), SetupError> {
    let NameKeys::Listed(keys) = name_keys else { return Ok(()) };
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) else { return Ok(()) };
    let names = world.names.iter().zip(&**keys).filter(|(_, key)| **key == twice[0]);
    let names: Vec<_> = names.map(|(name, _)| name).collect();
    Err(SetupError(format!("nodes need names that differ: {}", names.join(", "))))
}

/// Faults name members, and have an end only where undoing means something.
fn check_fault(world: &World, timed: &TimedFault) -> Result<(), SetupError> {
    let node = match &timed.fault {
        Fault::Crash { node, .. }
        | Fault::Pause(node)
        | Fault::Slow { node, .. }
        | Fault::LateBoot(node)
        | Fault::ClockStep { node, .. }
        | Fault::Drift { node, .. } => Some(*node),
        Fault::Partition(_) | Fault::Cut(_) | Fault::Isolate(_) | Fault::Degrade { .. } => None,
    };
    if let Some(node) = node.filter(|node| node.0 >= world.members) {
        return Err(SetupError(format!("a fault names {node}, which is no member")));
    }
    if matches!(timed.fault, Fault::Slow { .. }) && world.service.is_none() {
        return Err(SetupError("a slow node needs a service model to be slow in".into()));
    }
    let momentary =
        matches!(timed.fault, Fault::LateBoot(_) | Fault::ClockStep { .. } | Fault::Drift { .. });
    match timed.until {
        Some(_) if momentary => Err(SetupError(format!(
            "a fault at {} is not undone by itself: it can have no end",
            timed.at
        ))),
        Some(until) if until < timed.at => {
            Err(SetupError(format!("a fault at {} is undone before that, at {until}", timed.at)))
        }
        _ => Ok(()),
    }
}

impl<N: Node> Kernel<N> {
    /// Puts the faults and the clocks' wandering into the queue.
    fn schedule_plan(&mut self) {
        for index in 0..self.faults.len() {
            let TimedFault { at, until, ref fault } = self.faults[index];
            if let Fault::LateBoot(node) = *fault {
                self.rest(node).held_by.push(index as u32);
                if self.follow.is_some() {
                    continue; // It boots in a step.
                }
            }
            self.schedule(at, Item::Fault(index as u32));
            if let Some(until) = until {
                self.schedule(until, Item::Undo(index as u32));
            }
        }
        if self.hosts.clocks.wander() {
            for node in self.members.iter() {
                self.schedule_wander(node);
            }
        }
    }

    fn schedule_wander(&mut self, node: NodeId) {
        if let Some(every) = self.hosts.clocks.of(node).wander_every() {
            self.wandering += 1;
            self.schedule(self.now + every, Item::Wander(node));
        }
    }

    /// A clock's rate changes; pending timers follow.
    pub(crate) fn wander(&mut self, node: NodeId) {
        self.wandering -= 1;
        self.wanders += 1;
        let now = self.now;
        let (clock, draws) = self.hosts.clocks.of_mut(node);
        clock.wander(now, draws);
        self.reschedule_timers(node);
        self.schedule_wander(node);
    }
}
