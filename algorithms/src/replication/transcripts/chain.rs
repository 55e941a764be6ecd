//! van Renesse and Schneider, OSDI 2004; Terrace and Freedman, USENIX ATC 2009.

use seedbed_node::NodeId;

use super::{CLIENT, MASTER, MEMBERS, NOTHING, asks, difference, op, query, sent, without, write};
use crate::replication::{
    ChainParams, ChainReads, ChainReplication, Configuration, ReplicationMessage as Message,
    ReplicationTimer, Request, Shape,
};
use crate::transcript::Bench;

fn node_with(me: u32, params: ChainParams) -> Bench<ChainReplication> {
    Bench::boot(me, MEMBERS, ChainParams { heartbeat: None, ..params }).0
}

fn node(me: u32) -> Bench<ChainReplication> {
    node_with(me, ChainParams::default())
}

#[test]
fn section_2_the_head_applies_and_forwards_and_answers_nothing() {
    assert_eq!(
        node(0).message(CLIENT, Some(op(0)), asks(0, 7, 70)),
        [
            "emit Applied { sequence: 1, operation: n4#0, key: 7, value: 70 }",
            "n1 <- Difference { link: 1, sequence: 1, stable: 0, update: Update { operation: n4#0, \
             oldest: 0, key: 7, value: 70 } } for n4#0",
        ]
    );
}

#[test]
fn section_2_the_tail_answers_first_and_then_acknowledges() {
    assert_eq!(
        node(2).message(1, Some(op(0)), difference(1, 1, 0, 70)),
        [
            "emit Applied { sequence: 1, operation: n4#0, key: 7, value: 70 }",
            "n4 <- Answer { operation: n4#0, reply: Written } for n4#0",
            "n1 <- Ack { sequence: 1 } for n4#0",
        ]
    );
}

#[test]
fn section_2_the_tail_answers_queries_from_its_own_copy() {
    let mut tail = node(2);
    tail.message(1, Some(op(0)), difference(1, 1, 0, 70));
    let answered = tail.message(CLIENT, Some(op(1)), query(1, 7));
    assert_eq!(answered, ["n4 <- Answer { operation: n4#1, reply: Value(Some(70)) } for n4#1"]);
    let forwarded = sent(&node(0).message(CLIENT, Some(op(1)), query(1, 7)));
    assert_eq!(forwarded, ["n2 <- Query"], "who is not the tail knows who is");
}

#[test]
fn section_3_acknowledgements_empty_sent_and_travel_on() {
    let mut middle = node(1);
    middle.message(0, Some(op(0)), difference(1, 1, 0, 70));
    assert_eq!(sent(&middle.message(2, Some(op(0)), Message::Ack { sequence: 1 })), ["n0 <- Ack"]);
    // The tail fails: there is nothing left to answer.
    assert_eq!(middle.message(MASTER, None, without(2, Shape::Chain)), NOTHING);
}

#[test]
fn section_3_what_comes_too_early_or_over_an_old_link_is_not_applied() {
    let mut middle = node(1);
    assert_eq!(middle.message(0, Some(op(1)), difference(1, 2, 1, 71)), NOTHING, "1 is missing");
    assert_eq!(middle.message(2, Some(op(0)), difference(1, 1, 0, 70)), NOTHING, "from behind");
    assert_eq!(middle.message(0, Some(op(0)), difference(9, 1, 0, 70)), NOTHING, "another link");
}

#[test]
fn section_3_failure_of_the_tail_makes_the_one_before_answer_what_is_in_sent() {
    let mut middle = node(1);
    middle.message(0, Some(op(0)), difference(1, 1, 0, 70));
    middle.message(0, Some(op(1)), difference(1, 2, 1, 71));
    assert_eq!(
        middle.message(MASTER, None, without(2, Shape::Chain)),
        [
            "n4 <- Answer { operation: n4#0, reply: Written } for n4#0",
            "n4 <- Answer { operation: n4#1, reply: Written } for n4#1",
            "n0 <- Ack { sequence: 2 }",
        ]
    );
}

