//! Known histories, and drawn ones against definitions that try every order.

use proptest::prelude::*;
use seedbed_node::{Call, Names, NodeId, Operation, Reply, Step, Time};

use super::object::{Lock, Object, Registers};
use super::{Budget, Consistency, History, Invocation, Judgement, Malformed, judge};

/// A history in a few letters: `a w1` (client a begins to write 1), `a ok`, `b r` (reads),
/// `b 1`, `b nil` (is told), `c cas1>2`, `c true`, `a acq`, `a rel`, `a fail`, `a info`. A key other
/// than 0 stands before a colon: `a 7:w1`.
fn history(text: &str) -> History {
    let mut history = History::default();
    let mut begun = [0; 26];
    for (second, word) in text.split(',').enumerate() {
        let (client, what) = word.trim().split_once(' ').expect("client and step");
        let client = u32::from(client.as_bytes()[0] - b'a');
        let number = begun[client as usize];
        let operation = |number| Operation { client: NodeId(client), number };
        let (key, word) = what.split_once(':').map_or((0, what), |(k, w)| (k.parse().unwrap(), w));
        let last = operation(number.max(1) - 1);
        let told = |reply| Step::Return { operation: last, reply };
        let call = if let Some(value) = word.strip_prefix('w') {
            Ok(Call::Write { key, value: value.parse().unwrap() })
        } else if let Some(cas) = word.strip_prefix("cas") {
            let (expected, new) = cas.split_once('>').unwrap();
            Ok(Call::Cas { key, expected: expected.parse().unwrap(), new: new.parse().unwrap() })
        } else {
            match word {
                "r" => Ok(Call::Read { key }),
                "acq" => Ok(Call::Acquire),
                "rel" => Ok(Call::Release),
                "ok" => Err(told(Reply::Done)),
                "nil" => Err(told(Reply::Value(None))),
                "true" | "false" => Err(told(Reply::Swapped(word == "true"))),
                "fail" => Err(Step::Fail { operation: last }),
                "info" => Err(Step::Unknown { operation: last }),
                value => Err(told(Reply::Value(Some(value.parse().unwrap())))),
            }
        };
        let step = match call {
            Ok(call) => {
                begun[client as usize] += 1;
                Step::Invoke { operation: operation(number), call }
            }
            Err(step) => step,
        };
        history.push(step, Some(Time(second as u64 * 1_000_000_000))).expect("a history");
    }
    history
}

fn found(history: &History, consistency: Consistency) -> Judgement {
    let budget = Budget { configurations: 1_000_000, go_on: &mut || true };
    judge(history, consistency, &Names::new(["ada", "bob", "cyd", "dee"]), budget)
}

fn holds(text: &str, consistency: Consistency) -> bool {
    match found(&history(text), consistency) {
        Judgement::Consistent => true,
        Judgement::Inconsistent { .. } => false,
        Judgement::Unknown(why) => panic!("{text}: {why}"),
    }
}

use Consistency::{Causal, Eventual, Linearizable, MonotonicReads, ReadYourWrites, Sequential};

#[test]
fn known_histories_are_what_they_are() {
    for (text, consistencies) in [
        // One after the other.
        ("a w1, a ok, b r, b 1", &[Linearizable, Sequential, Causal][..]),
        // Both values can be read while two writes are under way, in one order.
        ("a w1, b w2, c r, c 1, c r, c 2, a ok, b ok", &[Linearizable, Sequential, Causal]),
        // A stale read is sequential.
        ("a w1, a ok, b r, b nil", &[Sequential, Causal]),
        // Two readers disagree on the order of concurrent writes: causal only.
        ("a w1, a ok, b w2, b ok, c r, c 1, c r, c 2, d r, d 2, d r, d 1", &[Causal]),
        // The reader of an answer does not see what it answers.
        ("a w1, a ok, b r, b 1, b 7:w2, b ok, c 7:r, c 2, c r, c nil", &[]),
        // Reading one's own write too late is not even causal.
        ("a w1, a ok, a r, a nil", &[]),
        // Sequential consistency is not local: each key is fine, both together are not.
        ("a w1, a ok, b 7:w1, b ok, a 7:r, a nil, b r, b nil", &[Causal]),
        // Each read has a reason of its own, but no order of all writes fits the four (Bouajjani
        // et al. 2017, figure 3): b's last read puts a's write of 1 before its own of 2.
        (
            "a 3:w1, a ok, a w1, a ok, a 7:w1, a ok, b w2, b ok, b 3:r, b nil, b 7:r, b 1, b r, b 2",
            &[],
        ),
        // A value from nowhere.
        ("a r, a 5", &[]),
    ] {
        for consistency in [Linearizable, Sequential, Causal] {
            assert_eq!(
                holds(text, consistency),
                consistencies.contains(&consistency),
                "{consistency:?} of {text}"
            );
        }
    }
}

