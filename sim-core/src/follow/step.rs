//! The kernel's part of following a schedule: what is set aside, and what a step comes to.

use std::fmt::Debug;

use seedbed_node::{Message, Node, NodeId, Time};

use super::{Deed, Follow};
use crate::fault::Order;
use crate::kernel::{Active, Item, Kernel};
use crate::network::{Noise, Second};
use crate::outcome::EndedBy;
use crate::schedule::{MessageName, ScheduledStep};

impl<N: Node> Kernel<N> {
    pub(super) fn follow(&mut self) -> &mut Follow {
        self.follow.as_mut().expect("only called while following")
    }

    /// Sets something aside until a step is about it; false for what goes by the clock.
    pub fn waits_for_step(&mut self, item: Item) -> bool {
        let Some(follow) = &mut self.follow else { return false };
        match item {
            Item::Arrive(to, slot) | Item::Deliver(to, slot) => {
                let kind = self.flights.message(slot).kind() as u32;
                follow.depart(self.flights.head(slot).origin, to, kind, slot);
            }
            Item::Timer(node, slot) => {
                let timers = &mut self.timers;
                timers.surface(slot);
                let slots = follow.timers.entry(node).or_default();
                slots.retain(|&slot| {
                    let stands = timers.stands(slot);
                    if !stands {
                        timers.forget(slot);
                    }
                    stands
                });
                slots.push(slot);
            }
            Item::Wake(client, slot) => {
                let tag = self.wakes[slot as usize];
                follow.wakes.entry((client, tag)).or_default().push_back(slot);
            }
            Item::Request(client, slot) => follow.requests.push_back((client, slot)),
            Item::Wander(_) | Item::Fault(_) | Item::Undo(_) => return false,
            Item::Served(..) | Item::Resume(_) => {
                unreachable!("beside a schedule handlers take no time and nobody is paused")
            }
        }
        true
    }

    /// A node crashes: its timers that were disarmed before are forgotten; armed ones are cleared
    /// by the caller.
    pub fn forget_followed_timers(&mut self, node: NodeId) {
        let Some(follow) = &mut self.follow else { return };
        for slot in follow.timers.remove(&node).unwrap_or_default() {
            if !self.timers.stands(slot) {
                self.timers.forget(slot);
            }
        }
    }

    /// What a node that chooses is given. After a choice that it does not have, nothing that it asks
    /// for comes true.
    pub fn scheduled_choice(&mut self, bound: u32) -> u32 {
        let choice = self.follow().choice(bound);
        if let (None, Some(active)) = (choice, &mut self.active) {
            (active.effects_left, active.cut_short) = (Some(0), true);
        }
        choice.unwrap_or(0)
    }

    /// A handler ends in which the node was to crash; tells whether it did.
    pub fn leave_in_step(&mut self, active: Active) -> bool {
        let rest = self.hosts.rest_mut(active.node);
        let effects = rest.crash_after.take().map(|(effects, _)| effects);
        let unforced = rest.lazy.len();
        let follow = self.follow.as_mut().expect("only called while following");
        follow.crashing = None;
        if follow.broken.is_some() {
            return false;
        }
        if active.effects_left != Some(0) {
            follow.refuse("the handler has fewer effects than come true before the crash");
            return false;
        }
        if let Err(why) = enough(unforced, follow.writes_kept) {
            follow.refuse(&why);
            return false;
        }
        if let (Some(recorder), Some(effects)) = (self.tracer.recorder(), effects) {
            recorder.cut_short(effects);
        }
        true
    }

    /// The slot of an armed timer, by the name that `Debug` writes.
    fn armed(&mut self, node: NodeId, timer: &str) -> Option<u32> {
        let slots = self.follow.as_ref()?.timers.get(&node)?;
        let is = |slot: u32| self.timers.armed(slot).is_some_and(|(armed, _)| reads(armed, timer));
        let place = slots.iter().position(|&slot| is(slot))?;
        Some(self.follow().timers.get_mut(&node)?.remove(place))
    }

    /// The armed timers of a node, for a message.
    fn armed_timers(&self, node: NodeId) -> String {
        let slots = self.follow.as_ref().and_then(|follow| follow.timers.get(&node));
        let armed = slots.into_iter().flatten().filter_map(|&slot| self.timers.armed(slot));
        let names: Vec<_> = armed.map(|(timer, _)| format!("{:?}", format!("{timer:?}"))).collect();
        if names.is_empty() { String::new() } else { format!(", only {}", names.join(", ")) }
    }

