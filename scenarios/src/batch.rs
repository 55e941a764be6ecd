//! Many seeds of one plan, on several threads, with the results in the order of the seeds.

use std::any::Any;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, Range};
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
        let run = |seed| self.run(Some(seed), RunOptions::default());
        let stop = || cancelled.load(Ordering::Relaxed);
        in_order(seeds, jobs, &stop, run, |seed, outcome| {
            each(seed, outcome);
            ControlFlow::Continue(())
        })
    }
}

/// Does `work` for every number of a range on up to `jobs` threads and hands the results to `each`,
/// in order, until it has had enough. Once `stop` says so, work under way is finished, and the
/// results without a gap before them handed over. Gives how many were handed over.
pub(crate) fn in_order<T: Send>(
    numbers: Range<u64>,
    jobs: NonZeroUsize,
    stop: &(dyn Fn() -> bool + Sync),
    work: impl Fn(u64) -> T + Sync,
    mut each: impl FnMut(u64, T) -> ControlFlow<()>,
) -> u64 {
    let first = numbers.start;
    if jobs.get() == 1 {
        let mut count = 0;
        for number in numbers.take_while(|_| !stop()) {
            count += 1;
            if each(number, work(number)).is_break() {
                break;
            }
        }
        return count;
    }
    let threads = numbers.end.saturating_sub(first).min(jobs.get() as u64);
    let board = Board::new(numbers, jobs);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| board.work(&work, stop));
        }
        // However `each` leaves, the threads must not wait for it.
        let _closing = Closing(&board);
        while let Some((number, result)) = board.next_result() {
            let flow = match result {
                Ok(result) => each(number, result),
                Err(panic) => resume_unwind(panic),
            };
            if flow.is_break() {
                break;
            }
        }
        board.lock().wanted - first
    })
}

type Done<T> = Result<T, Box<dyn Any + Send>>;

/// What the threads share.
struct Board<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    window: u64,
}

struct State<T> {
    /// The next seed that nobody has taken.
    next: u64,
    end: u64,
    /// The next seed to hand over.
    wanted: u64,
    /// Results that are not handed over yet.
    done: BTreeMap<u64, Done<T>>,
}

impl<T: Send> Board<T> {
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

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread's life: take the next seed, run it, post the result.
    fn work(&self, run: &(impl Fn(u64) -> T + Sync), stop: &(dyn Fn() -> bool + Sync)) {
        while let Some(seed) = self.take(stop) {
            let result = catch_unwind(AssertUnwindSafe(|| run(seed)));
            self.lock().done.insert(seed, result);
            self.changed.notify_all();
        }
    }

    fn take(&self, stop: &(dyn Fn() -> bool + Sync)) -> Option<u64> {
        let mut state = self.lock();
        while state.next < state.end && state.next >= state.wanted + self.window {
            state = self.wait(state);
        }
        if state.end > state.next && stop() {
            state.end = state.next;
            self.changed.notify_all();
        }
        (state.next < state.end).then(|| {
            state.next += 1;
            state.next - 1
        })
    }

    /// The result of the next seed in order; `None` when all are handed over.
    fn next_result(&self) -> Option<(u64, Done<T>)> {
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
struct Closing<'a, T: Send>(&'a Board<T>);

impl<T: Send> Drop for Closing<'_, T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.end = state.end.min(state.next);
        self.0.changed.notify_all();
    }
}
