//! The queue against a sorted list, in every regime and for times of every kind.

use std::collections::BTreeSet;

use proptest::prelude::*;
use seedbed_node::{Draws, Time};

use super::Queue;

/// Many times what any threshold of the queue is.
const MANY: usize = 6_000;

proptest! {
    /// Any interleaving of pushes and pops agrees with a sorted list, ties by insertion.
    #[test]
    fn few_events_agree_with_a_sorted_list(
        steps in prop::collection::vec(prop::option::of(0u64..20), 0..400),
    ) {
        let mut queue = Queue::default();
        let mut model = BTreeSet::new();
        for (step, sequence) in steps.into_iter().zip(0u64..) {
            match step {
                Some(time) => {
                    queue.push(Time(time), sequence, sequence);
                    model.insert((time, sequence));
                }
                None => {
                    let popped = queue.pop().map(|(time, s, item)| { assert_eq!(s, item); (time.0, s) });
                    prop_assert_eq!(popped, model.pop_first());
                }
            }
            prop_assert_eq!(queue.len(), model.len());
            prop_assert_eq!(queue.next_time().map(|t| t.0), model.first().map(|m| m.0));
        }
    }
}

/// How far ahead the next event of a kind of load is due.
type Ahead = fn(u64, &mut Draws) -> u64;

const LOADS: [(&str, Ahead); 9] = [
    ("all equal", |_, _| 0),
    ("the same delay", |_, _| 1_000),
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
#[test]
fn many_events_agree_with_a_sorted_list_whatever_their_times() {
    for (name, ahead) in LOADS {
        let mut draws = Draws::keyed(1);
        let mut queue = Queue::default();
        let mut model = BTreeSet::new();
        let (mut now, mut sequence) = (0u64, 0u64);
        let phases = [
            (3 * MANY, 3, 0),
            (MANY, 1, 1),
            (3 * MANY, 0, 1),
            (2 * MANY, 2, 1),
            (9 * MANY, 0, 1),
        ];
        for (steps, pushes, pops) in phases {
            for _ in 0..steps {
                for _ in 0..pushes {
                    let time = now.saturating_add(ahead(sequence, &mut draws));
                    queue.push(Time(time), sequence, sequence as u32);
                    model.insert((time, sequence));
                    sequence += 1;
                }
                for _ in 0..pops {
                    let expected = model.pop_first();
                    let popped = queue.pop().map(|(time, s, item)| {
                        assert_eq!(s as u32, item);
                        (time.0, s)
                    });
                    assert_eq!(popped, expected, "{name}");
                    now = popped.map_or(now, |(time, _)| time);
                }
                assert_eq!(queue.len(), model.len(), "{name}");
            }
            assert_eq!(queue.next_time().map(|t| t.0), model.first().map(|m| m.0), "{name}");
        }
        assert!(queue.pop().is_none() && model.is_empty(), "{name}");
    }
}

/// Events may be added before the next one due: after a look ahead, and at the present instant.
#[test]
fn events_before_the_batch_come_first() {
    let mut queue = Queue::default();
    let many = 2 * MANY as u64;
    for i in 0..many {
        queue.push(Time(1_000_000 + i * 1_000), i, i);
    }
    assert_eq!(queue.next_time(), Some(Time(1_000_000)));
    queue.push(Time(5), many, many);
    queue.push(Time(5), many + 1, many + 1);
    assert_eq!(queue.pop(), Some((Time(5), many, many)));
    assert_eq!(queue.pop(), Some((Time(5), many + 1, many + 1)));
    assert_eq!(queue.pop(), Some((Time(1_000_000), 0, 0)));
}
