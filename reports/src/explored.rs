//! What an exploration found: tables, counterexamples as space-time traces, JSON.

use seedbed_core::Verdict;
use seedbed_core::explore::nodes::Line;
use seedbed_node::Names;
use seedbed_scenarios::{Counterexample, Explored, Search};
use serde::Serialize;

use crate::diagram::lanes::{Lanes, Row};
use crate::json::{self, Check, SCHEMA};
use crate::table::checks;
use crate::text::{Style, columns, count, duration, finish, mark, plural, word};

/// An exploration and what it is called.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// The algorithm's name.
    pub algorithm: &'a str,
    /// The nodes' names.
    pub names: &'a Names,
    /// What was found.
    pub explored: &'a Explored,
    /// Where the first counterexample was written.
    pub counterexample: Option<&'a str>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// One line of JSON, with its line break.
pub fn json(report: &Report<'_>) -> String {
    #[derive(Serialize)]
    struct Object<'a> {
        schema: u32,
        scenario: &'a str,
        verdict: Verdict,
        unique_states: u64,
        generated_states: u64,
        depth: u32,
        complete: bool,
        counterexample: Option<&'a str>,
        algorithm: &'a str,
        search: &'static str,
        reduced: bool,
        cut_by: Vec<&'static str>,
        collision_probability: f64,
        checks: Vec<Check<'a>>,
        unjudged: Vec<&'a str>,
    }
    let Explored { figures, checks, unjudged, search, .. } = report.explored;
    json::text(&Object {
        schema: SCHEMA,
        scenario: report.scenario,
        verdict: report.explored.verdict(),
        unique_states: figures.unique,
        generated_states: figures.generated,
        depth: figures.depth,
        complete: figures.complete,
        counterexample: report.counterexample,
        algorithm: report.algorithm,
        search: search_name(*search),
        reduced: figures.partial_order,
        cut_by: figures.cuts.iter().map(|cut| cut.why()).collect(),
        collision_probability: figures.collision_probability,
        checks: checks.iter().map(Check::of).collect(),
        unjudged: unjudged.iter().map(|unjudged| unjudged.check.as_str()).collect(),
    }) + "\n"
}

/// For people, ending with a line break. `next` is the command to type next.
pub fn text(report: &Report<'_>, next: &str, style: Style) -> String {
    let mut sections = vec![header(report, style), judged(report, style)];
    if let Some(first) = report.explored.counterexamples.first() {
        sections.push(trace(first, report.names, style));
    }
    sections.push(figures(report, style));
    if !next.is_empty() {
        sections.push(format!("{} {next}\n", style.dim("next:")));
    }
    sections.join("\n")
}

fn header(report: &Report<'_>, style: Style) -> String {
    let explored = report.explored;
    let verdict = explored.verdict();
    let name = style.bold(report.scenario);
    let nodes = plural(u64::from(report.names.count()), "node");
    let seen = match (verdict, explored.figures.complete) {
        (Verdict::Failed, _) => "a counterexample was found",
        (_, true) => "every state that can be reached was visited",
        (_, false) => "not every state was visited",
    };
    format!(
        "{name}  {}, {nodes}\n{}  {}: {seen}\n",
        report.algorithm,
        style.verdict(verdict, &format!("{} {}", mark(verdict), word(verdict))),
        plural(explored.figures.unique, "state"),
    )
}

fn judged(report: &Report<'_>, style: Style) -> String {
    let explored = report.explored;
    let mut text = checks(&explored.checks, style);
    if !explored.unjudged.is_empty() {
        let mut table = columns(style.width);
        for unjudged in &explored.unjudged {
            table.add_row([format!("- {}", unjudged.check), unjudged.why.to_owned()]);
        }
        text += &format!("{}\n{}", style.bold("Not judged"), finish(table, usize::MAX));
    }
    text
}

fn search_name(search: Search) -> &'static str {
    match search {
        Search::BreadthFirst => "breadth-first",
        Search::DepthFirst => "depth-first",
        Search::Deepening => "deepening",
        Search::Random { .. } => "random",
    }
}

