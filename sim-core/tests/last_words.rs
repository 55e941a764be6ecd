//! Nodes are asked at the end whom they wait for; a panic then is the node's, too.
#![allow(missing_docs)]

use seedbed_core::{EndedBy, Simulation, World};
use seedbed_node::{Context, Message, Node, NodeId};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Confused;

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
struct Nothing;

impl Node for Confused {
    type Params = ();
    type Message = Nothing;
    type Timer = ();
    type Request = ();
    type Event = ();
    type Durable = ();

    fn start((): &(), _: &mut Context<'_, Self>) -> Self {
        Confused
    }
    fn on_message(&mut self, _: NodeId, _: Nothing, _: &mut Context<'_, Self>) {}
    fn on_request(&mut self, (): (), _: &mut Context<'_, Self>) {}
    fn on_timer(&mut self, (): (), _: &mut Context<'_, Self>) {}
    fn waits_for(&self) -> Vec<NodeId> {
        panic!("for whom?")
    }
}

#[test]
fn a_panic_while_asked_whom_it_waits_for_is_attributed() {
    let outcome = Simulation::<Confused>::new(&World::new(1, 2), ()).expect("valid").run();
    let EndedBy::Panic { node, message } = outcome.ended_by else { panic!("a panic") };
    assert_eq!((node.as_str(), message.as_str()), ("n0", "for whom?"));
}
