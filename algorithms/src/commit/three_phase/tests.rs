//! Transcripts of three-phase commit, and the table of its termination protocol.

use std::collections::BTreeSet;

use seedbed_node::NodeId;

use super::{
    Report, ThreePhaseCommit, ThreePhaseMessage as M, ThreePhaseParams, ThreePhaseTimer as Timer,
};
use crate::commit::stage::{Stage, T, begin, part};
use crate::commit::{Part, Record};

type Nodes = Stage<ThreePhaseCommit>;

const NOTHING: [&str; 0] = [];

fn booted(nodes: u32) -> Nodes {
    Nodes::booted(nodes, ThreePhaseParams::default())
}

/// Skeen 1981, section 4: the central-site nonblocking protocol.
#[test]
fn a_commit() {
    let mut nodes = booted(2);
    nodes.request(begin(&[part(4)], false));
    assert_eq!(
        nodes.deliver().expect("the question"),
        [
            "force Ready { transaction: T0, locks: {4}, peers: {n1}, horizon: T0 }",
            "emit Prepared { transaction: T0, locks: {4} }",
            "n0 <- Vote { transaction: T0, yes: true }",
            "set Doubt(T0) 500ms",
        ]
    );
    assert_eq!(
        nodes.deliver().expect("the vote"),
        [
            "cancel Votes(T0)",
            "force Precommitting(T0, {n1})",
            "n1 <- Precommit { transaction: T0 }",
            "set Precommits(T0) 100ms",
        ]
    );
    assert_eq!(
        nodes.deliver().expect("the announcement"),
        ["force Precommitted(T0)", "n0 <- PrecommitAck { transaction: T0 }"]
    );
    assert_eq!(
        nodes.deliver().expect("that it is known"),
        [
            "cancel Precommits(T0)",
            "force Decision(T0, true, {n1})",
            "emit Decided { transaction: T0, commit: true }",
            "n1 <- Decide { transaction: T0, commit: true }",
            "set Acks(T0) 200ms",
        ]
    );
    assert_eq!(
        nodes.deliver().expect("the decision"),
        [
            "force Outcome(T0, true)",
            "emit Decided { transaction: T0, commit: true }",
            "cancel Doubt(T0)",
            "n0 <- Ack { transaction: T0 }",
        ]
    );
    assert_eq!(nodes.deliver().expect("the end"), ["cancel Acks(T0)", "write End(T0)"]);
}

#[test]
fn a_no_aborts_without_a_third_phase() {
    let mut nodes = booted(3);
    nodes.request(begin(&[part(4), Part { refuses: true, ..part(7) }], false));
    nodes.settle();
    assert_eq!((nodes.outcome(0), nodes.outcome(1)), (Some(false), Some(false)));
    assert_eq!(nodes.logs[2].outcomes.get(&T), Some(&false));
}

#[test]
fn the_coordinator_commits_without_those_who_do_not_answer() {
    let mut nodes = booted(3);
    nodes.request(begin(&[part(4), part(7)], false));
    for _ in 0..4 {
        nodes.deliver();
    }
    nodes.crash(2);
    nodes.settle();
    assert_eq!(nodes.outcome(0), None);
    nodes.timer(0, Timer::Precommits(T));
    nodes.settle();
    assert_eq!((nodes.outcome(0), nodes.outcome(1)), (Some(true), Some(true)));
    nodes.boot(2);
    nodes.settle();
    assert_eq!(nodes.outcome(2), Some(true), "it asks at its restart");
}

#[test]
fn a_coordinator_that_restarts_before_its_decision_asks_and_after_it_tells() {
    let mut nodes = Nodes::new(3, ThreePhaseParams::default());
    let both = BTreeSet::from([NodeId(1), NodeId(2)]);
    assert_eq!(nodes.boot(0), NOTHING);
    nodes.log(0, &Record::Precommitting(T, both.clone()));
    let asked = [
        "n1 <- Inquire { transaction: T0 }",
        "n2 <- Inquire { transaction: T0 }",
        "set Acks(T0) 200ms",
    ];
    assert_eq!(nodes.boot(0), asked);
    assert_eq!(nodes.timer(0, Timer::Acks(T)), asked);
    let told = nodes.message(2, 0, M::Decide { transaction: T, commit: false });
    assert_eq!(told[0], "force Decision(T0, false, {n1, n2})");
    assert!(nodes.boot(0)[1].starts_with("n1 <- Decide"));
}

