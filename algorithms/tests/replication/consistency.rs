//! What each form promises and what it does not, by the checkers of histories.

use seedbed_algorithms::replication::{Cache, ChainParams, ChainReads, PrimaryBackupReads};
use seedbed_algorithms::{ChainReplication, PrimaryBackup, Replication};
use seedbed_core::check::Consistency::{self, *};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::LinkModel;
use seedbed_core::world::{LinkSet, NodeSet};
use seedbed_core::{Outcome, World};
use seedbed_node::{Algorithm, Distribution, NodeId};

use crate::support::{
    assert_held, at_us, breached, chain, check, group, only, primary_backup, run, until_ms, us,
};

/// Reads and writes of two keys for 40 ms, then reads only.
fn settling(servers: u32) -> String {
    let only = only(servers, 4);
    format!(
        "(pace: Closed(think: Uniform(\"0ms\", \"2ms\"), requests_per_node: 25, {only}), \
         keys: Uniform(count: 2), reads: 0.6, writes_until: Some(\"40ms\"))"
    )
}

fn seeds<A>(params: &A::Params, consistencies: &[Consistency]) -> Vec<Outcome>
where
    A: Algorithm<Family = Replication>,
{
    // Servers are far from each other, so that they differ for long; clients are near.
    let world = |seed| {
        let mut world = until_ms(group(seed, 3, 4), 800);
        let servers = || NodeSet::Only((0..3).map(NodeId).collect());
        let far = LinkModel {
            delay: Distribution::Uniform(us(1_000), us(8_000)),
            ..world.network.default.clone()
        };
        world.network.default.delay = Distribution::Uniform(us(100), us(400));
        world.network.rules.push((LinkSet { from: servers(), to: servers() }, far));
        world
    };
    (0..60)
        .map(|seed| run::<A>(&world(seed), params.clone(), &settling(3), consistencies))
        .collect()
}

#[test]
fn weak_reads_are_eventually_consistent_and_nothing_more() {
    let weak = ChainParams { reads: ChainReads::Anywhere, ..chain(3) };
    let mut star = primary_backup(3);
    star.reads = PrimaryBackupReads::Anywhere;
    for outcomes in [
        seeds::<ChainReplication>(&weak, &Consistency::ALL),
        seeds::<PrimaryBackup>(&star, &Consistency::ALL),
    ] {
        for outcome in &outcomes {
            assert!(!breached(outcome, "EventuallyConsistent"), "{:?}", outcome.checks);
            assert!(!breached(outcome, "UpdatePropagation"), "{:?}", outcome.checks);
        }
        for broken in ["Linearizable", "SequentiallyConsistent", "MonotonicReads"] {
            let found = outcomes.iter().any(|outcome| breached(outcome, broken));
            assert!(found, "no seed breaches {broken}");
        }
    }
}

/// The answer to a write comes from the tail of a chain, which everybody before it is ahead of.
#[test]
fn weak_reads_of_a_chain_still_read_ones_own_writes() {
    let weak = ChainParams { reads: ChainReads::Anywhere, ..chain(3) };
    for outcome in seeds::<ChainReplication>(&weak, &[ReadYourWrites]) {
        assert_held(&outcome);
    }
}

#[test]
fn craq_reads_anywhere_and_stays_linearizable() {
    let craq = ChainParams { reads: ChainReads::Clean, ..chain(3) };
    for outcome in seeds::<ChainReplication>(&craq, &[Linearizable, Eventual]) {
        assert_held(&outcome);
    }
}

#[test]
fn remembered_values_are_consistent_again_when_they_have_expired() {
    let expiring = ChainParams { cache: Cache::Expires, expiry: us(10_000), ..chain(3) };
    let forever = ChainParams { cache: Cache::Forever, ..chain(3) };
    let outcomes = seeds::<ChainReplication>(&forever, &[Linearizable, Eventual, ReadYourWrites]);
    for broken in ["Linearizable", "EventuallyConsistent"] {
        assert!(outcomes.iter().any(|outcome| breached(outcome, broken)), "{broken}");
    }
    assert!(outcomes.iter().all(|outcome| !breached(outcome, "ReadYourWrites")));
    let outcomes = seeds::<ChainReplication>(&expiring, &[Linearizable]);
    assert!(outcomes.iter().any(|outcome| breached(outcome, "Linearizable")));
}

/// Two clients on either side of a partition that separates the tail from the master: the master
/// takes the tail for dead, and the client beside it goes on asking it.
fn split(seed: u64) -> World {
    let mut world = until_ms(group(seed, 3, 4), 600);
    let groups = vec![
        vec![NodeId(0), NodeId(1), NodeId(3), NodeId(4), NodeId(5)],
        vec![NodeId(2), NodeId(6), NodeId(7)],
    ];
    world.faults.planned.push(TimedFault {
        at: at_us(20_000),
        until: Some(at_us(120_000)),
        fault: Fault::Partition(groups),
    });
    world
}

#[test]
fn a_live_tail_that_was_removed_gives_stale_reads_and_the_checker_says_so() {
    let load = format!(
        "(pace: Open(every: Constant(\"2ms\"), requests_per_node: 80, at_once: 100, {}), \
         keys: Uniform(count: 2), reads: 0.8, retry: Some((after: \"30ms\", attempts: 20)))",
        only(3, 4)
    );
    for seed in 0..10 {
        let chained = run::<ChainReplication>(&split(seed), chain(3), &load, &[Linearizable]);
        assert!(breached(&chained, "Linearizable"), "{:?}", chained.checks);
        assert!(!breached(&chained, "UpdatePropagation"), "{:?}", chained.checks);
        assert!(!breached(&chained, "Answered"), "after the partition all are answered");
        let why = &check(&chained, "Linearizable").detail;
        assert!(why.contains("read"), "{why}");
    }
}

/// Without the partition's second half the same plan is harmless: the tail cannot be reached by
/// anybody who could be lied to.
#[test]
fn an_isolated_tail_lies_to_nobody() {
    for seed in 0..10 {
        let mut world = split(seed);
        let fault = Fault::Partition(vec![
            (0..8).filter(|node| *node != 2).map(NodeId).collect(),
            vec![NodeId(2)],
        ]);
        world.faults.planned[0].fault = fault;
        let load = settling(3).replace("reads: 0.6", "reads: 0.6, retry: Some((after: \"30ms\"))");
        assert_held(&run::<ChainReplication>(&world, chain(3), &load, &[Linearizable]));
    }
}
