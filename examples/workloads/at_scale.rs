//! Rings of as many Chord nodes as fit: what an idle one costs, and one that stabilises.

use std::io;

use seedbed_core::{StopWhen, World};
use seedbed_node::{
    Distribution, Duration, Ending, Figures, LocalTime, Measure, Observation, Time, What,
};

use crate::Options;
use crate::chord::{Chord, Circle, FINGERS, PERIOD, Right, Ring};
use crate::measure::{Ready, Report, Spent, Stopwatch, resident, resident_peak, rounded, world};

/// In two periods every node boots, stabilises, and shows its pointers.
pub const LEAST_SECONDS: u64 = 60;

/// Boots `n` nodes, which then wait for their timers, and weighs them.
pub fn idle(n: u32, options: &Options) -> io::Result<Report> {
    let before = resident();
    let setup = Stopwatch::start();
    let world = lean(World { digest: !options.no_digest, ..World::new(1, n) });
    let ring = Ring { circle: Circle::of(n), show_after: LocalTime(i64::MAX) };
    let ready = Ready::<Chord>::boot(&world, ring, options)?;
    let setup_s = setup.stop().wall_s;

    let report = Report::new("idle", &[("n", n.into())], 0, setup_s, Spent::NOTHING);
    let report = report.with("bytes_per_node", per_node(before, resident(), n));
    drop(ready);
    Ok(report)
}

/// Lets a ring of `n` nodes stabilise for so many virtual seconds.
pub fn chord(n: u32, seconds: Option<u64>, options: &Options) -> io::Result<Report> {
    let seconds = seconds.unwrap_or_else(|| enough_seconds(n));
    let before = resident();
    let setup = Stopwatch::start();
    let delay = Distribution::Uniform(Duration::from_millis(10), Duration::from_millis(90));
    let mut world = lean(world(1, n, delay, options));
    let end = Time::ZERO + Duration::from_secs(seconds);
    world.stop.when = StopWhen::At(end);
    let circle = Circle::of(n);
    let show_after = LocalTime(end.as_nanos() as i64 - PERIOD.as_nanos() as i64);
    let ready = Ready::<Chord>::boot_with(&world, Ring { circle, show_after }, options, |run| {
        run.measure(Box::new(Judge { circle, right: Right::default() }));
    })?;
    let booted = resident();
    let setup_s = setup.stop().wall_s;

    let watch = Stopwatch::start();
    let ran = ready.run()?;
    let spent = watch.stop();

    let outcome = ran.outcome;
    let params = [("n", n.into()), ("seconds", seconds)];
    let shown = |name: &str| outcome.measures[name] as u64;
    assert_eq!(shown("nodes"), u64::from(n), "every node shows its pointers once");
    let report = Report::new("chord", &params, outcome.events, setup_s, spent)
        .traced(ran.records, spent)
        .with("bytes_per_node", per_node(before, resident_peak(), n))
        .with("bytes_per_node_booted", per_node(before, booted, n))
        .with("messages", outcome.messages.sent)
        .with("in_flight", outcome.messages.in_flight)
        .with("fingers", u64::from(n) * FINGERS as u64)
        .with("fingers_right_at_start", right_at_start(n, circle).fingers);
    Ok(FIGURES.iter().fold(report, |report, name| report.with(name, shown(name))))
}

/// Every period fixes a finger that the successor list does not reach; the list takes eight to
/// fill. In two more, stragglers and the last look.
fn enough_seconds(n: u32) -> u64 {
    let far_fingers = u64::from(n.ilog2()).clamp(8, FINGERS as u64);
    (far_fingers + 2) * (PERIOD.as_nanos() / 1_000_000_000)
}

/// Without tables that grow with the nodes.
fn lean(world: World) -> World {
    World { count_reordered: false, ..world }
}

fn per_node(before: Option<u64>, after: Option<u64>, n: u32) -> Option<f64> {
    Some(rounded(after?.saturating_sub(before?) as f64 / f64::from(n), 10.0))
}

/// How much was right before anybody spoke.
fn right_at_start(n: u32, circle: Circle) -> Right {
    let mut right = Right::default();
    for node in (0..n).map(seedbed_node::NodeId) {
        right.count(node, &Chord::stale(node, circle), circle);
    }
    right
}

/// Looks at the pointers that the nodes show in the last period.
struct Judge {
    circle: Circle,
    right: Right,
}

const FIGURES: [&str; 4] =
    ["successors_right", "successor_lists_right", "predecessors_right", "fingers_right"];

impl Measure<(), Box<Chord>> for Judge {
    fn observe(&mut self, seen: &Observation<'_, (), Box<Chord>>, _: &mut dyn Figures) {
        if let What::Event { node, event } = seen.what {
            self.right.count(node, event, self.circle);
        }
    }

    fn finish(&mut self, _: &Ending<'_>, figures: &mut dyn Figures) {
        let Right { nodes, successors, successor_lists, predecessors, fingers } = self.right;
        figures.figure("nodes", nodes as f64);
        let counts = [successors, successor_lists, predecessors, fingers];
        for (name, count) in FIGURES.into_iter().zip(counts) {
            figures.figure(name, count as f64);
        }
    }
}
