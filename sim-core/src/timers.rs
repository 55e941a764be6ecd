//! The armed timers of all nodes. The queue holds one entry a setting; a timer that is replaced,
//! cancelled or rescheduled leaves its entry behind, which is dropped when it surfaces.
//!
//! A slot lives exactly as long as the entry that names it, so that no generations are needed to
//! tell old entries from new ones. The armed slots of a node are chained; a node keeps the head.

use seedbed_node::{LocalTime, Operation};

/// The end of a chain.
pub const NONE: u32 = u32::MAX;

/// One setting of a timer.
#[derive(Clone, Debug)]
struct Slot<T> {
    /// `None` once it is replaced, cancelled or rescheduled.
    timer: Option<T>,
    /// Whether its entry is in the queue: not once it has surfaced at a paused node.
    queued: bool,
    /// The next armed slot of the node, or the next free one.
    next: u32,
}

/// The timers of all nodes.
#[derive(Clone, Debug)]
pub struct Timers<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    /// What each slot was set for; empty until one is set for an operation.
    operations: Vec<Option<Operation>>,
    /// When each slot is due on its node's clock; empty if no clock changes its rate.
    deadlines: Vec<LocalTime>,
    keeps_deadlines: bool,
}

impl<T: Ord> Timers<T> {
    /// No timers. Deadlines are kept only where a clock's rate can change.
    pub fn new(keeps_deadlines: bool) -> Self {
        Timers {
            slots: Vec::new(),
            free: NONE,
            operations: Vec::new(),
            deadlines: Vec::new(),
            keeps_deadlines,
        }
    }

    /// No timers, in the memory of an earlier run.
    pub fn renewed(mut self, keeps_deadlines: bool) -> Self {
        self.slots.clear();
        self.operations.clear();
        self.deadlines.clear();
        Timers { free: NONE, keeps_deadlines, ..self }
    }

    /// Arms `timer` of the node with this chain, replacing an armed one of the same name; an entry
    /// for the slot goes into the queue. Tells whether another entry in the queue is out of date
    /// by that.
    pub fn set(
        &mut self,
        head: &mut u32,
        timer: T,
        deadline: LocalTime,
        operation: Option<Operation>,
    ) -> (u32, bool) {
        let outdated = self.cancel(head, &timer);
        let slot = self.insert(timer, deadline, operation);
        self.slots[slot as usize].next = std::mem::replace(head, slot);
        (slot, outdated)
    }

    /// Disarms `timer`, if armed; tells whether an entry in the queue is out of date by that.
    pub fn cancel(&mut self, head: &mut u32, timer: &T) -> bool {
        let (mut before, mut slot) = (NONE, *head);
        while slot != NONE {
            let this = &mut self.slots[slot as usize];
            if this.timer.as_ref() == Some(timer) {
                this.timer = None;
                let (next, queued) = (this.next, this.queued);
                self.link(head, before, next);
                return queued;
            }
            (before, slot) = (slot, this.next);
        }
        false
    }

    /// An entry has left the queue; tells whether it stands. If not, its slot is gone.
    #[inline]
    pub fn surface(&mut self, slot: u32) -> bool {
        self.slots[slot as usize].queued = false;
        self.stands(slot) || self.release(slot)
    }

    /// Whether the entry for `slot` still stands for an armed timer.
    #[inline]
    pub fn stands(&self, slot: u32) -> bool {
        self.slots[slot as usize].timer.is_some()
    }

    /// The timer of an entry that stands.
    pub fn armed(&self, slot: u32) -> Option<(&T, Option<Operation>)> {
        let operation = self.operations.get(slot as usize).copied().flatten();
        self.slots[slot as usize].timer.as_ref().map(|timer| (timer, operation))
    }

    /// An entry that did not stand any more is dropped.
    pub fn forget(&mut self, slot: u32) {
        debug_assert!(!self.stands(slot), "an armed timer keeps its entry");
        self.release(slot);
    }

    /// Takes the timer of an entry that has surfaced: it fires, if it still stands.
    #[inline]
    pub fn fire(&mut self, head: &mut u32, slot: u32) -> Option<(T, Option<Operation>)> {
        let timer = self.slots[slot as usize].timer.take();
        let operation = self.operations.get(slot as usize).copied().flatten();
        if timer.is_some() {
            let mut before = NONE;
            let mut at = *head;
            while at != slot {
                (before, at) = (at, self.slots[at as usize].next);
            }
            let next = self.slots[slot as usize].next;
            self.link(head, before, next);
        }
        self.release(slot);
        timer.map(|timer| (timer, operation))
    }

    /// Disarms everything of a node that handles no entries any more but those in the queue; tells
    /// how many of those are out of date by that.
    pub fn clear(&mut self, head: &mut u32) -> usize {
        let mut outdated = 0;
        let mut slot = std::mem::replace(head, NONE);
        while slot != NONE {
            let this = &mut self.slots[slot as usize];
            let next = this.next;
            this.timer = None;
            if this.queued {
                outdated += 1;
            } else {
                self.release(slot);
            }
            slot = next;
        }
        outdated
    }

