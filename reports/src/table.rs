//! One run for people: what it was, what held, what it cost, and what to type next.

use seedbed_core::{CheckOutcome, EndedBy, Outcome, Tally, Verdict};

use crate::Run;
use crate::text::{
    Style, columns, count, duration, finish, mark, plural, plural_of, significant, word,
};

/// The whole outcome, ending with a line break. `next` is the command to type next.
pub fn outcome(run: &Run<'_>, next: &str, style: Style) -> String {
    let mut sections = vec![
        header(run, style),
        checks(&run.outcome.checks, style),
        messages(run.outcome, style),
        fates(run.outcome, style),
        operations(run, style),
        figures(run.outcome, style),
        footer(run.outcome, next, style),
    ];
    sections.retain(|section| !section.is_empty());
    sections.join("\n")
}

/// One line for a scenario that is valid.
pub fn valid(file: &str, scenario: &str, algorithm: &str, nodes: u32, style: Style) -> String {
    let held = style.verdict(Verdict::Held, mark(Verdict::Held));
    let nodes = plural(u64::from(nodes), "node");
    format!("{held} {file}: {scenario}, {algorithm}, {nodes}\n")
}

/// Name, algorithm, size and seed, then the verdict and how the run ended.
fn header(run: &Run<'_>, style: Style) -> String {
    let outcome = run.outcome;
    let verdict = outcome.verdict();
    let title = format!(
        "{}  {}, {}, seed {}",
        style.bold(run.scenario),
        run.algorithm,
        plural(u64::from(outcome.nodes), "node"),
        outcome.seed
    );
    let ending = format!(
        "{}  after {} of virtual time and {}: {}",
        style.verdict(verdict, &format!("{} {}", mark(verdict), word(verdict))),
        duration(outcome.ended_at.as_nanos() as f64),
        plural(outcome.events, "event"),
        ended_by(outcome, run.operation),
    );
    format!("{title}\n{ending}\n")
}

