//! Runs of the election family, with all its checks.

use seedbed_algorithms::election::{BestLeader, Election, Learned, Load, NoOverlap, OneLeader};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::LinkModel;
use seedbed_core::{CheckOutcome, Outcome, Simulation, StopWhen, Verdict, World};
use seedbed_node::{Algorithm, Distribution, Duration, Family, NodeId, Time};

/// Everybody begins at once.
pub const ALL: &str = "Script(elections: [(at: \"10ms\")])";

pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub fn at_ms(at: u64) -> Time {
    Time::ZERO + ms(at)
}

/// One node begins at 10 ms.
pub fn single(node: u32) -> String {
    format!("Script(elections: [(at: \"10ms\", nodes: [NodeId({node})])])")
}

/// Delays are always 1 ms.
pub fn world(seed: u64, nodes: u32) -> World {
    let mut world = World::new(seed, nodes);
    // What never goes quiet, by a bug, is given up.
    world.stop.events_max = 200_000;
    world
}

/// Delays vary between 1 and 20 ms.
pub fn jittery(seed: u64, nodes: u32, fifo: bool) -> World {
    let mut world = world(seed, nodes);
    let delay = Distribution::Uniform(ms(1), ms(20));
    world.network.default = LinkModel { delay, fifo, ..LinkModel::default() };
    world
}

/// Stops `world` after so many seconds.
pub fn until(mut world: World, seconds: u64) -> World {
    world.stop.when = StopWhen::At(Time::ZERO + Duration::from_secs(seconds));
    world
}

/// `node` is down from `from` on, and up again at `until`.
pub fn down(node: u32, from_ms: u64, until_ms: Option<u64>) -> TimedFault {
    let fault = Fault::Crash { node: NodeId(node), after_effects: None };
    TimedFault { at: at_ms(from_ms), until: until_ms.map(at_ms), fault }
}

/// Runs the algorithm with all checks of its family that it promises.
pub fn run<A>(world: &World, params: A::Params, load: &str) -> Outcome
where
    A: Algorithm<Family = Election>,
{
    run_within::<A>(world, params, load, None)
}

/// The same with a deadline for everybody's learning.
pub fn run_within<A>(
    world: &World,
    params: A::Params,
    load: &str,
    within: Option<Duration>,
) -> Outcome
where
    A: Algorithm<Family = Election>,
{
    let mut simulation = simulation::<A>(world, params, load);
    simulation.check("OneLeader", Box::new(OneLeader::default()));
    simulation.check("BestLeader", Box::new(BestLeader::default()));
    if !A::UNPROMISED.contains(&"NoOverlap") {
        simulation.check("NoOverlap", Box::new(NoOverlap::default()));
    }
    simulation.check("Learned", Box::new(Learned::new(within)));
    simulation.run()
}

/// Without any check, but with clients and measures.
pub fn simulation<A>(world: &World, params: A::Params, load: &str) -> Simulation<A>
where
    A: Algorithm<Family = Election>,
{
    A::check_params(&params, world.members).expect("sensible parameters");
    let load: Load = ron::from_str(load).expect("a load");
    let mut simulation = Simulation::<A>::new(world, params).expect("a sensible world");
    simulation.workload(Election::workload(&load, world.members).expect("a sensible load"));
    for measure in Election::measures() {
        simulation.measure(measure);
    }
    simulation
}

/// What became of one check.
pub fn check<'a>(outcome: &'a Outcome, name: &str) -> &'a CheckOutcome {
    outcome.checks.iter().find(|check| check.name == name).expect("the check was added")
}

/// Whether a check failed.
pub fn breached(outcome: &Outcome, name: &str) -> bool {
    check(outcome, name).verdict == Verdict::Failed
}

/// Panics unless everything held and everybody who asked was answered.
pub fn assert_held(outcome: &Outcome) {
    assert_eq!(outcome.verdict(), Verdict::Held, "seed {}: {:?}", outcome.seed, outcome.checks);
    assert_eq!(outcome.operations.pending, 0, "seed {}: all were answered", outcome.seed);
}

/// How many messages of a kind were sent.
pub fn sent(outcome: &Outcome, kind: &str) -> u64 {
    let tallies = outcome.messages.by_kind.iter().chain(&outcome.transport.by_kind);
    tallies.filter(|tally| tally.kind == kind).map(|tally| tally.sent).sum()
}

/// All orders of `0..n`.
pub fn permutations(n: u32) -> Vec<Vec<u32>> {
    let mut all = vec![Vec::new()];
    for next in 0..n {
        all = all
            .into_iter()
            .flat_map(|order: Vec<u32>| {
                (0..=order.len()).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, next);
                    longer
                })
            })
            .collect();
    }
    all
}

/// Some order of `0..n`.
pub fn shuffled(seed: u64, n: u32) -> Vec<u32> {
    let mut ids: Vec<u32> = (0..n).collect();
    seedbed_node::Draws::keyed(seed).shuffle(&mut ids);
    ids
}
