//! Logical clocks that annotate a run: true to happened-before, and caught when they are not.
#![allow(missing_docs)]

mod support;

use seedbed_core::network::LinkModel;
use seedbed_core::trace::{ClockKind, Occurrence, Record};
use seedbed_core::{CheckOutcome, Simulation, Verdict, World};
use seedbed_node::{Distribution, Duration, NodeId, Probability};
use std::sync::{Arc, Mutex};
use support::{Do, Puppet, Script};

fn noisy(seed: u64) -> World {
    let mut world = World::new(seed, 4);
    world.network.default = LinkModel {
        delay: Distribution::Exponential { mean: Duration::from_millis(10) },
        duplicate: Probability::new(0.2).unwrap(),
        loss: seedbed_core::network::Loss::Bernoulli(Probability::new(0.2).unwrap()),
        ..LinkModel::default()
    };
    world
}

fn script() -> Box<Script> {
    Script::new((0..40).map(|i| (i * 3, (i % 4) as u32, Do::PingAll(i as u32))))
}

fn audit(seed: u64, clocks: &[ClockKind]) -> CheckOutcome {
    let mut simulation = Simulation::<Puppet>::new(&noisy(seed), true).unwrap();
    simulation.workload(script()).audit_clocks("ClockCondition", clocks);
    simulation.run().checks.remove(0)
}

#[test]
fn lamport_vector_and_hybrid_clocks_agree_with_happened_before() {
    for seed in 0..20 {
        let check = audit(seed, &[ClockKind::Lamport, ClockKind::Vector, ClockKind::Hlc]);
        assert_eq!(check.verdict, Verdict::Held, "{}", check.detail);
        assert!(check.detail.starts_with("all pairs of the first "), "{}", check.detail);
    }
}

#[test]
fn the_notes_variant_of_lamports_clock_breaks_the_clock_condition_and_is_caught() {
    let check = audit(1, &[ClockKind::LamportNotes]);
    assert_eq!(check.verdict, Verdict::Failed);
    assert!(check.detail.contains("happened before"), "{}", check.detail);
    assert!(check.detail.contains("Lamport clocks"), "{}", check.detail);
}

#[test]
fn records_carry_the_stamps_that_were_asked_for_and_the_digest_does_not_notice() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = {
        let seen = Arc::clone(&seen);
        move |record: &Record<'_>| {
            if let (Occurrence::Deliver { .. }, Some(stamps)) = (record.what, record.stamps) {
                seen.lock().unwrap().push((record.node, stamps.clone()));
            }
        }
    };
    let mut simulation = Simulation::<Puppet>::new(&noisy(7), true).unwrap();
    simulation.workload(script()).trace(Box::new(sink)).annotate(&[ClockKind::Vector]);
    let annotated = simulation.run();
    let mut plain = Simulation::<Puppet>::new(&noisy(7), true).unwrap();
    plain.workload(script());
    assert_eq!(annotated.digest, plain.run().digest);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len() as u64, annotated.messages.delivered);
    for (node, stamps) in seen.iter() {
        let vector = stamps.vector.as_ref().expect("asked for");
        assert!(vector[node.index()] > 0 && stamps.lamport.is_none() && stamps.hlc.is_none());
        assert!(*node != NodeId(9));
    }
}
