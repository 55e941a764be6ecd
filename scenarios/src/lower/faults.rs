//! Faults, each checked for making sense where and when it strikes.

use std::collections::BTreeMap;

use seedbed_core::fault::{Fault, Faults, RandomFaults, RandomKind, TimedFault};
use seedbed_core::{NodeSet, Window};
use seedbed_node::{NodeId, Time};

use super::clocks::ppb;
use super::{Findings, links::links};
use crate::schema::{EntryForm, FaultForm, FaultsForm, KindForm, Name, RandomForm, TimedForm};
use crate::text::{Directory, Span, Spanned};

/// What faults are checked against.
pub(super) struct Setting<'a> {
    pub directory: &'a Directory,
    /// When the run stops, if at an instant.
    pub stop: Option<Time>,
    /// Whether handlers take time.
    pub serviced: bool,
}

/// Most random faults of a run.
const RANDOM_MAX: u32 = 10_000;

/// Most nodes that all random faults of a run may name: a partition names every node.
const NAMED_MAX: u32 = 20_000_000;

/// The faults as the world wants them.
pub(super) fn faults(form: &FaultsForm, setting: &Setting<'_>, findings: &mut Findings) -> Faults {
    let mut faults = Faults::default();
    let entries = match form {
        FaultsForm::Random(form) => {
            faults.random = random(form, setting, findings);
            return faults;
        }
        FaultsForm::List(entries) => entries,
    };
    let mut down = Down::default();
    let mut drawn = false;
    for entry in entries {
        if findings.full() {
            break;
        }
        match entry {
            EntryForm::Planned(timed) => {
                if let Some(fault) = planned(&timed.value, setting, findings) {
                    down.note(&fault, timed.value.fault.span, setting, findings);
                    faults.planned.push(fault);
                }
            }
            EntryForm::Random(form) if drawn => {
                findings.at(form.span, "there is already a `Random`: one draws them all");
            }
            EntryForm::Random(form) => {
                drawn = true;
                faults.random = random(form, setting, findings);
            }
        }
    }
    faults
}

fn instant(form: &crate::schema::When) -> Time {
    Time(form.value.as_nanos())
}

fn planned(form: &TimedForm, setting: &Setting<'_>, findings: &mut Findings) -> Option<TimedFault> {
    let at = instant(&form.at);
    if let Some(stop) = setting.stop.filter(|stop| at > *stop) {
        let message = format!("this fault strikes at {at}, but the run stops at {stop}");
        findings.at(form.at.span, message);
    }
    let until = form.until.as_ref().map(|until| {
        if instant(until) <= at {
            let message = format!("`until` ({}) is not after `at` ({at})", until.value);
            findings.at(until.span, message);
        }
        instant(until)
    });
    let fault = lower(&form.fault, setting, findings)?;
    let lasting =
        !matches!(fault, Fault::LateBoot(_) | Fault::ClockStep { .. } | Fault::Drift { .. });
    match &form.until {
        Some(until) if !lasting => {
            findings.at(until.span, "this fault happens once: it has no `until`");
        }
        _ => {}
    }
    Some(TimedFault { at, until, fault })
}

fn lower(
    form: &Spanned<FaultForm>,
    setting: &Setting<'_>,
    findings: &mut Findings,
) -> Option<Fault> {
    let directory = setting.directory;
    Some(match &form.value {
        FaultForm::Partition(groups) => partition(groups, directory, findings),
        FaultForm::Cut(text) => Fault::Cut(findings.take(links(text, directory))?),
        FaultForm::Isolate(names) => {
            if names.value.is_empty() {
                findings.at(names.span, "nobody is isolated: name at least one node");
            }
            let nodes = names.value.iter().map(|name| findings.node(directory, name));
            Fault::Isolate(NodeSet::Only(nodes.collect()))
        }
        FaultForm::Degrade { links: text, delay_factor, loss } => Fault::Degrade {
            links: findings.take(links(text, directory))?,
            delay_permille: delay_factor.map_or(1000, |factor| permille(factor, findings)),
            loss: *loss,
        },
        FaultForm::Crash(name) => {
            Fault::Crash { node: findings.member(directory, name), after_effects: None }
        }
        FaultForm::CrashAfterEffects { node, effects } => {
            Fault::Crash { node: findings.member(directory, node), after_effects: Some(*effects) }
        }
        FaultForm::Pause(name) => Fault::Pause(findings.member(directory, name)),
        FaultForm::Slow { node, factor } => {
            if !setting.serviced {
                findings.push(
                    crate::diagnose::Finding::at(
                        form.span,
                        "`Slow` changes nothing: handlers take no time in this scenario",
                    )
                    .help("add a section such as service: (time: Exponential(mean: \"1ms\"))"),
                );
            }
            Fault::Slow {
                node: findings.member(directory, node),
                permille: permille(*factor, findings),
            }
        }
        FaultForm::LateBoot(name) => Fault::LateBoot(findings.member(directory, name)),
        FaultForm::ClockStep { node, by } => {
            Fault::ClockStep { node: findings.member(directory, node), by_ns: by.0 }
        }
        FaultForm::Drift { node, ppm } => {
            if !(-1e6 < ppm.value && ppm.value < 1e6) {
                findings.at(ppm.span, "a rate error lies between -1 and 1 million ppm");
            }
            Fault::Drift { node: findings.member(directory, node), ppb: ppb(ppm.value) }
        }
    })
}