#[test]
fn a_call_that_never_returned_may_have_happened_later_or_never() {
    assert!(holds("a w1, a info, b r, b nil, b r, b 1, c r, c 1", Linearizable));
    assert!(holds("a w1, a info, b r, b nil", Linearizable));
    assert!(!holds("a w1, a info, b r, b 1, b r, b nil", Linearizable), "not undone");
    assert!(!holds("b r, b 1, a w1, a info", Linearizable), "not before it began");
    assert!(holds("a w1, b r, b 1", Sequential));
    assert!(!holds("a w1, a fail, b r, b 1", Linearizable), "known to have had no effect");
    assert!(holds("a w1, a info, a ok, b r, b 1", Linearizable), "a late answer");
}

#[test]
fn compare_and_swap_finds_what_it_expects_or_not() {
    assert!(holds("a w1, a ok, b cas1>2, b true, c r, c 2", Linearizable));
    assert!(!holds("a w1, a ok, b cas1>2, b true, c r, c 1", Linearizable));
    assert!(!holds("a w1, a ok, b cas1>2, b false", Linearizable));
    assert!(holds("a w1, b cas1>2, b false, a ok", Linearizable));
    assert!(!holds("a w1, a ok, b cas1>2, c cas1>3, b true, c true", Linearizable));
}

#[test]
fn a_lock_is_held_by_one_client() {
    assert!(holds("a acq, a ok, b acq, a rel, b ok, a ok", Linearizable));
    assert!(!holds("a acq, a ok, b acq, b ok", Linearizable));
    assert!(!holds("a acq, a ok, b rel, b ok", Linearizable), "not the holder");
    assert!(holds("a acq, a ok, a rel, a info, b acq, b ok", Linearizable));
}

#[test]
fn eventual_consistency_compares_the_last_reads() {
    assert!(holds("a w1, a ok, b r, b nil, b r, b 1, c r, c 1", Eventual));
    assert!(!holds("a w1, a ok, b r, b 1, c r, c nil", Eventual));
    assert!(!holds("a w1, a ok, b r, b 2, c r, c 2", Eventual), "nobody wrote it");
    let alone = found(&history("a w1, a ok, b r, b 1"), Eventual);
    assert!(matches!(alone, Judgement::Unknown(_)), "{alone:?}");
    let late = found(&history("a w1, a info, b r, b nil, c r, c 1"), Eventual);
    assert!(matches!(late, Judgement::Unknown(_)), "{late:?}");
}

#[test]
fn sessions_do_not_go_back() {
    let back = "a w1, a ok, a w2, a ok, b r, b 2, b r, b 1";
    assert!(!holds(back, MonotonicReads) && holds(back, ReadYourWrites));
    let own = "b w1, b ok, a w2, a ok, a r, a 1";
    assert!(!holds(own, ReadYourWrites) && holds(own, MonotonicReads));
    assert!(!holds("a w1, a ok, a r, a nil", ReadYourWrites));
    assert!(!holds("a w1, a ok, b r, b 1, b r, b nil", MonotonicReads));
    let concurrent = "a w1, c w2, a ok, c ok, b r, b 2, b r, b 1";
    assert!(holds(concurrent, MonotonicReads), "neither is older");
}

#[test]
fn what_is_wrong_is_said_in_one_sentence() {
    let Judgement::Inconsistent { why, at } =
        found(&history("a w1, a ok, b r, b nil"), Linearizable)
    else {
        panic!("a stale read")
    };
    assert_eq!(
        why,
        "bob read nothing from key 0 (2s to 3s), which then holds 1: no order of the 2 calls that \
         respects true time leads beyond 1 of them"
    );
    assert_eq!(at, Some(Time(3_000_000_000)));
}

#[test]
fn a_search_that_is_cut_short_has_no_verdict() {
    // Eight concurrent writes of which none explains the read.
    let clients = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let begin: Vec<_> = clients.iter().enumerate().map(|(i, c)| format!("{c} w{i}")).collect();
    let text = format!("{}, i r, i 99", begin.join(", "));
    let history = history(&text);
    let names = Names::numbered(26);
    for consistency in [Linearizable, Sequential] {
        let few = Budget { configurations: 100, go_on: &mut || true };
        let judgement = judge(&history, consistency, &names, few);
        assert!(matches!(judgement, Judgement::Unknown(_)), "{judgement:?}");
        let many = Budget { configurations: 1_000_000, go_on: &mut || true };
        let judgement = judge(&history, consistency, &names, many);
        assert!(matches!(judgement, Judgement::Inconsistent { .. }), "{judgement:?}");
    }
}

