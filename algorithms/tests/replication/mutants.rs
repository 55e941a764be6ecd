//! Every hidden bug is found, and found as what it is.

use seedbed_algorithms::replication::{
    CapMutant, CapParams, ChainMutant, ChainParams, ChainReads, LeaseMutant, LeaseParams,
    PrimaryBackupMutant, PrimaryBackupParams,
};
use seedbed_algorithms::{CapRegister, ChainReplication, FencedLease, PrimaryBackup, Replication};
use seedbed_core::World;
use seedbed_core::check::Consistency::Linearizable;
use seedbed_node::{Algorithm, Distribution};

use crate::support::{
    assert_held, at_us, breached, chain, crash, group, only, primary_backup, run, until_ms, us,
};

const SEEDS: u64 = 60;

/// Some seed shows `name` breached, in a world in which the sound algorithm holds for all seeds.
fn caught<A>(
    world: impl Fn(u64) -> World,
    sound: &A::Params,
    broken: &A::Params,
    load: &str,
    name: &str,
) where
    A: Algorithm<Family = Replication>,
{
    for seed in 0..SEEDS {
        assert_held(&run::<A>(&world(seed), sound.clone(), load, &[Linearizable]));
    }
    let found = (0..SEEDS)
        .any(|seed| breached(&run::<A>(&world(seed), broken.clone(), load, &[Linearizable]), name));
    assert!(found, "{broken:?}: no seed breaches {name}");
}

fn load(servers: u32) -> String {
    let only = only(servers, 4);
    format!(
        "(pace: Closed(think: Uniform(\"0ms\", \"2ms\"), requests_per_node: 15, {only}), \
         keys: Uniform(count: 2), reads: 0.5)"
    )
}

fn sound(seed: u64) -> World {
    until_ms(group(seed, 3, 4), 600)
}

fn crashing(server: u32) -> impl Fn(u64) -> World {
    crashing_after(server, None)
}

/// The same in the middle of a handler, after so many effects.
fn crashing_after(server: u32, effects: Option<u32>) -> impl Fn(u64) -> World {
    move |seed| {
        let mut world = sound(seed);
        let at = at_us(10_000 + 137 * seed);
        world.faults.planned.push(crash(server, at, None, effects));
        world
    }
}

/// Links that let messages overtake each other: progress may suffer, safety may not.
fn overtaking(seed: u64) -> World {
    let mut world = sound(seed);
    world.network.default.fifo = false;
    world.network.default.delay = Distribution::Uniform(us(100), us(4_000));
    world
}

#[test]
fn of_chains() {
    use ChainMutant::*;
    let mutant = |mutant| ChainParams { mutant, ..chain(3) };
    let chain_caught = |world: &dyn Fn(u64) -> World, bug, name| {
        caught::<ChainReplication>(world, &chain(3), &mutant(bug), &load(3), name);
    };
    chain_caught(&sound, HeadAnswers, "Linearizable");
    chain_caught(&crashing(1), ForgetsSent, "Answered");
    chain_caught(&crashing(0), ForgetsClients, "Answered");
    chain_caught(&crashing(2), TailOwesNothing, "Answered");
    let craq = ChainParams { reads: ChainReads::Clean, ..chain(3) };
    let broken = ChainParams { mutant: TrustsDirty, ..craq.clone() };
    caught::<ChainReplication>(sound, &craq, &broken, &load(3), "Linearizable");
}

#[test]
fn a_chain_that_applies_out_of_order() {
    let broken = ChainParams { mutant: ChainMutant::AppliesOutOfOrder, ..chain(3) };
    let run = |seed, params| run::<ChainReplication>(&overtaking(seed), params, &load(3), &[]);
    assert!((0..SEEDS).any(|seed| breached(&run(seed, broken.clone()), "UpdatePropagation")));
    assert!((0..SEEDS).all(|seed| !breached(&run(seed, chain(3)), "UpdatePropagation")));
}

/// Duplicates applied twice: a client whose answer is late asks again, and its old value returns.
#[test]
fn of_servers_that_do_not_recognise_what_comes_twice() {
    let load =
        load(3).replace("reads: 0.5", "reads: 0.5, retry: Some((after: \"5ms\", attempts: 50))");
    let broken = ChainParams { deduplicate: false, ..chain(3) };
    caught::<ChainReplication>(sound, &chain(3), &broken, &load, "Linearizable");
    let broken = PrimaryBackupParams { deduplicate: false, ..primary_backup(3) };
    caught::<PrimaryBackup>(sound, &primary_backup(3), &broken, &load, "Linearizable");
}

#[test]
fn of_primaries() {
    use PrimaryBackupMutant::*;
    let mutant = |mutant| PrimaryBackupParams { mutant, ..primary_backup(3) };
    let found = |world: &dyn Fn(u64) -> World, bug, name| {
        caught::<PrimaryBackup>(world, &primary_backup(3), &mutant(bug), &load(3), name);
    };
    // It has applied the update and answered, and nobody else will ever hear of it.
    found(&crashing_after(0, Some(2)), AnswersUnacknowledged, "Linearizable");
    // The first backup has been sent the update, the last has not.
    found(&crashing_after(0, Some(2)), LeadsWithLast, "UpdatePropagation");
    found(&crashing(1), AwaitsRemoved, "Answered");
}

#[test]
fn of_the_register_that_chooses() {
    let load = "(pace: Closed(think: Uniform(\"0ms\", \"2ms\"), requests_per_node: 30), \
                keys: Uniform(count: 1), reads: 0.6)";
    let members = |nodes| {
        move |seed| {
            let mut world = World::new(seed, nodes);
            world.network.default.delay =
                Distribution::Empirical(vec![(us(1_000), 2), (us(60_000), 1)]);
            world
        }
    };
    for (nodes, mutant) in [(4, CapMutant::HalfIsEnough), (3, CapMutant::ReadsWithoutStoring)] {
        let broken = CapParams { mutant, ..Default::default() };
        let sound = CapParams::default();
        caught::<CapRegister>(members(nodes), &sound, &broken, load, "Linearizable");
    }
}

#[test]
fn of_leases() {
    let load = "(pace: Closed(think: Uniform(\"0ms\", \"5ms\"), requests_per_node: 8, \
                only: [NodeId(2), NodeId(3), NodeId(4)]), keys: Uniform(count: 1), reads: 0.2)";
    // Some messages take longer than a lease lasts.
    let slow = |seed| {
        let mut world = World::new(seed, 5);
        world.network.default.delay =
            Distribution::Empirical(vec![(us(1_000), 9), (us(400_000), 1)]);
        world
    };
    for bug in [LeaseMutant::SameToken, LeaseMutant::ForgetsReads] {
        let broken = LeaseParams { mutant: bug, ..Default::default() };
        caught::<FencedLease>(slow, &LeaseParams::default(), &broken, load, "NoLostUpdate");
    }
    let twice =
        LeaseParams { mutant: LeaseMutant::GrantsTwice, fencing: false, ..Default::default() };
    let unfenced = LeaseParams { fencing: false, ..Default::default() };
    let prompt = |seed| World::new(seed, 5);
    caught::<FencedLease>(prompt, &unfenced, &twice, load, "NoLostUpdate");
}
