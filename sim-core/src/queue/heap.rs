//! A 4-ary implicit heap: for few events, and for those that are due soon.
//!
//! The keys of four siblings share one cache line, apart from their items; the least sibling is
//! selected without branches; a pop moves the hole to the bottom first and lifts the last entry
//! from there, because it belongs near the bottom (Wegener's bottom-up heapsort, TCS 1993).

use super::{Entry, Key};

/// No event has this key: it fills up groups of siblings.
const NONE: Key = Key::MAX;

const ARITY: usize = 4;

/// The keys of four siblings, in one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Siblings([Key; ARITY]);

/// Entries in order of their keys.
///
/// Entry `i` is at place `i + 3`, so that the children `4i + 1 ..= 4i + 4` are one group of four.
#[derive(Clone, Debug)]
pub(super) struct Heap<T> {
    keys: Vec<Siblings>,
    items: Vec<[T; ARITY]>,
    len: usize,
}

impl<T: Copy> Default for Heap<T> {
    fn default() -> Self {
        Heap { keys: Vec::new(), items: Vec::new(), len: 0 }
    }
}

/// Group and position of an entry.
#[inline]
fn place(entry: usize) -> (usize, usize) {
    ((entry + 3) / ARITY, (entry + 3) % ARITY)
}

#[inline]
fn entry<T>(key: Key, item: T) -> Entry<T> {
    Entry { time: (key >> 64) as u64, sequence: key as u64, item }
}

#[inline]
fn parent(entry: usize) -> usize {
    (entry - 1) / ARITY
}

impl<T: Copy> Heap<T> {
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The least key; the greatest of all if there is no entry.
    #[inline]
    pub fn least(&self) -> Key {
        self.keys.first().map_or(NONE, |root| root.0[3])
    }

    #[inline]
    pub fn push(&mut self, entry: Entry<T>) {
        let (key, item) = (entry.key(), entry.item);
        debug_assert!(key != NONE, "the end of time is not an instant");
        let hole = self.len;
        self.len += 1;
        if place(hole).0 == self.keys.len() {
            self.keys.push(Siblings([NONE; ARITY]));
            self.items.push([item; ARITY]);
        }
        self.lift(hole, key, item);
    }

    #[inline]
    pub fn pop(&mut self) -> Option<Entry<T>> {
        if self.len == 0 {
            return None;
        }
        let top = entry(self.keys[0].0[3], self.items[0][3]);
        self.len -= 1;
        let (group, position) = place(self.len);
        let (key, item) = (self.keys[group].0[position], self.items[group][position]);
        self.keys[group].0[position] = NONE;
        if self.len > 0 {
            let hole = self.sink_hole();
            self.lift(hole, key, item);
        }
        Some(top)
    }

    /// All entries, in no particular order.
    pub fn entries(&self) -> impl Iterator<Item = Entry<T>> {
        (0..self.len).map(|i| {
            let (group, position) = place(i);
            entry(self.keys[group].0[position], self.items[group][position])
        })
    }

    /// Drops all entries but keeps the memory.
    pub fn clear(&mut self) {
        let groups = self.len.div_ceil(ARITY) + 1;
        for siblings in self.keys.iter_mut().take(groups) {
            *siblings = Siblings([NONE; ARITY]);
        }
        self.len = 0;
    }

    /// Keeps some entries.
    pub fn retain(&mut self, keep: &mut dyn FnMut(&T) -> bool) {
        let kept: Vec<Entry<T>> = self.entries().filter(|entry| keep(&entry.item)).collect();
        self.clear();
        for entry in kept {
            self.push(entry);
        }
    }

    /// Moves the hole at the root down along the least children; gives where it ends.
    #[inline]
    fn sink_hole(&mut self) -> usize {
        let (mut group, mut position) = place(0);
        let mut hole = 0;
        loop {
            let first = ARITY * hole + 1;
            if first >= self.len {
                return hole;
            }
            let children = first.div_ceil(ARITY);
            let keys = &self.keys[children].0;
            let (left, right) =
                (usize::from(keys[1] < keys[0]), 2 + usize::from(keys[3] < keys[2]));
            let least = [left, right][usize::from(keys[right] < keys[left])];
            self.keys[group].0[position] = keys[least];
            self.items[group][position] = self.items[children][least];
            (group, position) = (children, least);
            hole = first + least;
        }
    }

    /// Puts an entry into `hole` or above.
    #[inline]
    fn lift(&mut self, mut hole: usize, key: Key, item: T) {
        let (mut group, mut position) = place(hole);
        while hole > 0 {
            let above = parent(hole);
            let (above_group, above_position) = place(above);
            let above_key = self.keys[above_group].0[above_position];
            if above_key <= key {
                break;
            }
            self.keys[group].0[position] = above_key;
            self.items[group][position] = self.items[above_group][above_position];
            (hole, group, position) = (above, above_group, above_position);
        }
        self.keys[group].0[position] = key;
        self.items[group][position] = item;
    }
}
