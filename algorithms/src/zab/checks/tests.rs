//! Each check sees what it is for, and nothing else.

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, Names, NodeId, Observation, Operation, Time,
    What,
};

use super::{
    Agreement, CaughtUp, Delivered, GlobalPrimaryOrder, Integrity, LocalPrimaryOrder, OnePrimary,
    PrimaryIntegrity, TotalOrder,
};
use crate::zab::{Event, Request, Value, Zxid};

const ADA: NodeId = NodeId(0);
const BOB: NodeId = NodeId(1);
const CYD: NodeId = NodeId(2);

/// What happens, in the short form of these tests. Values are ada's, by their numbers.
#[derive(Clone, Copy)]
enum Seen {
    Asks(u32),
    Leads(NodeId, u32),
    Broadcasts(NodeId, (u32, u32), u32),
    Delivers(NodeId, (u32, u32), u32),
    Crashes(NodeId),
    Boots(NodeId),
}

use Seen::*;

fn names() -> Names {
    Names::new(["ada", "bob", "cyd"])
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

fn show(checker: &mut dyn Checker<Request, Event>, seconds: u64, seen: Seen) -> Result<(), Breach> {
    let value = |number| Value { client: ADA, number };
    let zxid = |(epoch, counter)| Zxid::new(epoch, counter);
    let (request, event);
    let what = match seen {
        Asks(number) => {
            request = Request::Broadcast(value(number));
            let operation = Operation { client: ADA, number };
            What::Request { node: ADA, operation, request: &request }
        }
        Leads(node, epoch) => {
            event = Event::Established { epoch };
            What::Event { node, event: &event }
        }
        Broadcasts(node, place, number) => {
            event = Event::Broadcast { zxid: zxid(place), value: value(number) };
            What::Event { node, event: &event }
        }
        Delivers(node, place, number) => {
            event = Event::Delivered { zxid: zxid(place), value: value(number) };
            What::Event { node, event: &event }
        }
        Crashes(node) => What::Crash { node },
        Boots(node) => What::Boot { node },
    };
    checker.observe(&Observation { at: at(seconds), what, causality: None, names: &names() })
}

/// All boot at 0 s; then one thing a second.
fn history(checker: &mut dyn Checker<Request, Event>, seen: &[Seen]) -> Result<(), Breach> {
    for node in [ADA, BOB, CYD] {
        show(checker, 0, Boots(node))?;
    }
    seen.iter().zip(1..).try_for_each(|(seen, second)| show(checker, second, *seen))
}

type Judge = Box<dyn Checker<Request, Event>>;

/// Which of the safety checks fail.
fn broken(seen: &[Seen]) -> Vec<(&'static str, String)> {
    let checks: [(&str, Judge); 7] = [
        ("Integrity", Box::new(Integrity::default())),
        ("TotalOrder", Box::new(TotalOrder::default())),
        ("Agreement", Box::new(Agreement::default())),
        ("LocalPrimaryOrder", Box::new(LocalPrimaryOrder::default())),
        ("GlobalPrimaryOrder", Box::new(GlobalPrimaryOrder::default())),
        ("PrimaryIntegrity", Box::new(PrimaryIntegrity::default())),
        ("OnePrimary", Box::new(OnePrimary::default())),
    ];
    let judged = checks.into_iter().filter_map(|(name, mut checker)| {
        history(checker.as_mut(), seen).err().map(|breach| (name, breach.why))
    });
    judged.collect()
}

fn only(seen: &[Seen], name: &str, why: &str) {
    assert_eq!(broken(seen), [(name, why.to_owned())]);
}

/// Ada leads epoch 1 and broadcasts three values that were asked for.
const BROADCAST: [Seen; 7] = [
    Asks(0),
    Asks(1),
    Asks(2),
    Leads(ADA, 1),
    Broadcasts(ADA, (1, 1), 0),
    Broadcasts(ADA, (1, 2), 1),
    Broadcasts(ADA, (1, 3), 2),
];

fn then(more: &[Seen]) -> Vec<Seen> {
    BROADCAST.iter().chain(more).copied().collect()
}

#[test]
fn a_server_that_is_behind_or_starts_again_breaks_nothing() {
    let sound = then(&[
        Delivers(ADA, (1, 1), 0),
        Delivers(ADA, (1, 2), 1),
        Delivers(BOB, (1, 1), 0),
        Crashes(BOB),
        Boots(BOB),
        Delivers(BOB, (1, 1), 0),
        Delivers(BOB, (1, 2), 1),
        Leads(BOB, 2),
        Broadcasts(BOB, (2, 1), 2),
        Delivers(BOB, (2, 1), 2),
    ]);
    assert_eq!(broken(&sound), []);
}

#[test]
fn what_nobody_asked_for_or_broadcast_and_what_comes_twice_breaks_integrity() {
    let why = "ada delivered n0#0 as 1.2 at 8s, but no primary had broadcast it as that";
    assert!(broken(&then(&[Delivers(ADA, (1, 2), 0)])).contains(&("Integrity", why.into())));
    let unasked = [Leads(ADA, 1), Broadcasts(ADA, (1, 1), 9), Delivers(ADA, (1, 1), 9)];
    only(&unasked, "Integrity", "ada delivered n0#9 as 1.1 at 3s, but no client had asked for it");
    let twice = [
        Asks(0),
        Leads(ADA, 1),
        Broadcasts(ADA, (1, 1), 0),
        Broadcasts(ADA, (1, 2), 0),
        Delivers(ADA, (1, 1), 0),
        Delivers(ADA, (1, 2), 0),
    ];
    let why = "ada delivered n0#0 as 1.2 at 6s, but it had delivered the value before";
    only(&twice, "Integrity", why);
}

#[test]
fn another_order_and_a_gap_break_total_order() {
    let first = [Delivers(ADA, (1, 1), 0), Delivers(ADA, (1, 2), 1)];
    let gap = then(&[first[0], first[1], Delivers(BOB, (1, 2), 1)]);
    let names: Vec<_> = broken(&gap).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["TotalOrder", "LocalPrimaryOrder"]);
    let why = "bob delivered 1.2 (n0#1) at 10s in the place of 1.1 (n0#0), which ada delivered \
               at 8s";
    assert_eq!(broken(&gap)[0].1, why);
}

