//! Two-phase commit under everything that it is meant to survive, drawn at random.

use seedbed_algorithms::commit::{ThreePhaseParams, TwoPhaseParams};
use seedbed_algorithms::{Commitment, ThreePhaseCommit, TwoPhaseCommit};
use seedbed_core::fault::{RandomFaults, RandomKind};
use seedbed_core::network::{Corruption, LinkModel, Loss};
use seedbed_core::{EndedBy, Verdict, Window, World};
use seedbed_node::{Algorithm, Distribution, Duration, Probability, Time};

use super::support::{PRESUMPTIONS, at, breached, ms, presuming, run, until};

const SEEDS: u64 = 150;

/// Transactions that overlap, conflict, are refused and withdrawn.
pub const BUSY: &str = "(pace: Open(every: Exponential(mean: \"40ms\"), requests_per_node: 25, \
                        at_once: 4), participants: Some(3), keys: Uniform(count: 6), \
                        keys_per_participant: 2, refuse: 0.05, read_only: 0.2, withdraw: 0.05)";

/// Of each transaction one participant.
const ALONE: &str = "(pace: Open(every: Exponential(mean: \"40ms\"), requests_per_node: 25, \
                     at_once: 4), participants: Some(1), keys: Uniform(count: 6))";

/// Links that lose, repeat and reorder; nodes that crash, also in the middle of a handler, pause,
/// and are cut off. All is over after three seconds.
fn harsh(seed: u64) -> World {
    let mut world = World::new(seed, 5);
    world.network.default = LinkModel {
        delay: Distribution::Uniform(ms(1), ms(40)),
        loss: Loss::Bernoulli(Probability::new(0.05).expect("in 0..=1")),
        duplicate: Probability::new(0.1).expect("in 0..=1"),
        ..LinkModel::default()
    };
    world.faults.random = Some(RandomFaults {
        window: Window { from: Time::ZERO, until: at(Duration::from_secs(3)) },
        count_max: 12,
        lasting: Distribution::Uniform(ms(5), ms(900)),
        kinds: vec![
            RandomKind::Crash,
            RandomKind::CrashBetweenEffects,
            RandomKind::CrashBetweenEffects,
            RandomKind::Pause,
            RandomKind::Partition,
            RandomKind::Cut,
        ],
        down_max: 2,
    });
    world
}

#[test]
fn it_agrees_and_once_faults_are_over_everybody_decides() {
    let (mut committed, mut aborted, mut blocked) = (0.0, 0.0, 0.0);
    for presume in PRESUMPTIONS {
        for cooperative in [false, true] {
            for seed in 0..SEEDS {
                let params = TwoPhaseParams { cooperative, ..presuming(presume) };
                let outcome = run::<TwoPhaseCommit>(&harsh(seed), params, BUSY);
                // Where messages are lost, what nobody refuses may be aborted.
                let others = outcome.checks.iter().filter(|check| check.name != "Unanimous");
                for check in others {
                    let what = format!("{presume:?} {cooperative} {seed}: {check:?}");
                    assert_eq!(check.verdict, Verdict::Held, "{what}");
                }
                committed += outcome.measures["committed"];
                aborted += outcome.measures["aborted"];
                blocked += outcome.measures["blocked"];
            }
        }
    }
    assert!(committed > 1000.0 && aborted > 1000.0 && blocked > 100.0, "faults have an effect");
}

/// Altered messages break what is promised, and panic nobody.
#[test]
fn undetected_corruption_breaks_it_and_panics_nobody() {
    fn breaches<A: Algorithm<Family = Commitment>>(params: &A::Params) -> u32 {
        let mut breaches = 0;
        for seed in 0..100 {
            let mut world = until(harsh(seed), Duration::from_secs(20));
            let chance = Probability::new(0.1).expect("in 0..=1");
            world.network.default.corrupt = Corruption { chance, undetected: true };
            // Alone, a participant's list names itself, or after a flip nobody.
            let load = if seed % 2 == 0 { BUSY } else { ALONE };
            let outcome = run::<A>(&world, params.clone(), load);
            let panicked = matches!(outcome.ended_by, EndedBy::Panic { .. });
            assert!(!panicked, "{seed}: {:?}", outcome.ended_by);
            let unsafe_checks = ["Agreement", "Validity", "LocksExclusive"];
            breaches += u32::from(unsafe_checks.iter().any(|name| breached(&outcome, name)));
        }
        breaches
    }
    let cooperative = TwoPhaseParams { cooperative: true, ..TwoPhaseParams::default() };
    assert!(breaches::<TwoPhaseCommit>(&cooperative) > 10);
    assert!(breaches::<ThreePhaseCommit>(&ThreePhaseParams::default()) > 10);
}
