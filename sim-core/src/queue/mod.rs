//! The event queue: a priority queue ordered by (time, sequence), first in first out among ties.
//!
//! While few events wait it is a heap. Beyond a few thousand the heap's memory no longer stays in
//! cache, and most events go into a ladder of unsorted buckets instead; only those of the bucket
//! whose time has come are sorted, and what is added behind that instant goes into the heap. There
//! is nothing to tune: widths follow the events, and no distribution of times costs more than a
//! heap would by more than a constant.

mod heap;
mod ladder;

use seedbed_node::Time;

use heap::Heap;
use ladder::Ladder;

/// (time, sequence) as one number.
type Key = u128;

#[inline]
fn key_of(time: Time, sequence: u64) -> Key {
    u128::from(time.as_nanos()) << 64 | u128::from(sequence)
}

#[inline]
fn time_of(key: Key) -> Time {
    Time((key >> 64) as u64)
}

/// What waits, and when. Items are small and `Copy`; messages stay in a slab.
#[derive(Clone, Copy, Debug)]
struct Entry<T> {
    key: Key,
    item: T,
}

/// More waiting events than this are too many for the heap alone.
const HEAP_MAX: usize = 6_000;

/// Fewer waiting events than this go back into the heap.
const LADDER_MIN: usize = 1_500;

/// A queue of events in order of (time, sequence).
#[derive(Clone, Debug)]
pub struct Queue<T> {
    /// The batch whose time has come: sorted, the next event last.
    batch: Vec<Entry<T>>,
    /// Events that were added up to `horizon`.
    heap: Heap<T>,
    /// Events later than `horizon`.
    ladder: Ladder<T>,
    /// The last instant of the batch; the end of time while the heap has everything.
    horizon: Time,
}

impl<T: Copy> Default for Queue<T> {
    fn default() -> Self {
        Queue {
            batch: Vec::new(),
            heap: Heap::default(),
            ladder: Ladder::default(),
            horizon: Time::MAX,
        }
    }
}

impl<T: Copy> Queue<T> {
    /// Drops every event.
    pub fn clear(&mut self) {
        *self = Queue::default();
    }

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
        let batch = self.batch.last().map(|entry| entry.key);
        batch.into_iter().chain(self.heap.least()).min().map(time_of)
    }

    /// Adds an event. Sequence numbers must differ for events of equal time.
    #[inline]
    pub fn push(&mut self, time: Time, sequence: u64, item: T) {
        let entry = Entry { key: key_of(time, sequence), item };
        if time > self.horizon {
            return self.ladder.push(entry);
        }
        self.heap.push(entry);
        if self.horizon == Time::MAX && self.heap.len() > HEAP_MAX {
            self.climb();
        }
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, u64, T)> {
        self.refill();
        let entry = match (self.batch.last(), self.heap.least()) {
            (Some(next), Some(least)) if least < next.key => self.heap.pop(),
            (Some(_), _) => self.batch.pop(),
            (None, _) => self.heap.pop(),
        }?;
        Some((time_of(entry.key), entry.key as u64, entry.item))
    }

    /// Gets the next batch once everything up to the horizon is gone.
    #[inline]
    fn refill(&mut self) {
        if self.batch.is_empty() && self.heap.len() == 0 && self.ladder.len() > 0 {
            self.advance();
        }
    }

    #[cold]
    fn advance(&mut self) {
        if self.ladder.len() < LADDER_MIN {
            return self.descend();
        }
        if let Some(last) = self.ladder.take(&mut self.batch) {
            self.horizon = Time(last);
            self.batch.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.key));
        }
    }

    /// From a heap to a ladder.
    #[cold]
    fn climb(&mut self) {
        self.heap.drain_into(self.ladder.far());
        self.ladder.deal();
        self.horizon = Time::ZERO;
        self.advance();
    }

    /// From a ladder back to a heap.
    fn descend(&mut self) {
        while self.ladder.take(&mut self.batch).is_some() {
            for entry in self.batch.drain(..) {
                self.heap.push(entry);
            }
        }
        self.horizon = Time::MAX;
    }
}

#[cfg(test)]
mod tests;
