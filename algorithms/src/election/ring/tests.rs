//! The ring nodes by hand: one test for each rule, in the words of its source.

use seedbed_node::{Duration, NodeId};

use super::{
    ChangRoberts, ChangRobertsMessage, ChangRobertsParams, HirschbergSinclair,
    HirschbergSinclairMessage, LeLann, LeLannMessage, LeLannParams, Probe, Ring, RingTimer,
    TanenbaumRing, TanenbaumRingMessage,
};
use crate::election::Packet;
use crate::election::Request::Elect;
use crate::transcript::{Bench, operation};

const NOTHING: [&str; 0] = [];
const STARTED: &str = "emit Started { term: None }";

/// Node `me` of four whose ids are their positions.
fn node<P: super::Protocol<Params: Default>>(me: u32) -> Bench<Ring<P>> {
    Bench::boot(me, 4, P::Params::default()).0
}

fn told(leader: u32) -> String {
    format!("emit Elected {{ leader: n{leader}, term: None, basis: Told }}")
}

fn decided(leader: u32, basis: &str) -> String {
    format!("emit Elected {{ leader: n{leader}, term: None, basis: {basis} }}")
}

/// The receiver compares: higher ids go on, lower ones are dropped, the own one has won.
#[test]
fn chang_roberts_extinguishes_lower_ids_selectively() {
    let id = |id| Packet::Own(ChangRobertsMessage::Election { id, hops: 1 });
    let mut bob: Bench<ChangRoberts> = node(1);
    assert_eq!(bob.request(Elect), [STARTED, "n2 <- Own(Election { id: 1, hops: 1 }) for n1#0"]);
    assert_eq!(bob.request(Elect), NOTHING, "it takes part already");
    assert_eq!(bob.message(0, operation(0), id(0)), NOTHING);
    let passed = ["n2 <- Own(Election { id: 3, hops: 2 }) for n3#0"];
    assert_eq!(bob.message(0, operation(3), id(3)), passed);
    let won =
        [decided(1, "OverLive"), "n2 <- Own(Elected { leader: n1, hops: 1 }) for n1#0".to_owned()];
    assert_eq!(bob.message(0, operation(1), id(1)), won);
    assert_eq!(bob.message(0, operation(1), id(1)), NOTHING, "of a former self");
}

#[test]
fn in_chang_roberts_a_non_participant_substitutes_its_own_higher_id() {
    let mut cyd: Bench<ChangRoberts> = node(2);
    let id = |id| Packet::Own(ChangRobertsMessage::Election { id, hops: 1 });
    let substituted = [STARTED, "n3 <- Own(Election { id: 2, hops: 1 }) for n0#0"];
    assert_eq!(cyd.message(1, operation(0), id(0)), substituted);
    let announced = Packet::Own(ChangRobertsMessage::Elected { leader: NodeId(3), hops: 3 });
    let passed = [told(3), "n3 <- Own(Elected { leader: n3, hops: 4 })".to_owned()];
    assert_eq!(cyd.message(1, None, announced), passed);
    let back = Packet::Own(ChangRobertsMessage::Elected { leader: NodeId(2), hops: 4 });
    assert_eq!(cyd.message(1, None, back), NOTHING, "the own announcement");
    let orphan = Packet::Own(ChangRobertsMessage::Election { id: 9, hops: 4 });
    assert_eq!(cyd.message(1, None, orphan), [STARTED], "a token whose owner has gone");
}

#[test]
fn in_le_lanns_ring_the_own_token_goes_first_and_the_highest_seen_wins() {
    let token = |id| Packet::Own(LeLannMessage::Token { id, owner: NodeId(id), hops: 1 });
    let mut bob: Bench<LeLann> = node(1);
    let joined = [
        STARTED,
        "n2 <- Own(Token { id: 1, owner: n1, hops: 1 }) for n0#0",
        "n2 <- Own(Token { id: 0, owner: n0, hops: 2 }) for n0#0",
    ];
    assert_eq!(bob.message(0, operation(0), token(0)), joined);
    let passed = ["n2 <- Own(Token { id: 3, owner: n3, hops: 2 }) for n0#0"];
    assert_eq!(bob.message(0, operation(0), token(3)), passed);
    assert_eq!(bob.message(0, operation(0), token(1)), [decided(3, "OverLive")]);
}

