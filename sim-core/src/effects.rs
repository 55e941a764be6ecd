//! What handlers ask for, made true: the one place where effects are interpreted.

use seedbed_node::{Driver, Durable, Duration, Effect, LocalTime, Node, NodeId, What};

use crate::kernel::{Item, Kernel, Tag};
use crate::trace::Occurrence;

impl<N: Node> Driver<N> for Kernel<N> {
    fn effect(&mut self, effect: Effect<N>) {
        let Some(active) = self.active.as_mut().filter(|active| !active.cut_short) else { return };
        let node = active.node;
        match &mut active.effects_left {
            None => {}
            Some(0) => {
                active.cut_short = true;
                return;
            }
            Some(left) => *left -= 1,
        }
        match effect {
            Effect::Send { to, message, operation } => self.send(node, to, message, operation),
            Effect::SetTimer { timer, after } => self.set_timer(node, timer, after),
            Effect::CancelTimer { timer } => {
                let outdated = self.host(node).timers.cancel(&timer);
                self.outdated += usize::from(outdated);
            }
            Effect::Write { record, forced } => self.write(node, record, forced),
            Effect::AdjustClock { by, over } => {
                let now = self.now;
                self.host(node).clock.adjust(now, by, over);
            }
            Effect::Emit(event) => self.emit(node, &event),
        }
    }

    fn wall(&mut self) -> LocalTime {
        let now = self.now;
        let node = self.running();
        self.host(node).clock.wall(now)
    }

    fn monotonic(&mut self) -> LocalTime {
        let now = self.now;
        let node = self.running();
        self.host(node).clock.monotonic(now)
    }

    fn choose(&mut self, bound: u32) -> u32 {
        let node = self.running();
        self.choose(node, bound)
    }
}

impl<N: Node> Kernel<N> {
    fn running(&self) -> NodeId {
        self.active.expect("contexts exist only while a handler runs").node
    }

    fn set_timer(&mut self, node: NodeId, timer: N::Timer, after: Duration) {
        let now = self.now;
        let operation = self.active.and_then(|active| active.operation);
        let host = self.host(node);
        let deadline = host.clock.monotonic(now) + after;
        let (alarm, outdated) = host.timers.set(timer, deadline, operation);
        let due = host.clock.due(deadline, now);
        self.outdated += usize::from(outdated);
        self.schedule(due, Item::Timer(node, alarm));
    }

    fn write(&mut self, node: NodeId, record: <N::Durable as Durable>::Write, forced: bool) {
        self.trace(node, Occurrence::Write { forced, record: &record });
        if forced {
            self.writes.forced += 1;
        } else {
            self.writes.lazy += 1;
        }
        let host = self.host(node);
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
