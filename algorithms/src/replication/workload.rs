//! The clients of replicated data: they read and write keys of some popularity.

use seedbed_node::{Draws, Duration, NodeId, Operation, Probability, Time, Workload};
use serde::Deserialize;

use super::{Event, Request};
use crate::clients::{Clients, Demand, Heard, Keys, Pace, Popularity, Retry};

/// The `workload:` section of a scenario.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Load {
    /// When demands arise, and at which clients.
    pub pace: Pace,
    /// What a client does when no answer comes.
    pub retry: Option<Retry>,
    /// Which keys are asked for.
    pub keys: Keys,
    /// The share of requests that are reads.
    pub reads: Probability,
    /// From this time on all requests are reads, to see what is left when writing has ended.
    pub writes_until: Option<Duration>,
}

impl Default for Load {
    /// Closed, patient, a hundred keys equally popular, as many reads as writes.
    fn default() -> Self {
        Load {
            pace: Pace::default(),
            retry: None,
            keys: Keys::Uniform { count: 100 },
            reads: Probability::new(0.5).expect("in 0..=1"),
            writes_until: None,
        }
    }
}

/// Client 3 writes 3000001, 3000002, …: values tell who wrote them, to people too.
const VALUES_A_CLIENT: u64 = 1_000_000;

/// Reads and writes. Every value that is written is another one, so that it tells who wrote it.
#[derive(Clone, Hash, Debug)]
struct ReadsAndWrites {
    popularity: Popularity,
    reads: Probability,
    writes_until: Time,
}

impl Demand<Request, Event> for ReadsAndWrites {
    fn request(&mut self, operation: Operation, now: Time, draws: &mut Draws) -> Request {
        let key = self.popularity.draw(draws);
        if self.reads.hits(draws) || now >= self.writes_until {
            Request::Read { operation, key }
        } else {
            let Operation { client, number } = operation;
            let value = VALUES_A_CLIENT * u64::from(client.0) + u64::from(number) + 1;
            Request::Write { operation, key, value }
        }
    }

    fn hear(&mut self, _client: NodeId, event: &Event) -> Heard {
        match event {
            Event::Value { operation, .. } | Event::Written { operation } => {
                Heard::DoneFor(*operation)
            }
            Event::Applied { .. }
            | Event::Installed { .. }
            | Event::Reconfigured { .. }
            | Event::Renewed { .. } => Heard::Nothing,
        }
    }
}

/// The clients of `nodes` members, or why the load makes no sense.
pub(super) fn clients(
    load: &Load,
    nodes: u32,
) -> Result<Box<dyn Workload<Request, Event>>, String> {
    let popularity = Popularity::new(&load.keys).map_err(|why| format!("keys: {why}"))?;
    if u64::from(load.pace.requests()) >= VALUES_A_CLIENT {
        return Err(format!("pace: requests_per_node: at most {} values", VALUES_A_CLIENT - 1));
    }
    let writes_until = load.writes_until.map_or(Time::MAX, |after| Time::ZERO + after);
    let demand = ReadsAndWrites { popularity, reads: load.reads, writes_until };
    Ok(Box::new(Clients::new(&load.pace, load.retry, nodes, demand)?))
}