/// Tel: "non-initiators only pass tokens on", and may not begin afterwards.
#[test]
fn with_initiators_only_a_relay_stays_one_until_the_winner_announces_itself() {
    let params = LeLannParams { join: false, ..Default::default() };
    let (mut bob, _) = Bench::<LeLann>::boot(1, 4, params);
    let token = Packet::Own(LeLannMessage::Token { id: 0, owner: NodeId(0), hops: 1 });
    assert_eq!(bob.message(0, None, token), ["n2 <- Own(Token { id: 0, owner: n0, hops: 2 })"]);
    assert_eq!(bob.request(Elect), NOTHING);
    let elected = Packet::Own(LeLannMessage::Elected { leader: NodeId(0), hops: 1 });
    let passed = [told(0), "n2 <- Own(Elected { leader: n0, hops: 2 })".to_owned()];
    assert_eq!(bob.message(0, None, elected), passed);
    assert_eq!(bob.request(Elect)[0], STARTED);
}

#[test]
fn tanenbaums_ring_collects_numbers_and_decides_where_one_is_found_again() {
    let roll = |alive: &[u32]| {
        let alive = alive.iter().copied().map(NodeId).collect();
        Packet::Own(TanenbaumRingMessage::Election { alive })
    };
    let mut bob: Bench<TanenbaumRing> = node(1);
    assert_eq!(bob.request(Elect), [STARTED, "n2 <- Own(Election { alive: [n1] }) for n1#0"]);
    let passed = ["n2 <- Own(Election { alive: [n0, n1] }) for n0#0"];
    assert_eq!(bob.message(0, operation(0), roll(&[0])), passed, "another initiator's");
    let result = [
        decided(3, "OverLive"),
        "n2 <- Own(Coordinator { leader: n3, informed: [n1] }) for n1#0".to_owned(),
    ];
    assert_eq!(bob.message(0, operation(1), roll(&[1, 3, 0])), result, "n2 is dead");
    let informed = vec![NodeId(1), NodeId(3), NodeId(0)];
    let back = Packet::Own(TanenbaumRingMessage::Coordinator { leader: NodeId(3), informed });
    assert_eq!(bob.message(0, operation(1), back), NOTHING);
}

/// Hirschberg & Sinclair's messages "from", "ok" and "no".
#[test]
fn hirschberg_sinclair_looks_both_ways_and_twice_as_far_after_two_oks() {
    use super::Direction::{Back, Onward};
    use HirschbergSinclairMessage::{No, Ok};
    let mut bob: Bench<HirschbergSinclair> = node(1);
    let from = |distance, way, to| {
        format!(
            "n{to} <- Own(From {{ probe: Probe {{ id: 1, candidacy: 1, distance: {distance} }}, \
             way: {way}, hops: 1 }}) for n1#0"
        )
    };
    let began = [STARTED.to_owned(), from(1, "Onward", 2), from(1, "Back", 0)];
    assert_eq!(bob.request(Elect), began);
    let probe = |distance, candidacy| Probe { id: 1, candidacy, distance };
    let ok = |probe, way| Packet::Own(Ok { probe, way, left: 1 });
    assert_eq!(bob.message(2, operation(1), ok(probe(1, 0), Back)), NOTHING, "an older candidacy");
    assert_eq!(bob.message(2, operation(1), ok(probe(1, 1), Back)), NOTHING, "one side is missing");
    let further = [from(2, "Onward", 2), from(2, "Back", 0)];
    assert_eq!(bob.message(0, operation(1), ok(probe(1, 1), Onward)), further);
    let no = |way| Packet::Own(No { probe: probe(2, 1), way, left: 1 });
    assert_eq!(bob.message(2, operation(1), no(Back)), NOTHING);
    assert_eq!(bob.message(0, operation(1), ok(probe(2, 1), Onward)), NOTHING, "it has lost");
    assert_eq!(bob.request(Elect), NOTHING, "and waits for the winner's announcement");
}

