//! The parts of a page that need no script: verdicts, counters, charts, scenario, environment.

use std::fmt::Write as _;

use seedbed_core::{Tally, Verdict};
use seedbed_node::Theory;

use super::Subject;
use super::chart;
use super::story::{Reason, Sentence};
use super::words::{html, instant};
use crate::chronicle::Chronicle;
use crate::table::ended_by;
use crate::text::{count, duration, mark, plural, significant, word};

/// Name, verdict, and what was run.
pub fn title(subject: &Subject<'_>) -> String {
    let Subject { plan, outcome, .. } = *subject;
    let about = match plan.about.is_empty() {
        true => String::new(),
        false => format!("<p class=\"about\">{}</p>", html(&plan.about)),
    };
    format!(
        "<h1>{} {}</h1>{about}<p class=\"facts\">{} · {} · seed {} · {} of virtual time · {} · {}</p>\
         <p class=\"digest\">digest <code>{}</code></p>",
        html(&plan.name),
        badge(outcome.verdict()),
        html(plan.algorithm),
        plural(u64::from(outcome.nodes), "node"),
        outcome.seed,
        instant(outcome.ended_at),
        plural(outcome.events, "event"),
        html(&ended_by(outcome, plan.operation)),
        outcome.digest,
    )
}

/// A verdict as a word with a mark.
pub fn badge(verdict: Verdict) -> String {
    let (word, mark) = (word(verdict), mark(verdict));
    format!("<span class=\"badge {word}\"><span aria-hidden=\"true\">{mark}</span> {word}</span>")
}

/// Every check; beneath those that failed, why.
pub fn verdicts(subject: &Subject<'_>, reasons: &[Reason]) -> String {
    let outcome = subject.outcome;
    let mut out = String::from("<ul class=\"checks\">");
    for (place, check) in outcome.checks.iter().enumerate() {
        let at = check.at.map_or_else(String::new, |at| format!(" at {}", instant(at)));
        let detail = match (check.verdict, html(&check.detail)) {
            (_, said) if said.is_empty() => "</div>".to_owned(),
            (Verdict::Held, said) => format!("<span class=\"why-held\">{said}</span></div>"),
            (_, said) => format!("</div><p>{said}</p>"),
        };
        let _ = write!(
            out,
            "<li><div class=\"check\">{} <strong>{}</strong>{at}{detail}",
            badge(check.verdict),
            html(&check.name)
        );
        if let Some(reason) = reasons.iter().find(|reason| reason.place == Some(place)) {
            out += &why(reason);
        }
        out += "</li>";
    }
    if let Some(reason) = reasons.iter().find(|reason| reason.place.is_none()) {
        let said = html(&ended_by(outcome, subject.plan.operation));
        let badge = badge(Verdict::Failed);
        let _ = write!(
            out,
            "<li><div class=\"check\">{badge} <strong>Panic</strong></div><p>{said}</p>{}</li>",
            why(reason)
        );
    }
    if outcome.checks.is_empty() && reasons.is_empty() {
        out += "<li>No check: this run can only panic.</li>";
    }
    out + "</ul>"
}

fn why(reason: &Reason) -> String {
    let mut out = String::from("<div class=\"why\"><h3>What led there</h3><ol>");
    for Sentence { text, entry } in &reason.sentences {
        let link = entry.map_or_else(String::new, |entry| {
            let n = entry + 1;
            format!(
                " <a class=\"js\" href=\"#event-{n}\" data-entry=\"{entry}\">show event {n}</a>"
            )
        });
        let _ = write!(out, "<li>{}{link}</li>", html(text));
    }
    out + "</ol></div>"
}

