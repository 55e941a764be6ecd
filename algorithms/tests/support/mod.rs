//! Runs of the mutual exclusion family, with all its checks.

#![allow(dead_code, reason = "each test crate uses its own part")]

use seedbed_algorithms::mutex::{
    EveryoneServed, Granted, Load, Mutex, MutualExclusion, RequestOrder,
};
use seedbed_algorithms::{Reliable, ReliableParams};
use seedbed_core::network::LinkModel;
use seedbed_core::{CheckOutcome, Outcome, Simulation, StopWhen, Verdict, World};
use seedbed_node::{Algorithm, Distribution, Duration, Family, Node, Time};

/// Everybody wants in again as soon as they have left.
pub const SATURATED: &str =
    "Closed(think: Constant(\"0s\"), hold: Constant(\"5ms\"), requests_per_node: 6)";

/// Requests come and go; many are concurrent.
pub const BUSY: &str = "Closed(think: Exponential(mean: \"20ms\"), hold: Uniform(\"1ms\", \"5ms\"), \
                        requests_per_node: 8)";

/// Entries last longer than messages travel.
pub const LONG: &str = "Closed(think: Exponential(mean: \"20ms\"), \
                        hold: Uniform(\"50ms\", \"150ms\"), requests_per_node: 4)";

/// `nodes` members that run until nothing more can happen.
pub fn world(seed: u64, nodes: u32) -> World {
    World::new(seed, nodes)
}

/// Stops `world` when all are served: for a token that circulates for ever.
pub fn served(mut world: World) -> World {
    world.stop.when = StopWhen::Served;
    world
}

/// The same on a network whose delays vary, so that messages overtake each other unless `fifo`.
pub fn jittery(seed: u64, nodes: u32, fifo: bool) -> World {
    let mut world = world(seed, nodes);
    let delay = Distribution::Uniform(Duration::from_millis(1), Duration::from_millis(40));
    world.network.default = LinkModel { delay, fifo, ..LinkModel::default() };
    world
}

/// Stops `world` after so many seconds.
pub fn until(mut world: World, seconds: u64) -> World {
    world.stop.when = StopWhen::At(Time::ZERO + Duration::from_secs(seconds));
    world
}

/// Runs the algorithm with all checks of its family; `RequestOrder` where `ordered`.
pub fn run<A>(world: &World, params: A::Params, load: &str, ordered: bool) -> Outcome
where
    A: Algorithm<Family = Mutex>,
{
    simulate::<A>(world, params, load, ordered)
}

/// The same over the reliable transport.
pub fn run_reliably<A>(world: &World, params: A::Params, load: &str, fifo: bool) -> Outcome
where
    A: Algorithm<Family = Mutex>,
{
    let params = ReliableParams { fifo, ..ReliableParams::new(params) };
    simulate::<Reliable<A>>(world, params, load, false)
}

fn simulate<N>(world: &World, params: N::Params, load: &str, ordered: bool) -> Outcome
where
    N: Node<Request = <Mutex as Family>::Request, Event = <Mutex as Family>::Event>,
{
    let load: Load = ron::from_str(load).expect("a load");
    let clients = Mutex::workload(&load, world.members).expect("a sensible load");
    let mut simulation = Simulation::<N>::new(world, params).expect("a sensible world");
    simulation.workload(clients);
    simulation.check("MutualExclusion", Box::new(MutualExclusion::default()));
    if ordered {
        simulation.check("RequestOrder", Box::new(RequestOrder::default()));
    }
    simulation.check("Granted", Box::new(Granted::new(None)));
    simulation.check("EveryoneServed", Box::new(EveryoneServed::new(None)));
    for measure in Mutex::measures() {
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

/// Panics unless everything held.
pub fn assert_held(outcome: &Outcome) {
    assert_eq!(outcome.verdict(), Verdict::Held, "seed {}: {:?}", outcome.seed, outcome.checks);
}
