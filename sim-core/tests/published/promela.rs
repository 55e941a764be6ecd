//! The models of which `promela/` has a version for Spin: Gerard J. Holzmann, "The Model Checker
//! SPIN", IEEE TSE 23(5), 1997.
//!
//! `promela/figures.txt` says what both must find. This test explores ours; `.ci/spin` has Spin
//! explore the others.

use seedbed_core::explore::Model;

use crate::commit::two_phase;
use crate::naive::{Verdict, agreed};
use crate::peterson::peterson;

/// Judges a model by one of its properties: verdict, states unless it is broken, and depth.
fn found<M: Model<State: Ord> + 'static>(model: &M, property: &str) -> [String; 3] {
    let graph = agreed(model);
    let verdicts = graph.verdicts(model);
    let verdict = verdicts.iter().find(|(name, _)| name == property).map(|(_, verdict)| *verdict);
    match verdict.unwrap_or_else(|| panic!("no property {property}")) {
        Verdict::Held => ["held".into(), graph.states.len().to_string(), graph.depth().to_string()],
        Verdict::Broken(actions) => ["broken".into(), "-".into(), actions.to_string()],
    }
}

#[test]
fn spin_and_the_explorer_are_asked_for_the_same_figures() {
    let lines = include_str!("promela/figures.txt").lines().filter(|line| !line.starts_with('#'));
    let mut compared = 0;
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ours = match words[..2] {
            ["two_phase", bug] => found(&two_phase(bug == "HASTY"), "consistent"),
            ["peterson", bug] => found(&peterson(bug == "GIVES_WAY_FIRST"), "mutual exclusion"),
            _ => panic!("no such model: {line}"),
        };
        assert_eq!(ours[..], words[2..], "{line}");
        compared += 1;
    }
    assert_eq!(compared, 4);
}