/// All that was counted, theory beside what was measured.
pub fn counters(subject: &Subject<'_>) -> String {
    let Subject { plan, outcome, chronicle, .. } = *subject;
    let charts = chart::all(outcome, chronicle, plan.operation);
    let mut out = String::from("<div class=\"charts\">");
    for chart in charts {
        let caption = html(&chart.caption);
        let _ = write!(out, "<figure>{}<figcaption>{caption}</figcaption></figure>", chart.svg);
    }
    out += "</div><div class=\"tables\">";
    out += &cost(subject);
    out += &kinds(subject);
    out += &fates(&outcome.messages, &outcome.transport);
    out += &figures(subject);
    out + "</div>"
}

/// What one operation cost, and what theory says of it.
fn cost(subject: &Subject<'_>) -> String {
    let Subject { plan, row, outcome, .. } = *subject;
    let operations = &outcome.operations;
    let mut rows = vec![
        ("completed".to_owned(), count(operations.count)),
        ("pending".to_owned(), count(operations.pending)),
    ];
    if let Some(per) = operations.messages_per {
        let spread = match per.min == per.max {
            true => format!("{}, always", significant(per.mean)),
            false => {
                let (mean, least, most) = (significant(per.mean), count(per.min), count(per.max));
                format!("{mean} (from {least} to {most})")
            }
        };
        rows.push((format!("messages per {}", plan.operation), spread));
        let formula = row.map_or("", |row| row.complexity);
        rows.push((format!("theory, {formula}"), theory(plan.theory)));
        rows.extend(
            operations
                .by_kind
                .iter()
                .map(|(kind, mean)| (format!("of these {kind}"), significant(*mean))),
        );
    }
    if let Some(overall) = operations.messages_per_overall {
        rows.push(("messages per operation, background included".into(), significant(overall)));
    }
    if let Some(q) = operations.latency_ns {
        let exact = |ns: u64| duration(ns as f64);
        rows.push(("latency, mean".into(), duration(q.mean)));
        for (name, ns) in [("median", q.p50), ("95 %", q.p95), ("99 %", q.p99), ("longest", q.max)]
        {
            rows.push((format!("latency, {name}"), exact(ns)));
        }
    }
    table(&format!("Each {}", plan.operation), &rows)
}

/// What theory says, in words.
pub fn theory(theory: Theory) -> String {
    match theory {
        Theory::Exactly(n) => format!("{} each", significant(n)),
        Theory::Mean(n) => format!("{} on average", significant(n)),
        Theory::Between(low, high) => format!("{} to {}", significant(low), significant(high)),
        Theory::MeanBetween(low, high) => {
            format!("{} to {} on average", significant(low), significant(high))
        }
        Theory::Unknown => "no number".into(),
    }
}

fn kinds(subject: &Subject<'_>) -> String {
    let mut out = String::from(
        "<table><caption>Messages</caption><thead><tr><th scope=\"col\">kind</th>\
         <th scope=\"col\">sent</th><th scope=\"col\">delivered</th><th scope=\"col\">bytes</th></tr></thead><tbody>",
    );
    let tallies = [
        ("all of the algorithm", &subject.outcome.messages),
        ("all of the transport", &subject.outcome.transport),
    ];
    for (title, tally) in tallies {
        if title.ends_with("transport") && tally.sent == 0 {
            continue;
        }
        let own = tally.by_kind.iter().map(|k| (html(k.kind), k.sent, k.delivered, k.bytes));
        let whole = (format!("<strong>{title}</strong>"), tally.sent, tally.delivered, tally.bytes);
        for (name, sent, delivered, bytes) in std::iter::once(whole).chain(own) {
            let [sent, delivered, bytes] = [sent, delivered, bytes].map(count);
            let _ = write!(
                out,
                "<tr><th scope=\"row\">{name}</th><td>{sent}</td><td>{delivered}</td><td>{bytes}</td></tr>"
            );
        }
    }
    out + "</tbody></table>"
}

/// One of the counts of messages.
type Part = fn(&Tally) -> u64;

