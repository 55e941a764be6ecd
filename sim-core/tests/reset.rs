//! A run in the memory of an earlier one is the run that it would be in new memory.
#![allow(missing_docs)]

use seedbed_core::clock::{ClockConfig, ClockModel, Spread, Wander};
use seedbed_core::fault::{Fault, RandomFaults, RandomKind, TimedFault};
use seedbed_core::network::{Bandwidth, Corruption, LinkModel, Loss, Topology};
use seedbed_core::service::ServiceConfig;
use seedbed_core::trace::{Line, Transcript};
use seedbed_core::world::Window;
use seedbed_core::{LinkSet, Outcome, Simulation, StopWhen, Ties, World};
use seedbed_node::{
    Client, Context, Distribution, Durable, Duration, Message, Node, NodeId, Probability, Time,
    Wire, Workload,
};

const MS: u64 = 1_000_000;

/// What a node says; an acknowledgement is a transport's.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Wire)]
enum Talk {
    News(u32),
    Heard(u32),
}

impl Message for Talk {
    const KINDS: usize = 2;
    const TRANSPORT_FROM: usize = 1;
    fn kind(&self) -> usize {
        usize::from(matches!(self, Talk::Heard(_)))
    }
    fn kind_name(kind: usize) -> &'static str {
        ["News", "Heard"][kind]
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Log(Vec<u32>);

impl Durable for Log {
    type Write = u32;
    fn apply(&mut self, record: &u32) {
        self.0.push(*record);
    }
}

/// Does everything that a node can do.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Busybody;

const ALARM: u32 = u32::MAX;

impl Node for Busybody {
    type Params = ();
    type Message = Talk;
    type Timer = u32;
    type Request = u32;
    type Event = u32;
    type Durable = Log;

    fn start(log: &Log, cx: &mut Context<'_, Self>) -> Self {
        cx.emit(log.0.len() as u32);
        cx.set_timer(0, Duration::from_millis(1));
        Busybody
    }

    fn on_message(&mut self, from: NodeId, message: Talk, cx: &mut Context<'_, Self>) {
        if let Talk::News(n) = message {
            cx.emit(n);
            cx.send(from, Talk::Heard(n));
        }
    }

    fn on_request(&mut self, n: u32, cx: &mut Context<'_, Self>) {
        for _ in 0..40 {
            cx.broadcast(Talk::News(n));
        }
    }

