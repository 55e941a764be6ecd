//! Figures of a whole run, and what `AtEnd` claims of them.

use seedbed_core::{CheckOutcome, EndedBy, Outcome, Quantiles, Verdict};
use seedbed_node::Theory;

use crate::registry::FamilyRow;

/// A figure that every run has.
type General = fn(&Outcome) -> Option<f64>;

/// The figures that every run has: the name, whether it is a whole number from 0, what it means.
/// `None`: there was nothing to measure.
const GENERAL: &[(&str, bool, &str, General)] = &[
    ("Sent", true, "messages that nodes sent", |o| count(o.messages.sent)),
    ("Delivered", true, "messages that arrived and were handled", |o| count(o.messages.delivered)),
    ("Lost", true, "messages lost on a link", |o| count(o.messages.lost)),
    (REORDERED, true, "messages overtaken on their way, counted for up to 256 nodes", |o| {
        count(o.messages.reordered)
    }),
    ("Duplicated", true, "second copies that links made", |o| count(o.messages.duplicated)),
    ("Corrupted", true, "messages dropped by a checksum", |o| count(o.messages.corrupted)),
    ("Overflowed", true, "messages dropped by a full queue", |o| count(o.messages.overflowed)),
    ("Cut", true, "messages dropped by a cut link", |o| count(o.messages.cut)),
    ("ToDead", true, "messages that arrived at a node that was down", |o| {
        count(o.messages.to_dead)
    }),
    ("InFlight", true, "messages still on their way at the end", |o| count(o.messages.in_flight)),
    ("Bytes", true, "bytes of all messages", |o| count(o.messages.bytes)),
    ("Hops", true, "links travelled by forwarded messages", |o| count(o.hops)),
    ("TransportSent", true, "acknowledgements and retransmissions of the transport", |o| {
        count(o.transport.sent)
    }),
    ("TransportLost", true, "the transport's own messages that were lost", |o| {
        count(o.transport.lost)
    }),
    ("TransportCut", true, "the transport's own messages dropped by a cut link", |o| {
        count(o.transport.cut)
    }),
    ("Retransmitted", true, "retransmissions of the transport", |o| count(retransmitted(o))),
    ("Operations", true, "operations that were completed", |o| count(o.operations.count)),
    ("Pending", true, "operations that were begun and not completed", |o| {
        count(o.operations.pending)
    }),
    ("Events", true, "events that were processed", |o| count(o.events)),
    ("ForcedWrites", true, "writes that waited for the disk", |o| count(o.writes.forced)),
    ("LazyWrites", true, "writes that did not", |o| count(o.writes.lazy)),
    ("TimersFired", true, "timers that fired", |o| count(o.timers_fired)),
    (
        "WallLeadMin",
        false,
        "the least lead of a wall clock over true time at the end, in nanoseconds",
        |o| Some(o.wall_lead_ns.0 as f64),
    ),
    ("WallLeadMax", false, "the greatest lead of a wall clock, in nanoseconds", |o| {
        Some(o.wall_lead_ns.1 as f64)
    }),
    (
        "LatencyMean",
        false,
        "mean time from an operation's beginning to its completion, in nanoseconds",
        |o| latency(o, |q| q.mean),
    ),
    ("LatencyP50", true, "the median of these times", |o| latency(o, |q| q.p50 as f64)),
    ("LatencyP95", true, "their 95th percentile", |o| latency(o, |q| q.p95 as f64)),
    ("LatencyP99", true, "their 99th percentile", |o| latency(o, |q| q.p99 as f64)),
    ("LatencyMax", true, "the longest of them", |o| latency(o, |q| q.max as f64)),
    ("VirtualTime", true, "virtual time at the end, in nanoseconds", |o| {
        count(o.ended_at.as_nanos())
    }),
];

const REORDERED: &str = "Reordered";

fn count(value: u64) -> Option<f64> {
    Some(value as f64)
}