#[test]
fn steps_that_no_history_has_are_refused() {
    let operation = Operation { client: NodeId(0), number: 0 };
    let mut history = History::default();
    let done = Step::Return { operation, reply: Reply::Done };
    assert_eq!(history.push(done, None), Err(Malformed::EndedBeforeIt(operation)));
    let invoke = Step::Invoke { operation, call: Call::Read { key: 0 } };
    assert_eq!(history.push(invoke, None), Ok(()));
    assert_eq!(history.push(invoke, None), Err(Malformed::BeganTwice(operation)));
    assert_eq!(history.push(done, None), Err(Malformed::WrongReply(operation)));
}

/// Histories of three clients and three registers, each write of a value of its own; most reads
/// return nothing or something that was written by then.
fn histories() -> impl Strategy<Value = History> {
    let step = (0u32..3, 0u64..3, 0u8..8, 0u64..4, prop::bool::weighted(0.9));
    prop::collection::vec(step, 1..24).prop_map(|steps| {
        let mut history = History::default();
        let mut under_way: [Option<(u32, Call)>; 3] = [None; 3];
        let mut begun = [0; 3];
        let mut written: Vec<(u64, u64)> = Vec::new();
        for (client, key, kind, value, answered) in steps {
            let slot = &mut under_way[client as usize];
            let step = match slot.take() {
                None => {
                    let call = match kind {
                        0..=3 => Call::Read { key },
                        _ => {
                            let value = written.len() as u64 + 1;
                            written.push((key, value));
                            Call::Write { key, value }
                        }
                    };
                    let number = begun[client as usize];
                    begun[client as usize] += 1;
                    *slot = Some((number, call));
                    Step::Invoke { operation: Operation { client: NodeId(client), number }, call }
                }
                Some((number, call)) => {
                    let operation = Operation { client: NodeId(client), number };
                    let reply = match call {
                        Call::Read { key } => Reply::Value(match value {
                            0 if kind == 0 => Some(99),
                            0 => None,
                            back => {
                                let of_key = written.iter().rev().filter(|(k, _)| *k == key);
                                of_key.map(|(_, value)| *value).nth(back as usize - 1)
                            }
                        }),
                        _ => Reply::Done,
                    };
                    if answered {
                        Step::Return { operation, reply }
                    } else {
                        Step::Unknown { operation }
                    }
                }
            };
            history.push(step, None).expect("a history");
        }
        history
    })
}

/// Histories of three clients and one register that holds few values, so that writes repeat them.
fn repetitive() -> impl Strategy<Value = History> {
    let step = (0u32..3, 0u8..6, 0u64..3, 0u64..3, prop::bool::weighted(0.9));
    prop::collection::vec(step, 1..20).prop_map(|steps| {
        let mut history = History::default();
        let mut under_way: [Option<(u32, Call)>; 3] = [None; 3];
        let mut begun = [0; 3];
        for (client, kind, value, other, answered) in steps {
            let slot = &mut under_way[client as usize];
            let step = if let Some((number, call)) = slot.take() {
                let operation = Operation { client: NodeId(client), number };
                let reply = match call {
                    Call::Read { .. } => Reply::Value(Some(value)),
                    Call::Cas { .. } => Reply::Swapped(kind > 2),
                    _ => Reply::Done,
                };
                if answered {
                    Step::Return { operation, reply }
                } else {
                    Step::Unknown { operation }
                }
            } else {
                let call = match kind {
                    0 | 1 => Call::Read { key: 0 },
                    2 => Call::Cas { key: 0, expected: value, new: other },
                    _ => Call::Write { key: 0, value },
                };
                let number = begun[client as usize];
                begun[client as usize] += 1;
                *slot = Some((number, call));
                Step::Invoke { operation: Operation { client: NodeId(client), number }, call }
            };
            history.push(step, None).expect("a history");
        }
        history
    })
}

