//! A run from set-up to outcome.

use std::fmt;

use seedbed_node::{
    Checker, Draws, Ending, Measure, Members, Message, Node, NodeId, Time, Workload,
};

use crate::causality::Causality;
use crate::clock::Clock;
use crate::counters::Counters;
use crate::fault::{Fault, TimedFault, strategy};
use crate::judges::Judges;
use crate::kernel::{Host, Item, Kernel};
use crate::ledger::Ledger;
use crate::network::Network;
use crate::outcome::{CheckOutcome, EndedBy, Outcome, Verdict, Writes};
use crate::rng::{Keys, Purpose, name_key};
use crate::service::ServiceConfig;
use crate::station::Service;
use crate::trace::{ClockAudit, ClockKind, Clocks, Digest, Sink};
use crate::tracer::Tracer;
use crate::world::World;

/// One run of one algorithm: set it up, watch it, run it.
///
/// ```
/// use seedbed_core::{Simulation, World};
/// # use seedbed_node::*;
/// # #[derive(Clone, PartialEq, Eq, Hash, Debug)] struct Hello;
/// # #[derive(Clone, PartialEq, Eq, Hash, Debug, Message)] struct Hi;
/// # impl Node for Hello {
/// #     type Params = (); type Message = Hi; type Timer = (); type Request = (); type Event = ();
/// #     type Durable = ();
/// #     fn start(_: &(), cx: &mut Context<'_, Self>) -> Self { cx.broadcast(Hi); Hello }
/// #     fn on_message(&mut self, _: NodeId, _: Hi, _: &mut Context<'_, Self>) {}
/// # }
/// let outcome = Simulation::<Hello>::new(&World::new(42, 3), ()).unwrap().run();
/// assert_eq!(outcome.messages.delivered, 6);
/// ```
pub struct Simulation<N: Node> {
    pub(crate) nodes: Vec<Option<N>>,
    pub(crate) params: N::Params,
    pub(crate) kernel: Kernel<N>,
    pub(crate) booted: bool,
    seed: u64,
}

/// Why a world cannot be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetupError(String);

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SetupError {}

impl<N: Node> Simulation<N> {
    /// Sets up a run of nodes with these parameters in `world`. Nothing happens yet.
    pub fn new(world: &World, params: N::Params) -> Result<Self, SetupError> {
        if world.members == 0 {
            return Err(SetupError("a run needs at least one node".into()));
        }
        if world.members > world.names.count() {
            return Err(SetupError("every member needs a name".into()));
        }
        let keys = Keys::of_seed(world.seed);
        let name_keys: Vec<u64> = world.names.iter().map(name_key).collect();
        check_names(world, &name_keys)?;
        let network = Network::new(&world.network, world.members, &name_keys, &keys)
            .map_err(|e| SetupError(e.to_string()))?;
        world.clocks.check().map_err(SetupError)?;
        world.service.iter().try_for_each(ServiceConfig::check).map_err(SetupError)?;
        let faults = plan(world, &keys)?;
        let client = |key: &u64| keys.draws(Purpose::Client, *key, 0, 0);
        let members = &name_keys[..world.members as usize];
        let kernel = Kernel {
            now: Time::ZERO,
            ended_at: Time::ZERO,
            events: 0,
            sequence: 0,
            queue: Default::default(),
            ties: world.ties,
            stop: world.stop,
            ended: None,
            members: Members(world.members),
            names: world.names.clone(),
            network,
            flights: Default::default(),
            flight_count: 0,
            hosts: members
                .iter()
                .zip(world.member_ids())
                .map(|(key, node)| host(world, &keys, *key, node))
                .collect(),
            service: world.service.as_ref().map(Service::new::<N::Message>),
            asks: Default::default(),
            workload: None,
            client_draws: members.iter().map(client).collect(),
            client_begun: vec![0; members.len()],
            actions: Vec::new(),
            ledger: Ledger::new::<N::Message>(world.members),
            judges: Judges::default(),
            counters: Counters::new::<N::Message>(world.members, world.count_reordered),
            writes: Writes::default(),
            timers_fired: 0,
            handles: vec![None; faults.len()],
            faults,
            digest: Digest::new(world.digest),
            tracer: Tracer::default(),
            causality: world.causality.then(|| Causality::new(world.members)),
            active: None,
            wandering: 0,
            wanders: 0,
            outdated: 0,
            name_keys,
            keys,
        };
        let nodes = (0..world.members).map(|_| None).collect();
        let mut simulation = Simulation { nodes, params, kernel, booted: false, seed: world.seed };
        simulation.kernel.schedule_plan();
        Ok(simulation)
    }

