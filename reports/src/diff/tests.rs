//! Where runs part, against whole chronicles of both.

use seedbed_scenarios::{Registry, find, load};

use super::*;
use crate::Style;
use crate::chronicle::{Chronicle, Limits};

fn plan(name: &str, changes: &[(&str, &str)]) -> Plan {
    let mut source = find(name).expect("it is shipped").source();
    for (path, value) in changes {
        source.set(path, value).unwrap_or_else(|why| panic!("{path}: {why:?}"));
    }
    load(&Registry::standard(), &source).unwrap_or_else(|why| panic!("{name}: {why:?}"))
}

/// All records of a run.
fn all(side: Side<'_>) -> Vec<Moment> {
    let limits = Limits { entries_max: usize::MAX, states: false };
    let (_, chronicle) = Chronicle::of(side.plan, Some(side.seed), limits);
    let moment = |entry: crate::chronicle::Entry| Moment {
        at: entry.at,
        node: entry.node,
        what: entry.what,
    };
    chronicle.entries.into_iter().map(moment).collect()
}

fn truly_parts(a: Side<'_>, b: Side<'_>) -> Difference {
    let difference = Difference::of(a, b);
    let (ours, theirs) = (all(a), all(b));
    let common = ours.iter().zip(&theirs).take_while(|(one, other)| one == other).count();
    assert_eq!(difference.common, common as u64);
    let after = |records: &[Moment]| records[common..].iter().take(AFTER).cloned().collect();
    match &difference.parted {
        None => assert_eq!((ours.len(), theirs.len()), (common, common)),
        Some(parted) => {
            let expected: [Vec<Moment>; 2] = [after(&ours), after(&theirs)];
            assert_eq!([&parted.a, &parted.b], expected.each_ref());
            assert!(parted.before.iter().all(|moment| ours[..common].contains(moment)));
            let firsts = [parted.a.first(), parted.b.first()];
            let nodes: BTreeSet<_> = firsts.into_iter().flatten().flat_map(involved).collect();
            for node in nodes {
                let last = ours[..common].iter().rev().filter(|m| m.node == node).take(BEFORE);
                assert!(last.into_iter().all(|moment| parted.before.contains(moment)));
            }
        }
    }
    difference
}

#[test]
fn runs_part_where_their_records_do() {
    let (plan, short) = (plan("loss", &[]), plan("loss", &[("stop", "\"1s\"")]));
    let side = |plan, seed| Side { plan, seed };
    let equal = truly_parts(side(&plan, 3), side(&plan, 3));
    assert!(equal.is_equal() && equal.parted.is_none());
    let seeds = truly_parts(side(&plan, 3), side(&plan, 4));
    assert!(!seeds.is_equal());
    // The one is over while the other goes on.
    let ended = truly_parts(side(&short, 3), side(&plan, 3));
    let parted = ended.parted.as_ref().expect("the second is longer");
    assert!(parted.a.is_empty() && parted.b.len() == AFTER && ended.common > 50);
}

#[test]
fn a_change_shows_where_it_begins_to_matter() {
    let before = plan("ricart-agrawala", &[]);
    let after = plan("ricart-agrawala", &[("workload.requests_per_node", "39")]);
    let sides = [&before, &after].map(|plan| Side { plan, seed: 42 });
    let difference = truly_parts(sides[0], sides[1]);
    assert!(difference.common > 1_000, "{}", difference.common);
    let shown = text(&difference, sides[0], sides[1], Style::default());
    assert!(shown.starts_with("The runs have "), "{shown}");
    let value: serde_json::Value =
        serde_json::from_str(&json(&difference, sides[0], sides[1])).expect("JSON");
    assert_eq!(value["equal"], false);
    assert_eq!(value["common_records"], difference.common);
    assert_eq!(value["parted"]["record"], difference.common + 1);
    assert_eq!(value["a"]["digest"], difference.a.digest.to_string());
    assert_eq!(value["b"]["seed"], 42);
    let first = &difference.parted.as_ref().unwrap().a[0];
    assert_eq!(value["parted"]["a"][0]["at_ns"], first.at.as_nanos());
    assert_eq!(value["parted"]["a"][0]["node"], before.names()[first.node]);
}
