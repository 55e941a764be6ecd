//! The shipped scenarios end as they expect.

use seedbed_core::Verdict;
use seedbed_scenarios::{Registry, RunOptions, library, load};

#[test]
fn every_shipped_scenario_ends_as_expected() {
    let registry = Registry::standard();
    for shipped in library() {
        let plan = load(&registry, &shipped.source())
            .unwrap_or_else(|problems| panic!("{}: {:?}", shipped.name, problems.first().data()));
        assert_eq!(plan.name, shipped.name, "the file is named as the scenario");
        assert!(!shipped.about().is_empty(), "{} has no `about`", shipped.name);
        let outcome = plan.run(None, RunOptions::default());
        assert!(plan.expect.met_by(&outcome), "{}: {:#?}", shipped.name, outcome.checks);
    }
}

#[test]
fn the_readers_first_scenario_shows_what_it_claims() {
    let shipped = seedbed_scenarios::find("ricart").expect("found by the beginning of its name");
    let plan = load(&Registry::standard(), &shipped.source()).expect("shipped");
    let outcome = plan.run(None, RunOptions::default());
    assert_eq!(outcome.verdict(), Verdict::Held);
    let names: Vec<_> = outcome.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, plan.checks().collect::<Vec<_>>(), "outcomes are in the scenario's order");
}
