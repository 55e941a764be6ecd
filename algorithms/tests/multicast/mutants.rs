//! Every hidden bug is found by the family's checkers, and found as what it is.

use seedbed_algorithms::multicast::{
    CausalMulticastMutant, CausalMulticastParams, FifoMulticastMutant, FifoMulticastParams,
    SequencerForm, SequencerMutant, SequencerParams, TotalOrderLamportMutant,
    TotalOrderLamportParams,
};
use seedbed_algorithms::{CausalMulticast, FifoMulticast, Multicast, Sequencer, TotalOrderLamport};
use seedbed_core::World;
use seedbed_node::{Algorithm, Probability};

use crate::support::{BUSY, breached, held, jittery, run};

const SEEDS: u64 = 100;

/// Some seed shows `check` breached in a world in which the sound algorithm holds.
fn caught<A>(world: impl Fn(u64) -> World, params: A::Params, check: &str)
where
    A: Algorithm<Family = Multicast>,
{
    let found = (0..SEEDS)
        .find(|seed| breached(&run::<A>(&world(*seed), params.clone(), BUSY, &[]), check));
    let seed = found.unwrap_or_else(|| panic!("{params:?}: no seed breaches {check}"));
    held::<A>(&world(seed), A::Params::default(), BUSY);
}

fn reordering(seed: u64) -> World {
    jittery(seed, 4, false)
}

fn fifo(seed: u64) -> World {
    jittery(seed, 4, true)
}

fn repeating(seed: u64) -> World {
    let mut world = reordering(seed);
    world.network.default.duplicate = Probability::new(0.2).expect("in 0..=1");
    world
}

#[test]
fn fifo_multicasts() {
    use FifoMulticastMutant::*;
    for (mutant, check) in
        [(SkipsGaps, "FifoOrder"), (KeepsDuplicates, "Integrity"), (ForgetsHeld, "AllDeliver")]
    {
        caught::<FifoMulticast>(repeating, FifoMulticastParams { mutant }, check);
    }
}

#[test]
fn causal_multicasts() {
    use CausalMulticastMutant::*;
    let params = CausalMulticastParams { mutant: KeepsDuplicates, ..Default::default() };
    caught::<CausalMulticast>(repeating, params, "Integrity");
    for (mutant, check) in
        [(SenderOnly, "CausalOrder"), (CountsDeliveries, "AllDeliver"), (LooksOnce, "AllDeliver")]
    {
        let params = CausalMulticastParams { mutant, ..Default::default() };
        caught::<CausalMulticast>(reordering, params, check);
    }
}

#[test]
fn total_orders() {
    use TotalOrderLamportMutant::*;
    for (mutant, check) in [
        (HeadOnly, "TotalOrder"),
        (OwnFirst, "TotalOrder"),
        (HearsAnything, "TotalOrder"),
        (ForgetsAck, "AllDeliver"),
    ] {
        let params = TotalOrderLamportParams { mutant, ..Default::default() };
        caught::<TotalOrderLamport>(fifo, params, check);
    }
}

#[test]
fn sequencers() {
    use SequencerMutant::*;
    for (mutant, check) in
        [(IgnoresPosition, "TotalOrder"), (OwnAtOnce, "TotalOrder"), (SharesPosition, "AllDeliver")]
    {
        let params = SequencerParams { mutant, ..Default::default() };
        caught::<Sequencer>(reordering, params, check);
    }
    let form = SequencerForm::BroadcastBroadcast;
    let params = SequencerParams { form, mutant: AnyOrdinal, ..Default::default() };
    caught::<Sequencer>(reordering, params, "TotalOrder");
}
