//! Parts of scenarios for proptest, each as a [`Section`] to be put into a
//! [`Check`](super::Check). Fewer faults, shorter times and plainer networks are simpler, so that
//! what proptest shrinks to reads well even before a failure is shrunk as a scenario.
//!
//! ```no_run
//! # use seedbed::algorithms::RicartAgrawala as MyNode;
//! use proptest::prelude::*;
//! use seedbed::testing::{check, strategies::*};
//!
//! proptest! {
//!     #[test]
//!     fn my_node_agrees(faults in faults(3, &[Hazard::Pause], 2_000), network in networks()) {
//!         check::<MyNode>().nodes(3).with([faults, network]).holds()?;
//!     }
//! }
//! ```

use proptest::collection::vec;
use proptest::prelude::*;

pub use seedbed_scenarios::hunt::Hazard;

/// A section of a scenario, as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// Which, or the path of a value in one.
    pub name: &'static str,
    /// What it says.
    pub text: String,
}

fn section(name: &'static str, text: String) -> Section {
    Section { name, text }
}

/// Up to five faults of these kinds among nodes called `n0`, `n1`, …, all healed by `until_ms`.
/// Kinds that are no faults with a time are left out; without any other, there are no faults.
pub fn faults(nodes: u32, kinds: &[Hazard], until_ms: u64) -> impl Strategy<Value = Section> {
    // Alone, a node has no links to lose.
    let linked = |hazard: Hazard| nodes > 1 || !matches!(hazard, Hazard::Partition | Hazard::Cut);
    let timed = |hazard: &Hazard| linked(*hazard) && fault(*hazard, 0, 1, 2).is_some();
    let kinds: Vec<Hazard> = kinds.iter().copied().filter(timed).collect();
    let most = if kinds.is_empty() || nodes == 0 { 0 } else { 5 };
    let kind = 0..kinds.len().max(1);
    let at = 0..until_ms.max(2) - 1;
    let one = (kind, 0..nodes.max(1), 1..nodes.max(2), at, 1..500u64);
    vec(one, 0..=most).prop_map(move |drawn| {
        let mut down = Vec::new();
        let entries = drawn.into_iter().filter_map(|(kind, victim, step, at, length)| {
            let hazard = *kinds.get(kind)?;
            let until = (at + length).min(until_ms.max(2));
            let outage = matches!(hazard, Hazard::Crash | Hazard::CrashBetweenEffects);
            // A node that is down cannot crash.
            let free =
                !down.iter().any(|(who, from, to)| *who == victim && at <= *to && *from <= until);
            if outage && free {
                down.push((victim, at, until));
            }
            if outage && !free {
                return None;
            }
            let what = fault(hazard, victim, step, nodes)?;
            Some(match hazard {
                Hazard::Clock | Hazard::Drift => format!("(at: \"{at}ms\", fault: {what})"),
                _ => format!("(at: \"{at}ms\", until: \"{until}ms\", fault: {what})"),
            })
        });
        section("faults", format!("[{}]", entries.collect::<Vec<_>>().join(", ")))
    })
}

/// A fault as scenarios write it; none for kinds without a time of their own.
fn fault(hazard: Hazard, victim: u32, step: u32, nodes: u32) -> Option<String> {
    let other = (victim + step) % nodes;
    Some(match hazard {
        Hazard::Crash => format!("Crash(\"n{victim}\")"),
        Hazard::CrashBetweenEffects => {
            format!("CrashAfterEffects(node: \"n{victim}\", effects: {step})")
        }
        Hazard::Pause => format!("Pause(\"n{victim}\")"),
        Hazard::Isolate => format!("Isolate([\"n{victim}\"])"),
        Hazard::Partition => {
            let rest = (0..nodes).filter(|node| *node != victim);
            let rest: Vec<_> = rest.map(|node| format!("\"n{node}\"")).collect();
            format!("Partition([[\"n{victim}\"], [{}]])", rest.join(", "))
        }
        Hazard::Cut => format!("Cut(\"n{victim}->n{other}\")"),
        Hazard::Degrade => format!("Degrade(links: \"n{victim}->*\", delay_factor: 10, loss: 0.1)"),
        Hazard::Delay => {
            format!("Degrade(links: \"n{victim}->*\", delay_factor: {})", 2 + step * 8)
        }
        Hazard::Loss => format!("Degrade(links: \"n{victim}->*\", loss: 0.5)"),
        Hazard::Clock => format!("ClockStep(node: \"n{victim}\", by: \"{}ms\")", step * 100),
        Hazard::Drift => format!("Drift(node: \"n{victim}\", ppm: {})", step * 100),
        Hazard::Duplication
        | Hazard::Reorder
        | Hazard::LateBoot
        | Hazard::Slow
        | Hazard::Offset
        | Hazard::Ties => return None,
    })
}

/// A network that loses and repeats nothing: delays of some shape and size, overtaking or not.
pub fn networks() -> impl Strategy<Value = Section> {
    let delay = prop_oneof![
        (1..20u64).prop_map(|ms| format!("\"{ms}ms\"")),
        (1..10u64, 1..20u64)
            .prop_map(|(low, more)| { format!("Uniform(\"{low}ms\", \"{}ms\")", low + more) }),
        (1..20u64).prop_map(|ms| format!("Exponential(mean: \"{ms}ms\")")),
    ];
    (delay, any::<bool>()).prop_map(|(delay, reorder)| {
        section("network", format!("(delay: {delay}, reorder: {reorder})"))
    })
}

/// A network that loses and repeats messages too, up to a tenth each.
pub fn lossy_networks() -> impl Strategy<Value = Section> {
    (networks(), 0..=10u32, 0..=10u32).prop_map(|(network, loss, duplicate)| {
        let kept = network.text.trim_end_matches(')');
        let [loss, duplicate] = [loss, duplicate].map(|percent| f64::from(percent) / 100.0);
        section("network", format!("{kept}, loss: {loss}, duplicate: {duplicate})"))
    })
}

/// Clocks that differ by up to a second, and run up to a thousandth too fast or slow.
pub fn clocks() -> impl Strategy<Value = Section> {
    (0..1_000u64, 0..1_000u64).prop_map(|(offset, drift)| {
        let offset = format!("Uniform(\"-{offset}ms\", \"{offset}ms\")");
        section("clocks", format!("(offset: {offset}, drift_ppm: Uniform(-{drift}, {drift}))"))
    })
}

/// Clients that ask so often, with so long between an answer and the next request. For families
/// whose workload is `Closed(…)`; [`paced_workloads`] for those that have it under `pace`.
pub fn workloads() -> impl Strategy<Value = Section> {
    closed().prop_map(|closed| section("workload", closed))
}

/// The same for families whose workload is `(pace: Closed(…), …)`.
pub fn paced_workloads() -> impl Strategy<Value = Section> {
    closed().prop_map(|closed| section("workload", format!("(pace: {closed})")))
}

fn closed() -> impl Strategy<Value = String> {
    (1..10u32, 0..200u64).prop_map(|(requests, think)| {
        format!("Closed(requests_per_node: {requests}, think: \"{think}ms\")")
    })
}

/// A seed: everything that is drawn.
pub fn seeds() -> impl Strategy<Value = Section> {
    (0..1_000_000u64).prop_map(|seed| section("seed", seed.to_string()))
}

/// The order of events of one instant; with [`seeds`], a schedule.
pub fn ties() -> impl Strategy<Value = Section> {
    let order = prop_oneof![Just("Insertion"), Just("Shuffled")];
    order.prop_map(|order| section("ties", order.to_owned()))
}
