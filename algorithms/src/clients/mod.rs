//! The shared part of workloads whose operations are a question and an answer: when demands
//! arise, what happens when no answer comes, which keys are popular.
//!
//! A family says what is asked and what an answer looks like ([`Demand`]); [`Clients`] does the
//! rest. Families whose clients hold something (mutual exclusion) or follow a script (elections)
//! have workloads of their own.

mod pace;
mod popularity;

use std::collections::VecDeque;
use std::hash::Hash;

use seedbed_node::{
    Client, Distribution, Draws, Duration, NodeId, Operation, Time, Value, Workload,
};
use serde::Deserialize;

pub use pace::Pace;
pub use popularity::{Keys, Popularity};

/// What a client does when no answer comes: ask again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// How long to wait for an answer, in true time.
    pub after: Duration,
    /// How often to ask in all; then the client gives up and goes on. What it has given up stays
    /// pending: it may have taken effect.
    #[serde(default = "Retry::attempts")]
    pub attempts: u32,
}

impl Retry {
    fn attempts() -> u32 {
        10
    }

    /// Why this makes no sense.
    fn check(self) -> Result<(), String> {
        if self.after == Duration::ZERO {
            return Err("after: 0s would ask again without end; expected some time".into());
        }
        if self.attempts == 0 {
            return Err("attempts: 0 asks never; expected at least 1".into());
        }
        Ok(())
    }
}

/// What is asked, and what an answer is.
pub trait Demand<R, E>: Clone + Hash + Send + Sync + 'static {
    /// The request of a new operation. Repeated as it is if no answer comes: a request that is to
    /// be recognised when it comes twice carries the operation.
    fn request(&mut self, operation: Operation, now: Time, draws: &mut Draws) -> R;

    /// What an event means to the client that is told of it.
    fn hear(&mut self, client: NodeId, event: &E) -> Heard;

    /// Whether a node that has restarted still owes the answers to what it was asked before.
    fn survives_crash(&self) -> bool {
        false
    }
}

/// What an event means to a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heard {
    /// Nothing.
    Nothing,
    /// The answer to the oldest of its operations.
    Done,
    /// The answer to this operation; of no interest unless it is one of its own.
    DoneFor(Operation),
}

/// All clients of a run.
#[derive(Clone, Hash, Debug)]
pub struct Clients<R, D> {
    pause: Distribution,
    /// Whether demands arise whatever becomes of earlier ones.
    open: bool,
    /// How many operations of a client may be outstanding at once.
    at_once: u32,
    retry: Option<Retry>,
    demand: D,
    callers: Vec<Caller<R>>,
}

/// One client.
#[derive(Clone, Hash, Debug)]
struct Caller<R> {
    /// How many demands are still to arise.
    to_arise: u32,
    /// Demands that have arisen and were not asked for yet.
    queue: VecDeque<Operation>,
    /// What was asked and not answered, oldest first.
    outstanding: Vec<Asked<R>>,
}

#[derive(Clone, Hash, Debug)]
struct Asked<R> {
    operation: Operation,
    request: R,
    /// How often it was asked.
    attempts: u32,
    /// Its node was down; it asks again at the restart.
    refused: bool,
}

/// The wake-up for the next demand.
const ARISE: u64 = 0;

/// The wake-up that ends the wait for an answer to an attempt.
fn patience_tag(operation: Operation, attempts: u32) -> u64 {
    u64::from(operation.number) << 32 | u64::from(attempts)
}

impl<R: Value, D> Clients<R, D> {
    /// The clients of `nodes` members, or why the load makes no sense.
    pub fn new(pace: &Pace, retry: Option<Retry>, nodes: u32, demand: D) -> Result<Self, String> {
        pace.check(nodes).map_err(|why| format!("pace: {why}"))?;
        retry.map_or(Ok(()), Retry::check).map_err(|why| format!("retry: {why}"))?;
        let caller = |node| Caller {
            to_arise: if pace.takes_part(node) { pace.requests() } else { 0 },
            queue: VecDeque::new(),
            outstanding: Vec::new(),
        };
        Ok(Clients {
            pause: pace.pause().clone(),
            open: pace.is_open(),
            at_once: pace.at_once(),
            retry,
            demand,
            callers: (0..nodes).map(NodeId).map(caller).collect(),
        })
    }

    /// Has the next demand arise after a pause, if there is one.
    fn expect_demand(&mut self, client: NodeId, cx: &mut Client<'_, R>) {
        if self.callers[client.index()].to_arise > 0 {
            let pause = self.pause.sample(cx.draws());
            cx.wake(pause, ARISE);
        }
    }

