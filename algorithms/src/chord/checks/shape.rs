//! Safety of the ring's shape (Zave, TSE 2017, section IV).

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Breach, Checker, Conclusion, Ending, Names, Observation, Time};

use super::ring::Ring;
use crate::chord::{Event, Request};

/// Judges the ring at the end of every instant in which it has changed.
fn observe(
    ring: &mut Ring,
    seen: &Observation<'_, Request, Event>,
    judge: fn(&Ring, &Names) -> Result<(), String>,
) -> Result<(), Breach> {
    let verdict = match ring.settled(seen.at) {
        Some(at) => verdict(ring, at, seen.names, judge),
        None => Ok(()),
    };
    ring.see(seen);
    verdict
}

fn finish(
    ring: &mut Ring,
    ending: &Ending<'_>,
    judge: fn(&Ring, &Names) -> Result<(), String>,
) -> Conclusion {
    let at = ring.settled_at_last();
    let verdict = at.map_or(Ok(()), |at| verdict(ring, at, ending.names, judge));
    verdict.map_or_else(Conclusion::Failed, |()| Conclusion::Held)
}

fn verdict(
    ring: &Ring,
    at: Time,
    names: &Names,
    judge: fn(&Ring, &Names) -> Result<(), String>,
) -> Result<(), Breach> {
    judge(ring, names).map_err(|why| Breach { at, why: format!("at {at}, {why}") })
}

macro_rules! shape_checks {
    ($($(#[$about:meta])* $name:ident: $judge:ident;)*) => {$(
        $(#[$about])*
        #[derive(Clone, Hash, Debug, Default)]
        pub struct $name(Ring);

        impl Checker<Request, Event> for $name {
            fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
                observe(&mut self.0, seen, $judge)
            }
            fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
                finish(&mut self.0, ending, $judge)
            }
        }
    )*};
}

shape_checks! {
    /// Every member has a live member in its successor list. What takes the last one away is
    /// either a departure, and then more than the ring is made to survive, or the protocol.
    OneLiveSuccessor: one_live_successor;
    /// First live successors form a ring, only one, and in the order of identifiers.
    OneOrderedRing: one_ordered_ring;
    /// From every appendage, first live successors lead to the ring: to the largest, if there are
    /// several.
    ConnectedAppendages: connected_appendages;
    /// Successor lists are in the order of identifiers, without their owner; and more members than
    /// a list is long are principals: then no list can lead past all of them.
    ValidSuccessorLists: valid_successor_lists;
}

fn one_live_successor(ring: &Ring, names: &Names) -> Result<(), String> {
    for (id, view) in &ring.members {
        if ring.first_live(view).is_none() {
            let (name, list) =
                (ring.name(*id, names), ring.list(view.successors.iter().copied(), names));
            return Err(format!("{name} has no live successor: its list is {list}"));
        }
    }
    Ok(())
}

/// Where first live successors lead.
struct Paths {
    rings: Vec<Vec<u64>>,
    /// Which ring each member leads to; `None`: to a member without a live successor.
    leads_to: BTreeMap<u64, Option<u32>>,
}

impl Paths {
    fn of(ring: &Ring) -> Self {
        let mut paths = Paths { rings: Vec::new(), leads_to: BTreeMap::new() };
        for start in ring.members.keys() {
            let mut walked = Vec::new();
            let mut on_walk = BTreeSet::new();
            let mut next = Some(*start);
            let end = loop {
                let Some(id) = next else { break None };
                if let Some(known) = paths.leads_to.get(&id) {
                    break *known;
                }
                if !on_walk.insert(id) {
                    let circle = walked.iter().copied().skip_while(|walked| *walked != id);
                    paths.rings.push(circle.collect());
                    break Some(paths.rings.len() as u32 - 1);
                }
                walked.push(id);
                next = ring.members.get(&id).and_then(|view| ring.first_live(view));
            };
            paths.leads_to.extend(walked.into_iter().map(|id| (id, end)));
        }
        paths
    }
}

fn one_ordered_ring(ring: &Ring, names: &Names) -> Result<(), String> {
    let paths = Paths::of(ring);
    let show = |circle: &Vec<u64>| ring.list(circle.iter().copied(), names);
    match paths.rings.as_slice() {
        [] if ring.members.is_empty() => Ok(()),
        [] => Err("there is no ring: nobody's successors lead back to it".to_owned()),
        [one] => {
            let turned = one.iter().skip(1).chain(one.first());
            let descents = one.iter().zip(turned).filter(|(id, next)| *next <= *id).count();
            if descents == 1 {
                return Ok(());
            }
            Err(format!("the ring is out of order: {}", show(one)))
        }
        [one, other, ..] => Err(format!("there are two rings: {}; and {}", show(one), show(other))),
    }
}

fn connected_appendages(ring: &Ring, names: &Names) -> Result<(), String> {
    let paths = Paths::of(ring);
    let main = (0u32..)
        .zip(&paths.rings)
        .max_by_key(|(place, ring)| (ring.len(), std::cmp::Reverse(*place)));
    let Some((main, circle)) = main else {
        return match ring.members.first_key_value() {
            None => Ok(()),
            Some((id, _)) => Err(format!("{} leads to no ring", ring.name(*id, names))),
        };
    };
    let in_rings: BTreeSet<u64> = paths.rings.iter().flatten().copied().collect();
    let lost = |(id, end): &(&u64, &Option<u32>)| **end != Some(main) && !in_rings.contains(id);
    match paths.leads_to.iter().find(lost) {
        None => Ok(()),
        Some((id, _)) => Err(format!(
            "{}'s successors do not lead to the ring of {}",
            ring.name(*id, names),
            ring.list(circle.iter().copied(), names)
        )),
    }
}

fn valid_successor_lists(ring: &Ring, names: &Names) -> Result<(), String> {
    let mut skipped = BTreeSet::new();
    let mut longest = 0;
    for (id, view) in &ring.members {
        // Who believes to be alone skips nobody whom it knows.
        if view.successors == [*id] {
            continue;
        }
        let extended = || std::iter::once(id).chain(&view.successors);
        let distances = extended().map(|entry| entry.wrapping_sub(*id));
        if !distances.is_sorted_by(|near, far| near < far) {
            let (name, list) =
                (ring.name(*id, names), ring.list(view.successors.iter().copied(), names));
            return Err(format!("{name}'s successor list is out of order: {list}"));
        }
        longest = longest.max(view.successors.len());
        for (from, to) in extended().zip(&view.successors) {
            skipped.extend(ring.between(*from, *to));
        }
    }
    let principals = ring.members.len() - skipped.len();
    if longest > 0 && principals <= longest {
        let names = ring.list(skipped, names);
        return Err(format!(
            "only {principals} members are skipped by no successor list, not more than the longest \
             list has entries, {longest}; skipped are {names}"
        ));
    }
    Ok(())
}
