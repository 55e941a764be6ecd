//! How threads of a depth-first search share the work: who has some gives to who has none.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Work that waits, and who waits for work.
pub(super) struct Crew<J> {
    threads: usize,
    jobs: Mutex<Jobs<J>>,
    bell: Condvar,
    hungry: AtomicBool,
}

struct Jobs<J> {
    waiting: Vec<J>,
    idle: usize,
}

impl<J> Crew<J> {
    pub(super) fn new(threads: usize, waiting: Vec<J>) -> Self {
        Crew {
            threads,
            jobs: Mutex::new(Jobs { waiting, idle: 0 }),
            bell: Condvar::new(),
            hungry: AtomicBool::new(false),
        }
    }

    /// Whether a thread waits for work.
    #[inline]
    pub(super) fn hungry(&self) -> bool {
        self.hungry.load(Ordering::Relaxed)
    }

    /// Gives work away.
    pub(super) fn give(&self, job: J) {
        let mut jobs = self.lock();
        jobs.waiting.push(job);
        self.tell(&jobs);
        self.bell.notify_one();
    }

    /// Work, as soon as there is some. `None`: all is done, or `halted`.
    pub(super) fn take(&self, halted: impl Fn() -> bool) -> Option<J> {
        let mut jobs = self.lock();
        jobs.idle += 1;
        loop {
            if halted() || jobs.idle == self.threads && jobs.waiting.is_empty() {
                self.bell.notify_all();
                return None;
            }
            if let Some(job) = jobs.waiting.pop() {
                jobs.idle -= 1;
                self.tell(&jobs);
                return Some(job);
            }
            self.tell(&jobs);
            jobs = self.bell.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn tell(&self, jobs: &Jobs<J>) {
        self.hungry.store(jobs.waiting.len() < jobs.idle, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Jobs<J>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends all threads when one panics, lest the others wait for it.
pub(super) struct EndsOnPanic<'a, J>(pub(super) &'a Crew<J>, pub(super) &'a dyn Fn());

impl<J> Drop for EndsOnPanic<'_, J> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            (self.1)();
            drop(self.0.lock());
            self.0.bell.notify_all();
        }
    }
}
