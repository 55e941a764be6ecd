//! The queue against a sorted list, in every regime and for times of every kind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use proptest::prelude::*;
use seedbed_node::{Draws, Time};

use super::Queue;

/// Many times what any threshold of the queue is.
const MANY: usize = 6_000;

/// A queue and what should be in it; an item tells its entry's sequence number.
struct Checked<T> {
    queue: Queue<T>,
    item: fn(u64) -> T,
    model: BTreeSet<(u64, u64)>,
    times: BTreeMap<u64, u64>,
    sequence: u64,
    shown: usize,
}

impl<T: Copy + Debug + PartialEq> Checked<T> {
    fn new(item: fn(u64) -> T) -> Self {
        let (model, times) = (BTreeSet::new(), BTreeMap::new());
        Checked { queue: Queue::default(), item, model, times, sequence: 0, shown: 0 }
    }

    fn push(&mut self, time: u64) {
        self.queue.push(Time(time), self.sequence, (self.item)(self.sequence));
        self.model.insert((time, self.sequence));
        self.times.insert(self.sequence, time);
        self.sequence += 1;
    }

    fn pop(&mut self) -> Option<u64> {
        let expected = self.model.pop_first();
        let expected = expected.map(|(time, s)| (Time(time), s, (self.item)(s)));
        assert_eq!(self.queue.pop(), expected);
        let (time, sequence, _) = expected?;
        self.times.remove(&sequence);
        Some(time.as_nanos())
    }

    fn next_time(&mut self) {
        assert_eq!(self.queue.next_time().map(|t| t.0), self.model.first().map(|m| m.0));
    }

    fn len(&self) {
        assert_eq!(self.queue.len(), self.model.len());
        assert_eq!(self.queue.is_empty(), self.model.is_empty());
    }

    fn clear(&mut self) {
        self.queue.clear();
        self.model.clear();
        self.times.clear();
    }
}

impl Checked<u64> {
    /// What is shown waits, and is shown in order.
    fn fresh(&mut self) {
        let Some(items) = self.queue.fresh() else { return };
        let mut before = (0, 0);
        for sequence in items {
            let time = self.times.get(&sequence).expect("only what waits is shown");
            assert!(before <= (*time, sequence));
            before = (*time, sequence);
            self.shown += 1;
        }
    }

    fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        self.queue.retain(&mut |&sequence| keep(sequence));
        self.model.retain(|&(_, sequence)| keep(sequence));
        self.times.retain(|&sequence, _| keep(sequence));
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Push(u64),
    Pop,
    Next,
    Fresh,
    Retain(u64),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        300 => prop_oneof![0u64..20, 0u64..100_000, any::<u64>()].prop_map(Step::Push),
        200 => Just(Step::Pop),
        50 => Just(Step::Next),
        50 => Just(Step::Fresh),
        2 => (1u64..5).prop_map(Step::Retain),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    /// Any interleaving of the queue's methods agrees with a sorted list, ties by insertion.
    #[test]
    fn any_steps_agree_with_a_sorted_list(steps in prop::collection::vec(step(), 0..1_500)) {
        let mut checked = Checked::new(|sequence| sequence);
        for step in steps {
            match step {
                Step::Push(time) => checked.push(time),
                Step::Pop => _ = checked.pop(),
                Step::Next => checked.next_time(),
                Step::Fresh => checked.fresh(),
                Step::Retain(n) => checked.retain(|sequence| sequence % n == 0),
                Step::Clear => checked.clear(),
            }
            checked.len();
        }
        while checked.pop().is_some() {}
    }
}

/// How far ahead the next event of a kind of load is due.
type Ahead = fn(u64, &mut Draws) -> u64;

const LOADS: [(&str, Ahead); 10] = [
    ("all equal", |_, _| 0),
    ("the same delay", |_, _| 1_000),
    ("now or next", |_, draws| draws.below(2)),
    ("uniform", |_, draws| draws.below(1_000_000)),
    ("exponential", |_, draws| (-libm::log(draws.unit()) * 1e9) as u64),
    ("geometric gaps", |_, draws| 1 << draws.below(50)),
    (
        "mostly now, some far",
        |i, draws| if i % 50 == 0 { draws.below(1 << 60) } else { draws.below(3) },
    ),
    ("alternating near and far", |i, _| if i % 2 == 0 { 1 } else { 1 << 40 }),
    ("the far future", |_, draws| (1 << 62) + draws.below(1 << 61)),
    ("the end of time", |i, _| if i % 3 == 0 { u64::MAX } else { 7 }),
];

