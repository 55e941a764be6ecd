//! The event loop: takes the next event, advances virtual time, hands it to whom it concerns.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use seedbed_node::{Context, Environment, Node, NodeId, Operation, Time, What};

use crate::fault::Order;
use crate::kernel::{Active, Item, Kernel, Tag};
use crate::outcome::EndedBy;
use crate::simulation::Simulation;
use crate::station::Work;
use crate::trace::{DropReason, Occurrence};
use crate::world::StopWhen;

impl<N: Node> Simulation<N> {
    /// Boots the nodes. [`run`](Self::run) does so itself; alone, it tells what set-up costs.
    pub fn boot(&mut self) {
        if !std::mem::replace(&mut self.booted, true) {
            self.guard(Self::boot_all);
        }
    }

    /// Processes events until the run ends.
    pub(crate) fn run_to_end(&mut self) {
        self.boot();
        self.guard(|simulation| while simulation.step() {});
    }

    /// A panic in a node ends the run as a failure.
    fn guard(&mut self, part: impl FnOnce(&mut Self)) {
        let caught = catch_unwind(AssertUnwindSafe(|| part(self)));
        if let Err(panic) = caught {
            let Some(active) = self.kernel.active.take() else { resume_unwind(panic) };
            let node = self.kernel.names[active.node].to_owned();
            self.kernel.ended = Some(EndedBy::Panic { node, message: text_of(panic.as_ref()) });
        }
    }

    /// Whom each node says it waits for. After a panic nobody is asked: the next might follow.
    pub(crate) fn ask_whom_nodes_wait_for(&mut self) -> Vec<Vec<NodeId>> {
        let mut answers = vec![Vec::new(); self.nodes.len()];
        for (node, state) in self.nodes.iter().enumerate() {
            let (Some(state), false) =
                (state, matches!(self.kernel.ended, Some(EndedBy::Panic { .. })))
            else {
                continue;
            };
            match catch_unwind(AssertUnwindSafe(|| state.waits_for())) {
                Ok(answer) => answers[node] = answer,
                Err(panic) => {
                    let node = self.kernel.names[NodeId(node as u32)].to_owned();
                    let message = text_of(panic.as_ref());
                    self.kernel.ended = Some(EndedBy::Panic { node, message });
                }
            }
        }
        answers
    }

    /// Processes one event; false once the run has ended.
    pub(crate) fn step(&mut self) -> bool {
        let Some((at, sequence, item)) = self.next() else { return false };
        let kernel = &mut self.kernel;
        kernel.now = at;
        if let Item::Wander(node) = item {
            kernel.wander(node);
            return true;
        }
        kernel.ended_at = at;
        kernel.events += 1;
        kernel.digest.word(sequence);
        match item {
            Item::Arrive(slot) => {
                if let Some(node) = kernel.arrive(slot) {
                    self.accept(node, Item::Deliver(slot));
                }
            }
            Item::Deliver(slot) => {
                let node = kernel.flights[slot as usize].envelope.destination;
                self.accept(node, item);
            }
            Item::Request(slot) => {
                let node = kernel.asks[slot as usize].node;
                self.accept(node, item);
            }
            Item::Timer(node, _) | Item::Served(node, _) => self.accept(node, item),
            Item::Wake(client, tag) => {
                kernel.note(Tag::Wake, client, tag);
                kernel.client(client, |workload, cx| workload.on_wake(client, tag, cx));
            }
            Item::Fault(index) => {
                let order = kernel.strike(index);
                self.obey(order);
            }
            Item::Undo(index) => {
                let order = kernel.undo(index);
                self.obey(order);
            }
            Item::Resume(node) => {
                if let Some(item) = kernel.host(node).backlog.pop_front() {
                    self.take(node, item);
                }
            }
            Item::Wander(_) => unreachable!("handled above"),
        }
        true
    }

    /// The next event that still stands, unless the run is over.
    fn next(&mut self) -> Option<(Time, u64, Item)> {
        let kernel = &mut self.kernel;
        loop {
            kernel.check_end();
            if kernel.ended.is_some() {
                return None;
            }
            let (at, sequence, item) = kernel.queue.pop()?;
            if kernel.surface(item) {
                return Some((at, sequence, item));
            }
        }
    }

    /// Something has reached a node that may be down, paused or busy.
    fn accept(&mut self, node: NodeId, item: Item) {
        let kernel = &mut self.kernel;
        let host = kernel.host(node);
        if !host.up {
            match item {
                Item::Deliver(slot) => kernel.drop_message(slot, DropReason::ToDead),
                Item::Request(slot) => kernel.refuse(slot),
                _ => unreachable!("a node that is down has no timers and serves nothing"),
            }
            return;
        }
        if host.paused() || !host.backlog.is_empty() {
            return kernel.stall(node, item);
        }
        self.take(node, item);
    }

