//! Where a hunt takes place: the scenario without its own draws, judged as a hunt judges.
//!
//! A run has a safety phase, in which faults strike, and a liveness phase: all that can heal has
//! healed by the time at which the undisturbed scenario ends, and for as long again and some grace
//! the run goes on, so that `Eventually` means "once faults have healed". Therefore
//! - goals get a deadline, unless the run ends when everything is served: a request may last through
//!   all faults and the grace, but no longer;
//! - figures (`AtEnd`) are not judged: they count messages, and faults cost messages.
//!
//! `as_written` leaves the scenario's own checks and end.

use seedbed_core::fault::RandomFaults;
use seedbed_core::{Outcome, StopWhen};
use seedbed_node::{Distribution, Duration, Names, NodeId};

use super::Hunt;
use super::draft::{Draft, fields, list, number, set_field, text, tuple, whole_of, word};
use super::hazard::Hazard;
use crate::lower::{CLOCK_CONDITION, Check};
use crate::plan::{Plan, RunOptions};
use crate::registry::Registry;
use crate::text::{Kind, Node};

/// Nobody waits for an undisturbed run of more events.
const PILOT_EVENTS_MAX: u64 = 1_000_000;

/// Up to so many nodes, `nodes: 5` becomes a list of names, so that any of them can be left out.
const LISTED_MAX: u32 = 256;

/// The scenario that runs are drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    /// The scenario without `Random`, `expect` and `replay`.
    pub draft: Draft,
    /// The nodes, relays behind members.
    pub names: Names,
    pub members: u32,
    /// The kinds of trouble that are made.
    pub hazards: Vec<Hazard>,
    /// The scenario's own bounds for faults, if it has some.
    pub random: Option<RandomFaults>,
    /// How many faults a run has at most.
    pub fault_count: u32,
    /// Faults strike and heal within this time.
    pub span: Duration,
    /// A usual delay.
    pub delay: Duration,
    /// Whether all delays are alike.
    pub constant: bool,
    /// How many times as long messages may take, in thousandths: what was sent before faults have
    /// healed must arrive well before everything has to be done.
    pub slower_permille_max: u64,
    /// Nodes that the scenario itself keeps down at some time.
    pub outages: Vec<NodeId>,
}

impl Ground {
    /// Prepares a scenario that loads; the error says why there is nothing to hunt.
    pub fn of(registry: &Registry, plan: &Plan, hunt: &Hunt) -> Result<Ground, String> {
        let mut draft = Draft::of(&plan.source).map_err(|_| "the scenario cannot be read")?;
        for section in ["expect", "replay", "record"] {
            draft.remove(section);
        }
        without_random(&mut draft);
        list_nodes(&mut draft, plan);
        let pilot = pilot(registry, &draft).ok_or("the scenario cannot be hunted in")?;
        let random = plan.world().faults.random.clone();
        let mut span = Duration::from_nanos(pilot.ended_at.as_nanos());
        if let Some(random) = &random {
            span = span.max(Duration::from_nanos(random.window.until.as_nanos()));
        }
        // Planned faults strike within it, even those that nobody waits for.
        let planned = plan.world().faults.planned.iter().map(|timed| timed.at.as_nanos());
        let span = span.max(Duration::from_nanos(planned.max().unwrap_or(0)));
        let span = span.max(Duration::from_millis(1));
        let grace = hunt.grace.unwrap_or((span * 2).max(Duration::from_secs(10)));
        if !hunt.as_written {
            judge(&mut draft, plan, span, grace);
        }
        let events = pilot.events.saturating_mul(20).max(200_000);
        if whole_events(&draft).is_none() {
            draft.set("limits", fields("", [("events_max", number(events))]));
        }
        let hazards = hazards(plan, hunt)?;
        let delay = plan.world().network.default.delay.mean_ns();
        let delay = Duration::from_nanos((delay as u64).max(1_000));
        // Delays that are drawn are up to five times the usual ones; where they are exponential, one
        // in ten million is sixteen times its mean.
        let slower = grace.as_nanos().saturating_mul(1_000) / (delay * 80).as_nanos();
        Ok(Ground {
            draft,
            names: plan.names().clone(),
            members: plan.nodes(),
            random: random.filter(|_| hunt.hazards.is_none()),
            hazards,
            fault_count: hunt.fault_count.max(1),
            span,
            delay,
            constant: matches!(plan.world().network.default.delay, Distribution::Constant(_)),
            slower_permille_max: if hunt.as_written { u64::MAX } else { slower.max(2_000) },
            outages: outages(plan),
        })
    }
}

