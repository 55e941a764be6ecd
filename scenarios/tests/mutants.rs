//! Mutants: every deliberate bug is found by some harness, what is no bug by none, and each
//! algorithm has a bug of every sort that it can have.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use seedbed_core::Verdict;
use seedbed_node::{Bug, Duration, Kind, Mutant};
use seedbed_scenarios::mutants::{Bases, Effort, Found, Row, Sheet, spliced, surroundings};
use seedbed_scenarios::{AlgorithmRow, Expect, Plan, Registry, RunOptions, Source, find, load};

/// Sorts of bugs that an algorithm cannot have, and why.
const EXCEPTIONS: &[(&str, &[Bug], &str)] = &[
    ("Lamport", &[Bug::Durability], "nothing is written, and nodes do not crash"),
    ("RicartAgrawala", &[Bug::Durability], "nothing is written, and nodes do not crash"),
    ("RoucairolCarvalho", &[Bug::Durability], "nothing is written, and nodes do not crash"),
    ("Maekawa", &[Bug::Durability], "nothing is written, and nodes do not crash"),
    ("SuzukiKasami", &[Bug::Durability], "nothing is written, and a crash may stop everything"),
    ("SuzukiKasami", &[Bug::TieBreak], "the token's queue decides, and nothing is compared"),
    ("Raymond", &[Bug::Durability], "nothing is written, and a crash may stop everything"),
    ("Raymond", &[Bug::TieBreak], "queues decide, in the order of arrival"),
    ("TokenRing", &[Bug::TieBreak], "the ring decides, and nothing is compared"),
    ("Centralised", &[Bug::Durability], "nothing is written, and nodes do not crash"),
    ("Centralised", &[Bug::TieBreak], "the queue decides, in the order of arrival"),
    ("Centralised", &[Bug::Stale], "each message is answered before the next is sent"),
    ("CentralisedLease", &[Bug::TieBreak], "the queue decides, in the order of arrival"),
    ("DecentralisedVoting", &[Bug::Durability], "nothing is written: votes are forgotten"),
    ("DecentralisedVoting", &[Bug::TieBreak], "chance decides, and nothing is compared"),
    ("FifoMulticast", &[Bug::Durability], "nothing is written, and nodes do not crash"),
    ("FifoMulticast", &[Bug::TieBreak], "messages of different senders are not ordered"),
    ("CausalMulticast", &[Bug::Durability], "nothing is written, and nodes do not crash"),
    ("CausalMulticast", &[Bug::TieBreak], "concurrent messages are not ordered"),
    ("Sequencer", &[Bug::Durability], "nothing is written, and nodes do not crash"),
    ("Sequencer", &[Bug::TieBreak], "one node gives all positions, each once"),
    ("TotalOrderLamport", &[Bug::Durability], "nothing is written, and nodes do not crash"),
    ("CapRegister", &[Bug::Durability], "nothing is written: replicas are kept in memory"),
    ("ChainReplication", &[Bug::TieBreak], "the head numbers updates, each once"),
    ("FencedLease", &[Bug::Durability], "nothing is written: tokens are kept in memory"),
    ("Berkeley", &[Bug::TieBreak], "readings are averaged, and none wins"),
    ("Cristian", &[Bug::TieBreak], "one server is asked, one question at a time"),
    ("LamportPhysical", &[Bug::Durability], "nothing is written"),
    ("LamportPhysical", &[Bug::Stale], "an old message tells an early time, which changes nothing"),
    ("Marzullo", &[Bug::TieBreak], "intervals are intersected, in whatever order"),
    ("FastLeaderElection", &[Bug::Durability], "nothing is written: histories are given"),
    ("ZooKeeperNotes", &[Bug::Durability], "nothing is written: histories are given"),
];

const HARMLESS: Mutant =
    Mutant { name: "Harmless", params: "", bug: Bug::Guard, about: "does what it should" };

fn row(name: &str) -> AlgorithmRow {
    Registry::standard().algorithm(name).expect("it is shipped").clone()
}

fn tried(bases: &Bases, runs: u64) -> Sheet {
    let now = || Duration::ZERO;
    let (jobs, stop) = (NonZeroUsize::MIN, &|| false);
    let effort = Effort { runs, states_max: 50_000, jobs, stop, now: &now };
    Sheet::of(&Registry::standard(), bases, &effort, |_| {})
}

