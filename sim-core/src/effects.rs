//! What handlers ask for, made true: the one place where effects are interpreted.

use seedbed_node::{Driver, Durable, Duration, Effect, LocalTime, Node, NodeId, Operation, What};

use crate::kernel::{Item, Kernel, Tag};
use crate::trace::Occurrence;

impl<N: Node> Driver<N> for Kernel<N> {
    fn effect(&mut self, effect: Effect<N>) {
        let Some(node) = self.acting() else { return };
        match effect {
            Effect::Send { to, message, operation } => self.send(node, to, message, operation),
            Effect::SetTimer { timer, after } => self.set_timer(node, timer, after),
            Effect::CancelTimer { timer } => {
                let head = &mut self.hosts.get_mut(node).timers;
                let outdated = self.timers.cancel(head, &timer);
                self.outdate(usize::from(outdated));
            }
            Effect::Write { record, forced } => self.write(node, record, forced),
            Effect::AdjustClock { by, over } => {
                self.hosts.clocks.of_mut(node).0.adjust(self.now, by, over);
            }
            Effect::Emit(event) => self.emit(node, &event),
        }
    }

    #[inline]
    fn send(&mut self, to: NodeId, message: N::Message, operation: Option<Operation>) {
        if let Some(node) = self.acting() {
            self.send(node, to, message, operation);
        }
    }

    fn wall(&mut self) -> LocalTime {
        self.hosts.clocks.of(self.running()).wall(self.now)
    }

    fn monotonic(&mut self) -> LocalTime {
        self.hosts.clocks.of(self.running()).monotonic(self.now)
    }

    fn choose(&mut self, bound: u32) -> u32 {
        let node = self.running();
        self.choose(node, bound)
    }

    fn reached(&mut self, probe: &'static str) {
        if self.tracer.listens() {
            let node = self.running();
            self.tracer.reached(node, probe);
        }
    }
}

impl<N: Node> Kernel<N> {
    /// The node whose effect comes true now; none if it has crashed between two effects.
    #[inline]
    fn acting(&mut self) -> Option<NodeId> {
        let active = self.active.as_mut()?;
        match active.effects_left {
            None => Some(active.node),
            Some(_) => self.acting_before_crash(),
        }
    }

    #[cold]
    fn acting_before_crash(&mut self) -> Option<NodeId> {
        let active = self.active.as_mut()?;
        match active.effects_left.as_mut()? {
            _ if active.cut_short => None,
            0 => {
                active.cut_short = true;
                None
            }
            left => {
                *left -= 1;
                Some(active.node)
            }
        }
    }

    fn running(&self) -> NodeId {
        self.active.expect("contexts exist only while a handler runs").node
    }

    fn set_timer(&mut self, node: NodeId, timer: N::Timer, after: Duration) {
        let now = self.now;
        let operation = self.active.and_then(|active| active.operation);
        let clock = self.hosts.clocks.of(node);
        let deadline = clock.monotonic(now) + after;
        let due = clock.due(deadline, now);
        let head = &mut self.hosts.get_mut(node).timers;
        let (slot, outdated) = self.timers.set(head, timer, deadline, operation);
        self.outdate(usize::from(outdated));
        self.schedule(due, Item::Timer(node, slot));
    }

    fn write(&mut self, node: NodeId, record: <N::Durable as Durable>::Write, forced: bool) {
        self.trace(node, Occurrence::Write { forced, record: &record });
        if forced {
            self.writes.forced += 1;
        } else {
            self.writes.lazy += 1;
        }
        let host = self.rest(node);
        host.lazy.push(record);
        if forced {
            for record in host.lazy.drain(..) {
                host.durable.apply(&record);
            }
        }
    }

    fn emit(&mut self, node: NodeId, event: &N::Event) {
        self.note(Tag::Event, node, 0);
        self.digest.value(event);
        self.trace(node, Occurrence::Event(event));
        self.observe(What::Event { node, event }, Some(node));
        self.client(node, |workload, cx| workload.on_event(node, event, cx));
    }
}
