//! From a source to a plan: reading, lowering, resolving, and all problems at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use seedbed_core::Digest128;
use seedbed_core::trace::ClockKind;
use serde::Deserialize;

use crate::diagnose::{Finding, Problems};
use crate::kernel::{Order, Ready};
use crate::lower::{self, Check, Findings, PAIRS_UP_TO, Vocabulary};
use crate::plan::{Plan, Recording, Replay};
use crate::registry::{AlgorithmRow, Registry};
use crate::schema::{Document, ReplayForm, Stamp};
use crate::text::{Directory, Kind, Node, Reader, Source, Span};

/// Reads and validates a scenario.
///
/// # Errors
/// Everything that is wrong with it, as far as one problem does not hide another.
pub fn load(registry: &Registry, source: &Source) -> Result<Plan, Problems> {
    let mut findings = Findings::default();
    let root = findings.take(source.tree());
    let plan = root.and_then(|root| resolve(registry, source, &root, &mut findings));
    match plan {
        Some(plan) if findings.is_empty() => Ok(plan),
        _ => Err(Problems::new(source, findings.into_vec())),
    }
}

/// What `source` would say if it were written so; `None` if that makes no sense.
pub(crate) fn load_tree(registry: &Registry, source: &Source, root: &Node) -> Option<Plan> {
    let mut findings = Findings::default();
    resolve(registry, source, root, &mut findings).filter(|_| findings.is_empty())
}

fn resolve(
    registry: &Registry,
    source: &Source,
    root: &Node,
    findings: &mut Findings,
) -> Option<Plan> {
    let document = document(root, findings)?;
    let directory = lower::directory(&document.nodes, document.network.topology.as_ref(), findings);
    let row = algorithm(registry, root.field("algorithm")?, findings);
    let directory = directory?;
    let mut world = lower::world(&document, &directory, findings);
    versions(&document, findings);
    let row = row?;
    let ready = ready(row, root, &document, &directory, findings)?;
    served_kinds(root, ready.as_ref(), findings);
    let kinds = ready.message_kinds();
    lower::schedule(&document, root, &directory, &kinds, &mut world, findings);
    let family = registry.family(row.family).expect("a row's family is registered");
    let theory = ready.theory();
    let held_back = document.transport.as_ref().is_some_and(|form| form.value.keeps_order());
    let nodes = directory.names.count();
    let words = Vocabulary { family, theory, nodes, unpromised: row.unpromised, held_back };
    let mut checks = lower::checks(document.checks.as_deref(), &words, findings);
    let expect = lower::expectation(document.expect.as_ref(), &checks, findings);
    let exploring = {
        let checks = (&checks[..], document.checks.is_some());
        lower::explore(document.explore.as_ref(), &world, &directory, checks, findings)
    };
    let sweep = lower::sweep(document.sweep.as_ref(), root, findings);
    let record = recording(&document, &directory, root, findings);
    let replay = document.replay.as_ref().and_then(|form| findings.take(replay(form)));
    if !findings.is_empty() {
        return None;
    }
    if world.schedule.is_some() {
        checks.push(Check::Schedule);
    }
    world.count_reordered |=
        checks.iter().any(|c| matches!(c, Check::AtEnd(claim) if claim.counts_reordered()));
    if let Err(why) = ready.probe(&world) {
        // What is left for the world itself to refuse is about the size of the topology.
        let place = document.network.topology.as_ref().map(|topology| topology.span);
        findings.push(Finding { span: place, ..Finding::nowhere(why) });
        return None;
    }
    let stem = || {
        let file = source.name.rsplit(['/', '\\']).next().unwrap_or(&source.name);
        file.strip_suffix(".ron").or(file.strip_suffix(".json")).unwrap_or(file).to_owned()
    };
    Some(Plan {
        name: document.name.map_or_else(stem, |name| name.value),
        about: document.about.unwrap_or_default(),
        algorithm: row.name,
        family: family.name,
        operation: family.operation,
        seed: world.seed,
        expect,
        replay,
        record,
        theory,
        source: source.clone(),
        world: Arc::new(world),
        ready: Arc::from(ready),
        checks: checks.into(),
        has_history: family.history,
        exploring,
        says_explore: document.explore.is_some(),
        sweep: sweep.map(Arc::new),
        over_transport: document.transport.is_some(),
    })
}

/// Reads the sections. A section with a problem is read as if it were absent, so that the
/// problems of the others are found too; `None` if that leaves too little.
fn document(root: &Node, findings: &mut Findings) -> Option<Document> {
    let mut root = root.clone();
    loop {
        let finding = match Document::deserialize(Reader::new(&root)) {
            Ok(document) => return Some(document),
            Err(finding) => finding,
        };
        let removed = finding.span.is_some_and(|span| remove(&mut root, span));
        // What is missing now may only be missing because it was removed.
        let consequence = !findings.is_empty() && finding.message.ends_with("is missing");
        if !consequence {
            findings.push(finding);
        }
        if !removed {
            return None;
        }
    }
}