    /// A node that is up and not paused takes something on.
    fn take(&mut self, node: NodeId, item: Item) {
        let kernel = &mut self.kernel;
        let takes_time = kernel.service.is_some();
        match item {
            Item::Deliver(slot) if takes_time => kernel.enqueue(node, Work::Message(slot)),
            Item::Request(slot) if takes_time => kernel.enqueue(node, Work::Request(slot)),
            Item::Deliver(slot) => self.handle(node, Work::Message(slot)),
            Item::Request(slot) => self.handle(node, Work::Request(slot)),
            Item::Served(_, ticket) => {
                if let Some(work) = kernel.served_work(node, ticket) {
                    self.handle(node, work);
                }
            }
            Item::Timer(_, alarm) => {
                let Some((timer, operation)) = kernel.host(node).timers.fire(alarm) else { return };
                kernel.timers_fired += 1;
                kernel.note(Tag::Timer, node, 0);
                kernel.digest.value(&timer);
                kernel.trace(node, Occurrence::Timer(&timer));
                self.activate(node, operation, |state, cx| state.on_timer(timer, cx));
            }
            Item::Arrive(_)
            | Item::Wake(..)
            | Item::Fault(_)
            | Item::Undo(_)
            | Item::Wander(_)
            | Item::Resume(_) => unreachable!("not for nodes"),
        }
    }

    /// A message or request is handled.
    fn handle(&mut self, node: NodeId, work: Work) {
        match work {
            Work::Message(slot) => {
                let flight = self.kernel.take_delivered(slot);
                let from = flight.envelope.origin;
                self.activate(node, flight.operation, |state, cx| {
                    state.on_message(from, flight.message, cx);
                });
            }
            Work::Request(slot) => {
                let ask = self.kernel.take_request(slot);
                self.activate(node, Some(ask.operation), |state, cx| {
                    state.on_request(ask.request, cx);
                });
            }
        }
    }

    /// Runs one handler of a node that is up.
    fn activate(
        &mut self,
        node: NodeId,
        operation: Option<Operation>,
        handler: impl FnOnce(&mut N, &mut Context<'_, N>),
    ) {
        let state = self.nodes[node.index()].as_mut().expect("the node is up");
        let environment = self.kernel.enter(node, operation);
        handler(state, &mut Context::new(environment, &self.params, &mut self.kernel));
        if self.kernel.leave() {
            self.crash(node);
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Nothing => {}
            Order::Crash(node) => self.crash(node),
            Order::Boot(node) => self.boot_node(node),
        }
    }

    fn crash(&mut self, node: NodeId) {
        if self.kernel.host(node).up {
            self.nodes[node.index()] = None;
            self.kernel.stop_node(node);
        }
    }

    fn boot_all(&mut self) {
        for node in self.kernel.members.iter() {
            if self.kernel.host(node).held_by.is_empty() {
                self.boot_node(node);
            }
        }
    }

    /// Boots a node, for the first time or again.
    fn boot_node(&mut self, node: NodeId) {
        let kernel = &mut self.kernel;
        let host = kernel.host(node);
        if host.up {
            return;
        }
        host.up = true;
        host.boots += 1;
        let boots = host.boots;
        let durable = host.durable.clone();
        kernel.note(Tag::Boot, node, u64::from(boots));
        kernel.trace(node, Occurrence::Boot(boots - 1));
        kernel.observe(What::Boot { node }, None);
        let environment = kernel.enter(node, None);
        let mut cx = Context::new(environment, &self.params, &mut self.kernel);
        self.nodes[node.index()] = Some(N::start(&durable, &mut cx));
        if self.kernel.leave() {
            self.crash(node);
        }
        self.kernel.client(node, |workload, cx| match boots {
            1 => workload.on_start(node, cx),
            _ => workload.on_restart(node, cx),
        });
    }
}

impl<N: Node> Kernel<N> {
    /// Decides whether the run is over.
    fn check_end(&mut self) {
        if self.ended.is_some() {
            return;
        }
        self.ended = match self.stop.when {
            _ if self.idle() => Some(EndedBy::Quiet),
            StopWhen::At(stop) if self.queue.next_time().is_some_and(|next| next > stop) => {
                self.ended_at = stop;
                Some(EndedBy::Time)
            }
            StopWhen::Served if self.served() => Some(EndedBy::Served),
            _ if self.events.saturating_add(self.wanders) >= self.stop.events_max => {
                Some(EndedBy::EventLimit)
            }
            StopWhen::Quiet | StopWhen::Served | StopWhen::At(_) => None,
        };
    }

    /// A handler begins.
    fn enter(&mut self, node: NodeId, operation: Option<Operation>) -> Environment {
        let host = &self.hosts[node.index()];
        let effects_left = host.crash_after.map(|(effects, _)| effects);
        let incarnation = host.boots - 1;
        self.active = Some(Active { node, operation, effects_left, cut_short: false });
        Environment { me: node, members: self.members, incarnation, operation }
    }

    /// A handler ends; tells whether the node crashed in it.
    fn leave(&mut self) -> bool {
        let Some(active) = self.active.take().filter(|active| active.cut_short) else {
            return false;
        };
        let host = self.host(active.node);
        host.held_by.extend(host.crash_after.map(|(_, fault)| fault));
        true
    }
}

/// What a panic said.
fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}
