//! How published Chord loses its ring, step by step.

use seedbed_core::explore::Model;

use crate::by_message::{self, ByMessage};
use crate::naive::{Verdict, agreed};
use crate::published::{Event, Published};
use crate::ring::{Ring, Set};
use crate::shortest::shortest;

const AT_LEAST_ONE: &str = "at least one ring";

/// Four nodes, of which one forms the ring, with some of the fixes.
fn four(join_asks: bool, stabilise_asks: bool) -> Published {
    Published { nodes: 4, founders: Set::of([0]), join_asks, stabilise_asks }
}

/// Four nodes, of which three form the ring, with full lists; node 3 may join.
fn three_of_four(join_asks: bool, stabilise_asks: bool) -> Published {
    Published { founders: Set::of([0, 1, 2]), ..four(join_asks, stabilise_asks) }
}

#[test]
fn ccr_2012_without_asking_whether_the_adopted_is_alive_the_ring_is_lost() {
    let (events, last) = shortest(&four(false, false), AT_LEAST_ONE);
    let steps = [
        // 0 is alone, its own successor. 1 joins behind it, and
        Event::Join { node: 1, behind: 0 },
        // stabilises, so that
        Event::Stabilise(1),
        // 0 learns of its new predecessor, which
        Event::Notified { node: 0, by: 1 },
        // fails: nobody has it in a list. But 0
        Event::Fail(1),
        // asks its successor, itself, and takes its predecessor for its successor.
        Event::Stabilise(0),
    ];
    assert_eq!(events, steps);
    assert_eq!(last.members(), Set::of([0]));
    assert_eq!(last.list(0), [Some(1), None], "the only successor that 0 knows is dead");
}

#[test]
fn ccr_2012_full_lists_do_not_save_it() {
    let (events, last) = shortest(&three_of_four(false, false), AT_LEAST_ONE);
    let steps = [
        // 2 knows 0 and 1. Its successor fails, so that it
        Event::Fail(0),
        // goes over to the second of its list,
        Event::Update(2),
        // asks that one for its predecessor, and is named 0 again.
        Event::Stabilise(2),
    ];
    assert_eq!(events, steps);
    assert_eq!(last.list(2), [Some(0), None]);
    assert!(!last.connected_appendages(), "1 leads to 2, and 2 to nobody");
}

#[test]
fn ccr_2012_asking_when_joining_does_not_save_it() {
    assert_eq!(shortest(&four(true, false), AT_LEAST_ONE).0.len(), 5);
}

#[test]
fn ccr_2012_joining_a_dead_successor_cuts_an_appendage_off() {
    // Zave's own counterexample has nine events; it does not need them all.
    assert_eq!(shortest(&four(false, true), "connected appendages").0.len(), 7);
}

#[test]
fn ccr_2012_the_best_version_of_the_published_protocol_is_not_correct() {
    // Zave's own counterexample has 21 events.
    let (events, last) = shortest(&four(true, true), "at most one ring");
    assert_eq!(events.len(), 13);
    assert!(last.at_least_one_ring() && last.one_live_successor());
}

#[test]
fn ccr_2012_nor_is_it_from_three_founders() {
    let (events, _) = shortest(&three_of_four(true, true), "ordered ring");
    assert_eq!(events.len(), 12);
}

/// Four nodes as the simulator's run it, three of them in an ideal ring; node 3 may join.
fn nodes(answers_travel: bool) -> ByMessage {
    ByMessage { nodes: 4, founders: Set::of([0, 1, 2]), answers_travel, failures: 2 }
}

#[test]
fn answers_that_arrive_at_once_lose_nothing() {
    let graph = agreed(&nodes(false));
    assert_eq!(graph.states.len(), 9054);
    assert!(graph.verdicts(&nodes(false)).iter().all(|(_, verdict)| *verdict == Verdict::Held));
}

/// The scenario `chord-lost-ring` is this, on the nodes.
#[test]
fn an_answer_that_outlives_its_sender_loses_the_ring() {
    use by_message::Event::{Ask, Fail, Join, Notified, Take};
    let model = nodes(true);
    let (events, last) = shortest(&model, AT_LEAST_ONE);
    assert_eq!(events.len(), 8);
    // There are others as short. This one is the scenario's.
    let steps = [
        Join { node: 3, behind: 2 },
        Ask(3),
        Take(3),
        Fail(3),
        Notified { node: 0, by: 3 },
        Ask(2),
        Fail(0),
        Take(2),
    ];
    let mut state = model.initial().remove(0);
    for step in &steps {
        assert!(state.one_live_successor() && state.at_least_one_ring(), "before {step:?}");
        assert!(model.apply(&mut state, step), "{step:?} changes something");
    }
    for state in [state, last] {
        assert!(!state.at_least_one_ring());
        assert_eq!(state.members().len(), 2);
    }
    assert_eq!(state.list(2), [Some(3), Some(0)], "both dead");
    assert_eq!(state.list(1), [Some(2), Some(0)], "it leads to 2, and 2 to nobody");
}
