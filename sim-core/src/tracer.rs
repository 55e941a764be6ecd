//! Fans records out to sinks, annotated with logical clocks where a run asks for them.

use std::fmt::Debug;

use seedbed_node::NodeId;

use crate::recorder::Recorder;
use crate::trace::{ClockAudit, Clocks, Record, Sink};

/// All consumers of a run's trace.
#[derive(Default)]
pub(crate) struct Tracer {
    listens: bool,
    watches_states: bool,
    sinks: Vec<Box<dyn Sink>>,
    pub clocks: Option<Clocks>,
    /// The check that clocks agree with happened-before, under its name.
    audit: Option<(String, ClockAudit)>,
    /// Makes a schedule of the run.
    recorder: Option<Box<Recorder>>,
}

impl Tracer {
    /// Whether anybody listens.
    #[inline]
    pub fn listens(&self) -> bool {
        self.listens
    }

    /// Adds a consumer.
    pub fn add_sink(&mut self, sink: Box<dyn Sink>) {
        self.watches_states |= sink.wants_states();
        self.sinks.push(sink);
        self.listens = true;
    }

    /// Has clocks audited under a name.
    pub fn add_audit(&mut self, name: String, audit: ClockAudit) {
        self.audit = Some((name, audit));
        self.listens = true;
    }

    /// Has a schedule made of the run.
    pub fn add_recorder(&mut self, recorder: Recorder) {
        self.recorder = Some(Box::new(recorder));
        self.listens = true;
    }

    /// Whoever makes a schedule of the run.
    #[inline]
    pub fn recorder(&mut self) -> Option<&mut Recorder> {
        self.recorder.as_deref_mut()
    }

    /// Takes the one that makes a schedule of the run.
    pub fn take_recorder(&mut self) -> Option<Box<Recorder>> {
        self.recorder.take()
    }

    /// Ends all sinks; gives the audit and the recorder, if there were any.
    pub fn finish(self) -> (Option<(String, ClockAudit)>, Option<Box<Recorder>>) {
        (self.audit, self.recorder)
    }

    /// Whether anybody wants to see what handlers leave behind.
    #[inline]
    pub fn watches_states(&self) -> bool {
        self.watches_states
    }

    /// Shows the state of a node after a handler, or that it has none any more.
    pub fn state(&mut self, node: NodeId, state: Option<&dyn Debug>) {
        for sink in self.sinks.iter_mut().filter(|sink| sink.wants_states()) {
            sink.state(node, state);
        }
    }

    /// Tells of a rare path.
    pub fn reached(&mut self, node: NodeId, probe: &'static str) {
        for sink in &mut self.sinks {
            sink.reached(node, probe);
        }
    }

    /// Hands out a record.
    pub fn record(&mut self, record: Record<'_>) {
        if let Some(recorder) = &mut self.recorder {
            recorder.record(&record);
        }
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