/// Tries every order, with no memory and no shortcut.
fn by_hand<S: Object>(
    calls: &[Invocation],
    state: &S,
    taken: u32,
    before: &dyn Fn(&Invocation, &Invocation) -> bool,
) -> bool {
    let free = |at: usize| taken >> at & 1 == 0;
    if (0..calls.len()).all(|at| !free(at) || calls[at].reply.is_none()) {
        return true;
    }
    (0..calls.len()).filter(|at| free(*at)).any(|at| {
        let blocked = (0..calls.len()).any(|other| {
            free(other) && calls[other].reply.is_some() && before(&calls[other], &calls[at])
        });
        !blocked
            && state
                .after(&calls[at])
                .is_some_and(|after| by_hand(calls, &after, taken | 1 << at, before))
    })
}

/// Causal memory by its definition: for each client, an order of all writes and its own reads that
/// respects causes.
fn causal_by_hand(calls: &[Invocation]) -> bool {
    let count = calls.len();
    let source = |reader: &Invocation| match (reader.call, reader.reply) {
        (Call::Read { key }, Some(Reply::Value(Some(value)))) => {
            Some(calls.iter().position(|other| other.call == Call::Write { key, value }))
        }
        _ => None,
    };
    let mut causes = vec![vec![false; count]; count];
    for (at, call) in calls.iter().enumerate() {
        match source(call) {
            Some(None) => return false,
            Some(Some(write)) => causes[write][at] = true,
            None => {}
        }
        for (other, earlier) in calls.iter().enumerate().take(at) {
            causes[other][at] |= earlier.reply.is_some() && earlier.process() == call.process();
        }
    }
    for middle in 0..count {
        for from in 0..count {
            for to in 0..count {
                causes[from][to] |= causes[from][middle] && causes[middle][to];
            }
        }
    }
    if (0..count).any(|at| causes[at][at]) {
        return false;
    }
    (0..3).all(|client| {
        let own: Vec<_> = (0..count)
            .filter(|&at| {
                calls[at].process() == NodeId(client)
                    || matches!(calls[at].call, Call::Write { .. })
            })
            .collect();
        let part: Vec<_> = own
            .iter()
            .map(|&at| Invocation {
                invoked: at as u64,
                reply: Some(told(&calls[at])),
                ..calls[at]
            })
            .collect();
        let before =
            |a: &Invocation, b: &Invocation| causes[a.invoked as usize][b.invoked as usize];
        by_hand(&part, &Registers::default(), 0, &before)
    })
}

fn told(call: &Invocation) -> Reply {
    call.reply.unwrap_or(Reply::Done)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn the_search_agrees_with_trying_every_order(
        history in prop_oneof![histories(), repetitive()]
    ) {
        let calls = history.calls();
        let linear = by_hand(&calls, &Registers::default(), 0, &|a, b| a.precedes(b));
        let sequential = by_hand(&calls, &Registers::default(), 0, &|a, b| {
            a.process() == b.process() && a.precedes(b)
        });
        prop_assert_eq!(found(&history, Linearizable) == Judgement::Consistent, linear);
        prop_assert_eq!(super::so_far::explains(&calls), linear);
        prop_assert_eq!(found(&history, Sequential) == Judgement::Consistent, sequential);
        // The stronger implies the weaker.
        prop_assert!(!linear || sequential);
    }

    #[test]
    fn the_bad_patterns_agree_with_the_definition_of_causal_memory(history in histories()) {
        let read = |key, value| {
            let told = Some(Reply::Value(Some(value)));
            move |c: &Invocation| c.call == Call::Read { key } && c.reply == told
        };
        let all = history.calls();
        let happened = |call: &&Invocation| match call.call {
            Call::Write { key, value } => call.reply.is_some() || all.iter().any(read(key, value)),
            _ => true,
        };
        let calls: Vec<_> = all.iter().filter(happened).copied().collect();
        let by_definition = causal_by_hand(&calls);
        prop_assert_eq!(found(&history, Causal) == Judgement::Consistent, by_definition);
        if found(&history, Sequential) == Judgement::Consistent {
            prop_assert!(by_definition, "sequential implies causal");
        }
    }
}

/// Locks by brute force too: they are another object.
#[test]
fn a_lock_agrees_with_trying_every_order() {
    for text in [
        "a acq, b acq, a ok, a rel, b ok, a ok, c acq, b rel, b ok, c ok",
        "a acq, b acq, a ok, b ok, a rel, a ok",
        "a acq, a ok, b acq, a rel, a info, b ok, c acq, c ok",
    ] {
        let history = history(text);
        let by_hand = by_hand(&history.calls(), &Lock::default(), 0, &|a, b| a.precedes(b));
        assert_eq!(holds(text, Linearizable), by_hand, "{text}");
    }
}