fn latency(outcome: &Outcome, part: fn(&Quantiles) -> f64) -> Option<f64> {
    outcome.operations.latency_ns.as_ref().map(part)
}

fn retransmitted(outcome: &Outcome) -> u64 {
    let kinds = outcome.transport.by_kind.iter();
    kinds.filter(|tally| tally.kind.starts_with("Retransmi")).map(|tally| tally.sent).sum()
}

/// How the histograms of a family's samples are summarised.
const SUMMARIES: [&str; 5] = ["_mean", "_p50", "_p95", "_p99", "_max"];

/// Something that a run measures.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Figure {
    /// Messages of each single operation: `MessagesPerEntry`.
    MessagesPerOperation,
    /// All messages over all operations, background included: `MessagesPerEntryMean`.
    MessagesPerOperationMean,
    /// One of [`GENERAL`], by position.
    General(usize),
    /// The family's own, by its name in outcomes.
    Measure(String),
}

/// `MessagesPerEntry` for an operation called `entry`.
pub(crate) fn per_operation(operation: &str) -> String {
    format!("MessagesPer{}", pascal(operation))
}

/// `sync_delay_ns` as `SyncDelayNs`.
fn pascal(snake: &str) -> String {
    let mut name = String::new();
    for part in snake.split(['_', '-', ' ']) {
        let mut letters = part.chars();
        name.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// `SyncDelayNs` as `sync_delay_ns`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        match c {
            '-' | ' ' => snake.push('_'),
            c if c.is_ascii_uppercase() && !snake.is_empty() => {
                snake.extend(['_', c.to_ascii_lowercase()]);
            }
            c => snake.push(c.to_ascii_lowercase()),
        }
    }
    snake
}

impl Figure {
    /// The figures that every run has: with their names as columns, whether they are whole numbers,
    /// and what they mean.
    pub fn general() -> impl Iterator<Item = (Figure, String, bool, &'static str)> {
        let figure = |(at, (name, whole, about, _)): (usize, &(&str, bool, &'static str, _))| {
            (Figure::General(at), snake(name), *whole, *about)
        };
        GENERAL.iter().enumerate().map(figure)
    }

    /// A family's own figures, with their names in outcomes.
    pub fn own(family: &FamilyRow) -> impl Iterator<Item = (Figure, String)> {
        measures(family).map(|name| (Figure::Measure(name.clone()), name))
    }

    /// The figure's value, if it is one number.
    pub fn single(&self, outcome: &Outcome) -> Option<f64> {
        self.range(outcome).filter(|(low, high)| low == high).map(|(low, _)| low)
    }

    /// The figure called `name` in scenarios of a family.
    pub fn find(name: &str, family: &FamilyRow) -> Option<Figure> {
        let per_operation = per_operation(family.operation);
        if name == per_operation {
            return Some(Figure::MessagesPerOperation);
        }
        if name.strip_prefix(&per_operation) == Some("Mean") {
            return Some(Figure::MessagesPerOperationMean);
        }
        if let Some(at) = GENERAL.iter().position(|(general, ..)| *general == name) {
            return Some(Figure::General(at));
        }
        measures(family).find(|measure| pascal(measure) == name).map(Figure::Measure)
    }

    /// All names that a scenario of a family may use.
    pub fn names(family: &FamilyRow) -> Vec<String> {
        let per_operation = per_operation(family.operation);
        let mean = format!("{per_operation}Mean");
        let general = GENERAL.iter().map(|(name, ..)| (*name).to_owned());
        let own = measures(family).map(|measure| pascal(&measure));
        [per_operation, mean].into_iter().chain(own).chain(general).collect()
    }

    /// The least and the greatest value of the figure.
    fn range(&self, outcome: &Outcome) -> Option<(f64, f64)> {
        let single = |x| (x, x);
        match self {
            Figure::MessagesPerOperation => {
                let spread = outcome.operations.messages_per.as_ref()?;
                Some((spread.min as f64, spread.max as f64))
            }
            Figure::MessagesPerOperationMean => outcome.operations.messages_per_overall.map(single),
            Figure::General(at) => (GENERAL[*at].3)(outcome).map(single),
            Figure::Measure(name) => outcome.measures.get(name).copied().map(single),
        }
    }
}

/// The names in outcomes of a family's own figures: whole figures, and summaries of samples.
fn measures(family: &FamilyRow) -> impl Iterator<Item = String> {
    let whole = family.figures.iter().map(|name| (*name).to_owned());
    let sampled =
        family.samples.iter().flat_map(|name| SUMMARIES.map(|part| format!("{name}{part}")));
    whole.chain(sampled)
}

/// What a scenario claims of a figure.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Claim {
    name: String,
    figure: Figure,
    low: f64,
    high: f64,
    /// The claim is about the mean of all operations.
    mean: bool,
}

