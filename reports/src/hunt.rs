//! What a hunt found: groups of failures, coverage, and the object for programs.

use std::collections::BTreeMap;

use seedbed_core::Verdict;
use seedbed_scenarios::hunt::{Coverage, Group, Report, Shrunk};
use serde::Serialize;

use crate::json::{SCHEMA, text};
use crate::text::{Style, columns, count, finish, mark, plural};

/// The report and what its files are called.
#[derive(Clone, Copy, Debug)]
pub struct Hunted<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// What was found.
    pub report: &'a Report,
    /// The counterexample of each group, if it was written.
    pub paths: &'a [Option<String>],
}

impl Hunted<'_> {
    fn path(&self, group: usize) -> Option<&str> {
        self.paths.get(group).and_then(Option::as_deref)
    }

    fn groups(&self) -> impl Iterator<Item = (&Group, Option<&str>)> {
        self.report.groups.iter().enumerate().map(|(at, group)| (group, self.path(at)))
    }
}

/// The whole report, ending with a line break. `next` is the command to type next.
pub fn table(hunted: &Hunted<'_>, next: &str, style: Style) -> String {
    let mut sections = vec![headline(hunted, style)];
    sections.extend(hunted.groups().map(|(group, path)| failure(group, path, style)));
    if hunted.report.coverage != Coverage::default() {
        sections.push(coverage(&hunted.report.coverage, style));
    }
    if !next.is_empty() {
        sections.push(format!("Next: {next}\n"));
    }
    sections.join("\n")
}

fn headline(hunted: &Hunted<'_>, style: Style) -> String {
    let report = hunted.report;
    let verdict = if report.failures > 0 { Verdict::Failed } else { Verdict::Held };
    let found = match report.failures {
        0 => "no failure found".to_owned(),
        failures => {
            let causes = plural(report.groups.len() as u64, "cause");
            format!("{} of {causes}", plural(failures, "failure"))
        }
    };
    let undecided = match report.inconclusive {
        0 => String::new(),
        few => format!(", {} inconclusive", count(few)),
    };
    format!(
        "{}  {} {found} in {}{undecided}\n",
        style.bold(hunted.scenario),
        style.verdict(verdict, mark(verdict)),
        plural(report.runs, "run"),
    )
}

/// One group: what fails and why, where first, how small it has become.
fn failure(group: &Group, path: Option<&str>, style: Style) -> String {
    let mut table = columns(style.width);
    let reason = group.shrunk.as_ref().map_or(&group.reason, |shrunk| &shrunk.reason);
    table.add_row(["why".to_owned(), reason.split_whitespace().collect::<Vec<_>>().join(" ")]);
    let first = format!("run {}, seed {}", count(group.first_run), group.first_seed);
    table.add_row(["first".to_owned(), first]);
    if let Some(shrunk) = &group.shrunk {
        table.add_row(["smallest".to_owned(), size(shrunk)]);
        table.add_row(["breaks".to_owned(), broken(shrunk)]);
    }
    if let Some(path) = path {
        table.add_row(["file".to_owned(), path.to_owned()]);
    }
    let mark = style.verdict(Verdict::Failed, mark(Verdict::Failed));
    let runs = plural(group.count, "run");
    let head = format!("{mark} {}  in {runs}\n", style.bold(&group.cause.check));
    head + &finish(table, usize::MAX)
}

fn size(shrunk: &Shrunk) -> String {
    let parts = |size: seedbed_scenarios::hunt::Size| {
        [
            plural(u64::from(size.nodes), "node"),
            plural(size.requests, "request"),
            plural(u64::from(size.faults), "fault"),
            plural(size.events, "event"),
        ]
        .join(", ")
    };
    let proof = if shrunk.minimal { "locally minimal" } else { "perhaps not minimal" };
    let (now, before, runs) =
        (parts(shrunk.size), parts(shrunk.before), plural(shrunk.runs.into(), "run"));
    format!("{now}: {proof} after {runs}; it was {before}")
}

fn broken(shrunk: &Shrunk) -> String {
    if shrunk.broken.is_empty() {
        return "no assumption of the algorithm: a bug in it, or in what it says that it needs"
            .into();
    }
    let names: Vec<_> = shrunk.broken.iter().map(|a| format!("{a:?}")).collect();
    format!("{}, which the algorithm needs", names.join(", "))
}

/// What was reached how often, and what never was.
fn coverage(coverage: &Coverage, style: Style) -> String {
    let mut out = format!("{}\n", style.bold("Coverage"));
    let mut table = columns(style.width);
    let head = ["message", "sent", "delivered", "lost", "duplicated", "to dead"];
    table.add_row(head.map(String::from));
    for (kind, fates) in &coverage.messages {
        let numbers = [fates.sent, fates.delivered, fates.lost, fates.duplicated, fates.to_dead];
        table.add_row(std::iter::once(kind.clone()).chain(numbers.map(count)));
    }
    out += &finish(table, 1);
    for (title, counts) in [
        ("events", &coverage.events),
        ("timers", &coverage.timers),
        ("faults", &coverage.faults),
        ("rare paths", &coverage.probes),
    ] {
        out += &line(title, counts, style);
    }
    let mixes = coverage.mixes.iter().map(|(hazard, (runs, failed))| match failed {
        0 => format!("{hazard} {}", count(*runs)),
        _ => format!("{hazard} {} ({} failed)", count(*runs), count(*failed)),
    });
    out += &entries("runs with", mixes.collect(), style);
    out += &entries("never", coverage.never(), style);
    if let Some((run, reached)) = coverage.growth.last() {
        let last =
            format!("{} things, the last new one in run {}", count(*reached), count(run - 1));
        out += &entries("reached", vec![last], style);
    }
    out
}

