//! Random walks: for what is too large to visit.
//!
//! A walk's draws depend on the seed and its number alone, and of several breaches that of the walk
//! with the least number counts; walks are made in batches that are always finished. So neither the
//! counts nor the path depend on the number of threads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::super::fingerprint::{fingerprint, mixed};
use super::super::model::Model;
use super::super::options::Progress;
use super::super::outcome::Cut;
use super::super::table::{SharedTable, Table};
use super::control::Quota;
use super::{Counts, Search, Visited};

/// Walks between two looks at what has been found.
const BATCH: u64 = 64;

pub(super) fn run<M: Model>(search: &Search<'_, M>, seed: u64, walks: u64, steps: u32) -> Visited {
    search.control.cut(Cut::Random);
    let seen = Table::new().share();
    let mut counts = Counts::default();
    let mut found = vec![None; search.properties.len()];
    let initial = search.initial();
    for first in (0..walks).step_by(BATCH as usize) {
        let next = AtomicU64::new(first);
        let open = search.open(&found);
        let work = || {
            let mut walker = Walker::new(search, &seen, &open);
            loop {
                let walk = next.fetch_add(1, Ordering::Relaxed);
                if walk >= walks.min(first.saturating_add(BATCH)) || search.control.halted() {
                    return walker;
                }
                walker.walk(&initial, mixed(seed ^ mixed(walk)), walk, steps);
            }
        };
        let walkers =
            if search.options.threads == 1 { vec![work()] } else { in_parallel(search, &work) };
        for (property, found) in found.iter_mut().enumerate().filter(|(_, found)| found.is_none()) {
            let decided = walkers.iter().filter_map(|walker| walker.decided[property].as_ref());
            *found = decided.min_by_key(|(walk, _)| *walk).map(|(_, path)| path.clone());
        }
        for walker in walkers {
            counts.add(walker.counts);
            walker.quota.give_back(&search.control);
        }
        if search.enough(&found) {
            search.control.cut(Cut::Decided);
        }
        let progress = Progress { unique: counts.unique, frontier: 0, depth: counts.depth };
        search.control.poll(seen.bytes(), Some(progress));
        if search.control.halted() {
            break;
        }
    }
    Visited { counts, table_bytes: seen.bytes(), found }
}

fn in_parallel<'a, M: Model>(
    search: &Search<'_, M>,
    work: &(impl Fn() -> Walker<'a, M> + Sync),
) -> Vec<Walker<'a, M>> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..search.options.threads).map(|_| scope.spawn(work)).collect();
        let joined = threads.into_iter().map(|thread| match thread.join() {
            Ok(walker) => walker,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect()
    })
}

/// A thread.
struct Walker<'a, M: Model> {
    search: &'a Search<'a, M>,
    seen: &'a SharedTable<()>,
    open: &'a [usize],
    counts: Counts,
    quota: Quota,
    /// For each property the least walk that decides it, and its path.
    decided: Vec<Option<(u64, Vec<u64>)>>,
    actions: Vec<M::Action>,
    path: Vec<u64>,
}

impl<'a, M: Model> Walker<'a, M> {
    fn new(search: &'a Search<'a, M>, seen: &'a SharedTable<()>, open: &'a [usize]) -> Self {
        Walker {
            search,
            seen,
            open,
            counts: Counts::default(),
            quota: Quota::default(),
            decided: vec![None; search.properties.len()],
            actions: Vec::new(),
            path: Vec::new(),
        }
    }

    fn walk(&mut self, initial: &[(u64, M::State)], key: u64, walk: u64, steps: u32) {
        if initial.is_empty() {
            return;
        }
        let mut draws = 0;
        let mut draw = |bound: usize| {
            draws += 1;
            ((u128::from(mixed(key.wrapping_add(draws))) * bound as u128) >> 64) as usize
        };
        let (print, state) = &initial[draw(initial.len())];
        let mut state = state.clone();
        self.path.clear();
        self.arrive(*print, &state, walk);
        for _ in 0..steps.min(self.search.options.depth_max) {
            if self.search.control.halted() {
                return;
            }
            if !self.search.model.within(&state) {
                return self.search.control.cut(Cut::Outside);
            }
            let Some(next) = self.successor(&state, &mut draw) else { return };
            state = next;
            self.arrive(fingerprint(&state), &state, walk);
        }
    }

    /// One of the successors, by chance.
    fn successor(
        &mut self,
        state: &M::State,
        draw: &mut impl FnMut(usize) -> usize,
    ) -> Option<M::State> {
        self.actions.clear();
        self.search.model.actions(state, &mut self.actions);
        while !self.actions.is_empty() {
            let action = self.actions.swap_remove(draw(self.actions.len()));
            let mut next = state.clone();
            if self.search.model.apply(&mut next, &action) {
                self.search.represent(&mut next);
                return Some(next);
            }
        }
        None
    }

    /// Counts and judges a state. Each walk judges all of its states, lest it depend on the others.
    fn arrive(&mut self, print: u64, state: &M::State, walk: u64) {
        self.counts.generated += 1;
        self.counts.depth = self.counts.depth.max(self.path.len() as u32);
        self.path.push(print);
        self.search.compare(print, state);
        if self.seen.visit(print, (), |()| ()) && self.quota.take(&self.search.control) {
            self.counts.unique += 1;
        }
        for &property in self.open {
            let decided = &mut self.decided[property];
            let later = decided.as_ref().is_none_or(|(least, _)| walk < *least);
            if later && self.search.decides(property, state) {
                *decided = Some((walk, self.path.clone()));
            }
        }
    }
}
