//! The event queue: a priority queue ordered by (time, sequence), first in first out among ties.
//!
//! While a few dozen events wait they are one sorted array. So they are while many wait that come
//! in order, as with equal delays: an event that goes to either end of the array, or near it, is
//! put in its place. Beyond, the branches of a heap, and later its cache misses, cost more than a
//! ladder of unsorted buckets: only the bucket whose time has come is sorted, into the array, which
//! is taken from the front. What is added up to the array's last instant and belongs deep inside
//! goes into a heap; if that grows, the array and the heap become a finer rung of the ladder. There
//! is nothing to tune: widths follow the events.
//!
//! An event takes the size of its entry, 24 bytes for an item of eight, and a share of the last
//! chunk of its bucket; buckets draw their chunks from one pool, which grows but never shrinks.

mod batch;
mod heap;
mod ladder;
mod pool;

use seedbed_node::Time;

use batch::{Batch, SHOWN_MIN};
use heap::Heap;
use ladder::Ladder;

/// (time, sequence) as one number.
type Key = u128;

/// What waits, and when. Items are small and `Copy`; messages stay in a slab.
#[derive(Clone, Copy, Debug)]
struct Entry<T> {
    time: u64,
    sequence: u64,
    item: T,
}

// Memory and its bandwidth are what a large queue costs.
const _: () = assert!(size_of::<Entry<[u32; 2]>>() == 24);

impl<T> Entry<T> {
    #[inline]
    fn key(&self) -> Key {
        u128::from(self.time) << 64 | u128::from(self.sequence)
    }
}

/// Fewer waiting events than this leave the ladder.
const LADDER_MIN: usize = 32;

/// More events than this are too many for the heap beside a ladder.
const HEAP_MAX: usize = 512;

/// A queue of events in order of (time, sequence).
#[derive(Clone, Debug)]
pub struct Queue<T> {
    /// The events whose time has come.
    batch: Batch<T>,
    /// Events up to `horizon` that were too far from either end of the batch.
    heap: Heap<T>,
    /// Events later than `horizon`.
    ladder: Ladder<T>,
    /// The last instant of the batch; the end of time while the batch has everything.
    horizon: u64,
    /// The heap is relieved once it has more events.
    heap_max: usize,
}

impl<T: Copy> Default for Queue<T> {
    fn default() -> Self {
        let mut queue = Queue {
            batch: Batch::default(),
            heap: Heap::default(),
            ladder: Ladder::default(),
            horizon: 0,
            heap_max: 0,
        };
        queue.begin();
        queue
    }
}

impl<T: Copy> Queue<T> {
    /// How many events wait.
    #[inline]
    pub fn len(&self) -> usize {
        self.batch.len() + self.heap.len() + self.ladder.len()
    }

    /// Whether no event waits.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When the next event is due.
    #[inline]
    pub fn next_time(&mut self) -> Option<Time> {
        self.refill();
        let key = self.batch.first().map_or(Key::MAX, Entry::key).min(self.heap.least());
        (key < Key::MAX).then_some(Time((key >> 64) as u64))
    }

    /// Adds an event. Sequence numbers must differ for events of equal time.
    #[inline(always)]
    pub fn push(&mut self, time: Time, sequence: u64, item: T) {
        // Parts, not an entry: one that is in memory would be read before it is written back.
        let time = time.as_nanos();
        if time > self.horizon {
            self.ladder.push(time, sequence, item);
        } else if !self.batch.insert(time, sequence, item) {
            self.push_inside(time, sequence, item);
        }
    }

    /// Adds an event up to the horizon that is too far from either end of the batch.
    #[inline(never)]
    fn push_inside(&mut self, time: u64, sequence: u64, item: T) {
        self.heap.push(Entry { time, sequence, item });
        if self.heap.len() > self.heap_max {
            self.relieve();
        }
    }

    /// Takes the next event.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<(Time, u64, T)> {
        if self.heap.len() == 0
            && let Some(next) = self.batch.take()
        {
            return Some((Time(next.time), next.sequence, next.item));
        }
        self.pop_with_care()
    }

    /// Takes the next event from batch or heap, or from the next batch.
    #[inline(never)]
    fn pop_with_care(&mut self) -> Option<(Time, u64, T)> {
        self.refill();
        let first = self.batch.first().map_or(Key::MAX, Entry::key);
        let next = if self.heap.least() < first { self.heap.pop() } else { self.batch.take() }?;
        Some((Time(next.time), next.sequence, next.item))
    }

    /// Shows items that are due soon, a few dozen at a time, so that the caller can touch the
    /// memory that they refer to before it needs it; to be called before every `pop`.
    ///
    /// Every item waits, and they are in order, but others may come in between: nothing is shown
    /// while few wait, nor what is added to what was shown. An item is shown once, or again if its
    /// batch went back into the ladder.
    #[inline]
    pub fn fresh(&mut self) -> Option<impl Iterator<Item = T> + '_> {
        if self.batch.shows_nothing_new() {
            return None;
        }
        self.show()
    }

    #[cold]
    fn show(&mut self) -> Option<impl Iterator<Item = T> + '_> {
        self.refill();
        if self.len() < SHOWN_MIN {
            self.batch.hide();
            return None;
        }
        Some(self.batch.show().iter().map(|entry| entry.item))
    }

    /// Drops the events whose items `keep` refuses, in time linear in all.
    pub fn retain(&mut self, keep: &mut dyn FnMut(&T) -> bool) {
        self.batch.retain(keep);
        self.heap.retain(keep);
        self.ladder.retain(keep);
    }

    /// Drops all events but keeps the memory, as if newly made otherwise.
    pub fn clear(&mut self) {
        self.batch.clear();
        self.heap.clear();
        self.ladder.clear();
        self.begin();
    }

    /// From here on the batch has everything, until it is too much.
    fn begin(&mut self) {
        self.batch.hide();
        self.batch.be_part(false);
        (self.horizon, self.heap_max) = (u64::MAX, 0);
    }

    /// Gets the next batch once everything up to the horizon is gone.
    #[inline]
    fn refill(&mut self) {
        if self.batch.len() == 0 && self.heap.len() == 0 && self.ladder.len() > 0 {
            self.advance();
        }
    }

    /// Loads the next batch.
    #[inline(never)]
    fn advance(&mut self) {
        if self.ladder.len() < LADDER_MIN {
            return self.descend();
        }
        self.batch.clear();
        if let Some(last) = self.ladder.take(&mut self.batch) {
            self.batch.be_part(true);
            (self.horizon, self.heap_max) = (last, HEAP_MAX);
        }
    }

    /// Moves everything up to the horizon into a new rung of the ladder, if that divides it.
    #[cold]
    fn relieve(&mut self) {
        let now = self.batch.first().map_or(Key::MAX, Entry::key).min(self.heap.least());
        if (now >> 64) as u64 == self.horizon {
            self.heap_max = usize::MAX;
            return;
        }
        let entries = self.batch.rest().iter().copied().chain(self.heap.entries());
        self.ladder.add_rung(self.horizon, entries);
        self.batch.clear();
        self.heap.clear();
        self.advance();
    }

    /// From a ladder back to an array.
    #[cold]
    fn descend(&mut self) {
        self.batch.clear();
        while self.ladder.take(&mut self.batch).is_some() {}
        self.ladder.clear();
        self.begin();
    }
}

#[cfg(test)]
mod tests;
