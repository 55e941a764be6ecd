//! A run that is stepped through, forward and back, looked at, and taken over by hand.
//!
//! Back is forward from the start: runs are deterministic, and small where somebody looks at every
//! step. Taken over, a run becomes the [schedule](seedbed_core::Schedule) of what has happened so far, to
//! which each deed adds a step; what was done is then a scenario like any other.

mod condition;
mod deed;
mod said;

use seedbed_core::trace::Sink;
use seedbed_core::{Outcome, Recorded, Scheduled, Until, View, World};
use seedbed_node::Names;

use crate::explore::following;
use crate::kernel::{Live, Watch};
use crate::plan::Plan;
use crate::schedule::Recording;
use crate::text::Source;

pub use condition::{Condition, ConditionError, node_called};
pub use deed::Deed;
use said::Heard;
pub use said::Said;

/// How much of what waits a view lists.
const LISTED_MAX: usize = 1_000;

/// A run somewhere between its beginning and its end.
pub struct Session {
    plan: Plan,
    seed: u64,
    live: Box<dyn Live>,
    heard: Heard,
    view: View,
    /// What was done by hand follows what had happened; `None` while the run goes its own way.
    hand: Option<Recorded>,
}

impl Session {
    /// The run of a scenario with `seed`, or with its own, before its first event: the nodes have
    /// booted.
    pub fn new(plan: &Plan, seed: Option<u64>) -> Session {
        let seed = seed.unwrap_or(plan.seed);
        let heard = Heard::new(plan.names().clone());
        let world = World { seed, ..World::clone(plan.world()) };
        let mut live = start(plan, &world, &heard, None);
        live.run_until(Until::Events(0));
        let view = live.view(LISTED_MAX);
        Session { plan: plan.clone(), seed, live, heard, view, hand: None }
    }

    /// What it looks like now.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// What occurred in the step that led here.
    pub fn said(&self) -> Vec<Said> {
        self.heard.lock().clone()
    }

    /// The scenario.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The names of nodes and relays.
    pub fn names(&self) -> &Names {
        self.plan.names()
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether the run is over.
    pub fn is_over(&self) -> bool {
        self.view.ended.is_some()
    }

    /// Whether it was taken over by hand.
    pub fn is_by_hand(&self) -> bool {
        self.hand.is_some()
    }

    /// Goes one event on; tells whether there was one. By hand, nothing happens by itself.
    pub fn step(&mut self) -> bool {
        if self.is_over() || self.is_by_hand() {
            return false;
        }
        self.heard.lock().clear();
        let before = self.view.events;
        self.live.run_until(Until::Events(before + 1));
        self.look();
        self.view.events > before
    }

    /// Goes one event back, or undoes the latest deed; tells whether there was one.
    pub fn back(&mut self) -> bool {
        if let Some(recorded) = &mut self.hand {
            if recorded.schedule.steps.pop().is_none() {
                return false;
            }
            self.replay();
            return true;
        }
        match self.view.events.checked_sub(1) {
            Some(events) => self.seek(events),
            None => false,
        }
    }

    /// Goes where so many events have happened, or to the end; tells whether it is there.
    pub fn seek(&mut self, events: u64) -> bool {
        if self.is_by_hand() {
            return false;
        }
        if events < self.view.events {
            self.restart();
        }
        // Only what leads here is news; at the beginning, that is the boot.
        if events > self.view.events {
            self.live.run_until(Until::Events(events - 1));
            self.heard.lock().clear();
        }
        self.live.run_until(Until::Events(events));
        self.look();
        self.view.events == events
    }

    /// Goes on until the condition holds after an event, and did not before if it is about a
    /// state; at most so many events. Tells whether it does.
    pub fn run_until(&mut self, condition: &Condition, events_max: u64) -> bool {
        let lasts = matches!(condition, Condition::State(..));
        let mut before = lasts && condition.holds(self);
        for _ in 0..events_max {
            if !self.step() {
                return *condition == Condition::End && self.is_over();
            }
            let now = condition.holds(self);
            if now && !before {
                return true;
            }
            before = lasts && now;
        }
        false
    }

    /// Runs to the end as it would by itself, and gives the outcome. The session stays where it is.
    pub fn outcome(&self) -> Outcome {
        match &self.hand {
            Some(recorded) => self.plan.follow(recorded.schedule.clone(), Default::default()),
            None => self.plan.run(Some(self.seed), Default::default()),
        }
    }

    /// This run up to here as a scenario that says exactly what happens.
    ///
    /// # Errors
    /// If a schedule cannot say what happened: handlers that take time, pauses, altered messages.
    pub fn scenario(&mut self) -> Result<Source, String> {
        let recorded = match &self.hand {
            Some(recorded) => recorded.clone(),
            None => self.recorded()?,
        };
        Ok(self.plan.scheduled(Some(self.seed), &recorded))
    }

    /// What happened so far as a schedule, after which more could follow.
    fn recorded(&self) -> Result<Recorded, String> {
        let recording = Some(Recording::default());
        let mut live =
            start(&self.plan, &self.world(), &Heard::new(self.names().clone()), recording);
        live.run_until(Until::Events(self.view.events));
        let mut recorded = live.recorded_so_far().expect("it was recorded")?;
        recorded.schedule.ends_at = None;
        recorded.schedule.unfinished = true;
        Ok(recorded)
    }

    fn world(&self) -> World {
        World { seed: self.seed, ..World::clone(self.plan.world()) }
    }

    /// Back to the beginning.
    fn restart(&mut self) {
        self.heard.lock().clear();
        self.live = start(&self.plan, &self.world(), &self.heard, None);
        self.live.run_until(Until::Events(0));
        self.look();
    }

    /// Follows what has happened and what was done by hand, up to the latest of it.
    fn replay(&mut self) {
        let Some(recorded) = &self.hand else { return };
        self.heard.lock().clear();
        let world = following(&self.world(), recorded.schedule.clone(), recorded.faults.clone());
        self.live = start(&self.plan, &world, &self.heard, None);
        self.live.run_until(Until::LastStep);
        self.look();
        // Of everything that was said again, only the latest step is news.
        let latest = self.view.events;
        self.heard.lock().retain(|said| said.event == latest);
    }

    fn look(&mut self) {
        self.view = self.live.view(LISTED_MAX);
    }

    /// Adds a step to what was done by hand, if it can happen now.
    fn add(&mut self, scheduled: Scheduled) -> Result<(), String> {
        let Some(recorded) = &mut self.hand else { return Err("not by hand".into()) };
        recorded.schedule.steps.push(scheduled);
        self.replay();
        if let Some(seedbed_core::EndedBy::ScheduleBroken) = self.view.ended {
            let outcome = self.live.finish();
            let broken =
                outcome.checks.into_iter().find(|check| check.name == seedbed_core::SCHEDULE);
            if let Some(recorded) = &mut self.hand {
                recorded.schedule.steps.pop();
            }
            self.replay();
            return Err(broken.map_or_else(String::new, |check| check.detail));
        }
        Ok(())
    }
}

/// A run of the scenario in this world that has not begun.
fn start(plan: &Plan, world: &World, heard: &Heard, recording: Option<Recording>) -> Box<dyn Live> {
    let sink: Box<dyn Sink> = Box::new(heard.clone());
    let watch = Watch { sink: Some(sink), recording, ..Watch::default() };
    plan.ready.live(world, &plan.checks, watch)
}
