//! Servers crash at every point of a small run, alone or two of them, and come back: nothing is
//! lost, nobody is lied to, everybody is answered.

use seedbed_algorithms::replication::{ChainParams, ChainReads, PrimaryBackupReads};
use seedbed_algorithms::{ChainReplication, PrimaryBackup, Replication};
use seedbed_core::check::Consistency::Linearizable;
use seedbed_core::fault::TimedFault;
use seedbed_core::{Outcome, World};
use seedbed_node::Algorithm;

use crate::support::{
    assert_held, at_us, chain, crash, group, only, primary_backup, run, until_ms,
};

/// Clients that ask all the time for the first 60 ms or so, most of it of two keys.
fn busy(servers: u32) -> String {
    let only = only(servers, 4);
    format!(
        "(pace: Closed(think: Uniform(\"0ms\", \"2ms\"), requests_per_node: 12, {only}), \
         keys: Uniform(count: 2), reads: 0.5)"
    )
}

fn small(seed: u64, servers: u32, faults: &[TimedFault]) -> World {
    let mut world = until_ms(group(seed, servers, 4), 600);
    world.faults.planned.extend_from_slice(faults);
    world
}

fn all_of<A>(params: &A::Params, servers: u32, plans: impl Iterator<Item = Vec<TimedFault>>)
where
    A: Algorithm<Family = Replication>,
{
    let load = busy(servers);
    for (seed, plan) in plans.enumerate() {
        let world = small(seed as u64, servers, &plan);
        let outcome: Outcome = run::<A>(&world, params.clone(), &load, &[Linearizable]);
        assert_held(&outcome);
    }
}

/// One crash of each server at each instant.
fn single() -> impl Iterator<Item = Vec<TimedFault>> {
    (0..3).flat_map(|server| {
        (0..80).map(move |step| vec![crash(server, at_us(step * 500), None, None)])
    })
}

/// One crash of each server between any two effects of a handler.
fn between_effects() -> impl Iterator<Item = Vec<TimedFault>> {
    (0..3).flat_map(|server| {
        (0..12).flat_map(move |step| {
            (0..4).map(move |effects| vec![crash(server, at_us(step * 3_000), None, Some(effects))])
        })
    })
}

/// Two servers crash shortly one after the other, in any order, also while the chain is mended.
fn double() -> impl Iterator<Item = Vec<TimedFault>> {
    let pairs = [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)];
    pairs.into_iter().flat_map(|(first, second)| {
        (0..20).map(move |step| {
            let (at, later) = (at_us(7_300), at_us(7_300 + step * 900));
            vec![crash(first, at, None, None), crash(second, later, None, None)]
        })
    })
}

/// A crash with a restart, unnoticed or not; afterwards another server crashes for good.
fn restart() -> impl Iterator<Item = Vec<TimedFault>> {
    (0..3).flat_map(|server| {
        (0..24).map(move |step| {
            let back = at_us(5_000 + step * 1_000);
            vec![
                crash(server, at_us(4_700), Some(back), None),
                crash((server + 1) % 3, at_us(60_000), None, None),
            ]
        })
    })
}

#[test]
fn a_chain_survives_a_crash_of_any_server_at_any_instant() {
    all_of::<ChainReplication>(&chain(3), 3, single());
}

#[test]
fn a_chain_survives_a_crash_between_any_two_effects() {
    all_of::<ChainReplication>(&chain(3), 3, between_effects());
}

#[test]
fn a_chain_survives_two_crashes_however_close() {
    all_of::<ChainReplication>(&chain(3), 3, double());
}

#[test]
fn a_server_that_restarts_joins_as_the_tail_and_later_carries_the_chain() {
    all_of::<ChainReplication>(&chain(3), 3, restart());
}

#[test]
fn craq_survives_the_same() {
    let craq = ChainParams { reads: ChainReads::Clean, ..chain(3) };
    all_of::<ChainReplication>(&craq, 3, single().chain(between_effects()).chain(double()));
    all_of::<ChainReplication>(&craq, 3, restart());
}

#[test]
fn primary_and_backups_survive_the_same() {
    all_of::<PrimaryBackup>(&primary_backup(3), 3, single());
    all_of::<PrimaryBackup>(&primary_backup(3), 3, between_effects());
    all_of::<PrimaryBackup>(&primary_backup(3), 3, double());
    all_of::<PrimaryBackup>(&primary_backup(3), 3, restart());
}

#[test]
fn without_acknowledgements_a_chain_is_mended_by_copies_and_clients_ask_again() {
    let params = ChainParams { acks: false, ..chain(3) };
    let load =
        busy(3).replace("reads: 0.5", "reads: 0.5, retry: Some((after: \"40ms\", attempts: 9))");
    for (seed, plan) in single().chain(restart()).enumerate() {
        let world = small(seed as u64, 3, &plan);
        assert_held(&run::<ChainReplication>(&world, params.clone(), &load, &[Linearizable]));
    }
}

#[test]
fn clients_that_ask_again_bring_requests_through_lossy_links() {
    use seedbed_core::network::Loss;
    use seedbed_node::Probability;
    let load =
        busy(3).replace("reads: 0.5", "reads: 0.5, retry: Some((after: \"20ms\", attempts: 99))");
    for seed in 0..60 {
        let mut world = until_ms(group(seed, 3, 4), 3_000);
        world.network.default.loss = Loss::Bernoulli(Probability::new(0.05).expect("in 0..=1"));
        world.network.default.duplicate = Probability::new(0.05).expect("in 0..=1");
        world.network.default.fifo = false;
        let mut params = chain(3);
        // Heartbeats get lost as well: three in a row must not be.
        params.timeout = crate::support::us(60_000);
        let outcome = run::<ChainReplication>(&world, params, &load, &[Linearizable]);
        assert!(!crate::support::breached(&outcome, "Linearizable"), "{:?}", outcome.checks);
        assert!(!crate::support::breached(&outcome, "UpdatePropagation"), "{:?}", outcome.checks);
        assert_eq!(outcome.operations.pending, 0, "seed {seed}");
    }
}

#[test]
fn weak_reads_never_harm_the_propagation_of_updates() {
    let weak = ChainParams { reads: ChainReads::Anywhere, ..chain(3) };
    let mut params = primary_backup(3);
    params.reads = PrimaryBackupReads::Anywhere;
    for (seed, plan) in single().step_by(5).enumerate() {
        let world = small(seed as u64, 3, &plan);
        assert_held(&run::<ChainReplication>(&world, weak.clone(), &busy(3), &[]));
        assert_held(&run::<PrimaryBackup>(&world, params.clone(), &busy(3), &[]));
    }
}