fn figures(report: &Report<'_>, style: Style) -> String {
    let Explored { figures, search, .. } = report.explored;
    let mut table = columns(style.width);
    let mut row = |name: &str, value: String| {
        table.add_row([name.to_owned(), value]);
    };
    let reduced = if figures.partial_order { ", reduced by partial order" } else { "" };
    row("search", format!("{}{reduced}", search_name(*search)));
    row("unique states", count(figures.unique));
    row("generated", count(figures.generated));
    row("depth", count(figures.depth.into()));
    let rate = figures.generated as f64 / report.seconds.max(1e-9);
    let rate = count(rate as u64);
    row("time", format!("{}, {rate} states/s", duration(report.seconds * 1e9)));
    row("P(collision)", format!("{:.1e}", figures.collision_probability));
    if !figures.complete {
        let cuts: Vec<_> = figures.cuts.iter().map(|cut| cut.why()).collect();
        row("incomplete", cuts.join("; "));
    }
    format!("{}\n{}", style.bold("Search"), finish(table, usize::MAX))
}

/// How a check fails, step by step: a lane for each node, an arrow where a message arrives.
pub fn trace(counterexample: &Counterexample, names: &Names, style: Style) -> String {
    let Counterexample { check, lines, repeats_from, .. } = counterexample;
    let steps = plural(lines.len() as u64, "step");
    let mut text = format!("{} of {check}, {steps}\n", style.bold("Counterexample"));
    let lanes = Lanes::new(names.iter());
    let time = lines.iter().map(|line| line.at.to_string().chars().count()).max().unwrap_or(0);
    text += &format!("  {:time$}  {}\n", "", lanes.head());
    let room = usize::from(style.width).saturating_sub(time + lanes.width() + 8).max(30);
    // The first line of a text stands beside its row, the others beside the empty lanes.
    let mut put = |at: &str, row: String, what: &str, indent: &str, dim: bool| {
        let options = textwrap::Options::new(room).subsequent_indent("  ");
        for (place, part) in textwrap::wrap(what, options).iter().enumerate() {
            let (at, row) =
                if place == 0 { (at, row.clone()) } else { ("", lanes.row(&Row::default())) };
            let part = if dim { style.dim(part) } else { part.to_string() };
            text += &format!("  {at:>time$}  {row}  {indent}{part}\n");
        }
    };
    for (place, line) in lines.iter().enumerate() {
        if *repeats_from == Some(place) {
            put("", lanes.row(&Row::default()), "from here on, again and again:", "", false);
        }
        let who = line.node.map_or("", |node| names.of(node));
        put(
            &line.at.to_string(),
            lanes.row(&row(line)),
            &format!("{who} {}", line.what),
            "",
            false,
        );
        for then in &line.then {
            put("", lanes.row(&Row::default()), then, "  ", true);
        }
    }
    text
}

/// The lanes at one step: a dot at who acts, an arrow from the sender to it.
fn row(line: &Line) -> Row {
    let mut row = Row { sign: line.node.map(|node| (node.index(), '●')), ..Row::default() };
    if let (Some((from, to, _)), Some(node)) = (&line.message, line.node)
        && from != to
    {
        let arrives = node == *to;
        row.arrow = Some((from.index(), to.index(), arrives));
        row.sign = row.sign.filter(|_| arrives);
    }
    row
}

#[cfg(test)]
mod tests {
    use seedbed_node::{NodeId, Time};

    use super::*;

    fn line(at: u64, node: u32, message: Option<(u32, u32)>, what: &str) -> Line {
        let said = |(from, to)| (NodeId(from), NodeId(to), "Ping".to_owned());
        let (at, node) = (Time(at * 1_000_000), Some(NodeId(node)));
        let then = vec!["tells its client Done".to_owned()];
        Line { at, node, message: message.map(said), what: what.to_owned(), then }
    }

    #[test]
    fn arrows_lead_from_lane_to_lane() {
        let lanes = Lanes::new(["ada", "bob", "cyd"]);
        let drawn = |line: &Line| lanes.row(&row(line)).trim().to_owned();
        let row = |node, message| drawn(&line(1, node, Some(message), "hears"));
        assert_eq!(lanes.head(), "ada   bob   cyd");
        assert_eq!(row(1, (0, 1)), "├────▶●     │");
        assert_eq!(row(0, (2, 0)), "●◀────┼─────┤");
        assert_eq!(row(0, (0, 1)), "├────×│     │", "lost on its way from ada");
        assert_eq!(drawn(&line(1, 2, None, "boots")), "│     │     ●");
    }
}
