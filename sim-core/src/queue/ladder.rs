//! A ladder of rungs for many events: unsorted buckets of time that are dealt into finer ones only
//! when their time has come, so that an event is touched a few times in all, and mostly in cache.
//!
//! After the ladder queue of Tang, Goh & Thng (ACM TOMACS 15(3), 2005). Unlike there every rung
//! has a list of its own for what lies beyond its buckets, and their width follows the earliest
//! events, not all: a few far ones do not make the buckets of the near ones too wide.

use super::Entry;
use super::batch::Batch;
use super::pool::{List, Pool};

/// A bucket with more events is dealt into finer ones, unless it is one nanosecond wide.
const BATCH_MAX: usize = 2048;

/// So many events should be in each of the earliest buckets: a small part of all within these
/// bounds, so that few events are added behind a batch's end.
const PARTS: usize = 64;
const TARGET_MIN: usize = 16;
const TARGET_MAX: usize = 512;

/// At most so many buckets a rung.
const BUCKETS_MAX: usize = 1 << 11;

/// So many times are looked at for a width.
const SAMPLE: usize = 64;

/// A stretch of time: buckets of equal width, and all that comes after them.
#[derive(Clone, Debug)]
struct Rung {
    start: u64,
    /// A bucket is `1 << shift` nanoseconds wide.
    shift: u32,
    /// The first bucket that was not taken yet.
    next: usize,
    buckets: Vec<List>,
    /// Events behind the last bucket.
    beyond: List,
    /// The last instant of this rung.
    last: u64,
}

impl Rung {
    fn new(last: u64) -> Self {
        Rung { start: 0, shift: 0, next: 0, buckets: Vec::new(), beyond: List::EMPTY, last }
    }

    /// Where an event of this rung belongs.
    #[inline]
    fn list(&mut self, time: u64) -> &mut List {
        let index = (time - self.start) >> self.shift;
        if index < self.buckets.len() as u64 {
            &mut self.buckets[index as usize]
        } else {
            &mut self.beyond
        }
    }

    /// The last instant of a bucket.
    fn last_of(&self, bucket: usize) -> u64 {
        let end = u128::from(self.start) + ((bucket as u128 + 1) << self.shift) - 1;
        u64::try_from(end).unwrap_or(u64::MAX).min(self.last)
    }

    fn lists(&mut self) -> impl Iterator<Item = &mut List> {
        self.buckets.iter_mut().chain([&mut self.beyond])
    }
}

/// Events that are not due soon.
#[derive(Clone, Debug)]
pub(super) struct Ladder<T> {
    /// Coarsest first; the first one reaches to the end of time.
    rungs: Vec<Rung>,
    pool: Pool<T>,
    len: usize,
    /// The buckets of used-up rungs, for their memory.
    spare: Vec<Vec<List>>,
}

impl<T: Copy> Default for Ladder<T> {
    fn default() -> Self {
        Ladder { rungs: vec![], pool: Pool::default(), len: 0, spare: vec![] }
    }
}

impl<T: Copy> Ladder<T> {
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds an event that is later than the last batch taken.
    #[inline(never)]
    pub fn push(&mut self, time: u64, sequence: u64, item: T) {
        self.len += 1;
        for rung in self.rungs.iter_mut().rev() {
            if time <= rung.last {
                return self.pool.push(rung.list(time), time, sequence, item);
            }
        }
        unreachable!("the first rung reaches to the end of time");
    }

    /// Adds a rung for events up to `last`, all of which are earlier than those of other rungs.
    pub fn add_rung(&mut self, last: u64, entries: impl Iterator<Item = Entry<T>>) {
        let mut rung = Rung::new(last);
        for entry in entries {
            self.pool.push(&mut rung.beyond, entry.time, entry.sequence, entry.item);
        }
        self.len += rung.beyond.len();
        self.rungs.push(rung);
    }

