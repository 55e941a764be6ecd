//! What to draw of clock synchronisation: by how much clocks are corrected.

use seedbed_node::{Duration, Marker, Marks, Observation, What};

use super::{Event, Request};

/// Marks corrections, and rounds without a result.
#[derive(Clone, Debug, Default)]
pub struct CorrectionMarks;

impl Marker<Request, Event> for CorrectionMarks {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, marks: &mut Marks) {
        let What::Event { node, event } = seen.what else { return };
        match event {
            Event::Synchronised { by_ns } => {
                let sign = if *by_ns < 0 { '−' } else { '+' };
                let by = Duration::from_nanos(by_ns.unsigned_abs());
                marks.point(node, "correction", format!("{sign}{by}"));
            }
            Event::OutOfTouch => marks.point(node, "out of touch", "out of touch"),
            Event::Reading { .. } | Event::Measured { .. } => {}
        }
    }
}
