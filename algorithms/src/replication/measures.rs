//! Figures of replication: response times, throughput, and how long nothing was answered.

use std::collections::BTreeMap;

use seedbed_node::{Ending, Figures, Measure, Observation, Operation, Time, What};

use super::{Event, Request};

/// `read_ns`, `write_ns`: from a request's first arrival at its client's node to its answer there.
/// `throughput_per_s`: answers a second, from the first request to the last answer.
/// `outage_ns`, `read_outage_ns`, `write_outage_ns`: the longest time in which somebody waited and
/// nobody got an answer (to a read, to a write).
#[derive(Clone, Debug, Default)]
pub struct ReplicationFigures {
    asked: BTreeMap<Operation, (Time, bool)>,
    first: Option<Time>,
    last: Option<Time>,
    answered: u64,
    any: Gap,
    reads: Gap,
    writes: Gap,
}

/// The longest silence so far.
#[derive(Clone, Debug, Default)]
struct Gap {
    waiting: u64,
    /// Since when somebody has waited without an answer to anybody.
    since: Time,
    longest_ns: u64,
}

impl Gap {
    fn asked(&mut self, at: Time) {
        if self.waiting == 0 {
            self.since = at;
        }
        self.waiting += 1;
    }

    fn answered(&mut self, at: Time) {
        self.longest_ns = self.longest_ns.max(at.since(self.since).as_nanos());
        self.since = at;
        self.waiting -= 1;
    }
}

impl ReplicationFigures {
    fn kind(&mut self, is_read: bool) -> &mut Gap {
        if is_read { &mut self.reads } else { &mut self.writes }
    }
}

impl Measure<Request, Event> for ReplicationFigures {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, figures: &mut dyn Figures) {
        let at = seen.at;
        match &seen.what {
            What::Request { request, .. } => {
                let is_read = matches!(request, Request::Read { .. });
                if self.asked.insert(request.operation(), (at, is_read)).is_none() {
                    self.first.get_or_insert(at);
                    self.any.asked(at);
                    self.kind(is_read).asked(at);
                }
            }
            What::Event { event: Event::Value { operation, .. }, .. }
            | What::Event { event: Event::Written { operation }, .. } => {
                let Some((asked, is_read)) = self.asked.remove(operation) else { return };
                let name = if is_read { "read_ns" } else { "write_ns" };
                figures.sample(name, at.since(asked).as_nanos());
                self.last = Some(at);
                self.answered += 1;
                self.any.answered(at);
                self.kind(is_read).answered(at);
            }
            _ => {}
        }
    }

    fn finish(&mut self, _ending: &Ending<'_>, figures: &mut dyn Figures) {
        let (Some(first), Some(last)) = (self.first, self.last) else { return };
        if last > first {
            let seconds = last.since(first).as_secs_f64();
            figures.figure("throughput_per_s", self.answered as f64 / seconds);
        }
        figures.figure("outage_ns", self.any.longest_ns as f64);
        figures.figure("read_outage_ns", self.reads.longest_ns as f64);
        figures.figure("write_outage_ns", self.writes.longest_ns as f64);
    }
}
