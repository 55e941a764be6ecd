//! Clients and judges of one family, behind names: compiled once a family.

use std::hash::Hash;
use std::sync::Arc;

use seedbed_node::{
    Action, Checker, Client, Conclusion, Draws, Ending, Names, NodeId, Observation, Operation,
    Pending, Time, Value, What, Workload,
};

use super::bounds::Timing;
use super::machine::{Act, Outside, Response, Seen, Stimulus};
use super::names::{Arena, Name, Parts, Table, both};

/// What clients and nodes say to each other.
pub(super) struct Words<R, E> {
    requests: Parts<R>,
    events: Parts<E>,
}

impl<R: Value, E: Value> Words<R, E> {
    pub fn new() -> Self {
        Words { requests: Parts::new(), events: Parts::new() }
    }

    pub fn name_event(&self, event: E) -> Name {
        self.events.name(event)
    }

    pub fn request(&self, request: Name) -> R {
        R::clone(&self.requests.get(request))
    }

    pub fn show_event(&self, event: Name) -> String {
        format!("{:?}", self.events.get(event))
    }

    pub fn show_request(&self, request: Name) -> String {
        format!("{:?}", self.requests.get(request))
    }
}

/// All clients.
#[derive(Clone, Hash)]
struct Clients<R: 'static, E: 'static> {
    workload: Box<dyn Workload<R, E>>,
    /// The stream of each client, and how many operations it has begun.
    each: Vec<(Draws, u32)>,
    /// What was begun and is not done, in order of its beginning.
    pending: Vec<Operation>,
}

/// All judges.
#[derive(Clone, Hash)]
struct Judges<R: 'static, E: 'static> {
    checkers: Vec<Box<dyn Checker<R, E>>>,
    /// The number of the check that is broken, and why.
    broken: Option<(u32, String)>,
}

/// Clients and judges of one family.
pub(super) struct Experiment<R: Value, E: Value> {
    names: Names,
    timing: Timing,
    words: Arc<Words<R, E>>,
    clients: Parts<Clients<R, E>>,
    judges: Parts<Judges<R, E>>,
    responses: Table<u32>,
    kept: Arena<Response>,
    observed: Table<(Name, u32)>,
    conclusions: Table<u64>,
    first: (Name, Name),
}

impl<R: Value, E: Value> Experiment<R, E> {
    pub fn new(
        names: Names,
        timing: Timing,
        words: Arc<Words<R, E>>,
        workload: Box<dyn Workload<R, E>>,
        streams: Vec<Draws>,
        checkers: Vec<Box<dyn Checker<R, E>>>,
    ) -> Self {
        let (clients, judges) = (Parts::new(), Parts::new());
        let each = streams.into_iter().map(|draws| (draws, 0)).collect();
        let first = (
            clients.name(Clients { workload, each, pending: Vec::new() }),
            judges.name(Judges { checkers, broken: None }),
        );
        Experiment {
            names,
            timing,
            words,
            clients,
            judges,
            responses: Table::new(),
            kept: Arena::new(),
            observed: Table::new(),
            conclusions: Table::new(),
            first,
        }
    }

    fn respond(&self, clients: Name, stimulus: Stimulus) -> Response {
        let mut clients = Clients::clone(&self.clients.get(clients));
        let who = stimulus.client();
        let mut actions = Vec::new();
        let (draws, begun) = &mut clients.each[who.index()];
        let mut cx = Client::new(who, Time(0), draws, begun, &mut actions);
        let workload = &mut clients.workload;
        match stimulus {
            Stimulus::Start { client } => workload.on_start(client, &mut cx),
            Stimulus::Event { client, event } => {
                workload.on_event(client, &self.words.events.get(event), &mut cx);
            }
            Stimulus::Wake { client, tag } => workload.on_wake(client, tag, &mut cx),
            Stimulus::Refused { client, request } => {
                workload.on_refused(client, self.words.request(request), &mut cx);
            }
            Stimulus::Restart { client } => workload.on_restart(client, &mut cx),
        }
        let mut acts = Vec::new();
        for action in actions {
            match action {
                Action::Begin(operation) => clients.pending.push(operation),
                Action::Request(operation, request) => {
                    let request = self.words.requests.name(request);
                    acts.push(Act::Request { operation, request });
                }
                Action::Complete(operation) => {
                    clients.pending.retain(|pending| *pending != operation);
                    acts.push(Act::Complete { operation });
                }
                Action::Wake(after, tag) => {
                    acts.push(Act::Sleep { tag, ticks: self.timing.ticks(after) });
                }
            }
        }
        // The order in which different clients began tells nothing apart.
        clients.pending.sort_unstable();
        Response { clients: self.clients.name(clients), acts }
    }

