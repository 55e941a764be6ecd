//! The assumption matrix: cells of algorithms that are known, and what contradicts a declaration.

use std::num::NonZeroUsize;

use seedbed_node::Assumption;
use seedbed_scenarios::matrix::{COLUMNS, Column, Effort, Found, Row};
use seedbed_scenarios::{Plan, Registry, Source, find, load};

fn plan(name: &str, sets: &[(&str, &str)]) -> Plan {
    let mut source = find(name).expect("it is shipped").source();
    for (path, value) in sets {
        source.set(path, value).expect("the path exists");
    }
    load(&Registry::standard(), &source).expect("it loads")
}

fn row(plan: &Plan, columns: &[&str]) -> Row {
    let asked = |column: &&Column| columns.contains(&column.name);
    let columns: Vec<Column> = COLUMNS.iter().filter(asked).copied().collect();
    let (jobs, stop) = (NonZeroUsize::MIN, &|| false);
    let effort = Effort { runs: 30, states_max: 100_000, jobs, stop };
    Row::of(&Registry::standard(), plan, &columns, &effort, |_| {})
}

#[test]
fn an_instance_that_breaks_is_made_as_small_as_it_can_be() {
    let explore = ("explore", "(unique_states: 1)");
    let large = plan("lamport-explored", &[("nodes", r#"["ada", "bob", "cyd"]"#), explore]);
    let row = row(&large, &["reorder"]);
    let Found::Broken(breach) = &row.cells[0].found else { panic!("{:?}", row.cells) };
    assert!(breach.safety && breach.explored && breach.minimal, "{breach:#?}");
    let source = Source::new("small.ron", breach.text.clone());
    let small = load(&Registry::standard(), &source).expect("it loads");
    assert_eq!((small.nodes(), small.name.as_str()), (2, "lamport-reorder"));
    assert!(breach.text.contains("requests_per_node: 1,"), "{}", breach.text);
}

#[test]
fn what_an_algorithm_holds_without_it_does_not_need() {
    let row = row(&plan("ricart-agrawala-explored", &[]), &["reorder"]);
    assert!(matches!(row.cells[0].found, Found::Holds { states: 150 }), "{:?}", row.cells);
    assert_eq!(row.contradictions(), Vec::<String>::new());
    let mut needy = row.clone();
    needy.needs.liveness = &[Assumption::Fifo];
    assert_eq!(needy.contradictions(), ["RicartAgrawala names Fifo and holds without it"]);
    assert!(needy.contradicts(&needy.cells[0]));
}

#[test]
fn a_breach_without_what_is_not_named_is_a_contradiction() {
    let row = row(&plan("lamport-explored", &[]), &["reorder", "loss"]);
    assert_eq!(row.contradictions(), Vec::<String>::new());
    let mut silent = row.clone();
    silent.needs.safety = &[Assumption::Reliable];
    // For liveness it may be needed; safety is broken.
    silent.needs.liveness = &[Assumption::Fifo];
    let contradictions = silent.contradictions();
    assert_eq!(contradictions.len(), 1, "{contradictions:#?}");
    assert!(contradictions[0].starts_with(
        "Lamport breaks MutualExclusion under reorder and does not name Fifo among what it needs \
         for safety: "
    ));
}