#[test]
fn what_another_delivered_something_else_for_breaks_agreement() {
    let lost = then(&[
        Delivers(ADA, (1, 1), 0),
        Leads(BOB, 2),
        Broadcasts(BOB, (2, 1), 1),
        Delivers(BOB, (2, 1), 1),
    ]);
    let names: Vec<_> = broken(&lost).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Agreement", "PrimaryIntegrity"]);
    let why = "bob delivered 2.1 (n0#1) at 11s instead of 1.1 (n0#0), which ada delivered at 8s";
    assert_eq!(broken(&lost)[0].1, why);
}

#[test]
fn a_gap_that_all_agree_on_breaks_local_primary_order_alone() {
    let why = "ada delivered 1.2 at 9s; of what the primary of epoch 1 broadcast, 1.1 was next";
    let gap = then(&[Boots(ADA), Delivers(ADA, (1, 2), 1)]);
    only(&gap, "LocalPrimaryOrder", why);
}

#[test]
fn an_earlier_epoch_after_a_later_one_breaks_global_primary_order() {
    let back = then(&[
        Leads(BOB, 2),
        Broadcasts(BOB, (2, 1), 2),
        Delivers(ADA, (2, 1), 2),
        Delivers(ADA, (1, 1), 0),
    ]);
    let why = "ada delivered 1.1 at 11s, after 2.1";
    assert!(broken(&back).contains(&("GlobalPrimaryOrder", why.into())));
    let why = "ada delivered 1.1 at 11s, which bob had not when it broadcast in epoch 2 at 9s";
    assert!(broken(&back).contains(&("PrimaryIntegrity", why.into())));
}

#[test]
fn two_primaries_of_an_epoch_are_one_too_many() {
    let why = "bob became the primary of epoch 1 at 8s, as ada had at 4s";
    only(&then(&[Leads(BOB, 1)]), "OnePrimary", why);
    let why = "bob broadcast 1.4 at 8s and is not the primary of that epoch";
    only(&then(&[Broadcasts(BOB, (1, 4), 2)]), "OnePrimary", why);
}

/// The end at 100 s.
fn conclude(checker: &mut dyn Checker<Request, Event>, quiet: bool) -> Conclusion {
    let ending =
        Ending { at: at(100), quiet, down: &[], pending: &[], waits_for: &[], names: &names() };
    checker.finish(&ending)
}

fn failed(seconds: u64, why: &str) -> Conclusion {
    Conclusion::Failed(Breach { at: at(seconds), why: why.into() })
}

#[test]
fn a_request_is_due_after_its_deadline_which_a_crash_starts_again() {
    let deadline = Some(Duration::from_secs(10));
    let mut goal = Delivered::new(deadline);
    assert_eq!(history(&mut goal, &[Asks(0)]), Ok(()));
    let why = "ada's n0#0, asked for at 1s, was not delivered to it by 11s";
    assert_eq!(conclude(&mut goal, false), failed(11, why));

    let mut goal = Delivered::new(deadline);
    assert_eq!(history(&mut goal, &[Asks(0), Crashes(BOB)]), Ok(()));
    assert_eq!(show(&mut goal, 12, Delivers(ADA, (1, 1), 0)), Ok(()));
    assert_eq!(conclude(&mut goal, false), Conclusion::Held, "by 12s, 10s after the crash");

    let mut goal = Delivered::new(deadline);
    assert_eq!(history(&mut goal, &[Asks(0), Crashes(BOB), Crashes(CYD)]), Ok(()));
    let why = "the run ended at 100s while ada's n0#0, asked for at 1s, is not delivered to it";
    let conclusion = conclude(&mut goal, false);
    assert_eq!(conclusion, Conclusion::Inconclusive(why.into()), "there is no majority");
    let why = "ada's n0#0, asked for at 1s, is not delivered to it, and never will be";
    assert_eq!(conclude(&mut goal, true), failed(100, why));
}

#[test]
fn who_is_up_has_to_deliver_what_another_has() {
    let delivered = [Delivers(ADA, (1, 1), 0), Delivers(BOB, (1, 1), 0)];
    let mut goal = CaughtUp::new(Some(Duration::from_secs(10)));
    assert_eq!(history(&mut goal, &delivered), Ok(()));
    let why = "cyd had not delivered 1.1 by 11s, which ada did at 1s";
    assert_eq!(conclude(&mut goal, false), failed(11, why));
    let mut goal = CaughtUp::new(Some(Duration::from_secs(10)));
    assert_eq!(history(&mut goal, &delivered), Ok(()));
    assert_eq!(show(&mut goal, 5, Crashes(CYD)), Ok(()));
    assert_eq!(conclude(&mut goal, false), Conclusion::Held, "who is down owes nothing");
}
