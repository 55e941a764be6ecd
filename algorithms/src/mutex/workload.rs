//! The clients of mutual exclusion: they want in, stay a while, and leave.
//!
//! `Closed`: a client thinks, asks, holds, releases, thinks again. `Open`: demands arrive whatever
//! the system does (exponential inter-arrival times make a Poisson process) and queue at their
//! client while it waits or is inside. An operation begins when the demand arises and is complete
//! on entry, so that its latency is the response time; its release is still counted for it.
//!
//! What is absent: impatience. A client waits for ever; only a crash of its node makes it give up.

use std::collections::VecDeque;

use seedbed_node::{Client, Distribution, Duration, NodeId, Operation, Workload};
use serde::Deserialize;

use super::{Event, Request};

/// The `workload:` section of a scenario.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Load {
    /// Each client has one demand at a time.
    Closed {
        /// From leaving to the next demand; zero saturates the system.
        #[serde(default = "default_pause")]
        think: Distribution,
        /// From entering to leaving.
        #[serde(default = "default_hold")]
        hold: Distribution,
        /// How often each client wants in.
        #[serde(default = "default_requests")]
        requests_per_node: u32,
        /// The nodes that have a client; empty means all.
        #[serde(default)]
        only: Vec<NodeId>,
    },
    /// Demands arrive at a rate that does not depend on the system.
    Open {
        /// From one arrival to the next at the same client.
        #[serde(default = "default_pause")]
        every: Distribution,
        /// From entering to leaving.
        #[serde(default = "default_hold")]
        hold: Distribution,
        /// How often each client wants in.
        #[serde(default = "default_requests")]
        requests_per_node: u32,
        /// The nodes that have a client; empty means all.
        #[serde(default)]
        only: Vec<NodeId>,
    },
}

fn default_pause() -> Distribution {
    Distribution::Exponential { mean: Duration::from_millis(200) }
}

fn default_hold() -> Distribution {
    Distribution::Constant(Duration::from_millis(10))
}

fn default_requests() -> u32 {
    20
}

impl Default for Load {
    /// Closed, with the defaults of its fields.
    fn default() -> Self {
        Load::Closed {
            think: default_pause(),
            hold: default_hold(),
            requests_per_node: default_requests(),
            only: Vec::new(),
        }
    }
}

/// All clients of a run.
#[derive(Clone, Hash, Debug)]
pub(super) struct Clients {
    open: bool,
    pause: Distribution,
    hold: Distribution,
    callers: Vec<Caller>,
}

/// One client.
#[derive(Clone, Hash, Debug)]
struct Caller {
    /// How many demands are still to arise.
    to_arise: u32,
    /// Demands that have arisen and were not asked for yet.
    queue: VecDeque<Operation>,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    /// Asking for nothing.
    Free,
    /// Its node was down when it asked; it asks again at the restart.
    Refused(Operation),
    /// Asked, not granted.
    Waiting(Operation),
    /// In the critical section.
    Inside(Operation),
}

/// The wake-up for the next demand. The end of operation `k`'s stay is `LEAVE + k`, so that a
/// wake-up that a crash has overtaken is recognised.
const ARISE: u64 = 0;
const LEAVE: u64 = 1;

fn leave_tag(operation: Operation) -> u64 {
    LEAVE + u64::from(operation.number)
}

impl Clients {
    /// The clients of `nodes` members, or why the load makes no sense.
    pub(super) fn new(load: &Load, nodes: u32) -> Result<Self, String> {
        let (open, pause_name, pause, hold, requests, only) = match load {
            Load::Closed { think, hold, requests_per_node, only } => {
                (false, "think", think, hold, *requests_per_node, only)
            }
            Load::Open { every, hold, requests_per_node, only } => {
                (true, "every", every, hold, *requests_per_node, only)
            }
        };
        pause.check().map_err(|why| format!("{pause_name}: {why}"))?;
        hold.check().map_err(|why| format!("hold: {why}"))?;
        if requests == 0 {
            return Err(
                "requests_per_node: 0 requests exercise nothing; expected at least 1".into()
            );
        }
        if let Some(stranger) = only.iter().find(|node| node.0 >= nodes) {
            return Err(format!("only: {stranger} is not one of the {nodes} members"));
        }
        let caller = |node| {
            let takes_part = only.is_empty() || only.contains(&node);
            let to_arise = if takes_part { requests } else { 0 };
            Caller { to_arise, queue: VecDeque::new(), phase: Phase::Free }
        };
        Ok(Clients {
            open,
            pause: pause.clone(),
            hold: hold.clone(),
            callers: (0..nodes).map(NodeId).map(caller).collect(),
        })
    }