/// Why a run ended, in words.
pub(crate) fn ended_by(outcome: &Outcome, operation: &str) -> String {
    match &outcome.ended_by {
        EndedBy::Quiet => "nothing more could happen".into(),
        EndedBy::Served => format!("all {} were served", plural_of(operation)),
        EndedBy::Time => "the scenario's time was up".into(),
        EndedBy::Breach => "a check failed".into(),
        EndedBy::EventLimit => "given up at the limit of events".into(),
        EndedBy::ScheduleOver => "the schedule's last step".into(),
        EndedBy::ScheduleRepeats => "the schedule repeats itself for ever".into(),
        EndedBy::ScheduleBroken => "the schedule cannot be followed".into(),
        EndedBy::Panic { node, message } => format!("{node} panicked: {}", first_line(message)),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// A line for each check; those that did not hold say why.
pub(crate) fn checks(all: &[CheckOutcome], style: Style) -> String {
    if all.is_empty() {
        return format!("{}\n  none: this run can only panic\n", style.bold("Checks"));
    }
    let mut table = columns(style.width);
    for check in all {
        let name = format!("{} {}", mark(check.verdict), check.name);
        table.add_row([name, reason(&check.detail, check.verdict)]);
    }
    format!("{}\n{}", style.bold("Checks"), style.marks(&finish(table, usize::MAX)))
}

/// The detail as one line, so that a table cell holds one sentence.
fn reason(detail: &str, verdict: Verdict) -> String {
    if detail.is_empty() && verdict != Verdict::Held {
        return word(verdict).into();
    }
    detail.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Messages by kind, the algorithm's own and the transport's apart.
fn messages(outcome: &Outcome, style: Style) -> String {
    let (own, transport) = (&outcome.messages, &outcome.transport);
    if own.sent + transport.sent == 0 {
        return format!("{}\n  none\n", style.bold("Messages"));
    }
    let mut table = columns(style.width);
    table.add_row(["", "sent", "delivered", "bytes"].map(String::from));
    let mut add = |name: String, sent, delivered, bytes| {
        table.add_row([name, count(sent), count(delivered), count(bytes)]);
    };
    for (title, tally) in [("the algorithm's", own), ("the transport's", transport)] {
        if tally.sent == 0 {
            continue;
        }
        add(title.into(), tally.sent, tally.delivered, tally.bytes);
        for kind in &tally.by_kind {
            add(format!("  {}", kind.kind), kind.sent, kind.delivered, kind.bytes);
        }
    }
    format!("{}\n{}", style.bold("Messages"), finish(table, 1))
}

/// What became of messages that were not simply delivered; only what happened at all.
fn fates(outcome: &Outcome, style: Style) -> String {
    let (own, transport) = (&outcome.messages, &outcome.transport);
    let with_transport = transport.sent > 0;
    let mut table = columns(style.width);
    if with_transport {
        table.add_row(["", "algorithm", "transport"].map(String::from));
    }
    let mut any = false;
    for ((name, own), (_, transport)) in named_fates(own).into_iter().zip(named_fates(transport)) {
        if own + transport > 0 {
            any = true;
            let mut row = vec![name.to_owned(), count(own)];
            if with_transport {
                row.push(count(transport));
            }
            table.add_row(row);
        }
    }
    if !any {
        return String::new();
    }
    format!("{}\n{}", style.bold("Fates"), finish(table, 1))
}

fn named_fates(tally: &Tally) -> [(&'static str, u64); 8] {
    [
        ("lost", tally.lost),
        ("cut by a partition", tally.cut),
        ("to a dead node", tally.to_dead),
        ("overflowed", tally.overflowed),
        ("corrupted", tally.corrupted),
        ("duplicated", tally.duplicated),
        ("reordered", tally.reordered),
        ("in flight at the end", tally.in_flight),
    ]
}

/// What one completed operation cost.
fn operations(run: &Run<'_>, style: Style) -> String {
    let operations = &run.outcome.operations;
    if operations.count + operations.pending == 0 {
        return String::new();
    }
    let title = style.bold(&capitalised(&plural_of(run.operation)));
    let mut text = format!("{title}  {} completed", count(operations.count));
    if operations.pending > 0 {
        text += &format!(", {} pending", count(operations.pending));
    }
    text.push('\n');
    let mut table = columns(style.width);
    if let Some(per) = operations.messages_per {
        let spread = if per.min == per.max {
            "always the same".to_owned()
        } else {
            format!("from {} to {}", count(per.min), count(per.max))
        };
        let row = [format!("messages per {}", run.operation), significant(per.mean), spread];
        table.add_row(row);
    }
    for (kind, mean) in &operations.by_kind {
        table.add_row([format!("  {kind}"), significant(*mean), String::new()]);
    }
    if let Some(overall) = background(run.outcome) {
        table.add_row(["  with background".into(), significant(overall), String::new()]);
    }
    if !table.is_empty() {
        text += &finish(table, usize::MAX);
    }
    text
}

/// The mean with messages that belong to no operation, where it differs.
fn background(outcome: &Outcome) -> Option<f64> {
    let overall = outcome.operations.messages_per_overall?;
    let per = outcome.operations.messages_per?;
    ((overall - per.mean).abs() > 1e-9).then_some(overall)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

const QUANTILES: [&str; 5] = ["mean", "p50", "p95", "p99", "max"];

/// Latency and the family's own figures: distributions as a table, single figures beneath.
fn figures(outcome: &Outcome, style: Style) -> String {
    let mut spread: Vec<(String, [Option<f64>; 5])> = Vec::new();
    if let Some(q) = outcome.operations.latency_ns {
        let whole = [q.p50, q.p95, q.p99, q.max].map(|ns| Some(ns as f64));
        spread.push(("latency_ns".into(), [Some(q.mean), whole[0], whole[1], whole[2], whole[3]]));
    }
    let mut single = columns(style.width);
    for (name, value) in &outcome.measures {
        match quantile_of(name).filter(|(base, _)| {
            QUANTILES.iter().all(|q| outcome.measures.contains_key(&format!("{base}_{q}")))
        }) {
            Some((base, at)) => {
                if spread.last().is_none_or(|(name, _)| name != base) {
                    spread.push((base.to_owned(), [None; 5]));
                }
                spread.last_mut().expect("just pushed").1[at] = Some(*value);
            }
            None => {
                let (name, value) = shown(name, *value);
                single.add_row([name, value]);
            }
        }
    }
    let mut text = String::new();
    if !spread.is_empty() {
        let mut table = columns(style.width);
        table.add_row(std::iter::once("").chain(QUANTILES));
        for (name, values) in spread {
            let cells = values.map(|v| v.map_or_else(String::new, |v| shown(&name, v).1));
            table.add_row(std::iter::once(shown(&name, 0.0).0).chain(cells));
        }
        text += &finish(table, 1);
    }
    if !single.is_empty() {
        text += &finish(single, 1);
    }
    if text.is_empty() { text } else { format!("{}\n{text}", style.bold("Figures")) }
}

/// The distribution that a figure belongs to and its place in [`QUANTILES`].
fn quantile_of(name: &str) -> Option<(&str, usize)> {
    QUANTILES
        .iter()
        .enumerate()
        .find_map(|(at, quantile)| Some((name.strip_suffix(quantile)?.strip_suffix('_')?, at)))
}

/// A figure's name in words and its value in its unit, which the name ends with.
pub(crate) fn shown(name: &str, value: f64) -> (String, String) {
    let words = |name: &str| name.replace('_', " ");
    if let Some(base) = name.strip_suffix("_ns") {
        return (words(base), duration(value));
    }
    if let Some(base) = name.strip_suffix("_per_s") {
        return (words(base), format!("{}/s", significant(value)));
    }
    (words(name), significant(value))
}

/// The digest, and the command to type next.
fn footer(outcome: &Outcome, next: &str, style: Style) -> String {
    let mut table = columns(style.width);
    table.add_row(["digest".to_owned(), outcome.digest.to_string()]);
    let mut text = finish(table, usize::MAX).replacen("  ", "", 1);
    if !next.is_empty() {
        text += &format!("next    {}\n", style.dim(next));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn plain(sample: &Outcome) -> String {
        outcome(&samples::run(sample), "seedbed run x --seeds 0..100", Style::default())
    }

    #[test]
    fn a_held_run_says_what_it_cost() {
        let text = plain(&samples::held());
        for part in [
            "sample  RicartAgrawala, 5 nodes, seed 42\n",
            "✓ held  after 60s of virtual time and 12,345 events: all entries were served\n",
            "  ✓ MutualExclusion\n",
            "    Request          800        790  11,200\n",
            "  cut by a partition          0        100\n",
            "Entries  200 completed\n",
            "  messages per entry  8  always the same\n",
            "31.23ms",
            "  sync delay",
            "3.3/s\n",
            "digest  0000000000000000000000000000abcd\n",
            "next    seedbed run x --seeds 0..100\n",
        ] {
            assert!(text.contains(part), "{part:?} is missing in\n{text}");
        }
        assert!(!text.contains('\x1b'));
    }

    #[test]
    fn a_failed_run_says_why_and_wraps_neatly() {
        let run = samples::failed();
        for width in [80, 100, 120] {
            let style = Style { width, color: false };
            let text = outcome(&samples::run(&run), "next", style);
            let long: Vec<_> =
                text.lines().filter(|l| l.chars().count() > usize::from(width)).collect();
            assert!(long.is_empty(), "{long:?}");
            assert!(text.contains("✗ failed  after 60s"), "{text}");
            assert!(text.contains("  ✗ Granted          eve asked at 2.3s"), "{text}");
        }
    }

    #[test]
    fn colours_are_used_when_asked_and_do_not_change_the_layout() {
        let run = samples::failed();
        let colored = Style { width: 100, color: true };
        let text = outcome(&samples::run(&run), "next", colored);
        assert!(text.contains("\x1b[32m✓\x1b[0m MutualExclusion"), "{text}");
        let mut bare = text;
        for code in ["1", "2", "32", "33", "1;31", "0"] {
            bare = bare.replace(&format!("\x1b[{code}m"), "");
        }
        assert_eq!(bare, outcome(&samples::run(&run), "next", Style::default()));
    }

    #[test]
    fn a_panic_is_attributed() {
        let mut run = samples::held();
        run.ended_by = EndedBy::Panic { node: "eve".into(), message: "overflow\nat x".into() };
        let text = plain(&run);
        assert!(text.contains("✗ failed"), "{text}");
        assert!(text.contains("eve panicked: overflow\n"), "{text}");
    }
}
