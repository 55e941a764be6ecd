//! Many runs on one page: verdicts, digests, what they cost, and where each has its own page.

use std::fmt::Write as _;

use seedbed_core::Verdict;

use super::page::{STYLES, fill};
use super::parts;
use super::words::{html, instant};
use crate::text::{count, plural, significant};

const FRAME: &str = include_str!("index.html");

/// A run with a page of its own.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The page, relative to the index.
    pub href: String,
    /// The scenario's name.
    pub scenario: String,
    /// The algorithm's name.
    pub algorithm: String,
    /// What became of it.
    pub outcome: seedbed_core::Outcome,
}

/// The page that leads to the others, in the order of `runs`.
pub fn index(runs: &[Linked]) -> String {
    let of = |verdict| runs.iter().filter(|run| run.outcome.verdict() == verdict).count() as u64;
    let verdicts = [Verdict::Held, Verdict::Failed, Verdict::Inconclusive];
    let summary: Vec<_> = verdicts
        .into_iter()
        .filter(|verdict| of(*verdict) > 0)
        .map(|verdict| format!("{} {}", count(of(verdict)), parts::badge(verdict)))
        .collect();
    let mut rows = String::new();
    for run in runs {
        row(&mut rows, run);
    }
    fill(FRAME, |place| match place {
        "styles" => STYLES[0].to_owned(),
        "title" => plural(runs.len() as u64, "run"),
        "summary" => summary.join(" · "),
        "rows" => rows.clone(),
        unknown => panic!("the frame asks for {unknown}"),
    })
}

fn row(out: &mut String, run: &Linked) {
    let outcome = &run.outcome;
    let per =
        outcome.operations.messages_per.map_or_else(|| "–".into(), |per| significant(per.mean));
    let why = outcome.checks.iter().find(|check| check.verdict != Verdict::Held);
    let why = why.map_or_else(String::new, |check| {
        format!("<div class=\"why-short\">{}: {}</div>", html(&check.name), html(&check.detail))
    });
    let digest = outcome.digest.to_string();
    let _ = write!(
        out,
        "<tr><td>{}</td><th scope=\"row\"><a href=\"{}\">{}</a>{why}<div class=\"why-short\"><code>{digest}</code></div></th><td class=\"left\">{}</td><td>{}</td><td>{}</td>\
         <td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{per}</td></tr>",
        parts::badge(outcome.verdict()),
        html(&run.href),
        html(&run.scenario),
        html(&run.algorithm),
        outcome.nodes,
        outcome.seed,
        count(outcome.events),
        instant(outcome.ended_at),
        count(outcome.messages.sent),
        count(outcome.operations.count),
    );
}
