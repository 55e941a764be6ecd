//! Many seeds of one plan, on several threads, with the results in the order of the seeds.

use std::any::Any;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use seedbed_core::Outcome;

use crate::plan::{Plan, RunOptions};

/// How far a thread may run ahead of the slowest, in seeds a thread.
const AHEAD: u64 = 32;

impl Plan {
    /// Runs every seed of `seeds` on up to `jobs` threads and hands each outcome to `each`, in
    /// the order of the seeds whatever `jobs` is. Setting `cancelled` ends the batch early: runs
    /// under way are finished, and the outcomes without a gap before them handed over. Gives how
    /// many outcomes were handed over.
    pub fn run_seeds(
        &self,
        seeds: Range<u64>,
        jobs: NonZeroUsize,
        cancelled: &AtomicBool,
        mut each: impl FnMut(u64, Outcome),
    ) -> u64 {
        let first = seeds.start;
        let run = |seed| self.run(Some(seed), RunOptions::default());
        if jobs.get() == 1 {
            let alive = seeds.take_while(|_| !cancelled.load(Ordering::Relaxed));
            return alive.map(|seed| each(seed, run(seed))).count() as u64;
        }
        let threads = seeds.end.saturating_sub(first).min(jobs.get() as u64);
        let board = Board::new(seeds, jobs);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| board.work(&run, cancelled));
            }
            // However `each` leaves, the threads must not wait for it.
            let _closing = Closing(&board);
            while let Some((seed, result)) = board.next_result() {
                match result {
                    Ok(outcome) => each(seed, outcome),
                    Err(panic) => resume_unwind(panic),
                }
            }
        });
        board.lock().wanted - first
    }
}

type RunResult = Result<Outcome, Box<dyn Any + Send>>;

/// What the threads share.
struct Board {
    state: Mutex<State>,
    changed: Condvar,
    window: u64,
}

struct State {
    /// The next seed that nobody has taken.
    next: u64,
    end: u64,
    /// The next seed to hand over.
    wanted: u64,
    /// Results that are not handed over yet.
    done: BTreeMap<u64, RunResult>,
}

impl Board {
    fn new(seeds: Range<u64>, jobs: NonZeroUsize) -> Self {
        let state = State {
            next: seeds.start,
            end: seeds.end.max(seeds.start),
            wanted: seeds.start,
            done: BTreeMap::new(),
        };
        let window = AHEAD * jobs.get() as u64;
        Board { state: Mutex::new(state), changed: Condvar::new(), window }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread's life: take the next seed, run it, post the result.
    fn work(&self, run: &(impl Fn(u64) -> Outcome + Sync), cancelled: &AtomicBool) {
        while let Some(seed) = self.take(cancelled) {
            let result = catch_unwind(AssertUnwindSafe(|| run(seed)));
            self.lock().done.insert(seed, result);
            self.changed.notify_all();
        }
    }

    fn take(&self, cancelled: &AtomicBool) -> Option<u64> {
        let mut state = self.lock();
        while state.next < state.end && state.next >= state.wanted + self.window {
            state = self.wait(state);
        }
        if cancelled.load(Ordering::Relaxed) && state.end > state.next {
            state.end = state.next;
            self.changed.notify_all();
        }
        (state.next < state.end).then(|| {
            state.next += 1;
            state.next - 1
        })
    }

    /// The result of the next seed in order; `None` when all are handed over.
    fn next_result(&self) -> Option<(u64, RunResult)> {
        let mut state = self.lock();
        loop {
            let seed = state.wanted;
            if seed >= state.end {
                return None;
            }
            if let Some(result) = state.done.remove(&seed) {
                state.wanted += 1;
                self.changed.notify_all();
                return Some((seed, result));
            }
            state = self.wait(state);
        }
    }
}

/// Ends the threads' work when dropped.
struct Closing<'a>(&'a Board);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.end = state.end.min(state.next);
        self.0.changed.notify_all();
    }
}
