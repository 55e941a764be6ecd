//! The shipped scenarios teach, end as they expect, and notice when their feature is switched off.
//!
//! Notes in their comments are for these tests:
//! - `//~ off: path=value; path=value` switches the feature off, as `--set` does: the scenario must
//!   then fail. A scenario that expects a breach must then hold instead. Every file has at least
//!   one; each line is a switch of its own.
//! - `//~ teaches: word feature` says what the scenario is about, for indexes.
//! - `//~ seeds: own, because …` exempts a scenario that holds from being run with other seeds.
//!
//! `SEEDBED_BLESS=1 cargo test -p seedbed-scenarios --test library` rewrites the golden digests.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use seedbed_core::{Outcome, Verdict};
use seedbed_scenarios::{
    Expect, ExploreOptions, Plan, Registry, RunOptions, Shipped, Source, library, load,
};

/// How many seeds besides its own a scenario that holds must hold for.
const FURTHER_SEEDS: u64 = 20;

#[test]
fn every_file_says_what_it_is_about() {
    let mut abouts = BTreeSet::new();
    for shipped in library() {
        let (name, plan) = (shipped.name, plan(&shipped.source()));
        assert_eq!(plan.name, name, "the file is named as the scenario");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}: kebab-case");
        let about = shipped.about();
        assert!((20..=120).contains(&about.chars().count()), "{name}: {about:?} is one line");
        assert!(!about.contains('\n') && abouts.insert(about), "{name}: one line of its own");
        let opening = shipped.text.lines().take_while(|line| line.starts_with("//")).count();
        assert!(opening >= 8, "{name} opens with comments that teach");
        assert!(shipped.text.lines().all(|line| line.chars().count() <= 130), "{name}: long lines");
        let Notes { off, teaches, .. } = notes(&shipped);
        assert!(!off.is_empty(), "{name} has no `//~ off:` note");
        assert_eq!(teaches.split(' ').count(), 2, "{name}: `//~ teaches: word feature`");
    }
}

