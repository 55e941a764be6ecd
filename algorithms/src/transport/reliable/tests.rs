//! Transcripts of the transport's rules, by an inner node that sends and tells what it gets.

use seedbed_node::{Context, Message, Node, NodeId};

use super::{Frame, Header, Reliable, ReliableParams, ReliableTimer};
use crate::transcript::{Bench, operation};

const NOTHING: [&str; 0] = [];

/// Sends each request to node 1, emits each message that arrives and passes it on to node 2.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Relay;

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
struct Word(u8);

impl Node for Relay {
    type Params = ();
    type Message = Word;
    type Timer = u8;
    type Request = u8;
    type Event = u8;
    type Durable = ();

    fn start((): &(), _cx: &mut Context<'_, Self>) -> Self {
        Relay
    }
    fn on_message(&mut self, _from: NodeId, Word(word): Word, cx: &mut Context<'_, Self>) {
        cx.emit(word);
        if cx.members().count() > 2 {
            cx.send(NodeId(2), Word(word));
        }
    }
    fn on_request(&mut self, word: u8, cx: &mut Context<'_, Self>) {
        let to = if word == 0 { cx.me() } else { NodeId(1) };
        cx.send(to, Word(word));
    }
    fn on_timer(&mut self, word: u8, cx: &mut Context<'_, Self>) {
        cx.emit(word);
    }
}

fn node(members: u32, fifo: bool) -> Bench<Reliable<Relay>> {
    Bench::boot(0, members, ReliableParams { fifo, ..ReliableParams::new(()) }).0
}

fn data(session: u32, sequence: u64, base: u64) -> Frame<Word> {
    Frame::Data(Header { session, sequence, base }, Word(sequence as u8))
}

fn ack(below: u64, sequence: u64) -> Frame<Word> {
    Frame::Ack { session: 0, below, sequence }
}

/// The words that were delivered, and whether an acknowledgement was sent.
fn outcome(lines: &[String]) -> (Vec<&str>, bool) {
    let words = lines.iter().filter_map(|line| line.strip_prefix("emit ")).collect();
    (words, lines.iter().any(|line| line.contains("Ack")))
}

#[test]
fn a_message_is_kept_and_the_timer_armed_until_it_is_acknowledged() {
    let mut ada = node(2, false);
    let header = "Header { session: 0, sequence: 0, base: 0 }";
    assert_eq!(
        ada.request(7),
        [format!("n1 <- Data({header}, Word(7)) for n0#0"), "set Retransmit(n1) 50ms".into()]
    );
    assert_eq!(
        ada.timer(ReliableTimer::Retransmit(NodeId(1))),
        [format!("n1 <- Again({header}, Word(7)) for n0#0"), "set Retransmit(n1) 100ms".into()]
    );
    assert_eq!(ada.message(1, operation(0), ack(1, 0)), ["cancel Retransmit(n1)"]);
    assert_eq!(ada.timer(ReliableTimer::Retransmit(NodeId(1))), NOTHING);
}

#[test]
fn the_wait_doubles_up_to_the_cap_and_starts_over_after_progress() {
    let mut ada = node(2, false);
    ada.request(1);
    let waits: Vec<String> = (0..6)
        .filter_map(|_| ada.timer(ReliableTimer::Retransmit(NodeId(1))).pop())
        .map(|line| line.replace("set Retransmit(n1) ", ""))
        .collect();
    assert_eq!(waits, ["100ms", "200ms", "400ms", "800ms", "1s", "1s"]);
    ada.message(1, None, ack(1, 0));
    assert_eq!(ada.request(2)[1], "set Retransmit(n1) 50ms");
}

#[test]
fn an_acknowledgement_beyond_a_gap_does_not_put_off_the_retransmission() {
    let mut ada = node(2, false);
    ada.request(1);
    ada.request(2);
    assert_eq!(ada.message(1, None, ack(0, 1)), NOTHING, "the first is still missing");
    let again = ada.timer(ReliableTimer::Retransmit(NodeId(1)));
    assert_eq!(again.len(), 2, "only the missing one, and the timer: {again:?}");
    assert!(again[0].contains("Word(1)"), "{again:?}");
}

