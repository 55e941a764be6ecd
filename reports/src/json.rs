//! The `--json` object of a run: a public interface. One line, keys in a fixed order, numbers as
//! JSON numbers, `null` where there is no figure.

use seedbed_core::{CheckOutcome, Operations, Outcome, Tally, Verdict};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::Run;

/// The version of every object that `--json` prints.
pub const SCHEMA: u32 = 1;

/// The run as one line of JSON, without a newline at the end.
pub fn line(run: &Run<'_>) -> String {
    let outcome = run.outcome;
    text(&Object {
        schema: SCHEMA,
        scenario: run.scenario,
        algorithm: run.algorithm,
        seed: outcome.seed,
        nodes: outcome.nodes,
        digest: outcome.digest.to_string(),
        events: outcome.events,
        virtual_ns: outcome.ended_at.as_nanos(),
        verdict: outcome.verdict(),
        checks: outcome.checks.iter().map(Check::of).collect(),
        messages: Messages::of(&outcome.messages, &outcome.transport),
        writes: Writes { forced: outcome.writes.forced, lazy: outcome.writes.lazy },
        operations: PerOperation::of(&outcome.operations),
        measures: Pairs(outcome.measures.iter().map(|(name, x)| (name.as_str(), *x)).collect()),
    })
}

/// An error as one line of JSON: what `--json` prints instead of runs, or beside them.
pub fn error(error: &Error<'_>) -> String {
    #[derive(Serialize)]
    struct Wrapped<'a> {
        schema: u32,
        error: &'a Error<'a>,
    }
    text(&Wrapped { schema: SCHEMA, error })
}

/// A valid scenario as one line of JSON, with its line break.
pub fn valid(file: &str, scenario: &str, algorithm: &str, nodes: u32) -> String {
    #[derive(Serialize)]
    struct Valid<'a> {
        schema: u32,
        file: &'a str,
        valid: bool,
        scenario: &'a str,
        algorithm: &'a str,
        nodes: u32,
    }
    text(&Valid { schema: SCHEMA, file, valid: true, scenario, algorithm, nodes }) + "\n"
}

/// The page of a run as one line of JSON, with its line break.
pub fn reported(page: &str, scenario: &str, algorithm: &str, outcome: &Outcome) -> String {
    #[derive(Serialize)]
    struct Reported<'a> {
        schema: u32,
        scenario: &'a str,
        algorithm: &'a str,
        seed: u64,
        digest: String,
        verdict: Verdict,
        report: &'a str,
    }
    let (seed, digest, verdict) = (outcome.seed, outcome.digest.to_string(), outcome.verdict());
    let it = Reported { schema: SCHEMA, scenario, algorithm, seed, digest, verdict, report: page };
    text(&it) + "\n"
}

/// The digest in a line that [`line()`] wrote.
pub fn digest_in(line: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    value.get("digest")?.as_str().map(str::to_owned)
}

/// What went wrong, apart from the runs themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Error<'a> {
    /// `usage`, `scenario`, `not_found` or `internal`.
    pub kind: &'a str,
    /// What, in words.
    pub message: &'a str,
    /// The file, if it is about one.
    pub file: Option<&'a str>,
    /// The line in it, from 1.
    pub line: Option<usize>,
    /// The column in it, from 1.
    pub column: Option<usize>,
    /// What to do about it.
    pub help: Option<&'a str>,
    /// More of the same file, if this is not the only one.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub also: &'a [Error<'a>],
}

/// Any value as one line.
pub(crate) fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data with text keys is always JSON")
}

#[derive(Serialize)]
struct Object<'a> {
    schema: u32,
    scenario: &'a str,
    algorithm: &'a str,
    seed: u64,
    nodes: u32,
    digest: String,
    events: u64,
    virtual_ns: u64,
    verdict: Verdict,
    checks: Vec<Check<'a>>,
    messages: Messages<'a>,
    writes: Writes,
    operations: PerOperation<'a>,
    measures: Pairs<'a, f64>,
}

#[derive(Serialize)]
pub(crate) struct Check<'a> {
    name: &'a str,
    verdict: Verdict,
    detail: &'a str,
    at_ns: Option<u64>,
}

impl<'a> Check<'a> {
    pub(crate) fn of(check: &'a CheckOutcome) -> Self {
        Check {
            name: &check.name,
            verdict: check.verdict,
            detail: &check.detail,
            at_ns: check.at.map(|at| at.as_nanos()),
        }
    }
}

#[derive(Serialize)]
struct Messages<'a> {
    sent: u64,
    delivered: u64,
    lost: u64,
    reordered: u64,
    duplicated: u64,
    corrupted: u64,
    overflowed: u64,
    cut: u64,
    to_dead: u64,
    in_flight: u64,
    bytes: u64,
    by_kind: Pairs<'a, OfKind>,
    transport: Transport,
}

#[derive(Clone, Copy, Serialize)]
struct OfKind {
    sent: u64,
    delivered: u64,
}

#[derive(Serialize)]
struct Transport {
    sent: u64,
}

