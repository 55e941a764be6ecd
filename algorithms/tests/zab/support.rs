//! Runs of atomic broadcast, with all its checks.

use seedbed_algorithms::zab::{AtomicBroadcast, Event, Load, Request, ZabParams};
use seedbed_algorithms::{Reliable, ReliableParams, Zab};
use seedbed_core::fault::{Fault, RandomFaults, RandomKind, TimedFault};
use seedbed_core::network::LinkModel;
use seedbed_core::{CheckOutcome, Outcome, Simulation, StopWhen, Verdict, Window, World};
use seedbed_node::{Distribution, Duration, Family, Node, NodeId, Time};

pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub fn at(at_ms: u64) -> Time {
    Time::ZERO + ms(at_ms)
}

/// `nodes` servers on FIFO links of 1 to 10 ms, until an instant.
pub fn world(seed: u64, nodes: u32, until_ms: u64) -> World {
    let mut world = World::new(seed, nodes);
    let delay = Distribution::Uniform(ms(1), ms(10));
    world.network.default = LinkModel { delay, fifo: true, ..LinkModel::default() };
    world.stop.when = StopWhen::At(at(until_ms));
    world
}

/// Times that suit [`world`].
pub fn params() -> ZabParams {
    ZabParams {
        finalize_wait: ms(50),
        resend: ms(100),
        resend_max: ms(400),
        heartbeat: ms(50),
        patience: ms(250),
        ..ZabParams::default()
    }
}

/// Everybody broadcasts now and then, and asks again.
pub const BUSY: &str = "(pace: Closed(think: Exponential(mean: \"150ms\"), requests_per_node: 12), \
                         retry: Some((after: \"600ms\", attempts: 40)))";

/// Zab with all checks of its family, goals with a deadline.
pub fn run(world: &World, params: ZabParams, load: &str) -> Outcome {
    simulate::<Zab>(world, params, load)
}

/// The same over the reliable FIFO transport.
pub fn run_reliably(world: &World, params: ZabParams, load: &str) -> Outcome {
    let params = ReliableParams { fifo: true, ..ReliableParams::new(params) };
    simulate::<Reliable<Zab>>(world, params, load)
}

fn simulate<N>(world: &World, params: N::Params, load: &str) -> Outcome
where
    N: Node<Request = Request, Event = Event>,
{
    let load: Load = ron::from_str(load).expect("a load");
    let clients = AtomicBroadcast::workload(&load, world.members).expect("a sensible load");
    let mut simulation = Simulation::<N>::new(world, params).expect("a sensible world");
    simulation.workload(clients);
    for row in AtomicBroadcast::checks() {
        simulation.check(row.name, (row.build)());
    }
    for row in AtomicBroadcast::goals() {
        simulation.check(row.name, (row.build)(Some(Duration::from_secs(5))));
    }
    for measure in AtomicBroadcast::measures() {
        simulation.measure(measure);
    }
    simulation.run()
}

/// Faults of these kinds at random until 6 s; all is well from then on.
pub fn disturbed(mut world: World, kinds: &[RandomKind], down_max: u32) -> World {
    world.faults.random = Some(RandomFaults {
        window: Window { from: Time::ZERO, until: at(6_000) },
        count_max: 14,
        lasting: Distribution::Exponential { mean: ms(700) },
        kinds: kinds.to_vec(),
        down_max,
    });
    world
}

/// A crash that lasts.
pub fn crash(node: u32, from_ms: u64, until_ms: u64) -> TimedFault {
    let fault = Fault::Crash { node: NodeId(node), after_effects: None };
    TimedFault { at: at(from_ms), until: Some(at(until_ms)), fault }
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
        "seed {}: {:?} {:?}",
        outcome.seed,
        outcome.ended_by,
        outcome.checks
    );
}

/// Panics if anything was broken; what is undecided is let pass.
pub fn assert_safe(outcome: &Outcome) {
    let broken = outcome.verdict() == Verdict::Failed;
    assert!(!broken, "seed {}: {:?} {:?}", outcome.seed, outcome.ended_by, outcome.checks);
}

/// How many messages of a kind were sent.
pub fn sent(outcome: &Outcome, kind: &str) -> u64 {
    outcome.messages.by_kind.iter().find(|tally| tally.kind == kind).map_or(0, |tally| tally.sent)
}
