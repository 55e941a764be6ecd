//! No lost update: what a client makes of a value replaces that value and nothing later.

use std::collections::BTreeMap;

use seedbed_node::{Breach, Checker, Observation, Operation, What};

use crate::replication::{Event, Request};

/// Whoever reads and then writes under a lease overwrites nothing but what it has read.
#[derive(Clone, Hash, Debug, Default)]
pub struct NoLostUpdate {
    /// What the storage holds, and who wrote it.
    held: BTreeMap<u32, (u64, Operation)>,
}

impl Checker<Request, Event> for NoLostUpdate {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let What::Event { event: Event::Renewed { operation, key, read, value }, .. } = &seen.what
        else {
            return Ok(());
        };
        let held = self.held.insert(*key, (*value, *operation));
        if held.map(|(value, _)| value) == *read {
            return Ok(());
        }
        let (at, names) = (seen.at, seen.names);
        let writer = &names[operation.client];
        let lost = match held {
            Some((value, by)) => {
                format!("{value}, which {} had written since", names.of(by.client))
            }
            None => "nothing".to_owned(),
        };
        let read = read.map_or("nothing".to_owned(), |value| value.to_string());
        let why = format!(
            "at {at} {writer}'s write of key {key}, made from {read}, replaced {lost}: an update \
             is lost"
        );
        Err(Breach { at, why })
    }
}
