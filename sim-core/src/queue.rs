//! The event queue: a priority queue ordered by (time, sequence), first in first out among ties.
//!
//! A 4-ary implicit heap: half the levels of a binary one, and a node's children share a cache
//! line or two. Entries are small and `Copy`; messages stay in a slab.

use seedbed_node::Time;

/// An entry: when, in which order among equals, and what.
#[derive(Clone, Copy, Debug)]
struct Entry<T> {
    key: (Time, u64),
    item: T,
}

/// A queue of events in order of (time, sequence).
#[derive(Clone, Debug)]
pub struct Queue<T> {
    heap: Vec<Entry<T>>,
}

const ARITY: usize = 4;

impl<T: Copy> Default for Queue<T> {
    fn default() -> Self {
        Queue { heap: Vec::new() }
    }
}

impl<T: Copy> Queue<T> {
    /// How many events wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether no event waits.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// When the next event is due.
    pub fn next_time(&self) -> Option<Time> {
        self.heap.first().map(|entry| entry.key.0)
    }

    /// Adds an event. Sequence numbers must differ for events of equal time.
    #[inline]
    pub fn push(&mut self, time: Time, sequence: u64, item: T) {
        let entry = Entry { key: (time, sequence), item };
        let mut hole = self.heap.len();
        self.heap.push(entry);
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.heap[parent].key <= entry.key {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = entry;
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, u64, T)> {
        let last = self.heap.pop()?;
        let Some(&top) = self.heap.first() else {
            return Some((last.key.0, last.key.1, last.item));
        };
        self.sift_down(last);
        Some((top.key.0, top.key.1, top.item))
    }

    /// Fills the hole at the root with `entry`.
    #[inline]
    fn sift_down(&mut self, entry: Entry<T>) {
        let count = self.heap.len();
        let mut hole = 0;
        loop {
            let first = hole * ARITY + 1;
            if first >= count {
                break;
            }
            let mut least = first;
            for child in first + 1..(first + ARITY).min(count) {
                if self.heap[child].key < self.heap[least].key {
                    least = child;
                }
            }
            if entry.key <= self.heap[least].key {
                break;
            }
            self.heap[hole] = self.heap[least];
            hole = least;
        }
        self.heap[hole] = entry;
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
