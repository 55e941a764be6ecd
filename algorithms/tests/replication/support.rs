//! Runs of the replication family, with all its checks.

use std::sync::{Arc, Mutex, PoisonError};

use seedbed_algorithms::Replication;
use seedbed_algorithms::replication::{
    Answered, ChainParams, Event, Load, PrimaryBackupParams, Request,
};
use seedbed_core::check::{Consistency, HistoryCheck};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::LinkModel;
use seedbed_core::{CheckOutcome, Outcome, Simulation, StopWhen, Verdict, World};
use seedbed_node::{
    Algorithm, Distribution, Duration, Family, Figures, Measure, NodeId, Observation, Time, What,
};

pub fn us(us: u64) -> Duration {
    Duration::from_micros(us)
}

pub fn at_us(at: u64) -> Time {
    Time::ZERO + us(at)
}

/// Servers, a master and clients' nodes, over links whose delays vary and that keep the order.
pub fn group(seed: u64, servers: u32, clients: u32) -> World {
    let mut world = World::new(seed, servers + 1 + clients);
    let delay = Distribution::Uniform(us(500), us(1500));
    world.network.default = LinkModel { delay, fifo: true, ..LinkModel::default() };
    world
}

/// The same with delays that are always 1 ms.
pub fn steady(seed: u64, servers: u32, clients: u32) -> World {
    let mut world = group(seed, servers, clients);
    world.network.default.delay = Distribution::Constant(us(1000));
    world
}

/// Stops `world` then.
pub fn until_ms(mut world: World, ms: u64) -> World {
    world.stop.when = StopWhen::At(at_us(ms * 1000));
    world
}

/// A crash, for ever or with a restart.
pub fn crash(node: u32, at: Time, until: Option<Time>, after_effects: Option<u32>) -> TimedFault {
    TimedFault { at, until, fault: Fault::Crash { node: NodeId(node), after_effects } }
}

/// `only: [...]` for the clients' nodes of a group.
pub fn only(servers: u32, clients: u32) -> String {
    let nodes = (servers + 1)..(servers + 1 + clients);
    format!("only: [{}]", nodes.map(|n| format!("NodeId({n})")).collect::<Vec<_>>().join(", "))
}

/// Failures are noticed quickly.
pub fn chain(servers: u32) -> ChainParams {
    let (heartbeat, timeout) = (Some(us(5_000)), us(12_000));
    ChainParams { servers, heartbeat, timeout, ..Default::default() }
}

/// The same for primary and backups.
pub fn primary_backup(servers: u32) -> PrimaryBackupParams {
    let (heartbeat, timeout) = (Some(us(5_000)), us(12_000));
    PrimaryBackupParams { servers, heartbeat, timeout, ..Default::default() }
}

/// A run in the making.
pub fn simulation<A>(world: &World, params: A::Params, load: &str) -> Simulation<A>
where
    A: Algorithm<Family = Replication>,
{
    A::check_params(&params, world.members).expect("sensible parameters");
    let load: Load = ron::from_str(load).expect("a load");
    let clients = Replication::workload(&load, world.members).expect("a sensible load");
    let mut simulation = Simulation::<A>::new(world, params).expect("a sensible world");
    simulation.workload(clients);
    for measure in Replication::measures() {
        simulation.measure(measure);
    }
    simulation
}

/// Runs with the family's safety checks, these consistencies, and every request answered: within a
/// second where the run has a time to stop.
pub fn run<A>(
    world: &World,
    params: A::Params,
    load: &str,
    consistencies: &[Consistency],
) -> Outcome
where
    A: Algorithm<Family = Replication>,
{
    let mut simulation = simulation::<A>(world, params, load);
    for row in Replication::checks() {
        simulation.check(row.name, (row.build)());
    }
    for &consistency in consistencies {
        let historian = Replication::history().expect("the family has histories");
        simulation.check(consistency.name(), Box::new(HistoryCheck::new(historian, consistency)));
    }
    let within = matches!(world.stop.when, StopWhen::At(_)).then(|| us(400_000));
    simulation.check("Answered", Box::new(Answered::new(within)));
    simulation.run()
}

/// What became of one check.
pub fn check<'a>(outcome: &'a Outcome, name: &str) -> &'a CheckOutcome {
    outcome.checks.iter().find(|check| check.name == name).expect("the check was added")
}

/// Whether a check failed.
pub fn breached(outcome: &Outcome, name: &str) -> bool {
    check(outcome, name).verdict == Verdict::Failed
}

/// Panics unless everything held.
pub fn assert_held(outcome: &Outcome) {
    assert_eq!(
        outcome.verdict(),
        Verdict::Held,
        "seed {}, {:?}: {:#?}",
        outcome.seed,
        outcome.faults,
        outcome.checks
    );
}

/// An answer: when, to what, and how long it took.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub at: Time,
    pub is_read: bool,
    pub took: Duration,
}

/// Notes every answer to the nanosecond.
#[derive(Clone, Default)]
pub struct Answers {
    asked: Vec<(Request, Time)>,
    answers: Arc<Mutex<Vec<Answer>>>,
}

impl Answers {
    pub fn all(&self) -> Vec<Answer> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Measure<Request, Event> for Answers {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, _figures: &mut dyn Figures) {
        match &seen.what {
            What::Request { request, .. } => self.asked.push((**request, seen.at)),
            What::Event { event: Event::Value { operation, .. }, .. }
            | What::Event { event: Event::Written { operation }, .. } => {
                let asked =
                    self.asked.iter().find(|(request, _)| request.operation() == *operation);
                let (request, asked) = asked.expect("answers follow questions");
                let is_read = matches!(request, Request::Read { .. });
                let answer = Answer { at: seen.at, is_read, took: seen.at.since(*asked) };
                self.answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
            }
            _ => {}
        }
    }
}

/// Runs and gives all answers.
pub fn answers<A>(world: &World, params: A::Params, load: &str) -> Vec<Answer>
where
    A: Algorithm<Family = Replication>,
{
    let mut simulation = simulation::<A>(world, params, load);
    let answers = Answers::default();
    simulation.measure(Box::new(answers.clone()));
    simulation.run();
    answers.all()
}
