//! Outcomes for this crate's tests.

use seedbed_core::{
    CheckOutcome, Digest128, EndedBy, KindTally, Operations, Outcome, Quantiles, Spread3, Tally,
    Verdict, Writes,
};

use crate::Run;

/// A run by its names.
pub fn run(outcome: &Outcome) -> Run<'_> {
    Run { scenario: "sample", algorithm: "RicartAgrawala", operation: "entry", outcome }
}

/// Every check held.
pub fn held() -> Outcome {
    Outcome {
        seed: 42,
        nodes: 5,
        digest: Digest128(0xabcd),
        events: 12_345,
        ended_at: seconds(60.0),
        ended_by: EndedBy::Served,
        checks: vec![check("MutualExclusion"), check("Granted")],
        messages: Tally {
            sent: 1600,
            delivered: 1588,
            lost: 12,
            reordered: 3,
            bytes: 22_400,
            by_kind: vec![kind("Request", 800, 790), kind("Reply", 800, 798)],
            ..Tally::default()
        },
        transport: Tally {
            sent: 1700,
            delivered: 1600,
            cut: 100,
            bytes: 13_600,
            by_kind: vec![kind("Ack", 1700, 1600)],
            ..Tally::default()
        },
        hops: 3188,
        writes: Writes::default(),
        timers_fired: 17,
        wall_lead_ns: (-1_500_000, 2_000_000),
        operations: Operations {
            count: 200,
            pending: 0,
            messages_per: Some(Spread3 { mean: 8.0, min: 8, max: 8 }),
            by_kind: vec![("Request", 4.0), ("Reply", 4.0)],
            messages_per_overall: Some(8.0),
            latency_ns: Some(Quantiles {
                mean: 31_234_567.5,
                p50: 30_000_000,
                p95: 50_000_000,
                p99: 60_000_000,
                max: 71_000_000,
            }),
        },
        measures: [
            ("sync_delay_ns_mean", 12e6),
            ("sync_delay_ns_p50", 12e6),
            ("sync_delay_ns_p95", 18e6),
            ("sync_delay_ns_p99", 19e6),
            ("sync_delay_ns_max", 20e6),
            ("throughput_per_s", 3.3),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
        faults: Vec::new(),
    }
}

/// One check failed.
pub fn failed() -> Outcome {
    let mut outcome = held();
    outcome.ended_by = EndedBy::Breach;
    outcome.checks[1] = CheckOutcome {
        name: "Granted".into(),
        verdict: Verdict::Failed,
        detail: "eve asked at 2.3s and was not granted within 10s: she waits for ada, who has \
                 been down since 2s"
            .into(),
        at: Some(seconds(12.3)),
    };
    outcome
}

fn seconds(s: f64) -> seedbed_node::Time {
    seedbed_node::Time((s * 1e9) as u64)
}

fn check(name: &str) -> CheckOutcome {
    CheckOutcome { name: name.into(), verdict: Verdict::Held, detail: String::new(), at: None }
}

fn kind(kind: &'static str, sent: u64, delivered: u64) -> KindTally {
    KindTally { kind, sent, delivered, bytes: 14 * sent }
}
