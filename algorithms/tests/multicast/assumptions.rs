//! What each algorithm keeps on a network that it assumes, and loses on another.

use seedbed_algorithms::multicast::{
    AckRule, CausalMulticastParams, CausalMulticastVariant, SequencerForm, SequencerParams,
    TotalOrderLamportParams,
};
use seedbed_algorithms::{CausalMulticast, FifoMulticast, Sequencer, TotalOrderLamport};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::Loss;
use seedbed_core::{EndedBy, World};
use seedbed_node::{Algorithm, Duration, NodeId, Probability, Time};

use crate::support::{BUSY, breached, check, held, jittery, run};

const SEEDS: u64 = 150;

/// A member sleeps for a while and then hears everything at once.
fn pausing(mut world: World) -> World {
    let at = Time::ZERO + Duration::from_millis(60);
    let until = Some(at + Duration::from_millis(50));
    world.faults.planned.push(TimedFault { at, until, fault: Fault::Pause(NodeId(1)) });
    world
}

/// Some messages are lost for good.
fn lossy(mut world: World) -> World {
    world.network.default.loss = Loss::Bernoulli(Probability::new(0.05).expect("in 0..=1"));
    world
}

fn repeating(mut world: World) -> World {
    world.network.default.duplicate = Probability::new(0.2).expect("in 0..=1");
    world
}

/// The first world that breaks a promise, in the words of the checker.
fn broken<A>(world: impl Fn(u64) -> World, params: A::Params, name: &str) -> String
where
    A: Algorithm<Family = seedbed_algorithms::Multicast>,
{
    (0..SEEDS)
        .map(|seed| run::<A>(&world(seed), params.clone(), BUSY, &[name]))
        .find(|outcome| breached(outcome, name))
        .map(|outcome| check(&outcome, name).detail.clone())
        .unwrap_or_else(|| panic!("no seed breaches {name}"))
}

#[test]
fn links_may_reorder_and_repeat_for_fifo_and_causal_multicast() {
    for seed in 0..SEEDS {
        let world = pausing(repeating(jittery(seed, 4, false)));
        held::<FifoMulticast>(&world, Default::default(), BUSY);
        held::<CausalMulticast>(&world, Default::default(), BUSY);
    }
}

#[test]
fn links_may_reorder_for_the_sequencer_and_must_not_for_lamports_acknowledgements() {
    let needed = TotalOrderLamportParams { acks: AckRule::Needed, ..Default::default() };
    let broadcast =
        SequencerParams { form: SequencerForm::BroadcastBroadcast, ..Default::default() };
    for seed in 0..SEEDS {
        let reordering = pausing(jittery(seed, 4, false));
        held::<Sequencer>(&reordering, Default::default(), BUSY);
        held::<Sequencer>(&reordering, broadcast.clone(), BUSY);
        let fifo = pausing(jittery(seed, 4, true));
        held::<TotalOrderLamport>(&fifo, Default::default(), BUSY);
        held::<TotalOrderLamport>(&fifo, needed.clone(), BUSY);
    }
    let reordering = |seed| jittery(seed, 4, false);
    let why = broken::<TotalOrderLamport>(reordering, Default::default(), "TotalOrder");
    assert!(why.contains("in the other order"), "{why}");
}

#[test]
fn what_is_not_promised_does_fail_somewhere() {
    let reordering = |seed| jittery(seed, 4, false);
    broken::<FifoMulticast>(reordering, Default::default(), "CausalOrder");
    broken::<CausalMulticast>(reordering, Default::default(), "TotalOrder");
    broken::<Sequencer>(reordering, Default::default(), "FifoOrder");
    let why = broken::<Sequencer>(reordering, Default::default(), "CausalOrder");
    assert!(why.contains("which had happened before it"), "{why}");
}

/// Then whoever has heard of a message has it from the sequencer, in order.
#[test]
fn over_fifo_links_the_sequencers_order_is_causal_too() {
    for seed in 0..SEEDS {
        let world = jittery(seed, 4, true);
        let also = ["FifoOrder", "CausalOrder"];
        let outcome = run::<Sequencer>(&world, Default::default(), BUSY, &also);
        assert_eq!(outcome.ended_by, EndedBy::Quiet, "{:?}", outcome.checks);
    }
}

#[test]
fn the_notes_variant_of_causal_multicast_lets_an_answer_overtake_its_question() {
    let params =
        CausalMulticastParams { variant: CausalMulticastVariant::Notes, ..Default::default() };
    let why = broken::<CausalMulticast>(|seed| jittery(seed, 4, true), params, "CausalOrder");
    assert!(why.contains("which had happened before it"), "{why}");
}

#[test]
fn a_lost_message_holds_up_what_comes_behind_it() {
    let world = |seed| lossy(jittery(seed, 4, true));
    let why = broken::<FifoMulticast>(world, Default::default(), "AllDeliver");
    assert!(why.contains("was not delivered by") && why.contains("waits for"), "{why}");
    broken::<CausalMulticast>(world, Default::default(), "AllDeliver");
    broken::<TotalOrderLamport>(world, Default::default(), "AllDeliver");
    broken::<Sequencer>(world, Default::default(), "AllDeliver");
}

#[test]
fn a_repeated_submission_is_given_two_positions() {
    let world = |seed| repeating(jittery(seed, 4, false));
    let why = broken::<Sequencer>(world, Default::default(), "Integrity");
    assert!(why.contains("as it had at"), "{why}");
}

fn crashing(mut world: World, node: u32, after_effects: Option<u32>, restart: bool) -> World {
    let at = Time::ZERO + Duration::from_millis(60);
    let until = restart.then(|| at + Duration::from_millis(30));
    let fault = Fault::Crash { node: NodeId(node), after_effects };
    world.faults.planned.push(TimedFault { at, until, fault });
    world
}

#[test]
fn a_sender_that_crashes_half_way_leaves_some_with_the_message_and_some_without() {
    let world = |seed| crashing(jittery(seed, 4, false), 0, Some(1), false);
    let why = broken::<FifoMulticast>(world, Default::default(), "AllDeliver");
    assert!(why.ends_with("n0 is down"), "{why}");
    broken::<CausalMulticast>(world, Default::default(), "AllDeliver");
}

#[test]
fn a_member_that_crashes_stops_total_order_and_one_that_forgets_breaks_fifo_order() {
    let gone = |seed| crashing(jittery(seed, 4, true), 0, None, false);
    broken::<TotalOrderLamport>(gone, Default::default(), "AllDeliver");
    broken::<Sequencer>(gone, Default::default(), "AllDeliver");
    let forgetful = |seed| crashing(jittery(seed, 4, false), 0, None, true);
    broken::<FifoMulticast>(forgetful, Default::default(), "FifoOrder");
}
