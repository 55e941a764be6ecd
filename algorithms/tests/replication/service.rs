//! Latency and throughput against the service-time model of the paper (OSDI 2004, section 5): every
//! message travels for one link time; servers take some time for a query, some for an update, and
//! less for the difference that an update makes.

use proptest::prelude::*;
use seedbed_algorithms::replication::{
    ChainParams, ChainReads, PrimaryBackupParams, PrimaryBackupReads,
};
use seedbed_algorithms::{ChainReplication, PrimaryBackup, Replication};
use seedbed_core::World;
use seedbed_core::service::ServiceConfig;
use seedbed_node::{Algorithm, Distribution, Duration};

use crate::support::{answers, chain, only, primary_backup, simulation, steady, us};

/// The model's times.
#[derive(Clone, Copy, Debug)]
struct Times {
    link: u64,
    query: u64,
    update: u64,
    difference: u64,
}

/// The paper's: a web search index.
const PAPER: Times = Times { link: 1_000, query: 5_000, update: 50_000, difference: 20_000 };

fn world(seed: u64, servers: u32, clients: u32, times: Times) -> World {
    let mut world = steady(seed, servers, clients);
    let constant = |time| Distribution::Constant(us(time));
    world.network.default.delay = constant(times.link);
    world.service = Some(ServiceConfig {
        default: constant(0),
        by_kind: vec![
            ("Query".into(), constant(times.query)),
            ("Update".into(), constant(times.update)),
            ("Difference".into(), constant(times.difference)),
        ],
        cores: 1,
        queue_max: None,
    });
    world
}

fn quiet_chain(servers: u32, reads: ChainReads) -> ChainParams {
    ChainParams { heartbeat: None, reads, ..chain(servers) }
}

fn quiet_star(servers: u32, reads: PrimaryBackupReads) -> PrimaryBackupParams {
    PrimaryBackupParams { heartbeat: None, reads, ..primary_backup(servers) }
}

/// One client, one request after the other: every read takes `query`, every write `update`.
fn latencies<A>(servers: u32, params: A::Params, times: Times, query: u64, update: u64)
where
    A: Algorithm<Family = Replication>,
{
    let pause = us(10 * (times.link + times.update) + 100 * times.difference);
    let load = format!(
        "(pace: Closed(think: Constant(\"{pause}\"), requests_per_node: 8, {}), reads: 0.5)",
        only(servers, 1)
    );
    let all = answers::<A>(&world(3, servers, 1, times), params, &load);
    assert_eq!(all.len(), 8);
    for answer in all {
        let expected = if answer.is_read { query } else { update };
        assert_eq!(answer.took, us(expected), "{servers} servers, {times:?}, {answer:?}");
    }
}

fn all_latencies(servers: u32, times: Times) {
    let Times { link, query, update, difference } = times;
    let others = u64::from(servers) - 1;
    let reading = 2 * link + query;
    let chained = 2 * link + update + others * (link + difference);
    for reads in [ChainReads::Tail, ChainReads::Anywhere, ChainReads::Clean] {
        let params = quiet_chain(servers, reads);
        latencies::<ChainReplication>(servers, params, times, reading, chained);
    }
    let backed = 2 * link + update + if others > 0 { 2 * link + difference } else { 0 };
    for reads in [PrimaryBackupReads::Primary, PrimaryBackupReads::Anywhere] {
        let params = quiet_star(servers, reads);
        latencies::<PrimaryBackup>(servers, params, times, reading, backed);
    }
}

