//! A node of one's own, run and checked as a library: no scenario file, no command line.
//! Run it with `cargo run --example own_node`. Change the loss, and see what holds.

use std::collections::BTreeSet;

use seedbed::core::network::Loss;
use seedbed::prelude::*;

/// Gossip: whoever hears the rumour for the first time tells everybody. `true` once it is heard.
/// The value is the node's whole state; a node that held a float or a `HashMap` would not compile.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Gossip(bool);

/// What nodes say to each other; each kind is counted by its name.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
struct Rumour;

impl Node for Gossip {
    type Params = ();
    type Message = Rumour;
    type Timer = ();
    type Request = &'static str; // what a client asks
    type Event = (); // what a node tells its client: "heard it"
    type Durable = ();

    fn start(_disk: &(), cx: &mut Context<'_, Self>) -> Self {
        let mut node = Gossip(false);
        if cx.me() == NodeId(0) {
            node.on_message(cx.me(), Rumour, cx); // the first node makes it up
        }
        node
    }
    fn on_message(&mut self, _from: NodeId, rumour: Rumour, cx: &mut Context<'_, Self>) {
        if !std::mem::replace(&mut self.0, true) {
            cx.emit(());
            cx.broadcast(rumour);
        }
    }
    fn on_request(&mut self, _: &'static str, _: &mut Context<'_, Self>) {}
    fn on_timer(&mut self, (): (), _: &mut Context<'_, Self>) {}
}

/// Everybody hears the rumour. A checker sees from outside what happens; it asks no node.
struct EverybodyHears(BTreeSet<NodeId>);

impl<R, E> Checker<R, E> for EverybodyHears {
    fn observe(&mut self, seen: &Observation<'_, R, E>) -> Result<(), Breach> {
        if let What::Event { node, .. } = seen.what {
            self.0.insert(node);
        }
        Ok(()) // nothing that could be wrong at an instant: that would be `Err(Breach { .. })`
    }
    fn finish(&mut self, end: &Ending<'_>) -> Conclusion {
        let (heard, all) = (self.0.len(), end.names.count());
        let why = format!("only {heard} of {all} heard the rumour until {}", end.at);
        if heard == all as usize {
            Conclusion::Held
        } else {
            Conclusion::Failed(Breach { at: end.at, why })
        }
    }
}

fn main() {
    let mut world = World::new(42, 8); // the seed, and how many nodes
    world.network.default.loss = Loss::Bernoulli(Probability::new(0.3).expect("0.3 is in 0..=1"));
    let mut simulation = Simulation::<Gossip>::new(&world, ()).expect("a world that can be run");
    simulation.check("EverybodyHears", Box::new(EverybodyHears(BTreeSet::new())));
    let outcome = simulation.run();
    let run =
        Run { scenario: "gossip", algorithm: "Gossip", operation: "rumour", outcome: &outcome };
    print!("{}", seedbed::reports::table::outcome(&run, "", Style::default()));
    assert_eq!(outcome.verdict(), Verdict::Held);
}
