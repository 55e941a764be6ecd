//! Runs that follow a [`Schedule`]: what waits for a step, and the steps.
//!
//! The queue has only what goes by the clock: clocks that wander, step or drift, before the steps of
//! the same instant. Absent on purpose: any draw but the clients' and the clocks' own.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use std::sync::Arc;

use seedbed_node::{Message, Node, NodeId, Time};

use crate::fault::{Fault, Order};
use crate::kernel::{Active, Item, Kernel};
use crate::network::{NetworkConfig, Noise, Second};
use crate::outcome::{CheckOutcome, EndedBy, Verdict};
use crate::schedule::{MessageName, Schedule, Scheduled, ScheduledStep};
use crate::simulation::Simulation;
use crate::trace::DropReason;
use crate::world::{StopWhen, Ties, World};

mod fingerprint;

use fingerprint::Fingerprint;

/// The name of the verdict on whether the schedule could be followed.
pub const SCHEDULE: &str = "Schedule";

/// What waits for a step, and how far the run has come.
pub(crate) struct Follow {
    schedule: Arc<Schedule>,
    /// The step that is under way; `None` before the first.
    step: Option<usize>,
    /// How many of its choices have been given.
    chosen: usize,
    /// What a crash in this step leaves of unforced writes.
    pub writes_kept: u32,
    /// The node that has yet to crash in this step.
    crashing: Option<NodeId>,
    /// Why the schedule cannot be followed.
    broken: Option<String>,
    /// The state before the step where the schedule begins to repeat itself.
    before: Option<Fingerprint>,
    /// How many messages of a kind one node has sent to another.
    sent: BTreeMap<(NodeId, NodeId, u32), u32>,
    on_way: BTreeMap<MessageName, Vec<u32>>,
    /// The message of which a copy is being made.
    original: Option<MessageName>,
    /// The slots of timers in the order of setting, disarmed ones among them.
    timers: BTreeMap<NodeId, Vec<u32>>,
    wakes: BTreeMap<(NodeId, u64), VecDeque<u32>>,
    requests: VecDeque<(NodeId, u32)>,
}

/// Whether nothing in this world contradicts its schedule; the error says what does.
pub(crate) fn check(world: &World) -> Result<(), String> {
    let stands = |fault: &Fault| {
        matches!(fault, Fault::LateBoot(_) | Fault::ClockStep { .. } | Fault::Drift { .. })
    };
    let contradiction = if world.service.is_some() {
        "a service model"
    } else if world.network != NetworkConfig::default() {
        "a network"
    } else if world.ties != Ties::Insertion {
        "shuffled ties"
    } else if world.stop.when != StopWhen::Quiet {
        "another end than the schedule's"
    } else if world.faults.random.is_some()
        || !world.faults.planned.iter().all(|timed| stands(&timed.fault))
    {
        "faults other than those of clocks and late boots"
    } else {
        return Ok(());
    };
    Err(format!("a schedule says exactly what happens: beside it there cannot be {contradiction}"))
}

/// What a step comes to.
enum Deed {
    Item(Item),
    Order(Order),
    Lose(u32),
    Copy(MessageName, u32),
}

impl Follow {
    /// Nothing has happened.
    pub fn new(schedule: &Arc<Schedule>) -> Self {
        Follow {
            schedule: Arc::clone(schedule),
            step: None,
            chosen: 0,
            writes_kept: 0,
            crashing: None,
            broken: None,
            before: None,
            sent: BTreeMap::new(),
            on_way: BTreeMap::new(),
            original: None,
            timers: BTreeMap::new(),
            wakes: BTreeMap::new(),
            requests: VecDeque::new(),
        }
    }

    /// Whether the schedule could be followed, so far as the run went.
    pub fn judged(&self) -> CheckOutcome {
        let verdict = if self.broken.is_some() { Verdict::Inconclusive } else { Verdict::Held };
        let detail = self.broken.clone().unwrap_or_default();
        CheckOutcome { name: SCHEDULE.to_owned(), verdict, detail, at: None }
    }

