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
    /// Does a part of the run. A panic in a node ends the run as a failure.
    pub(crate) fn guarded(&mut self, part: impl FnOnce(&mut Self)) {
        let caught = catch_unwind(AssertUnwindSafe(|| part(self)));
        if let Err(panic) = caught {
            let Some(active) = self.kernel.active.take() else { resume_unwind(panic) };
            let node = self.kernel.names[active.node].to_owned();
            self.kernel.ended = Some(EndedBy::Panic { node, message: text_of(panic.as_ref()) });
        }
    }

    /// Processes events until the run ends.
    pub(crate) fn step_to_end(&mut self) {
        while self.step() {}
    }

    /// Whom each node says it waits for; nothing if none does. After a panic nobody is asked: the
    /// next might follow.
    pub(crate) fn ask_whom_nodes_wait_for(&mut self) -> Vec<Vec<NodeId>> {
        let mut answers = Vec::new();
        for (node, state) in self.nodes.iter().enumerate() {
            let (Some(state), false) =
                (state, matches!(self.kernel.ended, Some(EndedBy::Panic { .. })))
            else {
                continue;
            };
            match catch_unwind(AssertUnwindSafe(|| state.waits_for())) {
                Ok(answer) if answer.is_empty() => {}
                Ok(answer) => {
                    answers.resize(self.nodes.len(), Vec::new());
                    answers[node] = answer;
                }
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
    #[inline]
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
            Item::Arrive(at, slot) => {
                if kernel.arrive(at, slot) {
                    self.accept(at, Item::Deliver(at, slot));
                }
            }
            Item::Deliver(node, _)
            | Item::Request(node, _)
            | Item::Timer(node, _)
            | Item::Served(node, _) => self.accept(node, item),
            Item::Wake(client, slot) => {
                let tag = kernel.wakes.remove(slot as usize);
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
                if let Some(item) = kernel.rest(node).backlog.pop_front() {
                    self.take(node, item);
                }
            }
            Item::Wander(_) => unreachable!("handled above"),
        }
        true
    }

    /// Touches what the events to come are about, many at a time, so that it is in the cache when
    /// their time has come: the misses of a batch overlap, those of events do not.
    #[inline]
    fn warm_up(&mut self) {
        let Kernel { queue, hosts, flights, .. } = &mut self.kernel;
        let Some(items) = queue.fresh() else { return };
        let mut touched = 0;
        for item in items {
            let (node, slot) = match item.into() {
                Item::Arrive(node, slot) | Item::Deliver(node, slot) => (node, Some(slot)),
                Item::Timer(node, _) => (node, None),
                _ => continue,
            };
            // A relay has neither state nor surroundings.
            if let Some(state) = self.nodes.get(node.index()) {
                touched += usize::from(state.is_some()) + usize::from(hosts.get(node).up);
            }
            touched += slot.map_or(0, |slot| flights.touch(slot));
        }
        std::hint::black_box(touched);
    }

    /// The next event that still stands, unless the run is over.
    #[inline]
    fn next(&mut self) -> Option<(Time, u64, Item)> {
        self.warm_up();
        let kernel = &mut self.kernel;
        loop {
            kernel.check_end();
            if kernel.ended.is_some() {
                return None;
            }
            let (at, sequence, item) = kernel.queue.pop()?;
            let item = item.into();
            if kernel.surface(item) {
                return Some((at, sequence, item));
            }
        }
    }

    /// Something has reached a node that may be down, paused or busy.
    #[inline(always)]
    fn accept(&mut self, node: NodeId, item: Item) {
        if self.kernel.hosts.get(node).ordinary() {
            self.take(node, item);
        } else {
            self.accept_with_care(node, item);
        }
    }

    #[inline(never)]
    fn accept_with_care(&mut self, node: NodeId, item: Item) {
        let kernel = &mut self.kernel;
        if !kernel.hosts.get(node).up {
            match item {
                Item::Deliver(_, slot) => kernel.drop_message(slot, DropReason::ToDead),
                Item::Request(_, slot) => kernel.refuse(slot),
                _ => unreachable!("a node that is down has no timers and serves nothing"),
            }
            return;
        }
        let rest = kernel.hosts.rest(node);
        if rest.paused() || !rest.backlog.is_empty() {
            return kernel.stall(node, item);
        }
        self.take(node, item);
    }

    /// A node that is up and not paused takes something on.
    #[inline(always)]
    fn take(&mut self, node: NodeId, item: Item) {
        let kernel = &mut self.kernel;
        let takes_time = kernel.service.is_some();
        match item {
            Item::Deliver(_, slot) if takes_time => kernel.enqueue(node, Work::Message(slot)),
            Item::Request(_, slot) if takes_time => kernel.enqueue(node, Work::Request(slot)),
            Item::Deliver(_, slot) => self.handle(node, Work::Message(slot)),
            Item::Request(_, slot) => self.handle(node, Work::Request(slot)),
            Item::Served(_, ticket) => {
                if let Some(work) = kernel.served_work(node, ticket) {
                    self.handle(node, work);
                }
            }
            Item::Timer(_, slot) => {
                let head = &mut kernel.hosts.get_mut(node).timers;
                let Some((timer, operation)) = kernel.timers.fire(head, slot) else { return };
                kernel.timers_fired += 1;
                kernel.note(Tag::Timer, node, 0);
                kernel.digest.value(&timer);
                kernel.trace(node, Occurrence::Timer(&timer));
                self.activate(node, operation, |state, cx| state.on_timer(timer, cx));
            }
            Item::Arrive(..)
            | Item::Wake(..)
            | Item::Fault(_)
            | Item::Undo(_)
            | Item::Wander(_)
            | Item::Resume(_) => unreachable!("not for nodes"),
        }
    }

    /// A message or request is handled.
    #[inline(always)]
    fn handle(&mut self, node: NodeId, work: Work) {
        match work {
            Work::Message(slot) => {
                let (head, message) = self.kernel.take_delivered(slot);
                self.activate(node, head.operation(), |state, cx| {
                    state.on_message(head.origin, message, cx);
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
    #[inline(always)]
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
            Order::Boot(node) => self.start_node(node),
        }
    }

    fn crash(&mut self, node: NodeId) {
        if self.kernel.hosts.get(node).up {
            self.nodes[node.index()] = None;
            self.kernel.stop_node(node);
        }
    }

    pub(crate) fn boot_all(&mut self) {
        for node in self.kernel.members.iter() {
            if self.kernel.hosts.rest(node).held_by.is_empty() {
                self.start_node(node);
            }
        }
    }

    /// Boots a node, for the first time or again.
    fn start_node(&mut self, node: NodeId) {
        let kernel = &mut self.kernel;
        if kernel.hosts.get(node).up {
            return;
        }
        let before = kernel.hosts.boot(node);
        kernel.note(Tag::Boot, node, u64::from(before) + 1);
        kernel.trace(node, Occurrence::Boot(before));
        kernel.observe(What::Boot { node }, None);
        let environment = kernel.enter(node, None);
        let durable = kernel.hosts.rest(node).durable.clone();
        let mut cx = Context::new(environment, &self.params, &mut self.kernel);
        self.nodes[node.index()] = Some(N::start(&durable, &mut cx));
        if self.kernel.leave() {
            self.crash(node);
        }
        self.kernel.client(node, |workload, cx| match before {
            0 => workload.on_start(node, cx),
            _ => workload.on_restart(node, cx),
        });
    }
}

impl<N: Node> Kernel<N> {
    /// Decides whether the run is over.
    #[inline]
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
    #[inline]
    fn enter(&mut self, node: NodeId, operation: Option<Operation>) -> Environment {
        let rest = self.hosts.rest(node);
        let effects_left = rest.crash_after.map(|(effects, _)| effects);
        let incarnation = rest.reboots;
        self.active = Some(Active { node, operation, effects_left, cut_short: false });
        Environment { me: node, members: self.members, incarnation, operation }
    }

    /// A handler ends; tells whether the node crashed in it.
    #[inline]
    fn leave(&mut self) -> bool {
        let Some(active) = self.active.take().filter(|active| active.cut_short) else {
            return false;
        };
        let rest = self.rest(active.node);
        rest.held_by.extend(rest.crash_after.map(|(_, fault)| fault));
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