/// Means that theory gives in closed form are matched up to rounding.
const ROUNDING: f64 = 1e-9;

impl Claim {
    /// The figure lies between these, both included; infinite ends are open.
    pub fn between(name: &str, figure: Figure, low: f64, high: f64) -> Self {
        Claim { name: name.to_owned(), figure, low, high, mean: false }
    }

    /// The figure is what theory says.
    pub fn theory(name: &str, figure: Figure, theory: Theory) -> Self {
        match theory {
            Theory::Exactly(x) => Claim::between(name, figure, x, x),
            Theory::Between(low, high) => Claim::between(name, figure, low, high),
            Theory::Mean(x) => {
                let slack = x.abs() * ROUNDING;
                Claim { mean: true, ..Claim::between(name, figure, x - slack, x + slack) }
            }
            Theory::MeanBetween(low, high) => {
                let claim =
                    Claim::between(name, figure, low * (1.0 - ROUNDING), high * (1.0 + ROUNDING));
                Claim { mean: true, ..claim }
            }
            Theory::Unknown => unreachable!("refused when the scenario is loaded"),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether overtaking must be counted.
    pub fn counts_reordered(&self) -> bool {
        matches!(self.figure, Figure::General(at) if GENERAL[at].0 == REORDERED)
    }

    /// Whether the claim is true of a run.
    pub fn judge(&self, outcome: &Outcome) -> CheckOutcome {
        let cut_short = match outcome.ended_by {
            EndedBy::Breach | EndedBy::Panic { .. } => Some("the run ended early, at a failure"),
            EndedBy::EventLimit => Some("the run was given up"),
            EndedBy::ScheduleBroken => Some("the schedule cannot be followed"),
            EndedBy::Quiet
            | EndedBy::Served
            | EndedBy::Time
            | EndedBy::ScheduleOver
            | EndedBy::ScheduleRepeats => None,
        };
        let figure = if self.mean {
            Figure::MessagesPerOperationMean.range(outcome)
        } else {
            self.figure.range(outcome)
        };
        let (verdict, detail) = match (cut_short, figure) {
            (Some(why), _) => (Verdict::Inconclusive, why.to_owned()),
            (None, None) => (Verdict::Inconclusive, "there was nothing to measure".to_owned()),
            (None, Some((least, greatest))) => {
                let held = self.low <= least && greatest <= self.high;
                let verdict = if held { Verdict::Held } else { Verdict::Failed };
                (verdict, format!("{}, expected {}", shown(least, greatest), self.demand()))
            }
        };
        let at = (verdict == Verdict::Failed).then_some(outcome.ended_at);
        CheckOutcome { name: self.name.clone(), verdict, detail, at }
    }

    fn demand(&self) -> String {
        match (self.low, self.high) {
            (low, f64::INFINITY) => format!("at least {low}"),
            (f64::NEG_INFINITY, high) => format!("at most {high}"),
            (low, high) => shown(low, high),
        }
    }
}

fn shown(low: f64, high: f64) -> String {
    if high - low <= low.abs() * ROUNDING * 4.0 {
        format!("{}", libm::round((low + high) / 2.0 * 1e6) / 1e6)
    } else {
        format!("{low} to {high}")
    }
}
