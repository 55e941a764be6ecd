//! Another seed: what takes a long run with one often happens at once with another.

use seedbed_node::Duration;

use super::times::{REQUESTS, shifted, starts};
use super::{Shrinker, requests};
use crate::hunt::draft::{at_mut, find_all, number, set_field, whole_of};
use crate::text::Node;

/// Runs with fewer operations are small already.
const REQUESTS_MIN: u64 = 4;

/// How many seeds are tried, from 0.
const SEEDS: u64 = 24;

impl Shrinker<'_> {
    /// A few requests of each client, with other seeds, the faults where they are or at the start;
    /// whether something was found.
    pub(super) fn reseed(&mut self) -> bool {
        let Some(workload) = self.best.get("workload") else { return false };
        let counted =
            |name: &'static str| move |node: &Node| node.field(name).and_then(whole_of).is_some();
        let Some(path) = find_all(workload, &counted(REQUESTS)).pop() else { return false };
        let things = find_all(workload, &counted("count")).pop();
        if requests(&self.outcome) <= REQUESTS_MIN {
            return false;
        }
        let first = starts(&self.best).min().unwrap_or(Duration::ZERO);
        for fewer in 1..=3 {
            for seed in 0..SEEDS {
                for (by, alike) in [(first, true), (Duration::ZERO, true), (first, false)] {
                    let mut draft = shifted(&self.best, by);
                    draft.set("seed", number(seed));
                    let Some(workload) = draft.get_mut("workload") else { return false };
                    set_field(at_mut(workload, &path), REQUESTS, number(fewer));
                    if let (Some(things), true) = (&things, alike) {
                        set_field(at_mut(workload, things), "count", number(1));
                    }
                    if self.attempt_if(draft, |old, new| requests(new) < requests(old)) {
                        return true;
                    }
                }
            }
        }
        false
    }
}
