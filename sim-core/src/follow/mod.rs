//! Runs that follow a [`Schedule`]: what waits for a step, and the steps.
//!
//! The queue has only what goes by the clock: clocks that wander, step or drift, before the steps of
//! the same instant. Absent on purpose: any draw but the clients' and the clocks' own.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use seedbed_node::{Node, NodeId, Time};

use crate::fault::{Fault, Order};
use crate::inspect::Until;
use crate::kernel::Item;
use crate::network::NetworkConfig;
use crate::outcome::{CheckOutcome, EndedBy, Verdict};
use crate::schedule::{MessageName, Schedule, Scheduled, ScheduledStep};
use crate::simulation::Simulation;
use crate::trace::DropReason;
use crate::world::{StopWhen, Ties, World};

mod fingerprint;
mod step;

use fingerprint::Fingerprint;

/// The name of the verdict on whether the schedule could be followed.
pub const SCHEDULE: &str = "Schedule";

/// What waits for a step, and how far the run has come.
pub(crate) struct Follow {
    schedule: Arc<Schedule>,
    /// The position of the first step that was not begun yet.
    next: usize,
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
            next: 0,
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

    /// Everything that waits for a step, messages with their names.
    pub fn items(&self) -> Vec<(Item, Option<MessageName>)> {
        let mut items = Vec::new();
        for (name, slots) in &self.on_way {
            let arrive = if name.from == name.to { Item::Deliver } else { Item::Arrive };
            items.extend(slots.iter().map(|&slot| (arrive(name.to, slot), Some(*name))));
        }
        for (node, slots) in &self.timers {
            items.extend(slots.iter().map(|&slot| (Item::Timer(*node, slot), None)));
        }
        for ((client, _), slots) in &self.wakes {
            items.extend(slots.iter().map(|&slot| (Item::Wake(*client, slot), None)));
        }
        items.extend(self.requests.iter().map(|&(node, slot)| (Item::Request(node, slot), None)));
        items
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

impl<N: Node> Simulation<N> {
    /// Follows the schedule until the run ends.
    pub(crate) fn follow_to_end(&mut self) {
        self.follow_until(Until::End);
    }

    /// Follows the schedule so far, from where it stopped before.
    #[cold]
    #[inline(never)]
    pub(crate) fn follow_until(&mut self, until: Until) {
        let schedule = Arc::clone(&self.kernel.follow().schedule);
        let enough = |events: u64| matches!(until, Until::Events(most) if events >= most);
        while let Some(scheduled) = schedule.steps.get(self.kernel.follow().next) {
            if enough(self.kernel.events) || self.kernel.ended.is_some() {
                return;
            }
            let index = self.kernel.follow().next;
            self.kernel.follow().next += 1;
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
                let before = self.fingerprint(&schedule.steps[index..]);
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
        if !self.kernel.over() && until != Until::LastStep && !enough(self.kernel.events) {
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
        let after = schedule.repeats_from.map(|from| {
            let steps = schedule.steps.get(from as usize..).unwrap_or_default();
            (from, self.fingerprint(steps))
        });
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
