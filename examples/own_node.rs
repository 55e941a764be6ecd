//! A node of one's own, run and checked as a library: `cargo run --example own_node`.

use seedbed::{core::network::Loss, prelude::*};

/// Gossip: whoever hears a rumour for the first time tells everybody. A node is a pure state
/// machine, and "has it heard?" its whole state. A float or a `HashMap` would not compile.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Gossip(bool);

/// What nodes tell each other; a client asks for nothing (`()`), and is told when its node hears.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
struct Rumour;

impl Node for Gossip {
    type Params = ();
    type Message = Rumour;
    type Timer = ();
    type Request = ();
    type Event = Rumour;
    type Durable = ();
    fn start(_disk: &(), cx: &mut Context<'_, Self>) -> Self {
        if cx.me() == NodeId(0) {
            cx.send(cx.me(), Rumour); // the first node makes the rumour up
        }
        Gossip(false)
    }
    fn on_message(&mut self, _from: NodeId, rumour: Rumour, cx: &mut Context<'_, Self>) {
        if !std::mem::replace(&mut self.0, true) {
            cx.emit(rumour.clone());
            cx.broadcast(rumour);
        }
    }
}

/// Everybody hears it. A checker sees what happens, from outside; it takes no node's word.
#[derive(Clone, Hash)]
struct EverybodyHears(u32);
impl Checker<(), Rumour> for EverybodyHears {
    fn observe(&mut self, seen: &Observation<'_, (), Rumour>) -> Result<(), Breach> {
        self.0 += u32::from(matches!(seen.what, What::Event { .. }));
        Ok(()) // what must hold at every instant would be checked here
    }
    fn finish(&mut self, end: &Ending<'_>) -> Conclusion {
        let missing = end.names.count() - self.0;
        let why = format!("{missing} nodes had not heard the rumour at {}", end.at);
        if missing == 0 { Conclusion::Held } else { Conclusion::Failed(Breach { at: end.at, why }) }
    }
}

fn main() {
    let mut world = World::new(42, 8); // the seed, and how many nodes
    world.network.default.loss = Loss::Bernoulli(Probability::new(0.3).unwrap());
    let mut simulation = Simulation::<Gossip>::new(&world, ()).unwrap();
    simulation.check("EverybodyHears", Box::new(EverybodyHears(0)));
    let outcome = simulation.run();
    println!("{:?}: {:?}, digest {}", outcome.verdict(), outcome.messages, outcome.digest);
    assert_eq!(outcome.verdict(), Verdict::Held);
}