fn whole_events(draft: &Draft) -> Option<u64> {
    draft.get("limits").and_then(|limits| limits.field("events_max")).and_then(whole_of)
}

/// The kinds of trouble: as asked for, as the scenario has them, or all that make sense.
fn hazards(plan: &Plan, hunt: &Hunt) -> Result<Vec<Hazard>, String> {
    let serviced = plan.world().service.is_some();
    let alone = plan.nodes() < 2;
    let mut hazards: Vec<Hazard> = match (&hunt.hazards, &plan.world().faults.random) {
        (Some(asked), _) => asked.clone(),
        (None, Some(random)) => random.kinds.iter().map(|k| Hazard::of_random(*k)).collect(),
        (None, None) => {
            Hazard::ALL.into_iter().filter(|hazard| serviced || *hazard != Hazard::Slow).collect()
        }
    };
    hazards.sort_unstable();
    hazards.dedup();
    if !serviced && hazards == [Hazard::Slow] {
        return Err("nothing is slowed: handlers take no time in this scenario".into());
    }
    hazards.retain(|hazard| serviced || *hazard != Hazard::Slow);
    if alone {
        hazards.retain(|hazard| !matches!(hazard, Hazard::Partition | Hazard::Cut));
    }
    Ok(hazards)
}

fn outages(plan: &Plan) -> Vec<NodeId> {
    use seedbed_core::fault::Fault;
    let planned = plan.world().faults.planned.iter();
    let down = planned.filter_map(|timed| match &timed.fault {
        Fault::Crash { node, .. } | Fault::LateBoot(node) => Some(*node),
        _ => None,
    });
    down.collect()
}

/// Leaves the planned faults only.
pub(super) fn without_random(draft: &mut Draft) {
    let random = |node: &Node| node.name().is_some_and(|(name, _)| name == "Random");
    if draft.get("faults").is_some_and(random) {
        draft.remove("faults");
    }
    let planned = draft.faults().iter().filter(|entry| !random(entry)).cloned().collect();
    draft.set_faults(planned);
}

/// `nodes: 3` as `nodes: ["n0", "n1", "n2"]`.
pub(super) fn list_nodes(draft: &mut Draft, plan: &Plan) {
    let counted = draft.get("nodes").is_some_and(|nodes| matches!(nodes.kind, Kind::Number(_)));
    if counted && plan.nodes() <= LISTED_MAX {
        let names = plan.names().iter().take(plan.nodes() as usize);
        draft.set("nodes", list(names.map(text).collect()));
    }
}

/// An undisturbed run: how long it takes. Many algorithms never go quiet: then it is over when all
/// is served.
fn pilot(registry: &Registry, draft: &Draft) -> Option<Outcome> {
    let mut draft = draft.clone();
    if draft.get("stop").is_none_or(|stop| stop.name().is_some_and(|(name, _)| name == "Quiet")) {
        draft.set("stop", word("Served"));
    }
    if whole_events(&draft).is_none_or(|max| max > PILOT_EVENTS_MAX) {
        draft.set("limits", fields("", [("events_max", number(PILOT_EVENTS_MAX))]));
    }
    Some(draft.load(registry)?.run(None, RunOptions::default()))
}

/// The checks and the end of a run that must recover.
fn judge(draft: &mut Draft, plan: &Plan, span: Duration, grace: Duration) {
    let within = span + grace;
    let served = plan.world().stop.when == StopWhen::Served;
    if !served {
        draft.set("stop", text((span + within).to_string()));
    }
    let within = (!served).then_some(within);
    let checks = plan.checks.iter().filter_map(|check| written(check, within));
    draft.set("checks", list(checks.collect()));
}

/// A check as a scenario writes it; none for a figure.
fn written(check: &Check, within: Option<Duration>) -> Option<Node> {
    let always = |name: &str| tuple("Always", vec![word(name)]);
    Some(match (check, within) {
        (Check::Always(name), _) => always(name),
        (Check::ClockCondition, _) => always(CLOCK_CONDITION),
        (Check::History(consistency), _) => always(consistency.name()),
        (Check::Goal(name, _), Some(within)) => {
            tuple("Within", vec![text(within.to_string()), word(*name)])
        }
        (Check::Goal(name, _), None) => tuple("Eventually", vec![word(*name)]),
        (Check::AtEnd(_) | Check::Schedule, _) => return None,
    })
}

/// Puts a field into a section that may not be there yet.
pub(crate) fn put(draft: &mut Draft, section: &str, name: &str, value: Node) {
    match draft.get_mut(section) {
        Some(node) => set_field(node, name, value),
        None => draft.set(section, fields("", [(name, value)])),
    }
}
