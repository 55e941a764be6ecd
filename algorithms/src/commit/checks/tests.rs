//! Every checker says yes, no and why.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, Names, NodeId, Observation, Time, What,
};

use super::{Agreement, Decided, LocksExclusive, NonBlocking, Unanimous, Validity};
use crate::commit::{Event, Part, Request, Transaction};

const HUB: NodeId = NodeId(0);
const ADA: NodeId = NodeId(1);
const BOB: NodeId = NodeId(2);
const T: Transaction = Transaction(3);

fn names() -> Names {
    Names::new(["hub", "ada", "bob"])
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

fn keys(keys: &[u32]) -> BTreeSet<u32> {
    keys.iter().copied().collect()
}

fn prepared(locks: &[u32]) -> Event {
    Event::Prepared { transaction: T, locks: keys(locks) }
}

fn decided(commit: bool) -> Event {
    Event::Decided { transaction: T, commit }
}

/// Shows these events, one a second from 1 s on.
fn history(
    checker: &mut dyn Checker<Request, Event>,
    events: &[(NodeId, Event)],
) -> Result<(), Breach> {
    events.iter().zip(1..).try_for_each(|((node, event), second)| {
        let what = What::Event { node: *node, event };
        checker.observe(&Observation { at: at(second), what, causality: None, names: &names() })
    })
}

fn begin(checker: &mut dyn Checker<Request, Event>, refuses: bool, withdrawn: bool) {
    let work = BTreeMap::from([(ADA, Part { refuses, ..Part::default() }), (BOB, Part::default())]);
    let request = Request::Begin { transaction: T, work, withdrawn };
    let what = What::Request { node: HUB, operation: T.operation(), request: &request };
    let seen = Observation { at: Time::ZERO, what, causality: None, names: &names() };
    checker.observe(&seen).expect("nothing is decided yet");
}

fn conclude(checker: &mut dyn Checker<Request, Event>, quiet: bool, down: &[NodeId]) -> Conclusion {
    let waits_for = [vec![], vec![HUB], vec![HUB, ADA]];
    let names = names();
    let ending =
        Ending { at: at(100), quiet, down, pending: &[], waits_for: &waits_for, names: &names };
    checker.finish(&ending)
}

fn why(breach: Result<(), Breach>) -> String {
    breach.expect_err("a breach").why
}

#[test]
fn agreement_names_both() {
    let mut agreement = Agreement::default();
    let told = history(&mut agreement, &[(HUB, decided(true)), (ADA, decided(false))]);
    assert_eq!(why(told), "ada aborted T3 at 2s, which hub had committed at 1s");
    let mut same = Agreement::default();
    let twice = [(HUB, decided(true)), (ADA, decided(true)), (HUB, decided(true))];
    assert_eq!(history(&mut same, &twice), Ok(()));
    let changed = history(&mut same, &[(HUB, decided(false))]);
    assert_eq!(why(changed), "hub aborted T3 at 1s, which it had committed at 1s");
}

#[test]
fn validity_wants_every_vote() {
    let votes = [(ADA, prepared(&[])), (BOB, Event::Left { transaction: T })];
    let then = |commit| [votes[0].clone(), votes[1].clone(), (HUB, decided(commit))];
    let judged = |refuses, withdrawn, events: &[(NodeId, Event)]| {
        let mut validity = Validity::default();
        begin(&mut validity, refuses, withdrawn);
        history(&mut validity, events)
    };
    assert_eq!(judged(false, false, &then(true)), Ok(()));
    assert_eq!(judged(true, true, &then(false)), Ok(()));
    let unvoted = judged(false, false, &[(ADA, prepared(&[])), (HUB, decided(true))]);
    assert_eq!(why(unvoted), "hub committed T3 at 2s, for which bob had not voted");
    let refused = judged(true, false, &then(true));
    assert_eq!(why(refused), "hub committed T3 at 3s, for which ada had not voted");
    let withdrawn = judged(false, true, &then(true));
    assert_eq!(why(withdrawn), "hub committed T3 at 3s, which its client had withdrawn");
    let changed = [votes[0].clone(), votes[1].clone(), (BOB, Event::Refused { transaction: T })];
    let mut validity = Validity::default();
    begin(&mut validity, false, false);
    history(&mut validity, &changed).expect("nothing is decided");
    assert!(history(&mut validity, &[(HUB, decided(true))]).is_err(), "the last vote counts");
    let unknown = history(&mut Validity::default(), &[(HUB, decided(true))]);
    assert_eq!(why(unknown), "hub committed T3 at 1s, which nobody had begun");
}

#[test]
fn locks_are_exclusive_until_the_decision_across_crashes() {
    let other = Event::Prepared { transaction: Transaction(4), locks: keys(&[4, 7]) };
    let mut locks = LocksExclusive::default();
    let clash = history(&mut locks, &[(ADA, prepared(&[1, 4])), (ADA, other.clone())]);
    assert_eq!(why(clash), "ada prepared T4 at 2s with key 4, which T3 had locked there since 1s");
    for before in [(BOB, prepared(&[4])), (ADA, prepared(&[1]))] {
        assert_eq!(
            history(&mut LocksExclusive::default(), &[before, (ADA, other.clone())]),
            Ok(())
        );
    }
    let freed = [(ADA, prepared(&[4])), (ADA, decided(false)), (ADA, other)];
    assert_eq!(history(&mut LocksExclusive::default(), &freed), Ok(()));
}

#[test]
fn nobody_is_blocked() {
    let blocked = Event::Blocked { transaction: T };
    let told = history(&mut NonBlocking::default(), &[(ADA, prepared(&[4, 7])), (ADA, blocked)]);
    assert_eq!(
        why(told),
        "ada was blocked in T3 at 2s, in doubt and holding keys 4 and 7 since 1s"
    );
}

#[test]
fn the_report_says_who_holds_which_locks_since_when_and_who_is_down() {
    let mut goal = Decided::new(None);
    let doubts = [(ADA, prepared(&[4, 7])), (BOB, prepared(&[1]))];
    assert_eq!(history(&mut goal, &doubts), Ok(()));
    let why = "ada has been in doubt about T3 since 1s, holding keys 4 and 7; bob has been in \
               doubt about T3 since 2s, holding key 1; they wait for hub and ada; hub is down";
    let breach = Breach { at: at(100), why: why.into() };
    assert_eq!(conclude(&mut goal, true, &[HUB]), Conclusion::Failed(breach));
    let Conclusion::Inconclusive(why) = conclude(&mut goal, false, &[HUB]) else {
        panic!("without a deadline an unfinished run decides nothing");
    };
    assert!(why.contains("ada has been in doubt"), "{why}");
    assert_eq!(conclude(&mut goal, true, &[ADA, BOB]), Conclusion::Held, "who is down is excused");
}

#[test]
fn a_deadline_for_decisions() {
    let late = [(ADA, prepared(&[4])), (BOB, prepared(&[])), (ADA, decided(true))];
    let mut goal = Decided::new(Some(Duration::from_secs(1)));
    assert_eq!(history(&mut goal, &late), Ok(()));
    let Conclusion::Failed(breach) = conclude(&mut goal, false, &[]) else { panic!("late") };
    assert_eq!(breach.at, at(2));
    assert_eq!(
        breach.why,
        "ada was in doubt about T3, holding key 4, from 1s to 3s: 2s; 1s were allowed"
    );
    let mut never = Decided::new(Some(Duration::from_secs(50)));
    assert_eq!(history(&mut never, &late[..2]), Ok(()));
    let Conclusion::Failed(breach) = conclude(&mut never, false, &[]) else { panic!("overdue") };
    assert_eq!(breach.at, at(51));
    let mut in_time = Decided::new(Some(Duration::from_secs(200)));
    assert_eq!(history(&mut in_time, &late[..2]), Ok(()));
    assert!(matches!(conclude(&mut in_time, false, &[]), Conclusion::Inconclusive(_)));
}

#[test]
fn what_nobody_refuses_is_committed() {
    let judged = |refuses, events: &[(NodeId, Event)]| {
        let mut goal = Unanimous::new(Some(Duration::from_secs(1)));
        begin(&mut goal, refuses, false);
        history(&mut goal, events).expect("judged at the end");
        conclude(&mut goal, true, &[])
    };
    assert_eq!(judged(false, &[(HUB, decided(true))]), Conclusion::Held);
    assert!(matches!(judged(false, &[(HUB, decided(false))]), Conclusion::Failed(_)));
    assert_eq!(judged(true, &[(HUB, decided(false))]), Conclusion::Held);
    let refused = (ADA, Event::Refused { transaction: T });
    assert_eq!(judged(false, &[refused, (HUB, decided(false))]), Conclusion::Held);
    let late = [(ADA, prepared(&[])), (HUB, decided(true))];
    assert!(matches!(judged(false, &late), Conclusion::Failed(_)), "in time");
    assert!(matches!(judged(false, &[]), Conclusion::Failed(_)), "decided at all");
}
