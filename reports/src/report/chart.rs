//! Small charts as inline SVG, readable without a script; colours come from the page's styles.

use std::fmt::Write as _;

use seedbed_core::Outcome;
use seedbed_node::Operation;

use super::words::html;
use crate::chronicle::{Chronicle, Happening};
use crate::text::{count, duration};

/// Kinds beyond these are left to the table.
const KINDS_MAX: usize = 10;
/// Bars of a histogram, and of messages over time.
const BINS: usize = 40;
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 150.0;
/// Room for numbers beneath an axis.
const FOOT: f64 = 20.0;

/// A chart with its caption.
#[derive(Debug)]
pub struct Chart {
    /// What it shows.
    pub caption: String,
    /// The drawing.
    pub svg: String,
}

/// The charts of a run; those that would be empty are left out.
pub fn all(outcome: &Outcome, chronicle: &Chronicle, operation: &str) -> Vec<Chart> {
    let charts = [kinds(outcome), over_time(outcome, chronicle), latencies(chronicle, operation)];
    charts.into_iter().flatten().collect()
}

/// Messages by kind: sent, and of these delivered.
fn kinds(outcome: &Outcome) -> Option<Chart> {
    let mut kinds: Vec<_> =
        outcome.messages.by_kind.iter().chain(&outcome.transport.by_kind).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.sent));
    let most = kinds.iter().map(|kind| kind.sent.max(kind.delivered)).max().filter(|n| *n > 0)?;
    let (row, left, right) = (26.0, 120.0, 92.0);
    let width = |n: u64| n as f64 / most as f64 * (WIDTH - left - right);
    let mut body = String::new();
    for (at, kind) in kinds.iter().take(KINDS_MAX).enumerate() {
        let y = row * at as f64;
        let name = html(&clipped(kind.kind));
        let _ = write!(
            body,
            "<text class=\"t\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>\
             <rect class=\"b2\" x=\"{left}\" y=\"{:.1}\" width=\"{:.1}\" height=\"16\"/>\
             <rect class=\"b1\" x=\"{left}\" y=\"{:.1}\" width=\"{:.1}\" height=\"16\"/>\
             <text class=\"t\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            left - 8.0,
            y + 17.0,
            y + 5.0,
            width(kind.sent),
            y + 5.0,
            width(kind.delivered),
            left + width(kind.sent.max(kind.delivered)) + 6.0,
            y + 17.0,
            if kind.sent == kind.delivered {
                count(kind.sent)
            } else {
                format!("{} / {}", count(kind.delivered), count(kind.sent))
            },
        );
    }
    let shown = kinds.len().min(KINDS_MAX);
    let more = match kinds.len() - shown {
        0 => String::new(),
        more => format!("; {more} rarer kinds are in the table"),
    };
    let caption = format!("Messages by kind: delivered (dark) of those sent (light){more}");
    let svg = svg(row * shown as f64 + 4.0, &caption, &body);
    Some(Chart { caption, svg })
}

/// Messages sent over time, with the faults behind them.
fn over_time(outcome: &Outcome, chronicle: &Chronicle) -> Option<Chart> {
    let sent = |what: &Happening| matches!(what, Happening::Send { .. });
    let end = match chronicle.left_out {
        0 => outcome.ended_at.as_nanos(),
        _ => chronicle.entries.last()?.at.as_nanos(),
    };
    let mut bins = [0u64; BINS];
    for entry in chronicle.entries.iter().filter(|entry| sent(&entry.what)) {
        bins[bin(entry.at.as_nanos(), 0, end)] += 1;
    }
    let x = |ns: u64| ns.min(end) as f64 / end.max(1) as f64 * WIDTH;
    let mut behind = String::new();
    for timed in outcome.faults.iter().filter(|timed| timed.at.as_nanos() < end) {
        let from = x(timed.at.as_nanos());
        let until = timed.until.map_or(WIDTH, |until| x(until.as_nanos()));
        let _ = write!(
            behind,
            "<rect class=\"fault\" x=\"{from:.1}\" y=\"0\" width=\"{:.1}\" height=\"{}\"/>",
            (until - from).max(2.0),
            HEIGHT - FOOT
        );
    }
    let faults = if behind.is_empty() { "" } else { "; faults are shaded" };
    let each = duration(end as f64 / BINS as f64);
    let caption = format!("Messages sent in each {each}{faults}");
    histogram(&bins, (0.0, end as f64), &behind, caption)
}

/// How long operations took, from the request's arrival at its node to completion.
fn latencies(chronicle: &Chronicle, operation: &str) -> Option<Chart> {
    let mut asked = std::collections::BTreeMap::<Operation, u64>::new();
    let mut took = Vec::new();
    for entry in &chronicle.entries {
        let now = entry.at.as_nanos();
        match &entry.what {
            Happening::Request { operation, .. } => drop(asked.entry(*operation).or_insert(now)),
            Happening::Complete(operation) => {
                took.extend(asked.remove(operation).map(|then| now.saturating_sub(then)));
            }
            _ => {}
        }
    }
    let (least, most) = (*took.iter().min()?, *took.iter().max()?);
    if took.len() < 3 || least == most {
        return None;
    }
    let mut bins = [0u64; BINS];
    for ns in &took {
        bins[bin(*ns, least, most)] += 1;
    }
    let n = count(took.len() as u64);
    let caption =
        format!("Latency of {n} completed operations ({operation}): from request to completion");
    histogram(&bins, (least as f64, most as f64), "", caption)
}

fn bin(value: u64, least: u64, most: u64) -> usize {
    let span = (most - least).max(1) as f64;
    ((value.saturating_sub(least) as f64 / span * BINS as f64) as usize).min(BINS - 1)
}

/// Bars over an axis of time from `least` to `most` nanoseconds.
fn histogram(
    bins: &[u64; BINS],
    (least, most): (f64, f64),
    behind: &str,
    caption: String,
) -> Option<Chart> {
    let highest = *bins.iter().max()?;
    if highest == 0 || most <= least {
        return None;
    }
    let (step, room) = (WIDTH / BINS as f64, HEIGHT - FOOT);
    let mut body = behind.to_owned();
    for (at, n) in bins.iter().enumerate().filter(|(_, n)| **n > 0) {
        let high = (*n as f64 / highest as f64 * (room - 16.0)).max(1.0);
        let _ = write!(
            body,
            "<rect class=\"b1\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{high:.1}\"/>",
            at as f64 * step,
            room - high,
            step - 1.0,
        );
    }
    let _ = write!(
        body,
        "<path class=\"axis\" d=\"M0 {room}H{WIDTH}M0 16H{WIDTH}\"/>\
         <text class=\"t\" x=\"0\" y=\"11\">{}</text>",
        count(highest)
    );
    for (share, anchor) in [(0.0, "start"), (0.5, "middle"), (1.0, "end")] {
        let at = least + (most - least) * share;
        let _ = write!(
            body,
            "<text class=\"t\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            WIDTH * share,
            HEIGHT - 5.0,
            duration(at)
        );
    }
    let svg = svg(HEIGHT, &caption, &body);
    Some(Chart { caption, svg })
}

fn clipped(name: &str) -> String {
    match name.char_indices().nth(15) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}

fn svg(height: f64, title: &str, body: &str) -> String {
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">{body}</svg>",
        html(title)
    )
}
