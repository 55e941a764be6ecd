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
    /// Whether its alarm is in the queue: not once it has surfaced at a paused node.
    queued: bool,
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
    /// Arms `timer`, replacing an armed one of the same name; the alarm goes into the queue. Tells
    /// whether another one in the queue is out of date by that.
    pub fn set(
        &mut self,
        timer: T,
        deadline: LocalTime,
        operation: Option<Operation>,
    ) -> (Alarm, bool) {
        let slot = match self.find(&timer) {
            Ok(at) => self.armed[at],
            Err(at) => {
                let slot = self.free.pop().unwrap_or_else(|| {
                    let queued = false;
                    self.slots.push(Slot {
                        timer: None,
                        generation: 0,
                        deadline,
                        operation,
                        queued,
                    });
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
        let outdated = std::mem::replace(&mut entry.queued, true);
        (Alarm { slot, generation: entry.generation }, outdated)
    }

    /// Disarms `timer`, if armed; tells whether an alarm in the queue is out of date by that.
    pub fn cancel(&mut self, timer: &T) -> bool {
        let Ok(at) = self.find(timer) else { return false };
        let slot = self.armed.remove(at);
        self.release(slot).1
    }

    /// An alarm has left the queue; tells whether it stands.
    pub fn surface(&mut self, alarm: Alarm) -> bool {
        let stands = self.stands(alarm);
        if stands {
            self.slots[alarm.slot as usize].queued = false;
        }
        stands
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
        let timer = self.release(alarm.slot).0?;
        Some((timer, operation))
    }

    /// Disarms everything; tells how many alarms in the queue are out of date by that.
    pub fn clear(&mut self) -> usize {
        let armed = std::mem::take(&mut self.armed);
        armed.into_iter().filter(|&slot| self.release(slot).1).count()
    }

    /// Gives every armed timer a new alarm, in order of names, with its unchanged deadline: for a
    /// clock whose rate has changed. The former alarms are out of date. What has surfaced at a
    /// paused node keeps its place there.
    pub fn reschedule(&mut self, mut schedule: impl FnMut(LocalTime, Alarm)) {
        for &slot in &self.armed {
            let entry = &mut self.slots[slot as usize];
            if !entry.queued {
                continue;
            }
            entry.generation = entry.generation.wrapping_add(1);
            schedule(entry.deadline, Alarm { slot, generation: entry.generation });
        }
    }

    /// Frees a slot; gives its timer, and whether it has an alarm in the queue.
    fn release(&mut self, slot: u32) -> (Option<T>, bool) {
        self.free.push(slot);
        let entry = &mut self.slots[slot as usize];
        (entry.timer.take(), std::mem::take(&mut entry.queued))
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
        let (first, none) = timers.set("a", LocalTime(5), None);
        let (second, first_outdated) = timers.set("a", LocalTime(9), None);
        assert!(!none && first_outdated);
        assert!(!timers.stands(first));
        assert!(timers.stands(second));
        assert!(timers.cancel(&"a"));
        assert!(!timers.stands(second));
        assert!(!timers.cancel(&"a"));
        let (third, _) = timers.set("b", LocalTime(9), None);
        assert!(!timers.stands(second), "a reused slot does not revive old alarms");
        assert!(timers.surface(third) && !timers.surface(second));
        assert_eq!(timers.fire(third), Some(("b", None)));
        assert_eq!(timers.fire(third), None);
    }
}
