//! The batch: the events whose time has come, in order.

use super::pool::{List, Pool};
use super::{Entry, Key};

/// Up to so many events insertion alone sorts.
const INSERTION_MAX: usize = 24;

/// Where all that waits is in order, an entry that is put in its place moves at most so many others;
/// where that is a small part, it may move more.
const MOVED_MAX: usize = 32;
const MOVED_MAX_OF_PART: usize = 256;

/// While fewer wait, nothing is shown: it is in the cache anyway.
pub(super) const SHOWN_MIN: usize = 2_048;

/// So many entries are too many to go on adding some.
const ROOM_MAX: usize = 1 << 18;

/// At most so many items are shown at once.
const SHOWN: usize = 32;

/// Entries in order, taken from the front.
#[derive(Clone, Debug)]
pub(super) struct Batch<T> {
    entries: Vec<Entry<T>>,
    /// The first entry that was not taken yet.
    next: usize,
    /// The first entry that was not shown yet; the greatest number while nothing is shown.
    shown: usize,
    /// An entry that is put in its place moves at most so many others, or twice as many in the one
    /// direction that is always possible.
    moved_max: usize,
    /// How many entries a slot of time has, then where it ends.
    slots: Vec<u32>,
}

impl<T: Copy> Default for Batch<T> {
    fn default() -> Self {
        let (entries, slots) = Default::default();
        Batch { entries, next: 0, shown: 0, moved_max: MOVED_MAX, slots }
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

    /// Takes the next entry.
    #[inline(always)]
    pub fn take(&mut self) -> Option<Entry<T>> {
        let entry = *self.entries.get(self.next)?;
        self.next += 1;
        Some(entry)
    }

    /// Puts an entry in its place, unless too many would have to move for that.
    #[inline(always)]
    pub fn insert(&mut self, time: u64, sequence: u64, item: T) -> bool {
        let entry = Entry { time, sequence, item };
        match self.entries.last() {
            Some(last)
                if last.key() < entry.key() && self.entries.len() < self.entries.capacity() =>
            {
                self.entries.push(entry);
                true
            }
            _ => self.insert_with_care(time, sequence, item),
        }
    }

    #[inline(never)]
    fn insert_with_care(&mut self, time: u64, sequence: u64, item: T) -> bool {
        let entry = Entry { time, sequence, item };
        if self.entries.len() == self.entries.capacity() && !self.make_room() {
            return false;
        }
        let (left, moved_max) = (&self.entries[self.next..], self.moved_max);
        let key = entry.key();
        let place = if left.len() <= 2 * moved_max {
            place_of(&entry, left)
        } else if left[moved_max].key() > key {
            place_of(&entry, &left[..moved_max])
        } else {
            let near_end = left.len() - moved_max;
            if left[near_end].key() > key {
                return false;
            }
            near_end + place_of(&entry, &left[near_end..])
        };
        let at = self.next + place;
        if self.next > 0 && place < left.len() - place {
            self.entries.copy_within(self.next..at, self.next - 1);
            self.next -= 1;
            self.entries[at - 1] = entry;
        } else if left.len() - place > 2 * moved_max {
            return false;
        } else {
            self.entries.insert(at, entry);
            self.shown = self.shown.saturating_add(usize::from(at < self.shown));
        }
        true
    }

    /// Uses the room of entries that were taken, if that is a half, or makes more, up to a limit.
    #[cold]
    fn make_room(&mut self) -> bool {
        let (taken, used) = (self.next, self.entries.len());
        if 2 * taken < used.max(1) {
            self.entries.reserve(used.max(2 * MOVED_MAX));
        } else {
            self.entries.drain(..taken);
            self.next = 0;
            if self.shown != usize::MAX {
                self.shown = self.shown.saturating_sub(taken);
            }
        }
        if self.shown == usize::MAX && self.len() > SHOWN_MIN {
            self.shown = self.next;
        }
        used < ROOM_MAX
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

    /// Shows nothing until there are many.
    pub fn hide(&mut self) {
        self.shown = usize::MAX;
    }

    /// From here on this is a part of what waits, or all.
    pub fn be_part(&mut self, part: bool) {
        self.moved_max = if part { MOVED_MAX_OF_PART } else { MOVED_MAX };
    }

    /// Keeps some of the entries that are left.
    pub fn retain(&mut self, keep: &mut dyn FnMut(&T) -> bool) {
        let mut kept = 0;
        let mut shown = 0;
        let hidden = self.shown == usize::MAX;
        for i in self.next..self.entries.len() {
            if keep(&self.entries[i].item) {
                self.entries[kept] = self.entries[i];
                kept += 1;
                shown += usize::from(i < self.shown);
            }
        }
        self.entries.truncate(kept);
        (self.next, self.shown) = (0, if hidden { usize::MAX } else { shown });
    }

    /// Loads and empties a list, all of it from `start` to `last` and behind what is left.
    ///
    /// The entries are counted into slots of time and dealt in place, which leaves little to sort;
    /// entries of one slot keep their order, so that ties mostly are in order from the start. What
    /// is all in order is only copied.
    pub fn load(&mut self, pool: &mut Pool<T>, list: &mut List, start: u64, last: u64) {
        let from = self.entries.len();
        let few = list.len() <= INSERTION_MAX;
        let sorted = !few && pool.entries(list).is_sorted_by_key(Entry::key);
        let crowded = if few || sorted || start == last {
            for chunk in pool.chunks(list) {
                self.entries.extend_from_slice(chunk);
            }
            !few
        } else {
            self.deal(pool, list, start, last)
        };
        pool.free(list);
        let loaded = &mut self.entries[from..];
        if crowded && !sorted {
            loaded.sort_unstable_by_key(Entry::key);
        } else if !sorted {
            insertion_sort(loaded);
        }
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
        for entry in pool.entries(list) {
            slots[slot(entry)] += 1;
            filler = Some(*entry);
        }
        let (mut end, mut most) = (0, 0);
        for slot in slots.iter_mut() {
            let count = std::mem::replace(slot, end);
            end += count;
            most = most.max(count);
        }
        let from = self.entries.len();
        self.entries.resize(from + total, filler.expect("not empty"));
        let dealt = &mut self.entries[from..];
        for entry in pool.entries(list) {
            let place = &mut slots[slot(entry)];
            dealt[*place as usize] = *entry;
            *place += 1;
        }
        most as usize > INSERTION_MAX
    }
}

/// How many of these come before an entry.
#[inline]
fn place_of<T: Copy>(entry: &Entry<T>, entries: &[Entry<T>]) -> usize {
    let place = entries.partition_point(|other| other.time <= entry.time);
    if place > 0 && entries[place - 1].key() > entry.key() {
        return entries.partition_point(|other| other.key() < entry.key());
    }
    place
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
