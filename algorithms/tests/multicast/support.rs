//! Runs of the multicast family, with all its checks.

use seedbed_algorithms::Multicast;
use seedbed_algorithms::multicast::Load;
use seedbed_core::network::LinkModel;
use seedbed_core::{CheckOutcome, Outcome, Simulation, Verdict, World};
use seedbed_node::{Algorithm, Distribution, Duration, Family};

/// Everybody multicasts often: many messages are on their way at once.
pub const BUSY: &str =
    "(pace: Open(every: Exponential(mean: \"15ms\"), requests_per_node: 10, at_once: 100))";

/// `nodes` members on a network whose delays vary, so that messages overtake each other unless
/// `fifo`.
pub fn jittery(seed: u64, nodes: u32, fifo: bool) -> World {
    let mut world = World::new(seed, nodes);
    let delay = Distribution::Uniform(Duration::from_millis(1), Duration::from_millis(40));
    world.network.default = LinkModel { delay, fifo, ..LinkModel::default() };
    world
}

/// Runs the algorithm with the checks and goals that it promises, and with `also`.
pub fn run<A>(world: &World, params: A::Params, load: &str, also: &[&str]) -> Outcome
where
    A: Algorithm<Family = Multicast>,
{
    let load: Load = ron::from_str(load).expect("a load");
    let mut simulation = Simulation::<A>::new(world, params).expect("a sensible world");
    simulation.workload(Multicast::workload(&load, world.members).expect("a sensible load"));
    for row in Multicast::checks() {
        if also.contains(&row.name) || !A::UNPROMISED.contains(&row.name) {
            simulation.check(row.name, (row.build)());
        }
    }
    for row in Multicast::goals() {
        simulation.check(row.name, (row.build)(None));
    }
    for measure in Multicast::measures() {
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

/// Runs it with the checks that it promises, and panics unless they held.
pub fn held<A>(world: &World, params: A::Params, load: &str) -> Outcome
where
    A: Algorithm<Family = Multicast>,
{
    let outcome = run::<A>(world, params, load, &[]);
    let seed = world.seed;
    assert_eq!(outcome.verdict(), Verdict::Held, "{}, seed {seed}: {:?}", A::NAME, outcome.checks);
    outcome
}
