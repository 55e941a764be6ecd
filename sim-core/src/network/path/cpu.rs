//! A core: which job runs, which wait, which was preempted, and for how long it has been busy.
//!
//! A job runs until it is done or one of higher priority is ready; among equals, first come is
//! first served. What preempts costs nothing but what the path declares (interrupt entries,
//! context switches).

use std::collections::VecDeque;

use super::{Priority, Ps};

/// A piece of work of a stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Job {
    pub stage: u16,
    pub part: Part,
    pub priority: Priority,
}

/// Which piece.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// Entering an interrupt.
    Entry,
    /// Taking and handling a batch.
    Batch,
    /// Work of the host's own; of no stage.
    Own,
}

/// A job that was begun, and how much of it is left from an instant on.
#[derive(Clone, Copy, Debug)]
struct Slice {
    job: Job,
    since: Ps,
    left: Ps,
}

/// What a core does next.
pub(super) enum Turn {
    /// What it does already, or nothing.
    Stay,
    /// It goes on with what was preempted, until this instant.
    Resumed(Ps),
    /// It begins a job, whose cost the caller knows.
    Begin(Job),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Core {
    ready: [VecDeque<Job>; Priority::COUNT],
    running: Option<Slice>,
    /// Preempted, the latest last.
    suspended: Vec<Slice>,
    /// Tells the end of the running slice from ends that preemption has put off.
    pub generation: u32,
    /// By priority.
    pub busy: [Ps; Priority::COUNT],
    idle_since: Ps,
}

impl Core {
    /// A job waits for its turn.
    pub fn add(&mut self, job: Job) {
        self.ready[job.priority as usize].push_back(job);
    }

    /// How long nothing has run or waited.
    pub fn idle(&self, now: Ps) -> Ps {
        let idle = self.running.is_none() && self.ready.iter().all(VecDeque::is_empty);
        if idle { now.saturating_sub(self.idle_since) } else { Ps::ZERO }
    }

    /// What to do now that something may have changed. After `Begin`, call [`Core::run`], or ask
    /// again if the job turns out to have nothing to do.
    pub fn turn(&mut self, now: Ps) -> Turn {
        let waiting = (0..Priority::COUNT).rev().find(|&level| !self.ready[level].is_empty());
        if let Some(slice) = self.running {
            if waiting.is_none_or(|level| level <= slice.job.priority as usize) {
                return Turn::Stay;
            }
            self.settle(now);
            self.suspended.extend(self.running.take());
        } else if let Some(&Slice { job, left, .. }) = self.suspended.last()
            && waiting.is_none_or(|level| level <= job.priority as usize)
        {
            self.suspended.pop();
            return Turn::Resumed(self.run(job, now, left));
        }
        match waiting.and_then(|level| self.ready[level].pop_front()) {
            Some(job) => Turn::Begin(job),
            None => Turn::Stay,
        }
    }

    /// Runs a job for `cost`; gives when it is done.
    pub fn run(&mut self, job: Job, now: Ps, cost: Ps) -> Ps {
        self.running = Some(Slice { job, since: now, left: cost });
        self.generation = self.generation.wrapping_add(1);
        now + cost
    }

    /// The running job is done, unless `generation` is of one that was preempted since.
    #[inline]
    pub fn finish(&mut self, now: Ps, generation: u32) -> Option<Job> {
        if generation != self.generation {
            return None;
        }
        let slice = self.running.take()?;
        self.busy[slice.job.priority as usize] += slice.left;
        self.idle_since = now;
        Some(slice.job)
    }

    /// Books what the running job has used so far.
    pub fn settle(&mut self, now: Ps) {
        if let Some(slice) = &mut self.running {
            let used = now.saturating_sub(slice.since);
            self.busy[slice.job.priority as usize] += used;
            (slice.since, slice.left) = (now, slice.left - used);
        }
    }
}