fn partition(
    groups: &Spanned<Vec<Spanned<Vec<Name>>>>,
    directory: &Directory,
    findings: &mut Findings,
) -> Fault {
    if groups.value.len() < 2 {
        findings.at(groups.span, "a partition needs at least two groups");
    }
    let mut group_of: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lowered = Vec::new();
    for (number, group) in groups.value.iter().enumerate() {
        if group.value.is_empty() {
            findings.at(group.span, "this group is empty");
        }
        for name in &group.value {
            match group_of.insert(&name.value, number) {
                Some(other) if other == number => {
                    findings.at(name.span, format!("`{}` is in this group twice", name.value));
                }
                Some(_) => findings.at(name.span, format!("`{}` is in two groups", name.value)),
                None => {}
            }
        }
        lowered.push(group.value.iter().map(|name| findings.node(directory, name)).collect());
    }
    Fault::Partition(lowered)
}

/// A factor in thousandths.
fn permille(factor: Spanned<f64>, findings: &mut Findings) -> u32 {
    let thousandths = libm::round(factor.value * 1e3);
    if !(1.0..=1e9).contains(&thousandths) {
        findings.at(factor.span, format!("{} is no factor: from 0.001 to a million", factor.value));
        return 1000;
    }
    thousandths as u32
}

fn random(
    form: &Spanned<RandomForm>,
    setting: &Setting<'_>,
    findings: &mut Findings,
) -> Option<RandomFaults> {
    let RandomForm { from, until, count, lasting, kinds, down_max } = &form.value;
    let window =
        Window { from: Time(from.map_or(0, |from| from.as_nanos())), until: instant(until) };
    if window.until <= window.from {
        let message = format!("`until` ({}) is not after `from` ({})", window.until, window.from);
        findings.at(until.span, message);
    }
    if let Some(stop) = setting.stop.filter(|stop| window.from > *stop) {
        let message =
            format!("these faults strike from {}, but the run stops at {stop}", window.from);
        findings.at(form.span, message);
    }
    let nodes = setting.directory.members;
    let count_max = RANDOM_MAX.min(NAMED_MAX / nodes);
    if count.value > count_max {
        let message = format!("at most {count_max} random faults among {nodes} nodes");
        findings.at(count.span, message);
    }
    let kinds = match kinds {
        Some(kinds) => {
            if kinds.value.is_empty() {
                findings.at(kinds.span, "there is no kind to draw from");
            }
            kinds.value.iter().map(|kind| lower_kind(*kind)).collect()
        }
        None => ALL_KINDS.map(lower_kind).to_vec(),
    };
    Some(RandomFaults {
        window,
        count_max: count.value,
        lasting: findings.distribution(lasting),
        kinds,
        down_max: down_max.unwrap_or(1),
    })
}

const ALL_KINDS: [KindForm; 8] = [
    KindForm::Partition,
    KindForm::Cut,
    KindForm::Isolate,
    KindForm::Degrade,
    KindForm::Crash,
    KindForm::CrashBetweenEffects,
    KindForm::Pause,
    KindForm::ClockStep,
];

fn lower_kind(kind: KindForm) -> RandomKind {
    match kind {
        KindForm::Partition => RandomKind::Partition,
        KindForm::Cut => RandomKind::Cut,
        KindForm::Isolate => RandomKind::Isolate,
        KindForm::Degrade => RandomKind::Degrade,
        KindForm::Crash => RandomKind::Crash,
        KindForm::CrashBetweenEffects => RandomKind::CrashBetweenEffects,
        KindForm::Pause => RandomKind::Pause,
        KindForm::ClockStep => RandomKind::ClockStep,
    }
}

/// When nodes are down by plan: a node cannot crash, or boot late, while it is down.
#[derive(Default)]
struct Down(BTreeMap<NodeId, Vec<(Time, Time)>>);

impl Down {
    fn note(
        &mut self,
        fault: &TimedFault,
        span: Span,
        setting: &Setting<'_>,
        findings: &mut Findings,
    ) {
        let (node, from, until) = match &fault.fault {
            Fault::Crash { node, .. } => (*node, fault.at, fault.until.unwrap_or(Time::MAX)),
            Fault::LateBoot(node) => (*node, Time::ZERO, fault.at),
            _ => return,
        };
        let times = self.0.entry(node).or_default();
        if let Some((since, _)) = times.iter().find(|(a, b)| from < *b && *a < until) {
            let name = setting.directory.names.of(node);
            findings.at(span, format!("{name} is already down at that time, since {since}"));
        }
        times.push((from, until));
    }
}
