//! The table of costs in the documentation of two-phase commit, every cell with equality.

use seedbed_algorithms::commit::{Presume, ThreePhaseParams, TwoPhaseParams};
use seedbed_algorithms::{Commitment, ThreePhaseCommit, TwoPhaseCommit};
use seedbed_core::{Outcome, World};
use seedbed_node::{Algorithm, Theory};

use super::support::{PRESUMPTIONS, assert_held, presuming, run};

/// Messages, forced writes, lazy writes.
type Cost = (u32, u32, u32);

const TRANSACTIONS: u64 = 3;

/// The first `refusers` participants vote NO, the next `readers` only read.
fn load(refusers: u32, readers: u32, withdrawn: bool) -> String {
    let nodes = |range: std::ops::Range<u32>| {
        let nodes: Vec<String> = range.map(|node| format!("NodeId({node})")).collect();
        nodes.join(",")
    };
    format!(
        "(pace: Closed(think: Constant(\"10ms\"), requests_per_node: {TRANSACTIONS}), \
         refusers: [{}], readers: [{}], withdraw: {})",
        nodes(1..refusers + 1),
        nodes(refusers + 1..refusers + readers + 1),
        f64::from(u8::from(withdrawn)),
    )
}

fn assert_costs(outcome: &Outcome, (messages, forced, lazy): Cost, what: impl Fn() -> String) {
    assert_held(outcome, &what);
    assert_eq!(outcome.operations.count, TRANSACTIONS, "{}", what());
    let per = outcome.operations.messages_per.expect("transactions");
    let messages = u64::from(messages);
    assert_eq!((per.min, per.max), (messages, messages), "messages: {}", what());
    assert_eq!(outcome.messages.sent, messages * TRANSACTIONS, "{}", what());
    let written = (outcome.writes.forced, outcome.writes.lazy);
    let expected = (u64::from(forced) * TRANSACTIONS, u64::from(lazy) * TRANSACTIONS);
    assert_eq!(written, expected, "writes: {}", what());
}

/// The table: of n participants y vote YES, k NO, the rest READ.
fn two_phase(presume: Presume, n: u32, y: u32, k: u32, commit: bool) -> Cost {
    use Presume::{Abort, Commit, Nothing};
    match (presume, commit) {
        (Nothing | Abort, true) if y == 0 => (2 * n, 0, 0),
        (Commit, true) if y == 0 => (2 * n, 1, 1),
        (Nothing | Abort, true) => (2 * n + 2 * y, 2 * y + 1, 1),
        (Commit, true) => (2 * n + y, y + 2, y),
        (Nothing, false) => (2 * n + 2 * y, 2 * y + k + 1, 1),
        (Abort, false) => (2 * n + y, y, y + k + 1),
        (Commit, false) => (2 * n + 2 * y, 2 * y + k + 1, 2),
    }
}

/// Mohan, Lindsay and Obermarck, TODS 1986.
#[test]
fn two_phase_commit_costs_what_the_table_says() {
    for presume in PRESUMPTIONS {
        for n in 1..=16 {
            for k in 0..=n {
                for readers in 0..=(n - k) {
                    for withdrawn in [false, true] {
                        let commit = k == 0 && !withdrawn;
                        let cost = two_phase(presume, n, n - k - readers, k, commit);
                        let load = load(k, readers, withdrawn);
                        let world = World::new(1, n + 1);
                        let outcome = run::<TwoPhaseCommit>(&world, presuming(presume), &load);
                        assert_costs(&outcome, cost, || {
                            format!("{presume:?}, {n}: {k} NO, {readers} READ, {withdrawn}")
                        });
                    }
                }
            }
        }
    }
}

/// The headline figures, written out.
#[test]
fn with_everybody_voting_yes() {
    use Presume::{Abort, Commit, Nothing};
    for n in 1..=16 {
        for (presume, commit, cost) in [
            (Nothing, true, (4 * n, 2 * n + 1)),
            (Abort, true, (4 * n, 2 * n + 1)),
            (Abort, false, (3 * n, n)),
            (Commit, true, (3 * n, n + 2)),
        ] {
            let (messages, forced, _) = two_phase(presume, n, n, 0, commit);
            assert_eq!((messages, forced), cost);
        }
    }
}

/// Without the optimisation a reader is a participant like any other.
#[test]
fn readers_cost_as_much_as_writers_without_the_optimisation() {
    for presume in PRESUMPTIONS {
        for n in 1..=16 {
            let params = TwoPhaseParams { read_only: false, ..presuming(presume) };
            let outcome = run::<TwoPhaseCommit>(&World::new(1, n + 1), params, &load(0, n, false));
            let cost = two_phase(presume, n, n, 0, true);
            assert_costs(&outcome, cost, || format!("{presume:?}, {n} readers"));
        }
    }
}

#[test]
fn three_phase_commit_costs_6_n_messages_and_3_n_plus_2_forced_writes() {
    for n in 1..=16 {
        for k in 0..=n {
            for withdrawn in [false, true] {
                let y = n - k;
                let commit = k == 0 && !withdrawn;
                let abort = (2 * n + 2 * y, 2 * y + k + 1, 1);
                let cost = if commit { (6 * n, 3 * n + 2, 1) } else { abort };
                let world = World::new(1, n + 1);
                let params = ThreePhaseParams::default();
                let outcome = run::<ThreePhaseCommit>(&world, params, &load(k, 0, withdrawn));
                assert_costs(&outcome, cost, || format!("{n}: {k} NO, {withdrawn}"));
            }
        }
    }
}

#[test]
fn theory_agrees() {
    fn theory<A: Algorithm<Family = Commitment>>(params: &A::Params, n: u32, messages: u32) {
        assert_eq!(A::theory(n + 1, params), Theory::Exactly(f64::from(messages)));
    }
    for n in 1..=16 {
        for presume in PRESUMPTIONS {
            let (messages, ..) = two_phase(presume, n, n, 0, true);
            theory::<TwoPhaseCommit>(&presuming(presume), n, messages);
        }
        theory::<ThreePhaseCommit>(&ThreePhaseParams::default(), n, 6 * n);
    }
}