#[test]
fn in_hirschberg_sinclair_the_higher_say_no_and_the_lower_pass_on_or_say_ok() {
    use super::Direction::Onward;
    use HirschbergSinclairMessage::From;
    let question = |id, distance, hops| {
        let probe = Probe { id, candidacy: 1, distance };
        Packet::Own(From { probe, way: Onward, hops })
    };
    let mut cyd: Bench<HirschbergSinclair> = node(2);
    let refused = cyd.message(1, None, question(0, 2, 2));
    let no =
        "n1 <- Own(No { probe: Probe { id: 0, candidacy: 1, distance: 2 }, way: Back, left: 2 })";
    assert_eq!(refused[..2], [no, STARTED], "it had not begun, and begins");
    let passed = cyd.message(1, None, question(3, 4, 3));
    assert!(passed[0].starts_with("n3 <- Own(From"), "{passed:?}");
    let answered = cyd.message(1, None, question(3, 4, 4));
    assert!(answered[0].starts_with("n1 <- Own(Ok"), "{answered:?}");
}

#[test]
fn an_unacknowledged_neighbour_is_skipped_for_this_message_until_only_the_sender_is_left() {
    let ack_timeout = Some(Duration::from_millis(50));
    let params = ChangRobertsParams { ack_timeout, ..Default::default() };
    let (mut ada, _) = Bench::<ChangRoberts>::boot(0, 3, params);
    let sent = |to: u32| {
        let message = "Numbered { number: 0, message: Election { id: 0, hops: 1 } }";
        [format!("n{to} <- {message} for n0#0"), "set Unacknowledged(0) 50ms".to_owned()]
    };
    assert_eq!(ada.request(Elect)[1..], sent(1));
    assert_eq!(ada.timer(RingTimer::Unacknowledged(0)), sent(2));
    assert_eq!(ada.message(1, None, Packet::Ack { number: 0 }), NOTHING, "too late");
    let own = ["n0 <- Own(Election { id: 0, hops: 1 }) for n0#0"];
    assert_eq!(ada.timer(RingTimer::Unacknowledged(0)), own);
}

#[test]
fn an_acknowledgement_disarms_the_time_out_and_frees_the_number() {
    let ack_timeout = Some(Duration::from_millis(50));
    let params = ChangRobertsParams { ack_timeout, ..Default::default() };
    let (mut bob, _) = Bench::<ChangRoberts>::boot(1, 3, params);
    bob.request(Elect);
    let message = ChangRobertsMessage::Election { id: 2, hops: 1 };
    let second = bob.message(0, None, Packet::Numbered { number: 7, message });
    assert_eq!(second[0], "n0 <- Ack { number: 7 }");
    assert!(second[1].starts_with("n2 <- Numbered { number: 1"), "{second:?}");
    let freed = bob.message(2, None, Packet::Ack { number: 0 });
    assert_eq!(freed, ["cancel Unacknowledged(0)"]);
    let third = ChangRobertsMessage::Election { id: 2, hops: 1 };
    let reused = bob.message(0, None, Packet::Numbered { number: 8, message: third });
    assert!(reused[1].starts_with("n2 <- Numbered { number: 0"), "{reused:?}");
}

#[test]
fn who_returns_begins_an_election() {
    let (_, booted) = Bench::<LeLann>::reboot(1, 4, LeLannParams::default(), 1);
    assert_eq!(booted[1..], [STARTED, "n2 <- Own(Token { id: 1, owner: n1, hops: 1 })"]);
    let (_, first) = Bench::<LeLann>::boot(1, 4, LeLannParams::default());
    assert_eq!(first.len(), 1, "only its rank: {first:?}");
}
