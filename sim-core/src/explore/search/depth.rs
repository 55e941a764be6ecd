//! Depth-first search, to the end or to a depth that grows.
//!
//! The way back is on the stack, so that the table keeps fingerprints alone. The state at the top of
//! the stack exists twice: once to be compared with, once to apply actions to and to
//! [restore](Model::restore), so that a successor that is known costs no copy. A state's successors
//! are all fingerprinted before any is looked up, so that the look-ups wait for memory together; those
//! that are new are claimed at once and visited one after the other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::super::fingerprint::fingerprint;
use super::super::model::Model;
use super::super::options::Progress;
use super::super::outcome::Cut;
use super::super::table::{Seen, Table};
use super::NONE;
use super::control::Quota;
use super::crew::{Crew, EndsOnPanic};
use super::met::Met;
use super::{Counts, Search, Visited};

/// How often a thread polls: after so many states.
const POLL: u32 = 1024;

/// Searches to the end. A limit of depth makes the search note depths, lest a state that was first met
/// at the limit hides what follows it.
pub(super) fn run<M: Model>(search: &Search<'_, M>) -> Visited {
    let (limit, found) = (search.options.depth_max, vec![None; search.properties.len()]);
    let (visited, deeper) = match limit {
        u32::MAX => bounded::<M, ()>(search, limit, found),
        limit => bounded::<M, u32>(search, limit, found),
    };
    if deeper {
        search.control.cut(Cut::Depth);
    }
    visited
}

/// Searches to a depth that grows until nothing lies beyond.
pub(super) fn deepening<M: Model>(search: &Search<'_, M>, step: u32) -> Visited {
    let mut generated = 0;
    let mut found = vec![None; search.properties.len()];
    let mut limit = 0;
    loop {
        search.control.refill();
        let (mut visited, deeper) = bounded::<M, u32>(search, limit, found);
        generated += visited.counts.generated;
        visited.counts.generated = generated;
        if !deeper || search.control.halted() {
            return visited;
        }
        if limit == search.options.depth_max {
            search.control.cut(Cut::Depth);
            return visited;
        }
        found = visited.found;
        limit = limit.saturating_add(step.max(1)).min(search.options.depth_max);
    }
}

