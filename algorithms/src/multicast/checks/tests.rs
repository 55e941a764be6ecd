//! Every checker says yes, no and why.

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, Names, NodeId, Observation, Operation, Time,
    What,
};

use super::{AllDeliver, CausalOrder, FifoOrder, Integrity, TotalOrder};
use crate::multicast::{Event, Request};

const ADA: NodeId = NodeId(0);
const BOB: NodeId = NodeId(1);
const CYD: NodeId = NodeId(2);

/// What happens, in the short form of these tests.
#[derive(Clone, Copy)]
enum Seen {
    /// A client multicasts.
    Sends(NodeId, u32),
    /// A node delivers a sender's message.
    Gets(NodeId, NodeId, u32),
    Crashes(NodeId),
}
use Seen::{Crashes, Gets, Sends};

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

fn names() -> Names {
    Names::new(["ada", "bob", "cyd"])
}

/// Shows one happening a second, from 1 s on.
fn history(checker: &mut dyn Checker<Request, Event>, history: &[Seen]) -> Result<(), Breach> {
    (1..).zip(history).try_for_each(|(second, seen)| {
        let (request, event);
        let what = match *seen {
            Sends(node, number) => {
                request = Request::Multicast { number };
                let operation = Operation { client: node, number };
                What::Request { node, operation, request: &request }
            }
            Gets(node, from, number) => {
                event = Event::Delivered { from, number };
                What::Event { node, event: &event }
            }
            Crashes(node) => What::Crash { node },
        };
        checker.observe(&Observation { at: at(second), what, causality: None, names: &names() })
    })
}

fn breach(at_s: u64, why: &str) -> Result<(), Breach> {
    Err(Breach { at: at(at_s), why: why.into() })
}

#[test]
fn integrity_wants_every_delivery_once_and_asked_for() {
    let mut fine = Integrity::default();
    let both = [Sends(ADA, 0), Gets(ADA, ADA, 0), Gets(BOB, ADA, 0), Sends(BOB, 0)];
    assert_eq!(history(&mut fine, &both), Ok(()));
    let twice = [Sends(ADA, 0), Gets(BOB, ADA, 0), Gets(BOB, ADA, 0)];
    assert_eq!(
        history(&mut Integrity::default(), &twice),
        breach(3, "bob delivered message 0 of ada at 3s, as it had at 2s")
    );
    assert_eq!(
        history(&mut Integrity::default(), &[Sends(ADA, 0), Gets(BOB, ADA, 1)]),
        breach(2, "bob delivered message 1 of ada at 2s, which was never sent")
    );
}

#[test]
fn fifo_order_is_by_sender_and_leaves_nothing_out() {
    let crossing =
        [Sends(ADA, 7), Sends(BOB, 3), Sends(ADA, 8), Gets(CYD, BOB, 3), Gets(CYD, ADA, 7)];
    assert_eq!(history(&mut FifoOrder::default(), &crossing), Ok(()));
    let skipped = [Sends(ADA, 7), Sends(ADA, 8), Gets(CYD, ADA, 8)];
    let why = "cyd delivered message 8 of ada at 3s without message 7 of ada, which had happened \
               before it";
    assert_eq!(history(&mut FifoOrder::default(), &skipped), breach(3, why));
}

#[test]
fn causal_order_follows_what_senders_had_delivered_through_others() {
    let answered = [Sends(ADA, 0), Gets(BOB, ADA, 0), Sends(BOB, 0), Gets(CYD, BOB, 0)];
    let why = "cyd delivered message 0 of bob at 4s without message 0 of ada, which had happened \
               before it";
    assert_eq!(history(&mut CausalOrder::default(), &answered), breach(4, why));
    assert_eq!(history(&mut FifoOrder::default(), &answered), Ok(()), "different senders");
    let concurrent = [Sends(ADA, 0), Sends(BOB, 0), Gets(BOB, ADA, 0), Gets(CYD, BOB, 0)];
    assert_eq!(history(&mut CausalOrder::default(), &concurrent), Ok(()));
}

