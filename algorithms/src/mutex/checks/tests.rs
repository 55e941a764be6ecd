//! Every checker says yes, no and why.

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, Names, NodeId, Observation, Operation, Pending,
    Time, What,
};

use super::{EveryoneServed, Granted, MutualExclusion, RequestOrder};
use crate::mutex::{Event, Request};

const ADA: NodeId = NodeId(0);
const BOB: NodeId = NodeId(1);
const CYD: NodeId = NodeId(2);

fn names() -> Names {
    Names::new(["ada", "bob", "cyd"])
}

/// What happens, in the short form of these tests; times in seconds.
#[derive(Clone, Copy)]
enum Seen {
    Asks(NodeId),
    Enters(NodeId),
    Leaves(NodeId),
    Crashes(NodeId),
}

fn operation(client: NodeId) -> Operation {
    Operation { client, number: 0 }
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

fn show(
    checker: &mut dyn Checker<Request, Event>,
    seconds: u64,
    seen: Seen,
    causality: Option<&[u32]>,
) -> Result<(), Breach> {
    let what = match seen {
        Seen::Asks(node) => {
            What::Request { node, operation: operation(node), request: &Request::Acquire }
        }
        Seen::Enters(node) => What::Event { node, event: &Event::Granted },
        Seen::Leaves(node) => {
            What::Request { node, operation: operation(node), request: &Request::Release }
        }
        Seen::Crashes(node) => What::Crash { node },
    };
    checker.observe(&Observation { at: at(seconds), what, causality, names: &names() })
}

fn history(
    checker: &mut dyn Checker<Request, Event>,
    history: &[(u64, Seen)],
) -> Result<(), Breach> {
    history.iter().try_for_each(|&(seconds, seen)| show(checker, seconds, seen, None))
}

/// The end at 100 s: quiet or not, with these nodes down.
fn conclude(
    checker: &mut dyn Checker<Request, Event>,
    quiet: bool,
    down: &[NodeId],
    pending: &[Pending],
) -> Conclusion {
    let waits_for = [vec![BOB, CYD], vec![CYD], vec![]];
    let names = names();
    let ending = Ending { at: at(100), quiet, down, pending, waits_for: &waits_for, names: &names };
    checker.finish(&ending)
}

fn failed(at_s: u64, why: &str) -> Conclusion {
    Conclusion::Failed(Breach { at: at(at_s), why: why.into() })
}

#[test]
fn exclusion_names_who_overlapped_whom_since_when() {
    use Seen::*;
    let overlap = [(1, Asks(ADA)), (1, Asks(BOB)), (2, Enters(ADA)), (3, Enters(BOB))];
    let breach = history(&mut MutualExclusion::default(), &overlap).expect_err("two inside");
    assert_eq!(breach.why, "bob entered at 3s while ada had been inside since 2s");
    assert_eq!(breach.at, at(3));
}

#[test]
fn exclusion_allows_an_entry_at_the_instant_of_the_exit() {
    use Seen::*;
    let relay =
        [(1, Asks(ADA)), (1, Asks(BOB)), (2, Enters(ADA)), (3, Leaves(ADA)), (3, Enters(BOB))];
    assert_eq!(history(&mut MutualExclusion::default(), &relay), Ok(()));
}

#[test]
fn exclusion_ends_with_a_crash() {
    use Seen::*;
    let crash =
        [(1, Asks(ADA)), (1, Asks(BOB)), (2, Enters(ADA)), (3, Crashes(ADA)), (4, Enters(BOB))];
    assert_eq!(history(&mut MutualExclusion::default(), &crash), Ok(()));
}

#[test]
fn exclusion_covers_who_never_asked() {
    let breach = history(&mut MutualExclusion::default(), &[(2, Seen::Enters(CYD))])
        .expect_err("cyd did not ask");
    assert_eq!(breach.why, "cyd was granted entry at 2s without having asked for it");
}

#[test]
fn order_is_of_happened_before_not_of_time() {
    use Seen::*;
    for (bobs_vector, overtakes) in [([1, 1, 0], true), ([0, 1, 0], false)] {
        let mut order = RequestOrder::default();
        show(&mut order, 1, Asks(ADA), Some(&[1, 0, 0])).expect("nothing granted yet");
        show(&mut order, 2, Asks(BOB), Some(&bobs_vector)).expect("nothing granted yet");
        let entered = show(&mut order, 3, Enters(BOB), Some(&bobs_vector));
        assert_eq!(entered.is_err(), overtakes);
        if let Err(breach) = entered {
            let why = "bob's request of 2s was granted at 3s before ada's of 1s, which had \
                       happened before it";
            assert_eq!(breach.why, why);
        }
    }
}

#[test]
fn order_is_kept_when_the_first_comes_first_or_crashes() {
    use Seen::*;
    for first in [Enters(ADA), Crashes(ADA)] {
        let mut order = RequestOrder::default();
        for (second, seen) in [(1, Asks(ADA)), (2, Asks(BOB)), (3, first), (4, Enters(BOB))] {
            let vector = [1, u32::from(second > 1), 0];
            assert_eq!(show(&mut order, second, seen, Some(&vector)), Ok(()));
        }
    }
}

#[test]
fn starvation_is_told_with_who_waits_for_whom_and_who_is_down() {
    let mut granted = Granted::new(None);
    assert_eq!(history(&mut granted, &[(1, Seen::Asks(ADA)), (2, Seen::Crashes(CYD))]), Ok(()));
    let why = "ada's request of 1s will never be granted: ada waits for bob and cyd, bob waits \
               for cyd; cyd is down";
    assert_eq!(conclude(&mut granted, true, &[CYD], &[]), failed(100, why));
}

#[test]
fn without_a_deadline_an_unfinished_run_decides_nothing() {
    let mut granted = Granted::new(None);
    assert_eq!(history(&mut granted, &[(1, Seen::Asks(ADA))]), Ok(()));
    assert!(matches!(conclude(&mut granted, false, &[], &[]), Conclusion::Inconclusive(_)));
}

#[test]
fn a_deadline_decides_by_where_it_lies() {
    for (within_s, quiet, breach_at) in
        [(30, false, Some(31)), (200, false, None), (200, true, Some(100))]
    {
        let mut granted = Granted::new(Some(Duration::from_secs(within_s)));
        assert_eq!(history(&mut granted, &[(1, Seen::Asks(ADA))]), Ok(()));
        match (conclude(&mut granted, quiet, &[], &[]), breach_at) {
            (Conclusion::Failed(breach), Some(seconds)) => assert_eq!(breach.at, at(seconds)),
            (Conclusion::Inconclusive(_), None) => {}
            (other, _) => panic!("within {within_s}s, quiet {quiet}: {other:?}"),
        }
    }
}

#[test]
fn a_late_grant_is_a_breach_dated_at_the_deadline() {
    use Seen::*;
    let late = [(1, Asks(ADA)), (11, Enters(ADA)), (12, Asks(BOB)), (23, Enters(BOB))];
    let mut exact = Granted::new(Some(Duration::from_secs(11)));
    assert_eq!(history(&mut exact, &late), Ok(()));
    assert_eq!(
        conclude(&mut exact, true, &[], &[]),
        Conclusion::Held,
        "at the deadline is in time"
    );
    let mut granted = Granted::new(Some(Duration::from_secs(10)));
    assert_eq!(history(&mut granted, &late), Ok(()));
    let why = "bob's request of 12s was granted only at 23s, after 11s; 10s were allowed";
    assert_eq!(conclude(&mut granted, true, &[], &[]), failed(22, why));
}

#[test]
fn a_crash_excuses_what_it_interrupts_and_being_down_excuses_the_rest() {
    let pending = [Pending { operation: operation(ADA), since: at(1) }];
    let mut granted = Granted::new(None);
    assert_eq!(history(&mut granted, &[(1, Seen::Asks(ADA)), (2, Seen::Crashes(ADA))]), Ok(()));
    assert_eq!(conclude(&mut granted, true, &[], &pending), Conclusion::Held);
    let mut refused = Granted::new(None);
    assert_eq!(conclude(&mut refused, true, &[ADA], &pending), Conclusion::Held);
    assert!(
        matches!(conclude(&mut refused, true, &[], &pending), Conclusion::Failed(_)),
        "an operation that never reached its node, which is up, starves as well"
    );
}

#[test]
fn everyone_served_asks_for_one_grant_a_client() {
    use Seen::*;
    let ada_again = [(1, Asks(ADA)), (2, Enters(ADA)), (3, Leaves(ADA)), (4, Asks(ADA))];
    let mut everyone = EveryoneServed::new(None);
    assert_eq!(history(&mut everyone, &ada_again), Ok(()));
    assert_eq!(conclude(&mut everyone, true, &[], &[]), Conclusion::Held);
    assert_eq!(history(&mut everyone, &[(5, Asks(BOB))]), Ok(()));
    assert!(matches!(conclude(&mut everyone, true, &[], &[]), Conclusion::Failed(_)));
}
