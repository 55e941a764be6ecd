//! The literature's synchronisation delays, in units of one message delay: from a release to the
//! next entry while somebody waits. Every link takes exactly T = 1 ms.

mod support;

use seedbed_algorithms::mutex::{
    DecentralisedVotingParams, LamportAcks, LamportParams, OnDenial, RaymondParams, RaymondShape,
};
use seedbed_algorithms::{
    Centralised, CentralisedLease, DecentralisedVoting, Lamport, Maekawa, Mutex, Raymond,
    RicartAgrawala, RoucairolCarvalho, SuzukiKasami, TokenRing,
};
use seedbed_node::{Algorithm, Duration, NodeId};
use support::{assert_held, run, served, world};

const ALL: [u32; 5] = [0, 1, 2, 3, 4];

/// Of five nodes, these always want in; each entry follows the one before after `delays` message
/// delays: on average, and so at most.
fn assert_delay<A>(params: A::Params, only: &[u32], delays: u32)
where
    A: Algorithm<Family = Mutex>,
{
    let nodes = ALL.len() as u32;
    assert_delay_among::<A>(nodes, params, only, delays);
}

fn assert_delay_among<A>(nodes: u32, params: A::Params, only: &[u32], delays: u32)
where
    A: Algorithm<Family = Mutex>,
{
    let only: Vec<String> = only.iter().map(|node| format!("NodeId({node})")).collect();
    let load = format!(
        "Closed(think: Constant(\"0s\"), hold: Constant(\"50ms\"), requests_per_node: 6, \
         only: [{}])",
        only.join(", ")
    );
    let outcome = run::<A>(&served(world(1, nodes)), params, &load, false);
    assert_held(&outcome);
    for figure in ["sync_delay_ns_mean", "sync_delay_ns_max"] {
        let measured = outcome.measures[figure] / 1e6;
        // HDR histograms keep three significant digits.
        let close = (measured - f64::from(delays)).abs() <= 0.002 * f64::from(delays);
        assert!(close, "{} {only:?}: {figure} is {measured} T, not {delays} T", A::NAME);
    }
}

#[test]
fn one_delay_where_who_leaves_tells_the_next() {
    assert_delay::<Lamport>(LamportParams::default(), &ALL, 1);
    let deferred = LamportParams { acks: LamportAcks::Deferred, ..Default::default() };
    assert_delay::<Lamport>(deferred, &ALL, 1);
    assert_delay::<RicartAgrawala>(Default::default(), &ALL, 1);
    assert_delay::<RoucairolCarvalho>(Default::default(), &ALL, 1);
    assert_delay::<SuzukiKasami>(Default::default(), &ALL, 1);
}

/// From the release's arrival at its own node: one delay to who decides, one from there.
#[test]
fn two_delays_where_a_third_node_decides() {
    assert_delay::<Centralised>(Default::default(), &ALL[1..], 2);
    assert_delay::<CentralisedLease>(Default::default(), &ALL[1..], 2);
    let (coordinators, majority) = (Some(3), Some(3));
    let denied = OnDenial::Wait;
    let unanimous =
        DecentralisedVotingParams { coordinators, majority, denied, ..Default::default() };
    assert_delay::<DecentralisedVoting>(unanimous, &ALL[3..], 2);
    // In the plane of order 2 the quorums of 0 and 2 meet in 3, those of 4 and 6 in 0.
    for pair in [[0, 2], [4, 6]] {
        assert_delay_among::<Maekawa>(7, Default::default(), &pair, 2);
    }
    // Where a quorum's decider is one of the two, its word to itself takes no time.
    assert_delay_among::<Maekawa>(7, Default::default(), &[0, 1], 1);
}

/// Two delays an attempt: with k attempts 2T·k, and what the node backs off in between.
#[test]
fn an_attempt_of_voting_takes_two_delays() {
    let params = DecentralisedVotingParams { coordinators: Some(3), ..Default::default() };
    let alone = "Closed(requests_per_node: 5, only: [NodeId(4)])";
    let outcome = run::<DecentralisedVoting>(&world(1, 5), params.clone(), alone, false);
    assert_held(&outcome);
    assert_eq!(outcome.measures["response_ns_max"], outcome.measures["response_ns_p50"]);
    assert!((outcome.measures["response_ns_max"] / 1e6 - 2.0).abs() < 0.004);
    // Without a backoff to speak of, what waits longer has made so many attempts.
    let backoff = Duration::from_nanos(1);
    let params = DecentralisedVotingParams { backoff, ..params };
    let pair = "Closed(think: Constant(\"0s\"), hold: Constant(\"6500us\"), \
                requests_per_node: 1, only: [NodeId(3), NodeId(4)])";
    let outcome = run::<DecentralisedVoting>(&world(2, 5), params, pair, false);
    assert_held(&outcome);
    let attempts = outcome.messages.by_kind.iter().find(|tally| tally.kind == "Ask");
    let attempts = attempts.expect("both asked").sent / 2;
    let waited = (outcome.measures["response_ns_max"] / 1e6).round();
    let first = (outcome.measures["response_ns_p50"] / 1e6).round();
    assert_eq!((waited + first) as u64, 2 * attempts, "2T an attempt: {outcome:?}");
}

#[test]
fn as_many_hops_as_there_are_on_the_ring() {
    assert_delay::<TokenRing>(Default::default(), &ALL, 1);
    assert_delay_among::<TokenRing>(6, Default::default(), &[0, 3], 3);
    assert_delay_among::<TokenRing>(6, Default::default(), &[1, 3, 5], 2);
}

#[test]
fn as_many_edges_as_lie_between_two_nodes_of_raymonds_tree() {
    for shape in [RaymondShape::Binary, RaymondShape::Star, RaymondShape::Line] {
        for (a, b) in (0..7).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let params = RaymondParams { shape, ..Default::default() };
            let edges = shape.distance(NodeId(a), NodeId(b));
            assert_delay_among::<Raymond>(7, params, &[a, b], edges);
        }
    }
}

/// All want in: the privilege walks round the tree, along two times N-1 edges for N entries.
#[test]
fn a_saturated_raymond_tree_hands_over_in_less_than_two_delays_on_average() {
    let outcome = run::<Raymond>(&world(1, 31), Default::default(), support::SATURATED, false);
    assert_held(&outcome);
    let mean = outcome.measures["sync_delay_ns_mean"] / 1e6;
    let theory = 2.0 * 30.0 / 31.0;
    assert!((mean - theory).abs() < 0.05 * theory, "{mean} T, not {theory} T");
}