#[test]
fn the_papers_example_takes_94_ms_for_an_update_and_7_for_a_query() {
    let params = quiet_chain(3, ChainReads::Tail);
    latencies::<ChainReplication>(3, params, PAPER, 7_000, 94_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn latency_has_a_closed_form_for_any_times(
        servers in 1u32..=6,
        link in 0u64..5_000,
        query in 0u64..20_000,
        update in 0u64..100_000,
        difference in 0u64..50_000,
    ) {
        all_latencies(servers, Times { link, query, update, difference });
    }
}

/// Requests a second with 25 clients that never think, as in the paper, and the share of updates
/// that were drawn.
fn throughput<A>(servers: u32, params: A::Params, updates: f64, times: Times) -> (f64, f64)
where
    A: Algorithm<Family = Replication>,
{
    let load = format!(
        "(pace: Closed(think: Constant(\"0s\"), requests_per_node: 120, {}), reads: {:?})",
        only(servers, 25),
        1.0 - updates
    );
    let world = world(11, servers, 25, times);
    let outcome = simulation::<A>(&world, params, &load).run();
    assert_eq!(outcome.operations.count, 25 * 120);
    let drawn = outcome.messages.by_kind.iter().find(|tally| tally.kind == "Update");
    let share = drawn.map_or(0.0, |tally| tally.sent as f64 / f64::from(25 * 120));
    (outcome.measures["throughput_per_s"], share)
}

/// What the busiest server allows.
fn bounds(servers: u32, updates: f64, times: Times) -> [f64; 3] {
    let Times { query, update, difference, .. } = times;
    let [query, update, difference] = [query, update, difference].map(|us| us as f64 / 1e6);
    let (reads, t) = (1.0 - updates, f64::from(servers));
    let follower = if servers > 1 { difference } else { update };
    let chain = f64::max(
        updates * update + if servers > 1 { 0.0 } else { reads * query },
        updates * follower + reads * query,
    );
    let star = updates * update + reads * query;
    let weak =
        f64::max(updates * update + reads * query / t, updates * follower + reads * query / t);
    [chain, star, weak].map(|busy| 1.0 / busy)
}

fn near(measured: f64, bound: f64, least: f64) -> bool {
    // Queries chosen at random do not load all servers alike.
    (least * bound..=1.02 * bound).contains(&measured)
}

/// Section 5.1: saturated by queries or updates alone, one server is always busy.
#[test]
fn throughput_of_one_kind_of_request_is_what_the_busiest_server_allows() {
    for servers in [2, 3, 10] {
        for updates in [0.0, 1.0] {
            let [chain_bound, star_bound, weak_bound] = bounds(servers, updates, PAPER);
            let chained = quiet_chain(servers, ChainReads::Tail);
            let (chained, _) = throughput::<ChainReplication>(servers, chained, updates, PAPER);
            assert!(near(chained, chain_bound, 0.97), "{servers}, {updates}: {chained}");
            let star = quiet_star(servers, PrimaryBackupReads::Primary);
            let (star, _) = throughput::<PrimaryBackup>(servers, star, updates, PAPER);
            assert!(near(star, star_bound, 0.97), "{servers}, {updates}: {star}");
            let weak = quiet_chain(servers, ChainReads::Anywhere);
            let (weak, _) = throughput::<ChainReplication>(servers, weak, updates, PAPER);
            // Queries chosen at random leave some of many servers idle now and then.
            let least = if updates > 0.0 { 0.97 } else { 0.6 };
            assert!(near(weak, weak_bound, least), "{servers}, {updates}: {weak} of {weak_bound}");
        }
    }
}

/// Section 5.1, figure 4: "chain replication has equal or superior performance to primary/backup
/// for all percentages of updates"; weak reads are ahead while updates are rare.
#[test]
fn a_chain_is_never_behind_primary_and_backups_whatever_the_mix() {
    for updates in [0.05, 0.10, 0.25, 0.50, 0.80] {
        let chained = quiet_chain(3, ChainReads::Tail);
        let (chained, chain_share) = throughput::<ChainReplication>(3, chained, updates, PAPER);
        let star = quiet_star(3, PrimaryBackupReads::Primary);
        let (star, star_share) = throughput::<PrimaryBackup>(3, star, updates, PAPER);
        let weak = quiet_star(3, PrimaryBackupReads::Anywhere);
        let (weak, weak_share) = throughput::<PrimaryBackup>(3, weak, updates, PAPER);
        let [chain_bound, ..] = bounds(3, chain_share, PAPER);
        let [_, star_bound, _] = bounds(3, star_share, PAPER);
        let [.., weak_bound] = bounds(3, weak_share, PAPER);
        for (measured, bound) in [(chained, chain_bound), (star, star_bound), (weak, weak_bound)] {
            assert!(near(measured, bound, 0.75), "{updates}: {measured} of {bound}");
        }
        assert!(chained > 0.99 * star, "{updates}: {chained} and {star}");
        if updates <= 0.05 {
            assert!(weak > chained, "{updates}: {weak} and {chained}");
        }
    }
}

/// A head that takes ten times as long makes updates slow and leaves queries alone.
#[test]
fn queries_do_not_depend_on_the_head() {
    let slow = Times { update: 500_000, ..PAPER };
    let load = format!(
        "(pace: Closed(think: Constant(\"0s\"), requests_per_node: 20, {}), reads: 0.9)",
        only(3, 1)
    );
    let params = quiet_chain(3, ChainReads::Tail);
    let all = answers::<ChainReplication>(&world(5, 3, 1, slow), params, &load);
    let reads = all.iter().filter(|answer| answer.is_read);
    assert!(
        reads.clone().count() > 10 && reads.clone().all(|a| a.took == Duration::from_millis(7))
    );
}