    fn see(&self, judges: Name, seen: Seen) -> (Name, u32) {
        let mut judges = Judges::clone(&self.judges.get(judges));
        let (request, event);
        let what = match seen {
            Seen::Request { node, operation, request: name } => {
                request = self.words.requests.get(name);
                What::Request { node, operation, request: &*request }
            }
            Seen::Event { node, event: name } => {
                event = self.words.events.get(name);
                What::Event { node, event: &*event }
            }
            Seen::Complete { operation } => What::Complete { operation },
            Seen::Crash { node } => What::Crash { node },
            Seen::Boot { node } => What::Boot { node },
        };
        let seen = Observation { at: Time(0), what, causality: None, names: &self.names };
        for (number, checker) in (0..).zip(&mut judges.checkers) {
            if let Err(breach) = checker.observe(&seen) {
                judges.broken.get_or_insert((number, breach.why));
            }
        }
        let broken = judges.broken.as_ref().map_or(0, |(number, _)| number + 1);
        (self.judges.name(judges), broken)
    }

    /// Hears the checkers out, as if the run ended here.
    fn conclude(
        &self,
        (judges, clients, up): (Name, Name, u64),
        over: bool,
        mut each: impl FnMut(u32, Conclusion),
    ) {
        let nodes = self.names.count().min(u64::BITS);
        let down: Vec<_> = (0..nodes).filter(|node| up >> node & 1 == 0).map(NodeId).collect();
        let pending = self.clients.get(clients).pending.clone();
        let pending: Vec<_> =
            pending.into_iter().map(|operation| Pending { operation, since: Time(0) }).collect();
        let waits_for = vec![Vec::new(); self.names.count() as usize];
        let ending = Ending {
            at: Time(0),
            quiet: over,
            down: &down,
            pending: &pending,
            waits_for: &waits_for,
            names: &self.names,
        };
        let checkers = self.judges.get(judges).checkers.clone();
        for (number, mut checker) in (0..).zip(checkers) {
            each(number, checker.finish(&ending));
        }
    }
}

impl<R: Value, E: Value> Outside for Experiment<R, E> {
    fn clients(&self) -> Name {
        self.first.0
    }

    fn judges(&self) -> Name {
        self.first.1
    }

    fn rouse(&self, clients: Name, stimulus: Stimulus) -> &Response {
        let key = both(clients, stimulus.name());
        let response =
            self.responses.find_or(key, || self.kept.keep(self.respond(clients, stimulus)));
        self.kept.get(response)
    }

    fn observe(&self, judges: Name, seen: Seen) -> (Name, u32) {
        self.observed.find_or(both(judges, seen.name()), || self.see(judges, seen))
    }

    fn failed(&self, judges: Name, clients: Name, up: u64, over: bool) -> u64 {
        let key = both(both(judges, clients), both(up, u64::from(over)));
        self.conclusions.find_or(key, || {
            let mut failed = 0;
            self.conclude((judges, clients, up), over, |number, conclusion| {
                failed |= u64::from(matches!(conclusion, Conclusion::Failed(_))) << number;
            });
            failed
        })
    }

    fn why(&self, judges: Name, clients: Name, up: u64, over: bool, check: u32) -> Option<String> {
        if let Some((number, why)) = &self.judges.get(judges).broken
            && *number == check
        {
            return Some(why.clone());
        }
        let mut why = None;
        self.conclude((judges, clients, up), over, |number, conclusion| {
            if let (Conclusion::Failed(breach), true) = (conclusion, number == check) {
                why = Some(breach.why);
            }
        });
        why
    }
}

impl Stimulus {
    pub(super) fn client(self) -> NodeId {
        match self {
            Stimulus::Start { client }
            | Stimulus::Event { client, .. }
            | Stimulus::Wake { client, .. }
            | Stimulus::Refused { client, .. }
            | Stimulus::Restart { client } => client,
        }
    }

    fn name(self) -> Name {
        let (tag, detail) = match self {
            Stimulus::Start { .. } => (1, 0),
            Stimulus::Event { event, .. } => (2, event),
            Stimulus::Wake { tag, .. } => (3, tag),
            Stimulus::Refused { request, .. } => (4, request),
            Stimulus::Restart { .. } => (5, 0),
        };
        both(detail, u64::from(self.client().0) << 8 | tag)
    }
}

impl Seen {
    fn name(self) -> Name {
        let word = |op: Operation| u64::from(op.client.0) << 32 | u64::from(op.number);
        let (tag, node, detail) = match self {
            Seen::Request { node, operation, request } => {
                (1, node.0, both(request, word(operation)))
            }
            Seen::Event { node, event } => (2, node.0, event),
            Seen::Complete { operation } => (3, 0, word(operation)),
            Seen::Crash { node } => (4, node.0, 0),
            Seen::Boot { node } => (5, node.0, 0),
        };
        both(detail, u64::from(node) << 8 | tag)
    }
}