#[test]
fn total_order_compares_what_two_members_have_in_common() {
    let sent = [Sends(ADA, 0), Sends(BOB, 0), Sends(CYD, 0)];
    let alike = [
        Gets(ADA, ADA, 0),
        Gets(BOB, ADA, 0),
        Gets(ADA, BOB, 0),
        Gets(CYD, CYD, 0),
        Gets(BOB, BOB, 0),
        Gets(CYD, BOB, 0),
    ];
    assert_eq!(history(&mut TotalOrder::default(), &[&sent[..], &alike].concat()), Ok(()));
    let crossed = [Gets(ADA, ADA, 0), Gets(BOB, BOB, 0), Gets(ADA, BOB, 0), Gets(BOB, ADA, 0)];
    let why = "bob delivered message 0 of ada at 7s after message 0 of bob, but ada delivered them \
               in the other order";
    assert_eq!(
        history(&mut TotalOrder::default(), &[&sent[..], &crossed].concat()),
        breach(7, why)
    );
}

/// The end at 100 s.
fn conclude(checker: &mut AllDeliver, quiet: bool, down: &[NodeId]) -> Conclusion {
    let waits_for = [vec![], vec![ADA], vec![]];
    let names = names();
    let ending =
        Ending { at: at(100), quiet, down, pending: &[], waits_for: &waits_for, names: &names };
    checker.finish(&ending)
}

fn delivery(within: Option<u64>, seen: &[Seen]) -> AllDeliver {
    let mut checker = AllDeliver::new(within.map(Duration::from_secs));
    history(&mut checker, seen).expect("liveness is judged at the end");
    checker
}

const HALF: [Seen; 3] = [Sends(ADA, 4), Gets(ADA, ADA, 4), Gets(CYD, ADA, 4)];

#[test]
fn a_message_that_somebody_lacks_is_missed_once_nothing_more_can_happen() {
    let why = "message 4 of ada, sent at 1s, was not delivered by bob and will never be: bob waits \
               for ada";
    assert_eq!(
        conclude(&mut delivery(None, &HALF), true, &[]),
        Conclusion::Failed(Breach { at: at(100), why: why.into() })
    );
    let undecided = conclude(&mut delivery(None, &HALF), false, &[]);
    assert!(matches!(undecided, Conclusion::Inconclusive(_)), "{undecided:?}");
    assert_eq!(conclude(&mut delivery(None, &HALF), true, &[BOB]), Conclusion::Held);
    let all = [&HALF[..], &[Gets(BOB, ADA, 4)]].concat();
    assert_eq!(conclude(&mut delivery(None, &all), true, &[]), Conclusion::Held);
}

#[test]
fn a_deadline_dates_the_breach() {
    let missed = conclude(&mut delivery(Some(30), &HALF), false, &[]);
    assert!(matches!(&missed, Conclusion::Failed(b) if b.at == at(31)), "{missed:?}");
    let late = [&HALF[..], &[Gets(BOB, ADA, 4)]].concat();
    let missed = conclude(&mut delivery(Some(2), &late), true, &[]);
    let why = "bob delivered message 4 of ada, sent at 1s, only at 4s; 2s were allowed";
    assert_eq!(missed, Conclusion::Failed(Breach { at: at(3), why: why.into() }));
}

#[test]
fn a_crash_excuses_the_receiver_and_a_sender_that_reached_nobody() {
    let receiver = [&HALF[..], &[Crashes(BOB)]].concat();
    assert_eq!(conclude(&mut delivery(None, &receiver), true, &[]), Conclusion::Held);
    let nobody = [Sends(ADA, 4), Gets(ADA, ADA, 4), Crashes(ADA)];
    assert_eq!(conclude(&mut delivery(None, &nobody), true, &[ADA]), Conclusion::Held);
    let somebody = [&HALF[..], &[Crashes(ADA)]].concat();
    let missed = conclude(&mut delivery(None, &somebody), true, &[ADA]);
    assert!(matches!(missed, Conclusion::Failed(_)), "cyd has it, bob must: {missed:?}");
}
