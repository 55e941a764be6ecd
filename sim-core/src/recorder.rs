//! Makes a [`Schedule`] of an ordinary run: the bridge from draws to an exact order.
//!
//! It hears what the trace hears, and a little that no trace shows: wake-ups, choices, what a crash
//! left of lazy writes. What a schedule cannot say is refused with a reason: pauses, service times,
//! messages that arrive altered.

use std::collections::{BTreeMap, VecDeque};

use seedbed_node::{NodeId, Time};

use crate::fault::{Fault, TimedFault};
use crate::outcome::EndedBy;
use crate::schedule::{MessageName, Schedule, Scheduled, ScheduledStep};
use crate::trace::{DropReason, Flight, Occurrence, Record};
use crate::world::World;

/// What repeats a run: an exact order, and the faults that go by the clock beside it.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    /// What happened.
    pub schedule: Schedule,
    /// Late boots, clock steps and drift changes.
    pub faults: Vec<TimedFault>,
}

/// Listens to a run.
pub(crate) struct Recorder {
    members: u32,
    entries: Vec<Entry>,
    /// What nodes chose before the first step.
    choices: Vec<u32>,
    /// The entry of the node that acts; `None` before the first step.
    acting: Option<usize>,
    /// The entry of the latest crash.
    crash: Option<usize>,
    /// The crash to come is one between two effects, after so many.
    cut: Option<u32>,
    sent: BTreeMap<(NodeId, NodeId, u32), u32>,
    names: BTreeMap<Flight, MessageName>,
    refused: Option<String>,
}

/// What is heard of, in order.
enum Entry {
    Step(Scheduled),
    /// A client asks its node for something.
    Asked(NodeId),
    /// The node takes up, or refuses, the oldest request of its client: such a step.
    Served(Scheduled),
}

impl Entry {
    fn step(&mut self) -> Option<&mut Scheduled> {
        match self {
            Entry::Step(scheduled) | Entry::Served(scheduled) => Some(scheduled),
            Entry::Asked(_) => None,
        }
    }
}

impl Recorder {
    /// For a run in this world.
    pub fn new(world: &World) -> Self {
        let refused = world.service.is_some().then(|| "handlers take time".to_owned());
        Recorder {
            members: world.members,
            entries: Vec::new(),
            choices: Vec::new(),
            acting: None,
            crash: None,
            cut: None,
            sent: BTreeMap::new(),
            names: BTreeMap::new(),
            refused,
        }
    }

    /// There will be no schedule.
    pub fn refuse(&mut self, why: &str) {
        self.refused.get_or_insert_with(|| why.to_owned());
    }

    fn push(&mut self, entry: Entry) -> usize {
        if self.entries.len() < Schedule::STEPS_MAX * 2 && self.refused.is_none() {
            self.entries.push(entry);
        } else {
            self.refuse("the run has more steps than a schedule");
        }
        self.entries.len().saturating_sub(1)
    }

    fn step(&mut self, at: Time, step: ScheduledStep) -> usize {
        self.push(Entry::Step(Scheduled::new(at, step)))
    }

    /// A step in which a node acts.
    fn act(&mut self, at: Time, step: ScheduledStep) {
        self.acting = Some(self.step(at, step));
    }

    /// A node chooses.
    pub fn chose(&mut self, chosen: u32) {
        match self.acting.and_then(|at| self.entries.get_mut(at)).and_then(Entry::step) {
            Some(scheduled) => scheduled.choices.push(chosen),
            None => self.choices.push(chosen),
        }
    }

    /// A message gets its number; `between` are its ends and its kind.
    pub fn sent(&mut self, flight: Flight, between: (NodeId, NodeId, u32)) {
        let count = self.sent.entry(between).or_default();
        let (from, to, kind) = between;
        self.names.insert(flight, MessageName { from, to, kind, nth: *count });
        *count += 1;
    }

    /// A client wakes up.
    pub fn woken(&mut self, at: Time, client: NodeId, tag: u64) {
        self.act(at, ScheduledStep::Wake { client, tag });
    }

    /// A client asks its node for something.
    pub fn asked(&mut self, client: NodeId) {
        self.push(Entry::Asked(client));
    }

    /// The oldest request of a client is taken up or refused.
    pub fn served(&mut self, at: Time, client: NodeId) {
        let step = Scheduled::new(at, ScheduledStep::Request { client });
        self.acting = Some(self.push(Entry::Served(step)));
    }

    /// The handler that ends was cut short after so many effects.
    pub fn cut_short(&mut self, effects: u32) {
        self.cut = Some(effects);
    }

    /// What the latest crash has left of unforced writes.
    pub fn kept(&mut self, kept: u32) {
        let entry = self.crash.and_then(|at| self.entries.get_mut(at)).and_then(Entry::step);
        match entry {
            Some(Scheduled { step: ScheduledStep::Crash { writes_kept, .. }, .. }) => {
                *writes_kept = kept;
            }
            Some(cut_short) => cut_short.writes_kept = kept,
            None => {}
        }
    }

