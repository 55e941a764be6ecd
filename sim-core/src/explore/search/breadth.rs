//! Breadth-first search, level by level.
//!
//! Each state keeps its level and, of all states of the level before that lead to it, the one with the
//! least fingerprint: neither depends on who comes first. So a path does not depend on the number of
//! threads. A level is always finished, breach or not, and so the counts do not depend on it either.

use std::mem;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::super::fingerprint::fingerprint;
use super::super::model::Model;
use super::super::options::Progress;
use super::super::outcome::Cut;
use super::super::table::{Seen, Table};
use super::control::Quota;
use super::{Counts, NONE, Search, Visited};

/// States that wait, with their fingerprints. Threads take as many at once.
type Chunk<S> = Vec<(u64, S)>;
const CHUNK: usize = 256;

/// The lower bits of a link: a level; the upper ones are those of the parent's fingerprint.
const LEVEL: u64 = 0xffff;

fn link(parent: u64, level: u32) -> u64 {
    parent & !LEVEL | u64::from(level).min(LEVEL)
}

/// Keeps the lesser of two parents of the same level. Levels too great to tell apart keep the first.
/// Whether they are of the same level is anybody's guess, so there is no branch to guess it.
#[inline]
fn keep_least(old: &mut u64, new: u64) {
    let same_level = (*old ^ new) & LEVEL == 0 && new & LEVEL != LEVEL;
    let candidate = new | u64::from(same_level).wrapping_sub(1);
    *old = candidate.min(*old);
}

pub(super) fn run<M: Model>(search: &Search<'_, M>) -> Visited {
    let mut table = Table::new();
    let mut found = vec![None; search.properties.len()];
    let mut worker = Worker::new(search, search.open(&found));
    worker.begin(&mut Seen::Own(&mut table));
    let mut level = 0;
    loop {
        let decided = worker.decided.iter().enumerate();
        let decided: Vec<_> = decided.filter_map(|(i, print)| Some((i, (*print)?))).collect();
        for (property, print) in decided {
            found[property] = Some(path(&table, print));
        }
        worker.open = search.open(&found);
        worker.decided.fill(None);
        if search.enough(&found) {
            search.control.cut(Cut::Decided);
        }
        let frontier = mem::take(&mut worker.next);
        if frontier.is_empty() || search.control.halted() {
            break;
        }
        if level == search.options.depth_max {
            search.control.cut(Cut::Depth);
            break;
        }
        if search.options.threads > 1 && frontier.len() > 1 {
            table = in_parallel(&mut worker, table, frontier, level);
        } else {
            worker.work(&mut Seen::Own(&mut table), &Mutex::new(frontier), level);
        }
        level += 1;
    }
    Visited { counts: worker.counts, table_bytes: table.bytes(), found }
}