/// Grows to many events, holds, shrinks, and grows again: through heap and ladder and back.
fn grow_and_shrink<T: Copy + Debug + PartialEq>(
    checked: &mut Checked<T>,
    ahead: Ahead,
    mut each: impl FnMut(&mut Checked<T>, usize),
) {
    let mut draws = Draws::keyed(1);
    let mut now = 0u64;
    let phases =
        [(3 * MANY, 3, 0), (MANY, 1, 1), (3 * MANY, 0, 1), (2 * MANY, 2, 1), (9 * MANY, 0, 1)];
    for (steps, pushes, pops) in phases {
        for step in 0..steps {
            for _ in 0..pushes {
                let time = now.saturating_add(ahead(checked.sequence, &mut draws));
                checked.push(time);
            }
            for _ in 0..pops {
                now = checked.pop().unwrap_or(now);
            }
            checked.len();
            each(checked, step);
        }
        checked.next_time();
    }
    assert!(checked.pop().is_none());
}

#[test]
fn many_events_agree_with_a_sorted_list_whatever_their_times() {
    for (name, ahead) in LOADS {
        println!("{name}");
        grow_and_shrink(&mut Checked::new(|sequence| sequence as u32), ahead, |_, _| {});
        grow_and_shrink(&mut Checked::new(|sequence| [sequence as u8; 3]), ahead, |_, _| {});
    }
}

#[test]
fn bulk_removal_and_looking_ahead_agree_with_a_sorted_list_whatever_the_times() {
    for (name, ahead) in LOADS {
        println!("{name}");
        let mut checked = Checked::new(|sequence| sequence);
        grow_and_shrink(&mut checked, ahead, |checked, step| {
            checked.fresh();
            if step % 5_000 == 4_321 {
                checked.retain(|sequence| sequence % 7 != step as u64 % 7);
                checked.len();
                checked.next_time();
            }
        });
        checked.clear();
        grow_and_shrink(&mut checked, ahead, |checked, _| checked.fresh());
    }
}

/// Of many events that are added long before they are due, nearly every one is shown, once.
#[test]
fn events_of_batches_are_shown_once() {
    let mut checked = Checked::new(|sequence| sequence);
    for step in [1, 4_999] {
        (0..2 * MANY as u64).for_each(|i| checked.push(i * step % 12_000 * 100));
        (MANY..2 * MANY).for_each(|_| _ = checked.pop());
        checked.shown = 0;
        let taken = MANY / 2;
        for _ in 0..taken {
            checked.fresh();
            checked.pop();
        }
        let shown = checked.shown;
        assert!((taken - 100..taken + 100).contains(&shown), "{shown} shown of {taken} taken");
        checked.clear();
    }
    (0..20).for_each(|i| checked.push(i));
    assert!(checked.queue.fresh().is_none(), "few are not shown");
}

/// Chunks of emptied buckets serve others, and a cleared queue keeps its memory.
#[test]
fn memory_follows_the_number_of_events() {
    let mut queue = Queue::default();
    let mut draws = Draws::keyed(1);
    let many = 20 * MANY as u64;
    for run in 0..3 {
        for i in 0..many {
            queue.push(Time(draws.below(1 << 40)), i, i);
        }
        for i in many..4 * many {
            let (now, ..) = queue.pop().expect("held constant");
            queue.push(Time(now.as_nanos() + draws.below(1 << 40)), i, i);
        }
        let (held, used) = (queue.ladder.capacity(), many as usize);
        assert!(held < 2 * used, "run {run}: room for {held} entries, {used} in use");
        queue.clear();
    }
}

/// Events may be added before the next one due: after a look ahead, and at the present instant.
#[test]
fn events_before_the_batch_come_first() {
    let mut checked = Checked::new(|sequence| sequence);
    (0..2 * MANY as u64).for_each(|i| checked.push(1_000_000 + i * 1_000));
    checked.next_time();
    checked.push(5);
    checked.push(5);
    assert_eq!(checked.pop(), Some(5));
    assert_eq!(checked.pop(), Some(5));
    assert_eq!(checked.pop(), Some(1_000_000));
}