    fn begin(&mut self, step: usize) {
        (self.step, self.chosen) = (Some(step), 0);
        self.writes_kept = self.schedule.steps[step].writes_kept;
    }

    /// Something cannot happen as the schedule says.
    fn refuse(&mut self, why: &str) {
        let place = match self.step {
            Some(step) => format!("steps[{step}] cannot happen: {why}"),
            None => format!("the nodes cannot boot so: {why}"),
        };
        self.broken.get_or_insert(place);
    }

    /// The next choice, if it is one of `bound`.
    fn choice(&mut self, bound: u32) -> Option<u32> {
        let choices = match self.step {
            Some(step) => &self.schedule.steps[step].choices,
            None => &self.schedule.choices,
        };
        let choice = choices.get(self.chosen).copied().unwrap_or(0);
        self.chosen += 1;
        if choice < bound {
            return Some(choice);
        }
        self.refuse(&format!("the node is given {choice} where it chooses from {bound}"));
        None
    }

    /// A message is on its way; a copy has the name of its original.
    fn depart(&mut self, from: NodeId, to: NodeId, kind: u32, slot: u32) {
        let name = self.original.unwrap_or_else(|| {
            let sent = self.sent.entry((from, to, kind)).or_default();
            *sent += 1;
            MessageName { from, to, kind, nth: *sent - 1 }
        });
        self.on_way.entry(name).or_default().push(slot);
    }

    /// Takes the wake-up of a client.
    fn awaken(&mut self, client: NodeId, tag: u64) -> Option<u32> {
        let slots = self.wakes.get_mut(&(client, tag))?;
        let slot = slots.pop_front();
        if slots.is_empty() {
            self.wakes.remove(&(client, tag));
        }
        slot
    }

    /// Takes a message off its way.
    fn arrive(&mut self, name: MessageName) -> Option<u32> {
        let slots = self.on_way.get_mut(&name)?;
        let slot = slots.remove(0);
        if slots.is_empty() {
            self.on_way.remove(&name);
        }
        Some(slot)
    }
}

