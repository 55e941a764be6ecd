//! Random fault plans keep their bounds.

use proptest::prelude::*;
use seedbed_core::fault::{Fault, RandomFaults, RandomKind, TimedFault, strategy};
use seedbed_core::rng::Keys;
use seedbed_core::world::Window;
use seedbed_node::{Distribution, Duration, NodeId, Time};

const KINDS: [RandomKind; 8] = [
    RandomKind::Partition,
    RandomKind::Cut,
    RandomKind::Isolate,
    RandomKind::Degrade,
    RandomKind::Crash,
    RandomKind::CrashBetweenEffects,
    RandomKind::Pause,
    RandomKind::ClockStep,
];

fn bounds(count_max: u32, down_max: u32, from: u64, length: u64, mean: u64) -> RandomFaults {
    RandomFaults {
        window: Window { from: Time(from), until: Time(from + length) },
        count_max,
        lasting: Distribution::Exponential { mean: Duration::from_nanos(mean) },
        kinds: KINDS.to_vec(),
        down_max,
    }
}

/// Who is down because of a fault, if it takes anybody down.
fn downed(fault: &Fault) -> Option<NodeId> {
    match fault {
        Fault::Crash { node, .. } | Fault::Pause(node) => Some(*node),
        _ => None,
    }
}

fn nodes_of(fault: &Fault) -> Vec<NodeId> {
    use seedbed_core::world::NodeSet;
    let of_set = |set: &NodeSet| match set {
        NodeSet::All => vec![],
        NodeSet::Only(nodes) => nodes.clone(),
    };
    match fault {
        Fault::Partition(groups) => groups.concat(),
        Fault::Cut(links) | Fault::Degrade { links, .. } => {
            [of_set(&links.from), of_set(&links.to)].concat()
        }
        Fault::Isolate(set) => of_set(set),
        Fault::Crash { node, .. } | Fault::Slow { node, .. } => vec![*node],
        Fault::Pause(node) | Fault::LateBoot(node) => vec![*node],
        Fault::ClockStep { node, .. } | Fault::Drift { node, .. } => vec![*node],
    }
}

/// Entries, a pair of degradations counted once.
fn strikes(plan: &[TimedFault]) -> usize {
    let degraded = plan.iter().filter(|t| matches!(t.fault, Fault::Degrade { .. })).count();
    assert_eq!(degraded % 2, 0, "both directions or none");
    plan.len() - degraded / 2
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_bound_is_kept(
        seed in any::<u64>(), members in 0..9u32, count_max in 0..40u32, down_max in 0..5u32,
        from in 0..1_000u64, length in 0..10_000u64, mean in 0..5_000u64,
    ) {
        let random = bounds(count_max, down_max, from, length, mean);
        let plan = strategy::draw(&random, members, &Keys::of_seed(seed));
        prop_assert!(strikes(&plan) <= count_max as usize);
        prop_assert!(plan.is_sorted_by_key(|timed| timed.at));
        for TimedFault { at, until, fault } in &plan {
            prop_assert!(random.window.from <= *at && *at < random.window.until);
            prop_assert!(nodes_of(fault).iter().all(|node| node.0 < members));
            match until {
                Some(until) => prop_assert!(at < until && *until <= random.window.until),
                None => {
                    let for_good = matches!(fault, Fault::ClockStep { .. });
                    prop_assert!(for_good);
                }
            }
            match fault {
                Fault::Partition(groups) => {
                    prop_assert!(groups.len() == 2 && groups.iter().all(|g| !g.is_empty()));
                    let mut all = groups.concat();
                    all.sort_unstable();
                    prop_assert!(all.into_iter().eq((0..members).map(NodeId)));
                }
                Fault::ClockStep { by_ns, .. } => prop_assert!(by_ns.abs() <= 1_000_000_000),
                Fault::Cut(links) => prop_assert!(links.from != links.to),
                _ => {}
            }
        }
        let outages: Vec<_> =
            plan.iter().filter_map(|t| Some((downed(&t.fault)?, t.at, t.until?))).collect();
        for (_, start, _) in &outages {
            let down: Vec<_> =
                outages.iter().filter(|(_, at, until)| at <= start && start <= until).collect();
            prop_assert!(down.len() <= down_max as usize, "{down:?}");
            let mut who: Vec<_> = down.iter().map(|(node, ..)| *node).collect();
            who.sort_unstable();
            prop_assert!(who.is_sorted_by(|a, b| a < b), "down twice: {who:?}");
        }
    }
}

#[test]
fn every_kind_strikes_and_down_max_is_reached() {
    let random = bounds(12, 2, 0, 10_000, 3_000);
    let mut seen = [0; 8];
    let (mut most_down, mut most) = (0, 0);
    for seed in 0..500 {
        let plan = strategy::draw(&random, 5, &Keys::of_seed(seed));
        most = most.max(strikes(&plan));
        for TimedFault { at, fault, .. } in &plan {
            let down = plan
                .iter()
                .filter(|t| downed(&t.fault).is_some() && t.at <= *at && Some(*at) <= t.until);
            most_down = most_down.max(down.count());
            seen[match fault {
                Fault::Partition(_) => 0,
                Fault::Cut(_) => 1,
                Fault::Isolate(_) => 2,
                Fault::Degrade { .. } => 3,
                Fault::Crash { after_effects: None, .. } => 4,
                Fault::Crash { after_effects: Some(_), .. } => 5,
                Fault::Pause(_) => 6,
                Fault::ClockStep { .. } => 7,
                other => panic!("{other:?} is not drawn"),
            }] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
    assert_eq!((most_down, most), (2, 12));
}

#[test]
fn plans_depend_on_the_seed_alone_and_grow_by_appending() {
    let plan = |seed, count_max| {
        let random = bounds(count_max, 9, 0, 10_000, 500);
        strategy::draw(&random, 5, &Keys::of_seed(seed))
    };
    assert_eq!(plan(1, 20), plan(1, 20));
    assert_ne!(plan(1, 20), plan(2, 20));
    for seed in 0..50 {
        let larger = plan(seed, 40);
        // Outages that were refused aside, what a smaller plan has a larger one has, too.
        assert!(plan(seed, 4).iter().all(|fault| larger.contains(fault)), "seed {seed}");
    }
}
