//! The event queue: a priority queue ordered by (time, sequence), first in first out among ties.
//!
//! A 4-ary implicit heap. The keys of four siblings share one cache line, apart from their items;
//! the least sibling is selected without branches; a pop moves the hole to the bottom first and
//! lifts the last entry from there, because it belongs near the bottom (Wegener's bottom-up
//! heapsort, TCS 1993). Items are small and `Copy`; messages stay in a slab.

use seedbed_node::Time;

/// (time, sequence) as one number.
type Key = u128;

/// No event has this key: it fills up groups of siblings.
const NONE: Key = Key::MAX;

const ARITY: usize = 4;

/// The keys of four siblings, in one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Siblings([Key; ARITY]);

/// A queue of events in order of (time, sequence).
///
/// Entry `i` is at place `i + 3`, so that the children `4i + 1 ..= 4i + 4` are one group of four.
#[derive(Clone, Debug)]
pub struct Queue<T> {
    keys: Vec<Siblings>,
    items: Vec<[T; ARITY]>,
    len: usize,
}

impl<T: Copy> Default for Queue<T> {
    fn default() -> Self {
        Queue { keys: Vec::new(), items: Vec::new(), len: 0 }
    }
}

#[inline]
fn key_of(time: Time, sequence: u64) -> Key {
    u128::from(time.as_nanos()) << 64 | u128::from(sequence)
}

#[inline]
fn time_of(key: Key) -> Time {
    Time((key >> 64) as u64)
}

/// Group and position of an entry.
#[inline]
fn place(entry: usize) -> (usize, usize) {
    ((entry + 3) / ARITY, (entry + 3) % ARITY)
}

#[inline]
fn parent(entry: usize) -> usize {
    (entry - 1) / ARITY
}

impl<T: Copy> Queue<T> {
    /// How many events wait.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no event waits.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// When the next event is due.
    #[inline]
    pub fn next_time(&self) -> Option<Time> {
        (self.len > 0).then(|| time_of(self.keys[0].0[3]))
    }

    /// Adds an event. Sequence numbers must differ for events of equal time.
    #[inline]
    pub fn push(&mut self, time: Time, sequence: u64, item: T) {
        let key = key_of(time, sequence);
        debug_assert!(key != NONE, "the end of time is not an instant");
        let hole = self.len;
        self.len += 1;
        if place(hole).0 == self.keys.len() {
            self.keys.push(Siblings([NONE; ARITY]));
            self.items.push([item; ARITY]);
        }
        self.lift(hole, key, item);
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, u64, T)> {
        if self.len == 0 {
            return None;
        }
        let (top_key, top_item) = (self.keys[0].0[3], self.items[0][3]);
        self.len -= 1;
        let (group, position) = place(self.len);
        let (key, item) = (self.keys[group].0[position], self.items[group][position]);
        self.keys[group].0[position] = NONE;
        if self.len > 0 {
            let hole = self.sink_hole();
            self.lift(hole, key, item);
        }
        Some((time_of(top_key), top_key as u64, top_item))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Any interleaving of pushes and pops agrees with a sorted list, ties by insertion.
        #[test]
        fn agrees_with_a_sorted_reference(steps in prop::collection::vec(prop::option::of(0u64..20), 0..400)) {
            let mut queue = Queue::default();
            let mut model: Vec<(u64, u64)> = Vec::new();
            for (sequence, step) in steps.into_iter().enumerate() {
                let sequence = sequence as u64;
                match step {
                    Some(time) => {
                        queue.push(Time(time), sequence, sequence);
                        model.push((time, sequence));
                        model.sort_unstable();
                    }
                    None => {
                        let expected = (!model.is_empty()).then(|| model.remove(0));
                        let popped = queue.pop().map(|(t, s, item)| { assert_eq!(s, item); (t.0, s) });
                        prop_assert_eq!(popped, expected);
                    }
                }
                prop_assert_eq!(queue.len(), model.len());
                prop_assert_eq!(queue.next_time().map(|t| t.0), model.first().map(|m| m.0));
            }
        }
    }
}
