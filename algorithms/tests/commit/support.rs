//! Runs of the family, with all its checks.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use seedbed_algorithms::Commitment;
use seedbed_algorithms::commit::{
    Agreement, Decided, Load, LocksExclusive, NonBlocking, Presume, TwoPhaseParams, Unanimous,
    Validity,
};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::LinkModel;
use seedbed_core::trace::{Occurrence, Record};
use seedbed_core::{CheckOutcome, LinkSet, Outcome, Simulation, StopWhen, Verdict, World};
use seedbed_node::{Algorithm, Distribution, Duration, Family, NodeId, Time};

pub const PRESUMPTIONS: [Presume; 3] = [Presume::Nothing, Presume::Abort, Presume::Commit];

pub fn presuming(presume: Presume) -> TwoPhaseParams {
    TwoPhaseParams { presume, ..TwoPhaseParams::default() }
}

pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub fn at(time: Duration) -> Time {
    Time::ZERO + time
}

/// Stops `world` after so long.
pub fn until(mut world: World, time: Duration) -> World {
    world.stop.when = StopWhen::At(at(time));
    world
}

/// A crash at once, or in the next handler after so many effects.
pub fn crash(node: u32, from: Time, until: Option<Time>, after_effects: Option<u32>) -> TimedFault {
    TimedFault { at: from, until, fault: Fault::Crash { node: NodeId(node), after_effects } }
}

/// Delays of about a millisecond, no two alike, and no sum of a few like another: no two messages
/// of one transaction reach a node at once.
pub fn uneven(seed: u64, nodes: u32) -> World {
    let mut world = World::new(seed, nodes);
    for (from, to) in (0..nodes).flat_map(|from| (0..nodes).map(move |to| (from, to))) {
        let place = u64::from(from * nodes + to);
        let delay = Duration::from_nanos(1_000_000 + 10_007 * place + 31 * place * place);
        let delay = Distribution::Constant(delay);
        let links = LinkSet::one(NodeId(from), NodeId(to));
        world.network.rules.push((links, LinkModel { delay, ..LinkModel::default() }));
    }
    world
}

/// Runs the algorithm with all checks of its family.
pub fn run<A: Algorithm<Family = Commitment>>(
    world: &World,
    params: A::Params,
    load: &str,
) -> Outcome {
    simulation::<A>(world, params, load).run()
}

/// When each node handled something. No node does so twice at once, so that an instant names a
/// handler.
pub fn instants<A: Algorithm<Family = Commitment>>(
    world: &World,
    params: A::Params,
    load: &str,
) -> Vec<(NodeId, Time)> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let mut simulation = simulation::<A>(world, params, load);
    simulation.trace(Box::new(move |record: &Record<'_>| {
        use Occurrence::{Boot, Deliver, Request, Timer};
        let again = matches!(record.what, Boot(incarnation) if incarnation > 0);
        if again || matches!(record.what, Deliver { .. } | Request { .. } | Timer(_)) {
            sink.lock().expect("one thread").push((record.node, record.at));
        }
    }));
    simulation.run();
    let seen = seen.lock().expect("one thread");
    let distinct: BTreeSet<(NodeId, Time)> = seen.iter().copied().collect();
    assert_eq!(distinct.len(), seen.len(), "a node handles two things at once: {seen:?}");
    seen.clone()
}

/// A crash at every point of the handlers at these instants: before the first effect, between any
/// two, and after the last. No handler may have more than `effects_max`.
pub fn crash_points(
    instants: Vec<(NodeId, Time)>,
    effects_max: u32,
) -> impl Iterator<Item = (NodeId, Time, Option<u32>)> {
    instants.into_iter().flat_map(move |(node, at)| {
        // Armed just before, for a boot as well.
        let within = (0..effects_max).map(move |effects| (node, Time(at.0 - 1), Some(effects)));
        within.chain([(node, Time(at.0 + 1), None)])
    })
}

fn simulation<A: Algorithm<Family = Commitment>>(
    world: &World,
    params: A::Params,
    load: &str,
) -> Simulation<A> {
    let load: Load = ron::from_str(load).expect("a load");
    let clients = Commitment::workload(&load, world.members).expect("a sensible load");
    A::check_params(&params, world.members).expect("sensible parameters");
    let mut simulation = Simulation::<A>::new(world, params).expect("a sensible world");
    simulation.workload(clients);
    simulation.check("Agreement", Box::new(Agreement::default()));
    simulation.check("Validity", Box::new(Validity::default()));
    simulation.check("LocksExclusive", Box::new(LocksExclusive::default()));
    if !A::UNPROMISED.contains(&"NonBlocking") {
        simulation.check("NonBlocking", Box::new(NonBlocking::default()));
    }
    simulation.check("Decided", Box::new(Decided::new(None)));
    simulation.check("Unanimous", Box::new(Unanimous::new(None)));
    for measure in Commitment::measures() {
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

/// Panics unless everything held.
pub fn assert_held(outcome: &Outcome, what: impl Fn() -> String) {
    assert_eq!(
        outcome.verdict(),
        Verdict::Held,
        "seed {}, {}: {:?} {:?}",
        outcome.seed,
        what(),
        outcome.ended_by,
        outcome.checks
    );
}
