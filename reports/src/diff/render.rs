//! A difference for people and for programs.

use std::fmt::Write as _;

use seedbed_core::{Outcome, Verdict};
use seedbed_node::Names;
use serde::Serialize;

use super::{Difference, Moment, Parted, Side, told};
use crate::json::{SCHEMA, text as line};
use crate::summary::why;
use crate::text::{Style, columns, count, finish, plural, word};

/// The difference of two runs as text.
pub fn text(difference: &Difference, a: Side<'_>, b: Side<'_>, style: Style) -> String {
    let mut text = format!("{}\n", sentence(difference, style));
    if let Some(parted) = &difference.parted {
        text += &parting(parted, a, b, style);
    }
    text + "\n" + &table(difference, a, b, style)
}

fn sentence(difference: &Difference, style: Style) -> String {
    let common = plural(difference.common, "record");
    let Some(parted) = &difference.parted else {
        if difference.is_equal() {
            return style.bold(&format!("The runs are equal: {common}, and the same digest"));
        }
        return style.bold(&format!(
            "The runs show the same {common}, but their digests differ: in what no record tells, \
             such as how many events lie between two"
        ));
    };
    let firsts = [parted.a.first(), parted.b.first()];
    let at = firsts.into_iter().flatten().map(|moment| moment.at).min();
    let at = at.map_or_else(String::new, |at| format!(", at {at}"));
    let nth = count(difference.common + 1);
    style.bold(&match difference.common {
        0 => format!("The runs part at the first record{at}"),
        _ => format!("The runs have {common} in common and part at record {nth}{at}"),
    })
}

fn parting(parted: &Parted, a: Side<'_>, b: Side<'_>, style: Style) -> String {
    let mut text = String::new();
    if !parted.before.is_empty() {
        text += "\nbefore, of the nodes involved\n";
        text += &moments(&parted.before, a.plan.names(), style);
    }
    for (name, moments_of, side) in [("A", &parted.a, a), ("B", &parted.b, b)] {
        let _ = write!(text, "\nthen {}\n", style.bold(name));
        text += &if moments_of.is_empty() {
            "  is over\n".to_owned()
        } else {
            moments(moments_of, side.plan.names(), style)
        };
    }
    text
}

fn moments(moments: &[Moment], names: &Names, style: Style) -> String {
    let mut table = columns(style.width);
    for moment in moments {
        let (at, node) = (moment.at.to_string(), names[moment.node].to_owned());
        table.add_row([at, node, told(names, moment)]);
    }
    finish(table, usize::MAX)
}

/// What became of either, side by side.
fn table(difference: &Difference, a: Side<'_>, b: Side<'_>, style: Style) -> String {
    let (one, other) = (&difference.a, &difference.b);
    let mut table = columns(style.width);
    table.add_row(["", "A", "B"]);
    let mut row = |name: &str, of: &dyn Fn(Side<'_>, &Outcome) -> String| {
        table.add_row([name.to_owned(), of(a, one), of(b, other)]);
    };
    row("scenario", &|side, _| side.plan.name.clone());
    row("seed", &|side, _| side.seed.to_string());
    row("digest", &|_, outcome| outcome.digest.to_string());
    row("events", &|_, outcome| count(outcome.events));
    row("ended at", &|_, outcome| outcome.ended_at.to_string());
    row("messages", &|_, outcome| count(outcome.messages.sent));
    row("operations", &|_, outcome| count(outcome.operations.count));
    row("verdict", &|side, outcome| match outcome.verdict() {
        Verdict::Held => word(Verdict::Held).to_owned(),
        other => format!("{}: {}", word(other), why(outcome, side.plan.operation)),
    });
    finish(table, usize::MAX)
}

/// The difference of two runs as one line of JSON, with its line break.
pub fn json(difference: &Difference, a: Side<'_>, b: Side<'_>) -> String {
    let (ours, theirs) = (a.plan.names(), b.plan.names());
    let parted = difference.parted.as_ref().map(|parted| Place {
        record: difference.common + 1,
        before: told_all(&parted.before, ours),
        a: told_all(&parted.a, ours),
        b: told_all(&parted.b, theirs),
    });
    line(&Object {
        schema: SCHEMA,
        equal: difference.is_equal(),
        common_records: difference.common,
        parted,
        a: Ran::of(a, &difference.a),
        b: Ran::of(b, &difference.b),
    }) + "\n"
}

#[derive(Serialize)]
struct Object<'a> {
    schema: u32,
    equal: bool,
    common_records: u64,
    parted: Option<Place<'a>>,
    a: Ran<'a>,
    b: Ran<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    record: u64,
    before: Vec<Told<'a>>,
    a: Vec<Told<'a>>,
    b: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    at_ns: u64,
    node: &'a str,
    what: String,
}

#[derive(Serialize)]
struct Ran<'a> {
    scenario: &'a str,
    algorithm: &'a str,
    seed: u64,
    digest: String,
    events: u64,
    virtual_ns: u64,
    verdict: Verdict,
}

impl<'a> Ran<'a> {
    fn of(side: Side<'a>, outcome: &Outcome) -> Self {
        Ran {
            scenario: &side.plan.name,
            algorithm: side.plan.algorithm,
            seed: side.seed,
            digest: outcome.digest.to_string(),
            events: outcome.events,
            virtual_ns: outcome.ended_at.as_nanos(),
            verdict: outcome.verdict(),
        }
    }
}

fn told_all<'a>(moments: &[Moment], names: &'a Names) -> Vec<Told<'a>> {
    let told = |moment: &Moment| Told {
        at_ns: moment.at.as_nanos(),
        node: &names[moment.node],
        what: told(names, moment),
    };
    moments.iter().map(told).collect()
}
