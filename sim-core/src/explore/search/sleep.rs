//! Depth-first search with sleep sets: partial-order reduction that still visits every state.
//!
//! Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems" (LNCS 1032, 1996),
//! chapter 5: once `a` has been tried in a state, it sleeps below those of the state's other actions
//! that are independent of it, for the other order leads to the same states. Each state keeps with
//! what it was left asleep; met again with less asleep, the rest is tried then.
//!
//! Sleep sets leave out transitions and no states. So verdicts of `Always` and `Sometimes` stay what
//! they are, whatever the predicates look at, and no action is put off for ever round a cycle:
//! visibility and cycle provisos are for methods that leave out states.

use super::super::fingerprint::fingerprint;
use super::super::model::Model;
use super::super::options::Progress;
use super::super::outcome::Cut;
use super::super::table::Table;
use super::control::Quota;
use super::{Counts, Search, Visited};

/// How many actions of a state can sleep: the first ones. To let an action sleep is never a duty.
const SLEEPERS: usize = 64;

/// Searches to the end, on this thread.
pub(super) fn run<M: Model>(search: &Search<'_, M>) -> Visited {
    let mut sleeper = Sleeper {
        search,
        table: Table::new(),
        counts: Counts::default(),
        quota: Quota::default(),
        found: vec![None; search.properties.len()],
        frames: Vec::new(),
    };
    for (print, state) in search.initial() {
        sleeper.counts.generated += 1;
        sleeper.arrive(print, state, &[]);
        sleeper.descend();
    }
    Visited { counts: sleeper.counts, table_bytes: sleeper.table.bytes(), found: sleeper.found }
}

/// A state on the stack.
struct Frame<M: Model> {
    print: u64,
    state: M::State,
    actions: Vec<M::Action>,
    next: usize,
    /// Which of the first actions are to be tried, by bits.
    awake: u64,
    /// Which of them sleep: those that did when the state was met, and those tried since.
    asleep: u64,
    /// Whether the actions beyond are to be tried.
    beyond: bool,
}

struct Sleeper<'a, M: Model> {
    search: &'a Search<'a, M>,
    /// With each state, which of its actions were left asleep.
    table: Table<u64>,
    counts: Counts,
    quota: Quota,
    found: Vec<Option<Vec<u64>>>,
    frames: Vec<Frame<M>>,
}

impl<M: Model> Sleeper<'_, M> {
    /// Empties the stack.
    fn descend(&mut self) {
        let model = self.search.model;
        while let Some(top) = self.frames.last_mut() {
            if self.search.control.halted() {
                return self.frames.clear();
            }
            let at = top.next;
            if at == top.actions.len() {
                self.frames.pop();
                continue;
            }
            top.next += 1;
            let bit = if at < SLEEPERS { 1 << at } else { 0 };
            let tried = if at < SLEEPERS { top.awake & bit != 0 } else { top.beyond };
            if !tried {
                continue;
            }
            let mut state = top.state.clone();
            if !model.apply(&mut state, &top.actions[at]) {
                continue;
            }
            let asleep = top.asleep_after(model, at);
            top.asleep |= bit;
            self.counts.generated += 1;
            self.arrive(fingerprint(&state), state, &asleep);
        }
    }

    /// Counts a state, and puts it on the stack if anything is to be tried in it.
    fn arrive(&mut self, print: u64, state: M::State, sleepers: &[M::Action]) {
        let search = self.search;
        search.compare(print, &state);
        let mut actions = Vec::new();
        search.model.actions(&state, &mut actions);
        let sleeps = |(at, action): (usize, &M::Action)| u64::from(sleepers.contains(action)) << at;
        let asleep = actions.iter().take(SLEEPERS).enumerate().map(sleeps).sum();
        let mut left = 0;
        let new = self.table.visit(print, asleep, |kept| {
            left = *kept;
            *kept &= asleep;
        });
        let within = if new { self.welcome(print, &state) } else { search.model.within(&state) };
        let awake = if new { !asleep } else { left & !asleep };
        let none = awake == 0 && (!new || actions.len() <= SLEEPERS);
        if none || !within || !self.reaches() {
            return;
        }
        let asleep = if new { asleep } else { left & asleep };
        self.frames.push(Frame { print, state, actions, next: 0, awake, asleep, beyond: new });
    }

    /// Counts and judges a new state. Whether to go on from it.
    fn welcome(&mut self, print: u64, state: &M::State) -> bool {
        let search = self.search;
        if !self.quota.take(&search.control) {
            return false;
        }
        self.counts.unique += 1;
        self.counts.depth = self.counts.depth.max(self.frames.len() as u32);
        for property in search.open(&self.found) {
            if search.decides(property, state) {
                let path = self.frames.iter().map(|frame| frame.print).chain([print]);
                self.found[property] = Some(path.collect());
                if search.enough(&self.found) {
                    search.control.cut(Cut::Decided);
                }
            }
        }
        if self.counts.unique.is_multiple_of(1024) {
            self.poll();
        }
        let within = search.model.within(state);
        if !within {
            search.control.cut(Cut::Outside);
        }
        within
    }

    /// Whether states are expanded where the stack ends now.
    fn reaches(&self) -> bool {
        let reaches = self.frames.len() < self.search.options.depth_max as usize;
        if !reaches {
            self.search.control.cut(Cut::Depth);
        }
        reaches
    }

    fn poll(&self) {
        let frames = self.frames.len();
        let progress =
            Progress { unique: self.counts.unique, frontier: frames as u64, depth: frames as u32 };
        let bytes = self.table.bytes() + (frames * size_of::<Frame<M>>()) as u64;
        self.search.control.poll(bytes, Some(progress));
    }
}

impl<M: Model> Frame<M> {
    /// What sleeps after the action at this position: what slept before it and is independent of it.
    fn asleep_after(&self, model: &M, at: usize) -> Vec<M::Action> {
        let sleepers = self.actions.iter().take(SLEEPERS).enumerate();
        let sleepers = sleepers.filter(|(other, _)| self.asleep & 1 << other != 0);
        let sleepers = sleepers.map(|(_, action)| action);
        let independent =
            |other: &&M::Action| model.independent(&self.state, other, &self.actions[at]);
        sleepers.filter(independent).cloned().collect()
    }
}
