//! Runs of the clock synchronisation family.

use seedbed_algorithms::ClockSync;
use seedbed_algorithms::time::Load;
use seedbed_core::clock::{ClockModel, Spread};
use seedbed_core::network::LinkModel;
use seedbed_core::{CheckOutcome, LinkSet, Outcome, Simulation, StopWhen, Verdict, World};
use seedbed_node::{Algorithm, Distribution, Duration, Family, NodeId, Time};

pub const MS: u64 = 1_000_000;

pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub fn secs(s: u64) -> Duration {
    Duration::from_secs(s)
}

/// `nodes` members with perfect clocks and a delay of 1 ms.
pub fn world(seed: u64, nodes: u32, seconds: u64) -> World {
    let mut world = World::new(seed, nodes);
    world.stop.when = StopWhen::At(Time::ZERO + secs(seconds));
    world
}

/// Delays from 1 ms to 40 ms, clocks up to half a second and 100 ppm off; those of the first
/// `true_nodes` are perfect.
pub fn rough(seed: u64, nodes: u32, seconds: u64, true_nodes: u32) -> World {
    let mut world = world(seed, nodes, seconds);
    let delay = Distribution::Uniform(ms(1), ms(40));
    world.network.default = LinkModel { delay, ..LinkModel::default() };
    world.clocks.default = ClockModel {
        offset_ns: Spread::Uniform(-500_000_000, 500_000_000),
        drift_ppb: Spread::Uniform(-100_000, 100_000),
        ..ClockModel::default()
    };
    world.clocks.rules =
        (0..true_nodes).map(|node| (NodeId(node), ClockModel::default())).collect();
    world
}

/// Gives one clock a fixed offset and rate error.
pub fn clock(world: &mut World, node: u32, offset_ns: i64, drift_ppb: i64) {
    let model = ClockModel {
        offset_ns: Spread::Constant(offset_ns),
        drift_ppb: Spread::Constant(drift_ppb),
        ..ClockModel::default()
    };
    world.clocks.rules.insert(0, (NodeId(node), model));
}

/// Gives one directed link a fixed delay.
pub fn link(world: &mut World, from: u32, to: u32, delay_ns: u64) {
    let delay = Distribution::Constant(Duration::from_nanos(delay_ns));
    let model = LinkModel { delay, ..LinkModel::default() };
    world.network.rules.insert(0, (LinkSet::one(NodeId(from), NodeId(to)), model));
}

/// Runs the algorithm with the checks and goals that it promises.
pub fn run<A>(world: &World, params: A::Params, load: &str) -> Outcome
where
    A: Algorithm<Family = ClockSync>,
{
    judged::<A>(world, params, load, |name| !A::UNPROMISED.contains(&name))
}

/// Runs the algorithm with one check alone, so that no other ends the run before it.
pub fn run_only<A>(world: &World, params: A::Params, load: &str, check: &str) -> Outcome
where
    A: Algorithm<Family = ClockSync>,
{
    judged::<A>(world, params, load, |name| name == check)
}

fn judged<A>(world: &World, params: A::Params, load: &str, wanted: impl Fn(&str) -> bool) -> Outcome
where
    A: Algorithm<Family = ClockSync>,
{
    A::check_params(&params, world.members).expect("sensible parameters");
    let load: Load = ron::from_str(load).expect("a load");
    let mut simulation = Simulation::<A>::new(world, params).expect("a sensible world");
    simulation.workload(ClockSync::workload(&load, world.members).expect("a sensible load"));
    for row in ClockSync::checks().into_iter().filter(|row| wanted(row.name)) {
        simulation.check(row.name, (row.build)());
    }
    for row in ClockSync::goals().into_iter().filter(|row| wanted(row.name)) {
        simulation.check(row.name, (row.build)(None));
    }
    for measure in ClockSync::measures() {
        simulation.measure(measure);
    }
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

/// Runs it and panics unless everything that it promises held.
pub fn held<A>(world: &World, params: A::Params, load: &str) -> Outcome
where
    A: Algorithm<Family = ClockSync>,
{
    let outcome = run::<A>(world, params, load);
    let seed = world.seed;
    assert_eq!(outcome.verdict(), Verdict::Held, "{}, seed {seed}: {:?}", A::NAME, outcome.checks);
    outcome
}
