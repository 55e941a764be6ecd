//! Many nodes fail at once (SIGCOMM 2001, section 6.4). Nobody has copies, so what the failed
//! held is lost; what the others hold must be found.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use seedbed_algorithms::chord::{ChordParams, Event, Peer, Request, Routing, Space};
use seedbed_core::{Outcome, Verdict};
use seedbed_node::{Draws, Duration, Figures, Measure, Members, NodeId, Observation, Time, What};

use crate::support::{Run, at, check, crash, jittery, load, until};

const NODES: u32 = 256;
const KEYS: u32 = 20_000;
/// By then the ring has repaired itself.
const REPAIRED: Time = Time(15_000_000_000);

/// Every answer: when, to which key, and whether the key was there.
type Answers = Arc<Mutex<Vec<(Time, u64, bool)>>>;

struct Listener(Answers);

impl Measure<Request, Event> for Listener {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, _figures: &mut dyn Figures) {
        if let What::Event { event: Event::Found { key, held, .. }, .. } = seen.what {
            self.0.lock().expect("nobody panicked").push((seen.at, *key, *held));
        }
    }
}

/// So many nodes fail at once, and some of the others look up 50 keys each from then on. Gives the
/// answers, with who held each key before, and who failed.
struct Failure {
    outcome: Outcome,
    answers: Vec<(Time, NodeId, bool)>,
    dead: Vec<NodeId>,
}

fn failure(fraction: f64, lookup: Routing, seed: u64) -> Failure {
    let mut nodes: Vec<u32> = (0..NODES).collect();
    Draws::keyed(seed).shuffle(&mut nodes);
    let (dead, alive) = nodes.split_at((fraction * f64::from(NODES)) as usize);
    let mut world = until(jittery(seed, NODES), 40);
    world.faults.planned.extend(dead.iter().map(|node| crash(*node, at(100), None)));
    let askers: Vec<_> = alive.iter().take(64).map(|node| format!("NodeId({node})")).collect();
    let askers = askers.join(", ");
    let pace = "Closed(think: Uniform(\"200ms\", \"600ms\"), requests_per_node: 50, only: [";
    let load = load(&format!("(pace: {pace}{askers}]), keys: Uniform(count: {KEYS}))"));
    let params = ChordParams {
        lookup,
        keys: KEYS,
        salt: seed,
        // So long that no list is emptied: 2 log2 N, as in the paper.
        successors: 16,
        timeout: Duration::from_millis(100),
        ..Default::default()
    };
    let space = Space::new(&params, Members(NODES));
    let ring: BTreeMap<u64, Peer> = (0..NODES).map(|p| (space.id(Peer(p)), Peer(p))).collect();
    let holder = |key| {
        let ahead = ring.range(key..).next().or_else(|| ring.first_key_value());
        space.host(*ahead.expect("somebody is on the ring").1)
    };
    let heard = Answers::default();
    let outcome = Run::new(&world, params, load).watched(|simulation| {
        simulation.measure(Box::new(Listener(Arc::clone(&heard))));
    });
    let heard = heard.lock().expect("nobody panicked");
    let answers = heard.iter().map(|(at, key, held)| (*at, holder(*key), *held)).collect();
    Failure { outcome, answers, dead: dead.iter().copied().map(NodeId).collect() }
}

#[test]
fn after_the_repair_exactly_what_the_failed_held_is_not_found() {
    for (fraction, lookup) in
        [(0.1, Routing::Recursive), (0.3, Routing::Iterative), (0.5, Routing::Recursive)]
    {
        let Failure { outcome, answers, dead } = failure(fraction, lookup, 5);
        assert_eq!(check(&outcome, "OneOrderedRing").verdict, Verdict::Held);
        assert_eq!(outcome.operations.count, 64 * 50, "every lookup is answered");
        let mut lost = 0;
        for (at, holder, held) in &answers {
            let alive = !dead.contains(holder);
            lost += u32::from(!alive);
            assert!(alive || !held, "{holder} is dead, and its keys are gone");
            assert!(!alive || *held || *at < REPAIRED, "{holder} is alive and was not found");
        }
        let timeouts = outcome.measures["lookup_timeouts_mean"];
        assert!(timeouts > 0.0, "lookups meet the failed: {timeouts}");
        // What is lost is the failed members' share of the circle, near the fraction.
        let (failed, lost) = (outcome.measures["failed_lookups"], f64::from(lost) / 3_200.0);
        assert!((failed - lost).abs() < 1e-9, "{failed}, of which {lost} had a dead holder");
        assert!((failed - fraction).abs() < 0.08, "{failed} of {fraction}");
    }
}
