//! Safety: readings and estimates against true time, and against earlier readings.

use std::collections::BTreeMap;

use seedbed_node::{Breach, Checker, Duration, LocalTime, NodeId, Observation, Time, What};

use super::ahead;
use crate::time::{Event, Request};

/// A reading is no further from true time than its node promises.
#[derive(Clone, Copy, Hash, Debug, Default)]
pub struct WithinBound;

/// An estimate of true time is off by no more than it says.
#[derive(Clone, Copy, Hash, Debug, Default)]
pub struct EstimateBound;

/// No node's readings ever decrease.
#[derive(Clone, Hash, Debug, Default)]
pub struct NeverBackwards {
    last: BTreeMap<NodeId, (Time, LocalTime)>,
}

fn length(ns: i64) -> Duration {
    Duration::from_nanos(ns.unsigned_abs())
}

impl Checker<Request, Event> for WithinBound {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let What::Event { node, event: Event::Reading { wall, promise } } = seen.what else {
            return Ok(());
        };
        let off = length(ahead(*wall, seen.at));
        match promise.accuracy {
            Some(accuracy) if off > accuracy => {
                let (at, name) = (seen.at, &seen.names[node]);
                let why = format!(
                    "{name}'s clock read {wall} at {at}: {off} off, while it promised to be \
                     within {accuracy}"
                );
                Err(Breach { at, why })
            }
            _ => Ok(()),
        }
    }
}

impl Checker<Request, Event> for EstimateBound {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let What::Event { node, event: Event::Measured { wall, offset_ns, error, .. } } = seen.what
        else {
            return Ok(());
        };
        let off = length(ahead(*wall, seen.at).saturating_add(*offset_ns));
        if off <= *error {
            return Ok(());
        }
        let (at, name) = (seen.at, &seen.names[node]);
        let why = format!("{name}'s estimate of {at} was {off} off, while it said {error} at most");
        Err(Breach { at, why })
    }
}

impl Checker<Request, Event> for NeverBackwards {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let What::Event { node, event: Event::Reading { wall, .. } } = seen.what else {
            return Ok(());
        };
        match self.last.insert(node, (seen.at, *wall)) {
            Some((earlier, before)) if before > *wall => {
                let (at, name) = (seen.at, &seen.names[node]);
                let why = format!(
                    "{name}'s clock read {wall} at {at}, after it had read {before} at {earlier}"
                );
                Err(Breach { at, why })
            }
            _ => Ok(()),
        }
    }
}