    /// Loads the next batch: all events up to the instant returned. `None` if there is none.
    pub fn take(&mut self, batch: &mut Batch<T>) -> Option<u64> {
        loop {
            let rung = self.rungs.last_mut()?;
            while rung.buckets.get(rung.next).is_some_and(|bucket| bucket.len() == 0) {
                rung.next += 1;
            }
            let Some(bucket) = rung.buckets.get(rung.next) else {
                if rung.beyond.len() > 0 {
                    self.deal();
                } else if self.rungs.len() > 1 {
                    self.spare.extend(self.rungs.pop().map(|rung| rung.buckets));
                } else {
                    return None;
                }
                continue;
            };
            let taken = rung.next;
            rung.next += 1;
            let last = rung.last_of(taken);
            if bucket.len() > BATCH_MAX && rung.shift > 0 {
                let beyond = std::mem::replace(&mut rung.buckets[taken], List::EMPTY);
                self.rungs.push(Rung { beyond, ..Rung::new(last) });
                continue;
            }
            self.len -= bucket.len();
            let start = rung.start + ((taken as u64) << rung.shift);
            batch.load(&mut self.pool, &mut rung.buckets[taken], start, last);
            return Some(last);
        }
    }

    /// Deals what lies beyond the buckets of the finest rung into new ones.
    fn deal(&mut self) {
        let rung = self.rungs.last_mut().expect("there is one");
        let mut beyond = std::mem::replace(&mut rung.beyond, List::EMPTY);
        let (first, shift, count) = layout(&self.pool, &beyond);
        let count = ((rung.last - first) >> shift).saturating_add(1).min(count as u64) as usize;
        (rung.start, rung.shift, rung.next) = (first, shift, 0);
        if rung.buckets.capacity() == 0 {
            rung.buckets = self.spare.pop().unwrap_or_default();
        }
        rung.buckets.clear();
        rung.buckets.resize(count, List::EMPTY);
        while let Some((entries, count)) = self.pool.take_chunk(&mut beyond) {
            for entry in &entries[..count] {
                let Entry { time, sequence, item } = *entry;
                self.pool.push(rung.list(time), time, sequence, item);
            }
        }
    }

    /// Keeps some events.
    pub fn retain(&mut self, keep: &mut dyn FnMut(&T) -> bool) {
        self.len = 0;
        for rung in &mut self.rungs {
            for list in rung.lists() {
                self.pool.retain(list, keep);
                self.len += list.len();
            }
        }
    }

    /// How many entries there is memory for.
    #[cfg(test)]
    pub fn capacity(&self) -> usize {
        self.pool.capacity()
    }

    /// Drops all events but keeps the memory.
    pub fn clear(&mut self) {
        self.spare.extend(self.rungs.drain(..).map(|rung| rung.buckets));
        self.pool.clear();
        self.len = 0;
    }
}

/// Start, shift and number of buckets that suit a list, which is not empty.
///
/// Half of the list at least should fall into the buckets, lest the rest be dealt too often.
fn layout<T: Copy>(pool: &Pool<T>, list: &List) -> (u64, u32, usize) {
    let (mut first, mut last) = (u64::MAX, 0);
    let mut sample = [0; SAMPLE];
    let len = list.len();
    let (stride, mut sampled) = (len.div_ceil(SAMPLE), 0);
    for (i, entry) in pool.chunks(list).flatten().enumerate() {
        first = first.min(entry.time);
        last = last.max(entry.time);
        if i % stride == 0 {
            sample[sampled] = entry.time;
            sampled += 1;
        }
    }
    let sample = &mut sample[..sampled];
    sample.sort_unstable();
    let (quarter, half) = (sample[sampled / 4] - first, sample[sampled / 2] - first);
    let target = (len / PARTS).clamp(TARGET_MIN, TARGET_MAX);
    let count = (16 * len / target + 16).min(BUCKETS_MAX);
    let near = u128::from(quarter) * 4 * target as u128 / len as u128;
    let width = near.max(u128::from(half) / count as u128 + 1);
    let shift =
        (width.next_power_of_two().ilog2()).min((last - first).checked_ilog2().unwrap_or(0));
    (first, shift, count)
}