fn line(title: &str, counts: &BTreeMap<String, u64>, style: Style) -> String {
    let reached = counts.iter().filter(|(_, n)| **n > 0);
    entries(title, reached.map(|(name, n)| format!("{name} {}", count(*n))).collect(), style)
}

fn entries(title: &str, entries: Vec<String>, style: Style) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let mut table = columns(style.width);
    table.add_row([format!("{title:<10}"), entries.join(", ")]);
    finish(table, usize::MAX)
}

/// The report as one line of JSON, with its line break.
pub fn json(hunted: &Hunted<'_>) -> String {
    let report = hunted.report;
    let shrunk = report.groups.first().and_then(|group| group.shrunk.as_ref());
    text(&Object {
        schema: SCHEMA,
        scenario: hunted.scenario,
        runs: report.runs,
        failures: report.failures,
        first_failing_seed: report.first_failing_seed,
        counterexample: hunted.path(0),
        shrunk: shrunk.map(|shrunk| Sizes {
            nodes: shrunk.size.nodes,
            faults: shrunk.size.faults,
            events: shrunk.size.events,
        }),
        inconclusive: report.inconclusive,
        groups: hunted.groups().map(|(group, path)| group_object(group, path)).collect(),
        coverage: coverage_object(&report.coverage),
    }) + "\n"
}

#[derive(Serialize)]
struct Object<'a> {
    schema: u32,
    scenario: &'a str,
    runs: u64,
    failures: u64,
    first_failing_seed: Option<u64>,
    counterexample: Option<&'a str>,
    shrunk: Option<Sizes>,
    inconclusive: u64,
    groups: Vec<GroupObject<'a>>,
    coverage: CoverageObject<'a>,
}

#[derive(Serialize)]
struct Sizes {
    nodes: u32,
    faults: u32,
    events: u64,
}

#[derive(Serialize)]
struct GroupObject<'a> {
    check: &'a str,
    reason: &'a str,
    count: u64,
    first_run: u64,
    first_seed: u64,
    counterexample: Option<&'a str>,
    shrunk: Option<FullSizes>,
}

#[derive(Serialize)]
struct FullSizes {
    nodes: u32,
    requests: u64,
    faults: u32,
    events: u64,
    minimal: bool,
    runs: u32,
    broken: Vec<String>,
}

fn group_object<'a>(group: &'a Group, path: Option<&'a str>) -> GroupObject<'a> {
    let shrunk = group.shrunk.as_ref();
    GroupObject {
        check: &group.cause.check,
        reason: shrunk.map_or(&group.reason, |shrunk| &shrunk.reason),
        count: group.count,
        first_run: group.first_run,
        first_seed: group.first_seed,
        counterexample: path,
        shrunk: shrunk.map(|shrunk| FullSizes {
            nodes: shrunk.size.nodes,
            requests: shrunk.size.requests,
            faults: shrunk.size.faults,
            events: shrunk.size.events,
            minimal: shrunk.minimal,
            runs: shrunk.runs,
            broken: shrunk.broken.iter().map(|a| format!("{a:?}")).collect(),
        }),
    }
}

#[derive(Serialize)]
struct CoverageObject<'a> {
    messages: BTreeMap<&'a str, FatesObject>,
    events: &'a BTreeMap<String, u64>,
    timers: &'a BTreeMap<String, u64>,
    faults: &'a BTreeMap<String, u64>,
    probes: &'a BTreeMap<String, u64>,
    mixes: BTreeMap<&'static str, MixObject>,
    never: Vec<String>,
    growth: &'a [(u64, u64)],
}

#[derive(Serialize)]
struct FatesObject {
    sent: u64,
    delivered: u64,
    lost: u64,
    duplicated: u64,
    to_dead: u64,
}

#[derive(Serialize)]
struct MixObject {
    runs: u64,
    failures: u64,
}

fn coverage_object(coverage: &Coverage) -> CoverageObject<'_> {
    let messages = coverage.messages.iter().map(|(kind, fates)| {
        let &seedbed_scenarios::hunt::Fates { sent, delivered, lost, duplicated, to_dead } = fates;
        (kind.as_str(), FatesObject { sent, delivered, lost, duplicated, to_dead })
    });
    let mixes = coverage.mixes.iter();
    let mix = |(hazard, (runs, failures)): (&seedbed_scenarios::hunt::Hazard, &(u64, u64))| {
        (hazard.name(), MixObject { runs: *runs, failures: *failures })
    };
    CoverageObject {
        messages: messages.collect(),
        events: &coverage.events,
        timers: &coverage.timers,
        faults: &coverage.faults,
        probes: &coverage.probes,
        mixes: mixes.map(mix).collect(),
        never: coverage.never(),
        growth: &coverage.growth,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_hunt_without_a_failure_has_nulls() {
        let report = Report { runs: 7, ..Report::default() };
        let hunted = Hunted { scenario: "calm", report: &report, paths: &[] };
        let line = json(&hunted);
        let begins = "{\"schema\":1,\"scenario\":\"calm\",\"runs\":7,\"failures\":0,\
                      \"first_failing_seed\":null,\"counterexample\":null,\"shrunk\":null,";
        assert!(line.starts_with(begins), "{line}");
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["groups"], Value::Array(Vec::new()));
        assert_eq!(table(&hunted, "", Style::default()), "calm  ✓ no failure found in 7 runs\n");
    }
}
