//! Every hidden bug is found by the family's checkers, and found as what it is, under churn that
//! the sound form survives.

use seedbed_algorithms::chord::{ChordMutant, Protocol};
use seedbed_core::Verdict;

use crate::churn::Plan;
use crate::support::check;

const SEEDS: u64 = 20;

#[test]
fn they_die() {
    use ChordMutant::*;
    for (mutant, name) in [
        (NoIntervalTest, "ValidSuccessorLists"),
        (NoNotify, "RingIdeal"),
        (SkipsSuccessor, "ValidSuccessorLists"),
        (StopsShort, "LookupsCorrect"),
        (JoinsAnywhere, "ValidSuccessorLists"),
    ] {
        for variant in [Protocol::Published, Protocol::Corrected] {
            let dies = |seed| {
                let outcome = Plan::drawn(seed).run(variant, mutant);
                check(&outcome, name).verdict == Verdict::Failed
            };
            assert!((0..SEEDS).any(dies), "{mutant:?} of {variant:?}: no seed breaches {name}");
        }
    }
}