#[test]
fn every_scenario_ends_as_it_expects_and_the_same_way_twice() {
    let mut wrong = Vec::new();
    for shipped in library() {
        let plan = plan(&shipped.source());
        let (once, again) = (run(&plan, None), run(&plan, None));
        if !plan.expect.met_by(&once) {
            wrong.push(format!("{}: {}", shipped.name, judged(&once)));
        }
        assert_eq!(once, again, "{}: two runs of one seed", shipped.name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_holds_does_not_hold_by_luck() {
    let mut wrong = Vec::new();
    for shipped in library().filter(|shipped| notes(shipped).other_seeds) {
        let plan = plan(&shipped.source());
        let seeds = if plan.expect == Expect::Held { 0..FURTHER_SEEDS } else { 0..0 };
        let outcomes = seeds.map(|seed| run(&plan, Some(seed)));
        let unmet = outcomes.filter(|outcome| !plan.expect.met_by(outcome));
        wrong.extend(
            unmet.map(|o| format!("{} with seed {}: {}", shipped.name, o.seed, judged(&o))),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_scenario_notices_when_its_feature_is_switched_off() {
    let mut unnoticed = Vec::new();
    for shipped in library() {
        for switch in notes(&shipped).off {
            let changed = plan(&with(&shipped, switch.split("; ")));
            let outcome = run(&changed, None);
            if outcome.verdict() != opposite(&changed.expect) {
                unnoticed.push(format!("{} with {switch}: {}", shipped.name, judged(&outcome)));
            }
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

/// How a scenario must end once its feature is off.
fn opposite(expect: &Expect) -> Verdict {
    match expect {
        Expect::Held => Verdict::Failed,
        Expect::Breach(_) | Expect::Inconclusive => Verdict::Held,
    }
}

#[test]
fn every_exploration_ends_as_its_scenario_expects() {
    let mut explored = 0;
    for shipped in library() {
        let plan = plan(&shipped.source());
        if !plan.says_explore {
            continue;
        }
        let found = plan
            .explore(&ExploreOptions::default())
            .unwrap_or_else(|why| panic!("{}: {why}", shipped.name));
        assert_eq!(plan.exploring.missed_by(&found), None, "{}", shipped.name);
        assert!(plan.exploring.unique_states.is_some(), "{} pins its states", shipped.name);
        explored += 1;
    }
    assert!(explored >= 25, "only {explored} scenarios are explored");
}

#[test]
fn every_change_that_a_comment_suggests_is_accepted() {
    let mut count = 0;
    for shipped in library() {
        for line in shipped.text.lines().filter(|line| line.starts_with("//   --set ")) {
            let sets = suggestions(line);
            count += sets.len();
            plan(&with(&shipped, sets.iter().map(String::as_str)));
        }
    }
    assert!(count > 50, "only {count} suggestions were found");
}

#[test]
fn digests_are_as_they_were() {
    let mut digests = String::new();
    for shipped in library() {
        let outcome = run(&plan(&shipped.source()), None);
        writeln!(digests, "{} {} {}", shipped.name, outcome.seed, outcome.digest).expect("grows");
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/digests.txt");
    if env::var_os("SEEDBED_BLESS").is_some() {
        fs::write(&golden, &digests).expect("the golden digests can be written");
    }
    let expected = fs::read_to_string(&golden).expect("the golden digests can be read");
    let known: BTreeSet<&str> = expected.lines().collect();
    let changed: Vec<&str> = digests.lines().filter(|line| !known.contains(line)).collect();
    assert!(digests == expected, "to accept, set SEEDBED_BLESS=1; changed or new: {changed:#?}");
}

fn plan(source: &Source) -> Plan {
    load(&Registry::standard(), source)
        .unwrap_or_else(|problems| panic!("{}: {:?}", source.name, problems.first().data()))
}

fn run(plan: &Plan, seed: Option<u64>) -> Outcome {
    plan.run(seed, RunOptions::default())
}

/// The verdicts that need an explanation, in words.
fn judged(outcome: &Outcome) -> String {
    let checks = outcome.checks.iter().map(|c| format!("{:?} {}: {}", c.verdict, c.name, c.detail));
    format!("{:?}; {}", outcome.ended_by, checks.collect::<Vec<_>>().join("; "))
}

/// A shipped scenario with values set, as by `--set`.
fn with<'a>(shipped: &Shipped, sets: impl IntoIterator<Item = &'a str>) -> Source {
    let mut source = shipped.source();
    for set in sets {
        let (path, value) = set.split_once('=').unwrap_or_else(|| panic!("{set}: path=value"));
        let done = source.set(path.trim(), value.trim());
        done.unwrap_or_else(|why| panic!("{} --set {set}: {why}", shipped.name));
    }
    source
}

struct Notes<'a> {
    off: Vec<&'a str>,
    teaches: &'a str,
    other_seeds: bool,
}

fn notes(shipped: &Shipped) -> Notes<'static> {
    let mut notes = Notes { off: Vec::new(), teaches: "", other_seeds: true };
    for note in shipped.text.lines().filter_map(|line| line.strip_prefix("//~ ")) {
        match note.split_once(": ") {
            Some(("off", switch)) => notes.off.push(switch),
            Some(("teaches", feature)) => notes.teaches = feature,
            Some(("seeds", why)) if why.starts_with("own, because ") => notes.other_seeds = false,
            _ => panic!("{}: the note {note:?} has no meaning", shipped.name),
        }
    }
    notes
}

/// The values of all `--set` in a line, with a shell's quotes removed.
fn suggestions(line: &str) -> Vec<String> {
    let after = line.split("--set ").skip(1);
    let value = |text: &str| {
        let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let end = |c: char| quote.map_or(c.is_whitespace(), |quote| c == quote);
        let body = text.strip_prefix(['\'', '"']).unwrap_or(text);
        body.split(end).next().unwrap_or(body).to_owned()
    };
    after.map(value).collect()
}