/// The mutants of an algorithm that are called so, in its own scenarios.
fn only(name: &str, mutants: &[&str]) -> Bases {
    let row = row(name);
    let wanted = row.mutants.iter().filter(|mutant| mutants.contains(&mutant.name)).copied();
    let chosen: Vec<Mutant> = wanted.collect();
    assert_eq!(chosen.len(), mutants.len(), "{name} has {mutants:?}");
    Bases { mutants: chosen.leak(), ..Bases::shipped(&Registry::standard(), &row) }
}

fn plan(source: &Source) -> Plan {
    load(&Registry::standard(), source)
        .unwrap_or_else(|problems| panic!("{}: {:?}", source.name, problems.first().data()))
}

#[test]
fn every_algorithm_with_mutants_has_one_of_each_sort_that_it_can_have() {
    for row in Registry::standard().algorithms().filter(|row| !row.mutants.is_empty()) {
        let has: BTreeSet<Bug> = row.mutants.iter().map(|mutant| mutant.bug).collect();
        for bug in [Bug::Guard, Bug::TieBreak, Bug::Durability, Bug::Stale, Bug::Liveness] {
            let excused = EXCEPTIONS.iter().any(|(name, bugs, why)| {
                assert!(why.len() > 10, "{name}: a reason");
                *name == row.name && bugs.contains(&bug)
            });
            assert_ne!(has.contains(&bug), excused, "{}: {bug:?}", row.name);
        }
    }
}

#[test]
fn mutants_are_told_apart_and_set_hidden_parameters_alone() {
    let registry = Registry::standard();
    for row in registry.algorithms() {
        let names: BTreeSet<_> = row.mutants.iter().map(|mutant| mutant.name).collect();
        assert_eq!(names.len(), row.mutants.len(), "{}: names", row.name);
        let abouts: BTreeSet<_> = row.mutants.iter().map(|mutant| mutant.about).collect();
        assert_eq!(abouts.len(), row.mutants.len(), "{}: what they are about", row.name);
        for Mutant { name, params, about, .. } in row.mutants {
            let (field, value) = params.split_once(": ").expect("one parameter");
            let hidden = |f: &&seedbed_node::Field| f.name == field && f.hidden;
            assert!(row.fields.iter().any(|f| hidden(&f)), "{}: {params}", row.name);
            assert!(value == *name || field == *name, "{}: {params} is {name}", row.name);
            assert!((15..=100).contains(&about.len()) && !about.ends_with('.'), "{about}");
        }
    }
}

#[test]
fn every_value_of_a_hidden_parameter_is_a_row() {
    for row in Registry::standard().algorithms() {
        for field in row.fields.iter().filter(|field| field.hidden) {
            let Kind::Choice(words) = field.kind else { continue };
            for word in words.iter().filter(|word| **word != "None") {
                let listed = row.mutants.iter().any(|mutant| mutant.name == *word);
                assert!(listed, "{} does not list {word}", row.name);
            }
        }
    }
}

#[test]
fn every_mutants_parameters_are_read() {
    let registry = Registry::standard();
    for row in registry.algorithms().filter(|row| !row.mutants.is_empty()) {
        let bases = Bases::shipped(&registry, row);
        let base = bases.small.first().or(bases.run.first());
        let base = base.unwrap_or_else(|| panic!("{} has a base", row.name));
        for mutant in row.mutants {
            let plan = spliced(&registry, base, mutant.params);
            let why = |problems: seedbed_scenarios::Problems| problems.first().data().message;
            let plan = plan.unwrap_or_else(|p| panic!("{} {}: {}", row.name, mutant.name, why(p)));
            assert!(plan.source.text.contains(mutant.name), "{}", plan.source.text);
        }
    }
}

#[test]
fn surroundings_belong_to_a_mutant_and_hold_without_it() {
    let registry = Registry::standard();
    for shipped in surroundings() {
        let plan = plan(&shipped.source());
        assert_eq!((plan.name.as_str(), &plan.expect), (shipped.name, &Expect::Held));
        let row = registry.algorithm(plan.algorithm).expect("its row");
        let belongs = |mutant: &&Mutant| {
            seedbed_scenarios::mutants::surrounding(&row.slug, mutant.name) == Some(shipped)
        };
        let owner = row.mutants.iter().find(belongs);
        assert!(owner.is_some(), "{}: there is no such mutant of {}", shipped.name, row.name);
        assert!(!shipped.text.contains("mutant"), "{} is not spliced yet", shipped.name);
        for seed in 0..10 {
            let outcome = plan.run(Some(seed), RunOptions::default());
            assert_eq!(outcome.verdict(), Verdict::Held, "{} {seed}", shipped.name);
        }
    }
}

