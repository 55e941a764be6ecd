//! Voting: how often coordinators that forget let two in, against the paper's probability; split
//! votes without backoff; what else it can and cannot bear.

mod support;

use seedbed_algorithms::DecentralisedVoting;
use seedbed_algorithms::mutex::decentralised_voting::violation_probability;
use seedbed_algorithms::mutex::{DecentralisedVotingParams, OnDenial};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::Loss;
use seedbed_core::{EndedBy, Outcome};
use seedbed_node::{Draws, Duration, NodeId, Probability, Time};
use support::{BUSY, assert_held, breached, check, jittery, run, until, world};

fn at(ms: u64) -> Time {
    Time::ZERO + Duration::from_millis(ms)
}

fn voting(n: u32, m: u32) -> DecentralisedVotingParams {
    DecentralisedVotingParams {
        coordinators: Some(n),
        majority: Some(m),
        backoff: Duration::from_millis(2),
        ..Default::default()
    }
}

/// One client is inside for long; each coordinator restarts with probability `p` meanwhile; then a
/// second client tries again and again until the first leaves. Whether both were inside.
fn both_inside(seed: u64, n: u32, m: u32, p: f64) -> bool {
    let mut world = until(world(seed, n + 2), 14);
    let forgets = Probability::new(p).expect("in 0..=1");
    let mut draws = Draws::keyed(seed);
    for node in (0..n).map(NodeId).filter(|_| forgets.hits(&mut draws)) {
        let fault = Fault::Crash { node, after_effects: None };
        world.faults.planned.push(TimedFault { at: at(500), until: Some(at(510)), fault });
    }
    // The second boots when all restarts are over, and is served at the latest after the first.
    let late = Fault::LateBoot(NodeId(n + 1));
    world.faults.planned.push(TimedFault { at: at(1000), until: None, fault: late });
    let clients = format!(
        "Closed(think: Constant(\"0s\"), hold: Constant(\"12s\"), requests_per_node: 1, \
         only: [NodeId({n}), NodeId({})])",
        n + 1
    );
    let outcome = run::<DecentralisedVoting>(&world, voting(n, m), &clients, false);
    breached(&outcome, "MutualExclusion")
}

#[test]
fn violations_are_as_frequent_as_the_paper_says() {
    for (n, m, p) in [(3, 2, 0.1), (5, 3, 0.1), (5, 4, 0.5), (6, 4, 0.3), (7, 4, 0.05)] {
        let runs = 400;
        let violations = (0..runs).filter(|&seed| both_inside(seed, n, m, p)).count() as f64;
        let theory = violation_probability(n, m, p);
        let frequency = violations / runs as f64;
        // Four standard deviations: one such test in 16,000 fails by chance.
        let variance = theory * (1.0 - theory) / runs as f64;
        let off = frequency - theory;
        assert!(
            off * off <= 16.0 * variance,
            "{m} of {n} with p = {p}: {frequency}, not {theory} (variance {variance})"
        );
    }
}

#[test]
fn coordinators_that_do_not_forget_never_let_two_in() {
    for seed in 0..20 {
        assert!(!both_inside(seed, 3, 2, 0.0), "seed {seed}");
        assert!(both_inside(seed, 3, 2, 1.0), "seed {seed}: all have forgotten");
    }
}

fn contended(seed: u64, denied: OnDenial) -> Outcome {
    let params = DecentralisedVotingParams { denied, ..Default::default() };
    run::<DecentralisedVoting>(&jittery(seed, 5, false), params, BUSY, false)
}

#[test]
fn with_backoff_everybody_gets_in_at_last() {
    for seed in 0..200 {
        assert_held(&contended(seed, OnDenial::BackOff));
    }
}

#[test]
fn without_backoff_split_votes_block_and_the_report_says_who_waits_for_whom() {
    let mut blocked = 0;
    for seed in 0..50 {
        let outcome = contended(seed, OnDenial::Wait);
        assert!(!breached(&outcome, "MutualExclusion"));
        if breached(&outcome, "Granted") {
            assert_eq!(outcome.ended_by, EndedBy::Quiet, "for ever");
            let why = &check(&outcome, "Granted").detail;
            assert!(why.contains("will never be granted: n"), "{why}");
            assert!(why.contains("waits for"), "{why}");
            blocked += 1;
        }
    }
    assert!(blocked > 25, "{blocked} of 50");
}

#[test]
fn loss_duplication_and_reordering_let_nobody_in_who_should_not_be() {
    let mut starved = 0;
    for seed in 0..200 {
        let mut world = until(jittery(seed, 5, false), 60);
        world.network.default.duplicate = Probability::new(0.2).expect("in 0..=1");
        let twice = run::<DecentralisedVoting>(&world, Default::default(), BUSY, false);
        assert_held(&twice);
        world.network.default.loss = Loss::Bernoulli(Probability::new(0.1).expect("in 0..=1"));
        let lossy = run::<DecentralisedVoting>(&world, Default::default(), BUSY, false);
        assert!(!breached(&lossy, "MutualExclusion"), "seed {seed}");
        starved += u64::from(lossy.operations.pending > 0);
    }
    assert!(starved > 0, "a lost release leaves a vote behind");
}