#[test]
fn section_3_failure_of_the_middle_resends_the_rest_of_sent_before_anything_new() {
    let mut head = node(0);
    for number in 0..3 {
        head.message(CLIENT, Some(op(number)), asks(number, 7, 70));
    }
    assert_eq!(head.message(MASTER, None, without(1, Shape::Chain)), NOTHING);
    let held_back = sent(&head.message(CLIENT, Some(op(3)), asks(3, 7, 73)));
    assert_eq!(held_back, NOTHING, "the successor has not said what it has");
    let configuration = Configuration::initial(3).without(NodeId(1), Shape::Chain);
    let resume = Message::Resume { configuration, successor: NodeId(2), applied: Some(1) };
    let resent = head.message(MASTER, None, resume);
    let numbers: Vec<bool> = (2..=4)
        .zip(&resent)
        .map(|(sequence, line)| line.contains(&format!("sequence: {sequence},")))
        .collect();
    assert_eq!(numbers, [true; 3], "{resent:?}");
    let next = head.message(CLIENT, Some(op(4)), asks(4, 7, 74));
    assert_eq!(sent(&next), ["n2 <- Difference"]);
}

#[test]
fn section_3_the_successor_tells_the_master_what_it_has_who_tells_the_predecessor() {
    let mut tail = node(2);
    tail.message(1, Some(op(0)), difference(1, 1, 0, 70));
    let told = tail.message(MASTER, None, without(1, Shape::Chain));
    assert_eq!(sent(&told), ["n3 <- Resume"]);
    assert!(told[0].contains("applied: Some(1)"), "{}", told[0]);
    let configuration = Configuration::initial(3).without(NodeId(1), Shape::Chain);
    let resume = Message::Resume { configuration, successor: NodeId(2), applied: Some(1) };
    let mut master = Bench::<ChainReplication>::boot(MASTER, MEMBERS, ChainParams::default()).0;
    assert_eq!(master.message(2, None, resume.clone()), NOTHING, "it knows of no such link");
    master.timer(ReplicationTimer::Suspect(NodeId(1)));
    assert_eq!(sent(&master.message(2, None, resume)), ["n0 <- Resume"]);
}

#[test]
fn section_3_failure_of_the_head_makes_the_next_one_head() {
    let mut middle = node(1);
    middle.message(0, Some(op(0)), difference(1, 1, 0, 70));
    assert_eq!(middle.message(MASTER, None, without(0, Shape::Chain)), NOTHING);
    let accepted = sent(&middle.message(CLIENT, Some(op(1)), asks(1, 7, 71)));
    assert_eq!(accepted, ["n2 <- Difference"]);
    let again = middle.message(CLIENT, Some(op(0)), asks(0, 7, 70));
    assert!(
        again[0].contains("sequence: 1,"),
        "recognised, and passed on as what it was: {again:?}"
    );
}

#[test]
fn section_3_the_master_removes_who_is_silent_and_tells_everybody() {
    let mut master = Bench::<ChainReplication>::boot(MASTER, MEMBERS, ChainParams::default()).0;
    let beaten = master.message(1, None, Message::Heartbeat { epoch: 1 });
    assert_eq!(beaten, ["set Suspect(n1) 200ms"]);
    let told = master.timer(ReplicationTimer::Suspect(NodeId(0)));
    assert_eq!(told[0], "emit Reconfigured { servers: [(n1, 0), (n2, 0)], shape: Chain }");
    assert_eq!(sent(&told), [0, 1, 2, 4, 5].map(|node| format!("n{node} <- Configure")));
    master.timer(ReplicationTimer::Suspect(NodeId(1)));
    assert_eq!(master.timer(ReplicationTimer::Suspect(NodeId(2))), NOTHING, "the last stays");
}