    /// Something is traced.
    pub fn record(&mut self, record: &Record<'_>) {
        let Record { at, node, .. } = *record;
        match &record.what {
            // Before the first event, all nodes boot that are not late.
            Occurrence::Boot(_) if record.event > 0 => self.act(at, ScheduledStep::Boot { node }),
            Occurrence::Crash => self.crashes(at, node),
            Occurrence::Pause | Occurrence::Resume => self.refuse("a node was paused"),
            Occurrence::Duplicate { original, copy } => {
                if let Some(name) = self.names.get(original).copied() {
                    self.names.insert(*copy, name);
                    self.step(at, ScheduledStep::Duplicate(name));
                }
            }
            Occurrence::Drop { flight, to, why, .. } => {
                let name = self.names.remove(flight).filter(|_| to.0 < self.members);
                let step = match why {
                    DropReason::ToDead => ScheduledStep::Deliver,
                    DropReason::Lost
                    | DropReason::Corrupted
                    | DropReason::Overflowed
                    | DropReason::Cut => ScheduledStep::Lose,
                };
                if let Some(name) = name {
                    self.step(at, step(name));
                }
            }
            Occurrence::Deliver { flight, .. } => {
                if let Some(name) = self.names.remove(flight) {
                    self.act(at, ScheduledStep::Deliver(name));
                }
            }
            Occurrence::Timer(timer) => {
                self.act(at, ScheduledStep::Timer { node, timer: format!("{timer:?}") });
            }
            Occurrence::Request { .. } => self.served(at, node),
            Occurrence::Fault(timed) if by_the_clock(&timed.fault) => {
                let same = |entry: &mut Entry| entry.step().is_some_and(|step| step.at == at);
                if self.entries.last_mut().is_some_and(same) {
                    self.refuse("a clock changed in the midst of an instant");
                }
            }
            Occurrence::Boot(_)
            | Occurrence::Send { .. }
            | Occurrence::Event(_)
            | Occurrence::Complete(_)
            | Occurrence::Write { .. }
            | Occurrence::Fault(_)
            | Occurrence::Undone(_) => {}
        }
    }

    fn crashes(&mut self, at: Time, node: NodeId) {
        self.crash = match (self.cut.take(), self.acting) {
            (Some(effects), Some(acting)) => {
                if let Some(step) = self.entries.get_mut(acting).and_then(Entry::step) {
                    step.crash_after = Some(effects);
                }
                Some(acting)
            }
            _ => Some(self.step(at, ScheduledStep::Crash { node, writes_kept: 0 })),
        };
    }

    /// The run is over: the schedule that repeats it, or why there is none.
    pub fn finish(
        self,
        ended_at: Time,
        ended_by: &EndedBy,
        faults: &[TimedFault],
    ) -> Result<Recorded, String> {
        if let Some(why) = self.refused {
            return Err(why);
        }
        if matches!(ended_by, EndedBy::EventLimit | EndedBy::ScheduleBroken) {
            return Err("the run was given up".into());
        }
        let mut schedule = Schedule { choices: self.choices, ..Schedule::default() };
        arrange(self.entries, &mut schedule);
        if schedule.steps.len() > Schedule::STEPS_MAX {
            return Err("the run has more steps than a schedule".into());
        }
        let last = schedule.steps.last().map_or(Time::ZERO, |last| last.at);
        schedule.ends_at = Some(ended_at).filter(|end| *end > last);
        let more = matches!(ended_by, EndedBy::Time | EndedBy::Served | EndedBy::ScheduleOver);
        schedule.unfinished = more;
        let beside = |timed: &&TimedFault| {
            by_the_clock(&timed.fault) || matches!(timed.fault, Fault::LateBoot(_))
        };
        Ok(Recorded { schedule, faults: faults.iter().filter(beside).cloned().collect() })
    }
}

/// Whether a fault strikes beside a schedule, at its own instant.
fn by_the_clock(fault: &Fault) -> bool {
    matches!(fault, Fault::ClockStep { .. } | Fault::Drift { .. })
}

/// Puts the entries into the form of a schedule: requests that are handled as they always are have
/// no step of their own.
fn arrange(entries: Vec<Entry>, schedule: &mut Schedule) {
    let mut waiting: VecDeque<NodeId> = VecDeque::new();
    let mut entries = entries.into_iter().peekable();
    while let Some(entry) = entries.next() {
        let mut run = vec![entry];
        if let Entry::Step(_) = run[0] {
            let Some(Entry::Step(mut step)) = run.pop() else { continue };
            step.before_requests = !waiting.is_empty();
            schedule.steps.push(step);
            continue;
        }
        while let Some(next) = entries.next_if(|entry| !matches!(entry, Entry::Step(_))) {
            run.push(next);
        }
        let usual = serve(&mut waiting, &run) && waiting.is_empty();
        for entry in run {
            match entry {
                Entry::Served(step) if usual => {
                    let choices = match schedule.steps.last_mut() {
                        Some(last) => &mut last.choices,
                        None => &mut schedule.choices,
                    };
                    choices.extend(step.choices);
                }
                Entry::Served(step) => schedule.steps.push(step),
                Entry::Asked(_) | Entry::Step(_) => {}
            }
        }
    }
}

/// Follows which requests wait; tells whether they were handled in the order in which they were
/// asked, and no node crashed in one.
fn serve(waiting: &mut VecDeque<NodeId>, run: &[Entry]) -> bool {
    let mut usual = true;
    for entry in run {
        match entry {
            Entry::Asked(client) => waiting.push_back(*client),
            Entry::Served(step) => {
                let client = step.step.node();
                let place = waiting.iter().position(|waits| *waits == client);
                usual &= place == Some(0) && step.crash_after.is_none();
                place.and_then(|place| waiting.remove(place));
            }
            Entry::Step(_) => {}
        }
    }
    usual
}