/// Searches to a depth for what is not found yet. Also says whether states at this depth were left unexpanded.
fn bounded<M: Model, L: Met>(
    search: &Search<'_, M>,
    limit: u32,
    found: Vec<Option<Vec<u64>>>,
) -> (Visited, bool) {
    let mut table = Table::<L>::new();
    let mut counts = Counts::default();
    let shared = Shared {
        search,
        limit,
        crew: Crew::new(
            search.options.threads,
            search.initial().into_iter().rev().map(Job::of).collect(),
        ),
        deeper: AtomicBool::new(false),
        open: found.iter().map(|found| AtomicBool::new(found.is_none())).collect(),
        found: Mutex::new(found),
    };
    if search.options.threads == 1 {
        counts.add(Worker::new(&shared, Seen::Own(&mut table)).work());
    } else {
        let seen = table.share();
        thread::scope(|scope| {
            let work = || Worker::new(&shared, Seen::Shared(&seen)).work();
            let threads: Vec<_> = (0..search.options.threads).map(|_| scope.spawn(work)).collect();
            for thread in threads {
                match thread.join() {
                    Ok(done) => counts.add(done),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        table = seen.own();
    }
    let found = shared.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let visited = Visited { counts, table_bytes: table.bytes(), found };
    (visited, shared.deeper.into_inner())
}

/// What the threads share.
struct Shared<'a, M: Model> {
    search: &'a Search<'a, M>,
    limit: u32,
    crew: Crew<Job<M>>,
    deeper: AtomicBool,
    /// For each property whether nothing has decided it yet.
    open: Vec<AtomicBool>,
    found: Mutex<Vec<Option<Vec<u64>>>>,
}

/// A state, and what is to be tried in it.
struct Job<M: Model> {
    /// The fingerprints of the states on the way to it.
    path: Vec<u64>,
    print: u64,
    state: M::State,
    /// `None`: the state itself is yet to be visited.
    actions: Option<Vec<Claim<M::Action>>>,
}

impl<M: Model> Job<M> {
    fn of((print, state): (u64, M::State)) -> Self {
        Job { path: Vec::new(), print, state, actions: None }
    }
}

/// An action that leads to a state which is this thread's to visit.
#[derive(Clone)]
struct Claim<A> {
    print: u64,
    /// Whether the state has never been met.
    new: bool,
    action: A,
}

/// A state on the stack, and which actions are to be tried in it: a range of those on their stack.
struct Frame<S> {
    print: u64,
    state: S,
    start: usize,
    next: usize,
    end: usize,
}

/// A thread.
struct Worker<'a, M: Model, L: Met> {
    shared: &'a Shared<'a, M>,
    seen: Seen<'a, L>,
    counts: Counts,
    quota: Quota,
    until_poll: u32,
    /// The way to the first frame.
    path: Vec<u64>,
    frames: Vec<Frame<M::State>>,
    actions: Vec<Claim<M::Action>>,
    allowed: Vec<M::Action>,
    prints: Vec<u64>,
    spare: Vec<M::State>,
}

impl<'a, M: Model, L: Met> Worker<'a, M, L> {
    fn new(shared: &'a Shared<'a, M>, seen: Seen<'a, L>) -> Self {
        Worker {
            shared,
            seen,
            counts: Counts::default(),
            quota: Quota::default(),
            until_poll: POLL,
            path: Vec::new(),
            frames: Vec::new(),
            actions: Vec::new(),
            allowed: Vec::new(),
            prints: Vec::new(),
            spare: Vec::new(),
        }
    }

    fn work(mut self) -> Counts {
        let (shared, control) = (self.shared, &self.shared.search.control);
        let halt = || control.halt();
        let _guard = EndsOnPanic(&shared.crew, &halt);
        while let Some(job) = shared.crew.take(|| control.halted()) {
            self.begin(job);
        }
        self.quota.give_back(control);
        self.counts
    }

    fn begin(&mut self, job: Job<M>) {
        let mut scratch = job.state.clone();
        self.path = job.path;
        match job.actions {
            None => {
                self.counts.generated += 1;
                self.shared.search.compare(job.print, &scratch);
                let Some(new) = self.meet(job.print, 0) else { return };
                if self.goes_on(new, job.print, &scratch, 0) {
                    self.push(job.print, &mut scratch);
                }
            }
            Some(actions) => {
                self.actions.extend(actions);
                let end = self.actions.len();
                let frame = Frame { print: job.print, state: job.state, start: 0, next: 0, end };
                self.frames.push(frame);
            }
        }
        self.descend(&mut scratch);
    }

    /// Empties the stack. `scratch` equals the state at its top.
    fn descend(&mut self, scratch: &mut M::State) {
        let search = self.shared.search;
        let model = search.model;
        while let Some(top) = self.frames.last_mut() {
            if top.next == top.end {
                self.back(scratch);
                continue;
            }
            if search.control.halted() {
                self.frames.clear();
                self.actions.clear();
                return;
            }
            let at = top.next;
            top.next += 1;
            let Claim { print, new, ref action } = self.actions[at];
            model.apply(scratch, action);
            search.represent(scratch);
            if self.goes_on(new, print, scratch, self.depth()) {
                self.push(print, scratch);
            } else {
                self.mend(scratch);
            }
        }
    }

    /// How deep a state lies that the top of the stack leads to.
    fn depth(&self) -> u32 {
        (self.path.len() + self.frames.len()) as u32
    }

    /// Whether a state is to be visited: `Some(true)` if it is new, `Some(false)` if it was met before,
    /// but deeper.
    #[inline]
    fn meet(&mut self, print: u64, depth: u32) -> Option<bool> {
        let mut less_deep = false;
        let new = self.seen.visit(print, L::at(depth), |met| {
            less_deep = met.improves(depth);
            if less_deep {
                *met = L::at(depth);
            }
        });
        (new || less_deep).then_some(new)
    }

    /// Whether to expand a state that is visited; counts and judges it if it is new.
    fn goes_on(&mut self, new: bool, print: u64, state: &M::State, depth: u32) -> bool {
        let allowed = match new {
            true => self.welcome(print, state, depth),
            false => self.shared.search.model.within(state),
        };
        allowed && self.reaches(depth)
    }

    /// Counts and judges a new state. Whether the model goes on from it.
    fn welcome(&mut self, print: u64, state: &M::State, depth: u32) -> bool {
        let search = self.shared.search;
        if !self.quota.take(&search.control) {
            return false;
        }
        self.counts.unique += 1;
        self.counts.depth = self.counts.depth.max(depth);
        for (property, open) in self.shared.open.iter().enumerate() {
            if open.load(Ordering::Relaxed) && search.decides(property, state) {
                self.decide(property, print);
            }
        }
        let within = search.model.within(state);
        if !within {
            search.control.cut(Cut::Outside);
        }
        within
    }

    /// Whether states at this depth are expanded.
    fn reaches(&self, depth: u32) -> bool {
        let reaches = depth < self.shared.limit;
        if !reaches {
            self.shared.deeper.store(true, Ordering::Relaxed);
        }
        reaches
    }

    /// Puts a state on the stack. `scratch`, which equals it, is then the copy of the top.
    fn push(&mut self, print: u64, scratch: &mut M::State) {
        let state = match self.spare.pop() {
            Some(mut spare) => {
                spare.clone_from(scratch);
                spare
            }
            None => scratch.clone(),
        };
        let start = self.actions.len();
        self.generate(&state, scratch);
        let end = self.actions.len();
        self.frames.push(Frame { print, state, start, next: start, end });
        self.until_poll -= 1;
        if self.until_poll == 0 {
            self.poll();
        }
        if self.shared.search.options.threads > 1 && self.shared.crew.hungry() {
            self.share();
        }
    }

    /// Claims those successors of `state` that are not known. They are made in `scratch`, which equals
    /// `state` before and after.
    #[inline]
    fn generate(&mut self, state: &M::State, scratch: &mut M::State) {
        let search = self.shared.search;
        let model = search.model;
        model.actions(state, &mut self.allowed);
        for action in &self.allowed {
            if !model.apply(scratch, action) {
                scratch.clone_from(state);
                self.prints.push(NONE);
                continue;
            }
            self.counts.generated += 1;
            search.represent(scratch);
            let print = fingerprint(scratch);
            search.compare(print, scratch);
            search.restore(scratch, state, action);
            self.prints.push(print);
        }
        if !L::MATTERS {
            self.seen.strike_known(&mut self.prints);
        }
        let depth = self.depth() + 1;
        for at in 0..self.prints.len() {
            let print = self.prints[at];
            if print != NONE
                && let Some(new) = self.meet(print, depth)
            {
                self.actions.push(Claim { print, new, action: self.allowed[at].clone() });
            }
        }
        self.prints.clear();
        self.allowed.clear();
    }

    /// Takes the top off the stack, and makes `scratch` a copy of the next.
    fn back(&mut self, scratch: &mut M::State) {
        let Some(done) = self.frames.pop() else { return };
        self.actions.truncate(done.start);
        self.spare.push(done.state);
        self.mend(scratch);
    }

    /// Makes `scratch`, which came of the last action of the top, equal to the top again.
    #[inline]
    fn mend(&mut self, scratch: &mut M::State) {
        let Some(top) = self.frames.last() else { return };
        self.shared.search.restore(scratch, &top.state, &self.actions[top.next - 1].action);
    }

    /// Notes a path that decides a property.
    #[cold]
    fn decide(&mut self, property: usize, print: u64) {
        let search = self.shared.search;
        let mut found = self.shared.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found[property].is_some() {
            return;
        }
        let mut path = self.path.clone();
        path.extend(self.frames.iter().map(|frame| frame.print));
        path.push(print);
        found[property] = Some(path);
        self.shared.open[property].store(false, Ordering::Relaxed);
        if search.enough(&found) {
            search.control.cut(Cut::Decided);
        }
    }

    /// Gives half of what is left to try in the lowest state to another thread.
    #[cold]
    fn share(&mut self) {
        let left = |frame: &Frame<M::State>| frame.end - frame.next;
        let Some(lowest) = self.frames.iter().position(|frame| left(frame) > 1) else { return };
        let mut path = self.path.clone();
        path.extend(self.frames[..lowest].iter().map(|frame| frame.print));
        let frame = &mut self.frames[lowest];
        let keep = frame.next + left(frame) / 2;
        let actions = self.actions[keep..frame.end].to_vec();
        frame.end = keep;
        let (print, state) = (frame.print, frame.state.clone());
        self.shared.crew.give(Job { path, print, state, actions: Some(actions) });
    }

    #[cold]
    fn poll(&mut self) {
        self.until_poll = POLL;
        let depth = (self.path.len() + self.frames.len()) as u32;
        let unique = self.shared.search.control.unique();
        let progress = Progress { unique, frontier: self.frames.len() as u64, depth };
        let frames = self.frames.len() + self.spare.len();
        let bytes = self.seen.bytes()
            + (frames * size_of::<Frame<M::State>>()) as u64
            + (self.actions.len() * size_of::<Claim<M::Action>>()) as u64;
        self.shared.search.control.poll(bytes, Some(progress));
    }
}
