//! Fans records out to sinks, annotated with logical clocks where a run asks for them.

use crate::trace::{ClockAudit, Clocks, Record, Sink};

/// All consumers of a run's trace.
#[derive(Default)]
pub(crate) struct Tracer {
    pub sinks: Vec<Box<dyn Sink>>,
    pub clocks: Option<Clocks>,
    /// The check that clocks agree with happened-before, under its name.
    pub audit: Option<(String, ClockAudit)>,
}

impl Tracer {
    /// Whether anybody listens.
    #[inline]
    pub fn listens(&self) -> bool {
        !self.sinks.is_empty() || self.audit.is_some()
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
