//! Fans records out to sinks, annotated with logical clocks where a run asks for them.

use seedbed_node::NodeId;

use crate::trace::{ClockAudit, Clocks, Record, Sink};

/// All consumers of a run's trace.
#[derive(Default)]
pub(crate) struct Tracer {
    listens: bool,
    sinks: Vec<Box<dyn Sink>>,
    pub clocks: Option<Clocks>,
    /// The check that clocks agree with happened-before, under its name.
    audit: Option<(String, ClockAudit)>,
}

impl Tracer {
    /// Whether anybody listens.
    #[inline]
    pub fn listens(&self) -> bool {
        self.listens
    }

    /// Adds a consumer.
    pub fn add_sink(&mut self, sink: Box<dyn Sink>) {
        self.sinks.push(sink);
        self.listens = true;
    }

    /// Has clocks audited under a name.
    pub fn add_audit(&mut self, name: String, audit: ClockAudit) {
        self.audit = Some((name, audit));
        self.listens = true;
    }

    /// Ends all sinks and gives the audit, if there was one.
    pub fn finish(self) -> Option<(String, ClockAudit)> {
        self.audit
    }

    /// Tells of a rare path.
    pub fn reached(&mut self, node: NodeId, probe: &'static str) {
        for sink in &mut self.sinks {
            sink.reached(node, probe);
        }
    }

    /// Hands out a record.
    pub fn record(&mut self, record: Record<'_>) {
        if let Some((_, audit)) = &mut self.audit {
            audit.record(&record);
        }
        let stamps = self.clocks.as_mut().and_then(|clocks| clocks.stamp(&record));
        let record = Record { stamps, ..record };
        for sink in &mut self.sinks {
            sink.record(&record);
        }
    }
}
