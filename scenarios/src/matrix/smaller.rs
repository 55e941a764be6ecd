//! Smaller instances that break likewise.
//!
//! The shortest way to a breach is the shortest of *its* instance: a smaller one may break, too.
//! Nodes and requests are taken out one by one, and what is left is explored again.

use crate::hunt::draft::Draft;
use crate::hunt::shrink::{with_fewer_requests, without_node};
use crate::load::load;
use crate::plan::Plan;
use crate::registry::Registry;
use crate::text::Source;

use super::{Breach, Effort, seek};

/// Takes nodes and requests out for as long as the same check breaks.
pub(super) fn smallest(
    registry: &Registry,
    plan: Plan,
    found: Breach,
    effort: &Effort<'_>,
) -> Breach {
    let (mut plan, mut best) = (plan, found);
    'smaller: loop {
        let Ok(draft) = Draft::of(&plan.source) else { return best };
        let mut certain = !(effort.stop)();
        for candidate in candidates(&draft) {
            let source = Source::new(plan.source.name.clone(), candidate.text(&[]));
            // What does not load is no instance at all: an algorithm for three has no two.
            let Ok(smaller) = load(registry, &source) else { continue };
            let wanted = |check: &str| check == best.check;
            let Some((explored, found)) = seek(&smaller, effort, &wanted) else { continue };
            match found {
                Some(found) if found.check == best.check => {
                    (plan, best) = (smaller, found);
                    continue 'smaller;
                }
                _ => certain &= explored.figures.complete,
            }
        }
        best.minimal = certain;
        return best;
    }
}

/// Everything with one node or one request less; the fewest nodes first.
fn candidates(draft: &Draft) -> Vec<Draft> {
    let nodes = draft.nodes();
    let fewer = nodes.iter().rev().flat_map(|name| without_node(draft, name));
    let mut all: Vec<Draft> = fewer.collect();
    all.extend(with_fewer_requests(draft));
    all.retain(|candidate| candidate != draft);
    all
}