impl<'a> Messages<'a> {
    fn of(own: &'a Tally, transport: &Tally) -> Self {
        Messages {
            sent: own.sent,
            delivered: own.delivered,
            lost: own.lost,
            reordered: own.reordered,
            duplicated: own.duplicated,
            corrupted: own.corrupted,
            overflowed: own.overflowed,
            cut: own.cut,
            to_dead: own.to_dead,
            in_flight: own.in_flight,
            bytes: own.bytes,
            by_kind: Pairs(
                own.by_kind
                    .iter()
                    .map(|k| (k.kind, OfKind { sent: k.sent, delivered: k.delivered }))
                    .collect(),
            ),
            transport: Transport { sent: transport.sent },
        }
    }
}

#[derive(Serialize)]
struct Writes {
    forced: u64,
    lazy: u64,
}

#[derive(Serialize)]
struct PerOperation<'a> {
    count: u64,
    messages_per: Option<MessagesPer>,
    by_kind: Pairs<'a, f64>,
    latency_ns: Option<Latency>,
}

#[derive(Serialize)]
struct MessagesPer {
    mean: f64,
    min: u64,
    max: u64,
}

#[derive(Serialize)]
struct Latency {
    mean: f64,
    p50: u64,
    p95: u64,
    p99: u64,
    max: u64,
}

impl<'a> PerOperation<'a> {
    fn of(operations: &'a Operations) -> Self {
        PerOperation {
            count: operations.count,
            messages_per: operations.messages_per.map(|m| MessagesPer {
                mean: m.mean,
                min: m.min,
                max: m.max,
            }),
            by_kind: Pairs(operations.by_kind.clone()),
            latency_ns: operations.latency_ns.map(|q| Latency {
                mean: q.mean,
                p50: q.p50,
                p95: q.p95,
                p99: q.p99,
                max: q.max,
            }),
        }
    }
}

/// An object whose keys are data, in the given order.
pub(crate) struct Pairs<'a, T>(pub Vec<(&'a str, T)>);

impl<T: Serialize> Serialize for Pairs<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use serde_json::{Value, json};

    #[test]
    fn a_run_is_the_documented_object() {
        let outcome = samples::held();
        let line = line(&samples::run(&outcome));
        assert!(!line.contains('\n'));
        assert_eq!(digest_in(&line), Some(outcome.digest.to_string()));
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            value,
            json!({
                "schema": 1, "scenario": "sample", "algorithm": "RicartAgrawala", "seed": 42,
                "nodes": 5, "digest": "0000000000000000000000000000abcd", "events": 12345,
                "virtual_ns": 60_000_000_000u64, "verdict": "held",
                "checks": [
                    {"name": "MutualExclusion", "verdict": "held", "detail": "", "at_ns": null},
                    {"name": "Granted", "verdict": "held", "detail": "", "at_ns": null},
                ],
                "messages": {
                    "sent": 1600, "delivered": 1588, "lost": 12, "reordered": 3, "duplicated": 0,
                    "corrupted": 0, "overflowed": 0, "cut": 0, "to_dead": 0, "in_flight": 0,
                    "bytes": 22400,
                    "by_kind": {
                        "Request": {"sent": 800, "delivered": 790},
                        "Reply": {"sent": 800, "delivered": 798},
                    },
                    "transport": {"sent": 1700},
                },
                "writes": {"forced": 0, "lazy": 0},
                "operations": {
                    "count": 200,
                    "messages_per": {"mean": 8.0, "min": 8, "max": 8},
                    "by_kind": {"Request": 4.0, "Reply": 4.0},
                    "latency_ns": {"mean": 31_234_567.5, "p50": 30_000_000, "p95": 50_000_000,
                                   "p99": 60_000_000, "max": 71_000_000},
                },
                "measures": {
                    "sync_delay_ns_max": 20e6, "sync_delay_ns_mean": 12e6,
                    "sync_delay_ns_p50": 12e6, "sync_delay_ns_p95": 18e6,
                    "sync_delay_ns_p99": 19e6, "throughput_per_s": 3.3,
                },
            })
        );
    }

    #[test]
    fn figures_that_do_not_exist_are_null() {
        let mut outcome = samples::failed();
        outcome.operations = Operations::default();
        outcome.measures.insert("undefined".into(), f64::NAN);
        let value: Value = serde_json::from_str(&line(&samples::run(&outcome))).unwrap();
        assert_eq!(
            value["operations"],
            json!({"count": 0, "messages_per": null, "by_kind": {}, "latency_ns": null})
        );
        assert_eq!(value["measures"]["undefined"], Value::Null);
        assert_eq!(value["verdict"], "failed");
        assert_eq!(value["checks"][1]["at_ns"], 12_300_000_000u64);
    }

    #[test]
    fn an_error_is_an_object_of_its_own() {
        let line = error(&Error { kind: "usage", message: "no \"such\" flag", ..Error::default() });
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["schema"], 1);
        assert_eq!(value["error"]["message"], "no \"such\" flag");
        assert_eq!(value["error"]["file"], Value::Null);
    }
}
