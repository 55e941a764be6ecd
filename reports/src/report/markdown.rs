//! A run as Markdown, for a paper or an issue.

use std::fmt::Write as _;

use super::Subject;
use super::cause::{Causes, is_event};
use super::parts::theory;
use super::story;
use super::words::{cell, entry, fenced, instant};
use crate::text::{Style, count, duration, mark, plural, significant, word};

/// So many events before a breach are shown, or before the end.
const EVENTS_MAX: usize = 16;
/// Columns of a line of a summary.
const COLUMNS: usize = 100;

/// Verdicts with reasons, counters, the latest events, the scenario.
pub fn markdown(subject: &Subject<'_>) -> String {
    let Subject { plan, outcome, .. } = *subject;
    let causes = Causes::of(subject.chronicle);
    let reasons = story::reasons(subject, &causes);
    let mut out = format!(
        "## {}: {}\n\n{} with {}, seed {}; digest `{}`; seedbed {}.\n\n",
        cell(&plan.name),
        word(outcome.verdict()),
        cell(plan.algorithm),
        plural(u64::from(outcome.nodes), "node"),
        outcome.seed,
        outcome.digest,
        env!("CARGO_PKG_VERSION"),
    );
    out += "| Check | Verdict | At | Why |\n|---|---|---|---|\n";
    for check in &outcome.checks {
        let at = check.at.map_or_else(|| "–".into(), instant);
        let verdict = format!("{} {}", mark(check.verdict), word(check.verdict));
        let _ =
            writeln!(out, "| {} | {verdict} | {at} | {} |", cell(&check.name), cell(&check.detail));
    }
    for reason in &reasons {
        let _ = write!(out, "\nWhat led to the failure of {}:\n\n", cell(&reason.check));
        for sentence in &reason.sentences {
            let _ = writeln!(out, "- {}", cell(&sentence.text));
        }
    }
    let _ = write!(out, "\n### Counters\n\n{}\n### Summary\n\n", counters(subject));
    let style = Style { width: COLUMNS as u16, color: false };
    out += &fenced("text", &crate::table::outcome(&subject.run(), "", style));
    let breach = reasons.iter().find_map(|reason| reason.entry);
    let title = until(&reasons);
    let _ = write!(
        out,
        "\n### Events up to {title}\n\n{}",
        fenced("text", &events(subject, &causes, breach))
    );
    let language =
        if plan.source.format == seedbed_scenarios::Format::Json { "json" } else { "ron" };
    let _ = write!(out, "\n### Scenario\n\n{}", fenced(language, &plan.source.text));
    if !subject.command.is_empty() {
        let _ = write!(out, "\n{}", fenced("sh", subject.command));
    }
    out
}

fn counters(subject: &Subject<'_>) -> String {
    let Subject { plan, row, outcome, .. } = *subject;
    let (own, operations) = (&outcome.messages, &outcome.operations);
    let mut rows = vec![
        ("events".to_owned(), count(outcome.events)),
        ("virtual time".into(), instant(outcome.ended_at)),
        (
            "messages sent, delivered".into(),
            format!("{}, {}", count(own.sent), count(own.delivered)),
        ),
    ];
    let fates = [
        ("lost", own.lost),
        ("cut", own.cut),
        ("to a dead node", own.to_dead),
        ("overflowed", own.overflowed),
        ("corrupted", own.corrupted),
        ("duplicated", own.duplicated),
        ("in flight at the end", own.in_flight),
    ];
    let fates = fates.into_iter().filter(|(_, n)| *n > 0);
    rows.extend(fates.map(|(name, n)| (format!("of these {name}"), count(n))));
    rows.push(("bytes sent".into(), count(own.bytes)));
    if outcome.writes.forced + outcome.writes.lazy > 0 {
        let writes = format!("{}, {}", count(outcome.writes.forced), count(outcome.writes.lazy));
        rows.push(("forced, lazy writes".into(), writes));
    }
    let done = format!("{} ({} pending)", count(operations.count), count(operations.pending));
    rows.push((format!("operations ({}) completed", plan.operation), done));
    if let Some(per) = operations.messages_per {
        let spread =
            format!("{} ({} to {})", significant(per.mean), count(per.min), count(per.max));
        rows.push((format!("messages per {}", plan.operation), spread));
        let formula = row.map_or("", |row| row.complexity);
        rows.push((format!("theory: {formula}"), theory(plan.theory)));
    }
    if let Some(q) = operations.latency_ns {
        let [p50, p95, p99] = [q.p50, q.p95, q.p99].map(|ns| duration(ns as f64));
        rows.push(("latency p50, p95, p99".into(), format!("{p50}, {p95}, {p99}")));
    }
    let mut out = String::from("| Counter | Value |\n|---|---:|\n");
    for (name, value) in rows {
        let _ = writeln!(out, "| {} | {} |", cell(&name), cell(&value));
    }
    out
}

/// What the events that are shown lead up to.
pub(super) fn until(reasons: &[story::Reason]) -> &'static str {
    match reasons.iter().find_map(|reason| reason.entry) {
        Some(_) => "the breach, of its causal past",
        None => "the end",
    }
}

/// The latest events that led to an entry, or of the run.
pub(super) fn events(subject: &Subject<'_>, causes: &Causes, breach: Option<usize>) -> String {
    let chronicle = subject.chronicle;
    let past = breach.map(|breach| causes.past(breach));
    let counts = |at: &usize| {
        let inside = past.as_ref().is_none_or(|past| past[*at]);
        inside && is_event(&chronicle.entries[*at].what)
    };
    let mut shown: Vec<_> =
        (0..chronicle.entries.len()).rev().filter(counts).take(EVENTS_MAX).collect();
    shown.reverse();
    let name = |at: &usize| chronicle.name(chronicle.entries[*at].node);
    let widest = shown.iter().map(|at| name(at).chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for at in &shown {
        let it = &chronicle.entries[*at];
        let here = if breach == Some(*at) { '✗' } else { ' ' };
        let what: String =
            entry(chronicle, it).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = format!("{here} {:>12}  {:widest$}  {what}", instant(it.at), name(at));
        let line: String = match line.chars().count() {
            0..=COLUMNS => line,
            _ => line.chars().take(COLUMNS - 1).chain(['…']).collect(),
        };
        out += &line;
        out.push('\n');
    }
    if chronicle.left_out > 0 && breach.is_none() {
        let _ =
            writeln!(out, "… and {} later entries that were not kept", count(chronicle.left_out));
    }
    if out.is_empty() { "nothing occurred\n".into() } else { out }
}