    fn on_timer(&mut self, n: u32, cx: &mut Context<'_, Self>) {
        assert!(n != ALARM, "it is put off every time");
        let to = NodeId(cx.choose(cx.members().count()));
        cx.send(to, Talk::News(n));
        if n.is_multiple_of(3) {
            cx.force(n)
        } else {
            cx.write(n)
        }
        let wall = cx.wall();
        cx.emit(wall.as_nanos() as u32);
        cx.step_clock(1_000);
        cx.set_timer(ALARM, Duration::from_secs(9));
        cx.set_timer(n + 1, Duration::from_millis(2));
    }
}

/// Every client asks every 20 ms, and once more after a restart.
#[derive(Clone, Hash)]
struct Askers;

impl Askers {
    fn ask(cx: &mut Client<'_, u32>) {
        let operation = cx.begin();
        cx.request(operation, operation.number);
        let pause = cx.draws().below(40) * MS;
        cx.wake(Duration::from_nanos(pause + 1), 7);
        if pause < 20 * MS {
            cx.complete(operation);
        }
    }
}

impl Workload<u32, u32> for Askers {
    fn on_start(&mut self, _: NodeId, cx: &mut Client<'_, u32>) {
        Askers::ask(cx);
    }
    fn on_event(&mut self, _: NodeId, _: &u32, _: &mut Client<'_, u32>) {}
    fn on_wake(&mut self, _: NodeId, _: u64, cx: &mut Client<'_, u32>) {
        Askers::ask(cx);
    }
    fn on_refused(&mut self, _: NodeId, _: u32, _: &mut Client<'_, u32>) {}
    fn on_restart(&mut self, _: NodeId, cx: &mut Client<'_, u32>) {
        Askers::ask(cx);
    }
    fn finished(&self) -> bool {
        false
    }
}

/// Every feature of the kernel at once, for a third of a second.
fn eventful() -> World {
    let p = |value| Probability::new(value).expect("a probability");
    let mut world = World::new(1, 4);
    let relay = world.names.push("relay");
    let spokes = (0..4).map(|node| (NodeId(node), relay, 1));
    let edges = spokes.chain([(NodeId(0), NodeId(1), 1)]).collect();
    world.network.topology = Some(Topology { edges });
    world.network.default = LinkModel {
        delay: Distribution::Uniform(Duration::from_millis(1), Duration::from_millis(30)),
        loss: Loss::GilbertElliott { enter: p(0.1), leave: p(0.3), good: p(0.01), bad: p(0.5) },
        duplicate: p(0.1),
        corrupt: Corruption { chance: p(0.1), undetected: true },
        fifo: false,
        bandwidth: Some(Bandwidth { bits_per_s: 10_000_000, queue_max: 100 }),
    };
    let fifo = LinkModel { fifo: true, ..LinkModel::default() };
    world.network.rules = vec![(LinkSet::one(NodeId(0), NodeId(1)), fifo)];
    let every = Duration::from_millis(10);
    let wander = Some(Wander { every, step_ppb: 1_000, bound_ppb: 100_000 });
    let drift_ppb = Spread::Uniform(-100_000, 100_000);
    let clock = ClockModel { drift_ppb, wander, ..ClockModel::default() };
    world.clocks = ClockConfig { default: clock, rules: vec![] };
    world.service = Some(ServiceConfig {
        default: Distribution::Exponential { mean: Duration::from_micros(100) },
        by_kind: vec![],
        cores: 2,
        queue_max: Some(200),
    });
    use RandomKind::{Crash, CrashBetweenEffects, Cut, Degrade, Isolate, Partition, Pause};
    let kinds = vec![Crash, CrashBetweenEffects, Cut, Degrade, Isolate, Partition, Pause];
    let window = Window { from: Time(10 * MS), until: Time(290 * MS) };
    let lasting = Distribution::Constant(Duration::from_millis(20));
    world.faults.random = Some(RandomFaults { window, count_max: 20, lasting, kinds, down_max: 2 });
    let late = TimedFault { at: Time(50 * MS), until: None, fault: Fault::LateBoot(NodeId(3)) };
    let slow = Fault::Slow { node: NodeId(0), permille: 5_000 };
    let slow = TimedFault { at: Time(100 * MS), until: Some(Time(150 * MS)), fault: slow };
    world.ties = Ties::Shuffled;
    world.causality = true;
    world.stop.when = StopWhen::At(Time(300 * MS));
    world.fault(late).fault(slow)
}

/// Only delays: the short ways through the kernel, which end in the middle of everything.
fn plain() -> World {
    let mut world = World::new(1, 4);
    world.network.default.delay =
        Distribution::Uniform(Duration::from_millis(1), Duration::from_millis(30));
    world.stop.when = StopWhen::At(Time(300 * MS));
    world
}

fn watched(simulation: &mut Simulation<Busybody>) -> (Outcome, Vec<Line>) {
    let transcript = Transcript::default();
    simulation.workload(Box::new(Askers)).trace(Box::new(transcript.clone()));
    let outcome = simulation.run();
    (outcome, transcript.lines())
}

fn anew(world: &World, seed: u64) -> (Outcome, Vec<Line>) {
    let world = World { seed, ..world.clone() };
    watched(&mut Simulation::new(&world, ()).expect("a valid world"))
}

#[test]
fn a_run_after_a_reset_is_that_of_a_new_simulation() {
    for world in [eventful(), plain()] {
        let mut simulation = Simulation::new(&world, ()).expect("a valid world");
        let mut digests = Vec::new();
        for seed in [1, 2, 3, 4, 2] {
            simulation.reset(seed).expect("valid with any seed");
            let (outcome, lines) = watched(&mut simulation);
            let (expected, expected_lines) = anew(&world, seed);
            assert_eq!(outcome, expected, "seed {seed}");
            assert!(lines == expected_lines, "the transcript of seed {seed}");
            digests.push(outcome.digest);
        }
        assert_eq!(digests[1], digests[4]);
        digests.pop();
        digests.dedup();
        assert_eq!(digests.len(), 4, "seeds differ");
    }
}

#[test]
fn a_reset_in_the_middle_of_a_run_leaves_nothing_behind() {
    let world = eventful();
    let mut simulation = Simulation::new(&world, ()).expect("a valid world");
    simulation.workload(Box::new(Askers)).boot();
    simulation.reset(5).expect("valid with any seed");
    let (outcome, lines) = watched(&mut simulation);
    assert!((outcome, lines) == anew(&world, 5));
}

/// Else the tests above would compare little.
#[test]
fn the_world_of_these_tests_is_eventful() {
    let (outcome, lines) = anew(&eventful(), 2);
    let messages = &outcome.messages;
    for (what, count) in [
        ("lost", messages.lost),
        ("duplicated", messages.duplicated),
        ("reordered", messages.reordered),
        ("cut", messages.cut),
        ("dead", messages.to_dead),
        ("in flight", messages.in_flight),
        ("overflowed", messages.overflowed),
        ("transport's in flight", outcome.transport.in_flight),
        ("timers", outcome.timers_fired),
        ("forced", outcome.writes.forced),
        ("lazy", outcome.writes.lazy),
        ("pending", outcome.operations.pending),
        ("complete", outcome.operations.count),
        ("faults", outcome.faults.len() as u64 - 1),
    ] {
        assert!(count > 0, "nothing {what}");
    }
    for what in ["crash", "pause", "resume", "boot 1"] {
        assert!(lines.iter().any(|line| line.text.starts_with(what)), "no {what}");
    }
}
