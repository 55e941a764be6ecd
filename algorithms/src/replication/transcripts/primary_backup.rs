//! Alsberg and Day, ICSE 1976, as described by van Renesse and Schneider, OSDI 2004, section 4.

use seedbed_node::NodeId;

use super::{CLIENT, MASTER, MEMBERS, NOTHING, asks, difference, op, query, sent, without};
use crate::replication::{
    Configuration, PrimaryBackup, PrimaryBackupParams, ReplicationMessage as Message,
    ReplicationTimer, Shape,
};
use crate::transcript::Bench;

fn node(me: u32) -> Bench<PrimaryBackup> {
    let params = PrimaryBackupParams { heartbeat: None, ..Default::default() };
    Bench::boot(me, MEMBERS, params).0
}

const ACK: Message = Message::Ack { sequence: 1 };

#[test]
fn section_4_the_primary_sends_to_all_backups_and_answers_when_all_have_acknowledged() {
    let mut primary = node(0);
    let differences = sent(&primary.message(CLIENT, Some(op(0)), asks(0, 7, 70)));
    assert_eq!(differences, ["n1 <- Difference", "n2 <- Difference"]);
    assert_eq!(primary.message(1, Some(op(0)), ACK), NOTHING);
    assert_eq!(primary.message(1, Some(op(0)), ACK), NOTHING, "the same backup again");
    let answered = primary.message(2, Some(op(0)), ACK);
    assert_eq!(answered, ["n4 <- Answer { operation: n4#0, reply: Written } for n4#0"]);
}

#[test]
fn section_4_a_query_waits_for_the_updates_before_it() {
    let mut primary = node(0);
    primary.message(CLIENT, Some(op(0)), asks(0, 7, 70));
    assert_eq!(primary.message(CLIENT, Some(op(1)), query(1, 9)), NOTHING);
    primary.message(1, Some(op(0)), ACK);
    assert_eq!(sent(&primary.message(2, Some(op(0)), ACK)), ["n4 <- Answer", "n4 <- Answer"]);
    assert_eq!(sent(&primary.message(CLIENT, Some(op(2)), query(2, 7))), ["n4 <- Answer"]);
}

#[test]
fn section_4_a_backup_acknowledges_what_it_has_in_order() {
    let mut backup = node(1);
    assert_eq!(backup.message(0, Some(op(1)), difference(1, 2, 1, 71)), NOTHING, "1 is missing");
    assert_eq!(sent(&backup.message(0, Some(op(0)), difference(1, 1, 0, 70))), ["n0 <- Ack"]);
    assert_eq!(sent(&backup.message(0, Some(op(0)), difference(1, 1, 0, 70))), ["n0 <- Ack"]);
}

#[test]
fn section_4_when_a_backup_fails_its_acknowledgement_is_not_awaited() {
    let mut primary = node(0);
    primary.message(CLIENT, Some(op(0)), asks(0, 7, 70));
    primary.message(1, Some(op(0)), ACK);
    assert_eq!(sent(&primary.message(MASTER, None, without(2, Shape::Star))), ["n4 <- Answer"]);
}

#[test]
fn section_4_when_the_primary_fails_the_master_polls_and_appoints_who_has_most() {
    let params = PrimaryBackupParams::default();
    let mut master = Bench::<PrimaryBackup>::boot(MASTER, MEMBERS, params).0;
    let polled = master.timer(ReplicationTimer::Suspect(NodeId(0)));
    assert_eq!(sent(&polled), ["n1 <- Poll", "n2 <- Poll"]);
    let progress = |applied| Message::Progress { epoch: 1, applied };
    assert_eq!(master.message(1, None, progress(Some(4))), NOTHING);
    let appointed = master.message(2, None, progress(Some(5)));
    assert_eq!(appointed[0], "emit Reconfigured { servers: [(n2, 0), (n1, 0)], shape: Star }");
}

#[test]
fn section_4_the_new_primary_sends_what_a_backup_misses_and_then_owes_no_answer() {
    let mut second = node(2);
    second.message(0, Some(op(0)), difference(1, 1, 0, 70));
    let poll = Message::Poll { epoch: 1 };
    assert_eq!(
        second.message(MASTER, None, poll),
        ["n3 <- Progress { epoch: 1, applied: Some(1) }"]
    );
    assert_eq!(second.message(0, Some(op(1)), difference(1, 2, 1, 71)), NOTHING, "suspended");
    let configuration = Configuration::initial(3).led_by(NodeId(2));
    second.message(MASTER, None, Message::Configure { configuration: configuration.clone() });
    let resume = Message::Resume { configuration, successor: NodeId(1), applied: Some(0) };
    assert_eq!(sent(&second.message(1, None, resume)), ["n1 <- Difference"]);
    assert_eq!(sent(&second.message(1, None, ACK)), ["n4 <- Answer"], "which the old one owed");
}