/// Removes the section that contains `span`; `false` if there is none.
fn remove(root: &mut Node, span: Span) -> bool {
    let within = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    match &mut root.kind {
        Kind::Group(group) => {
            let before = group.members.len();
            group.members.retain(|member| {
                let key = member.key.as_ref().is_some_and(|(_, key)| within(*key));
                !key && !within(member.value.span)
            });
            group.members.len() < before
        }
        Kind::Map(entries) => {
            let before = entries.len();
            entries.retain(|(key, value)| !within(key.span) && !within(value.span));
            entries.len() < before
        }
        Kind::Word(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => false,
    }
}

fn algorithm<'a>(
    registry: &'a Registry,
    node: &Node,
    findings: &mut Findings,
) -> Option<&'a AlgorithmRow> {
    let Some((name, span)) = node.name() else {
        let message = format!("expected an algorithm's name, found {}", node.described());
        findings.at(node.head(), message);
        return None;
    };
    let row = registry.algorithms().find(|row| row.name == name);
    if row.is_none() {
        let known: Vec<_> = registry.algorithms().map(|row| row.name).collect();
        findings.push(Finding::unknown("algorithm", name, known).or_at(span));
    }
    row
}

fn ready(
    row: &AlgorithmRow,
    root: &Node,
    document: &Document,
    directory: &Directory,
    findings: &mut Findings,
) -> Option<Box<dyn Ready>> {
    let order = Order {
        algorithm: root.field("algorithm")?,
        workload: root.field("workload"),
        transport: document.transport.as_ref(),
        directory,
    };
    match (row.read)(&order) {
        Ok(ready) => Some(ready),
        Err(all) => {
            all.into_iter().for_each(|finding| findings.push(finding));
            None
        }
    }
}

/// `by_kind` names kinds of message that there are.
fn served_kinds(root: &Node, ready: &dyn Ready, findings: &mut Findings) {
    let by_kind = root.field("service").and_then(|service| service.field("by_kind"));
    let Some(Kind::Map(entries)) = by_kind.map(|node| &node.kind) else { return };
    let known = ready.kinds();
    for (key, _) in entries {
        if let Some((name, span)) = key.name().filter(|(name, _)| !known.contains(name)) {
            let known = known.iter().copied();
            findings.push(Finding::unknown("kind of message", name, known).or_at(span));
        }
    }
}

fn versions(document: &Document, findings: &mut Findings) {
    if let Some(schema) = document.schema.filter(|schema| schema.value != 1) {
        let message = format!("this is version {} of the format; known is 1", schema.value);
        findings.at(schema.span, message);
    }
    if let Some(name) = &document.name {
        let odd = |c: char| c.is_control() || matches!(c, '/' | '\\');
        if name.value.is_empty() || name.value.len() > 100 || name.value.contains(odd) {
            findings.at(
                name.span,
                "a scenario's name is short and has no slashes: it names a directory",
            );
        }
    }
}

fn recording(
    document: &Document,
    directory: &Directory,
    root: &Node,
    findings: &mut Findings,
) -> Recording {
    let stamps: BTreeSet<Stamp> = document.record.clocks.iter().copied().collect();
    let nodes = directory.members;
    if stamps.contains(&Stamp::Vector) && nodes > PAIRS_UP_TO {
        let place = root.field("record").map_or(Span::default(), |node| node.span);
        findings.at(place, format!("vector clocks are for up to {PAIRS_UP_TO} nodes, not {nodes}"));
    }
    let clocks = stamps.into_iter().map(|stamp| match stamp {
        Stamp::Lamport => ClockKind::Lamport,
        Stamp::LamportNotes => ClockKind::LamportNotes,
        Stamp::Vector => ClockKind::Vector,
        Stamp::Hlc => ClockKind::Hlc,
    });
    // Stamps are of a trace: who asks for them wants it.
    let trace = document.record.trace || !document.record.clocks.is_empty();
    Recording { trace, clocks: clocks.collect() }
}

fn replay(form: &ReplayForm) -> Result<Replay, Finding> {
    let digits = form.digest.value.as_str();
    let hex = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    match u128::from_str_radix(digits, 16) {
        Ok(digest) if hex => {
            Ok(Replay { digest: Digest128(digest), version: form.version.clone() })
        }
        _ => Err(Finding::at(form.digest.span, "a digest has 32 hex digits")),
    }
}