    /// Gives the nodes clients.
    pub fn workload(&mut self, workload: Box<dyn Workload<N::Request, N::Event>>) -> &mut Self {
        self.kernel.workload = Some(workload);
        self
    }

    /// Adds a check under a name.
    pub fn check(
        &mut self,
        name: impl Into<String>,
        checker: Box<dyn Checker<N::Request, N::Event>>,
    ) -> &mut Self {
        self.kernel.judges.check(name.into(), checker);
        if self.kernel.judges.need_causality() && self.kernel.causality.is_none() {
            self.kernel.causality = Some(Causality::new(self.kernel.members.count()));
        }
        self
    }

    /// Adds a measure.
    pub fn measure(&mut self, measure: Box<dyn Measure<N::Request, N::Event>>) -> &mut Self {
        self.kernel.judges.measure(measure);
        self
    }

    /// Adds a consumer of the trace.
    pub fn trace(&mut self, sink: Box<dyn Sink>) -> &mut Self {
        self.kernel.tracer.sinks.push(sink);
        self
    }

    /// Has every record of the trace stamped with these logical clocks.
    pub fn annotate(&mut self, clocks: &[ClockKind]) -> &mut Self {
        let members = self.kernel.members.count();
        self.kernel.tracer.clocks = Some(Clocks::new(clocks, members));
        self
    }

    /// Adds the check that these logical clocks agree with the true happened-before of the trace;
    /// its outcome comes after those of the checkers.
    pub fn audit_clocks(&mut self, name: impl Into<String>, clocks: &[ClockKind]) -> &mut Self {
        let members = self.kernel.members.count();
        let audit = ClockAudit::new(Clocks::new(clocks, members), members);
        self.kernel.tracer.audit = Some((name.into(), audit));
        self
    }

    /// Runs to the end.
    pub fn run(mut self) -> Outcome {
        self.run_to_end();
        let waits_for = self.ask_whom_nodes_wait_for();
        self.finish(&waits_for)
    }

    fn finish(self, waits_for: &[Vec<NodeId>]) -> Outcome {
        let Simulation { mut kernel, seed, .. } = self;
        for (_, flight) in &kernel.flights {
            if flight.counted {
                kernel.counters.in_flight(flight.message.kind());
            }
        }
        let ended_by = kernel.ended.take().unwrap_or(EndedBy::Quiet);
        let down: Vec<NodeId> =
            kernel.members.iter().filter(|node| !kernel.hosts[node.index()].up).collect();
        let ending = Ending {
            at: kernel.ended_at,
            quiet: ended_by == EndedBy::Quiet,
            down: &down,
            pending: &kernel.ledger.pending(),
            waits_for,
            names: &kernel.names,
        };
        let (mut checks, measures) = kernel.judges.finish(&ending);
        if let Some((name, audit)) = kernel.tracer.audit {
            checks.push(audited(name, &audit, &kernel.names));
        }
        let clocks_at = kernel.ended_at.max(kernel.now);
        let hops = kernel.counters.hops;
        let (messages, transport) = kernel.counters.finish::<N::Message>();
        Outcome {
            seed,
            nodes: kernel.members.count(),
            digest: kernel.digest.so_far(),
            events: kernel.events,
            ended_at: kernel.ended_at,
            ended_by,
            checks,
            operations: kernel.ledger.finish::<N::Message>(messages.sent),
            messages,
            transport,
            hops,
            writes: kernel.writes,
            timers_fired: kernel.timers_fired,
            wall_lead_ns: wall_lead(kernel.hosts.iter().map(|host| &host.clock), clocks_at),
            measures,
            faults: kernel.faults,
        }
    }
}

