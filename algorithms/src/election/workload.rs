//! The clients of elections: they suspect the leader, and ask for another.
//!
//! An operation begins when its client asks and is complete when the client's node says whom it
//! follows. An election that the nodes hold by themselves belongs to no operation.
//!
//! What is absent: impatience. A client whose node says nothing waits for ever.

use std::collections::BTreeMap;

use seedbed_node::{Client, Distribution, Duration, NodeId, Operation, Workload};
use serde::Deserialize;

use super::{Event, Request};

/// The `workload:` section of a scenario.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Load {
    /// These clients ask at these instants.
    Script {
        /// Who asks when.
        elections: Vec<Initiate>,
    },
    /// Clients ask again and again.
    Repeated {
        /// From one demand to the next of the same client, whatever the nodes do.
        #[serde(default = "default_every")]
        every: Distribution,
        /// How often each client asks.
        #[serde(default = "default_elections")]
        elections_per_node: u32,
        /// The nodes that have a client; empty means all.
        #[serde(default)]
        only: Vec<NodeId>,
    },
    /// Nobody asks: the nodes notice by themselves that an election is due.
    Detected,
}

/// An instant at which clients ask for an election.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Initiate {
    /// When, from the first boot of the client's node.
    pub at: Duration,
    /// The nodes whose clients ask; empty means all.
    pub nodes: Vec<NodeId>,
}

fn default_every() -> Distribution {
    Distribution::Exponential { mean: Duration::from_secs(1) }
}

fn default_elections() -> u32 {
    5
}

impl Default for Load {
    /// Everybody asks once, at the beginning.
    fn default() -> Self {
        Load::Script { elections: vec![Initiate::default()] }
    }
}

/// All clients of a run.
#[derive(Clone, Hash, Debug)]
pub(super) struct Clients {
    callers: Vec<Caller>,
    every: Option<Distribution>,
}

/// One client.
#[derive(Clone, Hash, Debug, Default)]
struct Caller {
    /// When it asks, in a script; how often it still does, otherwise.
    script: Vec<Duration>,
    to_ask: u32,
    /// What it has asked for and not been answered; whether the node was down then.
    open: BTreeMap<Operation, Asked>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Asked {
    Heard,
    Refused,
}

impl Clients {
    /// The clients of `nodes` members, or why the load makes no sense.
    pub(super) fn new(load: &Load, nodes: u32) -> Result<Self, String> {
        let mut callers: Vec<Caller> = (0..nodes).map(|_| Caller::default()).collect();
        let mut every = None;
        match load {
            Load::Script { elections } => {
                for Initiate { at, nodes: only } in elections {
                    for node in chosen("nodes", only, nodes)? {
                        callers[node.index()].script.push(*at);
                        callers[node.index()].to_ask += 1;
                    }
                }
            }
            Load::Repeated { every: pause, elections_per_node, only } => {
                pause.check().map_err(|why| format!("every: {why}"))?;
                if *elections_per_node == 0 {
                    return Err("elections_per_node: 0 elections exercise nothing; \
                                expected at least 1"
                        .into());
                }
                for node in chosen("only", only, nodes)? {
                    callers[node.index()].to_ask = *elections_per_node;
                }
                every = Some(pause.clone());
            }
            Load::Detected => {}
        }
        Ok(Clients { callers, every })
    }

    fn expect_demand(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        if let Some(every) = self.every.as_ref().filter(|_| self.callers[client.index()].to_ask > 0)
        {
            let pause = every.sample(cx.draws());
            cx.wake(pause, 0);
        }
    }
}

/// The nodes of a list in which none means all.
fn chosen(field: &str, only: &[NodeId], nodes: u32) -> Result<Vec<NodeId>, String> {
    if let Some(stranger) = only.iter().find(|node| node.0 >= nodes) {
        return Err(format!("{field}: {stranger} is not one of the {nodes} members"));
    }
    let all = || (0..nodes).map(NodeId).collect();
    Ok(if only.is_empty() { all() } else { only.to_vec() })
}

impl Workload<Request, Event> for Clients {
    fn on_start(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        for &at in &self.callers[client.index()].script {
            cx.wake(at, 0);
        }
        self.expect_demand(client, cx);
    }

    fn on_event(&mut self, client: NodeId, event: &Event, cx: &mut Client<'_, Request>) {
        let Event::Elected { .. } = event else { return };
        for (operation, _) in std::mem::take(&mut self.callers[client.index()].open) {
            cx.complete(operation);
        }
    }

    fn on_wake(&mut self, client: NodeId, _tag: u64, cx: &mut Client<'_, Request>) {
        let operation = cx.begin();
        let caller = &mut self.callers[client.index()];
        caller.to_ask -= 1;
        caller.open.insert(operation, Asked::Heard);
        cx.request(operation, Request::Elect);
        self.expect_demand(client, cx);
    }

    /// A refused demand is repeated at the restart. It is the latest that is thought heard: what
    /// the crash interrupted is older.
    fn on_refused(&mut self, client: NodeId, _request: Request, _cx: &mut Client<'_, Request>) {
        let mut open = self.callers[client.index()].open.values_mut().rev();
        if let Some(asked) = open.find(|asked| **asked == Asked::Heard) {
            *asked = Asked::Refused;
        }
    }

