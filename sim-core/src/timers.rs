//! A node's armed timers. The queue holds one entry a setting; entries of replaced, cancelled or
//! rescheduled timers are recognised by their generation and dropped when they surface.

use seedbed_node::{LocalTime, Operation};

/// An armed timer.
#[derive(Clone, Debug)]
struct Slot<T> {
    timer: Option<T>,
    generation: u32,
    deadline: LocalTime,
    operation: Option<Operation>,
}

/// What the queue holds for one setting of a timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alarm {
    slot: u32,
    generation: u32,
}

/// The timers of one node, by name.
#[derive(Clone, Debug)]
pub struct Timers<T> {
    slots: Vec<Slot<T>>,
    /// Positions of armed slots, sorted by the timer's name.
    armed: Vec<u32>,
    free: Vec<u32>,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Timers { slots: Vec::new(), armed: Vec::new(), free: Vec::new() }
    }
}

impl<T: Ord> Timers<T> {
    /// Arms `timer`, replacing an armed one of the same name; the alarm goes into the queue.
    pub fn set(&mut self, timer: T, deadline: LocalTime, operation: Option<Operation>) -> Alarm {
        let slot = match self.find(&timer) {
            Ok(at) => self.armed[at],
            Err(at) => {
                let slot = self.free.pop().unwrap_or_else(|| {
                    self.slots.push(Slot { timer: None, generation: 0, deadline, operation });
                    self.slots.len() as u32 - 1
                });
                self.armed.insert(at, slot);
                slot
            }
        };
        let entry = &mut self.slots[slot as usize];
        entry.timer = Some(timer);
        entry.generation = entry.generation.wrapping_add(1);
        entry.deadline = deadline;
        entry.operation = operation;
        Alarm { slot, generation: entry.generation }
    }

    /// Disarms `timer`; tells whether it was armed.
    pub fn cancel(&mut self, timer: &T) -> bool {
        let Ok(at) = self.find(timer) else { return false };
        let slot = self.armed.remove(at);
        self.release(slot);
        true
    }

    /// Whether `alarm` still stands for an armed timer.
    pub fn stands(&self, alarm: Alarm) -> bool {
        let slot = &self.slots[alarm.slot as usize];
        slot.timer.is_some() && slot.generation == alarm.generation
    }

    /// Takes the timer of a standing alarm: it fires.
    pub fn fire(&mut self, alarm: Alarm) -> Option<(T, Option<Operation>)> {
        if !self.stands(alarm) {
            return None;
        }
        let at = self.find(self.slots[alarm.slot as usize].timer.as_ref()?).ok()?;
        self.armed.remove(at);
        let operation = self.slots[alarm.slot as usize].operation;
        let timer = self.release(alarm.slot)?;
        Some((timer, operation))
    }

    /// Disarms everything.
    pub fn clear(&mut self) {
        for slot in std::mem::take(&mut self.armed) {
            self.release(slot);
        }
    }

    /// Gives every armed timer that is not due at `now` a new alarm, in order of names, with its
    /// unchanged deadline: for a clock whose rate has changed.
    pub fn reschedule(&mut self, now: LocalTime, mut schedule: impl FnMut(LocalTime, Alarm)) {
        for &slot in &self.armed {
            let entry = &mut self.slots[slot as usize];
            if entry.deadline <= now {
                continue;
            }
            entry.generation = entry.generation.wrapping_add(1);
            schedule(entry.deadline, Alarm { slot, generation: entry.generation });
        }
    }

    fn release(&mut self, slot: u32) -> Option<T> {
        self.free.push(slot);
        self.slots[slot as usize].timer.take()
    }

    fn find(&self, timer: &T) -> Result<usize, usize> {
        self.armed
            .binary_search_by(|&slot| self.slots[slot as usize].timer.as_ref().cmp(&Some(timer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_or_cancelled_alarm_does_not_stand() {
        let mut timers = Timers::default();
        let first = timers.set("a", LocalTime(5), None);
        let second = timers.set("a", LocalTime(9), None);
        assert!(!timers.stands(first));
        assert!(timers.stands(second));
        assert!(timers.cancel(&"a"));
        assert!(!timers.stands(second));
        assert!(!timers.cancel(&"a"));
        let third = timers.set("b", LocalTime(9), None);
        assert!(!timers.stands(second), "a reused slot does not revive old alarms");
        assert_eq!(timers.fire(third), Some(("b", None)));
        assert_eq!(timers.fire(third), None);
    }
}
