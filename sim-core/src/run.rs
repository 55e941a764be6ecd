//! The event loop: takes the next event, advances virtual time, hands it to whom it concerns.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use seedbed_node::{Context, Environment, Node, NodeId, Operation, Time, What};

use crate::fault::Order;
use crate::inspect::Until;
use crate::kernel::{Active, Entry, Item, Kernel, Tag};
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
        if self.kernel.follow.is_some() {
            return self.follow_to_end();
        }
        let plain = self.kernel.plain();
        while self.step_in(plain) {}
    }

    /// Processes events until so many have happened, or the run ends.
    pub(crate) fn step_until(&mut self, events: u64) {
        if self.kernel.follow.is_some() {
            return self.follow_until(Until::Events(events));
        }
        let plain = self.kernel.plain();
        while self.kernel.events < events && self.step_in(plain) {}
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
    #[cfg(test)]
    pub(crate) fn step(&mut self) -> bool {
        self.step_in(self.kernel.plain())
    }

    /// Processes one event in a run that is [plain](Kernel::plain) or not.
    #[inline(always)]
    fn step_in(&mut self, plain: bool) -> bool {
        self.warm_up();
        let kernel = &mut self.kernel;
        let Some((at, sequence, entry)) = kernel.next() else { return false };
        match entry.message() {
            Some((node, slot)) if plain && kernel.delivers_plainly(node, slot) => {
                kernel.begin_event(at);
                kernel.counters.hops += u64::from(entry.arrives());
                let ((from, operation), message) = kernel.take_plain(sequence, node, slot);
                let state = self.nodes[node.index()].as_mut().expect("the node is up");
                let environment = kernel.enter_plainly(node, operation);
                let mut cx = Context::new(environment, &self.params, kernel);
                state.on_message(from, message, &mut cx);
                self.kernel.active = None;
            }
            _ => self.step_with_care(at, sequence, entry.into()),
        }
        true
    }

    /// Processes an event, if it still stands.
    #[inline(never)]
    pub(crate) fn step_with_care(&mut self, at: Time, sequence: u64, item: Item) {
        let kernel = &mut self.kernel;
        if !kernel.surface(item) {
            return;
        }
        if let Item::Wander(node) = item {
            kernel.now = at;
            return kernel.wander(node);
        }
        kernel.begin_event(at);
        kernel.digest.words([sequence]);
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
                kernel.wake(client, slot);
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

    /// Something has reached a node that may be down, paused or busy.
    fn accept(&mut self, node: NodeId, item: Item) {
        let kernel = &mut self.kernel;
        if kernel.hosts.ordinary(node) {
            return self.take(node, item);
        }
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
        self.show_state(node);
        if self.kernel.leave() {
            self.crash(node);
        }
    }

    /// Shows what a handler has left behind, if anybody wants to see it.
    #[inline(always)]
    fn show_state(&mut self, node: NodeId) {
        if self.kernel.tracer.watches_states() {
            let state = self.nodes[node.index()].as_ref();
            self.kernel.tracer.state(node, state.map(|state| state as &dyn Debug));
        }
    }

    pub(crate) fn obey(&mut self, order: Order) {
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
            self.show_state(node);
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
        self.show_state(node);
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
    /// Whether a message that nothing has happened to, for a node that nothing has happened to, is
    /// just handed over, as long as the network has no fault.
    fn plain(&self) -> bool {
        self.service.is_none() && self.causality.is_none() && !self.tracer.listens()
    }

    /// Whether that holds for this message and its next node.
    #[inline(always)]
    fn delivers_plainly(&self, node: NodeId, slot: u32) -> bool {
        self.flights.head(slot).plain() && self.hosts.ordinary(node) && !self.network.faulty()
    }

    #[inline(always)]
    pub(crate) fn begin_event(&mut self, at: Time) {
        (self.now, self.ended_at) = (at, at);
        self.events += 1;
    }

    /// The next entry of the queue, unless the run is over.
    #[inline(always)]
    fn next(&mut self) -> Option<(Time, u64, Entry)> {
        let quick = self.ended.is_none()
            && self.wandering | self.outdated == 0
            && self.stop.when != StopWhen::Served
            && self.events.saturating_add(self.wanders) < self.stop.events_max;
        if !quick {
            self.check_end();
            return if self.ended.is_none() { self.queue.pop() } else { None };
        }
        let Some(next) = self.queue.pop() else {
            self.ended = Some(EndedBy::Quiet);
            return None;
        };
        if let StopWhen::At(stop) = self.stop.when
            && next.0 > stop
        {
            self.ended_at = stop;
            self.ended = Some(EndedBy::Time);
            return None;
        }
        Some(next)
    }

    /// Decides whether the run is over.
    #[inline(never)]
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

    /// A handler of an ordinary node begins.
    #[inline(always)]
    fn enter_plainly(&mut self, node: NodeId, operation: Option<Operation>) -> Environment {
        self.active = Some(Active { node, operation, effects_left: None, cut_short: false });
        Environment { me: node, members: self.members, incarnation: 0, operation }
    }

    /// A handler begins.
    fn enter(&mut self, node: NodeId, operation: Option<Operation>) -> Environment {
        let rest = self.hosts.rest(node);
        let effects_left = rest.crash_after.map(|(effects, _)| effects);
        let incarnation = rest.reboots;
        self.active = Some(Active { node, operation, effects_left, cut_short: false });
        Environment { me: node, members: self.members, incarnation, operation }
    }

    /// A handler ends; tells whether the node crashed in it.
    fn leave(&mut self) -> bool {
        let active = self.active.take().filter(|active| active.effects_left.is_some());
        active.is_some_and(|active| self.leave_early(active))
    }

    /// A handler ends in which the node may crash; tells whether it did.
    #[cold]
    fn leave_early(&mut self, active: Active) -> bool {
        if self.follow.is_some() {
            return self.leave_in_step(active);
        }
        if !active.cut_short {
            return false;
        }
        let rest = self.hosts.rest_mut(active.node);
        if let Some((effects, fault)) = rest.crash_after {
            rest.held_by.push(fault);
            if let Some(recorder) = self.tracer.recorder() {
                recorder.cut_short(effects);
            }
        }
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
