//! Exact numbers of messages, t = 1..=8 (OSDI 2004, section 2; ATC 2009, section 2.3).

use seedbed_algorithms::replication::{ChainReads, PrimaryBackupReads};
use seedbed_algorithms::{ChainReplication, PrimaryBackup, Replication};
use seedbed_core::Outcome;
use seedbed_core::check::Consistency::Linearizable;
use seedbed_node::{Algorithm, Theory};

use crate::support::{assert_held, chain, group, only, primary_backup, run, steady};

fn load(servers: u32, reads: f64) -> String {
    let only = only(servers, 3);
    format!(
        "(pace: Closed(think: Exponential(mean: \"2ms\"), requests_per_node: 10, {only}), \
         keys: Uniform(count: 3), reads: {reads:?})"
    )
}

/// Every single request costs this many, and nothing was sent besides.
fn assert_exactly(outcome: &Outcome, each: u64) {
    assert_held(outcome);
    let spread = outcome.operations.messages_per.expect("requests");
    assert_eq!((spread.min, spread.max), (each, each), "{} nodes", outcome.nodes);
    assert_eq!(outcome.operations.count, 30);
    assert_eq!(outcome.messages.sent, each * 30, "{} nodes", outcome.nodes);
}

fn exactly<A>(servers: u32, params: A::Params, reads: f64, each: u64)
where
    A: Algorithm<Family = Replication>,
{
    let outcome = run::<A>(&group(7, servers, 3), params, &load(servers, reads), &[Linearizable]);
    assert_exactly(&outcome, each);
}

#[test]
fn chain_updates_cost_2t_or_t_plus_1_without_acknowledgements_and_queries_2() {
    for servers in 1..=8 {
        let mut params = chain(servers);
        params.heartbeat = None;
        let t = u64::from(servers);
        exactly::<ChainReplication>(servers, params.clone(), 0.0, 2 * t);
        exactly::<ChainReplication>(servers, params.clone(), 1.0, 2);
        let theory = ChainReplication::theory(servers + 4, &params);
        assert_eq!(theory, Theory::Between(2.0, 2.0 * f64::from(servers)));
        params.acks = false;
        exactly::<ChainReplication>(servers, params, 0.0, t + 1);
    }
}

#[test]
fn primary_backup_updates_cost_2t_and_queries_2() {
    for servers in 1..=8 {
        let mut params = primary_backup(servers);
        params.heartbeat = None;
        exactly::<PrimaryBackup>(servers, params.clone(), 0.0, 2 * u64::from(servers));
        exactly::<PrimaryBackup>(servers, params.clone(), 1.0, 2);
        params.reads = PrimaryBackupReads::Anywhere;
        exactly::<PrimaryBackup>(servers, params, 1.0, 2);
    }
}

#[test]
fn craq_queries_cost_2_when_clean_and_4_when_dirty_unless_asked_of_the_tail() {
    let mut dirty = 0;
    for servers in 2..=8 {
        let mut params = chain(servers);
        (params.reads, params.heartbeat) = (ChainReads::Clean, None);
        exactly::<ChainReplication>(servers, params.clone(), 1.0, 2);
        for seed in 0..10 {
            let world = group(seed, servers, 3);
            let outcome = run::<ChainReplication>(
                &world,
                params.clone(),
                &load(servers, 0.5),
                &[Linearizable],
            );
            assert_held(&outcome);
            let per = |kind| {
                let found = outcome.messages.by_kind.iter().find(|tally| tally.kind == kind);
                found.map_or(0, |tally| tally.sent)
            };
            assert_eq!(per("Version"), per("Committed"));
            let updates = 2 * u64::from(servers) * per("Update");
            assert_eq!(outcome.messages.sent, updates + 2 * per("Query") + 2 * per("Version"));
            dirty += per("Version");
        }
    }
    assert!(dirty > 50, "{dirty} queries found a dirty key");
}

#[test]
fn heartbeats_are_no_part_of_any_request() {
    let world = crate::support::until_ms(steady(1, 3, 3), 600);
    let outcome = run::<ChainReplication>(&world, chain(3), &load(3, 0.0), &[Linearizable]);
    assert_held(&outcome);
    let spread = outcome.operations.messages_per.expect("requests");
    assert_eq!((spread.min, spread.max), (6, 6));
    let beats = outcome.messages.by_kind.iter().find(|tally| tally.kind == "Heartbeat");
    assert_eq!(beats.map(|tally| tally.sent), Some(3 * 120), "one each in 5 ms");
    assert_eq!(outcome.messages.sent, 6 * 30 + 3 * 120);
}