impl<N: Node> Kernel<N> {
    fn follow(&mut self) -> &mut Follow {
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
    fn prepare(&mut self, node: NodeId, step: &ScheduledStep) -> Result<Deed, String> {
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
    fn begin_step(&mut self, at: Time, index: usize) {
        self.begin_event(at);
        self.digest.words([index as u64]);
    }

    /// The network makes a second copy of a message, with the same name.
    fn copy(&mut self, name: MessageName, slot: u32) {
        let (rare, arrives) = (self.flights.rare(slot), self.now);
        self.follow().original = Some(name);
        self.duplicate(slot, rare, Second { arrives, lineage: 1, noise: Noise::None });
        self.follow().original = None;
    }

    /// Whether nothing can happen any more.
    fn nothing_waits(&self) -> bool {
        let follow = self.follow.as_ref().expect("only called while following");
        let armed = |slots: &Vec<u32>| slots.iter().any(|&slot| self.timers.stands(slot));
        follow.on_way.is_empty()
            && follow.wakes.is_empty()
            && follow.requests.is_empty()
            && !follow.timers.values().any(armed)
    }

    /// Whether the run is over.
    fn over(&mut self) -> bool {
        if self.events.saturating_add(self.wanders) >= self.stop.events_max {
            self.ended.get_or_insert(EndedBy::EventLimit);
        }
        if self.follow().broken.is_some() {
            self.ended.get_or_insert(EndedBy::ScheduleBroken);
        }
        self.ended.is_some()
    }
}

impl<N: Node> Simulation<N> {
    /// Follows the schedule until the run ends.
    #[cold]
    #[inline(never)]
    pub(crate) fn follow_to_end(&mut self) {
        let schedule = Arc::clone(&self.kernel.follow().schedule);
        for (index, scheduled) in schedule.steps.iter().enumerate() {
            let early = scheduled.before_requests
                || matches!(scheduled.step, ScheduledStep::Request { .. });
            if !early || scheduled.at > self.kernel.now {
                self.serve_requests();
            }
            self.clocks_until(scheduled.at);
            if self.kernel.over() {
                return;
            }
            if schedule.repeats_from == Some(index as u32) {
                let before = self.fingerprint();
                self.kernel.follow().before = Some(before);
            }
            self.kernel.follow().begin(index);
            if let Err(why) = self.follow_step(index, scheduled) {
                self.kernel.follow().refuse(&why);
            }
            if self.kernel.over() {
                return;
            }
        }
        self.serve_requests();
        if !self.kernel.over() {
            self.end_schedule(&schedule);
        }
    }

    /// What goes by the clock, up to an instant.
    fn clocks_until(&mut self, at: Time) {
        while self.kernel.queue.next_time().is_some_and(|due| due <= at) && !self.kernel.over() {
            let Some((due, sequence, entry)) = self.kernel.queue.pop() else { return };
            self.step_with_care(due, sequence, entry.into());
        }
    }

    /// Handles the requests that wait, and those that are asked meanwhile.
    fn serve_requests(&mut self) {
        while !self.kernel.over() {
            let Some((client, slot)) = self.kernel.follow().requests.pop_front() else { break };
            self.step_with_care(self.kernel.now, 0, Item::Request(client, slot));
        }
        if self.kernel.ended.is_none() && self.kernel.follow().crashing.is_some() {
            self.kernel.follow().refuse("the node handles nothing in which it could crash");
        }
    }

    fn follow_step(&mut self, index: usize, scheduled: &Scheduled) -> Result<(), String> {
        let node = scheduled.step.node();
        let kernel = &mut self.kernel;
        if kernel.follow().crashing.is_some() {
            return Err("the node has yet to crash in the step before".into());
        }
        if let Some(effects) = scheduled.crash_after {
            kernel.rest(node).crash_after = Some((effects, 0));
            kernel.follow().crashing = Some(node);
        }
        match kernel.prepare(node, &scheduled.step)? {
            Deed::Item(item) => self.step_with_care(scheduled.at, index as u64, item),
            Deed::Order(order) => {
                kernel.begin_step(scheduled.at, index);
                self.obey(order);
            }
            Deed::Lose(slot) => {
                kernel.begin_step(scheduled.at, index);
                kernel.drop_message(slot, DropReason::Lost);
            }
            Deed::Copy(name, slot) => {
                kernel.begin_step(scheduled.at, index);
                kernel.copy(name, slot);
            }
        }
        let wakes = matches!(scheduled.step, ScheduledStep::Wake { .. });
        if !wakes && self.kernel.ended.is_none() && self.kernel.follow().crashing.is_some() {
            return Err("the node handles nothing in which it could crash".into());
        }
        Ok(())
    }

    /// The last step is done.
    fn end_schedule(&mut self, schedule: &Schedule) {
        let after = schedule.repeats_from.map(|from| (from, self.fingerprint()));
        if let Some(end) = schedule.ends_at {
            self.clocks_until(end);
            self.kernel.ended_at = end;
        }
        let quiet = self.kernel.nothing_waits() && !schedule.unfinished;
        let follow = self.kernel.follow();
        let ended = match (after, &follow.before) {
            (Some((from, after)), Some(before)) => match before.difference(&after) {
                None => EndedBy::ScheduleRepeats,
                Some(what) => {
                    let why = format!("it does not repeat itself from steps[{from}]: {what}");
                    follow.broken = Some(why);
                    EndedBy::ScheduleBroken
                }
            },
            _ if quiet => EndedBy::Quiet,
            _ => EndedBy::ScheduleOver,
        };
        self.kernel.ended.get_or_insert(ended);
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