    /// Sends a request to the node, and waits for so long.
    fn put(&self, asked: &Asked<R>, cx: &mut Client<'_, R>) {
        cx.request(asked.operation, asked.request.clone());
        if let Some(retry) = self.retry {
            cx.wake(retry.after, patience_tag(asked.operation, asked.attempts));
        }
    }

    /// Asks for queued demands, as far as that is allowed at once.
    fn ask<E>(&mut self, client: NodeId, cx: &mut Client<'_, R>)
    where
        D: Demand<R, E>,
    {
        while (self.callers[client.index()].outstanding.len() as u32) < self.at_once
            && let Some(operation) = self.callers[client.index()].queue.pop_front()
        {
            let now = cx.now();
            let request = self.demand.request(operation, now, cx.draws());
            let asked = Asked { operation, request, attempts: 1, refused: false };
            self.put(&asked, cx);
            self.callers[client.index()].outstanding.push(asked);
        }
    }

    /// An operation is answered or given up.
    fn go_on<E>(&mut self, client: NodeId, cx: &mut Client<'_, R>)
    where
        D: Demand<R, E>,
    {
        self.ask(client, cx);
        if !self.open {
            self.expect_demand(client, cx);
        }
    }
}

impl<R: Value, E: Value, D: Demand<R, E>> Workload<R, E> for Clients<R, D> {
    fn on_start(&mut self, client: NodeId, cx: &mut Client<'_, R>) {
        self.expect_demand(client, cx);
    }

    fn on_event(&mut self, client: NodeId, event: &E, cx: &mut Client<'_, R>) {
        let outstanding = &mut self.callers[client.index()].outstanding;
        let place = match self.demand.hear(client, event) {
            Heard::Nothing => None,
            Heard::Done => (!outstanding.is_empty()).then_some(0),
            Heard::DoneFor(done) => outstanding.iter().position(|asked| asked.operation == done),
        };
        if let Some(place) = place {
            let asked = outstanding.remove(place);
            cx.complete(asked.operation);
            self.go_on(client, cx);
        }
    }

    fn on_wake(&mut self, client: NodeId, tag: u64, cx: &mut Client<'_, R>) {
        if tag == ARISE {
            let operation = cx.begin();
            let caller = &mut self.callers[client.index()];
            caller.to_arise -= 1;
            caller.queue.push_back(operation);
            if self.open {
                self.expect_demand(client, cx);
            }
            return self.ask(client, cx);
        }
        let outstanding = &mut self.callers[client.index()].outstanding;
        let waiting = |asked: &Asked<R>| patience_tag(asked.operation, asked.attempts) == tag;
        let Some(place) = outstanding.iter().position(waiting) else { return };
        if self.retry.is_some_and(|retry| outstanding[place].attempts < retry.attempts) {
            outstanding[place].attempts += 1;
            outstanding[place].refused = false;
            let asked = outstanding[place].clone();
            self.put(&asked, cx);
        } else {
            outstanding.remove(place);
            self.go_on(client, cx);
        }
    }

    fn on_refused(&mut self, client: NodeId, request: R, _cx: &mut Client<'_, R>) {
        let outstanding = &mut self.callers[client.index()].outstanding;
        let refused = |asked: &&mut Asked<R>| !asked.refused && asked.request == request;
        if let Some(asked) = outstanding.iter_mut().find(refused) {
            asked.refused = true;
        }
    }

    /// What was refused is asked again. What the node has forgotten is asked again by those who
    /// retry, when their patience ends, and given up by the others.
    fn on_restart(&mut self, client: NodeId, cx: &mut Client<'_, R>) {
        let patient = self.retry.is_some() || self.demand.survives_crash();
        let caller = &mut self.callers[client.index()];
        let before = caller.outstanding.len();
        caller.outstanding.retain(|asked| asked.refused || patient);
        let given_up = before - caller.outstanding.len();
        for asked in &mut caller.outstanding {
            if std::mem::take(&mut asked.refused) {
                // The patience of this attempt is still running.
                cx.request(asked.operation, asked.request.clone());
            }
        }
        for _ in 0..given_up {
            self.go_on(client, cx);
        }
    }

    fn finished(&self) -> bool {
        self.callers.iter().all(|caller| caller.to_arise == 0 && caller.queue.is_empty())
    }
}

#[cfg(test)]
mod tests;
