//! A client's node: asks the servers on behalf of the client beside it.
//!
//! A request goes to whom the configuration names: an update to the head or primary, a query to
//! the tail, the primary or any server. When a server that was asked is removed, its requests are
//! put to the next; servers recognise those that come twice. A request that the client itself
//! repeats is put again, and the master is asked who serves.
//!
//! A proxy may remember values (`cache`). Those that it has written or read are then answered from
//! memory, for ever or until they expire, whatever others have written since: cheap, and consistent
//! in weaker senses only.

use std::collections::BTreeMap;

use seedbed_node::{Context, LocalTime, Node, NodeId, Operation, Parameter};
use serde::Deserialize;

use super::group::tell;
use super::{
    Configuration, Event, ReplicationMessage as Message, Reply, Request, Settings, Shape, Update,
};

/// Whether a client's node remembers values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum Cache {
    /// Every read is put to a server.
    #[default]
    None,
    /// What was read or written once is never asked for again.
    Forever,
    /// Until it expires.
    Expires,
}

/// What a node does for the client beside it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Proxy {
    /// The requests that were not answered, and of whom they were asked.
    outstanding: BTreeMap<Operation, (Request, NodeId)>,
    /// Values, with the times until which they are used.
    cache: BTreeMap<u32, (Option<u64>, LocalTime)>,
}

impl Proxy {
    /// The client asks.
    pub(super) fn ask<N>(
        &mut self,
        request: Request,
        configuration: &Configuration,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) where
        N: Node<Message = Message, Event = Event>,
    {
        if let Request::Read { operation, key } = request
            && let Some(value) = self.remembered(key, cx)
        {
            return cx.emit(Event::Value { operation, value });
        }
        if self.outstanding.contains_key(&request.operation()) {
            tell(cx, None, settings.master(), Message::Locate);
        }
        self.put(request, configuration, settings, cx);
    }

    /// A server answers. Only the first answer counts.
    pub(super) fn answered<N>(
        &mut self,
        operation: Operation,
        reply: Reply,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) where
        N: Node<Message = Message, Event = Event>,
    {
        let Some((request, _)) = self.outstanding.remove(&operation) else { return };
        match (request, reply) {
            (Request::Read { key, .. }, Reply::Value(value)) => {
                self.remember(key, value, settings, cx);
                cx.emit(Event::Value { operation, value });
            }
            (Request::Write { key, value, .. }, Reply::Written) => {
                self.remember(key, Some(value), settings, cx);
                cx.emit(Event::Written { operation });
            }
            // Altered on the way: not an answer to this.
            _ => {}
        }
    }

    /// There is a new configuration: what was asked of one who does not serve it any more
    /// is asked of the next.
    pub(super) fn reconfigured<N>(
        &mut self,
        before: &Configuration,
        now: &Configuration,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) where
        N: Node<Message = Message, Event = Event>,
    {
        let gone = |server: NodeId| now.life(server) != before.life(server);
        let tail_gone = settings.asks_tail && gone(before.last());
        let lost = |request: &Request, asked: NodeId| match request {
            Request::Write { .. } => asked != now.first() || gone(asked),
            Request::Read { .. } if settings.reads_anywhere => gone(asked) || tail_gone,
            Request::Read { .. } => asked != reader(now, settings) || gone(asked),
        };
        let again: Vec<Request> = self
            .outstanding
            .values()
            .filter(|(request, asked)| lost(request, *asked))
            .map(|(request, _)| *request)
            .collect();
        for request in again {
            self.put(request, now, settings, cx);
        }
    }

    /// Whom the client has asked and not heard from.
    pub(super) fn waits_for(&self) -> Vec<NodeId> {
        let mut asked: Vec<NodeId> = self.outstanding.values().map(|(_, asked)| *asked).collect();
        asked.sort();
        asked.dedup();
        asked
    }

    fn put<N>(
        &mut self,
        request: Request,
        configuration: &Configuration,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) where
        N: Node<Message = Message, Event = Event>,
    {
        let (operation, epoch) = (request.operation(), configuration.epoch);
        let (to, message) = match request {
            Request::Read { key, .. } => (
                self.reads_from(configuration, settings, cx),
                Message::Query { epoch, operation, key },
            ),
            Request::Write { key, value, .. } => {
                let first = self.outstanding.first_key_value();
                let oldest = first.map_or(operation, |(&first, _)| first.min(operation)).number;
                let update = Update { operation, oldest, key, value };
                (configuration.first(), Message::Update { epoch, update })
            }
        };
        self.outstanding.insert(operation, (request, to));
        tell(cx, Some(operation), to, message);
    }

    fn reads_from<N: Node>(
        &self,
        configuration: &Configuration,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) -> NodeId {
        if settings.reads_anywhere {
            let count = configuration.places.len() as u32;
            let chosen = if count > 1 { cx.choose(count) } else { 0 };
            return configuration.places[NodeId(chosen).index()].node;
        }
        reader(configuration, settings)
    }

    fn remembered<N: Node>(&self, key: u32, cx: &mut Context<'_, N>) -> Option<Option<u64>> {
        let &(value, until) = self.cache.get(&key)?;
        (until == LocalTime(i64::MAX) || cx.monotonic() < until).then_some(value)
    }

    fn remember<N: Node>(
        &mut self,
        key: u32,
        value: Option<u64>,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) {
        let until = match settings.cache {
            Cache::None => return,
            Cache::Forever => LocalTime(i64::MAX),
            Cache::Expires => cx.monotonic() + settings.expiry,
        };
        self.cache.insert(key, (value, until));
    }
}

/// Who answers queries where not every server does.
fn reader(configuration: &Configuration, settings: &Settings) -> NodeId {
    match settings.shape {
        Shape::Chain => configuration.last(),
        Shape::Star => configuration.first(),
    }
}
