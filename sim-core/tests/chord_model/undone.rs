//! Corrected Chord explored completely, and what undoing each of its repairs breaks.
//!
//! | Repair undone | Broken first | After | Nodes |
//! |---|---|---:|---:|
//! | the stable base | at most one ring | 11 events | 5 |
//! | who joins asks for a whole list | one live successor | 7 events | 5 |
//! | nobody is adopted before it has answered | at least one ring | 10 events | 5 |
//! | stabilising takes two steps | enough principals | 4 events | 4 |
//! | | ordered ring | 16 events | 6 |
//! | who is notified asks its predecessor | the ring becomes ideal | for ever | 4 |

use crate::corrected::{Corrected, Repair, State};
use crate::naive::{Graph, Verdict, agreed};
use crate::ring::{Id, Ring, Set};
use crate::shortest::shortest;

/// A base of three and so many joiners, wherever these lie.
fn corrected(joiners: Id) -> Corrected {
    let bases = match joiners {
        1 => vec![Set::of([0, 1, 2])],
        2 => vec![Set::of([0, 1, 2]), Set::of([0, 1, 3])],
        // Of the places for three joiners, the one with a joiner in each gap.
        _ => vec![Set::of([0, 2, 4])],
    };
    Corrected { nodes: 3 + joiners, bases, rejoin: false, undone: None }
}

fn without(repair: Repair, joiners: Id) -> Corrected {
    Corrected { undone: Some(repair), ..corrected(joiners) }
}

/// Unique states, generated states, and depth.
fn figures(graph: &Graph<Corrected>) -> (usize, u64, u32) {
    (graph.states.len(), graph.generated, graph.depth())
}

fn verdict(graph: &Graph<Corrected>, model: &Corrected, property: &str) -> Verdict {
    let verdicts = graph.verdicts(model);
    let found = verdicts.iter().find(|(name, _)| name == property);
    found.map(|(_, verdict)| *verdict).unwrap_or_else(|| panic!("no property {property}"))
}

fn clean(graph: &Graph<Corrected>, model: &Corrected) -> bool {
    graph.verdicts(model).iter().all(|(_, verdict)| *verdict == Verdict::Held)
}

#[test]
fn tse_2017_a_base_of_three_and_two_joiners_is_clean() {
    let model = corrected(2);
    let graph = agreed(&model);
    assert_eq!(figures(&graph), (26_340, 178_876, 24));
    assert!(clean(&graph, &model), "{:?}", graph.verdicts(&model));
}

#[test]
fn tse_2017_whoever_has_failed_may_come_back() {
    let model = Corrected { rejoin: true, ..corrected(2) };
    let graph = agreed(&model);
    assert_eq!(figures(&graph), (67_120, 536_298, 29));
    // Who comes and goes for ever keeps the ring from being ideal, and breaks nothing else.
    let broken = graph.verdicts(&model).into_iter().filter(|(_, v)| *v != Verdict::Held);
    assert_eq!(broken.map(|(name, _)| name).collect::<Vec<_>>(), ["ideal"]);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "433,635 states: in release")]
fn tse_2017_a_base_of_three_and_three_joiners_is_clean() {
    let model = corrected(3);
    let graph = agreed(&model);
    assert_eq!(figures(&graph), (433_635, 3_516_496, 31));
    assert!(clean(&graph, &model), "{:?}", graph.verdicts(&model));
}

#[test]
fn without_a_stable_base_there_are_two_rings() {
    let (events, last) = shortest(&without(Repair::StableBase, 2), "at most one ring");
    assert_eq!(events.len(), 11);
    assert!(last.one_live_successor(), "the failures took nobody's last live successor");
}

#[test]
fn without_asking_whom_one_joins_an_appendage_is_cut_off() {
    let (events, last) = shortest(&without(Repair::JoinAsks, 2), "one live successor");
    assert_eq!(events.len(), 7);
    assert!(!last.connected_appendages());
}

#[test]
fn without_asking_whom_one_adopts_the_ring_is_lost() {
    let (events, last) = shortest(&without(Repair::AdoptAsks, 2), "at least one ring");
    assert_eq!(events.len(), 10);
    assert_eq!(last.members(), last.base, "though none of the base has failed");
}

#[test]
fn with_one_step_lists_lead_past_too_many() {
    let (events, _) = shortest(&without(Repair::TwoSteps, 1), "enough principals");
    assert_eq!(events.len(), 4);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "682,920 states: in release")]
fn with_one_step_the_ring_gets_out_of_order() {
    let (events, last): (_, State) = shortest(&without(Repair::TwoSteps, 3), "ordered ring");
    assert_eq!(events.len(), 16);
    assert!(last.at_most_one_ring() && last.one_live_successor());
}

#[test]
fn without_asking_predecessors_a_dead_one_stays() {
    let model = without(Repair::RectifyAsks, 1);
    let graph = agreed(&model);
    assert_eq!(figures(&graph), (232, 1121, 13));
    assert!(matches!(verdict(&graph, &model, "ideal"), Verdict::Broken(_)));
    let safe = graph.verdicts(&model).into_iter().filter(|(name, _)| name != "ideal");
    assert!(safe.into_iter().all(|(_, verdict)| verdict == Verdict::Held));
}

/// Zave's lists always have their full length, which makes the proof uniform. It repairs nothing.
#[test]
fn filling_lists_up_is_not_a_repair() {
    let model = without(Repair::FillUp, 2);
    let graph = agreed(&model);
    assert_eq!(graph.states.len(), 33_140);
    assert!(clean(&graph, &model), "{:?}", graph.verdicts(&model));
}