    /// Has the next demand arise after a pause, if there is one.
    fn expect_demand(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        if self.callers[client.index()].to_arise > 0 {
            let pause = self.pause.sample(cx.draws());
            cx.wake(pause, ARISE);
        }
    }

    /// Asks for the first queued demand.
    fn ask(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        let caller = &mut self.callers[client.index()];
        if caller.phase == Phase::Free
            && let Some(operation) = caller.queue.pop_front()
        {
            cx.request(operation, Request::Acquire);
            caller.phase = Phase::Waiting(operation);
        }
    }

    fn arise(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        let operation = cx.begin();
        let caller = &mut self.callers[client.index()];
        caller.to_arise -= 1;
        caller.queue.push_back(operation);
        if self.open {
            self.expect_demand(client, cx);
        }
        self.ask(client, cx);
    }

    /// The client has left its critical section, or lost its turn in a crash.
    fn go_on(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        self.callers[client.index()].phase = Phase::Free;
        if self.open {
            self.ask(client, cx);
        } else {
            self.expect_demand(client, cx);
        }
    }
}

impl Workload<Request, Event> for Clients {
    fn on_start(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        self.expect_demand(client, cx);
    }

    fn on_event(&mut self, client: NodeId, event: &Event, cx: &mut Client<'_, Request>) {
        let Event::Granted = event;
        let caller = &mut self.callers[client.index()];
        // A grant that nobody asked for is the checkers' business.
        if let Phase::Waiting(operation) = caller.phase {
            caller.phase = Phase::Inside(operation);
            cx.complete(operation);
            let hold = self.hold.sample(cx.draws());
            cx.wake(hold, leave_tag(operation));
        }
    }

    fn on_wake(&mut self, client: NodeId, tag: u64, cx: &mut Client<'_, Request>) {
        if tag == ARISE {
            return self.arise(client, cx);
        }
        if let Phase::Inside(operation) = self.callers[client.index()].phase
            && leave_tag(operation) == tag
        {
            cx.request(operation, Request::Release);
            self.go_on(client, cx);
        }
    }

    fn on_refused(&mut self, client: NodeId, request: Request, _cx: &mut Client<'_, Request>) {
        let caller = &mut self.callers[client.index()];
        // A refused release needs no retry: the crash has ended the critical section.
        if let (Request::Acquire, Phase::Waiting(operation)) = (request, caller.phase) {
            caller.phase = Phase::Refused(operation);
        }
    }

    fn on_restart(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        let caller = &mut self.callers[client.index()];
        match caller.phase {
            Phase::Free => {}
            Phase::Refused(operation) => {
                caller.phase = Phase::Waiting(operation);
                cx.request(operation, Request::Acquire);
            }
            Phase::Waiting(_) | Phase::Inside(_) => self.go_on(client, cx),
        }
    }

    fn finished(&self) -> bool {
        self.callers.iter().all(|caller| {
            caller.to_arise == 0
                && caller.queue.is_empty()
                && !matches!(caller.phase, Phase::Inside(_))
        })
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Action, Client, Draws, NodeId, Operation, Time, Workload};

    use super::{ARISE, Clients, Load};
    use crate::mutex::{Event, Request};

    const ADA: NodeId = NodeId(0);

    /// Clients in the hands of a test, which sees the actions of each call.
    struct Stage {
        clients: Clients,
        draws: Draws,
        begun: u32,
    }

