//! The problem, apart from any algorithm that solves it: what clients ask, what nodes tell them,
//! what must never happen and what must come about. Several algorithms can share it.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Breach, CheckRow, Checker, Client, Conclusion, Duration, Ending, Family, GoalRow, Measure,
    NodeId, Observation, Operation, Time, What, Workload,
};
use serde::Deserialize;

/// The family's name in the registry.
pub struct Assembly;

/// What a client asks of its node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Request {
    /// Find out whether everybody is there.
    CallTheRoll,
}

/// What a node tells its client.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// This node has answered another one's roll call.
    Answered { to: NodeId },
    /// Everybody has answered this node's roll call.
    AllHere,
}

impl Family for Assembly {
    const NAME: &'static str = "assembly";
    const ABOUT: &'static str = "One node finds out that all are there";
    const OPERATION: &'static str = "roll call";
    type Request = Request;
    type Event = Event;
    type Load = Load;

    fn workload(load: &Load, nodes: u32) -> Result<Box<dyn Workload<Request, Event>>, String> {
        if load.calls == 0 {
            return Err("calls: expected at least 1".into());
        }
        let clients = (0..nodes).map(|n| (NodeId(n), Caller { left: load.calls, open: None }));
        Ok(Box::new(Callers { pause: load.pause, clients: clients.collect() }))
    }

    fn checks() -> Vec<CheckRow<Request, Event>> {
        vec![CheckRow {
            name: "NobodyMissing",
            about: "A roll call ends only after every other node has answered it",
            build: || Box::new(NobodyMissing::default()),
        }]
    }

    fn goals() -> Vec<GoalRow<Request, Event>> {
        vec![GoalRow {
            name: "Completed",
            about: "Every roll call ends",
            build: |within| Box::new(Completed { within, open: BTreeMap::new() }),
        }]
    }

    fn measures() -> Vec<Box<dyn Measure<Request, Event>>> {
        Vec::new()
    }
}

/// The `workload:` section of a scenario: `workload: (calls: 3, pause: "50ms")`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Load {
    calls: u32,
    pause: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Load { calls: 3, pause: Duration::from_millis(50) }
    }
}

/// Every node's client calls the roll, waits for the end, pauses, and calls again.
#[derive(Clone, Hash)]
struct Callers {
    pause: Duration,
    clients: BTreeMap<NodeId, Caller>,
}

/// One client: how many roll calls are left, and the one that has not ended.
#[derive(Clone, Hash)]
struct Caller {
    left: u32,
    open: Option<Operation>,
}

impl Callers {
    fn call(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        let caller = self.clients.get_mut(&client).expect("every node has a client");
        if caller.left > 0 {
            caller.left -= 1;
            let operation = cx.begin();
            caller.open = Some(operation);
            cx.request(operation, Request::CallTheRoll);
        }
    }
}

impl Workload<Request, Event> for Callers {
    fn on_start(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        self.call(client, cx);
    }

    fn on_event(&mut self, client: NodeId, event: &Event, cx: &mut Client<'_, Request>) {
        if *event != Event::AllHere {
            return;
        }
        let caller = self.clients.get_mut(&client).expect("every node has a client");
        if let Some(operation) = caller.open.take() {
            cx.complete(operation);
            cx.wake(self.pause, 0);
        }
    }

    fn on_wake(&mut self, client: NodeId, _tag: u64, cx: &mut Client<'_, Request>) {
        self.call(client, cx);
    }

    // The node was down: what it was asked stays undone, and its client asks no more.
    fn on_refused(&mut self, _: NodeId, _: Request, _: &mut Client<'_, Request>) {}
    fn on_restart(&mut self, _: NodeId, _: &mut Client<'_, Request>) {}

    fn finished(&self) -> bool {
        self.clients.values().all(|caller| caller.left == 0)
    }
}

/// Safety: judges by what nodes did, never by what the caller believes.
#[derive(Clone, Default, Hash)]
struct NobodyMissing {
    answered: BTreeMap<NodeId, BTreeSet<NodeId>>,
    everybody: BTreeSet<NodeId>,
}

impl Checker<Request, Event> for NobodyMissing {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Boot { node } => {
                self.everybody.insert(node);
            }
            What::Request { node, .. } => {
                self.answered.insert(node, BTreeSet::from([node]));
            }
            What::Event { node, event: Event::Answered { to } } => {
                self.answered.entry(*to).or_default().insert(node);
            }
            What::Event { node, event: Event::AllHere } => {
                let answered = self.answered.entry(node).or_default();
                let missing: Vec<_> = self.everybody.difference(answered).copied().collect();
                if !missing.is_empty() {
                    let (caller, missing) = (&seen.names[node], seen.names.list(&missing));
                    let why = format!("{caller} counted all at {} without {missing}", seen.at);
                    return Err(Breach { at: seen.at, why });
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Liveness: every roll call ends, and in time if there is a deadline.
#[derive(Clone, Hash)]
struct Completed {
    within: Option<Duration>,
    open: BTreeMap<Operation, Time>,
}

impl Checker<Request, Event> for Completed {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Request { operation, .. } => {
                self.open.insert(operation, seen.at);
            }
            What::Complete { operation } => {
                let since = self.open.remove(&operation).unwrap_or(seen.at);
                if self.within.is_some_and(|within| seen.at.since(since) > within) {
                    let caller = &seen.names[operation.client];
                    let why = format!("{caller}'s roll call of {since} ended only at {}", seen.at);
                    return Err(Breach { at: seen.at, why });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        let Some((operation, since)) = self.open.first_key_value() else {
            return Conclusion::Held;
        };
        let caller = &ending.names[operation.client];
        let why = format!("{caller}'s roll call of {since} had not ended at {}", ending.at);
        let too_late = self.within.is_some_and(|within| ending.at.since(*since) > within);
        if too_late || ending.quiet {
            return Conclusion::Failed(Breach { at: ending.at, why });
        }
        Conclusion::Inconclusive(why)
    }
}