#[test]
fn each_harness_finds_what_it_is_for() {
    let sheet = tried(&only("Lamport", &["HeadOnly", "ForgetsRelease", "AcksTwice"]), 40);
    let killers = |row: &Row| row.killers().map(|harness| harness.name()).collect::<Vec<_>>();
    let found: Vec<_> = sheet.rows.iter().map(|row| (row.mutant.name, killers(row))).collect();
    let all = vec!["run", "counts", "hunt", "explore"];
    assert_eq!(found[0].0, "HeadOnly");
    assert!(found[0].1.contains(&"explore") && found[0].1.contains(&"hunt"), "{found:?}");
    assert_eq!(found[1], ("ForgetsRelease", all));
    assert_eq!(found[2], ("AcksTwice", vec!["counts"]), "nothing but the figures tells");
    assert_eq!(sheet.complaints(), Vec::<String>::new());
    assert!(sheet.rows.iter().all(|row| row.reduced_agrees == Some(true)), "{sheet:#?}");
}

#[test]
fn what_is_no_bug_survives_and_is_complained_about() {
    let bases = Bases { mutants: &[HARMLESS], ..only("RicartAgrawala", &[]) };
    let sheet = tried(&bases, 20);
    assert!(sheet.rows[0].survives(), "{sheet:#?}");
    for trial in &sheet.rows[0].trials {
        let Found::Survived { tried } = trial.found else { panic!("{trial:?}") };
        assert!(tried >= 20 || tried as usize == bases.run.len(), "{trial:?}");
    }
    assert_eq!(sheet.rows[0].reduced_agrees, Some(true));
    assert_eq!(sheet.complaints(), ["RicartAgrawala survives as Harmless: does what it should"]);
}

#[test]
fn where_the_algorithm_itself_fails_no_mutant_is_blamed() {
    let mut source = find("lamport-explored").expect("it is shipped").source();
    source.set("network.reorder", "true").expect("a network");
    source.set("seed", "3").expect("a seed");
    let bases = Bases::of(&Registry::standard(), plan(&source));
    let sheet = tried(&Bases { mutants: &[HARMLESS], ..bases }, 200);
    assert!(sheet.rows[0].survives(), "{sheet:#?}");
    let [.., explore] = &sheet.rows[0].trials;
    assert!(matches!(explore.found, Found::NotApplicable(_)), "{explore:?}");
    let complaints = sheet.complaints();
    assert!(
        complaints[0].starts_with("Lamport does not hold in lamport-explored without any bug: "),
        "{complaints:#?}"
    );
}

#[test]
fn what_is_found_depends_neither_on_threads_nor_on_time() {
    let bases = only("SuzukiKasami", &["KeepsToken", "ForgetsWaiters"]);
    let now = || Duration::ZERO;
    let sheet = |jobs| {
        let jobs = NonZeroUsize::new(jobs).expect("not 0");
        let stop = &|| false;
        let effort = Effort { runs: 60, states_max: 10_000, jobs, stop, now: &now };
        Sheet::of(&Registry::standard(), &bases, &effort, |_| {})
    };
    assert_eq!(sheet(1), sheet(3));
}

#[test]
fn what_is_ended_early_says_so() {
    let now = || Duration::ZERO;
    let (jobs, stop) = (NonZeroUsize::MIN, &|| true);
    let effort = Effort { runs: 10, states_max: 10_000, jobs, stop, now: &now };
    let bases = only("Raymond", &["LendsInside"]);
    let sheet = Sheet::of(&Registry::standard(), &bases, &effort, |_| {});
    assert!(sheet.stopped && sheet.rows.is_empty(), "{sheet:#?}");
}

#[test]
fn a_few_mutants_of_each_family_are_found() {
    for (name, mutants) in [
        ("RoucairolCarvalho", &["NoTieBreak", "KeepsPermission"][..]),
        ("TokenRing", &["TokenAtEveryBoot"]),
        ("FifoMulticast", &["SkipsGaps", "ForgetsHeld"]),
        ("TotalOrderLamport", &["HearsAnything", "OwnFirst"]),
    ] {
        let sheet = tried(&only(name, mutants), 100);
        assert_eq!(sheet.complaints(), Vec::<String>::new(), "{name}");
    }
}
