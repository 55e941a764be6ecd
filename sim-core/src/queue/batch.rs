//! The batch: the events whose time has come, in order.

use super::pool::{List, Pool};
use super::{Entry, Key};

/// Up to so many events insertion alone sorts.
const INSERTION_MAX: usize = 24;

/// At most so many items are shown at once.
const SHOWN: usize = 32;

/// Entries in order, taken from the front.
#[derive(Clone, Debug)]
pub(super) struct Batch<T> {
    entries: Vec<Entry<T>>,
    /// The first entry that was not taken yet.
    next: usize,
    /// The first entry that was not shown yet.
    pub shown: usize,
    /// How many entries a slot of time has, then where it ends.
    slots: Vec<u32>,
}

impl<T: Copy> Default for Batch<T> {
    fn default() -> Self {
        Batch { entries: Vec::new(), next: 0, shown: 0, slots: Vec::new() }
    }
}

impl<T: Copy> Batch<T> {
    /// How many entries are left.
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len() - self.next
    }

    /// The next entry.
    #[inline]
    pub fn first(&self) -> Option<&Entry<T>> {
        self.entries.get(self.next)
    }

    /// Takes the next entry, which exists.
    #[inline]
    pub fn advance(&mut self) {
        self.next += 1;
    }

    /// Whether everything that may be shown was shown.
    #[inline]
    pub fn shows_nothing_new(&self) -> bool {
        self.next < self.shown
    }

    /// The entries that are left.
    pub fn rest(&self) -> &[Entry<T>] {
        &self.entries[self.next..]
    }

    /// Shows the next few entries.
    pub fn show(&mut self) -> &[Entry<T>] {
        let from = self.next.max(self.shown);
        self.shown = self.entries.len().min(self.next + SHOWN);
        &self.entries[from.min(self.shown)..self.shown]
    }

    /// Drops what is left.
    pub fn clear(&mut self) {
        self.entries.clear();
        (self.next, self.shown) = (0, 0);
    }

    /// Keeps some of the entries that are left.
    pub fn retain(&mut self, keep: &mut impl FnMut(&T) -> bool) {
        let mut kept = 0;
        let mut shown = 0;
        for i in self.next..self.entries.len() {
            if keep(&self.entries[i].item) {
                self.entries[kept] = self.entries[i];
                kept += 1;
                shown += usize::from(i < self.shown);
            }
        }
        self.entries.truncate(kept);
        (self.next, self.shown) = (0, shown);
    }

    /// Loads and empties a list, all of it from `start` to `last`.
    ///
    /// The entries are counted into slots of time and dealt in place, which leaves little to sort;
    /// entries of one slot keep their order, so that ties mostly are in order from the start.
    pub fn load(&mut self, pool: &mut Pool<T>, list: &mut List, start: u64, last: u64) {
        (self.next, self.shown) = (0, 0);
        let crowded = if list.len() <= INSERTION_MAX || start == last {
            self.copy(pool, list)
        } else {
            self.deal(pool, list, start, last)
        };
        pool.free(list);
        if crowded {
            self.entries.sort_unstable_by_key(Entry::key);
        } else {
            insertion_sort(&mut self.entries);
        }
    }

    /// Tells whether that is too much for insertion.
    fn copy(&mut self, pool: &Pool<T>, list: &List) -> bool {
        self.entries.clear();
        for chunk in pool.chunks(list) {
            self.entries.extend_from_slice(chunk);
        }
        self.entries.len() > INSERTION_MAX
    }

    /// Counting sort by slot, about one for every entry; tells whether some slot is too much for
    /// insertion.
    fn deal(&mut self, pool: &Pool<T>, list: &List, start: u64, last: u64) -> bool {
        let total = list.len();
        let slots_max = total.next_power_of_two();
        let shift = ((last - start).ilog2() + 1).saturating_sub(slots_max.ilog2());
        let slot = |entry: &Entry<T>| ((entry.time - start) >> shift) as usize;
        self.slots.clear();
        self.slots.resize(slots_max, 0);
        let slots = &mut self.slots[..];
        let mut filler = None;
        for entry in pool.chunks(list).flatten() {
            slots[slot(entry)] += 1;
            filler = Some(*entry);
        }
        let (mut end, mut most) = (0, 0);
        for slot in slots.iter_mut() {
            let count = std::mem::replace(slot, end);
            end += count;
            most = most.max(count);
        }
        self.entries.truncate(total);
        self.entries.resize(total, filler.expect("not empty"));
        for entry in pool.chunks(list).flatten() {
            let place = &mut slots[slot(entry)];
            self.entries[*place as usize] = *entry;
            *place += 1;
        }
        most as usize > INSERTION_MAX
    }
}

/// For what is nearly sorted, or short.
fn insertion_sort<T: Copy>(entries: &mut [Entry<T>]) {
    for i in 1..entries.len() {
        let entry = entries[i];
        let key: Key = entry.key();
        let mut hole = i;
        while hole > 0 && entries[hole - 1].key() > key {
            entries[hole] = entries[hole - 1];
            hole -= 1;
        }
        entries[hole] = entry;
    }
}