    /// Gives every armed timer a new slot, in order of names, with its unchanged deadline: for a
    /// clock whose rate has changed. Tells how many entries in the queue are out of date by that.
    /// What has surfaced at a paused node keeps its place there.
    pub fn reschedule(
        &mut self,
        head: &mut u32,
        mut schedule: impl FnMut(LocalTime, u32),
    ) -> usize {
        let mut moving: Vec<(T, u32)> = Vec::new();
        let mut slot = std::mem::replace(head, NONE);
        while slot != NONE {
            let next = self.slots[slot as usize].next;
            if self.slots[slot as usize].queued {
                let timer = self.slots[slot as usize].timer.take().expect("armed");
                // A node has few timers, and a sort would be compiled for every kind of them.
                let place = moving.partition_point(|(other, _)| *other < timer);
                moving.insert(place, (timer, slot));
            } else {
                self.slots[slot as usize].next = std::mem::replace(head, slot);
            }
            slot = next;
        }
        let outdated = moving.len();
        for (timer, old) in moving {
            let deadline = self.deadlines[old as usize];
            let operation = self.operations.get(old as usize).copied().flatten();
            let slot = self.insert(timer, deadline, operation);
            self.slots[slot as usize].next = std::mem::replace(head, slot);
            schedule(deadline, slot);
        }
        outdated
    }

    fn link(&mut self, head: &mut u32, before: u32, next: u32) {
        match before {
            NONE => *head = next,
            before => self.slots[before as usize].next = next,
        }
    }

    #[inline]
    fn insert(&mut self, timer: T, deadline: LocalTime, operation: Option<Operation>) -> u32 {
        let slot = match self.free {
            NONE => {
                let slot = u32::try_from(self.slots.len()).expect("fewer than 2^32 timers");
                self.slots.push(Slot { timer: Some(timer), queued: true, next: NONE });
                slot
            }
            slot => {
                let this = &mut self.slots[slot as usize];
                self.free = this.next;
                (this.timer, this.queued) = (Some(timer), true);
                slot
            }
        };
        if operation.is_some() || !self.operations.is_empty() {
            put(&mut self.operations, slot, operation, None);
        }
        if self.keeps_deadlines {
            put(&mut self.deadlines, slot, deadline, LocalTime(0));
        }
        slot
    }

    /// Frees a slot whose entry is gone.
    fn release(&mut self, slot: u32) -> bool {
        self.slots[slot as usize].next = std::mem::replace(&mut self.free, slot);
        false
    }
}

/// Writes a cell of a column that grows as needed.
fn put<T: Clone>(column: &mut Vec<T>, at: u32, value: T, empty: T) {
    if column.len() <= at as usize {
        column.resize(at as usize + 1, empty);
    }
    column[at as usize] = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn armed(timers: &Timers<&'static str>, head: u32) -> Vec<&'static str> {
        let mut names = Vec::new();
        let mut slot = head;
        while slot != NONE {
            names.extend(timers.slots[slot as usize].timer);
            slot = timers.slots[slot as usize].next;
        }
        names.sort_unstable();
        names
    }

    #[test]
    fn a_replaced_or_cancelled_setting_does_not_stand() {
        let (mut timers, mut head) = (Timers::new(false), NONE);
        let (first, none) = timers.set(&mut head, "a", LocalTime(5), None);
        let (second, first_outdated) = timers.set(&mut head, "a", LocalTime(9), None);
        assert!(!none && first_outdated && first != second);
        assert!(!timers.stands(first) && timers.stands(second));
        assert!(timers.cancel(&mut head, &"a"));
        assert!(!timers.stands(second));
        assert!(!timers.cancel(&mut head, &"a"));
        let (third, _) = timers.set(&mut head, "b", LocalTime(9), None);
        assert!(third != first && third != second, "their entries are still in the queue");
        assert!(timers.surface(third) && !timers.surface(second));
        assert_eq!(timers.fire(&mut head, third), Some(("b", None)));
        let (fourth, _) = timers.set(&mut head, "c", LocalTime(9), None);
        assert!(fourth == third || fourth == second, "memory is used again");
    }

    #[test]
    fn two_nodes_do_not_share_names() {
        let mut timers = Timers::new(true);
        let (mut ada, mut bob) = (NONE, NONE);
        for name in ["a", "b", "c"] {
            timers.set(&mut ada, name, LocalTime(1), None);
            timers.set(&mut bob, name, LocalTime(2), None);
        }
        assert!(timers.cancel(&mut ada, &"b"));
        assert_eq!(armed(&timers, ada), ["a", "c"]);
        assert_eq!(armed(&timers, bob), ["a", "b", "c"]);
        let mut due = Vec::new();
        assert_eq!(timers.reschedule(&mut bob, |deadline, slot| due.push((deadline, slot))), 3);
        assert_eq!(armed(&timers, bob), ["a", "b", "c"]);
        assert!(due.iter().all(|(deadline, _)| *deadline == LocalTime(2)));
        let fired: Vec<_> = due.iter().map(|(_, slot)| timers.fire(&mut bob, *slot)).collect();
        assert_eq!(fired, [Some(("a", None)), Some(("b", None)), Some(("c", None))]);
        assert_eq!(timers.clear(&mut ada), 2);
        assert_eq!(armed(&timers, ada), [""; 0]);
    }
}
