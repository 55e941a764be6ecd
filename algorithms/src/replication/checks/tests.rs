//! Every checker says yes, no and why.

use std::collections::BTreeMap;

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, Names, NodeId, Observation, Operation, Pending,
    Time, What,
};

use super::{Answered, NoLostUpdate, UpdatePropagation};
use crate::replication::{Event, Request, Shape};

const HEAD: NodeId = NodeId(0);
const TAIL: NodeId = NodeId(1);
const CLIENT: NodeId = NodeId(2);

fn names() -> Names {
    Names::new(["head", "tail", "client"])
}

fn operation(number: u32) -> Operation {
    Operation { client: CLIENT, number }
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

fn show(
    checker: &mut dyn Checker<Request, Event>,
    seconds: u64,
    what: What<'_, Request, Event>,
) -> Result<(), Breach> {
    checker.observe(&Observation { at: at(seconds), what, causality: None, names: &names() })
}

fn applied(sequence: u64, number: u32) -> Event {
    Event::Applied { sequence, operation: operation(number), key: 7, value: u64::from(number) }
}

fn chain() -> Event {
    Event::Reconfigured { servers: vec![(HEAD, 0), (TAIL, 0)], shape: Shape::Chain }
}

fn propagation(history: &[(NodeId, Event)]) -> Result<(), String> {
    let mut checker = UpdatePropagation::default();
    history.iter().enumerate().try_for_each(|(second, (node, event))| {
        let what = What::Event { node: *node, event };
        show(&mut checker, second as u64, what).map_err(|breach| breach.why)
    })
}

#[test]
fn a_tail_that_has_what_the_head_has_not_is_found() {
    let sound = [(CLIENT, chain()), (HEAD, applied(1, 0)), (HEAD, applied(2, 1))];
    assert_eq!(propagation(&sound), Ok(()), "the tail may have less");
    let mut overtaken = sound.to_vec();
    overtaken.push((TAIL, applied(1, 1)));
    assert_eq!(
        propagation(&overtaken).expect_err("the second is not the first"),
        "update 1 of tail is n2#1 (key 7 = 1), and head, which comes before it, has n2#0 there"
    );
    let ahead = [(CLIENT, chain()), (TAIL, applied(1, 0))];
    assert!(propagation(&ahead).expect_err("from nowhere").ends_with("has fewer updates"));
}

#[test]
fn what_a_removed_server_applies_is_of_no_interest() {
    let alone = Event::Reconfigured { servers: vec![(TAIL, 0)], shape: Shape::Chain };
    let history = [(CLIENT, chain()), (HEAD, applied(1, 0)), (CLIENT, alone)];
    let mut removed = history.to_vec();
    removed.extend([(TAIL, applied(1, 1)), (HEAD, applied(2, 2)), (HEAD, applied(9, 3))]);
    assert_eq!(propagation(&removed), Ok(()));
}

#[test]
fn a_reconfiguration_compares_whole_histories() {
    let alone = Event::Reconfigured { servers: vec![(TAIL, 0)], shape: Shape::Chain };
    let history = [(CLIENT, alone), (TAIL, applied(1, 0)), (CLIENT, chain())];
    assert!(propagation(&history).is_err(), "the head comes before and has nothing");
}

#[test]
fn a_copy_must_be_what_the_updates_lead_to() {
    let history = |value| {
        let values = BTreeMap::from([(7, value)]);
        let copy = Event::Installed { sequence: 2, values };
        [(CLIENT, chain()), (HEAD, applied(1, 0)), (HEAD, applied(2, 1)), (TAIL, copy)]
    };
    assert_eq!(propagation(&history(1)), Ok(()));
    assert!(propagation(&history(0)).expect_err("that was the first").contains("first 2 updates"));
}

#[test]
fn a_lost_update_is_told_with_what_was_lost() {
    let mut checker = NoLostUpdate::default();
    let mut renew = |second, number, read, value| {
        let event = Event::Renewed { operation: operation(number), key: 1, read, value };
        show(&mut checker, second, What::Event { node: TAIL, event: &event })
    };
    assert_eq!(renew(1, 0, None, 10), Ok(()));
    assert_eq!(renew(2, 1, Some(10), 11), Ok(()));
    let why = "at 3s client's write of key 1, made from 10, replaced 11, which client had written \
               since: an update is lost";
    assert_eq!(renew(3, 2, Some(10), 12).map_err(|breach| breach.why), Err(why.into()));
}

fn conclude(answered: &mut Answered, quiet: bool, pending: &[Pending]) -> Conclusion {
    let names = names();
    let waits_for = [vec![], vec![], vec![HEAD]];
    let down = [HEAD];
    let ending =
        Ending { at: at(100), quiet, down: &down, pending, waits_for: &waits_for, names: &names };
    answered.finish(&ending)
}

#[test]
fn what_is_never_answered_is_told_with_who_was_asked_and_who_is_down() {
    let pending = [Pending { operation: operation(0), since: at(1) }];
    let mut answered = Answered::new(None);
    let why = "client's request of 1s will never be answered: it has asked head; head is down";
    let failed = Conclusion::Failed(Breach { at: at(100), why: why.into() });
    assert_eq!(conclude(&mut answered, true, &pending), failed);
    assert!(matches!(conclude(&mut answered, false, &pending), Conclusion::Inconclusive(_)));
    assert_eq!(conclude(&mut answered, true, &[]), Conclusion::Held);
    assert_eq!(show(&mut answered, 2, What::Crash { node: CLIENT }), Ok(()));
    assert_eq!(conclude(&mut answered, true, &pending), Conclusion::Held, "it was interrupted");
}

#[test]
fn a_late_answer_is_a_breach_dated_at_the_deadline() {
    let mut answered = Answered::new(Some(Duration::from_secs(5)));
    let request = Request::Read { operation: operation(0), key: 1 };
    let asks = What::Request { node: CLIENT, operation: operation(0), request: &request };
    assert_eq!(show(&mut answered, 1, asks), Ok(()));
    assert_eq!(show(&mut answered, 9, What::Complete { operation: operation(0) }), Ok(()));
    let why = "client's request of 1s was answered only at 9s, after 8s; 5s were allowed";
    let failed = Conclusion::Failed(Breach { at: at(6), why: why.into() });
    assert_eq!(conclude(&mut answered, true, &[]), failed);
}
