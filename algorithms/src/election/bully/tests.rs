//! The bully by hand: one test for each rule, in Tanenbaum and van Steen's words.

use seedbed_node::Duration;

use super::{Bully, BullyMessage, BullyParams, BullyTimer};
use crate::election::Request::Elect;
use crate::election::upkeep::{Packet, UpkeepTimer};
use crate::transcript::{Bench, operation};

const NOTHING: [&str; 0] = [];

fn election() -> Packet<BullyMessage> {
    Packet::Own(BullyMessage::Election)
}

/// Node `me` of four whose ids are their positions.
fn node(me: u32) -> Bench<Bully> {
    Bench::boot(me, 4, BullyParams::default()).0
}

const SETTLED: [&str; 2] = ["cancel Answer", "cancel Coordinator"];
const LEADS: &str = "emit Elected { leader: n2, term: None, basis: OverLive }";

/// Tanenbaum & van Steen: "P sends an ELECTION message to all processes with higher numbers."
#[test]
fn who_notices_asks_all_above_on_behalf_of_its_client() {
    let asked = [
        "emit Started { term: None }",
        "n2 <- Own(Election) for n1#0",
        "n3 <- Own(Election) for n1#0",
        "set Answer 100ms",
    ];
    let mut bob = node(1);
    assert_eq!(bob.request(Elect), asked);
    assert_eq!(bob.request(Elect), NOTHING, "it is holding one already");
}

/// "If no one responds, P wins the election and becomes coordinator."
#[test]
fn who_hears_nobody_wins_and_tells_all_below() {
    let mut cyd = node(2);
    cyd.request(Elect);
    let won = ["n0 <- Own(Coordinator) for n2#0", "n1 <- Own(Coordinator) for n2#0"];
    let expected: Vec<_> = won.into_iter().chain(SETTLED).chain([LEADS]).collect();
    assert_eq!(cyd.timer(BullyTimer::Answer), expected);
}

/// "If one of the higher-ups answers, it takes over. P's job is done."
#[test]
fn who_gets_an_ok_waits_for_the_coordinator_and_then_begins_again() {
    let mut bob = node(1);
    bob.request(Elect);
    let ok = || Packet::Own(BullyMessage::Ok);
    assert_eq!(bob.message(2, operation(1), ok()), ["cancel Answer", "set Coordinator 300ms"]);
    assert_eq!(bob.message(3, operation(1), ok()), NOTHING);
    assert_eq!(bob.timer(BullyTimer::Coordinator)[0], "emit Started { term: None }");
}

/// "The receiver sends an OK message back to the sender ... then holds an election, unless it
/// is already holding one."
#[test]
fn who_is_asked_from_below_answers_and_holds_an_election_once() {
    let mut cyd = node(2);
    let taken_over = [
        "n0 <- Own(Ok) for n0#0",
        "emit Started { term: None }",
        "n3 <- Own(Election) for n0#0",
        "set Answer 100ms",
    ];
    assert_eq!(cyd.message(0, operation(0), election()), taken_over);
    assert_eq!(cyd.message(1, operation(0), election()), ["n1 <- Own(Ok) for n0#0"]);
    assert_eq!(cyd.message(3, operation(0), election()), NOTHING, "from above: altered");
}

/// "If a process that was previously down comes back up, it holds an election. If it happens
/// to be the highest-numbered process, it will win."
#[test]
fn who_returns_holds_an_election_and_the_highest_announces_itself_at_once() {
    let boot =
        |me, incarnation| Bench::<Bully>::reboot(me, 2, BullyParams::default(), incarnation).1;
    let standing = |id| format!("emit Standing {{ rank: Rank {{ epoch: 0, zxid: 0, id: {id} }} }}");
    assert_eq!(boot(1, 0), [standing(1)]);
    assert_eq!(boot(0, 1)[2..], ["n1 <- Own(Election)", "set Answer 100ms"]);
    assert_eq!(boot(1, 1)[2], "n0 <- Own(Coordinator)");
}

/// The last COORDINATOR heard wins, whoever it is from.
#[test]
fn any_coordinator_is_accepted_in_any_state() {
    let mut bob = node(1);
    bob.request(Elect);
    for leader in [3, 0, 2] {
        let told = bob.message(leader, None, Packet::Own(BullyMessage::Coordinator));
        let followed = format!("emit Elected {{ leader: n{leader}, term: None, basis: Told }}");
        assert_eq!(told.last(), Some(&followed));
    }
}

#[test]
fn a_follower_pings_its_leader_and_elects_when_it_is_silent() {
    let ping = Some(Duration::from_millis(200));
    let (mut ada, _) = Bench::<Bully>::boot(0, 2, BullyParams { ping, ..Default::default() });
    let followed = ada.message(1, None, Packet::Own(BullyMessage::Coordinator));
    assert!(followed.contains(&"set Upkeep(Ping) 200ms".to_owned()), "{followed:?}");
    let pinged = ["n1 <- Ping", "set Upkeep(Silence) 100ms"];
    assert_eq!(ada.timer(BullyTimer::Upkeep(UpkeepTimer::Ping)), pinged);
    let answered = ["cancel Upkeep(Silence)", "set Upkeep(Ping) 200ms"];
    assert_eq!(ada.message(1, None, Packet::Pong), answered);
    let suspected = ada.timer(BullyTimer::Upkeep(UpkeepTimer::Silence));
    assert_eq!(suspected[0], "emit Started { term: None }");
    assert!(suspected.contains(&"n1 <- Own(Election)".to_owned()), "{suspected:?}");
}

#[test]
fn only_a_leader_answers_pings() {
    let (mut bob, _) = Bench::<Bully>::boot(1, 2, BullyParams::default());
    assert_eq!(bob.message(0, None, Packet::Ping), NOTHING);
    bob.request(Elect);
    assert_eq!(bob.message(0, None, Packet::Ping), ["n0 <- Pong"]);
}