/// What a participant can be in when its coordinator is down; `None`: down as well.
const STATES: [Option<Report>; 5] = [
    None,
    Some(Report::Aborted),
    Some(Report::Ready),
    Some(Report::Precommitted),
    Some(Report::Committed),
];

/// Puts three participants into these states without restarting them.
fn left_alone(states: [Option<Report>; 3]) -> Nodes {
    let mut nodes = booted(4);
    nodes.crash(0);
    let peers: BTreeSet<NodeId> = (1..=3).map(NodeId).collect();
    for (state, node) in states.into_iter().zip(1..) {
        let question =
            M::Prepare { transaction: T, part: part(4), peers: peers.clone(), horizon: T };
        let announced = M::Precommit { transaction: T };
        let decided = |commit| M::Decide { transaction: T, commit };
        match state {
            None => nodes.crash(node),
            Some(report) => {
                nodes.message(0, node, question);
                if report >= Report::Precommitted {
                    nodes.message(0, node, announced);
                }
                if matches!(report, Report::Aborted | Report::Committed) {
                    nodes.message(0, node, decided(report == Report::Committed));
                }
            }
        }
        nodes.lose();
    }
    nodes
}

/// Bernstein, Hadzilacos and Goodman, section 7.5: TR1 to TR4 over all states that three
/// participants can be in together.
#[test]
fn the_termination_protocol_decides_whatever_the_others_states_are() {
    let mut cases = 0;
    for states in STATES
        .iter()
        .flat_map(|a| STATES.iter().flat_map(move |b| STATES.iter().map(move |c| [*a, *b, *c])))
    {
        let any = |report| states.contains(&Some(report));
        let (ready, announced) = (any(Report::Ready), any(Report::Precommitted));
        let coexist = !(any(Report::Aborted) && (announced || any(Report::Committed)))
            && !(any(Report::Committed) && ready);
        let Some(first) = states
            .iter()
            .position(|state| matches!(state, Some(Report::Ready | Report::Precommitted)))
        else {
            continue;
        };
        if !coexist {
            continue;
        }
        cases += 1;
        let expected = announced || any(Report::Committed);
        let mut nodes = left_alone(states);
        let stand_in = NodeId(0).0 + first as u32 + 1;
        nodes.timer(stand_in, Timer::Doubt(T));
        nodes.settle();
        for _ in 0..2 {
            if nodes.outcome(stand_in).is_none() {
                nodes.timer(stand_in, Timer::Doubt(T));
                nodes.settle();
            }
        }
        for (state, node) in states.into_iter().zip(1..) {
            if state.is_some() {
                assert_eq!(nodes.outcome(node), Some(expected), "{states:?}, n{node}");
                assert!(!nodes.blocked(node));
            }
        }
    }
    assert!(cases > 40, "{cases}");
}

#[test]
fn who_has_restarted_does_not_count_and_asks() {
    let mut nodes = left_alone([Some(Report::Ready), Some(Report::Precommitted), None]);
    nodes.crash(2);
    assert_eq!(nodes.boot(2)[0], "n0 <- Inquire { transaction: T0 }");
    assert_eq!(nodes.message(1, 2, M::Poll { transaction: T }), NOTHING);
    nodes.lose();
    nodes.timer(1, Timer::Doubt(T));
    nodes.settle();
    nodes.timer(1, Timer::Doubt(T));
    nodes.settle();
    assert_eq!((nodes.outcome(1), nodes.outcome(2)), (Some(false), Some(false)));
}

#[test]
fn turns_are_far_enough_apart() {
    let params = ThreePhaseParams::default();
    let peers: BTreeSet<NodeId> = [1, 4, 6].map(NodeId).into();
    let patience: Vec<String> =
        peers.iter().map(|peer| params.patience(&peers, *peer).to_string()).collect();
    assert_eq!(patience, ["500ms", "900ms", "1.3s"]);
}