    /// Why a message is not on its way.
    fn no_message(&self, name: MessageName) -> String {
        let MessageName { from, to, kind, nth } = name;
        let follow = self.follow.as_ref().expect("only called while following");
        let (from_name, to_name) = (&self.names[from], &self.names[to]);
        let (kind_name, sent) =
            (Self::kind_name(kind as usize), follow.sent.get(&(from, to, kind)).copied());
        let which = if nth == 0 { String::new() } else { format!(" (nth: {nth})") };
        let known = match sent.unwrap_or(0) {
            0 => format!("{from_name} has sent none yet"),
            sent if sent <= nth => format!("{from_name} has sent {sent} so far, counted from 0"),
            _ => "it has arrived or was lost before".to_owned(),
        };
        format!("no {kind_name}{which} from {from_name} to {to_name} is on its way: {known}")
    }

    /// What a step comes to, if it can happen.
    pub(super) fn prepare(&mut self, node: NodeId, step: &ScheduledStep) -> Result<Deed, String> {
        let up = self.hosts.get(node).up;
        let who = |kernel: &Self| kernel.names[node].to_owned();
        Ok(match step {
            ScheduledStep::Deliver(name) => {
                let slot = self.follow().arrive(*name).ok_or_else(|| self.no_message(*name))?;
                let to_oneself = name.from == name.to;
                let arrive = if to_oneself { Item::Deliver } else { Item::Arrive };
                Deed::Item(arrive(node, slot))
            }
            ScheduledStep::Lose(name) => {
                Deed::Lose(self.follow().arrive(*name).ok_or_else(|| self.no_message(*name))?)
            }
            ScheduledStep::Duplicate(name) => {
                let slot = self.follow().on_way.get(name).map(|slots| slots[0]);
                Deed::Copy(*name, slot.ok_or_else(|| self.no_message(*name))?)
            }
            ScheduledStep::Timer { timer, .. } => {
                let slot = self.armed(node, timer).ok_or_else(|| {
                    let armed = self.armed_timers(node);
                    format!("{} has no timer {timer:?} armed{armed}", who(self))
                })?;
                Deed::Item(Item::Timer(node, slot))
            }
            ScheduledStep::Wake { tag, .. } => {
                let slot = self.follow().awaken(node, *tag).ok_or_else(|| {
                    format!("{}'s client does not wait to be woken with {tag}", who(self))
                })?;
                Deed::Item(Item::Wake(node, slot))
            }
            ScheduledStep::Request { .. } => {
                let requests = &mut self.follow().requests;
                let place = requests.iter().position(|(client, _)| *client == node);
                let (_, slot) = place
                    .and_then(|place| requests.remove(place))
                    .ok_or_else(|| format!("no request of {}'s client waits", who(self)))?;
                Deed::Item(Item::Request(node, slot))
            }
            ScheduledStep::Crash { .. } if !up => return Err(format!("{} is down", who(self))),
            ScheduledStep::Boot { .. } if up => return Err(format!("{} is up", who(self))),
            ScheduledStep::Crash { writes_kept, .. } => {
                enough(self.hosts.rest(node).lazy.len(), *writes_kept)?;
                self.follow().writes_kept = *writes_kept;
                Deed::Order(Order::Crash(node))
            }
            ScheduledStep::Boot { .. } => {
                self.rest(node).held_by.clear();
                Deed::Order(Order::Boot(node))
            }
        })
    }

    /// A step begins that is no item of the queue.
    pub(super) fn begin_step(&mut self, at: Time, index: usize) {
        self.begin_event(at);
        self.digest.words([index as u64]);
    }

    /// The network makes a second copy of a message, with the same name.
    pub(super) fn copy(&mut self, name: MessageName, slot: u32) {
        let (rare, arrives) = (self.flights.rare(slot), self.now);
        self.follow().original = Some(name);
        self.duplicate(slot, rare, Second { arrives, lineage: 1, noise: Noise::None });
        self.follow().original = None;
    }

    /// Whether nothing can happen any more. Nobody boots after the end: what is on its way to a
    /// node that is down is heard by nobody.
    pub(super) fn nothing_waits(&self) -> bool {
        let follow = self.follow.as_ref().expect("only called while following");
        let armed = |slots: &Vec<u32>| slots.iter().any(|&slot| self.timers.stands(slot));
        !follow.on_way.keys().any(|name| self.hosts.get(name.to).up)
            && follow.wakes.is_empty()
            && follow.requests.is_empty()
            && !follow.timers.values().any(armed)
    }

    /// Whether the run is over.
    pub(super) fn over(&mut self) -> bool {
        if self.events.saturating_add(self.wanders) >= self.stop.events_max {
            self.ended.get_or_insert(EndedBy::EventLimit);
        }
        if self.follow().broken.is_some() {
            self.ended.get_or_insert(EndedBy::ScheduleBroken);
        }
        self.ended.is_some()
    }
}

/// Whether `Debug` writes a timer so.
fn reads(timer: &dyn Debug, text: &str) -> bool {
    format!("{timer:?}") == text
}

/// Whether so many unforced writes can survive.
fn enough(unforced: usize, kept: u32) -> Result<(), String> {
    if kept as usize <= unforced {
        return Ok(());
    }
    Err(format!("{kept} unforced writes survive, but there are {unforced}"))
}