#[test]
fn section_3_a_new_tail_gets_a_copy_and_its_queries_wait_for_it() {
    let configuration = Configuration::initial(3).with(NodeId(2), 1, Shape::Chain);
    let configure = Message::Configure { configuration: configuration.clone() };
    let (mut tail, booted) =
        Bench::<ChainReplication>::reboot(2, MEMBERS, ChainParams::default(), 1);
    assert_eq!(sent(&booted), ["n3 <- Join"]);
    assert_eq!(sent(&tail.message(MASTER, None, configure.clone())), ["n3 <- Resume"]);
    assert_eq!(tail.message(CLIENT, Some(op(1)), query(1, 7)), NOTHING);

    let mut middle = node(1);
    middle.message(0, Some(op(0)), difference(1, 1, 0, 70));
    middle.message(2, Some(op(0)), Message::Ack { sequence: 1 });
    middle.message(MASTER, None, configure);
    let resume = Message::Resume { configuration, successor: NodeId(2), applied: None };
    assert_eq!(sent(&middle.message(MASTER, None, resume)), ["n2 <- State"]);

    let mut log = crate::replication::Log::default();
    log.append(super::update(0, 7, 70));
    log.settle(1);
    let state = Message::State { link: 2, snapshot: log.snapshot() };
    assert_eq!(
        tail.message(1, None, state),
        [
            "emit Installed { sequence: 1, values: {7: 70} }",
            "n4 <- Answer { operation: n4#1, reply: Value(Some(70)) } for n4#1",
        ]
    );
}

#[test]
fn a_request_that_relies_on_a_configuration_waits_for_it() {
    let mut middle = node(1);
    let early = Message::Update { epoch: 2, update: super::update(0, 7, 70) };
    assert_eq!(middle.message(CLIENT, Some(op(0)), early), NOTHING);
    let learned = sent(&middle.message(MASTER, None, without(0, Shape::Chain)));
    assert_eq!(learned, ["n2 <- Difference"]);
}

#[test]
fn a_removed_server_forgets_everything_and_asks_to_join() {
    let mut middle = node(1);
    middle.message(0, Some(op(0)), difference(1, 1, 0, 70));
    assert_eq!(sent(&middle.message(MASTER, None, without(1, Shape::Chain))), ["n3 <- Join"]);
    assert_eq!(middle.message(CLIENT, Some(op(1)), query(1, 7)), NOTHING);
}

#[test]
fn clients_ask_head_and_tail_and_the_next_when_one_is_gone() {
    let mut client = node(CLIENT);
    assert_eq!(sent(&client.request(write(0, 7, 70))), ["n0 <- Update"]);
    assert_eq!(sent(&client.request(Request::Read { operation: op(1), key: 7 })), ["n2 <- Query"]);
    assert_eq!(client.node_waits(), [NodeId(0), NodeId(2)]);
    let again = client.message(MASTER, None, without(0, Shape::Chain));
    assert_eq!(sent(&again), ["n1 <- Update"], "the tail is as it was");
    assert_eq!(sent(&client.request(write(0, 7, 70))), ["n3 <- Locate", "n1 <- Update"]);
}

impl Bench<ChainReplication> {
    fn node_waits(&self) -> Vec<NodeId> {
        seedbed_node::Node::waits_for(&self.node)
    }
}

#[test]
fn craq_section_2_3_a_clean_key_is_answered_and_a_dirty_one_is_asked_of_the_tail() {
    let params = ChainParams { reads: ChainReads::Clean, ..Default::default() };
    let mut middle = node_with(1, params);
    middle.message(0, Some(op(0)), difference(1, 1, 0, 70));
    middle.message(2, Some(op(0)), Message::Ack { sequence: 1 });
    let clean = middle.message(CLIENT, Some(op(1)), query(1, 7));
    assert_eq!(clean, ["n4 <- Answer { operation: n4#1, reply: Value(Some(70)) } for n4#1"]);
    middle.message(0, Some(op(2)), difference(1, 2, 2, 72));
    assert_eq!(sent(&middle.message(CLIENT, Some(op(3)), query(3, 7))), ["n2 <- Version"]);
    for (sequence, value) in [(1, 70), (2, 72)] {
        let committed = Message::Committed { operation: op(3), key: 7, sequence };
        let answer =
            format!("n4 <- Answer {{ operation: n4#3, reply: Value(Some({value})) }} for n4#3");
        assert_eq!(middle.message(2, Some(op(3)), committed), [answer]);
    }
}