fn fates(own: &Tally, transport: &Tally) -> String {
    let of = |part: Part| count(part(own) + part(transport));
    let rows: [(&str, Part); 10] = [
        ("sent", |t| t.sent),
        ("delivered", |t| t.delivered),
        ("lost", |t| t.lost),
        ("cut by a partition", |t| t.cut),
        ("to a dead node", |t| t.to_dead),
        ("overflowed", |t| t.overflowed),
        ("corrupted", |t| t.corrupted),
        ("duplicated", |t| t.duplicated),
        ("reordered", |t| t.reordered),
        ("in flight at the end", |t| t.in_flight),
    ];
    table("What became of them", &rows.map(|(name, part)| (name.to_owned(), of(part))))
}

/// Writes, timers, hops, and the family's own figures.
fn figures(subject: &Subject<'_>) -> String {
    let outcome = subject.outcome;
    let mut rows = vec![
        ("forced writes".to_owned(), count(outcome.writes.forced)),
        ("lazy writes".into(), count(outcome.writes.lazy)),
        ("timers fired".into(), count(outcome.timers_fired)),
        ("hops".into(), count(outcome.hops)),
        ("faults".into(), count(outcome.faults.len() as u64)),
    ];
    rows.extend(outcome.measures.iter().map(|(name, value)| figure(name, *value)));
    table("Figures", &rows)
}

/// A family's figure in words and in its unit, which is in its name.
fn figure(name: &str, value: f64) -> (String, String) {
    match name.split_once("_ns_") {
        Some((base, part)) => (format!("{base} {part}").replace('_', " "), duration(value)),
        None => crate::table::shown(name, value),
    }
}

fn table(caption: &str, rows: &[(String, String)]) -> String {
    let mut out = format!("<table><caption>{}</caption><tbody>", html(caption));
    for (name, value) in rows {
        let _ =
            write!(out, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", html(name), html(value));
    }
    out + "</tbody></table>"
}

/// The text, line by line; numbers are the style's, so that they are not copied.
pub fn scenario(subject: &Subject<'_>) -> String {
    let mut out = String::from("<pre class=\"source\" tabindex=\"0\"><code>");
    for line in subject.plan.source.text.lines() {
        let _ = writeln!(out, "<span>{}</span>", html(line));
    }
    out + "</code></pre>"
}

/// What it takes to see the same again.
pub fn environment(subject: &Subject<'_>) -> String {
    let Subject { plan, row, outcome, chronicle, command } = *subject;
    let mut rows = vec![
        ("program", format!("seedbed {}", env!("CARGO_PKG_VERSION"))),
        ("scenario", format!("{}, from {}", plan.name, plan.source.name)),
        ("algorithm", plan.algorithm.to_owned()),
    ];
    if let Some(row) = row {
        rows.push(("what it is", row.about.to_owned()));
        rows.push(("source", row.source.to_owned()));
    }
    let members: Vec<_> = (0..chronicle.members).map(seedbed_node::NodeId).collect();
    rows.extend([
        ("family", plan.family.to_owned()),
        ("nodes", format!("{}: {}", outcome.nodes, super::words::names(chronicle, &members, ", "))),
        ("seed", outcome.seed.to_string()),
        ("digest", outcome.digest.to_string()),
        ("expected", plan.expect.to_string()),
    ]);
    if !command.is_empty() {
        rows.push(("again", command.to_owned()));
    }
    let rows: Vec<_> = rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    table("What it takes to see the same again", &rows).replacen(
        "<table><caption>",
        "<table class=\"environment\"><caption class=\"sr\">",
        1,
    )
}

/// What must be known about a page that does not hold the whole run.
pub fn notice(chronicle: &Chronicle) -> String {
    if chronicle.left_out == 0 {
        return String::new();
    }
    let kept = count(chronicle.entries.len() as u64);
    let last = chronicle.entries.last().map_or_else(String::new, |entry| instant(entry.at));
    format!(
        "<p class=\"notice\" role=\"note\"><strong>Only the beginning can be stepped through.</strong> \
         The page holds the first {kept} entries, up to {last}; {} later ones are left out. Verdicts and \
         counters are those of the whole run. <code>--entries</code> keeps more.</p>",
        count(chronicle.left_out)
    )
}
