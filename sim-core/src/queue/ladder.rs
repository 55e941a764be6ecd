//! A ladder of rungs for many events: unsorted buckets of time that are dealt into finer ones only
//! when their time has come, so that an event is touched a few times in all, and mostly in cache.
//!
//! After the ladder queue of Tang, Goh & Thng (ACM TOMACS 15(3), 2005); widths are powers of two,
//! so that a rung covers its parent's bucket exactly.

use super::{Entry, time_of};

/// A bucket with more events is dealt into finer ones, unless it is one nanosecond wide.
const BUCKET_MAX: usize = 48;

/// Events a bucket when a bucket is dealt into finer ones.
const FINE: usize = 8;

/// Events a bucket when everything is dealt for the first time: few enough buckets for their ends
/// to stay in cache.
const COARSE: usize = 2048;

/// At most so many buckets a rung.
const BUCKETS_BITS_MAX: u32 = 12;

/// A stretch of time cut into buckets of equal width.
#[derive(Clone, Debug)]
struct Rung<T> {
    start: u64,
    /// A bucket is `1 << shift` nanoseconds wide.
    shift: u32,
    /// The first bucket that was not taken yet.
    next: usize,
    buckets: Vec<Vec<Entry<T>>>,
}

impl<T: Copy> Rung<T> {
    #[inline]
    fn index(&self, time: u64) -> u64 {
        (time - self.start) >> self.shift
    }

    /// The last instant of a bucket.
    fn last_of(&self, bucket: usize) -> u64 {
        let end = u128::from(self.start) + ((bucket as u128 + 1) << self.shift) - 1;
        u64::try_from(end).unwrap_or(u64::MAX)
    }
}

/// Events that are not due soon.
#[derive(Clone, Debug)]
pub(super) struct Ladder<T> {
    /// Coarsest first.
    rungs: Vec<Rung<T>>,
    /// Beyond all rungs.
    far: Vec<Entry<T>>,
    len: usize,
    /// Used-up rungs, for their memory.
    spare: Vec<Rung<T>>,
}

impl<T: Copy> Default for Ladder<T> {
    fn default() -> Self {
        Ladder { rungs: Vec::new(), far: Vec::new(), len: 0, spare: Vec::new() }
    }
}

impl<T: Copy> Ladder<T> {
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds an event that is later than the last batch taken.
    #[inline]
    pub fn push(&mut self, entry: Entry<T>) {
        self.len += 1;
        let time = time_of(entry.key).as_nanos();
        for rung in self.rungs.iter_mut().rev() {
            let index = rung.index(time);
            if let Some(bucket) = rung.buckets.get_mut(index as usize) {
                bucket.push(entry);
                return;
            }
        }
        self.far.push(entry);
    }

    /// Where entries may be put in bulk while the ladder has no rungs.
    pub fn far(&mut self) -> &mut Vec<Entry<T>> {
        debug_assert!(self.rungs.is_empty(), "only before the first rung");
        &mut self.far
    }

    /// Deals what was put in bulk.
    pub fn deal(&mut self) {
        self.len = self.far.len();
        if let Some((first, last)) = extent(&self.far) {
            let buckets = (self.far.len() / COARSE).clamp(16, 1 << BUCKETS_BITS_MAX) as u64;
            let shift = u64::BITS - ((last - first) / buckets).leading_zeros();
            let count = ((last - first) >> shift) as usize + 1;
            let rung = self.rung(first, shift, count);
            self.rungs.push(rung);
            let mut far = std::mem::take(&mut self.far);
            self.scatter(&mut far);
            self.far = far;
        }
    }

    /// Takes the next batch into `batch`, which is empty: all events up to the instant returned.
    /// `None` if there is none.
    pub fn take(&mut self, batch: &mut Vec<Entry<T>>) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        loop {
            let Some(rung) = self.rungs.last_mut() else {
                self.deal();
                continue;
            };
            while rung.buckets.get(rung.next).is_some_and(Vec::is_empty) {
                rung.next += 1;
            }
            if rung.next == rung.buckets.len() {
                self.spare.extend(self.rungs.pop());
                continue;
            }
            let taken = rung.next;
            rung.next += 1;
            let (last, shift) = (rung.last_of(taken), rung.shift);
            if rung.buckets[taken].len() <= BUCKET_MAX || shift == 0 {
                std::mem::swap(batch, &mut rung.buckets[taken]);
                self.len -= batch.len();
                return Some(last);
            }
            let start = rung.start + ((taken as u64) << shift);
            let mut bucket = std::mem::take(&mut rung.buckets[taken]);
            let bits = (bucket.len() / FINE).ilog2().min(BUCKETS_BITS_MAX).min(shift);
            let finer = self.rung(start, shift - bits, 1 << bits);
            self.rungs.push(finer);
            self.scatter(&mut bucket);
        }
    }

    /// Deals entries into the finest rung, which covers them.
    fn scatter(&mut self, entries: &mut Vec<Entry<T>>) {
        let rung = self.rungs.last_mut().expect("just added");
        for entry in entries.drain(..) {
            let index = rung.index(time_of(entry.key).as_nanos());
            rung.buckets[index as usize].push(entry);
        }
    }

    /// An empty rung, from used-up memory if there is some.
    fn rung(&mut self, start: u64, shift: u32, count: usize) -> Rung<T> {
        let mut buckets = self.spare.pop().map_or_else(Vec::new, |rung| rung.buckets);
        buckets.resize_with(count, Vec::new);
        Rung { start, shift, next: 0, buckets }
    }
}

/// The first and the last instant of some entries.
fn extent<T>(entries: &[Entry<T>]) -> Option<(u64, u64)> {
    let times = || entries.iter().map(|entry| time_of(entry.key).as_nanos());
    Some((times().min()?, times().max()?))
}
