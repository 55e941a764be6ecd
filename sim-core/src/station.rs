//! Service: handlers that take time, behind a queue with one or more servers.

use std::collections::VecDeque;

use seedbed_node::{Distribution, Duration, Message, Node, NodeId};

use crate::kernel::{Item, Kernel};
use crate::rng::Purpose;
use crate::service::ServiceConfig;
use crate::trace::DropReason;

/// Something to handle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Work {
    /// A message, by its flight.
    Message(u32),
    /// A client's request.
    Request(u32),
}

/// The service model with its kinds resolved.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    by_kind: Vec<Distribution>,
    request: Distribution,
    cores: usize,
    queue_max: usize,
}

impl Service {
    pub fn new<M: Message>(config: &ServiceConfig) -> Self {
        let of = |name: &str| {
            let rule = config.by_kind.iter().find(|(kind, _)| kind == name);
            rule.map_or(&config.default, |(_, time)| time).clone()
        };
        Service {
            by_kind: (0..M::KINDS).map(|kind| of(M::kind_name(kind))).collect(),
            request: of("Request"),
            cores: config.cores as usize,
            queue_max: config.queue_max.map_or(usize::MAX, |max| max as usize),
        }
    }
}

/// One node's servers and queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Station {
    waiting: VecDeque<Work>,
    serving: Vec<(u32, Work)>,
    tickets: u32,
}

impl Station {
    /// Takes everything that was waiting or being served: the node has crashed.
    pub fn clear(&mut self) -> impl Iterator<Item = Work> + use<> {
        let serving = std::mem::take(&mut self.serving).into_iter().map(|(_, work)| work);
        serving.chain(std::mem::take(&mut self.waiting))
    }

    /// How many are being served.
    pub fn serving(&self) -> usize {
        self.serving.len()
    }

    /// Whether the service under this ticket is still going on.
    pub fn stands(&self, ticket: u32) -> bool {
        self.serving.iter().any(|(t, _)| *t == ticket)
    }
}

impl<N: Node> Kernel<N> {
    /// Work arrives at a node with a service model.
    pub fn enqueue(&mut self, node: NodeId, work: Work) {
        let service = self.service.as_ref().expect("only called with a service model");
        let (cores, queue_max) = (service.cores, service.queue_max);
        let station = &mut self.rest(node).station;
        if station.serving.len() < cores {
            self.serve(node, work);
        } else if station.waiting.len() < queue_max {
            station.waiting.push_back(work);
        } else {
            match work {
                Work::Message(slot) => self.drop_message(slot, DropReason::Overflowed),
                Work::Request(slot) => self.refuse(slot),
            }
        }
    }

    /// A service is complete: gives the work to handle now, and starts the next.
    pub fn served_work(&mut self, node: NodeId, ticket: u32) -> Option<Work> {
        let station = &mut self.rest(node).station;
        let at = station.serving.iter().position(|(t, _)| *t == ticket)?;
        let (_, work) = station.serving.swap_remove(at);
        if let Some(next) = station.waiting.pop_front() {
            self.serve(node, next);
        }
        Some(work)
    }

    fn serve(&mut self, node: NodeId, work: Work) {
        let host = self.hosts.rest_mut(node);
        let index = host.services;
        host.services += 1;
        let mut draws = self.keys.draws(Purpose::Service, self.name_keys.get(node), index, 0);
        let service = self.service.as_ref().expect("only called with a service model");
        let time = match work {
            Work::Message(slot) => &service.by_kind[self.flights.message(slot).kind()],
            Work::Request(_) => &service.request,
        };
        let time = u128::from(time.sample(&mut draws).as_nanos())
            * u128::from(host.slow_permille())
            / 1000;
        let time = Duration::from_nanos(u64::try_from(time).unwrap_or(u64::MAX));
        host.station.tickets = host.station.tickets.wrapping_add(1);
        let ticket = host.station.tickets;
        host.station.serving.push((ticket, work));
        self.schedule(self.now + time, Item::Served(node, ticket));
    }
}