    impl Stage {
        fn new(load: &str) -> Self {
            let load: Load = ron::from_str(load).expect("a load");
            let clients = Clients::new(&load, 2).expect("a sensible load");
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

    fn operation(number: u32) -> Operation {
        Operation { client: ADA, number }
    }

    fn ms(ms: u64) -> seedbed_node::Duration {
        seedbed_node::Duration::from_millis(ms)
    }

    const CLOSED: &str = "Closed(think: Constant(\"5ms\"), hold: Constant(\"2ms\"), requests_per_node: 2, only: [NodeId(0)])";
    const OPEN: &str =
        "Open(every: Constant(\"1ms\"), hold: Constant(\"2ms\"), requests_per_node: 2)";

    #[test]
    fn a_closed_client_thinks_asks_holds_and_thinks_again() {
        let mut stage = Stage::new(CLOSED);
        assert_eq!(stage.ada(|c, cx| c.on_start(ADA, cx)), [Action::Wake(ms(5), ARISE)]);
        let asked = stage.ada(|c, cx| c.on_wake(ADA, ARISE, cx));
        let first = operation(0);
        assert_eq!(asked, [Action::Begin(first), Action::Request(first, Request::Acquire)]);
        let granted = stage.ada(|c, cx| c.on_event(ADA, &Event::Granted, cx));
        assert_eq!(granted, [Action::Complete(first), Action::Wake(ms(2), 1)]);
        let left = stage.ada(|c, cx| c.on_wake(ADA, 1, cx));
        assert_eq!(left, [Action::Request(first, Request::Release), Action::Wake(ms(5), ARISE)]);
        assert!(!stage.clients.finished());
    }

    #[test]
    fn the_load_is_exhausted_when_the_last_client_has_left() {
        let mut stage = Stage::new(CLOSED);
        stage.ada(|c, cx| c.on_start(ADA, cx));
        for number in 0..2 {
            stage.ada(|c, cx| c.on_wake(ADA, ARISE, cx));
            stage.ada(|c, cx| c.on_event(ADA, &Event::Granted, cx));
            assert!(!stage.clients.finished(), "somebody is inside");
            stage.ada(|c, cx| c.on_wake(ADA, 1 + number, cx));
        }
        assert!(stage.clients.finished());
    }

    #[test]
    fn open_arrivals_begin_at_once_and_queue_behind_the_one_that_waits() {
        let mut stage = Stage::new(OPEN);
        stage.ada(|c, cx| c.on_start(ADA, cx));
        let first = stage.ada(|c, cx| c.on_wake(ADA, ARISE, cx));
        assert_eq!(first[1], Action::Wake(ms(1), ARISE));
        assert_eq!(
            stage.ada(|c, cx| c.on_wake(ADA, ARISE, cx)),
            [Action::Begin(operation(1))],
            "the second demand begins while the first waits, and nothing is asked for it"
        );
        stage.ada(|c, cx| c.on_event(ADA, &Event::Granted, cx));
        let left = stage.ada(|c, cx| c.on_wake(ADA, 1, cx));
        assert_eq!(left[1], Action::Request(operation(1), Request::Acquire));
    }

    #[test]
    fn a_refused_request_is_repeated_for_the_same_operation_at_the_restart() {
        let mut stage = Stage::new(CLOSED);
        stage.ada(|c, cx| c.on_wake(ADA, ARISE, cx));
        assert_eq!(stage.ada(|c, cx| c.on_refused(ADA, Request::Acquire, cx)), []);
        assert_eq!(
            stage.ada(|c, cx| c.on_restart(ADA, cx)),
            [Action::Request(operation(0), Request::Acquire)]
        );
    }

    #[test]
    fn a_crash_while_waiting_or_inside_abandons_the_operation() {
        for inside in [false, true] {
            let mut stage = Stage::new(CLOSED);
            stage.ada(|c, cx| c.on_wake(ADA, ARISE, cx));
            if inside {
                stage.ada(|c, cx| c.on_event(ADA, &Event::Granted, cx));
            }
            let restarted = stage.ada(|c, cx| c.on_restart(ADA, cx));
            assert_eq!(restarted, [Action::Wake(ms(5), ARISE)]);
            let stale = stage.ada(|c, cx| c.on_wake(ADA, 1, cx));
            assert_eq!(stale, [], "the stay that the crash ended must not end again");
            let next = stage.ada(|c, cx| c.on_wake(ADA, ARISE, cx));
            assert_eq!(next[0], Action::Begin(operation(1)));
        }
    }

    #[test]
    fn loads_that_make_no_sense_are_refused_with_a_reason() {
        for (load, word) in [
            ("Closed(requests_per_node: 0)", "requests_per_node"),
            ("Closed(think: Uniform(\"2s\", \"1s\"))", "think"),
            ("Open(every: Pareto(scale: \"1s\", shape: 0.0))", "every"),
            ("Open(hold: Empirical([]))", "hold"),
            ("Closed(only: [NodeId(9)])", "n9"),
        ] {
            let load: Load = ron::from_str(load).expect("it parses");
            let why = Clients::new(&load, 3).expect_err("it makes no sense");
            assert!(why.contains(word), "{why}");
        }
        assert!(ron::from_str::<Load>("Closed(pause: \"1s\")").is_err(), "unknown field");
    }
}
