//! Faults striking and being undone.

use seedbed_node::{Durable, Node, NodeId, What};

use crate::fault::Fault;
use crate::kernel::{Item, Kernel, Tag};
use crate::rng::Purpose;
use crate::station::Work;
use crate::trace::{DropReason, Occurrence};

/// What a fault wants done to a node; the loop does it, because it holds the nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    Nothing,
    Crash(NodeId),
    Boot(NodeId),
}

impl<N: Node> Kernel<N> {
    /// A fault strikes.
    pub fn strike(&mut self, index: u32) -> Order {
        let timed = self.faults[index as usize].clone();
        self.note(Tag::Fault, NodeId(0), u64::from(index));
        self.trace(NodeId(0), Occurrence::Fault(&timed));
        if let Some(handle) = self.network.strike(&timed.fault) {
            self.handles[index as usize] = Some(handle);
            self.observe(What::NetworkFault, None);
            return Order::Nothing;
        }
        match timed.fault {
            Fault::Partition(_) | Fault::Cut(_) | Fault::Isolate(_) | Fault::Degrade { .. } => {
                unreachable!("the network has taken these")
            }
            Fault::Crash { node, after_effects: None } => {
                self.rest(node).held_by.push(index);
                return Order::Crash(node);
            }
            Fault::Crash { node, after_effects: Some(effects) } => {
                self.rest(node).crash_after = Some((effects, index));
            }
            Fault::Pause(node) => self.pause(node, index),
            Fault::Slow { node, permille } => self.rest(node).slowed_by.push((index, permille)),
            Fault::LateBoot(node) => return self.release(node, index),
            Fault::ClockStep { node, by_ns } => self.hosts.clocks.of_mut(node).0.step(by_ns),
            Fault::Drift { node, ppb } => {
                let now = self.now;
                self.hosts.clocks.of_mut(node).0.set_drift(now, ppb);
                self.reschedule_timers(node);
            }
        }
        Order::Nothing
    }

    /// A fault is undone.
    pub fn undo(&mut self, index: u32) -> Order {
        let timed = self.faults[index as usize].clone();
        self.note(Tag::Undo, NodeId(0), u64::from(index));
        self.trace(NodeId(0), Occurrence::Undone(&timed));
        if let Some(handle) = self.handles[index as usize].take() {
            self.network.heal(handle);
            if !self.network.faulty() {
                self.observe(What::NetworkHealed, None);
            }
        }
        match timed.fault {
            Fault::Crash { node, .. } => {
                let host = self.rest(node);
                host.crash_after = host.crash_after.filter(|(_, fault)| *fault != index);
                return self.release(node, index);
            }
            Fault::Pause(node) => self.resume(node, index),
            Fault::Slow { node, .. } => {
                forget_slowness(&mut self.rest(node).slowed_by, index);
            }
            Fault::Partition(_)
            | Fault::Cut(_)
            | Fault::Isolate(_)
            | Fault::Degrade { .. }
            | Fault::LateBoot(_)
            | Fault::ClockStep { .. }
            | Fault::Drift { .. } => {}
        }
        Order::Nothing
    }

    /// A fault no longer keeps a node down; the last one that did lets it boot.
    fn release(&mut self, node: NodeId, index: u32) -> Order {
        let host = self.rest(node);
        forget(&mut host.held_by, index);
        if host.held_by.is_empty() { Order::Boot(node) } else { Order::Nothing }
    }

    fn pause(&mut self, node: NodeId, index: u32) {
        if !self.hosts.get(node).up {
            return;
        }
        let host = self.rest(node);
        let goes_on = !host.paused();
        host.paused_by.push(index);
        if goes_on {
            self.trace(node, Occurrence::Pause);
            self.observe(What::Pause { node }, None);
        }
    }

    fn resume(&mut self, node: NodeId, index: u32) {
        let host = self.rest(node);
        let was_paused = host.paused();
        forget(&mut host.paused_by, index);
        if was_paused && !host.paused() {
            self.trace(node, Occurrence::Resume);
            self.observe(What::Resume { node }, None);
            self.unstall(node);
        }
    }

    /// A node stops: its timers, lazy writes and everything that waits for it are gone. Its
    /// volatile state is dropped by the caller.
    pub fn stop_node(&mut self, node: NodeId) {
        self.note(Tag::Crash, node, 0);
        self.trace(node, Occurrence::Crash);
        let surfaced = self.unstall_for_crash(node);
        let kept = self.kept_writes(node);
        self.hosts.get_mut(node).up = false;
        self.forget_followed_timers(node);
        let timers = self.timers.clear(&mut self.hosts.get_mut(node).timers);
        if let Some(recorder) = self.tracer.recorder() {
            recorder.kept(kept as u32);
        }
        let host = self.hosts.rest_mut(node);
        host.crash_after = None;
        for record in host.lazy.drain(..).take(kept) {
            host.durable.apply(&record);
        }
        let outdated = timers + host.station.serving() - surfaced;
        let abandoned: Vec<Work> = host.station.clear().collect();
        self.outdate(outdated);
        self.observe(What::Crash { node }, None);
        for work in abandoned {
            match work {
                Work::Message(slot) => self.drop_message(slot, DropReason::ToDead),
                Work::Request(slot) => self.refuse(slot),
            }
        }
    }

    /// A node that crashes while paused: what waited is lost, as if it arrived now. Tells how many
    /// services had come to their end meanwhile.
    fn unstall_for_crash(&mut self, node: NodeId) -> usize {
        let mut served = 0;
        self.rest(node).paused_by.clear();
        for item in std::mem::take(&mut self.rest(node).backlog) {
            match item {
                Item::Deliver(_, slot) => self.drop_message(slot, DropReason::ToDead),
                Item::Request(_, slot) => self.refuse(slot),
                // Armed timers and the station's own list are cleared with the node.
                Item::Timer(_, slot) if self.timers.stands(slot) => {}
                Item::Timer(_, slot) => self.timers.forget(slot),
                Item::Served(..) => served += 1,
                Item::Arrive(..)
                | Item::Wake(..)
                | Item::Fault(_)
                | Item::Undo(_)
                | Item::Wander(_)
                | Item::Resume(_) => {
                    unreachable!("only what a node handles waits for it")
                }
            }
        }
        served
    }

    /// How many of the unforced writes a crash leaves: a prefix, drawn.
    fn kept_writes(&self, node: NodeId) -> usize {
        if let Some(follow) = &self.follow {
            return follow.writes_kept as usize;
        }
        let host = self.hosts.rest(node);
        if host.lazy.is_empty() {
            return 0;
        }
        let name = self.name_keys.get(node);
        let mut draws = self.keys.draws(Purpose::LostWrites, name, u64::from(host.reboots) + 1, 0);
        draws.below(host.lazy.len() as u64 + 1) as usize
    }
}
/// A fault no longer does this. Not generic, like what is beneath: compiled once.
fn forget(faults: &mut Vec<u32>, index: u32) {
    faults.retain(|fault| *fault != index);
}

/// A fault no longer slows down.
fn forget_slowness(faults: &mut Vec<(u32, u32)>, index: u32) {
    faults.retain(|(fault, _)| *fault != index);
}
