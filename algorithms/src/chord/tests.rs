//! Transcripts of single positions: one test a claim of the papers. On an even circle of 16
//! identifiers with 8 members, member `k` is at identifier `2k`.

use crate::chord::Request::{Leave, Lookup};
use crate::chord::{
    Chord, ChordMessage as M, ChordParams, ChordTimer, Peer, Placement, Protocol, Purpose, Quest,
    Routing, Ticket,
};
use crate::transcript::{Bench, operation};

const NOTHING: [&str; 0] = [];

fn even() -> ChordParams {
    let never = seedbed_node::Duration::ZERO;
    ChordParams {
        bits: 4,
        identifiers: Placement::Even,
        successors: 2,
        stabilize: never,
        fix_fingers: never,
        ..Default::default()
    }
}

fn of(variant: Protocol) -> ChordParams {
    ChordParams { variant, ..even() }
}

fn member(me: u32, params: ChordParams) -> Bench<Chord> {
    Bench::boot(me, 8, params).0
}

fn quest(asker: u32, key: u64) -> Quest {
    let ticket = Ticket { asker: Peer(asker), purpose: Purpose::Client(0) };
    Quest { ticket, key, hops: 1, timeouts: 0 }
}

/// What `message` does, without the pointers that it makes a position show.
fn quiet(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().filter(|line| !line.starts_with("emit Pointers")).collect()
}

fn answer(from: u32, predecessor: u32, successors: [u32; 2]) -> M {
    let successors = successors.map(Peer).into();
    let (from, predecessor) = (Peer(from), Some(Peer(predecessor)));
    M::Neighbours { to: Peer(0), from, predecessor, successors }
}

#[test]
fn section_4_a_founder_knows_its_neighbours_and_its_fingers() {
    let (node, shown) = Bench::<Chord>::boot(0, 8, even());
    assert_eq!(
        shown,
        ["emit Pointers { position: 0, predecessor: Some(14), successors: [2, 4], pointers: 5, \
             keys: 0, serving: true }"]
    );
    let position = &node.node.positions[0];
    assert_eq!(position.fingers, [Some(Peer(1)), Some(Peer(2)), Some(Peer(4))]);
}

#[test]
fn section_4_b_a_lookup_goes_to_the_closest_finger_that_precedes_the_key() {
    let mut ada = member(0, even());
    for (key, finger, last) in [(15, 4, false), (9, 4, false), (8, 2, false), (5, 2, false)] {
        let sent = ada.request(Lookup { lookup: 0, key });
        let ticket = "Ticket { asker: p0, purpose: Client(0) }";
        let hops = u32::from(!last);
        assert_eq!(
            sent,
            [
                format!(
                    "n{finger} <- Seek {{ to: p{finger}, from: p0, quest: Quest {{ ticket: \
                     {ticket}, key: {key}, hops: {hops}, timeouts: 0 }}, last: {last} }} for n0#0"
                ),
                format!("set Contact(p0, {ticket}) 200ms")
            ]
        );
    }
}

#[test]
fn section_4_b_the_last_step_to_the_successor_is_not_counted() {
    let sent = member(0, even()).request(Lookup { lookup: 0, key: 2 });
    assert!(sent[0].starts_with("n1 <- Seek") && sent[0].contains("hops: 0"), "{sent:?}");
    assert!(sent[0].contains("last: true"), "{sent:?}");
}

#[test]
fn section_4_b_a_key_of_ones_own_goes_all_the_way_round() {
    let sent = member(0, even()).request(Lookup { lookup: 0, key: 0 });
    assert!(sent[0].starts_with("n4 <- Seek"), "{sent:?}");
}

#[test]
fn section_4_b_the_key_s_successor_answers_whoever_asked() {
    let mut bob = member(1, even());
    let seek = M::Seek { to: Peer(1), from: Peer(0), quest: quest(7, 1), last: true };
    let sent = bob.message(0, operation(7), seek);
    assert!(sent[0].starts_with("n0 <- Taken"), "{sent:?}");
    assert!(sent[1].starts_with("n7 <- Owner") && sent[1].contains("owner: p1"), "{sent:?}");
    assert!(sent[1].ends_with("for n7#0"), "{sent:?}");
}

#[test]
fn an_iterative_lookup_refers_the_asker() {
    let mut bob = member(1, ChordParams { lookup: Routing::Iterative, ..even() });
    let ask = M::Ask { to: Peer(1), quest: quest(7, 11), last: false, dead: None };
    let sent = bob.message(7, operation(7), ask);
    assert_eq!(sent.len(), 1);
    assert!(sent[0].starts_with("n7 <- Refer"), "{sent:?}");
    assert!(sent[0].contains("next: Some(p5), last: false"), "{sent:?}");
}

