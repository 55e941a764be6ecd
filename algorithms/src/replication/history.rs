//! What the family's clients asked and were told, as a history of registers.

use std::collections::BTreeSet;

use seedbed_node::{Call, Historian, Observation, Operation, Reply, Step, What};

use super::{Event, Request};

/// Reads a history of reads and writes off a run. A request that is repeated is one call; one that
/// is never answered stays open.
#[derive(Clone, Hash, Debug, Default)]
pub struct KeyValueHistory {
    invoked: BTreeSet<Operation>,
    returned: BTreeSet<Operation>,
}

impl Historian<Request, Event> for KeyValueHistory {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, steps: &mut Vec<Step>) {
        match &seen.what {
            What::Request { request, .. } => {
                let (operation, call) = match **request {
                    Request::Read { operation, key } => {
                        (operation, Call::Read { key: u64::from(key) })
                    }
                    Request::Write { operation, key, value } => {
                        (operation, Call::Write { key: u64::from(key), value })
                    }
                };
                if self.invoked.insert(operation) {
                    steps.push(Step::Invoke { operation, call });
                }
            }
            What::Event { event, .. } => {
                let (operation, reply) = match **event {
                    Event::Value { operation, value } => (operation, Reply::Value(value)),
                    Event::Written { operation } => (operation, Reply::Done),
                    Event::Applied { .. }
                    | Event::Installed { .. }
                    | Event::Reconfigured { .. }
                    | Event::Renewed { .. } => return,
                };
                if self.returned.insert(operation) {
                    steps.push(Step::Return { operation, reply });
                }
            }
            What::Complete { .. }
            | What::Crash { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }
}