    /// A demand that the crash interrupted is not repeated: it stays pending.
    fn on_restart(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        let open = &mut self.callers[client.index()].open;
        open.retain(|_, asked| *asked == Asked::Refused);
        for (operation, asked) in open {
            *asked = Asked::Heard;
            cx.request(*operation, Request::Elect);
        }
    }

    fn finished(&self) -> bool {
        self.callers.iter().all(|caller| caller.to_ask == 0)
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Action, Client, Draws, Duration, NodeId, Operation, Time, Workload};

    use super::{Clients, Load};
    use crate::election::{Basis, Event, Request};

    const ADA: NodeId = NodeId(0);

    /// Clients in the hands of a test, which sees the actions of each call.
    struct Stage {
        clients: Clients,
        draws: Draws,
        begun: u32,
    }

    impl Stage {
        fn new(load: &str) -> Self {
            let clients = Clients::new(&read(load), 2).expect("a sensible load");
            Stage { clients, draws: Draws::keyed(7), begun: 0 }
        }

        fn ada(
            &mut self,
            call: impl FnOnce(&mut Clients, &mut Client<'_, Request>),
        ) -> Vec<Action<Request>> {
            let mut actions = Vec::new();
            let draws = &mut self.draws;
            let mut cx = Client::new(ADA, Time::ZERO, draws, &mut self.begun, &mut actions);
            call(&mut self.clients, &mut cx);
            actions
        }
    }

    fn read(load: &str) -> Load {
        ron::from_str(load).expect("a load")
    }

    fn operation(number: u32) -> Operation {
        Operation { client: ADA, number }
    }

    fn asked(number: u32) -> [Action<Request>; 2] {
        let operation = operation(number);
        [Action::Begin(operation), Action::Request(operation, Request::Elect)]
    }

    const TWICE: &str = "Script(elections: [(at: \"5ms\"), (at: \"9ms\", nodes: [NodeId(0)])])";
    const ELECTED: Event = Event::Elected { leader: NodeId(1), term: None, basis: Basis::Told };

    #[test]
    fn a_script_asks_at_its_instants_and_is_done_when_the_node_follows_somebody() {
        let mut stage = Stage::new(TWICE);
        let wakes = [5, 9].map(|ms| Action::Wake(Duration::from_millis(ms), 0));
        assert_eq!(stage.ada(|c, cx| c.on_start(ADA, cx)), wakes);
        assert_eq!(stage.ada(|c, cx| c.on_wake(ADA, 0, cx)), asked(0));
        assert!(!stage.clients.finished());
        assert_eq!(stage.ada(|c, cx| c.on_wake(ADA, 0, cx)), asked(1));
        let started = Event::Started { term: None };
        assert_eq!(stage.ada(|c, cx| c.on_event(ADA, &started, cx)), []);
        let done = [0, 1].map(|number| Action::Complete(operation(number)));
        assert_eq!(stage.ada(|c, cx| c.on_event(ADA, &ELECTED, cx)), done);
        assert_eq!(stage.ada(|c, cx| c.on_event(ADA, &ELECTED, cx)), [], "once");
    }

    #[test]
    fn what_a_dead_node_refused_is_asked_again_and_what_its_crash_interrupted_is_not() {
        for (refused, repeated) in [(true, 1), (false, 0)] {
            let mut stage = Stage::new(TWICE);
            stage.ada(|c, cx| c.on_start(ADA, cx));
            stage.ada(|c, cx| c.on_wake(ADA, 0, cx));
            if refused {
                stage.ada(|c, cx| c.on_refused(ADA, Request::Elect, cx));
            }
            let again = stage.ada(|c, cx| c.on_restart(ADA, cx));
            assert_eq!(again, asked(0)[1..][..repeated]);
        }
    }

    #[test]
    fn repeated_demands_arise_at_random_and_end() {
        let load = "Repeated(every: Constant(\"3ms\"), elections_per_node: 2, only: [NodeId(0)])";
        let mut stage = Stage::new(load);
        let wake = [Action::Wake(Duration::from_millis(3), 0)];
        assert_eq!(stage.ada(|c, cx| c.on_start(ADA, cx)), wake);
        assert_eq!(stage.ada(|c, cx| c.on_wake(ADA, 0, cx))[2..], wake);
        assert_eq!(stage.ada(|c, cx| c.on_wake(ADA, 0, cx)), asked(1));
        assert!(stage.clients.finished());
    }

    #[test]
    fn loads_that_make_no_sense_are_refused_with_the_field() {
        for (load, field) in [
            ("Script(elections: [(at: \"1s\", nodes: [NodeId(2)])])", "nodes: "),
            ("Repeated(only: [NodeId(2)])", "only: "),
            ("Repeated(elections_per_node: 0)", "elections_per_node: "),
        ] {
            let why = Clients::new(&read(load), 2).expect_err(load);
            assert!(why.starts_with(field), "{why}");
        }
        assert!(Clients::new(&Load::Detected, 2).expect("a load").finished());
    }
}