#[test]
fn a_hop_that_does_not_answer_is_removed_and_the_next_best_tried() {
    let mut ada = member(0, even());
    ada.request(Lookup { lookup: 0, key: 15 });
    let ticket = Ticket { asker: Peer(0), purpose: Purpose::Client(0) };
    let sent = quiet(ada.timer(ChordTimer::Contact(Peer(0), ticket)));
    assert!(sent[0].starts_with("n2 <- Seek"), "{sent:?}");
    assert!(sent[0].contains("hops: 1, timeouts: 1"), "the dead hop is no part of the path");
    assert_eq!(ada.node.positions[0].fingers, [Some(Peer(1)), Some(Peer(2)), None]);
}

#[test]
fn section_4_e_stabilise_adopts_the_successor_s_predecessor_and_notifies_it() {
    let mut ada = member(0, ChordParams { bits: 5, ..even() });
    // Of 8 members on 32 identifiers, bob is at 4 and cyd at 8. Ada only knows cyd yet.
    ada.node.positions[0].successors = vec![Peer(2), Peer(3)];
    let asked = ada.timer(ChordTimer::Stabilize(Peer(0)));
    assert!(asked.contains(&"n2 <- AskNeighbours { to: p2, from: p0 }".to_owned()), "{asked:?}");
    let sent = quiet(ada.message(2, None, answer(2, 1, [3, 4])));
    assert_eq!(
        sent,
        ["cancel Neighbours(p0)", "n1 <- Notify { to: p1, from: p0, needs_keys: false }"]
    );
    assert_eq!(ada.node.positions[0].successors, [Peer(1), Peer(2)]);
}

#[test]
fn section_4_e_who_is_not_in_between_is_not_adopted() {
    let mut ada = member(0, even());
    ada.timer(ChordTimer::Stabilize(Peer(0)));
    let sent = quiet(ada.message(1, None, answer(1, 6, [2, 3])));
    assert_eq!(sent[1], "n1 <- Notify { to: p1, from: p0, needs_keys: false }");
    assert_eq!(ada.node.positions[0].successors, [Peer(1), Peer(2)]);
}

#[test]
fn notes_adopt_whoever_is_reported_and_notify_nobody() {
    let mut ada = member(0, of(Protocol::Notes));
    ada.timer(ChordTimer::Stabilize(Peer(0)));
    let sent = quiet(ada.message(1, None, answer(1, 6, [2, 3])));
    assert_eq!(sent, ["cancel Neighbours(p0)"]);
    assert_eq!(ada.node.positions[0].successors, [Peer(6), Peer(1)]);
}

#[test]
fn zave_the_corrected_form_asks_the_candidate_before_it_adopts_it() {
    let mut ada = member(0, of(Protocol::Corrected));
    ada.node.positions[0].successors = vec![Peer(2), Peer(3)];
    ada.timer(ChordTimer::Stabilize(Peer(0)));
    let sent = quiet(ada.message(2, None, answer(2, 1, [3, 4])));
    assert_eq!(sent[1], "n1 <- AskNeighbours { to: p1, from: p0 }");
    assert_eq!(ada.node.positions[0].successors, [Peer(2), Peer(3)], "not yet");
    let sent = quiet(ada.message(1, None, answer(1, 0, [2, 3])));
    assert_eq!(sent[1], "n1 <- Notify { to: p1, from: p0, needs_keys: false }");
    assert_eq!(ada.node.positions[0].successors, [Peer(1), Peer(2)]);
}

#[test]
fn zave_a_candidate_that_does_not_answer_leaves_the_list_as_it_is() {
    let mut ada = member(0, of(Protocol::Corrected));
    ada.node.positions[0].successors = vec![Peer(2), Peer(3)];
    ada.timer(ChordTimer::Stabilize(Peer(0)));
    ada.message(2, None, answer(2, 1, [3, 4]));
    let sent = ada.timer(ChordTimer::Neighbours(Peer(0)));
    assert_eq!(sent, ["n2 <- Notify { to: p2, from: p0, needs_keys: false }"]);
    assert_eq!(ada.node.positions[0].successors, [Peer(2), Peer(3)]);
}

#[test]
fn section_4_e_a_successor_that_does_not_answer_gives_way_to_the_next_of_the_list() {
    let mut ada = member(0, even());
    ada.timer(ChordTimer::Stabilize(Peer(0)));
    let sent = quiet(ada.timer(ChordTimer::Neighbours(Peer(0))));
    assert_eq!(sent[0], "n2 <- AskNeighbours { to: p2, from: p0 }");
    assert_eq!(ada.node.positions[0].successors, [Peer(2)]);
}

