//! The clients of atomic broadcast: each has values of its own broadcast.
//!
//! An operation begins when the demand arises and is complete when the client's own server
//! delivers the value. A value is known by the operation, so that one that is asked for again is
//! recognised.

use seedbed_node::{Draws, NodeId, Operation, Time, Workload};
use serde::Deserialize;

use super::{Event, Request, Value};
use crate::clients::{Clients, Demand, Heard, Pace, Retry};

/// The `workload:` section of a scenario.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Load {
    /// When values are broadcast, and by whose clients.
    pub pace: Pace,
    /// Whether clients ask again. A server that crashes forgets what it was asked.
    pub retry: Option<Retry>,
}

pub(super) fn clients(
    load: &Load,
    nodes: u32,
) -> Result<Box<dyn Workload<Request, Event>>, String> {
    Ok(Box::new(Clients::new(&load.pace, load.retry, nodes, Values)?))
}

#[derive(Clone, Hash)]
struct Values;

impl Demand<Request, Event> for Values {
    fn request(&mut self, operation: Operation, _now: Time, _draws: &mut Draws) -> Request {
        Request::Broadcast(Value { client: operation.client, number: operation.number })
    }

    fn hear(&mut self, _client: NodeId, event: &Event) -> Heard {
        match *event {
            Event::Delivered { value: Value { client, number }, .. } => {
                Heard::DoneFor(Operation { client, number })
            }
            Event::Established { .. } | Event::Broadcast { .. } => Heard::Nothing,
        }
    }
}
