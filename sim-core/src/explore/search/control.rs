//! What ends a search early: budgets, the caller, a collision.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::super::options::{Options, Progress};
use super::super::outcome::Cut;

/// Shared by all threads of a search.
pub(super) struct Control<'a> {
    options: &'a Options<'a>,
    states_left: AtomicU64,
    cuts: AtomicU32,
    halted: AtomicBool,
}

impl<'a> Control<'a> {
    pub(super) fn new(options: &'a Options<'a>) -> Self {
        Control {
            options,
            states_left: AtomicU64::new(options.states_max),
            cuts: AtomicU32::new(0),
            halted: AtomicBool::new(false),
        }
    }

    /// Notes that something is left out, and ends the search if the reason demands it.
    pub(super) fn cut(&self, cut: Cut) {
        self.cuts.fetch_or(1 << cut as u32, Ordering::Relaxed);
        match cut {
            Cut::Depth | Cut::Outside | Cut::Collision | Cut::Random => {}
            Cut::Decided | Cut::States | Cut::Memory | Cut::Stopped => self.halt(),
        }
    }

    /// Ends all threads.
    pub(super) fn halt(&self) {
        self.halted.store(true, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn halted(&self) -> bool {
        self.halted.load(Ordering::Relaxed)
    }

    /// What was left out, each reason once.
    pub(super) fn cuts(&self) -> Vec<Cut> {
        let cuts = self.cuts.load(Ordering::Relaxed);
        Cut::ALL.into_iter().filter(|cut| cuts & 1 << *cut as u32 != 0).collect()
    }

    /// About how many states have been visited: some may still be in a thread's [`Quota`].
    pub(super) fn unique(&self) -> u64 {
        self.options.states_max - self.states_left.load(Ordering::Relaxed)
    }

    /// Starts over with the budget of states.
    pub(super) fn refill(&self) {
        self.states_left.store(self.options.states_max, Ordering::Relaxed);
    }

    /// Looks at the caller's wishes and the budget of memory; called now and then.
    pub(super) fn poll(&self, bytes: u64, progress: Option<Progress>) {
        if (self.options.stop)() {
            self.cut(Cut::Stopped);
        }
        if bytes > self.options.memory_max {
            self.cut(Cut::Memory);
        }
        if let Some(progress) = progress {
            (self.options.progress)(progress);
        }
    }
}

/// A thread's share of the budget of states, taken a few at a time.
#[derive(Default)]
pub(super) struct Quota(u64);

/// How many states a thread takes from the budget at once.
const QUOTA: u64 = 64;

impl Quota {
    /// Whether one more state is allowed. If not, the search has been cut.
    #[inline]
    pub(super) fn take(&mut self, control: &Control<'_>) -> bool {
        if self.0 == 0 && !self.refill(control) {
            return false;
        }
        self.0 -= 1;
        true
    }

    #[cold]
    fn refill(&mut self, control: &Control<'_>) -> bool {
        let take = |left: u64| Some(left - left.min(QUOTA));
        let left = control.states_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        self.0 = left.unwrap_or_default().min(QUOTA);
        if self.0 == 0 {
            control.cut(Cut::States);
        }
        self.0 > 0
    }

    /// Gives back what was not used.
    pub(super) fn give_back(self, control: &Control<'_>) {
        control.states_left.fetch_add(self.0, Ordering::Relaxed);
    }
}

/// Whole states by fingerprint.
pub(super) struct Whole<S>(Vec<Mutex<BTreeMap<u64, S>>>);

impl<S: Clone + Eq> Whole<S> {
    pub(super) fn new() -> Self {
        Whole((0..64).map(|_| Mutex::default()).collect())
    }

    /// Whether the state that first came with this fingerprint equals this one.
    pub(super) fn agrees(&self, print: u64, state: &S) -> bool {
        let part = &self.0[(print >> 58) as usize];
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        *part.entry(print).or_insert_with(|| state.clone()) == *state
    }
}