#[test]
fn a_duplicate_is_acknowledged_again_and_not_delivered_again() {
    let mut ada = node(2, false);
    assert_eq!(outcome(&ada.message(1, None, data(0, 0, 0))), (vec!["0"], true));
    assert_eq!(outcome(&ada.message(1, None, data(0, 0, 0))), (vec![], true));
}

#[test]
fn without_fifo_messages_are_delivered_as_they_come_each_once() {
    let mut ada = node(2, false);
    assert_eq!(outcome(&ada.message(1, None, data(0, 1, 0))), (vec!["1"], true));
    assert_eq!(outcome(&ada.message(1, None, data(0, 1, 0))), (vec![], true));
    assert_eq!(outcome(&ada.message(1, None, data(0, 0, 0))), (vec!["0"], true));
}

#[test]
fn with_fifo_what_is_early_waits_unacknowledged_for_its_predecessors() {
    let mut ada = node(2, true);
    assert_eq!(outcome(&ada.message(1, None, data(0, 1, 0))), (vec![], false));
    let both = ada.message(1, None, data(0, 0, 0));
    assert_eq!(outcome(&both), (vec!["0", "1"], true));
    assert!(both[2].contains("below: 2"), "one acknowledgement for both: {both:?}");
}

#[test]
fn what_was_held_back_is_delivered_for_its_own_operation() {
    let mut ada = node(3, true);
    ada.message(1, operation(1), data(0, 1, 0));
    let both = ada.message(1, operation(2), data(0, 0, 0));
    let passed_on: Vec<&str> = both
        .iter()
        .filter(|line| line.contains("Data"))
        .map(|line| line.split(" for ").last().expect("split gives one part at least"))
        .collect();
    assert_eq!(passed_on, ["n2#0", "n1#0"]);
}

#[test]
fn a_receiver_that_lost_its_state_does_not_wait_for_what_is_acknowledged() {
    let mut ada = node(2, true);
    assert_eq!(outcome(&ada.message(1, None, data(0, 5, 5))), (vec!["5"], true));
    assert_eq!(outcome(&ada.message(1, None, data(0, 4, 4))), (vec![], true), "an old copy");
}

#[test]
fn a_restarted_sender_starts_a_new_stream_and_the_old_one_is_dropped() {
    let mut ada = node(2, true);
    ada.message(1, None, data(0, 0, 0));
    assert_eq!(outcome(&ada.message(1, None, data(1, 0, 0))), (vec!["0"], true));
    assert_eq!(ada.message(1, None, data(0, 1, 0)), NOTHING, "from the former self");
    let params = ReliableParams::new(());
    let (mut restarted, _) = Bench::<Reliable<Relay>>::reboot(0, 2, params, 1);
    restarted.request(3);
    assert_eq!(restarted.message(1, None, ack(1, 0)), NOTHING, "to the former self");
    assert_eq!(restarted.timer(ReliableTimer::Retransmit(NodeId(1))).len(), 2);
}

#[test]
fn messages_to_oneself_and_the_inner_nodes_timers_pass_through() {
    let mut ada = node(2, false);
    assert_eq!(ada.request(0), ["n0 <- Own(Word(0)) for n0#0"]);
    assert_eq!(ada.message(0, None, Frame::Own(Word(9))), ["emit 9"]);
    assert_eq!(ada.timer(ReliableTimer::Inner(4)), ["emit 4"]);
}

#[test]
fn first_transmissions_are_of_the_inner_kind_and_the_rest_is_counted_apart() {
    let header = Header { session: 0, sequence: 0, base: 0 };
    let kinds = [data(0, 0, 0), Frame::Own(Word(1)), Frame::Again(header, Word(1)), ack(0, 0)]
        .map(|frame| (Frame::<Word>::kind_name(frame.kind()), frame.kind() >= 1));
    assert_eq!(kinds, [("Word", false), ("Word", false), ("Retransmission", true), ("Ack", true)]);
    assert_eq!(Frame::<Word>::TRANSPORT_FROM, 1);
}

#[test]
fn waits_that_make_no_sense_are_refused() {
    use seedbed_node::Duration;
    let sound = ReliableParams::new(());
    assert_eq!(sound.check(), Ok(()));
    let never = ReliableParams { retransmit: Duration::ZERO, ..sound.clone() };
    assert!(never.check().is_err());
    let inverted = ReliableParams { retransmit_max: Duration::from_millis(1), ..sound };
    assert!(inverted.check().is_err());
}
