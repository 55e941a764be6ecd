//! What logical clocks promise beside the clock condition, on runs that they annotate: Lamport's
//! total order (CACM 1978, "Ordering the Events Totally"), and the bound of hybrid clocks (Kulkarni
//! et al., OPODIS 2014, corollary 1).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use seedbed_algorithms::{FifoMulticast, Multicast, multicast};
use seedbed_core::trace::{ClockKind, Occurrence, Record};
use seedbed_core::{Simulation, Verdict, World};
use seedbed_node::{Family, LocalTime, NodeId, Time};

use crate::support::rough;

/// One event of a node, as its clocks stamp it.
#[derive(Clone, Debug)]
struct Stamped {
    at: Time,
    node: NodeId,
    wall: LocalTime,
    lamport: Option<u64>,
    hlc: Option<(LocalTime, u32)>,
    received: bool,
}

/// All events of a run of multicasts in this world.
fn stamped(world: &World, clocks: &[ClockKind]) -> Vec<Stamped> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = {
        let seen = Arc::clone(&seen);
        move |record: &Record<'_>| {
            if let Some(stamps) = record.stamps {
                seen.lock().expect("one thread").push(Stamped {
                    at: record.at,
                    node: record.node,
                    wall: record.wall,
                    lamport: stamps.lamport,
                    hlc: stamps.hlc,
                    received: matches!(record.what, Occurrence::Deliver { .. }),
                });
            }
        }
    };
    let load: multicast::Load = ron::from_str("()").expect("a load");
    let mut simulation =
        Simulation::<FifoMulticast>::new(world, Default::default()).expect("a sensible world");
    simulation.workload(Multicast::workload(&load, world.members).expect("a sensible load"));
    simulation.trace(Box::new(sink)).annotate(clocks).audit_clocks("ClockCondition", clocks);
    let outcome = simulation.run();
    assert_eq!(outcome.verdict(), Verdict::Held, "{:?}", outcome.checks);
    let seen = seen.lock().expect("one thread").clone();
    assert!(seen.len() > 500, "{}", seen.len());
    seen
}

fn misread(seed: u64) -> World {
    let mut world = rough(seed, 4, 60, 0);
    world.clocks.default.offset_ns = seedbed_core::clock::Spread::Uniform(-80_000_000, 80_000_000);
    world
}

/// With the clock condition, which the run's audit checks, distinct stamps make (time, id) a total
/// order that extends happened-before.
#[test]
fn lamports_stamps_with_ids_are_distinct_and_grow_at_every_node() {
    for seed in 0..10 {
        let events = stamped(&misread(seed), &[ClockKind::Lamport]);
        let stamps: BTreeSet<(u64, NodeId)> =
            events.iter().map(|e| (e.lamport.expect("asked for"), e.node)).collect();
        assert_eq!(stamps.len(), events.len(), "no two events have the same stamp");
        for node in 0..4 {
            let own = events.iter().filter(|e| e.node == NodeId(node)).map(|e| e.lamport);
            assert!(own.clone().zip(own.skip(1)).all(|(one, next)| one < next));
        }
    }
}

/// l − pt <= ε, where ε is how far apart physical clocks are at most.
#[test]
fn a_hybrid_clock_is_ahead_of_its_physical_clock_by_no_more_than_clocks_are_apart() {
    for seed in 0..10 {
        let world = misread(seed);
        let events = stamped(&world, &[ClockKind::Hlc]);
        let lead = |e: &Stamped| e.wall.0 - e.at.as_nanos() as i64;
        let least = events.iter().map(lead).min().expect("events");
        let greatest = events.iter().map(lead).max().expect("events");
        let epsilon = greatest - least;
        let mut widest = 0;
        for event in &events {
            let (latest, _) = event.hlc.expect("asked for");
            let ahead = latest.0 - event.wall.0;
            assert!((0..=epsilon).contains(&ahead), "{ahead} of {epsilon}: {event:?}");
            widest = widest.max(ahead);
        }
        // A message of 1 ms from the fastest to the slowest would come near it.
        assert!(widest > epsilon / 4, "{widest} of {epsilon}");
    }
}

/// Theorem 3: l is the greatest physical time heard of. The counter counts while the own one is
/// behind.
#[test]
fn a_hybrid_clock_falls_back_to_physical_time_when_that_has_caught_up() {
    let events = stamped(&misread(3), &[ClockKind::Hlc]);
    let (mut caught_up, mut behind) = (0, 0);
    for event in &events {
        let (latest, counter) = event.hlc.expect("asked for");
        if latest > event.wall {
            behind += 1;
            assert!(counter > 0 || event.received, "{event:?}");
        } else {
            assert_eq!(latest, event.wall);
            caught_up += 1;
        }
    }
    assert!(caught_up > 0 && behind > 0);
}
