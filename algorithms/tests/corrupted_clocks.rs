//! Undetected corruption may drive logical time to its end; that is no reason to panic.
#![allow(missing_docs)]

use seedbed_algorithms::mutex::{
    Lamport, LamportMessage, LamportParams, Request, RicartAgrawala, RicartAgrawalaMessage,
    RicartAgrawalaParams,
};
use seedbed_node::{Context, Environment, Members, Node, NodeId, Recorder};

/// Boots node 0 of 2, has it hear a message and then asks it for entry.
fn hear_and_acquire<N: Node<Request = Request, Durable = ()>>(
    params: &N::Params,
    heard: N::Message,
) -> Vec<String> {
    let environment =
        Environment { me: NodeId(0), members: Members(2), incarnation: 0, operation: None };
    let mut recorder = Recorder::<N>::default();
    let mut cx = Context::new(environment, params, &mut recorder);
    let mut node = N::start(&(), &mut cx);
    node.on_message(NodeId(1), heard, &mut cx);
    node.on_request(Request::Acquire, &mut cx);
    recorder.effects.iter().map(|effect| format!("{effect:?}")).collect()
}

#[test]
fn logical_time_stays_at_its_end() {
    let params = LamportParams::default();
    let sent = hear_and_acquire::<Lamport>(&params, LamportMessage::Release { time: u64::MAX });
    assert!(sent[0].contains(&u64::MAX.to_string()), "{sent:?}");
    let params = RicartAgrawalaParams::default();
    let heard = RicartAgrawalaMessage::Request { number: u64::MAX };
    let sent = hear_and_acquire::<RicartAgrawala>(&params, heard);
    assert!(sent[1].contains(&u64::MAX.to_string()), "{sent:?}");
}