/// Has several threads expand a level. What they found ends up with `first`.
fn in_parallel<M: Model>(
    first: &mut Worker<'_, M>,
    table: Table<u64>,
    frontier: Vec<Chunk<M::State>>,
    level: u32,
) -> Table<u64> {
    let (search, open) = (first.search, first.open.clone());
    let (shared, frontier) = (table.share(), Mutex::new(frontier));
    let work =
        |worker: &mut Worker<'_, M>| worker.work(&mut Seen::Shared(&shared), &frontier, level);
    thread::scope(|scope| {
        let other = || {
            let mut worker = Worker::new(search, open.clone());
            work(&mut worker);
            worker
        };
        let others: Vec<_> = (1..search.options.threads).map(|_| scope.spawn(other)).collect();
        work(first);
        for other in others {
            match other.join() {
                Ok(other) => first.absorb(other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    shared.own()
}

/// The fingerprints from an initial state to the one with this fingerprint.
fn path(table: &Table<u64>, print: u64) -> Vec<u64> {
    let mut prints = vec![print];
    let exact = table.range(print, print);
    let mut link = exact.first().expect("what was found was put in").1;
    while link & LEVEL != 0 {
        let level = link & LEVEL;
        let candidates = table.range(link & !LEVEL, link | LEVEL);
        let above =
            |other: u64| other & LEVEL == level - 1 || (other & LEVEL) == LEVEL && level == LEVEL;
        let Some(parent) = candidates.into_iter().find(|(_, other)| above(*other)) else { break };
        prints.push(parent.0);
        link = parent.1;
    }
    prints.reverse();
    prints
}

/// A thread.
struct Worker<'a, M: Model> {
    search: &'a Search<'a, M>,
    counts: Counts,
    quota: Quota,
    /// The properties to look at.
    open: Vec<usize>,
    /// For each property the least fingerprint of a state of this level that decides it.
    decided: Vec<Option<u64>>,
    /// States for the next level; all chunks but the last are full.
    next: Vec<Chunk<M::State>>,
    /// Consumed states, whose memory serves again.
    spare: Vec<M::State>,
    actions: Vec<M::Action>,
    prints: Vec<u64>,
    /// Of no interest, but looking is.
    touched: usize,
}

impl<'a, M: Model> Worker<'a, M> {
    fn new(search: &'a Search<'a, M>, open: Vec<usize>) -> Self {
        Worker {
            search,
            counts: Counts::default(),
            quota: Quota::default(),
            open,
            decided: vec![None; search.properties.len()],
            next: Vec::new(),
            spare: Vec::new(),
            actions: Vec::new(),
            prints: Vec::new(),
            touched: 0,
        }
    }

    /// Puts the initial states in.
    fn begin(&mut self, seen: &mut Seen<'_, u64>) {
        for (print, state) in self.search.initial() {
            self.counts.generated += 1;
            if seen.visit(print, link(0, 0), |_| ()) {
                self.welcome(print, &state, 0);
            }
            self.search.compare(print, &state);
        }
    }

    /// Expands chunks until there are none.
    fn work(
        &mut self,
        seen: &mut Seen<'_, u64>,
        frontier: &Mutex<Vec<Chunk<M::State>>>,
        level: u32,
    ) {
        let Some(mut chunk) = take(frontier) else { return };
        let mut scratch = chunk[0].1.clone();
        loop {
            for (print, state) in &chunk {
                if self.search.control.halted() {
                    return;
                }
                self.expand(seen, *print, state, &mut scratch, level + 1);
            }
            self.spare.truncate(CHUNK);
            self.spare.extend(chunk.drain(..).map(|(_, state)| state));
            self.poll(seen, frontier, level);
            match take(frontier) {
                Some(more) => chunk = more,
                None => return,
            }
        }
    }

    /// Generates the successors of a state, each in `scratch`. All are fingerprinted before any is
    /// looked up, so that the look-ups wait for memory together.
    fn expand(
        &mut self,
        seen: &mut Seen<'_, u64>,
        print: u64,
        state: &M::State,
        scratch: &mut M::State,
        level: u32,
    ) {
        let search = self.search;
        let model = search.model;
        let link = link(print, level);
        let mut prints = mem::take(&mut self.prints);
        let mut actions = mem::take(&mut self.actions);
        model.actions(state, &mut actions);
        scratch.clone_from(state);
        for action in &actions {
            if !model.apply(scratch, action) {
                scratch.clone_from(state);
                prints.push(NONE);
                continue;
            }
            self.counts.generated += 1;
            search.represent(scratch);
            let print = fingerprint(scratch);
            search.compare(print, scratch);
            search.restore(scratch, state, action);
            prints.push(print);
        }
        self.touched += seen.touch(&prints);
        for print in &mut prints {
            if *print != NONE && !seen.visit(*print, link, |old| keep_least(old, link)) {
                *print = NONE;
            }
        }
        for (print, action) in prints.iter().zip(&actions).filter(|(print, _)| **print != NONE) {
            model.apply(scratch, action);
            search.represent(scratch);
            self.welcome(*print, scratch, level);
            search.restore(scratch, state, action);
        }
        actions.clear();
        prints.clear();
        (self.actions, self.prints) = (actions, prints);
    }

    /// Counts and judges a new state, and lets it wait for the next level.
    fn welcome(&mut self, print: u64, state: &M::State, level: u32) {
        if !self.quota.take(&self.search.control) {
            return;
        }
        self.counts.unique += 1;
        self.counts.depth = level;
        for &property in &self.open {
            let least = &mut self.decided[property];
            if least.is_none_or(|least| print < least) && self.search.decides(property, state) {
                *least = Some(print);
            }
        }
        if !self.search.model.within(state) {
            return self.search.control.cut(Cut::Outside);
        }
        let kept = match self.spare.pop() {
            Some(mut spare) => {
                spare.clone_from(state);
                spare
            }
            None => state.clone(),
        };
        match self.next.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push((print, kept)),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push((print, kept));
                self.next.push(chunk);
            }
        }
    }

    /// Tells how far the search is, once a chunk.
    fn poll(&self, seen: &Seen<'_, u64>, frontier: &Mutex<Vec<Chunk<M::State>>>, depth: u32) {
        let waiting = frontier.lock().unwrap_or_else(PoisonError::into_inner).len();
        let waiting = ((waiting + self.next.len()) * CHUNK) as u64;
        let bytes = seen.bytes() + waiting * size_of::<(u64, M::State)>() as u64;
        let unique = self.search.control.unique();
        let progress = Progress { unique, frontier: waiting, depth };
        self.search.control.poll(bytes, Some(progress));
    }

    /// Takes over what another thread has.
    fn absorb(&mut self, other: Self) {
        self.counts.add(other.counts);
        other.quota.give_back(&self.search.control);
        self.next.extend(other.next);
        for (mine, theirs) in self.decided.iter_mut().zip(other.decided) {
            *mine = [*mine, theirs].into_iter().flatten().min();
        }
    }
}

fn take<S>(frontier: &Mutex<Vec<Chunk<S>>>) -> Option<Chunk<S>> {
    frontier.lock().unwrap_or_else(PoisonError::into_inner).pop()
}
