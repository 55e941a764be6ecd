//! Every algorithm under the faults that it says it can bear, by the same tests that readers write
//! for their own nodes: a failure here contradicts what an algorithm promises.

use seedbed::node::Duration;
use seedbed::scenarios::hunt::Hazard;
use seedbed::scenarios::{AlgorithmRow, Registry};
use seedbed::testing::{Check, check_in};

/// Runs of each algorithm.
const RUNS: u64 = 20;

/// A small scenario of an algorithm.
fn small(row: &AlgorithmRow, folder: &std::path::Path) -> Check {
    let test = check_in(Registry::standard(), row.name).runs(RUNS).save_in(folder);
    let test = test.grace(Duration::from_secs(20));
    match row.family {
        "mutual-exclusion" => test.nodes(3).set("workload", "Closed(requests_per_node: 4)"),
        "replication" => {
            let clients = test.nodes(6).set("workload.pace", "Closed(requests_per_node: 6)");
            match row.name {
                "ChainReplication" | "PrimaryBackup" => clients
                    .set("algorithm.servers", "3")
                    .set("workload.pace.only", "[\"n4\", \"n5\"]"),
                "FencedLease" => clients.set("workload.pace.only", "[\"n2\", \"n3\"]"),
                _ => clients,
            }
        }
        "atomic-commitment" | "multicast" => {
            test.nodes(4).set("workload.pace", "Closed(requests_per_node: 5)")
        }
        // Every client reads its clock every second.
        "clock-synchronisation" => test.nodes(4).set("workload.readings", "15"),
        "atomic-broadcast" => test.nodes(3).set("workload.pace", "Closed(requests_per_node: 4)"),
        // Its comparison is strict, so that histories must differ.
        _ if row.name == "ZooKeeperNotes" => {
            test.nodes(4).set("algorithm.transactions", "[4, 3, 7, 5]")
        }
        _ => test.nodes(4),
    }
}

/// All failures of all algorithms, as text.
fn failures(test: impl Fn(&AlgorithmRow, Check) -> Check) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let registry = Registry::standard();
    let mut failures = Vec::new();
    let mut runs = 0;
    for row in registry.algorithms() {
        match test(row, small(row, folder.path())).try_run() {
            Ok(report) => runs += report.runs,
            Err(failure) => failures.push(format!("{}: {failure}", row.name)),
        }
    }
    assert!(runs + failures.len() as u64 * RUNS >= 30 * RUNS, "only {runs} runs");
    failures
}

#[test]
fn what_an_algorithm_says_that_it_bears_harms_nothing() {
    let failures = failures(|_, test| test);
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn what_only_liveness_needs_may_be_missing_without_harm_to_safety() {
    let registry = Registry::standard();
    let failures = failures(|row, test| {
        let family = registry.family(row.family).expect("a row's family is registered");
        let safe = family.checks.iter().map(|check| check.name);
        let safe = safe.chain(family.history.then_some("Linearizable"));
        let promised = safe.filter(|name| !row.unpromised.contains(name));
        let checks: Vec<_> = promised.map(|name| format!("Always({name})")).collect();
        let kinds = Hazard::all_within(row.needs, false, false);
        let kinds = kinds.into_iter().filter(|hazard| *hazard != Hazard::Slow);
        test.set("checks", &format!("[{}]", checks.join(", "))).faults(kinds)
    });
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}
