//! Safety: two nodes do not lead.

use std::collections::BTreeMap;

use seedbed_node::{Breach, Checker, Conclusion, Ending, NodeId, Observation, Time, What};

use crate::election::views::Views;
use crate::election::{Event, Request};

/// At most one node says of itself that it leads a term. Nodes that follow a leader without a term
/// follow the same one once nothing more can happen; before that, opinions may differ.
#[derive(Clone, Hash, Debug, Default)]
pub struct OneLeader {
    terms: BTreeMap<u64, (NodeId, Time)>,
    views: Views,
}

impl Checker<Request, Event> for OneLeader {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        self.views.observe(seen);
        let What::Event { node, event: Event::Elected { leader, term: Some(term), .. } } =
            seen.what
        else {
            return Ok(());
        };
        if *leader != node {
            return Ok(());
        }
        let (first, since) = *self.terms.entry(*term).or_insert((node, seen.at));
        if first == node {
            return Ok(());
        }
        let (at, names) = (seen.at, seen.names);
        let (second, first) = (&names[node], &names[first]);
        let why = format!("{second} leads term {term} at {at}, which {first} has led at {since}");
        Err(Breach { at, why })
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        let mut termless = self.views.live().filter_map(|(_, view)| {
            view.follows.filter(|followed| followed.term.is_none()).map(|f| f.leader)
        });
        let first = termless.next();
        if termless.all(|leader| Some(leader) == first) {
            return Conclusion::Held;
        }
        let opinions = self.views.opinions(ending.names);
        if ending.quiet {
            Conclusion::Failed(Breach { at: ending.at, why: format!("for ever, {opinions}") })
        } else {
            Conclusion::Inconclusive(format!("the run ended at {} while {opinions}", ending.at))
        }
    }
}

/// No two nodes that are up take themselves for the leader at the same instant, whatever the term.
///
/// Few elections promise that: who has been deposed does not know it yet.
#[derive(Clone, Hash, Debug, Default)]
pub struct NoOverlap(Views);

impl Checker<Request, Event> for NoOverlap {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        self.0.observe(seen);
        let What::Event { node, event: Event::Elected { leader, .. } } = seen.what else {
            return Ok(());
        };
        let rival = self.0.leaders().find(|(other, _)| *other != node);
        let Some((rival, followed)) = rival.filter(|_| *leader == node) else {
            return Ok(());
        };
        let (at, since, names) = (seen.at, followed.since, seen.names);
        let (second, first) = (&names[node], &names[rival]);
        let why = format!("{second} leads at {at} while {first} has led since {since}");
        Err(Breach { at, why })
    }
}