/// The least and the greatest lead of these clocks over true time; none without clocks.
fn wall_lead<'a>(clocks: impl Iterator<Item = &'a Clock>, at: Time) -> (i64, i64) {
    let now = i64::try_from(at.0).unwrap_or(i64::MAX);
    let leads = clocks.map(|clock| clock.wall(at).0.saturating_sub(now));
    let widest = leads.fold(None, |widest: Option<(i64, i64)>, lead| {
        let (least, greatest) = widest.unwrap_or((lead, lead));
        Some((least.min(lead), greatest.max(lead)))
    });
    widest.unwrap_or_default()
}

fn audited(name: String, audit: &ClockAudit, names: &seedbed_node::Names) -> CheckOutcome {
    let (conclusion, detail) = audit.judge(names);
    let (verdict, at) = match conclusion {
        seedbed_node::Conclusion::Held => (Verdict::Held, None),
        seedbed_node::Conclusion::Failed(breach) => (Verdict::Failed, Some(breach.at)),
        seedbed_node::Conclusion::Inconclusive(_) => (Verdict::Inconclusive, None),
    };
    CheckOutcome { name, verdict, detail, at }
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

/// Names differ, and their keys with them: draws are keyed by names.
fn check_names(world: &World, name_keys: &[u64]) -> Result<(), SetupError> {
    let mut sorted = name_keys.to_vec();
    sorted.sort_unstable();
    let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) else { return Ok(()) };
    let names = world.names.iter().zip(name_keys).filter(|(_, key)| **key == twice[0]);
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

fn host<N: Node>(world: &World, keys: &Keys, name_key: u64, node: NodeId) -> Host<N> {
    let mut clock_draws: Draws = keys.draws(Purpose::Clock, name_key, 0, 0);
    Host {
        up: false,
        held_by: Vec::new(),
        paused_by: Vec::new(),
        slowed_by: Vec::new(),
        boots: 0,
        clock: Clock::new(world.clocks.model(node), &mut clock_draws),
        clock_draws,
        timers: Default::default(),
        durable: Default::default(),
        lazy: Vec::new(),
        choices: 0,
        services: 0,
        ordinal: 0,
        ordinal_at: Time::MAX,
        last_to: NodeId(0),
        crash_after: None,
        backlog: Default::default(),
        station: Default::default(),
    }
}

impl<N: Node> Kernel<N> {
    /// Puts the faults and the clocks' wandering into the queue.
    fn schedule_plan(&mut self) {
        for index in 0..self.faults.len() {
            let TimedFault { at, until, ref fault } = self.faults[index];
            if let Fault::LateBoot(node) = *fault {
                self.host(node).held_by.push(index as u32);
            }
            self.schedule(at, Item::Fault(index as u32));
            if let Some(until) = until {
                self.schedule(until, Item::Undo(index as u32));
            }
        }
        for node in self.members.iter() {
            self.schedule_wander(node);
        }
    }

    fn schedule_wander(&mut self, node: NodeId) {
        if let Some(every) = self.hosts[node.index()].clock.wander_every() {
            self.wandering += 1;
            self.schedule(self.now + every, Item::Wander(node));
        }
    }

    /// A clock's rate changes; pending timers follow.
    pub(crate) fn wander(&mut self, node: NodeId) {
        self.wandering -= 1;
        self.wanders += 1;
        let now = self.now;
        let host = &mut self.hosts[node.index()];
        host.clock.wander(now, &mut host.clock_draws);
        self.reschedule_timers(node);
        self.schedule_wander(node);
    }
}