/// `rectify`: a dead predecessor is replaced by whoever notifies; a live one stays.
#[test]
fn zave_who_notifies_replaces_a_predecessor_only_if_it_is_dead() {
    let notify = M::Notify { to: Peer(0), from: Peer(5), needs_keys: false };
    let mut ada = member(0, of(Protocol::Corrected));
    let sent = ada.message(5, None, notify.clone());
    assert_eq!(sent, ["n7 <- Ping { to: p7, from: p0 }", "set Probe(p0) 200ms"]);
    ada.message(7, None, M::Pong { to: Peer(0), from: Peer(7) });
    assert_eq!(ada.node.positions[0].predecessor, Some(Peer(7)));
    ada.message(5, None, notify.clone());
    ada.timer(ChordTimer::Probe(Peer(0)));
    assert_eq!(ada.node.positions[0].predecessor, Some(Peer(5)));

    let mut published = member(0, even());
    assert_eq!(published.message(5, None, notify), NOTHING);
}

#[test]
fn section_4_e_a_new_predecessor_gets_its_keys_and_they_stay_until_it_has_them() {
    let mut eve = member(4, ChordParams { bits: 5, keys: 32, ..even() });
    let stored =
        |eve: &Bench<Chord>| eve.node.positions[0].keys.iter().copied().collect::<Vec<_>>();
    assert_eq!(stored(&eve), [13, 14, 15, 16]);
    eve.node.positions[0].predecessor = None;
    // Somebody at 12 had all before; now position 3, at 12, is in front.
    eve.node.positions[0].keys.extend([11, 12]);
    let notify = M::Notify { to: Peer(4), from: Peer(3), needs_keys: true };
    let sent = quiet(eve.message(3, None, notify));
    assert_eq!(sent, ["n3 <- Keys { to: p3, from: p4, keys: [11, 12] }"]);
    assert_eq!(stored(&eve), [11, 12, 13, 14, 15, 16]);
    eve.message(3, None, M::Kept { to: Peer(4), from: Peer(3) });
    assert_eq!(stored(&eve), [13, 14, 15, 16]);
}

#[test]
fn who_has_no_keys_yet_refers_lookups_to_the_old_holder() {
    let mut joiner = member(3, even());
    joiner.node.positions[0].stage = super::node::Stage::Member { serving: false };
    let seek = M::Seek { to: Peer(3), from: Peer(2), quest: quest(7, 5), last: true };
    let sent = joiner.message(2, operation(7), seek);
    assert!(sent[1].starts_with("n4 <- Seek") && sent[1].contains("last: true"), "{sent:?}");
}

#[test]
fn who_leaves_hands_over_its_keys_and_introduces_its_neighbours() {
    let mut ada = member(0, ChordParams { keys: 16, ..even() });
    let sent = ada.request(Leave);
    assert_eq!(sent[0], "n1 <- Keys { to: p1, from: p0, keys: [0, 15] }");
    let news = "from: p0, predecessor: Some(p7), successors: [p1, p2] }";
    assert_eq!(sent[1], format!("n1 <- Leaving {{ to: p1, {news}"));
    assert_eq!(sent[2], format!("n7 <- Leaving {{ to: p7, {news}"));
    assert_eq!(sent.last().map(String::as_str), Some("emit Left { position: 0 }"));
    assert_eq!(ada.message(1, None, M::Ping { to: Peer(0), from: Peer(1) }), NOTHING);

    let mut corrected = member(0, of(Protocol::Corrected));
    let silent = corrected.request(Leave);
    assert!(!silent.iter().any(|line| line.contains("Leaving")), "{silent:?}");
}

#[test]
fn virtual_nodes_are_positions_of_their_own_and_stay_on_the_path_uncounted() {
    let params = ChordParams { virtuals: 2, ..even() };
    let (ada, _) = Bench::<Chord>::boot(0, 4, params);
    let ids: Vec<Peer> = ada.node.positions.iter().map(|position| position.me).collect();
    assert_eq!(ids, [Peer(0), Peer(1)]);
    assert_eq!(ada.node.positions[0].successors, [Peer(2), Peer(4)]);
    assert_eq!(ada.node.positions[0].fingers, [Some(Peer(2)), Some(Peer(4)), Some(Peer(1))]);
    // To identifier 8 by way of one's own second position.
    let mut ada = ada;
    let sent = ada.request(Lookup { lookup: 0, key: 9 });
    assert!(sent[0].starts_with("n0 <- Seek { to: p1") && sent[0].contains("hops: 0"), "{sent:?}");
}

#[test]
fn the_state_of_one_position_is_small() {
    assert!(size_of::<super::node::Position>() <= 192, "{}", size_of::<super::node::Position>());
}
