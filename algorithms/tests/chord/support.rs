//! Runs of Chord with the family's checks, and what they show.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use seedbed_algorithms::chord::{Chord, ChordParams, Event, Load, Naming, Placement, Request};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::LinkModel;
use seedbed_core::{CheckOutcome, Outcome, Simulation, StopWhen, Verdict, World};
use seedbed_node::{
    Distribution, Duration, Family, Figures, Measure, NodeId, Observation, Time, What,
};

/// A ring that is right from the start and is left alone: runs go quiet.
pub fn at_rest() -> ChordParams {
    ChordParams { stabilize: Duration::ZERO, fix_fingers: Duration::ZERO, ..Default::default() }
}

/// The circle of `2^bits` identifiers with a member at each of them, at rest.
pub fn fully_populated(bits: u8) -> ChordParams {
    ChordParams { bits, identifiers: Placement::Even, ..at_rest() }
}

/// Messages take from 1 to 20 ms and overtake each other.
pub fn jittery(seed: u64, nodes: u32) -> World {
    let mut world = World::new(seed, nodes);
    let delay = Distribution::Uniform(Duration::from_millis(1), Duration::from_millis(20));
    world.network.default = LinkModel { delay, ..LinkModel::default() };
    world
}

pub fn until(mut world: World, seconds: u64) -> World {
    world.stop.when = StopWhen::At(Time::ZERO + Duration::from_secs(seconds));
    world
}

pub fn at(ms: u64) -> Time {
    Time::ZERO + Duration::from_millis(ms)
}

pub fn crash(node: u32, from: Time, until: Option<Time>) -> TimedFault {
    let fault = Fault::Crash { node: NodeId(node), after_effects: None };
    TimedFault { at: from, until, fault }
}

pub fn late_boot(node: u32, at: Time) -> TimedFault {
    TimedFault { at, until: None, fault: Fault::LateBoot(NodeId(node)) }
}

pub fn load(text: &str) -> Load {
    ron::from_str(text).expect("a load")
}

/// Nobody looks anything up.
pub fn idle(nodes: u32) -> Load {
    let pace = format!("Closed(think: Constant(\"1d\"), only: [NodeId({})])", nodes - 1);
    load(&format!("(pace: {pace})"))
}

/// A run with all the family's safety checks, the goals with these deadlines, and the measures.
pub struct Run<'a> {
    pub world: &'a World,
    pub params: ChordParams,
    pub load: Load,
    pub checked: bool,
    pub answered: Option<Duration>,
    pub ideal: Option<Duration>,
}

impl<'a> Run<'a> {
    pub fn new(world: &'a World, params: ChordParams, load: Load) -> Self {
        Run { world, params, load, checked: true, answered: None, ideal: None }
    }

    pub fn outcome(self) -> Outcome {
        self.watched(|_| ())
    }

    /// Also with what `watch` adds.
    pub fn watched(self, watch: impl FnOnce(&mut Simulation<Chord>)) -> Outcome {
        let clients = Naming::workload(&self.load, self.world.members).expect("a sensible load");
        let mut simulation =
            Simulation::<Chord>::new(self.world, self.params).expect("a sensible world");
        simulation.workload(clients);
        if self.checked {
            for row in Naming::checks() {
                simulation.check(row.name, (row.build)());
            }
        }
        for row in Naming::goals() {
            let within = if row.name == "Answered" { self.answered } else { self.ideal };
            if within.is_some() {
                simulation.check(row.name, (row.build)(within));
            }
        }
        for measure in Naming::measures() {
            simulation.measure(measure);
        }
        watch(&mut simulation);
        simulation.run()
    }
}

/// What became of one check.
pub fn check<'a>(outcome: &'a Outcome, name: &str) -> &'a CheckOutcome {
    outcome.checks.iter().find(|check| check.name == name).expect("the check was added")
}

/// Panics unless everything held.
pub fn assert_held(outcome: &Outcome) {
    assert_eq!(outcome.verdict(), Verdict::Held, "seed {}: {:?}", outcome.seed, outcome.checks);
}

/// How often each path length occurred.
pub type Histogram = Arc<Mutex<BTreeMap<u32, u64>>>;

/// Counts path lengths.
pub struct PathLengths(pub Histogram);

impl Measure<Request, Event> for PathLengths {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, _figures: &mut dyn Figures) {
        if let What::Event { event: Event::Found { hops, .. }, .. } = seen.what {
            *self.0.lock().expect("nobody panicked").entry(*hops).or_default() += 1;
        }
    }
}

/// A run's path lengths, beside its outcome.
pub fn path_lengths(run: Run<'_>) -> (BTreeMap<u32, u64>, Outcome) {
    let histogram = Histogram::default();
    let outcome = run.watched(|simulation| {
        simulation.measure(Box::new(PathLengths(Arc::clone(&histogram))));
    });
    let histogram = histogram.lock().expect("nobody panicked").clone();
    (histogram, outcome)
}
